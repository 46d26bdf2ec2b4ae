/* SPDX-License-Identifier: GPL-2.0-or-later */
/* barmap.c - who maps a BAR: processes and the kernel, each with its pieces. */
#include "barmap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "barmap_int.h"
#include "machine.h"

#define PAGE 4096ULL

unsigned int run_slot(const struct pte_run *r)
{
	struct pte p;

	return pte_decode(r->raw, r->level, &p) ? 0 : p.slot;
}

static int add(struct bar_maps *l, struct bar_map b, size_t first_piece)
{
	struct bar_map *p;

	if (l->n >= BAR_MAPS_MAX) {
		l->more = true;
		l->npiece = first_piece;
		return 0;
	}
	if (!(l->n & (l->n - 1))) {
		p = realloc(l->m, (l->n ? l->n * 2 : 1) * sizeof(*p));
		if (!p)
			return -ENOMEM;
		l->m = p;
	}
	b.npiece = l->npiece - first_piece;
	l->m[l->n++] = b;
	return 0;
}

/* What the index of entries finds over the BAR. */
struct found {
	const struct machine *m;
	bool *mapped; /* of each element of maps: an entry of it points into the BAR */
	bool kernel;
	int orphan; /* an entry of this process points into the BAR, and no line of maps is around it */
};

