// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * buffers.c - where the cliff is, and how far that can be trusted. Pure.
 */
#include "buffers.h"

#include <errno.h>
#include <float.h>
#include <stdlib.h>
#include <string.h>

/* A line thrown out half filled costs 8 to 20 times a whole one where that was measured; noise and a line that waits
 * for a buffer cost about twice. */
#define CLIFF 3.0
#define SURE  6.0 /* a cliff that leaves no doubt */
/* No-ops of an unshared core take the same time but for an interrupt; with a busy sibling a tenth to a half more. */
#define STEADY 1.06
#define BUSY   0.1  /* of a sibling's time */
#define MOST   0.97 /* it is a measurement */

enum { FEW = 4 /* rounds */ };

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double larger(double a, double b)
{
	return a > b ? a : b;
}

static double smaller(double a, double b)
{
	return a < b ? a : b;
}

static double per_line(uint32_t ticks)
{
	return (double)ticks / BUFFERS_UNIT;
}

/*
 * The cost of n lines that several rounds bear out. One round alone names no capacity: it takes 2, of many rounds 3.
 * The second least of each round is taken, so that it takes as many pairs of wrong clocks to make a cliff disappear.
 */
static double borne_out(const struct buffers_curve *c, unsigned int n)
{
	double v[BUFFERS_ROUNDS];
	size_t k = 0, nth = c->rounds < 32 ? 1 : 2;

	for (unsigned int r = 0; r < c->rounds; r++)
		if (c->round[r].at[n - 1].second)
			v[k++] = per_line(c->round[r].at[n - 1].second);
	if (k <= nth)
		return k && c->rounds < FEW ? v[0] : 0;
	qsort(v, k, sizeof(*v), ascending);
	return v[nth];
}

/* How far all points after n lie above all up to n. */
static double apart(const double *cost, unsigned int lines, unsigned int n)
{
	double most = 0, least = DBL_MAX;

	for (unsigned int i = 1; i <= n; i++)
		most = larger(most, cost[i]);
	for (unsigned int i = n + 1; i <= lines; i++)
		least = smaller(least, cost[i]);
	return most > 0 ? least / most : 0;
}

/* The widest gap, and a second one if it is a cliff as well. Two points at least must lie beyond: one is no plateau. */
static double cliffs(const double *cost, unsigned int lines, unsigned int *first, unsigned int *second)
{
	double widest = 0, gap;

	*first = *second = 0;
	for (unsigned int n = 1; n + 2 <= lines; n++) {
		gap = apart(cost, lines, n);
		if (gap > widest) {
			widest = gap;
			*first = n;
		}
	}
	for (unsigned int n = 1; n + 2 <= lines; n++) {
		if (n == *first || apart(cost, lines, n) < CLIFF)
			continue;
		*second = n;
	}
	if (*second && *second < *first) { /* what comes before the first cliff is free without a doubt */
		unsigned int other = *first;

		*first = *second;
		*second = other;
		widest = apart(cost, lines, *first);
	}
	return widest;
}

/* So many lines were free of the cliff in this round; the limit is the geometric middle of both sides of it. */
static unsigned int seen_free(const struct buffers_round *r, unsigned int lines, double square_of_limit)
{
	unsigned int n = 0;

	for (; n < lines && r->at[n].second; n++)
		if (per_line(r->at[n].second) * per_line(r->at[n].second) > square_of_limit)
			break;
	return n;
}

/* Rounds whose no-ops ran as evenly as any, and as fast as the fastest, in time of the core's own clock. */
static void find_steady(const struct buffers_curve *c, bool steady[BUFFERS_ROUNDS])
{
	double best = DBL_MAX;

	for (unsigned int r = 0; r < c->rounds; r++) {
		const struct buffers_round *o = &c->round[r];

		if (o->pace_min && o->chain)
			best = smaller(best, (double)o->pace_median / o->chain);
	}
	for (unsigned int r = 0; r < c->rounds; r++) {
		const struct buffers_round *o = &c->round[r];

		steady[r] = o->pace_min && o->chain && o->pace_median <= STEADY * o->pace_min &&
			    (double)o->pace_median / o->chain <= STEADY * best;
	}
}

/* What the most of the last rounds had; of two the smaller. */
static unsigned int lately(const unsigned int *seen, unsigned int rounds)
{
	unsigned int from = rounds - (rounds / 4 > FEW ? rounds / 4 : rounds > FEW ? FEW : rounds);
	unsigned int votes[BUFFERS_LINES + 1] = { 0 }, best = 0;

	for (unsigned int r = from; r < rounds; r++)
		votes[seen[r]]++;
	for (unsigned int n = 1; n <= BUFFERS_LINES; n++)
		if (votes[n] > votes[best])
			best = n;
	return best;
}

static void cap(struct buffers_answer *a, double most, const char *why)
{
	if (a->confidence <= most)
		return;
	a->confidence = most;
	a->why = why;
}

