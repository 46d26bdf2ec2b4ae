/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live_rates.c - counts of the CPU's boxes, turned into rates once a refresh. */
#include "cmd/live_rates.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "probe/machine.h"
#include "probe/pmu.h"
#include "probe/src.h"

void live_rate_add(struct live_rate *r, double value)
{
	r->past[r->at] = value;
	r->at = (r->at + 1) % RATES_KEPT;
	if (r->n < RATES_KEPT)
		r->n++;
}

double live_rate_past(const struct live_rate *r, size_t i)
{
	return r->past[(r->at + RATES_KEPT - 1 - i) % RATES_KEPT];
}

static void none(struct live_rates *r, const char *why, const char *remedy)
{
	snprintf(r->why, sizeof(r->why), "%s%s%s", why, remedy ? "; " : "", remedy ? remedy : "");
}

void live_rates_open(struct live_rates *r, const struct machine *m)
{
	const struct pmu_where where = { .tid = 0, .cpu = -1 };
	const struct pmu_choice *c;
	struct fact f = { 0 }, partly = { 0 };
	char why[420];

	memset(r, 0, sizeof(*r));
	if (!src_is_live(m->src)) {
		none(r, "a snapshot holds no counts", "run wcdiag live on that machine");
		return;
	}
	if (pmu_open(m->src, &m->cpu, &where, &r->pmu, &f, &partly)) {
		r->pmu = NULL;
		snprintf(why, sizeof(why), "%s: %s", f.where, f.why);
		none(r, why, f.remedy);
		return;
	}
	c = pmu_chosen(r->pmu);
	for (int i = 0; i < PMU_ROLES && r->n < RATES_MAX; i++) {
		/* The lines of a core's own counters would be wcdiag's own. */
		if (!c->have[i] || (c->core && i != PMU_R_BYTES && i != PMU_R_TXNS))
			continue;
		r->rate[r->n].name = pmu_means_name(c->event[i].means);
		r->rate[r->n].bytes = i == PMU_R_BYTES;
		r->role[r->n++] = i;
	}
	snprintf(r->says, sizeof(r->says), "%s, %u counters, of all stores of the whole machine%s",
		 pmu_gen_name(c->gen), pmu_ncounters(r->pmu),
		 pmu_turns(r->pmu) > 1 ? "; full and partial lines take turns" : "");
	if (!r->n) {
		none(r, "this CPU counts lines only for the thread that stores them, which is not wcdiag",
		     "wcdiag drive and wcdiag check --scratch use these counters");
		pmu_close(r->pmu);
		r->pmu = NULL;
	} else if (partly.state == FACT_MISSING) {
		snprintf(why, sizeof(why), "in part: %s: %s", partly.where, partly.why);
		none(r, why, partly.remedy);
	}
}

void live_rates_tick(struct live_rates *r, double now)
{
	struct pmu_counts count;
	double span = now - r->began;

	if (!r->pmu)
		return;
	if (r->running && span > 0 && !pmu_end(r->pmu, &count)) {
		for (size_t i = 0; i < r->n; i++)
			if (count.have[r->role[i]])
				live_rate_add(&r->rate[i], (double)count.count[r->role[i]] / span);
	}
	r->running = !pmu_begin(r->pmu);
	r->began = now;
}

void live_rates_rest(struct live_rates *r)
{
	struct pmu_counts count;

	if (r->pmu && r->running)
		pmu_end(r->pmu, &count);
	r->running = false;
}

void live_rates_close(struct live_rates *r)
{
	pmu_close(r->pmu);
	r->pmu = NULL;
}
