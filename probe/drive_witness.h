/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * drive_witness.h - the witnesses of a drive: begun and ended around each run, added up for each side and pattern, and
 * what that says about lines: a rate, never a yes or no, for an interrupt always splits one now and then.
 */
#ifndef WCDIAG_DRIVE_WITNESS_H
#define WCDIAG_DRIVE_WITNESS_H

#include "drive.h"
#include "drive_timing.h"
#include "witness.h"

#define DRIVE_WITNESSES 4
/* Fewer full lines than this are called split: interrupts alone do not come near. */
#define DRIVE_FULL_ENOUGH 0.9

struct drive_seen {
	struct witness_counts sum; /* of complete runs */
	unsigned int failed;	   /* runs in which it could not count */
};

struct drive_witness {
	struct witness_spec spec;
	char name[160];
	struct witness_target target;
	struct witness *w;
	struct drive_timing *timing; /* TIMING: its samples; it counts nothing */
	struct fact fact; /* why it does not count, or did not at last */
	bool running;
	struct drive_seen seen[2][WCDIAG_STORE_COUNT]; /* by side and pattern */
};

struct drive_witnesses {
	struct drive_witness w[DRIVE_WITNESSES];
	size_t n;
};

/* Adds one; the text as for --witness. 0, -EINVAL with *what, -E2BIG. Its register is a keep of the plan. */
int drive_witness_add(struct drive_witnesses *l, const char *text, const char **what);
/* The registers that lie in this BAR; returns their number. what points into l. */
size_t drive_witness_keeps(const struct drive_witnesses *l, int bar, struct drive_keep keep[DRIVE_WITNESSES]);

/* Opens them for this plan. 0, or a negative errno with *which: its fact says why. */
int drive_witness_open(struct drive_witnesses *l, const struct drive_plan *p, const struct src *src,
		       const struct drive_witness **which);
void drive_witness_close(struct drive_witnesses *l);
/* The most runs that one of them needs for all its counts. */
unsigned int drive_witness_rounds(const struct drive_witnesses *l);

/* For struct drive_watch: ctx is the struct drive_witnesses. */
void drive_witness_mapped(void *ctx, uint64_t start, uint64_t end);
void drive_witness_begin(void *ctx, const struct drive_phase *ph, size_t row, unsigned int run);
void drive_witness_end(void *ctx, const struct drive_phase *ph, size_t row, unsigned int run, bool complete);
void drive_witness_timed(void *ctx, const struct drive_phase *ph, size_t row, const uint32_t *cycles, size_t n);

/*
 * Pure. Of the lines that should leave whole (each: of one run, by the model), the part that did: between *low and
 * *high, which differ where only TLPs were counted (a split line is 2 to 8 of them). -ENODATA: nothing to be said;
 * -ERANGE: fewer TLPs or lines were counted than there can be, or more whole lines than were stored: it counts something
 * else, or not all.
 */
int drive_full_rate(const struct witness_counts *c, const struct drive_prediction *each, double *low, double *high);
/* Pure: did it count split lines, where a reference pattern goes through a WC entry? */
bool drive_split(const struct drive_witness *w, const struct drive_phase *ph, const struct drive_row *row);

#endif
