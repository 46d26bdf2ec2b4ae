/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diff_says.c - the answer of wcdiag diff, first and in one sentence: which BARs lost write-combining, or that none
 * did. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/diff.h"
#include "probe/machine.h"
#include "probe/rule.h"

#define NAMED 3

const char *diff_slot(const struct diff *d, int pair)
{
	const struct diff_pair *p = &d->pair[pair];

	return p->b >= 0 ? d->b.m->pci.dev[p->b].slot : d->a.m->pci.dev[p->a].slot;
}

static void unknown_layers(const struct bar_judgement *b, char *buf, size_t len)
{
	size_t k = 0;

	*buf = '\0';
	for (int l = 0; l < LAYER_COUNT && k < len; l++)
		if (b->state[l] == STATE_UNKNOWN)
			k += (size_t)snprintf(buf + k, len - k, "%s%s", k ? ", " : "", layer_name((enum layer)l));
}

void diff_verdict(const struct bar_judgement *b, bool unseen, char *buf, size_t len)
{
	char layers[80];

	if (!b) {
		snprintf(buf, len, unseen ? "not known" : "not there");
	} else if (b->verdict == VERDICT_BROKEN) {
		snprintf(buf, len, "broken at %s", layer_name((enum layer)b->breaks_at));
	} else if (b->verdict == VERDICT_UNKNOWN) {
		unknown_layers(b, layers, sizeof(layers));
		snprintf(buf, len, "unknown (%s)", layers);
	} else {
		snprintf(buf, len, "intact");
	}
}

/* What became of a BAR. The first that fits counts. */
enum fate { LOST, BROKEN_NOW, BROKEN_MORE, CAME_BROKEN, UNSURE, GAINED, CLEARED, BETTER, CAME, GONE, STAYS, FATES };

static const struct {
	const char *one, *many;
} fates[FATES] = {
	[LOST] = { "BAR lost write-combining", "BARs lost write-combining" },
	[BROKEN_NOW] = { "BAR is broken that could not be told before",
			 "BARs are broken that could not be told before" },
	[BROKEN_MORE] = { "BAR is broken at one more link", "BARs are broken at one more link" },
	[CAME_BROKEN] = { "BAR is new, and broken", "BARs are new, and broken" },
	[UNSURE] = { "BAR can no longer be told", "BARs can no longer be told" },
	[GAINED] = { "BAR is write-combining that was broken", "BARs are write-combining that were broken" },
	[CLEARED] = { "BAR is intact that could not be told before", "BARs are intact that could not be told before" },
	[BETTER] = { "BAR is better than before", "BARs are better than before" },
	[CAME] = { "BAR is new", "BARs are new" },
	[GONE] = { "BAR is gone", "BARs are gone" },
};

static enum fate fate_of(const struct diff_bar *t)
{
	if (!t->b)
		return t->unseen_b ? UNSURE : t->newly_broken ? LOST : GONE;
	if (t->unseen_a)
		return t->newly_broken ? BROKEN_NOW : t->b->verdict == VERDICT_INTACT ? CLEARED : STAYS;
	if (!t->a)
		return t->newly_broken ? CAME_BROKEN : CAME;
	if (t->newly_broken)
		return t->a->verdict == VERDICT_INTACT	  ? LOST
		       : t->a->verdict == VERDICT_UNKNOWN ? BROKEN_NOW
							  : BROKEN_MORE;
	if (t->turn == DIFF_WORSE || (t->b->verdict == VERDICT_UNKNOWN && t->a->verdict != VERDICT_UNKNOWN))
		return UNSURE;
	if (t->turn == DIFF_BETTER)
		return t->b->verdict != VERDICT_INTACT ? BETTER : t->a->verdict == VERDICT_BROKEN ? GAINED : CLEARED;
	return STAYS;
}

