/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge.c - the engine: rules x facts -> findings -> states -> verdict. Knows no rule by name except those
 * that stand for "a fact is missing": LAYER-unknown, and bar-claimed for /proc/iomem.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiment.h"
#include "judge_internal.h"
#include "request.h"

static const struct rule *const tables[] = {
	rules_host, rules_pat, rules_mtrr, rules_pci, rules_memtype, rules_memlog, rules_pte, rules_map,
	rules_stores, rules_fabric,
};
#define NTABLES (sizeof(tables) / sizeof(tables[0]))

const struct rule *rule_at(size_t i)
{
	for (size_t t = 0; t < NTABLES; t++)
		for (const struct rule *r = tables[t]; r->id; r++)
			if (!i--)
				return r;
	return NULL;
}

const struct rule *rule_find(const char *id)
{
	const struct rule *r;

	for (size_t i = 0; (r = rule_at(i)); i++)
		if (!strcmp(r->id, id))
			return r;
	return NULL;
}

enum severity unless_mtrr_wc(const struct judge_ctx *c)
{
	return c->dev && machine_mtrr_wc(c->m, c->start, c->end) == TRI_YES ? SEV_SUSPECT : SEV_BROKEN;
}

/* The row that names a missing fact of this layer: the one whose id is LAYER-unknown. */
static const struct rule *missing_rule(enum layer l, enum fact_id f)
{
	char id[32];

	/* Contract: not knowing who claims a BAR has its own rule. */
	if (f == F_IOMEM)
		return rule_find("bar-claimed");
	snprintf(id, sizeof(id), "%s-unknown", layer_name(l));
	return rule_find(id);
}

static void name_missing(struct judge_ctx *c, enum layer l, unsigned int missing, enum severity sev)
{
	for (unsigned int id = 0; id < F_COUNT; id++) {
		const struct fact *f = fact_of(c, id);
		struct finding *h;

		if (!(missing & (1u << id)))
			continue;
		c->rule = missing_rule(l, id);
		h = hit_says(c, sev, "{fact} could not be read: {file}: {error}", f->remedy ? "{remedy}" : NULL);
		ev_text(h, "fact", "%s", fact_name(id));
		ev_text(h, "file", "%s", f->where);
		ev_text(h, "error", "%s", f->state == FACT_NOT_READ ? "not asked for" : f->why);
		if (f->remedy)
			ev_text(h, "remedy", "%s", f->remedy);
	}
}

/* Not read because no BAR needs it (READ_SPARE): of the machine alone it says nothing. */
static bool spared(const struct judge_ctx *c, unsigned int id)
{
	return id == F_VMALLOC && !c->dev && fact_of(c, F_VMALLOC)->state == FACT_NOT_READ;
}

/* Of all facts, once: the rules ask for some of them a hundred times a BAR. */
static unsigned int all_lacking(const struct judge_ctx *c)
{
	unsigned int m = 0;

	for (unsigned int id = 0; id < F_COUNT; id++)
		if (fact_lacks(fact_of(c, id)) && !spared(c, id))
			m |= 1u << id;
	return m;
}

static unsigned int lacking(const struct judge_ctx *c, unsigned int facts)
{
	return facts & c->lacks;
}

static enum layer_state worst(enum layer_state a, enum layer_state b)
{
	/* skipped is the best of all: it says nothing. */
	static const int rank[] = {
		[STATE_SKIPPED] = 0, [STATE_OK] = 1, [STATE_SUSPECT] = 2, [STATE_UNKNOWN] = 3, [STATE_BROKEN] = 4
	};

	return rank[a] >= rank[b] ? a : b;
}

static enum layer_state state_of(enum severity s)
{
	static const enum layer_state st[] = { [SEV_INFO] = STATE_OK,
					       [SEV_SUSPECT] = STATE_SUSPECT,
					       [SEV_UNKNOWN] = STATE_UNKNOWN,
					       [SEV_BROKEN] = STATE_BROKEN };
	return st[s];
}

/* Broken first, then unknown, suspect, info: what a reader in a hurry must see. Stable within a severity. */
static void sort_layer(struct finding *f, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct finding t = f[i];
		size_t k = i;

		while (k && f[k - 1].sev < t.sev) {
			f[k] = f[k - 1];
			k--;
		}
		f[k] = t;
	}
}

/* The next rule that tests something; *table and r are where it stands. By rule_at() each would be counted up to anew. */
static const struct rule *next_rule(size_t *table, const struct rule *r)
{
	for (r = r ? r + 1 : tables[0];; r++) {
		while (!r->id) {
			if (++*table == NTABLES)
				return NULL;
			r = tables[*table];
		}
		if (r->test)
			return r;
	}
}

static enum layer_state judge_layer(struct judge_ctx *c, enum layer l)
{
	unsigned int needed = 0, used = 0, lacks;
	enum layer_state st = STATE_OK;
	size_t from = c->out->n, table = 0;

