// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * buffers_costs.c - what a line costs, written one way or another.
 */
#include <stdlib.h>
#include <string.h>

#include "km/wcdiag_stores.h"
#include "probe/buffers_bench.h"
#include "probe/stores.h"

enum { PASSES = 12, TWICE = 2, TIMES = PASSES * TWICE };

/* alone: the same without the stores. need: a pattern that takes what this row takes of the CPU. */
static const struct row {
	const char *id, *says;
	buffers_fn fn, alone;
	uint64_t lines, groups, end, gap;
	unsigned int need;
} rows[] = {
#define WHOLE .lines = 1, .groups = 64, .end = 64, .need = WCDIAG_STORE_MOVNTI
	{ "full", "8 stores of 8 bytes, a whole line", buffers_store8, WHOLE },
#define PARTIAL(n, stores)                                                                                             \
	{                                                                                                              \
		"partial-" #n, #n " of these 8 " stores, buffers_store8, .lines = 1, .groups = 64, .end = 8 * (n),     \
									 .need = WCDIAG_STORE_MOVNTI                   \
	}
	PARTIAL(1, "stores"),
	PARTIAL(2, "stores"),
	PARTIAL(3, "stores"),
	PARTIAL(4, "stores"),
	PARTIAL(5, "stores"),
	PARTIAL(6, "stores"),
	PARTIAL(7, "stores"),
	{ "width-4", "16 stores of 4 bytes", buffers_store4, WHOLE },
	{ "width-16", "4 stores of 16 bytes", buffers_store16, WHOLE },
	{ "width-32", "2 stores of 32 bytes", buffers_store32, .lines = 1, .groups = 64, .end = 64,
	  .need = WCDIAG_STORE_AVX },
	{ "width-64", "1 store of 64 bytes", buffers_store64, .lines = 1, .groups = 64, .end = 64,
	  .need = WCDIAG_STORE_AVX512 },
	{ "fence", "a fence after each of the 8 stores", buffers_fenced, .lines = 1, .groups = 32, .end = 64,
	  .need = WCDIAG_STORE_MOVNTI },
/* Of the loop that does nothing each turn takes a cycle. */
#define GAP(n)                                                                                                         \
	{                                                                                                              \
		"gap-" #n, #n " cycles after each of the 8 stores", buffers_gap, buffers_gap_alone, 1, 32, 64, n,      \
			WCDIAG_STORE_MOVNTI                                                                            \
	}
	GAP(8),
	GAP(32),
	GAP(128),
	GAP(512),
	{ "miss", "4 lines open, a cache miss after each 4 stores", buffers_miss, buffers_miss_alone, 4, 16, 64, 0,
	  WCDIAG_STORE_MOVNTI },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

_Static_assert((int)ROWS <= (int)BUFFERS_COSTS, "room for all");

struct times {
	uint32_t fn[TIMES], alone[TIMES];
};

static void run(struct buffers_bench *b, const struct row *r, unsigned int turn, uint32_t *fn, uint32_t *alone)
{
	uint64_t loads = r->groups * r->end / 8, from = turn * loads % (BUFFERS_MISSES - loads);
	struct buffers_job job = { .to = b->mem,
				   .lines = r->lines,
				   .groups = r->groups,
				   .end = r->end,
				   .gap = r->gap,
				   .from = b->mem + BENCH_STORES + from * BUFFERS_MISS_STRIDE };

	*fn = bench_time(r->fn, &job);
	if (!r->alone)
		return;
	from = (turn * loads + BUFFERS_MISSES / 2) % (BUFFERS_MISSES - loads);
	job.from = b->mem + BENCH_STORES + from * BUFFERS_MISS_STRIDE;
	*alone = bench_time(r->alone, &job);
}

static double less(uint32_t a, uint32_t b)
{
	return a > b ? (double)a - b : 0;
}

static void finish(const struct row *r, struct times *t, unsigned int n, struct buffers_cost *out)
{
	double lines = (double)(r->lines * r->groups);

	bench_sort(t->fn, n);
	bench_sort(t->alone, n);
	out->measured = true;
	out->min = less(t->fn[0], r->alone ? t->alone[0] : 0) / lines;
	out->median = less(t->fn[n / 2], r->alone ? t->alone[n / 2] : 0) / lines;
}

unsigned int buffers_measure_costs(struct buffers_bench *b, unsigned int limit_ms,
				   struct buffers_cost out[BUFFERS_COSTS])
{
	struct times *t = calloc(ROWS, sizeof(*t));
	struct timespec start;
	unsigned int pass;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (unsigned int i = 0; i < ROWS; i++) {
		out[i] =
			(struct buffers_cost){ .id = rows[i].id, .says = rows[i].says, .extra = rows[i].alone != NULL };
		if (!stores_cpu_has(rows[i].need))
			out[i].skipped = "the CPU has no such stores";
	}
	/* In turns, so that a time in which the machine is slow meets all alike. */
	for (pass = 0; t && pass < PASSES && bench_ms(&start) < limit_ms; pass++)
		for (unsigned int i = 0; i < ROWS; i++)
			for (unsigned int k = TWICE * pass; k < TWICE * (pass + 1) && !out[i].skipped; k++)
				run(b, &rows[i], k, &t[i].fn[k], &t[i].alone[k]);
	for (unsigned int i = 0; i < ROWS; i++) {
		if (out[i].skipped)
			continue;
		if (pass)
			finish(&rows[i], &t[i], TWICE * pass, &out[i]);
		else
			out[i].skipped = t ? "no time was left" : "no memory";
	}
	free(t);
	return ROWS;
}
