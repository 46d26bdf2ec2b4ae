/* SPDX-License-Identifier: GPL-2.0-or-later */
/* report_map.h - what lies where in a BAR, before it is drawn. */
#ifndef WCDIAG_CMD_REPORT_MAP_H
#define WCDIAG_CMD_REPORT_MAP_H

#include <stddef.h>
#include <stdint.h>

struct bar_judgement;
struct machine;

#define LANES 24 /* pictures: more are in the table only */
#define SPANS 128

enum kind { IS_MTRR, IS_RESERVED, IS_KERNEL, IS_USER };

struct bar_part {
	uint64_t start, end; /* in the BAR; equal: where it lies is not known */
	const char *cls;
	char type[80];
};

struct lane {
	enum kind kind;
	char label[240];
	size_t first, n; /* of parts */
};

struct map_view {
	uint64_t start, end;
	struct bar_part *part;
	size_t n, more;
	struct lane lane[LANES];
	size_t nlane, more_lanes;
	uint64_t edge[SPANS];
	size_t nedge;
};

/* Its MTRRs, reservations and mappings; out->part has room for PAGE_ROWS. */
void map_take(struct map_view *out, const struct machine *m, const struct bar_judgement *b);

#endif
