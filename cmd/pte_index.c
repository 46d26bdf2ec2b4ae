/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pte_index.c - whose pages an entry maps: the ioremap that its virtual address lies in, the BAR that its physical one
 * does. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/pte.h"
#include "probe/machine.h"

#define PAGE 4096ULL

static int by_vaddr(const void *a, const void *b)
{
	const struct ioremap *const *x = a, *const *y = b;

	return ((*x)->vaddr > (*y)->vaddr) - ((*x)->vaddr < (*y)->vaddr);
}

int pte_index_make(const struct machine *m, struct pte_index *x)
{
	*x = (struct pte_index){ 0 };
	x->io = calloc(m->ioremaps.n + 1, sizeof(*x->io));
	x->bars.m = calloc(m->pci.n + 1, 6 * sizeof(*x->bars.m));
	if (!x->io || !x->bars.m || m->pci.n > UINT32_MAX / 6)
		return -ENOMEM;
	for (size_t i = 0; i < m->ioremaps.n; i++)
		if (m->ioremaps.r[i].vaddr)
			x->io[x->nio++] = &m->ioremaps.r[i];
	qsort(x->io, x->nio, sizeof(*x->io), by_vaddr);
	for (size_t i = 0; i < m->pci.n * 6; i++) {
		const struct pci_bar *b = &m->pci.dev[i / 6].bar[i % 6];

		if (!b->size || !b->addr || !(b->flags & RES_MEM) || (b->flags & RES_UNSET) ||
		    b->addr > UINT64_MAX - b->size)
			continue;
		/* A small BAR is mapped as the page it lies in. */
		x->bars.m[x->bars.n++] =
			(struct memtype){ b->addr & ~(PAGE - 1), b->addr + b->size, MT_UNKNOWN, (uint32_t)i };
	}
	return memtype_index(&x->bars);
}

void pte_index_free(struct pte_index *x)
{
	free(x->io);
	memtype_free(&x->bars);
	*x = (struct pte_index){ 0 };
}

/* Where the kernel hides addresses: the ioremap of these physical pages that begins nearest. */
static const struct ioremap *ioremap_by_phys(const struct machine *m, uint64_t phys)
{
	size_t lo = 0, hi = m->ioremaps.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (m->ioremaps.r[mid].start <= phys)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo && m->ioremaps.r[lo - 1].end > phys ? &m->ioremaps.r[lo - 1] : NULL;
}

static const struct ioremap *ioremap_of(const struct machine *m, const struct pte_index *x, const struct pte_run *r)
{
	size_t lo = 0, hi = x->nio;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (x->io[mid]->vaddr <= r->start)
			lo = mid + 1;
		else
			hi = mid;
	}
	/* the pages of an ioremap, without the guard page behind it */
	if (lo &&
	    r->start - x->io[lo - 1]->vaddr < ((x->io[lo - 1]->end - x->io[lo - 1]->start + PAGE - 1) & ~(PAGE - 1)))
		return x->io[lo - 1];
	return !x->nio && pte_leaf(r) ? ioremap_by_phys(m, r->phys) : NULL;
}

void pte_word_file(const struct machine *m, const struct pte_index *x, const struct pte_who *w, const struct pte_run *r,
		   char *buf, size_t len)
{
	const struct ioremap *io = r->pid ? NULL : ioremap_of(m, x, r);
	const struct pte_name *n = pte_names_at(&w->names, r->start);

	*buf = '\0';
	if (io)
		snprintf(buf, len, "%s%s%s%s", *io->caller ? io->caller : "ioremap", *io->module ? " [" : "",
			 io->module, *io->module ? "]" : "");
	else if (n)
		snprintf(buf, len, "%s", n->path);
}

static int take(const struct memtype *m, void *arg)
{
	*(uint32_t *)arg = m->line;
	return 1;
}

void pte_word_bar(const struct machine *m, const struct pte_index *x, const struct pte_run *r, char *buf, size_t len)
{
	uint32_t line;

	*buf = '\0';
	if (pte_leaf(r) && memtype_overlaps(&x->bars, r->phys, r->phys + 1, take, &line))
		snprintf(buf, len, "%s:%u", m->pci.dev[line / 6].slot, line % 6);
}