static void trust(const struct buffers_curve *c, const struct buffers_context *x, double gap, unsigned int borne,
		  bool shared, struct buffers_answer *a)
{
	bool confirmed = x->known == a->capacity;

	/* A cliff just high enough counts half, a clear one whole; and the share of rounds that show it counts a bit.
	 */
	a->confidence = 0.5 + 0.5 * smaller(1, (gap - CLIFF) / (SURE - CLIFF));
	a->confidence *= MOST * (0.85 + 0.15 * a->agree / c->rounds);
	if (a->confidence < 0.75)
		a->why = "the cliff is low";
	if (c->rounds < FEW || a->agree < 2)
		cap(a, 0.4, "few rounds show it");
	if (a->step)
		cap(a, 0.4, "there are two cliffs: cores of two kinds, or two kinds of buffers");
	if (!shared) {
		if (x->known > a->capacity)
			cap(a, 0.5, "the profile of this CPU says more");
		return;
	}
	if (x->known > a->capacity)
		cap(a, 0.3, "this CPU is known to have more: another thread of the core holds some");
	if (confirmed)
		return;
	if (x->sibling == BUFFERS_ALONE)
		cap(a, 0.5, "somebody uses the core, though it is said to have one thread");
	else if (x->sibling == BUFFERS_HIDDEN)
		cap(a, 0.5, "below a hypervisor an unseen thread of the same core may hold some all the time");
	else if (x->sibling_busy < 0)
		cap(a, 0.5, "it is not known what the sibling thread did meanwhile");
	else if (borne < FEW || x->sibling_busy > BUSY)
		cap(a, 0.4, "the sibling thread was busy");
}

static const char *why_unstable(const struct buffers_curve *c, const double *cost)
{
	double least = DBL_MAX, most = 0;

	for (unsigned int n = 1; n <= c->lines; n++) {
		if (!(cost[n] > 0))
			return "some points could not be measured";
		least = smaller(least, cost[n]);
		most = larger(most, cost[n]);
	}
	return most / least < CLIFF ? "there is no cliff: as many lines as were tried cost the same"
				    : "there is no clear cliff: the costs scatter";
}

static void judge(const struct buffers_curve *c, const struct buffers_context *x, const double *cost,
		  struct buffers_answer *a)
{
	bool steady[BUFFERS_ROUNDS];
	unsigned int seen[BUFFERS_ROUNDS], borne = 0, fewer = 0, since = 0, calm = 0;
	bool shared;
	double gap = cliffs(cost, c->lines, &a->capacity, &a->step), limit;

	if (!(gap >= CLIFF)) {
		a->why = why_unstable(c, cost);
		a->capacity = a->step = 0;
		return;
	}
	a->stable = true;
	for (unsigned int n = 1; n <= a->capacity; n++)
		a->free = larger(a->free, cost[n]);
	a->beyond = gap * a->free;
	limit = a->free * a->beyond;
	find_steady(c, steady);
	for (unsigned int r = 0; r < c->rounds; r++) {
		seen[r] = seen_free(&c->round[r], c->lines, limit);
		if (seen[r] > a->capacity)
			seen[r] = a->capacity; /* not borne out by others */
		a->agree += seen[r] == a->capacity;
		a->steady += steady[r];
		borne += steady[r] && seen[r] == a->capacity;
		fewer += seen[r] < a->capacity;
		since = seen[r] == a->capacity ? since + 1 : 0;
		calm += r + BUFFERS_ENOUGH >= c->rounds && steady[r];
	}
	a->available = lately(seen, c->rounds);
	a->contended = a->available < a->capacity || fewer > 1 + c->rounds / 10 || 4 * a->steady < 3 * c->rounds;
	/* A hypervisor may hide that it is one, and then its guest's cores seem to have one thread. */
	shared = x->sibling != BUFFERS_ALONE || a->contended;
	if (shared)
		a->contended |= x->known > a->capacity || x->sibling_busy > BUSY;
	trust(c, x, gap, borne, shared, a);
	a->settled = since >= BUFFERS_ENOUGH && 4 * calm >= 3 * BUFFERS_ENOUGH && a->confidence >= 0.5;
}

int buffers_decide(const struct buffers_curve *c, const struct buffers_context *x, struct buffers_answer *out)
{
	double cost[BUFFERS_LINES + 1] = { 0 };

	*out = (struct buffers_answer){ 0 };
	if (x->emulated) {
		out->why = "the CPU is emulated: what a store costs here says nothing of its buffers";
		return 0;
	}
	if (!c->rounds || c->rounds > BUFFERS_ROUNDS || c->lines < 4 || c->lines > BUFFERS_LINES)
		return -EINVAL;
	for (unsigned int n = 1; n <= c->lines; n++)
		cost[n] = borne_out(c, n);
	judge(c, x, cost, out);
	return 0;
}

void buffers_shape(const struct buffers_curve *c, unsigned int n, double *min, double *median)
{
	double least = 0, v[BUFFERS_ROUNDS];
	size_t k = 0;

	*median = 0;
	for (unsigned int r = 0; n >= 1 && n <= c->lines && r < c->rounds; r++) {
		const struct buffers_point *p = &c->round[r].at[n - 1];

		if (!p->min)
			continue;
		if (!k || per_line(p->min) < least)
			least = per_line(p->min);
		v[k++] = per_line(p->median);
	}
	if (k) {
		qsort(v, k, sizeof(*v), ascending);
		*median = v[k / 2];
	}
	*min = least;
}
