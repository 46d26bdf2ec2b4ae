// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * buffers_hold.c - how long a half-filled line waits.
 *
 * Nobody tells a program that a line has left, and completing it afterwards costs no more than before. But a line that
 * is on its way at that very moment has to arrive before a fence is done: at one length of the pause, and a little
 * beyond, completing and fencing takes longer, and does not where a fence had emptied the buffers before the pause.
 */
#include <string.h>

#include "probe/buffers_bench.h"

enum {
	LINES = 2,
	HALF = 32,
	REPS = 7,
	LOW = 2,     /* the third least of them */
	SKIP = 8,    /* pauses so short that the first half itself is still on its way */
	WIDEST = 24, /* steps: a line does not take longer than that to arrive */
};
#define CLEAR 1.15

static uint32_t once(struct buffers_bench *b, uint64_t pause, bool fence)
{
	uint64_t from;

	buffers_part(b->mem, LINES, 0, HALF);
	if (fence)
		buffers_sfence();
	from = buffers_clock_now();
	while (buffers_clock_now() - from < pause)
		;
	from = buffers_clock_now();
	buffers_part(b->mem, LINES, HALF, 64);
	buffers_sfence();
	return bench_ticks(from, buffers_clock()); /* which waits for the stores, SFENCE alone need not */
}

void buffers_measure_hold(struct buffers_bench *b, unsigned int limit_ms, struct buffers_hold_curve *out)
{
	uint32_t held[REPS], fenced[REPS];
	struct timespec start;

	clock_gettime(CLOCK_MONOTONIC, &start);
	memset(out, 0, sizeof(*out));
	for (unsigned int i = 0; i < BUFFERS_PAUSES && bench_ms(&start) < limit_ms; i++) {
		for (unsigned int k = 0; k < REPS; k++) {
			held[k] = once(b, (uint64_t)(i + 1) * BUFFERS_PAUSE_STEP, false);
			fenced[k] = once(b, (uint64_t)(i + 1) * BUFFERS_PAUSE_STEP, true);
		}
		bench_sort(held, REPS);
		bench_sort(fenced, REPS);
		out->held[i] = held[LOW];
		out->fenced[i] = fenced[LOW];
		out->n++;
	}
}

/* Does the pause with that number make the fence wait? */
static bool waits(const struct buffers_hold_curve *c, unsigned int i, double usual)
{
	return c->held[i] > CLEAR * c->fenced[i] && c->held[i] > CLEAR * usual;
}

void buffers_hold_decide(const struct buffers_hold_curve *c, struct buffers_hold *out)
{
	uint32_t v[BUFFERS_PAUSES];
	unsigned int runs = 0, n = c->n < BUFFERS_PAUSES ? c->n : BUFFERS_PAUSES;

	*out = (struct buffers_hold){ .tried = n * BUFFERS_PAUSE_STEP };
	if (n <= SKIP)
		return;
	memcpy(v, c->held, n * sizeof(*v));
	bench_sort(v, n);
	for (unsigned int i = 0; i < n; i++) {
		unsigned int from = i;

		while (i < n && waits(c, i, v[n / 2]))
			i++;
		if (i < from + 2) /* one alone may be chance */
			continue;
		runs++;
		out->seen = from >= SKIP && i - from <= WIDEST && i < n;
		out->least = from * BUFFERS_PAUSE_STEP;
		out->most = (from + 1) * BUFFERS_PAUSE_STEP;
	}
	/* It leaves once. What is seen at two places is something else. */
	if (runs != 1 || !out->seen)
		*out = (struct buffers_hold){ .tried = out->tried };
}
