// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stores_run.c - run a pattern over a mapping and take the time of its batches.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "probe/stores_int.h"

#define SOURCE_SIZE ((size_t)WCDIAG_STORE_MAX_LINES * WCDIAG_STORE_LINE)

void *stores_source(const struct stores_run *run)
{
	char *from = aligned_alloc(4096, SOURCE_SIZE);

	for (size_t at = 0; from && at < SOURCE_SIZE; at += WCDIAG_STORE_LINE)
		memcpy(from + at, run->data, WCDIAG_STORE_LINE);
	return from;
}

static void take_sample(struct stores_result *out, uint32_t *samples, size_t max, uint64_t batch, uint64_t cycles)
{
	if (out->nsamples < max && batch % out->every == 0)
		samples[out->nsamples++] = cycles < UINT32_MAX ? (uint32_t)cycles : UINT32_MAX;
}

int stores_run(const struct stores_run *run, void *scratch, uint64_t length, uint32_t *samples, size_t max,
	       const volatile sig_atomic_t *stop, struct stores_result *out)
{
	struct wcdiag_store_args args = { 0 };
	struct wcdiag_store_walk walk;
	struct stores_run full;
	wcdiag_store_fn fn = stores_function(run->pattern);
	void *from;
	uint64_t n, whole = 0;
	int err = stores_check(run, length);

	if (!err && (uintptr_t)scratch % WCDIAG_STORE_LINE)
		err = -EINVAL;
	if (err)
		return err;
	stores_begin(run, length, &full, &walk);
	from = stores_source(run);
	if (!from)
		return -ENOMEM;
	*out = (struct stores_result){ .every = max ? walk.messages / walk.batch / max + 1 : 1 };
	args = (struct wcdiag_store_args){ .from = from, .lines = full.lines, .gap = full.gap };
	while (!(stop && *stop) && (n = wcdiag_store_next(&walk))) {
		uint64_t cycles;

		args.to = (char *)scratch + walk.at;
		args.messages = n;
		cycles = stores_clock();
		fn(&args);
		cycles = stores_clock() - cycles;
		out->cycles += cycles;
		if (n == walk.batch)
			take_sample(out, samples, max, whole++, cycles);
		walk.done += n;
	}
	out->done = walk.done;
	free(from);
	return 0;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

int stores_stats(const struct stores_run *run, uint64_t length, uint32_t *samples, size_t n, struct stores_stats *out)
{
	struct wcdiag_store_walk walk;
	struct stores_run full;
	double lines;

	if (!n || stores_begin(run, length, &full, &walk))
		return -EINVAL;
	qsort(samples, n, sizeof(*samples), compare);
	lines = (double)(walk.batch * walk.span) / WCDIAG_STORE_LINE;
	*out = (struct stores_stats){
		.n = n,
		.min = samples[0] / lines,
		.p25 = samples[n / 4] / lines,
		.median = samples[n / 2] / lines,
		.p75 = samples[n - 1 - n / 4] / lines,
		.p99 = samples[n - 1 - n / 100] / lines,
		.max = samples[n - 1] / lines,
	};
	return 0;
}
