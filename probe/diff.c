/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diff.c - compare two machines part by part, and conclude: what got worse, what better, what cannot be told. */
#include "diff.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diff_int.h"

bool diff_lacks(const struct machine *m, enum fact_id id)
{
	struct judge_ctx c = { .m = m };

	return fact_lacks(fact_of(&c, id));
}

bool diff_both(const struct diff_work *w, enum fact_id id)
{
	return !diff_lacks(w->d->a.m, id) && !diff_lacks(w->d->b.m, id);
}

#define STEPS_MAX 100000000

bool diff_spend(struct diff_work *w)
{
	return w->spent < STEPS_MAX && ++w->spent;
}

struct diff_item *diff_note(struct diff_work *w, enum diff_id id, const char *what, const struct diff_word *a,
			    const struct diff_word *b)
{
	struct diff *d = w->d;
	struct diff_item *it;

	if ((!a->known && !b->known) || (a->known && b->known && a->hash == b->hash))
		return NULL;
	if (d->n == DIFF_ITEMS_MAX) {
		d->more++;
		return NULL;
	}
	if (d->n == w->max) {
		size_t max = w->max ? w->max * 2 : 64;

		it = realloc(d->item, max * sizeof(*it));
		if (!it) {
			w->err = -ENOMEM;
			return NULL;
		}
		d->item = it;
		w->max = max;
	}
	it = &d->item[d->n++];
	*it = (struct diff_item){ .row = &diff_rows[id],
				  .weight = diff_rows[id].weight,
				  .pair = w->pair,
				  .bar = w->bar,
				  .a = *a,
				  .b = *b,
				  .rule_pair = -1,
				  .rule_bar = -1 };
	snprintf(it->what, sizeof(it->what), "%s", what ? what : "");
	return it;
}

static unsigned int broken_layers(const struct bar_judgement *b)
{
	unsigned int l = 0;

	for (int i = 0; b && i < LAYER_COUNT; i++)
		l |= b->state[i] == STATE_BROKEN ? 1u << i : 0;
	return l;
}

static enum diff_turn turn_of(bool worse, bool better)
{
	return worse && better ? DIFF_OTHER : worse ? DIFF_WORSE : better ? DIFF_BETTER : DIFF_SAME;
}

/* No judgement, and nobody knows that there is no BAR: the devices are not known, or there were too many to judge. */
static bool unseen(const struct diff_side *s, int dev, const struct diff_bar *t, const struct bar_judgement *b)
{
	if (b)
		return false;
	return diff_lacks(s->m, F_PCI) ||
	       (dev >= 0 && s->m->pci.dev[dev].bar[t->bar].size && (s->m->pci.dev[dev].bar[t->bar].flags & RES_MEM));
}

/* What one side's layers have broken that the other's have not; else the verdicts decide, in the order of their
 * gravity. */
static void conclude(const struct diff *d, struct diff_bar *t)
{
	unsigned int la = broken_layers(t->a), lb = broken_layers(t->b);
	bool lost, gained;

	if (t->pair >= 0) {
		t->unseen_a = unseen(&d->a, d->pair[t->pair].a, t, t->a);
		t->unseen_b = unseen(&d->b, d->pair[t->pair].b, t, t->b);
	}
	lost = !t->b && !t->unseen_b && t->a->verdict == VERDICT_INTACT;
	gained = !t->a && !t->unseen_a && t->b->verdict == VERDICT_INTACT;
	if (t->unseen_a || t->unseen_b)
		t->turn = DIFF_SAME;
	else if (la & ~lb || lb & ~la)
		t->turn = turn_of(lb & ~la, la & ~lb);
	else if (t->a && t->b)
		t->turn = turn_of(t->b->verdict > t->a->verdict, t->b->verdict < t->a->verdict);
	else
		t->turn = turn_of(lost, gained);
	t->newly_broken = lb & ~la || lost;
	t->doubt = t->unseen_b || (t->b ? t->b : t->a)->verdict == VERDICT_UNKNOWN;
}

static const struct bar_judgement **by_place(const struct diff_side *s)
{
	const struct bar_judgement **p = calloc(s->m->pci.n * 6 + 1, sizeof(*p));

	for (size_t i = 0; p && i < s->j->nbar; i++)
		p[(size_t)(s->j->bar[i].dev - s->m->pci.dev) * 6 + (size_t)s->j->bar[i].bar] = &s->j->bar[i];
	return p;
}

static int add_bar(struct diff *d, int pair, int bar, const struct bar_judgement *a, const struct bar_judgement *b)
{
	if (!(d->nbar & (d->nbar - 1))) {
		struct diff_bar *p = realloc(d->bar, (d->nbar ? d->nbar * 2 : 1) * sizeof(*p));

		if (!p)
			return -ENOMEM;
		d->bar = p;
	}
	d->bar[d->nbar] = (struct diff_bar){ .pair = pair, .bar = bar, .a = a, .b = b };
	conclude(d, &d->bar[d->nbar++]);
	return 0;
}

