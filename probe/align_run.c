/* SPDX-License-Identifier: GPL-2.0-or-later */
/* align_run.c - along both lists: where they are the same, and how far a difference reaches. */
#include "align_int.h"

#include <errno.h>
#include <stdlib.h>

#define CONFIRM	  4u		      /* so many sets have to go on alike */
#define BYTES_FAR (16 * ALIGN_WINDOW) /* how far the same bytes are looked for */

/* The finaliser of splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15ULL;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

/* A byte's hash is its doubleword's, times one of these: so that a doubleword costs one. */
static const uint64_t lane[4] = { 0xd6e8feb86659fd93ULL, 0xa0761d6478bd642fULL, 0xe7037ed1a0b428dbULL,
				  0x8ebc6af09c88c6e3ULL };

static void sum(struct align_sums *s, size_t i, uint64_t addr, unsigned int ndw, unsigned int fbe, unsigned int lbe)
{
	const struct tlp t = { .ndw = (uint16_t)ndw, .fbe = (uint8_t)fbe, .lbe = (uint8_t)lbe };
	uint64_t h = 0;

	for (unsigned int d = 0; d < ndw; d++) {
		unsigned int be = tlp_enables(&t, d);
		uint64_t of = 0;

		for (unsigned int k = 0; k < 4; k++)
			of += be >> k & 1 ? lane[k] : 0;
		h += mix(addr + 4 * d) * of;
	}
	s->tlp[i + 1] = s->tlp[i] + mix(addr ^ mix((uint64_t)ndw << 8 | fbe << 4 | lbe));
	s->bytes[i + 1] = s->bytes[i] + h;
	s->n[i + 1] = s->n[i] + tlp_bytes(&t);
}

static bool sums_new(struct align_sums *s, size_t n)
{
	s->tlp = calloc(n + 1, sizeof(*s->tlp));
	s->bytes = calloc(n + 1, sizeof(*s->bytes));
	s->n = calloc(n + 1, sizeof(*s->n));
	return s->tlp && s->bytes && s->n;
}

static void sums_free(struct align_sums *s)
{
	free(s->tlp);
	free(s->bytes);
	free(s->n);
	*s = (struct align_sums){ 0 };
}

/* The lines that were predicted: open addressing, at most half full. 1 stands for none: no line begins there. */
struct lines {
	uint64_t *slot;
	size_t mask;
};

static uint64_t *find(const struct lines *l, uint64_t line)
{
	size_t i = mix(line) & l->mask;

	while (l->slot[i] != 1 && l->slot[i] != line)
		i = (i + 1) & l->mask;
	return &l->slot[i];
}

static bool touches(const struct lines *l, const struct align_seen *o)
{
	uint64_t last = LINE_OF(o->addr + (4u * o->ndw - 1));

	for (uint64_t line = LINE_OF(o->addr); line <= last && line >= LINE_OF(o->addr); line += MODEL_LINE)
		if (*find(l, line) == line)
			return true;
	return false;
}

/* Which of the observed ones touch nothing that was predicted: they need no aligning. */
static int part(struct align *a)
{
	struct lines l = { .mask = 1 };

	while (l.mask < 2 * a->np)
		l.mask = 2 * l.mask + 1;
	l.slot = malloc((l.mask + 1) * sizeof(*l.slot));
	if (!l.slot)
		return -ENOMEM;
	for (size_t i = 0; i <= l.mask; i++)
		l.slot[i] = 1;
	for (size_t i = 0; i < a->np; i++)
		*find(&l, LINE_OF(a->p[i].addr)) = LINE_OF(a->p[i].addr);
	for (size_t i = 0; i < a->no; i++) {
		if (touches(&l, &a->o[i]))
			a->at[a->n++] = (uint32_t)i;
		else
			a->foreign[a->nforeign++] = (uint32_t)i;
	}
	a->at[a->n] = (uint32_t)a->no;
	free(l.slot);
	return 0;
}

