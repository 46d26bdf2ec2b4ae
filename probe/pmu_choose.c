/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pmu_choose.c - the rows that serve as a witness on one generation. The order of preference stands in pmu_events.h.
 */
#include <errno.h>
#include <string.h>

#include "pmu_events.h"

static bool of_core(const struct pmu_event *e)
{
	return !strncmp(e->pmu, "cpu", 3);
}

static const struct pmu_event *first(enum pmu_gen gen, enum pmu_means means, const char *core_pmu)
{
	const struct pmu_event *e;

	for (size_t i = 0; (e = pmu_event(i)); i++)
		if (e->gen == gen && e->means == means &&
		    (core_pmu ? of_core(e) && !strcmp(e->pmu, core_pmu) : !of_core(e)))
			return e;
	return NULL;
}

static bool take(struct pmu_choice *c, enum pmu_role role, const struct pmu_event *e)
{
	if (!e)
		return false;
	c->event[role] = *e;
	c->have[role] = true;
	return true;
}

static const struct pmu_term *filter_of(const struct pmu_event *e)
{
	for (unsigned int i = 0; i < PMU_TERMS && e->term[i].name; i++)
		if (!strncmp(e->term[i].name, "filter_opc", 10))
			return &e->term[i];
	return NULL;
}

/* One event for all ports of a box: ch_mask is a mask, and the events differ in nothing else. */
static void take_ports(struct pmu_choice *c, enum pmu_role role, enum pmu_means means)
{
	const struct pmu_event *e;

	for (size_t i = 0; (e = pmu_event(i)); i++) {
		if (e->gen != c->gen || e->means != means)
			continue;
		if (!c->have[role]) {
			take(c, role, e);
			continue;
		}
		for (unsigned int t = 0; t < PMU_TERMS && e->term[t].name; t++)
			if (!strcmp(e->term[t].name, "ch_mask"))
				c->event[role].term[t].value |= e->term[t].value;
	}
}

static void take_lines(struct pmu_choice *c, const char *core)
{
	const struct pmu_event *full = first(c->gen, PMU_FULL_LINE, core),
			       *part = first(c->gen, PMU_PARTIAL_LINE, core);
	const struct pmu_event *closed = first(c->gen, PMU_WCB_CLOSE, core);

	c->core = true;
	if (full && part) {
		take(c, PMU_R_FULL, full);
		take(c, PMU_R_PARTIAL, part);
		return;
	}
	if (first(c->gen, PMU_FULL_LINE, NULL)) {
		c->core = false;
		take(c, PMU_R_FULL, first(c->gen, PMU_FULL_LINE, NULL));
		take(c, PMU_R_PARTIAL, first(c->gen, PMU_PARTIAL_LINE, NULL));
		return;
	}
	/* Any of these alone is better than nothing, and none is in another's way. */
	take(c, PMU_R_FULL, full);
	take(c, PMU_R_CLOSED, closed);
	take(c, PMU_R_ANY, first(c->gen, PMU_ANY_STREAMING, core));
}

bool pmu_shares(const struct pmu_choice *c, enum pmu_role role)
{
	const struct pmu_term *mine = c->have[role] ? filter_of(&c->event[role]) : NULL;

	for (unsigned int r = 0; mine && r < PMU_ROLES; r++) {
		const struct pmu_term *other = c->have[r] ? filter_of(&c->event[r]) : NULL;

		if (other && other->value != mine->value)
			return true;
	}
	return false;
}

/* 0 when something was chosen. */
static int chosen(struct pmu_choice *c)
{
	int err = -ENOENT;

	take_ports(c, PMU_R_BYTES, PMU_BYTES);
	take_ports(c, PMU_R_TXNS, PMU_TRANSACTIONS);
	for (unsigned int r = 0; r < PMU_ROLES; r++) {
		c->takes_turns = c->takes_turns || pmu_shares(c, (enum pmu_role)r);
		err = c->have[r] ? 0 : err;
	}
	return err;
}

int pmu_choose(enum pmu_gen gen, const char *core_pmu, struct pmu_choice *out)
{
	*out = (struct pmu_choice){ .gen = gen };
	take_lines(out, core_pmu);
	return chosen(out);
}

int pmu_choose_watch(enum pmu_gen gen, struct pmu_choice *out)
{
	*out = (struct pmu_choice){ .gen = gen };
	take(out, PMU_R_FULL, first(gen, PMU_FULL_LINE, NULL));
	take(out, PMU_R_PARTIAL, first(gen, PMU_PARTIAL_LINE, NULL));
	take(out, PMU_R_UC, first(gen, PMU_UC_WRITE, NULL));
	return chosen(out);
}

bool pmu_has(enum pmu_gen gen, enum pmu_means means, bool by_core)
{
	const struct pmu_event *e;

	for (size_t i = 0; (e = pmu_event(i)); i++)
		if (e->gen == gen && e->means == means && of_core(e) == by_core)
			return true;
	return false;
}

const struct pmu_event *pmu_choose_any(enum pmu_gen gen, const char *core_pmu)
{
	return first(gen, PMU_ANY_STREAMING, core_pmu);
}
