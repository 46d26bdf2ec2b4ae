/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine_mappings.c - what changes while it is read: reservations, ioremaps, mappings and their entries. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "judge.h"
#include "machine_int.h"
#include "src.h"

/*
 * A shared mapping whose entries all lie elsewhere is not where its file says: a driver's own mmap handler decides that.
 * Files of the kernel's own map what they say: entries elsewhere are a riddle that pte-unknown tells of.
 */
static bool elsewhere(const struct machine *m, const struct map *p)
{
	const struct pte_run *r;
	size_t n = entries_of(&m->entries, p->pid, p->vstart, p->vend, &r), placed = 0;

	for (size_t i = 0; i < n; i++) {
		if (r[i].phys == PTE_NO_PHYS)
			continue;
		if (r[i].phys < map_phys_end(p) && p->phys < run_phys_end(&r[i]))
			return false;
		placed++;
	}
	return placed > 0;
}

static bool driver_decides(enum map_kind k)
{
	return k == MAP_NODE || k == MAP_UIO || k == MAP_VFIO;
}

/* mprotect() may come between maps and the walk: whoever could store at one of these moments is one who stores. */
static bool writable_when_walked(const struct machine *m, const struct map *p)
{
	const struct pte_run *r;
	size_t n = entries_of(&m->entries, p->pid, p->vstart, p->vend, &r);

	for (size_t i = 0; i < n; i++)
		if (r[i].vma & PTE_VMA_WRITE)
			return true;
	return false;
}

/* Mappings of processes that ended while they were looked at are no more. */
static void correct_maps(struct machine *m)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->maps.n; i++) {
		struct map *p = &m->maps.m[i];

		if (entries_gone(&m->entries, p->pid))
			continue;
		p->write = p->write || writable_when_walked(m, p);
		if (p->phys_known && p->shared && driver_decides(p->kind) && elsewhere(m, p)) {
			p->phys_known = false;
			p->bar = -1;
		}
		m->maps.m[kept++] = *p;
	}
	m->maps.n = kept;
}

/* Page table entries, the index that finds them by what they map, and the mappings that only they give away. */
static int read_entries(struct machine *m)
{
	size_t n = 0;
	int rc;

	entries_read(m->src, &m->entries);
	rc = maps_adopt(m->src, &m->pci, &m->entries, &m->maps);
	if (rc)
		return rc;
	correct_maps(m);
	if (m->entries.list.n && !*m->entries.reader)
		snprintf(m->entries.reader, sizeof(m->entries.reader), "a reader that the snapshot does not name");
	if (m->entries.list.n > UINT32_MAX)
		return -EFBIG;
	m->by_phys.m = calloc(m->entries.list.n + 1, sizeof(*m->by_phys.m));
	if (!m->by_phys.m)
		return -ENOMEM;
	for (size_t i = 0; i < m->entries.list.n; i++) {
		const struct pte_run *r = &m->entries.list.r[i];

		if (r->phys == PTE_NO_PHYS || run_phys_end(r) <= r->phys)
			continue;
		m->by_phys.m[n++] = (struct memtype){ r->phys, run_phys_end(r), MT_UNKNOWN, (uint32_t)i };
	}
	m->by_phys.n = n;
	return memtype_index(&m->by_phys);
}

static bool any_plausible(const struct machine *m)
{
	for (size_t i = 0; i < m->pci.n; i++)
		for (int b = 0; b < 6; b++)
			if (judge_plausible(m, &m->pci.dev[i], b))
				return true;
	return false;
}

#define TRIES 4

static bool same_list(const struct memtype_list *a, const struct memtype_list *b)
{
	if (a->fact.state != b->fact.state || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->m[i].start != b->m[i].start || a->m[i].end != b->m[i].end || a->m[i].type != b->m[i].type)
			return false;
	return true;
}

/*
 * Reservations and those who hold them are read one after the other, and a running machine changes meanwhile: a mapping
 * without its reservation, or the reverse, would read as a fault. So the list is read once more at the end, and all
 * again when it has changed. A machine that never holds still is taken as it was last seen.
 */
int machine_read_mappings(struct machine *m, unsigned int what)
{
	struct memtype_list again;
	bool still;
	int rc = 0;

	if (what & READ_LIST)
		memtype_read(m->src, &m->memtype);
	for (int i = 0; i < TRIES; i++) {
		if ((what & READ_VMALLOC) && (!(what & READ_SPARE) || any_plausible(m)))
			vmalloc_read(m->src, &m->ioremaps);
		if (what & READ_MAPS)
			maps_read(m->src, &m->pci, m->host.kver, &m->maps);
		if (what & READ_ENTRIES)
			rc = read_entries(m);
		if (rc || !(what & READ_LIST) || !src_is_live(m->src))
			return rc;
		memtype_read(m->src, &again);
		still = same_list(&m->memtype, &again);
		memtype_free(&m->memtype);
		m->memtype = again;
		if (still || i + 1 == TRIES)
			return 0;
		vmalloc_free(&m->ioremaps);
		maps_free(&m->maps);
		entries_free(&m->entries);
		memtype_free(&m->by_phys);
	}
	return 0;
}

void machine_moving_swap(struct machine *m, struct machine_moving *other)
{
	struct machine_moving mine = { m->ioremaps, m->memtype, m->by_phys, m->maps, m->entries };

	m->ioremaps = other->ioremaps;
	m->memtype = other->memtype;
	m->by_phys = other->by_phys;
	m->maps = other->maps;
	m->entries = other->entries;
	*other = mine;
}

void machine_moving_free(struct machine_moving *x)
{
	vmalloc_free(&x->ioremaps);
	memtype_free(&x->memtype);
	memtype_free(&x->by_phys);
	maps_free(&x->maps);
	entries_free(&x->entries);
}

int machine_reread(struct machine *m, unsigned int what, struct machine_moving *was)
{
	int rc;

	*was = (struct machine_moving){ .maps = { .n = 0 } };
	machine_moving_swap(m, was);
	rc = machine_read_mappings(m, what);
	if (!rc) {
		if (what & READ_LIST)
			machine_derive_list_fact(m);
		return 0;
	}
	machine_moving_swap(m, was);
	machine_moving_free(was);
	return rc;
}
