/* SPDX-License-Identifier: GPL-2.0-or-later */
/* align_cases.c - a stretch where both lists differ: TLPs that are there all the same, and what became of the others.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "align_int.h"

#define NONE UINT32_MAX

struct stretch {
	struct align *a;
	uint32_t p0, np;	   /* predicted TLPs */
	size_t o0, no;		   /* observed ones, among those that are aligned */
	struct align_one *one;	   /* of both */
	uint32_t *set;		   /* of each predicted: its set, from 0 */
	uint32_t *pair_p, *pair_o; /* the other one of an equal pair */
	uint32_t *next_p;	   /* of each observed: where in the predicted list it stands by what came before it */
	uint32_t *next_o;
	uint32_t *work;	 /* 2 * no */
	uint32_t last_p; /* what the last observed one belongs to; NONE: nothing that was predicted */
	struct align_case *c;
	size_t nc, room;
};

static int order(const void *x, const void *y)
{
	const struct align_one *a = x, *b = y;

	if (a->addr != b->addr)
		return a->addr < b->addr ? -1 : 1;
	if (a->form != b->form)
		return a->form < b->form ? -1 : 1;
	if (a->seen != b->seen)
		return a->seen ? 1 : -1;
	return a->i < b->i ? -1 : a->i > b->i;
}

static int place(const void *x, const void *y)
{
	const struct align_case *a = x, *b = y;

	if (a->at_predicted != b->at_predicted)
		return a->at_predicted < b->at_predicted ? -1 : 1;
	return a->at_observed < b->at_observed ? -1 : a->at_observed > b->at_observed;
}

static struct align_one one(uint64_t addr, unsigned int ndw, unsigned int fbe, unsigned int lbe, uint32_t i, bool seen)
{
	return (struct align_one){ addr, LINE_OF(addr + (4 * ndw - 1)), ndw << 8 | fbe << 4 | lbe, i, seen };
}

/* Equal TLPs, the first with the first. */
static void pair(struct stretch *t)
{
	size_t n = t->np + t->no, i = 0;

	qsort(t->one, n, sizeof(*t->one), order);
	while (i < n) {
		size_t seen, end = i;

		while (end < n && t->one[end].addr == t->one[i].addr && t->one[end].form == t->one[i].form)
			end++;
		for (seen = i; seen < end && !t->one[seen].seen; seen++)
			;
		for (size_t p = i; p < seen && seen + (p - i) < end; p++) {
			uint32_t o = t->one[seen + (p - i)].i;

			t->pair_p[t->one[p].i] = o;
			t->pair_o[o] = t->one[p].i;
		}
		i = end;
	}
}

/*
 * The most pairs that are in order, sets being what is ordered: the longest sequence that does not fall. The others get
 * the top bit in pair_o: they are there, but elsewhere.
 */
#define MOVED 0x80000000u
static void in_order(struct stretch *t)
{
	uint32_t *tail = t->work, *before = t->work + t->no, n = 0, at;

	for (uint32_t o = 0; o < t->no; o++) {
		uint32_t lo = 0, hi = n, s;

		if (t->pair_o[o] == NONE)
			continue;
		s = t->set[t->pair_o[o]];
		while (lo < hi) {
			uint32_t mid = (lo + hi) / 2;

			if (t->set[t->pair_o[tail[mid]]] <= s)
				lo = mid + 1;
			else
				hi = mid;
		}
		before[o] = lo ? tail[lo - 1] : NONE;
		tail[lo] = o;
		n += lo == n;
	}
	at = n ? tail[n - 1] : NONE;
	for (uint32_t o = (uint32_t)t->no; o-- > 0;) {
		if (o == at)
			at = before[o];
		else if (t->pair_o[o] != NONE)
			t->pair_o[o] |= MOVED;
	}
}

static bool moved(const struct stretch *t, uint32_t o)
{
	return t->pair_o[o] != NONE && t->pair_o[o] & MOVED;
}

/* Where each stands in the other list. */
static void places(struct stretch *t)
{
	uint32_t next = 0;

	t->last_p = NONE;
	for (uint32_t o = 0; o < t->no; o++) {
		t->next_p[o] = next;
		if (t->pair_o[o] != NONE && !moved(t, o))
			t->last_p = t->pair_o[o];
		if (t->pair_o[o] != NONE && !moved(t, o) && t->pair_o[o] >= next)
			next = t->pair_o[o] + 1;
	}
	next = 0;
	for (uint32_t p = 0; p < t->np; p++) {
		t->next_o[p] = next;
		if (t->pair_p[p] != NONE && !moved(t, t->pair_p[p]) && t->pair_p[p] >= next)
			next = t->pair_p[p] + 1;
	}
}