static int prepare(struct align *a)
{
	a->set = calloc(a->np + 1, sizeof(*a->set));
	a->at = calloc(a->no + 1, sizeof(*a->at));
	a->foreign = calloc(a->no + 1, sizeof(*a->foreign));
	if (!a->set || !a->at || !a->foreign || part(a) || !sums_new(&a->ps, a->np) || !sums_new(&a->os, a->n))
		return -ENOMEM;
	for (size_t i = 0; i < a->np; i++) {
		const struct align_tlp *p = &a->p[i];

		if (!i || p->by != p[-1].by)
			a->set[a->nset++] = (uint32_t)i;
		sum(&a->ps, i, p->addr, p->ndw, p->fbe, p->lbe);
	}
	a->set[a->nset] = (uint32_t)a->np;
	for (size_t i = 0; i < a->n; i++) {
		const struct align_seen *o = &a->o[a->at[i]];

		sum(&a->os, i, o->addr, o->ndw, o->fbe, o->lbe);
	}
	return 0;
}

/* Set s and the next observed TLPs are the same, in any order: how many; else 0. */
static size_t same(const struct align *a, size_t s, size_t o)
{
	uint32_t p = a->set[s], e = a->set[s + 1];
	size_t k = e - p;

	return o + k <= a->n && a->ps.tlp[e] - a->ps.tlp[p] == a->os.tlp[o + k] - a->os.tlp[o] ? k : 0;
}

/* Set s and the next observed TLPs write the same bytes: how many of these; else 0. */
static size_t same_bytes(struct align *a, size_t s, size_t o)
{
	uint32_t p = a->set[s], e = a->set[s + 1];
	uint64_t need = a->ps.n[e] - a->ps.n[p];
	size_t k = 1;

	while (o + k < a->n && a->os.n[o + k] - a->os.n[o] < need && k < ALIGN_WINDOW)
		k++;
	a->effort += k;
	return o + k <= a->n && a->os.n[o + k] - a->os.n[o] == need &&
			       a->ps.bytes[e] - a->ps.bytes[p] == a->os.bytes[o + k] - a->os.bytes[o]
		       ? k
		       : 0;
}

/* From here on both go on alike, or both end. */
static bool goes_on(struct align *a, size_t s, size_t o)
{
	unsigned int alike = 0;

	a->effort++;
	for (; alike < CONFIRM && s < a->nset && o < a->n; alike++, s++) {
		size_t k = same(a, s, o);

		if (!k)
			k = same_bytes(a, s, o);
		if (!k)
			return false;
		o += k;
	}
	return alike == CONFIRM || (s == a->nset && o == a->n) || (alike && (s == a->nset || o == a->n));
}

struct reach {
	size_t sets, seen;
};

/* The shortest stretches within limit TLPs that write the same bytes. */
static bool by_bytes(struct align *a, size_t s, size_t o, size_t limit, struct reach *r)
{
	uint32_t p = a->set[s];
	size_t j = 0;

	for (size_t i = 1; s + i <= a->nset; i++) {
		uint32_t e = a->set[s + i];
		uint64_t need = a->ps.n[e] - a->ps.n[p];

		while (o + j < a->n && a->os.n[o + j] - a->os.n[o] < need)
			j++;
		if (e - p + j > limit || a->os.n[o + j] - a->os.n[o] < need)
			return false;
		if (j && a->os.n[o + j] - a->os.n[o] == need &&
		    a->os.bytes[o + j] - a->os.bytes[o] == a->ps.bytes[e] - a->ps.bytes[p]) {
			*r = (struct reach){ i, j };
			return true;
		}
	}
	return false;
}

/* The shortest stretches within ALIGN_WINDOW TLPs behind which both go on alike. Their length, or 0. */
static size_t near(struct align *a, size_t s, size_t o, struct reach *r)
{
	uint32_t p = a->set[s];

	for (size_t d = 1; d <= ALIGN_WINDOW; d++) {
		for (size_t i = 0; s + i <= a->nset && a->set[s + i] - p <= d; i++) {
			size_t j = d - (a->set[s + i] - p);

			if (o + j <= a->n && goes_on(a, s + i, o + j)) {
				*r = (struct reach){ i, j };
				return d;
			}
		}
	}
	return 0;
}

