/* SPDX-License-Identifier: GPL-2.0-or-later */
/* buffers_take.h - all that is measured of one CPU's buffers, and what a profile can be made of it. */
#ifndef WCDIAG_BUFFERS_TAKE_H
#define WCDIAG_BUFFERS_TAKE_H

#include "buffers_measure.h"
#include "buffers_place.h"
#include "cpu_profile.h"

struct cpu;
struct hyper;
struct src;

/* What is known beside a curve that was measured here, or recorded. Pure. */
void buffers_context_of(const struct cpu *cpu, const struct hyper *hyper, const struct buffers_record *r,
			struct buffers_context *out);

struct buffers_taken {
	struct buffers_record rec; /* rounds 0: nothing was measured */
	struct buffers_context x;
	struct buffers_answer a;
	double ms;	 /* that the curve took */
	double ms_all;	 /* that everything took */
	double ticks_ns; /* 0: not known */
	struct buffers_cost cost[BUFFERS_COSTS];
	unsigned int ncost;
	struct buffers_hold hold;
	/* The same curve while the sibling thread stores: asked for, and there is one; else why not. */
	bool beside;
	struct buffers_answer beside_a;
	const char *beside_skipped; /* static */
};

enum {
	BUFFERS_WITH_COSTS = 1,
	BUFFERS_WITH_SIBLING = 2,
};

/*
 * Measures on that CPU, this machine only (s live); the calling thread is where it was afterwards. An emulated CPU is
 * not measured, and of one that is too busy there may be no round: then the answer is not stable. 0; -ENOMEM; -EINVAL,
 * -EPERM: the thread may not run there.
 */
int buffers_take(const struct src *s, const struct cpu *cpu, const struct hyper *hyper, const struct buffers_place *p,
		 unsigned int with, struct buffers_taken *out);

/* All curves that a snapshot holds. As buffers_records_parse() and src_read(); -ENODATA: none was recorded. */
int buffers_recorded(const struct src *s, struct buffers_record **out, size_t *n, unsigned int *line,
		     const char **what);

/* "measured": the rules of the CPU's own row, with the number that was found. Points into itself: no copies. */
struct buffers_profile {
	struct cpu_profile cpu;
	char source[160];
};

/*
 * Pure. A capacity with a confidence above 0.5 is the number, a lower one is what is assumed. -ENODATA: the answer is
 * not stable.
 */
int buffers_profile(const struct cpu_profile *row, const struct buffers_answer *a, struct buffers_profile *out);

#endif
