/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * maps_adopt.c - mappings of device memory that only the page table entries tell.
 *
 * A line of maps tells the file, and for many files nothing more: a driver's node that sysfs ties to no PCI device, an
 * anonymous inode, a vfio region of an unknown device. The entries have the physical addresses.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "entries.h"
#include "maps_int.h"
#include "scan.h"
#include "src.h"
#include "src_int.h"

#define MAX_MAPS 1000000

struct adopter {
	struct maps_ctx c;
	const struct entries *e;
	struct maps *m;
	size_t known, cap;	/* of m: what was there before, and how many there is memory for */
};

static int by_place(const void *a, const void *b)
{
	const struct map *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return (x->vstart > y->vstart) - (x->vstart < y->vstart);
}

static bool leaf(const struct pte_run *r)
{
	return r->kind == PTE_PRESENT || r->kind == PTE_PROTNONE;
}

/* What the entries of one mapping say together. */
struct place {
	size_t leaves;
	bool pfnmap;		/* the VMA says that it holds no ordinary pages */
	bool touches;		/* some entry maps a part of some BAR */
	bool one_bar;		/* every entry that maps anything maps a part of the BAR dev, bar */
	int dev, bar;
	bool straight;		/* ... and they lie as one piece that begins at phys */
	uint64_t phys;
};

/* The part of a run that lies within the mapping. */
static void see_run(const struct maps_ctx *c, const struct pte_run *r, uint64_t vstart, uint64_t vend, struct place *p)
{
	uint64_t start = r->start > vstart ? r->start : vstart, end = r->end < vend ? r->end : vend;
	uint64_t phys = r->phys + (start - r->start), base = phys - (start - vstart);
	int dev = -1, bar = -1;

	p->pfnmap |= (r->vma & PTE_VMA_PFNMAP) != 0;
	if (!leaf(r))
		return;
	p->touches = p->touches || resolve_touches(c, phys, end - start);
	if (!resolve_bar(c, phys, end - start, &dev, &bar) || (p->leaves && (dev != p->dev || bar != p->bar)))
		p->one_bar = false;
	if (phys < start - vstart || (p->leaves && base != p->phys))
		p->straight = false;
	if (!p->leaves++) {
		p->dev = dev;
		p->bar = bar;
		p->phys = base;
	}
}

static struct place find_place(const struct adopter *a, int pid, uint64_t vstart, uint64_t vend)
{
	struct place p = { .one_bar = true, .straight = true, .dev = -1, .bar = -1 };
	const struct pte_run *r;
	size_t n = entries_of(a->e, pid, vstart, vend, &r);
	int dev, bar;

	for (size_t i = 0; i < n; i++)
		see_run(&a->c, &r[i], vstart, vend, &p);
	p.one_bar = p.one_bar && p.leaves;
	/* Pages that nobody has touched yet may be missing between; the whole has to fit all the same. */
	p.straight = p.straight && p.one_bar && resolve_bar(&a->c, p.phys, vend - vstart, &dev, &bar) && dev == p.dev &&
		     bar == p.bar;
	return p;
}

static void settle(struct map *m, const struct place *p)
{
	if (!p->one_bar)
		return;
	m->dev = p->dev;
	m->bar = p->bar;
	m->phys_known = p->straight;
	m->phys = p->straight ? p->phys : 0;
}

/* Mappings that were kept, but of which nobody knew what they map. */
static void place_known(struct adopter *a)
{
	for (size_t i = 0; i < a->known; i++) {
		struct map *m = &a->m->m[i];
		struct place p;

		if (m->phys_known || (m->kind != MAP_NODE && m->kind != MAP_VFIO && m->kind != MAP_UIO))
			continue;
		p = find_place(a, m->pid, m->vstart, m->vend);
		settle(m, &p);
	}
}

static int add(struct adopter *a, const struct map *m)
{
	struct maps *out = a->m;

	if (out->n >= a->cap) {
		size_t cap = out->n < 32 ? 64 : out->n * 2;
		struct map *p;

		if (out->n >= MAX_MAPS)
			return -EFBIG;
		p = reallocarray(out->m, cap, sizeof(*p));
		if (!p)
			return -ENOMEM;
		out->m = p;
		a->cap = cap;
	}
	out->m[out->n++] = *m;
	return 0;
}

static int take_line(struct adopter *a, int pid, const char *line, size_t len, char comm[32])
{
	struct map m = { .pid = pid, .kind = MAP_NODE, .dev = -1, .bar = -1 };
	struct map_line l;
	struct place p;

	/* What the kernel maps into every process by itself has a name in brackets. */
	if (map_line_parse(line, len, &l) || (l.pathlen && *l.path == '['))
		return 0;
	m.vstart = l.vstart;
	if (a->known && bsearch(&m, a->m->m, a->known, sizeof(m), by_place))
		return 0;
	p = find_place(a, pid, l.vstart, l.vend);
	if (!p.touches && !p.pfnmap)
		return 0;
	m.vend = l.vend;
	m.offset = l.offset;
	m.read = l.read;
	m.write = l.write;
	m.exec = l.exec;
	m.shared = l.shared;
	maps_copy_path(&m, &l);
	maps_read_comm(a->c.s, pid, comm);
	memcpy(m.comm, comm, sizeof(m.comm));
	settle(&m, &p);
	return add(a, &m);
}

static int read_maps(const struct src *s, int pid, struct blob *text)
{
	char path[48];
	int err, fd, tid;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	err = src_read(s, path, text);
	if (!err && text->len)
		return 0;
	if (!err)
		blob_free(text);
	fd = maps_open_thread(s, pid, &tid);
	if (fd < 0)
		return fd;
	err = src_read_fd(fd, text);
	close(fd);
	return err;
}

static int take_process(struct adopter *a, int pid)
{
	struct scan t, l;
	struct blob text;
	char comm[32] = "";
	bool whole;
	int err = read_maps(a->c.s, pid, &text);

	if (err)	/* it has ended, or maps_read() has said that it may not be looked at */
		return err == -ENOMEM ? err : 0;
	t = scan_of(text.data, text.len);
	while (!err && scan_line(&t, &l, &whole))
		err = take_line(a, pid, l.p, scan_left(&l), comm);
	blob_free(&text);
	return err;
}

int maps_adopt(const struct src *s, const struct pci *pci, const struct entries *e, struct maps *m)
{
	struct adopter a = { .c = { .s = s, .pci = pci, .out = m }, .e = e, .m = m, .known = m->n, .cap = m->n };
	int err, last = 0;

	if (!e->list.n)
		return 0;
	err = resolve_init(&a.c);
	if (!err)
		place_known(&a);
	for (size_t i = 0; i < e->list.n && !err; i++) {
		if (e->list.r[i].pid <= last)	/* 0 is the kernel, which has no maps */
			continue;
		last = e->list.r[i].pid;
		err = take_process(&a, last);
	}
	if (m->n > a.known)
		qsort(m->m, m->n, sizeof(*m->m), by_place);
	resolve_free(&a.c);
	return err;
}