/* "0000:01:00.0 BAR 2 was intact, is broken at memtype (memtype-alias-wins)" */
static void one(FILE *f, const struct diff *d, const struct diff_bar *t)
{
	const struct finding *why = NULL;
	char was[120], is[120];

	diff_verdict(t->a, t->unseen_a, was, sizeof(was));
	diff_verdict(t->b, t->unseen_b, is, sizeof(is));
	if (t->pair >= 0)
		fprintf(f, "%s BAR %d", diff_slot(d, t->pair), t->bar);
	else
		fprintf(f, "the machine");
	if (t->a || t->unseen_a)
		fprintf(f, " was %s,", was);
	fprintf(f, " is %s", is);
	for (size_t i = 0; t->newly_broken && t->b && i < t->b->findings.n && !why; i++) {
		const struct finding *x = &t->b->findings.f[i];

		/* What broke it is a link that was whole. */
		if (x->sev == SEV_BROKEN && (!t->a || t->a->state[x->rule->layer] != STATE_BROKEN))
			why = x;
	}
	if (why)
		fprintf(f, " (%s)", why->rule->id);
}

static void of_fate(FILE *f, const struct diff *d, enum fate fate, size_t n, bool first)
{
	size_t shown = 0;

	if (!first)
		fprintf(f, ". ");
	fprintf(f, "%zu %s: ", n, n == 1 ? fates[fate].one : fates[fate].many);
	for (size_t i = 0; i < d->nbar && shown < NAMED; i++) {
		if (fate_of(&d->bar[i]) != fate)
			continue;
		fprintf(f, "%s", shown++ ? "; " : "");
		one(f, d, &d->bar[i]);
	}
	if (n > shown)
		fprintf(f, "; and %zu more", n - shown);
}

static size_t matters(const struct diff *d, enum diff_weight w)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		n += d->item[i].weight == w;
	return n;
}

static void the_same(FILE *f, const struct diff *d, bool bars)
{
	size_t n[3] = { 0, 0, 0 }, may = matters(d, DIFF_MAY);
	const char *sep = ": ";

	if (!d->n && !d->more)
		fprintf(f, "Nothing changed");
	else if (!may)
		fprintf(f, "Nothing that matters to write-combining changed");
	else
		fprintf(f, "No verdict changed, and %zu difference%s may matter", may, may == 1 ? "" : "s");
	for (size_t i = 0; i < d->nbar; i++)
		n[d->bar[i].b->verdict]++;
	if (!bars) {
		fprintf(f, ": there is no BAR to judge; the machine itself is %s", verdict_name(d->bar[0].b->verdict));
		return;
	}
	for (int v = VERDICT_INTACT; v <= VERDICT_BROKEN; v++) {
		static const enum verdict order[] = { VERDICT_INTACT, VERDICT_BROKEN, VERDICT_UNKNOWN };
		size_t k = n[order[v]];

		if (!k)
			continue;
		fprintf(f, "%s%zu BAR%s %s", sep, k, k == 1 ? "" : "s", verdict_name(order[v]));
		sep = ", ";
	}
	fprintf(f, ", before and after");
}

/* Unknown on both sides: it could have changed without being seen. */
static size_t unknown_twice(const struct diff *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->nbar; i++) {
		const struct diff_bar *t = &d->bar[i];

		n += t->b && t->b->verdict == VERDICT_UNKNOWN &&
		     (t->unseen_a || (t->a && t->a->verdict == VERDICT_UNKNOWN));
	}
	return n;
}

char *diff_says(const struct diff_view *v)
{
	const struct diff *d = v->d;
	bool bars = d->nbar && d->bar[0].pair >= 0, any = false;
	size_t n[FATES] = { 0 }, len, twice = unknown_twice(d);
	char *text = NULL;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	for (size_t i = 0; i < d->nbar; i++)
		n[fate_of(&d->bar[i])]++;
	for (enum fate i = 0; i < STAYS; i++) {
		if (!n[i])
			continue;
		of_fate(f, d, i, n[i], !any);
		any = true;
	}
	if (!any)
		the_same(f, d, bars);
	else if (n[STAYS])
		fprintf(f, ". %zu BAR%s as before", n[STAYS], n[STAYS] == 1 ? " is" : "s are");
	fputc('.', f);
	if (twice)
		fprintf(f, " Of %zu it could be told neither before nor after: a change there would not be seen.",
			twice);
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}
