/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * timing.c - by the store or by the line.
 */
#include "timing.h"

#include <errno.h>
#include <stdlib.h>

/* A store that goes out by itself costs tens to hundreds of cycles, issuing one about one: anything between will do. */
enum { SEVERAL = 4 };
enum { WIDTHS = 7 /* 1 to 64 */, LOOKS = 64 /* different numbers of lines: two would do */ };

/* Samples of one kind. */
struct set {
	const struct timing_sample *s;
	size_t n;
	bool reference;
	double *v; /* room for n values */
};

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* How many values may be cut from either end so that the rest holds the median with 95 %. */
static size_t cut(size_t n)
{
	double p = 1, below = 0;
	size_t k = 0;

	if (n > 60) { /* the normal approximation: (n - 2k)^2 >= 1.96^2 n */
		k = n / 2;
		while (k && (double)(n - 2 * k) * (double)(n - 2 * k) < 3.8416 * (double)n)
			k--;
		return k;
	}
	for (size_t i = 0; i < n; i++)
		p /= 2;
	/* p: all above the median; then exactly one below, two, ... A tail may hold 2.5 %. */
	for (; below + p <= 0.025 && k < n / 2; k++) {
		below += p;
		p = p * (double)(n - k) / (double)(k + 1);
	}
	return k;
}

struct timing_mid timing_median(double *v, size_t n)
{
	size_t k = cut(n);

	qsort(v, n, sizeof(*v), ascending);
	return (struct timing_mid){ .lo = v[k ? k - 1 : 0],
				    .mid = n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2,
				    .hi = v[k ? n - k : n - 1] };
}

static bool valid(const struct timing_sample *s)
{
	return s->lines && s->width && s->width <= 64 && !(s->width & (s->width - 1));
}

static struct timing_mid at(const struct set *s, unsigned int width, unsigned int lines, size_t *found)
{
	size_t k = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->s[i].width == width && s->s[i].lines == lines && s->s[i].reference == s->reference)
			s->v[k++] = (double)s->s[i].cycles;
	*found = k;
	return k ? timing_median(s->v, k) : (struct timing_mid){ 0 };
}

/* The least and the most lines that this width has been measured with often enough; 0: none. */
static void extent(const struct set *s, unsigned int width, unsigned int *least, unsigned int *most)
{
	unsigned int looks = 0;
	size_t k;

	*least = *most = 0;
	for (size_t i = 0; i < s->n && looks < LOOKS; i++) {
		unsigned int l = s->s[i].lines;

		if (s->s[i].width != width || s->s[i].reference != s->reference ||
		    (*least && l >= *least && l <= *most))
			continue;
		looks++;
		at(s, width, l, &k);
		if (k < TIMING_LEAST)
			continue;
		if (!*least || l < *least)
			*least = l;
		if (l > *most)
			*most = l;
	}
}

/* Cycles a line: the slope between the two medians that lie farthest apart, or plainly the quotient. */
static bool per_line(const struct set *s, unsigned int width, struct timing_mid *out, bool *slope)
{
	unsigned int least, most;
	struct timing_mid a, b;
	double d;
	size_t k;

	extent(s, width, &least, &most);
	if (!least)
		return false;
	b = at(s, width, most, &k);
	*slope = most > least;
	if (*slope) {
		a = at(s, width, least, &k);
		d = (double)(most - least);
		*out = (struct timing_mid){ (b.lo - a.hi) / d, (b.mid - a.mid) / d, (b.hi - a.lo) / d };
	} else {
		*out = (struct timing_mid){ b.lo / most, b.mid / most, b.hi / most };
	}
	return true;
}

/* What one store more costs, from the cycles a line of two widths. */
static struct timing_mid per_store(const struct timing_mid line[2], unsigned int narrow, unsigned int wide)
{
	double more = 64.0 / narrow - 64.0 / wide;

	return (struct timing_mid){ (line[0].lo - line[1].hi) / more, (line[0].mid - line[1].mid) / more,
				    (line[0].hi - line[1].lo) / more };
}

static void between(struct timing_result *r, const char *why)
{
	r->says = TIMING_BETWEEN;
	r->why = why;
}