	for (const struct rule *r = NULL; (r = next_rule(&table, r));) {
		if (r->layer != l)
			continue;
		/* For the machine itself too: a layer whose facts are missing is not fine for want of a BAR to ask
		 * about. */
		lacks = lacking(c, r->needs);
		needed |= lacks;
		used |= lacking(c, r->uses);
		if (lacks || (r->per_bar && !c->dev))
			continue;
		c->rule = r;
		r->test(c);
	}
	name_missing(c, l, needed, SEV_UNKNOWN);
	used &= ~(c->needed_anywhere | c->named);
	name_missing(c, l, used, SEV_INFO);
	c->named |= used;
	if (findings_finish(c->out, from))
		return STATE_UNKNOWN;
	sort_layer(c->out->f + from, c->out->n - from);
	for (size_t i = from; i < c->out->n; i++)
		st = worst(st, state_of(c->out->f[i].sev));
	return st;
}

/* The machine itself is judged as far as it can be without a BAR; stores and fabric only by what was stored. */
static bool layer_applies(const struct judge_ctx *c, enum layer l)
{
	if (l == LAYER_STORES)
		return c->dev && c->exp && (c->exp->plan || c->exp->story || c->exp->story_why);
	if (l == LAYER_FABRIC)
		return c->dev && c->exp && c->exp->plan;
	return c->dev || l <= LAYER_MEMTYPE;
}

static unsigned int needed_anywhere(const struct judge_ctx *c)
{
	unsigned int needs = 0;
	size_t table = 0;

	for (const struct rule *r = NULL; (r = next_rule(&table, r));)
		if (r->layer <= c->until && layer_applies(c, r->layer))
			needs |= r->needs;
	return lacking(c, needs);
}

static void conclude(struct bar_judgement *b, enum layer until)
{
	b->verdict = VERDICT_INTACT;
	b->breaks_at = b->judged_to = -1;
	for (unsigned int l = 0; l <= until; l++) {
		if (b->state[l] == STATE_BROKEN) {
			b->verdict = VERDICT_BROKEN;
			if (b->breaks_at < 0)
				b->breaks_at = (int)l;
		} else if (b->state[l] == STATE_UNKNOWN && b->verdict == VERDICT_INTACT) {
			b->verdict = VERDICT_UNKNOWN;
		}
		if (b->state[l] != STATE_UNKNOWN && b->state[l] != STATE_SKIPPED)
			b->judged_to = (int)l;
	}
}

static int judge_one(const struct machine *m, const struct pci_device *d, int bar, enum layer until,
		     const struct experiment *exp, struct bar_judgement *b)
{
	struct judge_ctx c = { .m = m, .dev = d, .bar = bar, .until = until, .exp = exp, .out = &b->findings };
	int rc;

	b->dev = d;
	b->bar = bar;
	if (d && d->bar[bar].addr && d->bar[bar].addr + d->bar[bar].size > d->bar[bar].addr) {
		c.start = d->bar[bar].addr;
		c.end = c.start + d->bar[bar].size;
	}
	if (d) {
		rc = bar_maps_find(m, c.start, c.end, &b->maps);
		if (rc)
			return rc;
		c.maps = b->maps;
	}
	b->given = d && exp && exp->given;
	b->driven = d && exp && exp->plan;
	rc = requests_find(&c);
	if (rc)
		return rc;
	c.lacks = all_lacking(&c);
	c.needed_anywhere = needed_anywhere(&c);
	for (unsigned int l = 0; l < LAYER_COUNT; l++) {
		b->state[l] = STATE_SKIPPED;
		/* Without an address there is nothing to reserve or to map: bar-unassigned says what is to be said. */
		if (c.dev && !c.end && (l == LAYER_MEMTYPE || l == LAYER_PTE)) {
			layer_note(&c, l, STATE_SKIPPED, b->note[l], sizeof(b->note[l]));
			continue;
		}
		if (l <= until && layer_applies(&c, l))
			b->state[l] = judge_layer(&c, l);
		layer_note(&c, l, b->state[l], b->note[l], sizeof(b->note[l]));
	}
	requests_free(&c);
	conclude(b, until);
	return b->findings.err;
}

struct wc_seen {
	bool wc;
};

static int see_wc(const struct memtype *t, void *arg)
{
	return ((struct wc_seen *)arg)->wc = t->type == MT_WC;
}

bool judge_plausible(const struct machine *m, const struct pci_device *d, int bar)
{
	const struct pci_bar *b = &d->bar[bar];
	struct wc_seen seen = { false };

	if ((b->size < 4096 && !pci_bar_unplaced(b)) || !(b->flags & RES_MEM))
		return false;
	if (b->flags & RES_PREFETCH)
		return true;
	if (b->addr)
		memtype_overlaps(&m->memtype, b->addr, b->addr + b->size, see_wc, &seen);
	return seen.wc;
}

