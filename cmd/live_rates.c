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

static const struct {
	enum pmu_role role;
	enum pmu_means means;
	const char *used; /* what uses it where it is counted by the thread's own core */
} shown[] = {
	{ PMU_R_FULL, PMU_FULL_LINE, "wcdiag drive --witness pmu does" },
	{ PMU_R_PARTIAL, PMU_PARTIAL_LINE, "wcdiag drive --witness pmu does" },
	{ PMU_R_UC, PMU_UC_WRITE, "perf stat does, of a program" },
};

/* Its events count only for the thread that stores. */
static bool by_core(enum pmu_gen gen, enum pmu_means means)
{
	return pmu_has(gen, means, true) || (means != PMU_UC_WRITE && pmu_has(gen, PMU_ANY_STREAMING, true)) ||
	       (means != PMU_UC_WRITE && pmu_has(gen, PMU_WCB_CLOSE, true));
}

static void no_counter(struct live_rates *r, const struct machine *m, const struct fact *f, int err)
{
	enum pmu_gen gen = pmu_gen_of(&m->cpu);
	struct pmu_choice c;
	char why[420];

	if (err == -EOPNOTSUPP && !src_is_live(m->src)) {
		none(r, "a snapshot holds no counts", "run wcdiag live on that machine");
	} else if (pmu_choose_watch(gen, &c) && (by_core(gen, PMU_FULL_LINE) || by_core(gen, PMU_UC_WRITE))) {
		snprintf(why, sizeof(why), "%s counts lines only for the thread that stores them, which is not wcdiag live",
			 pmu_gen_name(gen));
		none(r, why, "wcdiag drive and wcdiag check --scratch use these counters");
	} else {
		snprintf(why, sizeof(why), "%s: %s", f->where, f->why);
		none(r, why, f->remedy);
	}
}

/* Why one is not among those that count. */
static void not_counted(struct live_rate *rate, enum pmu_gen gen, size_t which, const struct fact *partly)
{
	enum pmu_means means = shown[which].means;

	if (pmu_has(gen, means, false) && partly->state == FACT_MISSING)
		snprintf(rate->why, sizeof(rate->why), "%s: %s%s%s", partly->where, partly->why, partly->remedy ? "; " : "",
			 partly->remedy ? partly->remedy : "");
	else if (by_core(gen, means))
		snprintf(rate->why, sizeof(rate->why), "%s counts them only for the thread that stores (%s)",
			 pmu_gen_name(gen), shown[which].used);
	else
		snprintf(rate->why, sizeof(rate->why), "no event of %s for them is known", pmu_gen_name(gen));
}

static struct live_rate *rate_of(struct live_rates *r, int role, const char *name)
{
	struct live_rate *rate = &r->rate[r->n++];

	rate->role = role;
	rate->name = name;
	rate->bytes = role == PMU_R_BYTES;
	return rate;
}

void live_rates_open(struct live_rates *r, const struct machine *m)
{
	const struct pmu_where where = { .tid = 0, .cpu = -1, .watch = true };
	const struct pmu_choice *c;
	struct fact f = { 0 }, partly = { 0 };
	int err;

	memset(r, 0, sizeof(*r));
	err = pmu_open(m->src, &m->cpu, &where, &r->pmu, &f, &partly);
	if (err) {
		r->pmu = NULL;
		no_counter(r, m, &f, err);
		return;
	}
	c = pmu_chosen(r->pmu);
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		struct live_rate *rate = rate_of(r, shown[i].role, pmu_means_name(shown[i].means));

		if (!c->have[shown[i].role])
			not_counted(rate, c->gen, i, &partly);
	}
	for (int i = PMU_R_BYTES; i <= PMU_R_TXNS; i++)
		if (c->have[i])
			rate_of(r, i, i == PMU_R_BYTES ? "to PCIe ports" : "transactions");
	snprintf(r->says, sizeof(r->says), "%s, %u counters, of all stores of the whole machine%s",
		 pmu_gen_name(c->gen), pmu_ncounters(r->pmu),
		 pmu_turns(r->pmu) > 2	 ? "; full, partial and UC take turns, a reading each"
		 : pmu_turns(r->pmu) > 1 ? "; they take turns, a reading each"
					 : "");
}

void live_rates_tick(struct live_rates *r, double now)
{
	struct pmu_counts count;
	double span = now - r->began;

	if (!r->pmu)
		return;
	if (r->running && span > 0 && !pmu_end(r->pmu, &count)) {
		for (size_t i = 0; i < r->n; i++)
			if (count.have[r->rate[i].role])
				live_rate_add(&r->rate[i], (double)count.count[r->rate[i].role] / span);
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
