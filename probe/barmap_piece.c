/* SPDX-License-Identifier: GPL-2.0-or-later */
/* barmap_piece.c - what of a mapping's runs lies in the BAR, and whether it combines. */
#include <errno.h>
#include <stdlib.h>

#include "barmap_int.h"
#include "machine.h"

#define PAGE 4096ULL

static bool in_any_bar(const struct machine *m, uint64_t phys)
{
	for (size_t d = 0; d < m->pci.n; d++)
		for (int b = 0; b < 6; b++) {
			const struct pci_bar *x = &m->pci.dev[d].bar[b];

			if (x->size && x->addr && (x->flags & RES_MEM) && phys >= (x->addr & ~(PAGE - 1)) &&
			    phys - (x->addr & ~(PAGE - 1)) < ((x->size + PAGE - 1) & ~(PAGE - 1)))
				return true;
		}
	return false;
}

static int add(struct bar_maps *l, struct bar_piece p)
{
	struct bar_piece *a;

	if (l->npiece >= BAR_PIECES_MAX) {
		l->more = true;
		return 0;
	}
	if (!(l->npiece & (l->npiece - 1))) {
		a = realloc(l->piece, (l->npiece ? l->npiece * 2 : 1) * sizeof(*a));
		if (!a)
			return -ENOMEM;
		l->piece = a;
	}
	l->piece[l->npiece++] = p;
	return 0;
}

static void count(struct bar_map *b, const struct bar_piece *p)
{
	b->slots |= 1u << p->slot;
	b->levels |= 1u << p->run->level;
	if (p->run->kind == PTE_PROTNONE)
		b->protnone += p->len;
	else if (!(p->run->rights & PTE_CAN_WRITE))
		b->readonly += p->len;
	*(p->combines == TRI_YES ? &b->wc : p->combines == TRI_NO ? &b->other : &b->unknown) += p->len;
}

/*
 * As far as one answer goes. A large page that an MTRR's end cuts has no defined type (Intel SDM vol 3, 11.11.9): it is
 * a piece of its own.
 */
static uint64_t piece_end(const struct machine *m, const struct pte_run *r, uint64_t phys, uint64_t stop,
			  bool *undefined)
{
	uint64_t edge = machine_entry_edge(m, run_slot(r), phys, stop), page = pte_size(r->level),
		 first = edge & ~(page - 1);

	*undefined = false;
	if (edge == stop || !(edge & (page - 1)))
		return edge;
	if (first > phys)
		return first;
	*undefined = true;
	return first + page < stop ? first + page : stop;
}

/* One run, clipped to the mapping: [va, va + len) at phys. */
static int clipped(const struct machine *m, struct bar_maps *l, struct bar_map *b, const struct pte_run *r, uint64_t va,
		   uint64_t len)
{
	uint64_t phys = r->phys + (va - r->start), stop;
	int rc = 0;

	if (r->kind == PTE_NONE || r->kind == PTE_OTHER) {
		/* A private copy that was swapped out has an entry, just no frame. */
		*(r->kind == PTE_OTHER && b->map && !b->map->shared ? &b->ram : &b->none) += len;
		return 0;
	}
	if (phys >= l->end || phys + len <= l->start) {
		/* Another BAR of the same mapping is nobody's fault; memory instead of the device is. */
		if (b->map && !in_any_bar(m, phys))
			b->ram += len;
		return 0;
	}
	if (phys < l->start) {
		va += l->start - phys;
		len -= l->start - phys;
		phys = l->start;
	}
	stop = phys + len < l->end ? phys + len : l->end;
	while (phys < stop && !rc) {
		bool undefined;
		uint64_t next = piece_end(m, r, phys, stop, &undefined);
		struct bar_piece p = { .run = r, .va = va, .phys = phys, .len = next - phys, .slot = run_slot(r) };

		p.combines = undefined ? TRI_UNKNOWN : machine_entry_combines(m, p.slot, phys, next);
		count(b, &p);
		rc = add(l, p);
		va += p.len;
		phys = next;
	}
	return rc;
}

int bar_pieces(const struct machine *m, struct bar_maps *l, struct bar_map *b, const struct pte_run *r, size_t n)
{
	uint64_t seen = 0;
	int rc = 0;

	for (size_t i = 0; i < n && !rc; i++) {
		uint64_t lo = r[i].start > b->vstart ? r[i].start : b->vstart;
		uint64_t hi = r[i].end < b->vend ? r[i].end : b->vend;

		if (lo >= hi)
			continue;
		seen += hi - lo;
		rc = clipped(m, l, b, &r[i], lo, hi - lo);
	}
	b->unseen = b->vend - b->vstart - seen;
	return rc;
}