static const struct judge_bound *bound_to(const struct judge_target *t, size_t dev, int bar)
{
	for (size_t i = 0; i < t->nbound; i++)
		if (t->bound[i].dev == dev && t->bound[i].bar == bar)
			return &t->bound[i];
	return NULL;
}

static bool wanted(const struct machine *m, const struct judge_target *t, size_t dev, int bar, bool all_memory)
{
	const struct pci_bar *b = &m->pci.dev[dev].bar[bar];

	if (t->selected && !t->selected[dev])
		return false;
	if (t->bar >= 0)
		return bar == t->bar;
	if (t->nbound && !t->explicit_device)
		return bound_to(t, dev, bar);
	if (all_memory)
		return (b->size || pci_bar_unplaced(b)) && (b->flags & RES_MEM);
	return judge_plausible(m, &m->pci.dev[dev], bar);
}

static int judge_bars(const struct machine *m, const struct judge_target *t, bool all_memory, struct judgement *j)
{
	for (size_t d = 0; d < m->pci.n; d++) {
		for (int bar = 0; bar < 6; bar++) {
			const struct judge_bound *bound = bound_to(t, d, bar);
			struct bar_judgement *b;
			int rc;

			if (!wanted(m, t, d, bar, all_memory))
				continue;
			if (!(j->nbar & (j->nbar - 1))) {
				b = realloc(j->bar, (j->nbar ? j->nbar * 2 : 1) * sizeof(*b));
				if (!b)
					return -ENOMEM;
				j->bar = b;
			}
			b = &j->bar[j->nbar++];
			memset(b, 0, sizeof(*b));
			rc = judge_one(m, &m->pci.dev[d], bar, j->until, bound ? bound->exp : t->exp, b);
			if (rc)
				return rc;
		}
	}
	return 0;
}

size_t judge_passed_over(const struct machine *m, const struct judgement *j, struct judge_bar *out, size_t max)
{
	size_t n = 0;

	for (size_t d = 0; j->whole_machine && d < m->pci.n; d++)
		for (int bar = 0; bar < 6; bar++) {
			const struct pci_bar *b = &m->pci.dev[d].bar[bar];

			if (b->size < 4096 || !(b->flags & RES_MEM) || judge_plausible(m, &m->pci.dev[d], bar))
				continue;
			if (n < max)
				out[n] = (struct judge_bar){ &m->pci.dev[d], bar };
			n++;
		}
	return n;
}

static enum verdict worse(enum verdict a, enum verdict b)
{
	return a > b ? a : b; /* intact < unknown < broken */
}

int judge(const struct machine *m, const struct judge_target *t, enum layer until, struct judgement **out)
{
	struct judgement *j = calloc(1, sizeof(*j));
	int rc;

	if (!j)
		return -ENOMEM;
	j->until = until;
	j->whole_machine = !t->selected;
	rc = judge_one(m, NULL, -1, until, t->exp, &j->machine);
	if (!rc)
		rc = judge_bars(m, t, false, j);
	if (!rc && !j->nbar && t->explicit_device)
		rc = judge_bars(m, t, true, j);
	if (rc) {
		judgement_free(j);
		return rc;
	}
	for (int l = 0; l < LAYER_COUNT; l++)
		j->layers[l] = j->nbar ? STATE_SKIPPED : j->machine.state[l];
	for (size_t i = 0; i < j->nbar; i++) {
		j->verdict = worse(j->verdict, j->bar[i].verdict);
		for (int l = 0; l < LAYER_COUNT; l++)
			j->layers[l] = worst(j->layers[l], j->bar[i].state[l]);
	}
	if (!j->nbar)
		j->verdict = j->machine.verdict;
	*out = j;
	return 0;
}

/* Its rules need no fact of the machine. */
int judge_stores(const struct experiment *exp, struct findings *out)
{
	struct judge_ctx c = { .bar = -1, .until = LAYER_STORES, .exp = exp, .out = out };

	*out = (struct findings){ 0 };
	for (const struct rule *r = rules_stores; r->id; r++) {
		c.rule = r;
		r->test(&c);
	}
	if (findings_finish(out, 0))
		return out->err;
	sort_layer(out->f, out->n);
	return 0;
}

void findings_free(struct findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->f[i].says);
		free(f->f[i].fix);
	}
	free(f->f);
	*f = (struct findings){ 0 };
}

static void bar_free(struct bar_judgement *b)
{
	bar_maps_free(&b->maps);
	findings_free(&b->findings);
}

void judgement_free(struct judgement *j)
{
	if (!j)
		return;
	for (size_t i = 0; i < j->nbar; i++)
		bar_free(&j->bar[i]);
	bar_free(&j->machine);
	free(j->bar);
	free(j);
}
