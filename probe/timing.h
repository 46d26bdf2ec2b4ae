/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * timing.h - do stores cost by the store (UC) or by the line (WC)? Statistics on samples that the caller took; pure.
 *
 * The same lines are written with stores of two widths. Under UC every store goes out by itself, so halving the width
 * doubles the cost; under WC the buffer goes out once a line whatever filled it. What every run costs besides (fences,
 * the clock) falls out when the same width was measured over two different numbers of lines: the slope is used.
 *
 * Where the link is faster than the core can issue stores, twice the stores cost twice the time under WC as well (seen
 * with movnti on a Zen 4: 0.8 to 1.8 cycles a store, whatever the width). So the same stores to ordinary memory are
 * measured, too: only what costs several times that goes out by the store. Without such reference samples "by the
 * store" is never said.
 *
 * Stores up to 8 bytes are preferred: one of 16 to 64 bytes to UC memory may be split or not, as the CPU likes (SDM vol
 * 3, 11.3), so its cost proves less. Nothing here says what arrived at the device, and nothing at all is said of an
 * emulated CPU, whose stores cost what the emulator costs.
 */
#ifndef WCDIAG_TIMING_H
#define WCDIAG_TIMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timing_sample {
	unsigned int width; /* bytes a store: 1, 2, 4, ... 64 */
	unsigned int lines; /* whole 64-byte lines written */
	uint64_t cycles;    /* for all of them, up to and with the last fence */
	bool reference;	    /* the same instructions to ordinary memory */
};

enum timing_says {
	TIMING_NOTHING, /* proves nothing: emulated */
	TIMING_WC,	/* by the line */
	TIMING_UC,	/* by the store */
	TIMING_BETWEEN, /* neither can be said with confidence */
};

/* A median and the interval that holds the true one with at least 95 % (order statistics, no distribution assumed). */
struct timing_mid {
	double lo, mid, hi;
};

struct timing_result {
	enum timing_says says;
	unsigned int narrow, wide; /* the widths compared */
	struct timing_mid line[2]; /* cycles a line, of the narrow and of the wide one */
	struct timing_mid ratio;   /* narrow by wide: about 1 under WC, about wide/narrow under UC */
	struct timing_mid store;   /* cycles that one store more in a line costs */
	struct timing_mid issue;   /* the same of the reference samples */
	bool referred;		   /* there were such, of both widths */
	bool core_bound;	   /* WC, as a store costs no more than the core needs to issue it */
	bool slope;		   /* what a run costs besides is taken off */
	bool vector;		   /* one of the widths is above 8 bytes */
	const char *why;	   /* for NOTHING and BETWEEN; static */
};

enum { TIMING_LEAST = 6, TIMING_MOST = 1 << 20 };

/*
 * 0; -EINVAL: a sample with an impossible width or no lines, or too many samples; -ENODATA: not two widths with at
 * least TIMING_LEAST samples of one number of lines; -ENOMEM. Emulated: TIMING_NOTHING, whatever the samples are.
 */
int timing_judge(const struct timing_sample *s, size_t n, bool emulated, struct timing_result *out);

/* Median and interval of n >= 1 values, which are sorted in place. With fewer than TIMING_LEAST the interval is all. */
struct timing_mid timing_median(double *v, size_t n);

const char *timing_says_name(enum timing_says s);

#endif
