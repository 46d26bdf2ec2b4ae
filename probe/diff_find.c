/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diff_find.c - findings that came, went, or changed their severity; and which difference a rule links to them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diff_int.h"

static const char *text_of(const struct finding *f, const char *key)
{
	const struct evidence *e = finding_evidence(f, key);

	return e && e->type == EV_TEXT ? e->text : "";
}

/*
 * The same finding on both sides: the rule, and what names no pid and no address; nor a process, of which many rules
 * show one of several, whichever comes first. Who maps a BAR is compared by itself.
 */
static int by_key(const struct finding *a, const struct finding *b)
{
	static const char *const key[] = { "cause", "fact" };
	int c = (a->rule->layer > b->rule->layer) - (a->rule->layer < b->rule->layer);

	c = c ? c : strcmp(a->rule->id, b->rule->id);
	for (size_t i = 0; !c && i < sizeof(key) / sizeof(key[0]); i++)
		c = strcmp(text_of(a, key[i]), text_of(b, key[i]));
	return c;
}

static int by_key_and_gravity(const void *a, const void *b)
{
	const struct finding *x = *(const struct finding *const *)a, *y = *(const struct finding *const *)b;
	int c = by_key(x, y);

	return c ? c : (y->sev > x->sev) - (y->sev < x->sev);
}

