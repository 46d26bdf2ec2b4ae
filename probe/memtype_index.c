/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memtype_index.c - order and search of the reservations.
 *
 * The index is an augmented interval tree without nodes: m[] is sorted, the middle of each part is its root, the
 * halves are its subtrees, and maxend[] holds for each root the highest end of its part. A prefix maximum would be
 * simpler, but one reservation that spans all the others makes every prefix reach to its end, and then each search
 * visits every line; here a part without a hit is left at its root. A search costs O(log n) for each hit that lies
 * apart from the others, O(log n + hits) when they are neighbours. Depth: at most the 64 halvings of a size_t.
 */
#include <errno.h>
#include <stdlib.h>

#include "memtype.h"

static int by_range(const void *a, const void *b)
{
	const struct memtype *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;	/* makes any sort a stable one */
}

/*
 * The kernel prints by start, and equal starts in the order they were reserved. So the whole is sorted only when the
 * text did not come from a kernel as it is, and otherwise just the runs of equal starts whose ends are not in order.
 */
static void sort(struct memtype *m, size_t n)
{
	size_t i, run;

	for (i = 1; i < n; i++) {
		if (m[i].start < m[i - 1].start) {
			qsort(m, n, sizeof(*m), by_range);
			return;
		}
	}
	for (run = 0; run < n; run = i) {
		bool sorted = true;

		for (i = run + 1; i < n && m[i].start == m[run].start; i++)
			sorted = sorted && m[i].end >= m[i - 1].end;
		if (!sorted)
			qsort(m + run, i - run, sizeof(*m), by_range);
	}
}

/* Highest end in [lo, hi), which is not empty. */
static uint64_t build(const struct memtype *m, uint64_t *maxend, size_t lo, size_t hi)
{
	size_t mid = lo + (hi - lo) / 2;
	uint64_t max = m[mid].end, side;

	if (lo < mid) {
		side = build(m, maxend, lo, mid);
		max = side > max ? side : max;
	}
	if (mid + 1 < hi) {
		side = build(m, maxend, mid + 1, hi);
		max = side > max ? side : max;
	}
	maxend[mid] = max;
	return max;
}

int memtype_index(struct memtype_list *l)
{
	free(l->maxend);
	l->maxend = NULL;
	if (!l->n)
		return 0;
	l->maxend = malloc(l->n * sizeof(*l->maxend));
	if (!l->maxend)
		return -ENOMEM;
	sort(l->m, l->n);
	build(l->m, l->maxend, 0, l->n);
	return 0;
}

struct query {
	const struct memtype_list *l;
	uint64_t start, end;
	int (*fn)(const struct memtype *m, void *arg);
	void *arg;
};

static int visit(const struct query *q, size_t lo, size_t hi)
{
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct memtype *m = &q->l->m[mid];
		int stop;

		if (q->l->maxend[mid] <= q->start)
			return 0;
		stop = visit(q, lo, mid);
		if (stop || m->start >= q->end)
			return stop;
		if (m->end > q->start) {
			stop = q->fn(m, q->arg);
			if (stop)
				return stop;
		}
		lo = mid + 1;
	}
	return 0;
}

int memtype_overlaps(const struct memtype_list *l, uint64_t start, uint64_t end,
		     int (*fn)(const struct memtype *m, void *arg), void *arg)
{
	struct query q = {l, start, end, fn, arg};

	return start < end ? visit(&q, 0, l->n) : 0;
}

/*
 * In the order of the addresses a line conflicts with an earlier one when that one reaches beyond its start and has
 * another type. So two ends are all that has to be remembered: the highest so far, with its type, and the highest of
 * all other types together.
 */
size_t memtype_conflicts(const struct memtype_list *l)
{
	uint64_t far = 0, other = 0;
	enum mtype type = MT_UNKNOWN;	/* of far */
	size_t i, found = 0;

	for (i = 0; i < l->n; i++) {
		const struct memtype *m = &l->m[i];

		found += (m->type == type ? other : far) > m->start;
		if (m->type == type) {
			far = m->end > far ? m->end : far;
		} else if (m->end > far) {
			other = far;
			far = m->end;
			type = m->type;
		} else if (m->end > other) {
			other = m->end;
		}
	}
	return found;
}

struct cover {
	uint64_t reach, end;	/* covered so far up to reach */
	enum mtype type;	/* MT_UNKNOWN: any */
};

enum { GO_ON, STOP };

static int cover_step(const struct memtype *m, void *arg)
{
	struct cover *c = arg;

	if (m->start > c->reach)
		return STOP;	/* ascending starts: nobody fills this gap any more */
	if (m->end > c->reach && (c->type == MT_UNKNOWN || m->type == c->type))
		c->reach = m->end;
	return c->reach >= c->end ? STOP : GO_ON;
}

bool memtype_covers(const struct memtype_list *l, uint64_t start, uint64_t end, enum mtype t)
{
	struct cover c = {start, end, t};

	if (start >= end)
		return false;
	memtype_overlaps(l, start, end, cover_step, &c);
	return c.reach >= end;
}