/* A long stretch of one list, next to nothing of the other. */
static bool far(struct align *a, size_t s, size_t o, struct reach *r)
{
	size_t most = a->nset - s > a->n - o ? a->nset - s : a->n - o;

	for (size_t d = 1; d <= most; d++) {
		if (a->effort > ALIGN_EFFORT) {
			a->t.tired = true;
			return false;
		}
		for (size_t few = 0; few < 3; few++) {
			if (s + d <= a->nset && o + few <= a->n && goes_on(a, s + d, o + few)) {
				*r = (struct reach){ d, few };
				return true;
			}
			if (s + few <= a->nset && o + d <= a->n && goes_on(a, s + few, o + d)) {
				*r = (struct reach){ few, d };
				return true;
			}
		}
	}
	return false;
}

/* No end of the difference was found: so many TLPs that were predicted, and as many bytes of the other list. */
static void some(const struct align *a, size_t s, size_t o, struct reach *r)
{
	uint32_t p = a->set[s];
	uint64_t need;

	*r = (struct reach){ 1, 0 };
	while (s + r->sets < a->nset && a->set[s + r->sets + 1] - p <= ALIGN_WINDOW)
		r->sets++;
	need = a->ps.n[a->set[s + r->sets]] - a->ps.n[p];
	while (o + r->seen < a->n && r->seen < BYTES_FAR && a->os.n[o + r->seen] - a->os.n[o] < need)
		r->seen++;
}

static void reaches(struct align *a, size_t s, size_t o, struct reach *r)
{
	uint64_t before = a->effort;
	struct reach b;
	size_t d;

	if (s == a->nset || o == a->n) {
		*r = (struct reach){ a->nset - s, a->n - o };
		return;
	}
	d = near(a, s, o, r);
	/* A window's search is bounded by the lists' length: only what goes beyond it is paid for. */
	a->effort = before;
	if (by_bytes(a, s, o, d ? d : BYTES_FAR, &b))
		*r = b;
	else if (!d && !far(a, s, o, r))
		some(a, s, o, r);
}

/* Foreign TLPs that stand among the next n of the others, where all is as predicted. */
static int tell_foreign(struct align *a, size_t s, size_t o, size_t n)
{
	int rc = 0;

	for (; !rc && a->foreigns < a->nforeign && a->foreign[a->foreigns] - a->foreigns < o + n; a->foreigns++) {
		const struct align_seen *f = &a->o[a->foreign[a->foreigns]];
		struct align_case c = {
			.class = AC_FOREIGN, .observed = 1, .at_observed = a->foreign[a->foreigns], .addr = f->addr
		};
		struct tlp t = { .ndw = f->ndw, .fbe = f->fbe, .lbe = f->lbe };

		c.extra = tlp_bytes(&t);
		c.at_predicted = a->set[s] + (a->foreign[a->foreigns] - a->foreigns - o);
		a->t.cases[AC_FOREIGN]++;
		a->t.observed_tlps[AC_FOREIGN]++;
		a->t.extra_bytes += c.extra;
		rc = a->fn ? a->fn(&c, a->ctx) : 0;
	}
	return rc;
}

static int along(struct align *a)
{
	size_t s = 0, o = 0, k;
	struct reach r;
	int rc = 0;

	while (!rc && (s < a->nset || o < a->n)) {
		k = s < a->nset && o < a->n ? same(a, s, o) : 0;
		if (k) {
			rc = tell_foreign(a, s, o, k);
			a->t.cases[AC_AS]++;
			a->t.predicted_tlps[AC_AS] += k;
			a->t.observed_tlps[AC_AS] += k;
			s++;
			o += k;
			continue;
		}
		reaches(a, s, o, &r);
		rc = align_cases(a, s, r.sets, o, r.seen);
		s += r.sets;
		o += r.seen;
	}
	return rc ? rc : tell_foreign(a, s, o, 1);
}

int align_run(struct align *a, align_fn fn, void *ctx, struct align_totals *out)
{
	int rc = prepare(a);

	a->fn = fn;
	a->ctx = ctx;
	a->t.predicted = a->np;
	a->t.observed = a->no;
	if (!rc)
		rc = along(a);
	*out = a->t;
	free(a->set);
	free(a->at);
	free(a->foreign);
	a->set = a->at = a->foreign = NULL;
	sums_free(&a->ps);
	sums_free(&a->os);
	return rc;
}