static void compare(struct timing_result *r)
{
	const struct timing_mid *a = &r->line[0], *b = &r->line[1];
	double uc = (double)r->wide / r->narrow;

	r->store = per_store(r->line, r->narrow, r->wide);
	if (b->lo <= 0 || a->lo <= 0) {
		between(r, "the samples scatter more than the lines cost: more lines a sample are needed");
		return;
	}
	r->ratio = (struct timing_mid){ a->lo / b->hi, a->mid / b->mid, a->hi / b->lo };
	/* The boundary is the geometric middle of 1 (by the line) and wide/narrow (by the store): its square is that.
	 */
	if (r->ratio.hi * r->ratio.hi < uc) {
		r->says = TIMING_WC;
	} else if (r->referred && r->store.hi < SEVERAL * r->issue.mid) {
		r->says = TIMING_WC;
		r->core_bound = true;
	} else if (r->ratio.lo * r->ratio.lo <= uc) {
		between(r, "the cost lies between that of a store and that of a line");
	} else if (!r->referred) {
		between(r,
			"twice the stores cost twice the time, but what the core needs to issue them was not measured");
	} else if (r->store.lo > SEVERAL * r->issue.hi) {
		r->says = TIMING_UC;
	} else {
		between(r, "a store costs more than the core needs to issue it, but not several times more");
	}
}

/* The two widths to compare, as exponents: the two that lie farthest apart up to 8 bytes, else of all. */
static bool widths(const bool have[WIDTHS], unsigned int *lo, unsigned int *hi)
{
	unsigned int last = WIDTHS;

	*lo = *hi = WIDTHS;
	for (unsigned int i = 0; i < WIDTHS; i++) {
		if (!have[i])
			continue;
		if (*lo == WIDTHS)
			*lo = i;
		if (i <= 3)
			*hi = i;
		last = i;
	}
	if (*hi == WIDTHS || *hi == *lo)
		*hi = last;
	return *lo != WIDTHS && *hi != *lo;
}

static int judge(const struct timing_sample *s, size_t n, double *v, struct timing_result *r)
{
	const struct set device = { .s = s, .n = n, .v = v }, core = { .s = s, .n = n, .v = v, .reference = true };
	struct timing_mid mid[WIDTHS], ref[2];
	bool have[WIDTHS], slope[WIDTHS], same;
	unsigned int lo, hi;

	for (unsigned int i = 0; i < WIDTHS; i++)
		have[i] = per_line(&device, 1U << i, &mid[i], &slope[i]);
	if (!widths(have, &lo, &hi))
		return -ENODATA;
	r->narrow = 1U << lo;
	r->wide = 1U << hi;
	r->line[0] = mid[lo];
	r->line[1] = mid[hi];
	r->slope = slope[lo] && slope[hi];
	r->vector = hi > 3;
	r->referred = per_line(&core, r->narrow, &ref[0], &same) && per_line(&core, r->wide, &ref[1], &same);
	if (r->referred)
		r->issue = per_store(ref, r->narrow, r->wide);
	compare(r);
	return 0;
}

int timing_judge(const struct timing_sample *s, size_t n, bool emulated, struct timing_result *out)
{
	struct timing_result r = { .says = TIMING_NOTHING };
	double *v;
	int err;

	if (emulated) {
		r.why = "the CPU is emulated: what a store costs here says nothing of write-combining";
		*out = r;
		return 0;
	}
	if (n > TIMING_MOST)
		return -EINVAL;
	for (size_t i = 0; i < n; i++)
		if (!valid(&s[i]))
			return -EINVAL;
	v = malloc((n ? n : 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	err = judge(s, n, v, &r);
	free(v);
	if (!err)
		*out = r;
	return err;
}

const char *timing_says_name(enum timing_says s)
{
	static const char *const name[] = {
		[TIMING_NOTHING] = "nothing",
		[TIMING_WC] = "by the line",
		[TIMING_UC] = "by the store",
		[TIMING_BETWEEN] = "undecided",
	};

	return (unsigned int)s < sizeof(name) / sizeof(name[0]) ? name[s] : "";
}
