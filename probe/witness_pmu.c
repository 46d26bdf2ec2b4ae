/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * witness_pmu.c - the CPU's counters, and the clock, which counts nothing itself: who runs the patterns takes the
 * samples, and timing.h judges them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "witness_int.h"

/* "full lines (UNC_...), partial lines (...)": what is open, in the order of roles. */
static void describe(const struct pmu *p, char *buf, size_t len)
{
	const struct pmu_choice *c = pmu_chosen(p);
	size_t used = (size_t)snprintf(buf, len, "%s: ", pmu_gen_name(c->gen));
	bool first = true;

	for (unsigned int r = 0; r < PMU_ROLES && used < len; r++) {
		if (!c->have[r])
			continue;
		used += (size_t)snprintf(buf + used, len - used, "%s%s (%s)", first ? "" : ", ",
					 pmu_means_name(c->event[r].means), c->event[r].pmu);
		first = false;
	}
	if (used < len)
		snprintf(buf + used, len - used, ", %u counters%s", pmu_ncounters(p),
			 pmu_turns(p) > 1 ? ", full and partial in turns" : "");
}

static enum witness_trust trust_of(const struct pmu_choice *c)
{
	if (c->have[PMU_R_TXNS])
		return TRUST_PORT;
	if (c->have[PMU_R_FULL] && (c->have[PMU_R_PARTIAL] || c->have[PMU_R_ANY] || c->have[PMU_R_CLOSED]))
		return TRUST_CPU;
	return TRUST_HINT;
}

static int counters_open(struct witness *w, struct fact *f)
{
	const struct pmu_where where = { .tid = w->t->tid, .cpu = w->t->pinned };
	int err = pmu_open(w->t->src, w->t->cpu, &where, &w->pmu, f, &w->partly);

	if (err)
		return err;
	w->trust = trust_of(pmu_chosen(w->pmu));
	w->rounds = pmu_turns(w->pmu);
	describe(w->pmu, w->says, sizeof(w->says));
	if (!w->t->idle_ms)
		return 0;
	err = pmu_idle(w->pmu, w->t->idle_ms);
	if (err) {
		fact_missing(f, NULL, "perf events", -err, "end other users of the counters (perf, the NMI watchdog)");
		snprintf(f->why, sizeof(f->why), "the counters did not run while nothing was done");
	}
	return err;
}

static int counters_begin(struct witness *w, struct fact *f)
{
	int err = pmu_begin(w->pmu);

	if (err)
		fact_missing(f, NULL, "perf events", -err, NULL);
	return err;
}

static void put(struct witness_counts *out, enum witness_what what, uint64_t n)
{
	out->runs[what] = 1;
	out->count[what] = n;
}

static int counters_end(struct witness *w, struct witness_counts *out, struct fact *f)
{
	struct pmu_counts c;
	int err = pmu_end(w->pmu, &c);

	if (err) {
		fact_missing(f, NULL, "perf events", -err, "end other users of the counters (perf, the NMI watchdog)");
		if (err == -ENODATA)
			snprintf(f->why, sizeof(f->why), "not one of the counters ran");
		return err;
	}
	if (c.have[PMU_R_FULL])
		put(out, WITNESS_FULL, c.count[PMU_R_FULL]);
	if (c.have[PMU_R_PARTIAL])
		put(out, WITNESS_PARTIAL, c.count[PMU_R_PARTIAL]);
	if (c.have[PMU_R_CLOSED])
		put(out, WITNESS_LINES, c.count[PMU_R_CLOSED]);
	else if (c.have[PMU_R_ANY])
		put(out, WITNESS_LINES, c.count[PMU_R_ANY]);
	if (c.have[PMU_R_BYTES])
		put(out, WITNESS_BYTES, c.count[PMU_R_BYTES]);
	if (c.have[PMU_R_TXNS])
		put(out, WITNESS_TLPS, c.count[PMU_R_TXNS]);
	out->estimate = c.scaled;
	for (unsigned int r = 0; r < PMU_ROLES; r++)
		out->estimate |= c.idle[r] > 0;
	return 0;
}

static void counters_close(struct witness *w)
{
	pmu_close(w->pmu);
}

const struct witness_ops witness_pmu = {
	.name = "pmu", .open = counters_open, .begin = counters_begin, .end = counters_end, .close = counters_close
};

static int clock_open(struct witness *w, struct fact *f)
{
	w->trust = w->t->emulated ? TRUST_NOTHING : TRUST_HINT;
	snprintf(w->says, sizeof(w->says), "%s",
		 w->t->emulated ? "the clock of an emulated CPU"
				: "what stores of two widths cost, beside the same ones over ordinary memory");
	fact_known(f, "time-stamp counter");
	return 0;
}

static int clock_begin(struct witness *w, struct fact *f)
{
	(void)w;
	(void)f;
	return 0;
}

static int clock_end(struct witness *w, struct witness_counts *out, struct fact *f)
{
	(void)w;
	(void)out; /* nothing counted: runs stay 0 */
	(void)f;
	return 0;
}

const struct witness_ops witness_timing = {
	.name = "timing", .open = clock_open, .begin = clock_begin, .end = clock_end
};
