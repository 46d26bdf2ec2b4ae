/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pte_find_bar.c - the entries that map a BAR: every process's and the kernel's, found by what they point to. */
#include <errno.h>
#include <stdlib.h>

#include "cmd/pte_find.h"
#include "probe/machine.h"
#include "probe/maps.h"
#include "probe/runs_compare.h"

#define PAGE 4096ULL

struct marks {
	size_t *at, n, max; /* indices of runs, some twice */
	const struct entries *e;
	int pid; /* 0: all */
	bool nomem;
};

static int mark(struct marks *k, size_t run)
{
	if (k->n == k->max) {
		size_t max = k->max ? k->max * 2 : 64, *p = reallocarray(k->at, max, sizeof(*p));

		k->nomem = !p;
		if (!p)
			return 1;
		k->at = p;
		k->max = max;
	}
	k->at[k->n++] = run;
	return 0;
}

static int mark_hit(const struct memtype *m, void *arg)
{
	struct marks *k = arg;

	return k->pid && k->e->list.r[m->line].pid != k->pid ? 0 : mark(k, m->line);
}

/* What lies in the mappings of the BAR and maps nothing: entries that never came, or were taken away. */
static void mark_mapped(const struct machine *m, int dev, int bar, struct marks *k)
{
	for (size_t i = 0; i < m->maps.n; i++) {
		const struct map *p = &m->maps.m[i];
		const struct pte_run *r;
		size_t n;

		if (p->dev != dev || p->bar != bar || (k->pid && p->pid != k->pid))
			continue;
		n = entries_of(k->e, p->pid, p->vstart, p->vend, &r);
		for (size_t j = 0; j < n && !k->nomem; j++)
			mark(k, (size_t)(&r[j] - k->e->list.r));
	}
}

static int by_index(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* A run may go on in the next BAR: only this one's part of it. */
static void cut(struct pte_run *r, uint64_t lo, uint64_t hi)
{
	if (!pte_leaf(r) || r->phys >= hi || run_phys_end(r) <= lo)
		return;
	if (r->phys < lo)
		run_skip(r, lo - r->phys);
	if (run_phys_end(r) > hi)
		r->end -= run_phys_end(r) - hi;
}

/* A process lives on in its threads when the main one has ended: its entries are read through one, and stay its own. */
static int walk_again(struct finder *d, const struct pte_run *r)
{
	struct runs *l = &d->f->list;
	size_t from = l->n;
	int rc = reader_walk(&d->reader, r->pid, r->start, r->end, d->flags, l), living;

	if (rc == -ESRCH && r->pid) {
		living = maps_living_thread(d->m->src, r->pid);
		l->n = from;
		if (living)
			rc = reader_walk(&d->reader, living, r->start, r->end, d->flags, l);
		for (size_t i = from; i < l->n; i++)
			l->r[i].pid = r->pid;
	}
	return rc;
}

/* One marked run into the list; live, and where more is wanted than the list has, it is walked again. */
static int take_run(struct finder *d, struct pte_run r, uint64_t lo, uint64_t hi)
{
	struct pte_who *w = d->f->nwho ? &d->f->who[d->f->nwho - 1] : NULL;
	int rc = 0;

	if (!w || w->pid != r.pid)
		w = finder_who(d, r.pid);
	if (!w)
		return finder_nomem(d);
	cut(&r, lo, hi);
	if (d->live && reader_is_open(&d->reader) && (d->flags & (KM_UPPER | KM_EVERY)))
		rc = walk_again(d, &r);
	else
		rc = runs_push(&d->f->list, &r);
	w->to = d->f->list.n;
	if (rc == -ENOMEM)
		return finder_nomem(d);
	if (rc == -ESRCH)
		d->f->gone = r.pid;
	else if (rc)
		finder_walk_failed(d, r.pid, -rc);
	return 0;
}

static int find_on(struct finder *d, int dev, struct marks *k)
{
	const struct pci_bar *b = &d->m->pci.dev[dev].bar[d->t->bar.bar];
	uint64_t lo, hi;
	int rc = 0;

	if (!b->size || !b->addr || (b->flags & RES_UNSET) || b->addr > UINT64_MAX - b->size - PAGE)
		return 0;
	lo = b->addr & ~(PAGE - 1);
	hi = (b->addr + b->size + PAGE - 1) & ~(PAGE - 1);
	memtype_overlaps(&d->m->by_phys, lo, hi, mark_hit, k);
	mark_mapped(d->m, dev, d->t->bar.bar, k);
	if (k->nomem)
		return finder_nomem(d);
	if (k->n)
		qsort(k->at, k->n, sizeof(*k->at), by_index);
	for (size_t i = 0; i < k->n && !rc; i++)
		if (!i || k->at[i] != k->at[i - 1])
			rc = take_run(d, k->e->list.r[k->at[i]], lo, hi);
	return rc;
}

/* The one device that was named, or -1 after saying why. */
static int the_device(const struct finder *d)
{
	int dev = -1, n = 0;
	bool *sel;

	if (device_select(d->v->c, d->m, &d->t->bar, &sel, NULL, 0))
		return -1;
	for (size_t i = 0; sel && i < d->m->pci.n; i++)
		if (sel[i]) {
			dev = (int)i;
			n++;
		}
	free(sel);
	if (n > 1) {
		cmd_fail(d->v->c, d->t->bar.typed, "several devices", "name one");
		return -1;
	}
	return dev;
}

int find_bar(struct finder *d)
{
	struct marks k = { .e = &d->m->entries, .pid = d->t->pid };
	int dev = the_device(d), rc;
	struct fact again;

	if (dev < 0)
		return EXIT_FAILED;
	if (d->live && d->f->fact.state == FACT_KNOWN && !reader_open(&d->reader, READER_ANY, &again))
		d->f->upper = d->flags & KM_UPPER;
	rc = find_on(d, dev, &k);
	for (size_t i = 0; i < d->f->nwho && !rc && reader_is_open(&d->reader); i++)
		finder_pagemap(d, &d->f->who[i]);
	if (d->t->pid && entries_gone(k.e, d->t->pid))
		d->f->gone = d->t->pid;
	free(k.at);
	return rc;
}