static struct align_case *add(struct stretch *t, enum align_class class)
{
	if (t->nc == t->room) {
		size_t room = t->room ? 2 * t->room : 16;
		struct align_case *c = realloc(t->c, room * sizeof(*c));

		if (!c)
			return NULL;
		t->c = c;
		t->room = room;
	}
	t->c[t->nc] = (struct align_case){
		.class = (uint8_t) class, .at_predicted = UINT64_MAX, .at_observed = UINT64_MAX, .addr = UINT64_MAX
	};
	return &t->c[t->nc++];
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Pairs: as predicted, or moved; those that moved in one set are one case. */
static int pairs(struct stretch *t)
{
	struct align_totals *sum = &t->a->t;
	struct align_case *c = NULL;
	uint32_t last = NONE;

	for (uint32_t p = 0; p < t->np; p++) {
		uint32_t o = t->pair_p[p];
		uint32_t from;

		if (o == NONE)
			continue;
		if (!moved(t, o)) {
			sum->predicted_tlps[AC_AS]++;
			sum->observed_tlps[AC_AS]++;
			continue;
		}
		if (t->set[p] != last)
			c = add(t, AC_REORDERED);
		if (!c)
			return -ENOMEM;
		last = t->set[p];
		from = t->next_p[o] < p ? t->next_p[o] : p;
		c->predicted++;
		c->observed++;
		c->at_predicted = least(c->at_predicted, t->p0 + from);
		c->at_observed = least(c->at_observed, t->a->at[t->o0 + least(o, t->next_o[p])]);
		c->addr = least(c->addr, t->a->p[t->p0 + p].addr);
	}
	return 0;
}

/*
 * Missing where the observed list ends: behind all that came, of what left together with the last, or the rest of that.
 * last_p is then known.
 */
static bool unseen(const struct stretch *t, const struct align_case *c)
{
	if (c->class != AC_MISSING || t->o0 + t->no != t->a->n)
		return false;
	if (c->unseen || c->at_observed == t->a->at[t->a->n])
		return true;
	return !c->observed && t->last_p != NONE && t->set[c->at_predicted - t->p0] >= t->set[t->last_p];
}

/* TLPs that touch the same lines: one case. x: n of them, by address. */
static int together(struct stretch *t, const struct align_one *x, size_t n, uint64_t last)
{
	const struct align *a = t->a;
	struct align_case *c = add(t, AC_MISSING);
	uint64_t hash = 0, np = 0, no = 0;
	int rc;

	if (!c)
		return -ENOMEM;
	c->addr = x[0].addr;
	for (size_t i = 0; i < n; i++) {
		size_t p = t->p0 + x[i].i, o = t->o0 + x[i].i;

		if (x[i].seen) {
			c->observed++;
			c->unseen |= x[i].i + 1 == t->no; /* until it is told */
			c->at_observed = least(c->at_observed, a->at[o]);
			hash -= a->os.bytes[o + 1] - a->os.bytes[o];
			no += a->os.n[o + 1] - a->os.n[o];
		} else {
			c->predicted++;
			c->at_predicted = least(c->at_predicted, p);
			hash += a->ps.bytes[p + 1] - a->ps.bytes[p];
			np += a->ps.n[p + 1] - a->ps.n[p];
		}
	}
	for (size_t i = 0; i < n && (!c->observed || !c->predicted); i++) {
		if (x[i].seen)
			c->at_predicted = least(c->at_predicted, t->p0 + t->next_p[x[i].i]);
		else
			c->at_observed = least(c->at_observed, a->at[t->o0 + t->next_o[x[i].i]]);
	}
	rc = align_judge(c, x, n, (last - LINE_OF(c->addr)) / MODEL_LINE + 1, hash, np, no);
	for (size_t i = 0; i < n && c->unseen; i++)
		if (!x[i].seen && (t->last_p == NONE || x[i].i > t->last_p))
			t->last_p = x[i].i;
	return rc;
}

/* What has no equal, by the lines that it touches. */
static int rest(struct stretch *t)
{
	size_t n = 0, i = 0;
	int rc = 0;

	/* still in order of address */
	for (size_t k = 0; k < t->np + t->no; k++)
		if ((t->one[k].seen ? t->pair_o : t->pair_p)[t->one[k].i] == NONE)
			t->one[n++] = t->one[k];
	while (i < n && !rc) {
		uint64_t last = t->one[i].last;
		size_t end = i + 1;

		for (; end < n && LINE_OF(t->one[end].addr) <= last; end++)
			last = t->one[end].last > last ? t->one[end].last : last;
		rc = together(t, t->one + i, end - i, last);
		i = end;
	}
	return rc;
}

/* Those that touch no line which was predicted, among these. */
static int strangers(struct stretch *t)
{
	struct align *a = t->a;
	size_t end = t->o0 + t->no;

	for (; a->foreigns < a->nforeign && a->foreign[a->foreigns] - a->foreigns < end; a->foreigns++) {
		uint32_t i = a->foreign[a->foreigns];
		size_t at = i - a->foreigns - t->o0;
		const struct tlp f = { .ndw = a->o[i].ndw, .fbe = a->o[i].fbe, .lbe = a->o[i].lbe };
		struct align_case *c = add(t, AC_FOREIGN);

		if (!c)
			return -ENOMEM;
		c->observed = 1;
		c->at_observed = i;
		c->at_predicted = t->p0 + (at < t->no ? t->next_p[at] : t->np);
		c->addr = a->o[i].addr;
		c->extra = tlp_bytes(&f);
	}
	return 0;
}

static int tell(struct stretch *t)
{
	struct align_totals *sum = &t->a->t;
	int rc = 0;

	/* There is a case, or nobody asks. NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker) */
	qsort(t->c, t->nc, sizeof(*t->c), place);
	for (size_t i = 0; i < t->nc && !rc; i++) {
		struct align_case *c = &t->c[i];

		c->unseen = unseen(t, c);
		sum->unseen += c->unseen;
		sum->cases[c->class]++;
		sum->predicted_tlps[c->class] += c->predicted;
		sum->observed_tlps[c->class] += c->observed;
		sum->missing_bytes += c->missing;
		sum->extra_bytes += c->extra;
		rc = t->a->fn ? t->a->fn(c, t->a->ctx) : 0;
	}
	return rc;
}

static void fill(struct stretch *t, size_t s, size_t nset)
{
	const struct align *a = t->a;

	for (size_t k = 0; k < nset; k++)
		for (uint32_t p = a->set[s + k]; p < a->set[s + k + 1]; p++)
			t->set[p - t->p0] = (uint32_t)k;
	for (uint32_t p = 0; p < t->np; p++) {
		const struct align_tlp *x = &a->p[t->p0 + p];

		t->one[p] = one(x->addr, x->ndw, x->fbe, x->lbe, p, false);
	}
	for (uint32_t o = 0; o < t->no; o++) {
		const struct align_seen *x = &a->o[a->at[t->o0 + o]];

		t->one[t->np + o] = one(x->addr, x->ndw, x->fbe, x->lbe, o, true);
	}
}

int align_cases(struct align *a, size_t s, size_t nset, size_t o, size_t n)
{
	struct stretch t = { .a = a, .p0 = a->set[s], .np = a->set[s + nset] - a->set[s], .o0 = o, .no = n };
	size_t all = t.np + n;
	uint32_t *words = malloc((3 * (size_t)t.np + 4 * n + 1) * sizeof(*words));
	int rc = -ENOMEM;

	t.one = malloc((all + 1) * sizeof(*t.one));
	if (t.one && words) {
		t.set = words;
		t.pair_p = t.set + t.np;
		t.next_o = t.pair_p + t.np;
		t.pair_o = t.next_o + t.np;
		t.next_p = t.pair_o + n;
		t.work = t.next_p + n;
		memset(t.pair_p, 0xff, t.np * sizeof(*t.pair_p));
		memset(t.pair_o, 0xff, n * sizeof(*t.pair_o));
		fill(&t, s, nset);
		pair(&t);
		in_order(&t);
		places(&t);
		rc = pairs(&t);
		if (!rc)
			rc = rest(&t);
		if (!rc)
			rc = strangers(&t);
		if (!rc)
			rc = tell(&t);
	}
	free(t.c);
	free(t.one);
	free(words);
	return rc;
}
