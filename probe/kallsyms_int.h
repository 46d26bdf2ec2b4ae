/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kallsyms_int.h - shared by kallsyms.c and kallsyms_find.c only. */
#ifndef WCDIAG_KALLSYMS_INT_H
#define WCDIAG_KALLSYMS_INT_H

#include "kallsyms.h"

struct kallsyms_row {
	uint64_t addr;
	uint32_t name;	 /* place in names */
	uint16_t module; /* place in modules */
	char type;
};

/* Makes by_name from row. 0 or -ENOMEM. */
int kallsyms_index(struct kallsyms *k);

#endif