/* The mappings of one process that hold a virtual address of [start, end): the first, by pid, then address. */
static size_t first_map(const struct maps *l, int pid, uint64_t va)
{
	size_t lo = 0, hi = l->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct map *p = &l->m[mid];

		if (p->pid < pid || (p->pid == pid && p->vend <= va))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int see_run(const struct memtype *t, void *arg)
{
	struct found *f = arg;
	const struct pte_run *r = &f->m->entries.list.r[t->line];
	const struct maps *l = &f->m->maps;
	uint64_t covered = r->start;

	if (!r->pid) {
		f->kernel = true;
		return 0;
	}
	for (size_t i = first_map(l, r->pid, r->start); i < l->n && l->m[i].pid == r->pid && l->m[i].vstart < r->end;
	     i++) {
		f->mapped[i] = true;
		if (l->m[i].vstart <= covered)
			covered = l->m[i].vend;
	}
	if (covered < r->end && !f->orphan)
		f->orphan = r->pid;
	return 0;
}

static bool known_on(const struct map *p, const struct bar_maps *l)
{
	return p->phys_known && p->phys < l->end && l->start < map_phys_end(p);
}

static int add_processes(const struct found *f, struct bar_maps *out)
{
	const struct machine *m = f->m;
	int rc = 0;

	for (size_t i = 0; i < m->maps.n && !rc; i++) {
		const struct map *p = &m->maps.m[i];
		size_t first = out->npiece;
		const struct pte_run *r;
		struct bar_map b;
		size_t n;

		if (!f->mapped[i] && !known_on(p, out))
			continue;
		b = (struct bar_map){ .map = p, .pid = p->pid, .vstart = p->vstart, .vend = p->vend };
		n = entries_of(&m->entries, p->pid, p->vstart, p->vend, &r);
		/* The reader reports every page of a device mapping, those without an entry as well. */
		b.read = n > 0;
		rc = bar_pieces(m, out, &b, r, n);
		/* Its run also lies in a neighbour's VMA; nothing of this one is the BAR's. */
		if (!rc && out->npiece == first && !known_on(p, out))
			continue;
		if (!rc)
			rc = add(out, b, first);
	}
	out->nprocess = out->n;
	return rc;
}

static const struct ioremap *ioremap_of(const struct machine *m, const struct bar_map *b, uint64_t phys)
{
	const struct ioremap *best = NULL;

	for (size_t i = 0; i < m->ioremaps.n; i++) {
		const struct ioremap *r = &m->ioremaps.r[i];

		if (r->vaddr == b->vstart && r->vaddr)
			return r;
		/* Addresses are mostly hidden; the physical range is not. Two of one range cannot be told apart. */
		if (phys == r->start && r->end - r->start == b->vend - b->vstart)
			best = r;
	}
	return best;
}

/* The kernel's runs are by address; those side by side are one mapping (between two lies a guard page). */
static int add_kernel(const struct machine *m, struct bar_maps *out)
{
	const struct pte_run *r;
	size_t n = entries_of(&m->entries, 0, 0, UINT64_MAX, &r), first = 0;
	int rc = 0;

	for (size_t i = 0; i < n && !rc; i++) {
		struct bar_map b = { .vstart = r[first].start, .vend = r[i].end, .read = true };
		size_t from = out->npiece;

		if (i + 1 < n && r[i + 1].start == r[i].end)
			continue;
		rc = bar_pieces(m, out, &b, &r[first], i + 1 - first);
		if (!rc && out->npiece > from) {
			b.io = ioremap_of(m, &b, r[first].phys);
			rc = add(out, b, from);
		}
		first = i + 1;
	}
	return rc;
}

/* Pieces moved while the array grew: what points to them is set when all are there. */
static int finish(struct bar_maps *l)
{
	const struct bar_piece *at = l->piece;

	l->users.m = calloc(l->npiece + 1, sizeof(*l->users.m));
	l->kernel.m = calloc(l->npiece + 1, sizeof(*l->kernel.m));
	if (!l->users.m || !l->kernel.m)
		return -ENOMEM;
	for (size_t i = 0; i < l->n; i++) {
		struct bar_map *b = &l->m[i];

		b->piece = at;
		for (size_t k = 0; k < b->npiece; k++, at++) {
			struct memtype_list *index = b->map ? &l->users : &l->kernel;

			l->piece[at - l->piece].map = i;
			if (at->combines == TRI_YES && !b->good)
				b->good = at;
			if (at->combines == TRI_NO && (!b->bad || b->bad->combines != TRI_NO))
				b->bad = at;
			if (at->combines == TRI_UNKNOWN && !b->bad)
				b->bad = at;
			index->m[index->n++] =
				(struct memtype){ at->phys, at->phys + at->len, MT_UNKNOWN, (uint32_t)(at - l->piece) };
		}
	}
	return memtype_index(&l->users) || memtype_index(&l->kernel) ? -ENOMEM : 0;
}

int bar_maps_find(const struct machine *m, uint64_t start, uint64_t end, struct bar_maps *out)
{
	struct found f = { .m = m };
	int rc;

	*out = (struct bar_maps){ 0 };
	if (start >= end || end > UINT64_MAX - PAGE)
		return 0;
	/* Pages are mapped whole: a BAR of 256 bytes lies in one. */
	out->start = start & ~(PAGE - 1);
	out->end = (end + PAGE - 1) & ~(PAGE - 1);
	f.mapped = calloc(m->maps.n + 1, sizeof(*f.mapped));
	if (!f.mapped)
		return -ENOMEM;
	memtype_overlaps(&m->by_phys, out->start, out->end, see_run, &f);
	out->orphan = f.orphan;
	rc = add_processes(&f, out);
	if (!rc && f.kernel)
		rc = add_kernel(m, out);
	if (!rc)
		rc = finish(out);
	free(f.mapped);
	if (rc)
		bar_maps_free(out);
	return rc;
}

void bar_maps_free(struct bar_maps *b)
{
	free(b->m);
	free(b->piece);
	memtype_free(&b->users);
	memtype_free(&b->kernel);
	*b = (struct bar_maps){ 0 };
}

const struct bar_map *bar_map_of(const struct bar_maps *b, const struct map *p)
{
	size_t lo = 0, hi = b->nprocess;

	while (lo < hi) { /* in the order of maps */
		size_t mid = lo + (hi - lo) / 2;

		if (b->m[mid].map < p)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < b->nprocess && b->m[lo].map == p ? &b->m[lo] : NULL;
}

struct search {
	const struct bar_maps *b;
	int pid;
	enum tri want;
	const struct bar_piece *hit;
};

static int see_piece(const struct memtype *t, void *arg)
{
	struct search *s = arg;
	const struct bar_piece *p = &s->b->piece[t->line];

	if (p->combines != s->want || (s->pid && s->b->m[p->map].pid != s->pid))
		return 0;
	s->hit = p;
	return 1;
}

const struct bar_piece *bar_piece_over(const struct bar_maps *b, bool users, int pid, uint64_t start, uint64_t end,
				       enum tri want)
{
	struct search s = { b, pid, want, NULL };

	memtype_overlaps(users ? &b->users : &b->kernel, start, end, see_piece, &s);
	return s.hit;
}
