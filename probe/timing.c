/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * timing.c - by the store or by the line.
 */
#include "timing.h"

#include <errno.h>
#include <stdlib.h>

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

static struct timing_mid at(const struct timing_sample *s, size_t n, unsigned int width, unsigned int lines, double *v,
			    size_t *found)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (s[i].width == width && s[i].lines == lines)
			v[k++] = (double)s[i].cycles;
	*found = k;
	return k ? timing_median(v, k) : (struct timing_mid){ 0 };
}

/* The least and the most lines that this width has been measured with often enough. Lines are few different numbers. */
static void extent(const struct timing_sample *s, size_t n, unsigned int width, double *v, unsigned int *least,
		   unsigned int *most)
{
	size_t k;

	*least = *most = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned int l = s[i].lines;

		if (s[i].width != width || (*least && l >= *least && l <= *most))
			continue;
		at(s, n, width, l, v, &k);
		if (k < TIMING_LEAST)
			continue;
		if (!*least || l < *least)
			*least = l;
		if (l > *most)
			*most = l;
	}
}

/* Cycles a line: the slope between the two medians that lie farthest apart, or plainly the quotient. */
static bool per_line(const struct timing_sample *s, size_t n, unsigned int width, double *v, struct timing_mid *out,
		     bool *slope)
{
	unsigned int least, most;
	struct timing_mid a, b;
	double d;
	size_t k;

	extent(s, n, width, v, &least, &most);
	if (!least)
		return false;
	b = at(s, n, width, most, v, &k);
	*slope = most > least;
	if (*slope) {
		a = at(s, n, width, least, v, &k);
		d = (double)(most - least);
		*out = (struct timing_mid){ (b.lo - a.hi) / d, (b.mid - a.mid) / d, (b.hi - a.lo) / d };
	} else {
		*out = (struct timing_mid){ b.lo / most, b.mid / most, b.hi / most };
	}
	return true;
}

static void compare(struct timing_result *r)
{
	const struct timing_mid *a = &r->line[0], *b = &r->line[1];
	double uc = (double)r->wide / r->narrow;

	r->per_store = (a->mid - b->mid) / (64.0 / r->narrow - 64.0 / r->wide);
	if (b->lo <= 0 || a->lo <= 0) {
		r->says = TIMING_BETWEEN;
		r->why = "the samples scatter more than the lines cost: more lines a sample are needed";
		return;
	}
	r->ratio = (struct timing_mid){ a->lo / b->hi, a->mid / b->mid, a->hi / b->lo };
	/* The boundary is the geometric middle of 1 (by the line) and wide/narrow (by the store): its square is that.
	 */
	if (r->ratio.hi * r->ratio.hi < uc) {
		r->says = TIMING_WC;
	} else if (r->ratio.lo * r->ratio.lo > uc) {
		r->says = TIMING_UC;
	} else {
		r->says = TIMING_BETWEEN;
		r->why = "the cost lies between that of a store and that of a line";
	}
}

static int judge(const struct timing_sample *s, size_t n, double *v, struct timing_result *r)
{
	struct timing_mid mid[7];
	bool have[7], slope[7];
	unsigned int lo = 7, hi = 7;

	for (unsigned int i = 0; i < 7; i++)
		have[i] = per_line(s, n, 1U << i, v, &mid[i], &slope[i]);
	for (unsigned int i = 7; i-- > 0;)
		if (have[i])
			lo = i;
	for (unsigned int i = 0; i < 7; i++)
		if (have[i] && (i <= 3 || hi == 7 || hi == lo))
			hi = i;
	/* Of vector widths the widest one counts, when there are no two others. */
	for (unsigned int i = 4; i < 7 && hi > 3 && hi < 7; i++)
		if (have[i])
			hi = i;
	if (lo == 7 || hi == lo)
		return -ENODATA;
	r->narrow = 1U << lo;
	r->wide = 1U << hi;
	r->line[0] = mid[lo];
	r->line[1] = mid[hi];
	r->slope = slope[lo] && slope[hi];
	r->vector = hi > 3;
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
