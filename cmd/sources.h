/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources.h - the table of what lockdown leaves (probe/sources.h), for people, scripts and the manual. */
#ifndef WCDIAG_CMD_SOURCES_H
#define WCDIAG_CMD_SOURCES_H

struct json_object;
struct machine;

void sources_text(void);		/* a line a row, for people and scripts */
struct json_object *sources_json(void);	/* an array */
void sources_man(void);			/* wcdiag-sources(7), as mdoc */
/* With check -v, of a live machine: short, with the column that holds here. */
void sources_short(const struct machine *m);

#endif