/* The gravest of each key, sorted. */
static int gravest(const struct bar_judgement *b, const struct finding ***out, size_t *n)
{
	size_t all = b ? b->findings.n : 0, k = 0;
	const struct finding **f = calloc(all + 1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	for (size_t i = 0; i < all; i++)
		f[i] = &b->findings.f[i];
	qsort(f, all, sizeof(*f), by_key_and_gravity);
	for (size_t i = 0; i < all; i++)
		if (!k || by_key(f[k - 1], f[i]) != 0)
			f[k++] = f[i];
	*out = f;
	*n = k;
	return 0;
}

/* What the machine's own judgement says already is not said again of every BAR. */
static bool told(const struct diff_work *w, const struct finding *a, const struct finding *b)
{
	for (size_t i = 0; w->pair >= 0 && i < w->d->n && w->d->item[i].pair < 0; i++) {
		const struct diff_item *t = &w->d->item[i];

		if ((a && t->fa && !by_key(a, t->fa) && a->sev == t->fa->sev && !b == !t->fb) ||
		    (b && t->fb && !by_key(b, t->fb) && b->sev == t->fb->sev && !a == !t->fa))
			return true;
	}
	return false;
}

static void note(struct diff_work *w, const struct finding *a, const struct finding *b, bool verdict_changed)
{
	int ra = a ? (int)a->sev : (int)SEV_INFO, rb = b ? (int)b->sev : (int)SEV_INFO, most = ra > rb ? ra : rb;
	struct diff_word x, y;
	struct diff_item *it;

	word_begin(&x);
	word_begin(&y);
	if (a)
		word_set(&x, "%s", severity_name(a->sev));
	if (b)
		word_set(&y, "%s", severity_name(b->sev));
	if (x.hash == y.hash || told(w, a, b))
		return;
	/* One of them is there: else the words are equal. NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
	it = diff_note(w, DIFF_FINDING, (a ? a : b)->rule->id, &x, &y);
	if (!it)
		return;
	it->fa = a;
	it->fb = b;
	it->turn = rb > ra ? DIFF_WORSE : rb < ra ? DIFF_BETTER : DIFF_SAME;
	it->weight = most == SEV_BROKEN || (most == SEV_UNKNOWN && verdict_changed) ? DIFF_MATTERS
		     : most > SEV_INFO						    ? DIFF_MAY
										    : DIFF_NOT;
}

void diff_findings(struct diff_work *w, const struct bar_judgement *a, const struct bar_judgement *b)
{
	bool verdict_changed = a && b && a->verdict != b->verdict;
	const struct finding **x = NULL, **y = NULL;
	size_t nx, ny, i = 0, k = 0;

	if (gravest(a, &x, &nx) || gravest(b, &y, &ny)) {
		w->err = -ENOMEM;
		free(x);
		return;
	}
	while (i < nx || k < ny) {
		int c = i == nx ? 1 : k == ny ? -1 : by_key(x[i], y[k]);

		note(w, c <= 0 ? x[i] : NULL, c >= 0 ? y[k] : NULL, verdict_changed);
		i += c <= 0;
		k += c >= 0;
	}
	free(x);
	free(y);
}

/* Does the list of a row name this rule? */
static bool names(const char *rules, const char *id)
{
	while (*rules) {
		size_t n = strcspn(rules, " ");

		if (n && rules[n - 1] == '*' ? !strncmp(rules, id, n - 1) : n == strlen(id) && !strncmp(rules, id, n))
			return true;
		rules += n;
		rules += *rules == ' ';
	}
	return false;
}

static bool links(const struct diff_item *i, const struct diff_item *f)
{
	const struct finding *x = f->fa ? f->fa : f->fb;

	if (f->weight != DIFF_MATTERS)
		return false;
	if (i->pair >= 0 && f->pair >= 0 && (i->pair != f->pair || (i->bar >= 0 && f->bar >= 0 && i->bar != f->bar)))
		return false;
	if (i->row == &diff_rows[DIFF_FACT])
		return !strcmp(text_of(x, "fact"), i->what);
	/* A slot that never held WC is no reason for PAT being off. */
	if (i->row == &diff_rows[DIFF_PAT_SLOT] && !strstr(i->a.text, "WC") && !strstr(i->b.text, "WC") &&
	    x->rule->layer != LAYER_PTE)
		return false;
	return names(i->row->rules, x->rule->id);
}

static int gravity(const struct diff_item *f)
{
	int a = f->fa ? (int)f->fa->sev : 0, b = f->fb ? (int)f->fb->sev : 0;

	return a > b ? a : b;
}

/* The machine's own first, then by rule: the order of the devices is not that of the sides exchanged. */
static bool before(const struct diff_item *a, const struct diff_item *b)
{
	if ((a->pair < 0) != (b->pair < 0))
		return a->pair < 0;
	return strcmp(a->what, b->what) < 0;
}

/* The gravest finding that it can explain decides its weight and its sign. */
static void link_one(struct diff_item *i, const struct diff_item *const *f, size_t n)
{
	const struct diff_item *best = NULL;
	bool worse = false, better = false;

	for (size_t k = 0; k < n; k++) {
		if (!links(i, f[k]))
			continue;
		if (!best || gravity(f[k]) > gravity(best)) {
			best = f[k];
			worse = better = false;
		} else if (gravity(f[k]) == gravity(best) && before(f[k], best)) {
			best = f[k];
		}
		if (gravity(f[k]) == gravity(best)) {
			worse = worse || f[k]->turn == DIFF_WORSE;
			better = better || f[k]->turn == DIFF_BETTER;
		}
	}
	if (!best)
		return;
	i->weight = DIFF_MATTERS;
	i->turn = worse && better ? DIFF_OTHER : worse ? DIFF_WORSE : better ? DIFF_BETTER : DIFF_SAME;
	i->rule = (best->fa ? best->fa : best->fb)->rule;
	i->rule_pair = best->pair;
	i->rule_bar = best->bar;
}

/* Findings that matter, by device: [from[pair + 1], from[pair + 2]); those of the machine come first. */
void diff_link(struct diff *d)
{
	const struct diff_item **f = calloc(d->n + 1, sizeof(*f));
	size_t n = 0, machine = 0, at = 0, end;

	if (!f)
		return;
	for (size_t i = 0; i < d->n; i++)
		if (d->item[i].row == &diff_rows[DIFF_FINDING] && d->item[i].weight == DIFF_MATTERS) {
			machine += d->item[i].pair < 0;
			f[n++] = &d->item[i];
		}
	for (size_t i = 0; i < d->n; i++) {
		struct diff_item *it = &d->item[i];

		if (it->row == &diff_rows[DIFF_FINDING])
			continue;
		if (it->pair < 0) {
			link_one(it, f, n);
			continue;
		}
		/* Items and findings are in the order of the devices. */
		while (at < n && f[at]->pair < it->pair)
			at++;
		for (end = at; end < n && f[end]->pair == it->pair; end++)
			;
		link_one(it, f + at, end - at);
		if (!it->rule)
			link_one(it, f, machine);
	}
	free(f);
}
