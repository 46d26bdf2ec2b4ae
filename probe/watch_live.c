/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch_live.c - reservations come and go; who still holds what. Pure. */
#include "watch_live.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A search looks at each; a machine has some hundreds. Beyond this it is no longer kept who holds what. */
#define LIVE_MAX 65536

int watch_live_add(struct watch_live *l, const struct watch_held *h, const char *who)
{
	char *copy;

	if (l->n >= LIVE_MAX) {
		l->full = true;
		return 0;
	}
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 64;
		struct watch_held *more = realloc(l->h, cap * sizeof(*more));

		if (!more)
			return -ENOMEM;
		l->h = more;
		l->cap = cap;
	}
	copy = strdup(who);
	if (!copy)
		return -ENOMEM;
	l->h[l->n] = *h;
	l->h[l->n++].who = copy;
	return 0;
}

static void drop(struct watch_live *l, size_t i)
{
	free(l->h[i].who);
	memmove(&l->h[i], &l->h[i + 1], (l->n - i - 1) * sizeof(*l->h));
	l->n--;
}

void watch_live_forget_before(struct watch_live *l, uint64_t start, uint64_t end, enum mtype t)
{
	for (size_t i = 0; i < l->n; i++)
		if (!l->h[i].when && l->h[i].start == start && l->h[i].end == end && l->h[i].type == t) {
			drop(l, i);
			return;
		}
}

/* How well does this one fit who gives it back? */
static int fits(const struct watch_held *h, const struct watch_event *e)
{
	const bool kernel = e->caller == CALLER_IOUNMAP || e->caller == CALLER_RELEASE;

	if (!h->when)
		return 1;
	if (kernel != h->kernel)
		return 0;
	if (kernel)
		return !strcmp(h->module, e->module) ? 3 : 1;
	return h->pid == e->pid ? 3 : 1;
}

bool watch_live_remove(struct watch_live *l, const struct watch_event *e)
{
	size_t best = l->n, tail = l->n;
	int most = -1;

	/* The latest first: what is taken last is given back first, where nothing else tells. */
	for (size_t i = l->n; i-- > 0;) {
		const struct watch_held *h = &l->h[i];

		if (h->start == e->start && h->end == e->end && fits(h, e) > most) {
			most = fits(h, e);
			best = i;
		}
		if (h->end == e->end && h->start < e->start && tail == l->n)
			tail = i;
	}
	if (best < l->n) {
		drop(l, best);
		return true;
	}
	if (tail < l->n)
		l->h[tail].end = e->start;
	return tail < l->n;
}

static bool overlaps(const struct watch_held *h, uint64_t start, uint64_t end)
{
	return h->start < end && start < h->end;
}

const struct watch_held *watch_live_first(const struct watch_live *l, uint64_t start, uint64_t end, enum mtype t)
{
	for (size_t i = 0; i < l->n; i++)
		if (overlaps(&l->h[i], start, end) && (t == MT_UNKNOWN || l->h[i].type == t))
			return &l->h[i];
	return NULL;
}

void watch_live_two(const struct watch_live *l, uint64_t start, uint64_t end, const struct watch_held **a,
		    const struct watch_held **b)
{
	*a = *b = NULL;
	for (size_t i = 0; i < l->n && !*b; i++) {
		if (!overlaps(&l->h[i], start, end))
			continue;
		if (!*a)
			*a = &l->h[i];
		else if (l->h[i].type != (*a)->type)
			*b = &l->h[i];
	}
}

int watch_live_predict(const struct watch_live *l, uint64_t start, uint64_t end, enum mtype asked, enum mtype *got)
{
	const struct watch_held *first = NULL;

	*got = asked;
	for (size_t i = 0; i < l->n; i++) {
		if (!overlaps(&l->h[i], start, end))
			continue;
		*got = l->h[i].type;
		if (*got == MT_UNKNOWN)
			return 0;
		if (first && first->type != *got)
			return -EBUSY;
		first = &l->h[i];
	}
	return 0;
}

void watch_live_free(struct watch_live *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->h[i].who);
	free(l->h);
	*l = (struct watch_live){ 0 };
}
