/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * list.h - TLPs written down and counted.
 */
#ifndef ANALYSER_LIST_H
#define ANALYSER_LIST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "wc.h"

#ifndef LIST_MAX
#define LIST_MAX 2000000	/* TLPs that are written; all are counted, and the last line tells of those left out */
#endif

struct list_counts {
	uint64_t tlps, full, bytes, dws, uc, stores;
};

struct list {
	FILE *csv, *text;	/* text may be NULL */
	uint64_t flush;		/* the number last given */
	const struct wc_model *model;	/* whose that was, and what it called it */
	uint64_t model_flush;
	struct list_counts sum;
};

/* One model's way into a list. */
struct list_from {
	struct list *list;
	const struct wc_model *model;
};

bool list_open(struct list *l, const char *folder, const char *name, uint64_t number, bool text);
void list_emit(const struct wc_tlp *t, void *from);	/* a wc_model's emit; from is a struct list_from */
bool list_close(struct list *l);

/* OUT/NAME.NUMBERending, for writing; says so when it cannot. */
FILE *list_file(const char *folder, const char *name, uint64_t number, const char *ending);

#endif
