/* SPDX-License-Identifier: GPL-2.0-or-later */
/* out_maps.h - who maps a BAR and what the entries say, user and kernel side by side, for check's outputs. */
#ifndef WCDIAG_OUT_MAPS_H
#define WCDIAG_OUT_MAPS_H

struct bar_judgement;
struct json_object;
struct machine;

/* Nothing when no entry was read: the layer's line says so. verbose: every mapping. */
void out_maps_text(const struct machine *m, const struct bar_judgement *b, int verbose);
struct json_object *out_maps_json(const struct machine *m, const struct bar_judgement *b);

#endif