static int one_pair(struct diff_work *w, int pair, const struct bar_judgement *const *ja,
		    const struct bar_judgement *const *jb)
{
	struct diff *d = w->d;
	struct diff_pair p = d->pair[pair];
	int rc = 0;

	w->pair = pair;
	/* Where one side's devices are not known at all none of them came or went. */
	if (diff_both(w, F_PCI))
		diff_pci(w, p.a < 0 ? NULL : &d->a.m->pci.dev[p.a], p.b < 0 ? NULL : &d->b.m->pci.dev[p.b]);
	for (w->bar = 0; !rc && w->bar < 6; w->bar++) {
		const struct bar_judgement *x = p.a < 0 ? NULL : ja[p.a * 6 + w->bar];
		const struct bar_judgement *y = p.b < 0 ? NULL : jb[p.b * 6 + w->bar];

		if (!x && !y)
			continue;
		rc = add_bar(d, pair, w->bar, x, y);
		if (rc)
			break;
		if (x && y) {
			diff_over(w, x, y);
			diff_maps(w, x, y);
		}
		diff_findings(w, x, y);
	}
	return rc ? rc : w->err;
}

/* A device or a BAR that came or went takes its verdict along. */
static void came_or_went(struct diff *d)
{
	size_t k = 0;

	for (size_t i = 0; i < d->n; i++) {
		struct diff_item *it = &d->item[i];

		if (it->row != &diff_rows[DIFF_DEVICE] && it->row != &diff_rows[DIFF_BAR])
			continue;
		while (k < d->nbar && d->bar[k].pair < it->pair)
			k++;
		for (size_t b = k; b < d->nbar && d->bar[b].pair == it->pair; b++) {
			const struct diff_bar *t = &d->bar[b];

			if ((it->bar >= 0 && it->bar != t->bar) || t->turn == DIFF_SAME || (t->a && t->b))
				continue;
			it->weight = DIFF_MATTERS;
			it->turn = it->turn == DIFF_SAME || it->turn == t->turn ? t->turn : DIFF_OTHER;
		}
	}
}

static void answer(struct diff *d)
{
	bool doubt = false;

	for (size_t i = 0; i < d->nbar; i++) {
		if (d->bar[i].newly_broken)
			d->answer = DIFF_GOT_WORSE;
		doubt = doubt || d->bar[i].doubt;
	}
	if (d->answer != DIFF_GOT_WORSE && (doubt || (d->neither & F(PCI))))
		d->answer = DIFF_CANNOT_TELL;
}

static int compare(struct diff_work *w)
{
	struct diff *d = w->d;
	const struct bar_judgement **ja = by_place(&d->a), **jb = by_place(&d->b);
	int rc = ja && jb ? diff_match(&d->a.m->pci, &d->b.m->pci, &d->pair, &d->npair) : -ENOMEM;

	w->pair = w->bar = -1;
	diff_host(w);
	diff_regs(w);
	diff_findings(w, &d->a.j->machine, &d->b.j->machine);
	for (size_t i = 0; !rc && i < d->npair; i++) {
		d->nboth += d->pair[i].a >= 0 && d->pair[i].b >= 0;
		rc = one_pair(w, (int)i, ja, jb);
	}
	if (!rc && !d->nbar)
		rc = add_bar(d, -1, -1, &d->a.j->machine, &d->b.j->machine);
	if (!rc) {
		diff_link(d);
		came_or_went(d);
		answer(d);
	}
	free(ja);
	free(jb);
	return rc ? rc : w->err;
}

int diff_make(const struct diff_side *a, const struct diff_side *b, struct diff **out)
{
	struct diff_work w = { .d = calloc(1, sizeof(*w.d)) };
	int rc;

	if (!w.d)
		return -ENOMEM;
	w.d->a = *a;
	w.d->b = *b;
	rc = compare(&w);
	if (rc) {
		diff_free(w.d);
		return rc;
	}
	*out = w.d;
	return 0;
}

void diff_free(struct diff *d)
{
	if (!d)
		return;
	free(d->pair);
	free(d->bar);
	free(d->item);
	free(d);
}

const char *diff_sign(const struct diff_item *i)
{
	if (!i->a.known)
		return "not known before";
	if (!i->b.known)
		return "not known now";
	if (!*i->a.text)
		return "came";
	return *i->b.text ? "changed" : "gone";
}

const char *diff_weight_name(enum diff_weight w)
{
	static const char *const n[] = {
		[DIFF_NOT] = "does not matter", [DIFF_MAY] = "may matter", [DIFF_MATTERS] = "matters"
	};

	return n[w];
}

const char *diff_turn_name(enum diff_turn t)
{
	static const char *const n[] = {
		[DIFF_SAME] = "same", [DIFF_WORSE] = "worse", [DIFF_BETTER] = "better", [DIFF_OTHER] = "other"
	};

	return n[t];
}
