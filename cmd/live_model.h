/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live_model.h - what wcdiag live shows: the facts and the judgement as rows of cells, each with when it last changed.
 * Pure: nothing is read here, and nothing drawn.
 */
#ifndef WCDIAG_LIVE_MODEL_H
#define WCDIAG_LIVE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bar_judgement;
struct judgement;
struct machine;

enum live_col { LC_BAR, LC_SIZE, LC_VERDICT, LC_BREAKS, LC_RESERVED, LC_ENTRIES, LC_MAPPED, LC_COLS };
extern const char *const live_col_name[LC_COLS];

#define LIVE_MARKED 3 /* refreshes for which a changed cell stays marked */

struct live_row {
	uint64_t key;	     /* domain, bus, device, function, BAR: the same BAR from one reading to the next */
	size_t dev;	     /* index of pci.dev */
	int bar;	     /* number of the BAR */
	uint64_t start, end; /* where it lies; equal: nowhere */
	const struct bar_judgement *j; /* NULL: not judged */
	char text[LC_COLS][96];
	unsigned long since[LC_COLS]; /* refresh in which it changed; 0: never since it was first seen */
	unsigned long newest;	      /* the greatest of these */
};

struct live_model {
	const struct machine *m; /* of the last update; must live until the next */
	const struct judgement *j;
	unsigned long refresh; /* of update or tick; the first is 1 */
	struct live_row *row;  /* by key */
	size_t n;
	size_t verdicts[3], unjudged; /* rows by enum verdict, and those without one */
	const char *trouble;	      /* what the last reading could not do, NULL: nothing; belongs to the caller */
	long mappings_age, all_age;   /* seconds since these were read; the caller's, -1: not to be shown */
};

/* New facts, and a judgement over them. sel: only these devices (NULL: all), bar: only this one (-1: all). 0 or
 * -ENOMEM. */
int live_model_update(struct live_model *v, const struct machine *m, const struct judgement *j, const bool *sel,
		      int bar);
/* A refresh in which nothing was new: marks fade. */
void live_model_tick(struct live_model *v);
void live_model_free(struct live_model *v);

bool live_changed(const struct live_model *v, const struct live_row *r, enum live_col col);

/* Who has what in a BAR: "reserved", processes, the kernel. For the row's cells and the map pane. */
void live_reserved_words(const struct machine *m, uint64_t start, uint64_t end, char *buf, size_t len);
void live_entries_words(const struct machine *m, const struct bar_judgement *j, char *buf, size_t len);
void live_mapped_words(const struct machine *m, const struct live_row *r, char *buf, size_t len);

#endif
