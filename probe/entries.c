/* SPDX-License-Identifier: GPL-2.0-or-later */
/* entries.c - the list of runs: joining, looking up. */
#include "entries.h"

#include <errno.h>
#include <stdlib.h>

static bool has_phys(const struct pte_run *r)
{
	return r->kind == PTE_PRESENT || r->kind == PTE_PROTNONE;
}

/* Does b go on where a ends, equal in all but the ignored bits? *differ: those of them that are not equal. */
static bool goes_on(const struct pte_run *a, const struct pte_run *b, uint64_t ignore, uint64_t *differ)
{
	uint64_t frame = has_phys(a) ? pte_frame_mask(a->level) : 0, unlike = (a->raw ^ b->raw) & ~frame;

	if (a->pid != b->pid || a->end != b->start || a->level != b->level || a->kind != b->kind ||
	    a->rights != b->rights || a->vma != b->vma)
		return false;
	/* In an entry that is neither present nor PROT_NONE no bit is what it is elsewhere. */
	if (!has_phys(a))
		ignore = 0;
	if ((unlike | a->differ | b->differ) & ~ignore && (unlike || a->differ != b->differ))
		return false;
	/*
	 * The frame is compared as a difference from the physical address: a bit for encryption that stands among its
	 * bits, and the inversion of PROT_NONE, must be the same in both.
	 */
	if (has_phys(a) && (a->phys + (a->end - a->start) != b->phys ||
			    ((a->raw ^ a->phys) & frame) != ((b->raw ^ b->phys) & frame)))
		return false;
	*differ = unlike | a->differ | b->differ;
	return true;
}

int runs_push(struct runs *l, const struct pte_run *r)
{
	if (l->n == l->max) {
		size_t max = l->max ? l->max * 2 : 64;
		struct pte_run *p = reallocarray(l->r, max, sizeof(*p));

		if (!p)
			return -ENOMEM;
		l->r = p;
		l->max = max;
	}
	l->r[l->n++] = *r;
	return 0;
}

int runs_join(struct runs *l, const struct pte_run *r, uint64_t ignore)
{
	uint64_t differ;

	if (!l->n || !goes_on(&l->r[l->n - 1], r, ignore, &differ))
		return runs_push(l, r);
	l->r[l->n - 1].end = r->end;
	l->r[l->n - 1].differ = differ;
	return 0;
}

void runs_free(struct runs *l)
{
	free(l->r);
	*l = (struct runs){ 0 };
}

void entries_free(struct entries *e)
{
	runs_free(&e->list);
	free(e->gone);
	*e = (struct entries){ 0 };
}

/* The first run of that process that ends behind addr, or the first of a later process. */
static size_t first_behind(const struct runs *l, int pid, uint64_t addr)
{
	size_t lo = 0, hi = l->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct pte_run *r = &l->r[mid];

		if (r->pid < pid || (r->pid == pid && r->end <= addr))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

size_t entries_of(const struct entries *e, int pid, uint64_t start, uint64_t end, const struct pte_run **first)
{
	const struct runs *l = &e->list;
	size_t from = first_behind(l, pid, start), lo = from, hi = l->n;

	*first = NULL;
	if (start >= end)
		return 0;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (l->r[mid].pid == pid && l->r[mid].start < end)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo > from)
		*first = &l->r[from];
	return lo - from;
}

bool entries_gone(const struct entries *e, int pid)
{
	size_t lo = 0, hi = e->ngone;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (e->gone[mid] == pid)
			return true;
		if (e->gone[mid] < pid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}
