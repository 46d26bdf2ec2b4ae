/* SPDX-License-Identifier: GPL-2.0-or-later */
/* barmap.c - who maps a BAR, and what the page table entries of each mapping say. */
#include "barmap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"

#define PAGE 4096ULL

unsigned int run_slot(const struct pte_run *r)
{
	struct pte p;

	return pte_decode(r->raw, r->level, &p) ? 0 : p.slot;
}

bool run_clip(const struct pte_run *r, uint64_t start, uint64_t end, uint64_t *phys, uint64_t *len)
{
	uint64_t lo, hi;

	if (r->phys == PTE_NO_PHYS || r->phys >= end || run_phys_end(r) <= start)
		return false;
	lo = r->phys > start ? r->phys : start;
	hi = run_phys_end(r) < end ? run_phys_end(r) : end;
	*phys = lo;
	*len = hi - lo;
	return true;
}

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

static void tally_run(const struct machine *m, struct bar_map *b, const struct pte_run *r, uint64_t start, uint64_t end)
{
	uint64_t phys, len;

	if (r->kind == PTE_NONE || r->kind == PTE_OTHER) {
		b->none += r->end - r->start;
		return;
	}
	if (!run_clip(r, start, end, &phys, &len)) {
		/* Another BAR of the same mapping is nobody's fault; memory instead of the device is. */
		if (b->map && !in_any_bar(m, r->phys))
			b->ram += r->end - r->start;
		return;
	}
	b->slots |= 1u << run_slot(r);
	b->levels |= 1u << r->level;
	if (r->kind == PTE_PROTNONE)
		b->protnone += len;
	else if (!(r->rights & PTE_CAN_WRITE))
		b->readonly += len;
	switch (machine_entry_combines(m, run_slot(r), phys, phys + len)) {
	case TRI_YES:
		b->wc += len;
		if (!b->good)
			b->good = r;
		break;
	case TRI_NO:
		if (!b->other)
			b->bad = r;
		b->other += len;
		break;
	default:
		b->unknown += len;
		if (!b->bad)
			b->bad = r;
	}
}

static int add(struct bar_maps *l, struct bar_map b)
{
	struct bar_map *p;

	if (l->n >= BAR_MAPS_MAX) {
		l->more = true;
		return 0;
	}
	if (!(l->n & (l->n - 1))) {
		p = realloc(l->m, (l->n ? l->n * 2 : 1) * sizeof(*p));
		if (!p)
			return -ENOMEM;
		l->m = p;
	}
	l->m[l->n++] = b;
	return 0;
}

/* What the index of entries finds over the BAR. */
struct found {
	const struct machine *m;
	bool *mapped; /* of each element of maps: an entry of it points into the BAR */
	bool kernel;
};

/* The mapping of that process around an address; maps are by pid, then address. */
static const struct map *map_at(const struct maps *l, int pid, uint64_t va)
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
	return lo < l->n && l->m[lo].pid == pid && l->m[lo].vstart <= va ? &l->m[lo] : NULL;
}

static int see_run(const struct memtype *t, void *arg)
{
	struct found *f = arg;
	const struct pte_run *r = &f->m->entries.list.r[t->line];
	const struct map *p = r->pid ? map_at(&f->m->maps, r->pid, r->start) : NULL;

	if (!r->pid)
		f->kernel = true;
	else if (p)
		f->mapped[p - f->m->maps.m] = true;
	return 0;
}

static int add_processes(const struct found *f, uint64_t start, uint64_t end, struct bar_maps *out)
{
	const struct machine *m = f->m;
	int rc = 0;

	for (size_t i = 0; i < m->maps.n && !rc; i++) {
		const struct map *p = &m->maps.m[i];
		struct bar_map b = { .map = p, .pid = p->pid, .vstart = p->vstart, .vend = p->vend };

		if (!f->mapped[i] && !(p->phys_known && p->phys < end && start < map_phys_end(p)))
			continue;
		b.gone = entries_gone(&m->entries, p->pid);
		b.nrun = entries_of(&m->entries, p->pid, p->vstart, p->vend, &b.run);
		/* The reader reports every page of a device mapping, those without an entry as well. */
		b.read = b.nrun > 0;
		for (size_t k = 0; k < b.nrun; k++)
			tally_run(m, &b, &b.run[k], start, end);
		rc = add(out, b);
	}
	return rc;
}

static const struct ioremap *ioremap_of(const struct machine *m, const struct bar_map *b)
{
	const struct ioremap *best = NULL;

	for (size_t i = 0; i < m->ioremaps.n; i++) {
		const struct ioremap *r = &m->ioremaps.r[i];

		if (r->vaddr == b->vstart && r->vaddr)
			return r;
		/* Addresses are mostly hidden; the physical range is not. Two of one range cannot be told apart. */
		if (b->run->phys == r->start && r->end - r->start == b->vend - b->vstart)
			best = r;
	}
	return best;
}

/* The kernel's runs are by address; those side by side are one mapping (between two lies a guard page). */
static int add_kernel(const struct machine *m, uint64_t start, uint64_t end, struct bar_maps *out)
{
	const struct pte_run *r;
	size_t n = entries_of(&m->entries, 0, 0, UINT64_MAX, &r), first = 0;
	int rc = 0;

	for (size_t i = 0; i < n && !rc; i++) {
		struct bar_map b = { .run = &r[first], .vstart = r[first].start, .vend = r[i].end, .read = true };
		uint64_t phys, len;
		bool here = false;

		if (i + 1 < n && r[i + 1].start == r[i].end)
			continue;
		b.nrun = i + 1 - first;
		for (size_t k = first; k <= i; k++)
			here = here || run_clip(&r[k], start, end, &phys, &len);
		first = i + 1;
		if (!here)
			continue;
		for (size_t k = 0; k < b.nrun; k++)
			tally_run(m, &b, &b.run[k], start, end);
		b.io = ioremap_of(m, &b);
		rc = add(out, b);
	}
	return rc;
}

int bar_maps_find(const struct machine *m, uint64_t start, uint64_t end, struct bar_maps *out)
{
	struct found f = { .m = m };
	int rc;

	*out = (struct bar_maps){ 0 };
	if (start >= end || end > UINT64_MAX - PAGE)
		return 0;
	/* Pages are mapped whole: a BAR of 256 bytes lies in one. */
	start &= ~(PAGE - 1);
	end = (end + PAGE - 1) & ~(PAGE - 1);
	f.mapped = calloc(m->maps.n + 1, sizeof(*f.mapped));
	if (!f.mapped)
		return -ENOMEM;
	memtype_overlaps(&m->by_phys, start, end, see_run, &f);
	rc = add_processes(&f, start, end, out);
	if (!rc && f.kernel)
		rc = add_kernel(m, start, end, out);
	free(f.mapped);
	if (rc)
		bar_maps_free(out);
	return rc;
}

void bar_maps_free(struct bar_maps *b)
{
	free(b->m);
	*b = (struct bar_maps){ 0 };
}
