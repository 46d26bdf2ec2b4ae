/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * buffers_measure.h - the runs that buffers.h decides on, and what else is measured of the buffers: non-temporal stores
 * to memory of our own, on the CPU that the calling thread runs on (it should be pinned). This machine only.
 */
#ifndef WCDIAG_BUFFERS_MEASURE_H
#define WCDIAG_BUFFERS_MEASURE_H

#include "buffers.h"
#include "buffers_record.h"

struct buffers_bench;

/* 0, or -ENOMEM. close: NULL is allowed. */
int buffers_open(struct buffers_bench **out);
void buffers_close(struct buffers_bench *b);

enum { BUFFERS_QUIET_MS = 50, BUFFERS_LIMIT_MS = 300 };

/*
 * Rounds until buffers_decide() calls it settled, or limit_ms are over. 0, -ENODATA when not even one round could be
 * had. *ms: how long it took.
 */
int buffers_measure(struct buffers_bench *b, const struct buffers_context *x, unsigned int limit_ms,
		    struct buffers_curve *out, struct buffers_answer *answer, double *ms);

/* What a line of 64 bytes costs, written one way or another. */
struct buffers_cost {
	const char *id;	  /* "partial-3" */
	const char *says; /* "3 of 8 stores of 8 bytes" */
	bool extra;	  /* beyond what goes on beside the stores: it was measured alone and taken off */
	bool measured;
	double min, median;  /* ticks */
	const char *skipped; /* static, where it was not measured */
};

enum { BUFFERS_COSTS = 20 };

/* Returns how many rows of out are filled. Some milliseconds; limit_ms ends it early, rows left are skipped. */
unsigned int buffers_measure_costs(struct buffers_bench *b, unsigned int limit_ms,
				   struct buffers_cost out[BUFFERS_COSTS]);

/*
 * How long a half-filled line waits before it leaves by itself. Lines are filled half, and after a pause of so many
 * ticks completed and fenced: a line that is on its way just then makes the fence wait.
 */
enum { BUFFERS_PAUSES = 128, BUFFERS_PAUSE_STEP = 64 /* ticks: pauses are 64, 128, ... */ };

struct buffers_hold_curve {
	unsigned int n;
	uint32_t held[BUFFERS_PAUSES];	 /* ticks of completing, a low one of several */
	uint32_t fenced[BUFFERS_PAUSES]; /* the same where a fence went before the pause: nothing waits */
};

struct buffers_hold {
	bool seen;
	unsigned int least, most; /* ticks: it leaves after a pause in between */
	unsigned int tried;	  /* the longest pause */
};

void buffers_measure_hold(struct buffers_bench *b, unsigned int limit_ms, struct buffers_hold_curve *out);
/* Pure: where the one place is. Not seen: it waits longer, or for ever, or others disturb. */
void buffers_hold_decide(const struct buffers_hold_curve *c, struct buffers_hold *out);

/* Ticks of the counter in a nanosecond, measured over the life of the bench; 0: too short. */
double buffers_ticks_ns(const struct buffers_bench *b);

/* Of the CPU the caller runs on: CPUID leaf 1Ah. */
enum buffers_kind buffers_kind_here(void);

#endif
