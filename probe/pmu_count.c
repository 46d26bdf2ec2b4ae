/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pmu_count.c - arithmetic on what counters gave. Pure.
 */
#include <errno.h>

#include "pmu.h"
#include "pmu_int.h"

int pmu_delta(const struct pmu_reading *before, const struct pmu_reading *after, double *count, bool *scaled)
{
	uint64_t enabled, running;

	if (after->enabled < before->enabled || after->running < before->running || after->value < before->value)
		return -EPROTO;
	enabled = after->enabled - before->enabled;
	running = after->running - before->running;
	if (running > enabled)
		return -EPROTO;
	if (!running)
		return -ENODATA; /* zero would look like an answer */
	*count = (double)(after->value - before->value);
	if (running < enabled) {
		*count *= (double)enabled / (double)running;
		*scaled = true;
	}
	return 0;
}

uint64_t pmu_less_idle(double count, double rate, double ns, uint64_t *idle)
{
	double off = rate * ns;

	if (off > count)
		off = count;
	*idle = (uint64_t)(off + 0.5);
	return (uint64_t)(count - off + 0.5);
}

void pmu_add(struct pmu_counts *sum, const struct pmu_counts *one)
{
	for (unsigned int r = 0; r < PMU_ROLES; r++) {
		if (!one->have[r])
			continue;
		sum->have[r] = true;
		sum->runs[r] += one->runs[r];
		sum->count[r] += one->count[r];
		sum->idle[r] += one->idle[r];
	}
	sum->scaled |= one->scaled;
}
