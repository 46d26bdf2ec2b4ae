/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * buffers.h - how many 64-byte lines this CPU holds open for write-combining: measured, and decided apart from that.
 *
 * Non-temporal stores to ordinary memory go through the same buffers as stores to WC memory: no device and no root are
 * needed. n lines are filled in turns, a store to each; up to the number of buffers a line costs tens of ticks, beyond
 * it each turn throws lines out half filled, for ten times as much and more. That cliff is what is looked for.
 *
 * Where another hardware thread shares the core the answer changes with time: it holds some of the buffers. So a curve
 * is measured in many short rounds over some time, and with each round how fast the core works: it issues its no-ops
 * evenly while nobody shares it. Ticks are those of the time-stamp counter.
 */
#ifndef WCDIAG_BUFFERS_H
#define WCDIAG_BUFFERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	BUFFERS_LINES = 32,  /* the most lines that are interleaved */
	BUFFERS_ROUNDS = 64, /* the most rounds of a curve */
	BUFFERS_UNIT = 64,   /* ticks of a point are for so many lines */
	BUFFERS_ENOUGH = 12, /* rounds that may settle it */
};

/* Of several repetitions of 32 to 64 lines each. The second least: a clock that errs once decides nothing. */
struct buffers_point {
	uint32_t min, second, median;
};

struct buffers_round {
	struct buffers_point at[BUFFERS_LINES]; /* [n - 1] */
	uint32_t pace_min, pace_median;		/* a block of no-ops */
	uint32_t chain;				/* a block of additions, each of which waits for the one before */
};

struct buffers_curve {
	unsigned int lines; /* 1 to so many were tried */
	unsigned int rounds;
	struct buffers_round round[BUFFERS_ROUNDS]; /* in the order of time */
};

/* Who may hold buffers of the same core? */
enum buffers_sibling {
	BUFFERS_ALONE,	 /* nobody: the core has one thread */
	BUFFERS_SIBLING, /* a thread that this system sees */
	BUFFERS_HIDDEN,	 /* nobody can tell: below a hypervisor */
};

/* What is known beside the curve. */
struct buffers_context {
	bool emulated;	    /* no time means anything */
	unsigned int known; /* what cpu_profile.h says of this CPU; 0: nothing */
	enum buffers_sibling sibling;
	double sibling_busy; /* 0 to 1 while it was measured; negative: not known */
};

struct buffers_answer {
	bool stable;		/* else there is no number, and why says why */
	unsigned int capacity;	/* the most lines seen free of the cliff, in 2 rounds (of 32 or more: 3) */
	unsigned int available; /* in the last rounds */
	double confidence;	/* 0 to 1; above 0.5 capacity is all that the CPU has, as far as can be told */
	bool contended;		/* somebody else uses the core, or must be thought to */
	bool settled;		/* more rounds would say nothing new */
	unsigned int step;	/* a second cliff after so many lines, 0: none. Cores of two kinds look like that */
	double free, beyond;	/* ticks a line: the most up to the capacity, the least after it */
	unsigned int agree;	/* rounds that show the capacity */
	unsigned int steady;	/* rounds in which the core worked as if it were unshared */
	const char *why;	/* one phrase, static: what the confidence suffers from; NULL: nothing */
};

/*
 * Pure. 0, or -EINVAL: no rounds, fewer than 4 or more than BUFFERS_LINES lines; x->emulated comes first, for then
 * there is no curve. A point of 0 ticks counts as not measured.
 */
int buffers_decide(const struct buffers_curve *c, const struct buffers_context *x, struct buffers_answer *out);

/* What is shown of a curve: least and middle of all rounds, ticks a line, for n lines from 1; 0: not measured. */
void buffers_shape(const struct buffers_curve *c, unsigned int n, double *min, double *median);

#endif
