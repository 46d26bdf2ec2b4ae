/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pte_find.c - the entries that were asked for: walked now, or from a snapshot. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/pte.h"
#include "probe/km.h"
#include "probe/machine.h"
#include "probe/maps.h"
#include "probe/src.h"

#define PAGE 4096ULL

struct finder {
	struct view *v;
	const struct pte_target *t;
	const struct machine *m;
	struct pte_found *f;
	struct km km;
	bool live;
	unsigned int flags; /* of km_walk() */
};

static int nomem(const struct finder *d)
{
	return cmd_fail_errno(d->v->c, "page table entries", ENOMEM, NULL);
}

static struct pte_who *add_who(struct finder *d, int pid)
{
	struct pte_found *f = d->f;
	struct pte_who *w = reallocarray(f->who, f->nwho + 1, sizeof(*w));

	if (!w)
		return NULL;
	f->who = w;
	w += f->nwho;
	*w = (struct pte_who){ .pid = pid, .from = f->list.n, .to = f->list.n };
	if (pte_names_load(d->m->src, pid, &w->names))
		return NULL;
	f->nwho++;
	return w;
}

static void walk_failed(struct finder *d, int pid, int err)
{
	const char *remedy, *why = km_walk_why(&d->km, err, &remedy);
	struct fact *fact = &d->f->fact;

	fact_missing(fact, NULL, KM_PATH, err, remedy);
	if (pid)
		snprintf(fact->why, sizeof(fact->why), "process %d: %s", pid, why);
	else
		snprintf(fact->why, sizeof(fact->why), "%s", why);
}

/* 0, or EXIT_FAILED. */
static int open_module(struct finder *d)
{
	if (km_open(&d->km, &d->f->fact))
		return 0;
	snprintf(d->f->reader, sizeof(d->f->reader), "wcdiag_km %s", d->km.version);
	d->f->levels = d->km.levels;
	d->f->upper = d->flags & KM_UPPER;
	return 0;
}

/* The range of the process or of the kernel that can be asked for. */
static int clip(const struct finder *d, uint64_t *start, uint64_t *end)
{
	const struct pte_target *t = d->t;

	*start = t->range ? t->start : 0;
	*end = t->range ? t->end : d->km.user_end;
	if (t->kernel)
		return *start >= d->km.kernel_start
			       ? 0
			       : cmd_fail(t->c, t->range, "not an address of the kernel",
					  "where a BAR is mapped: --bar SLOT:N; a process's address: --pid PID ADDR");
	if (*start >= d->km.user_end)
		return cmd_fail(t->c, t->range, "not an address of a process", "the kernel's: --kernel ADDR");
	*end = *end < d->km.user_end ? *end : d->km.user_end;
	return 0;
}

/* Device memory, and not what the kernel maps into every process by itself ("[vvar]"). */
static bool device(const struct pte_who *w, const struct pte_run *r)
{
	const struct pte_name *n = pte_names_at(&w->names, r->start);

	return (r->vma & (PTE_VMA_PFNMAP | PTE_VMA_MIXEDMAP | PTE_VMA_IO)) && !(n && *n->path == '[');
}

/* Of ordinary memory nobody wants to see where there is none, unless that place was asked for. */
static void drop_holes(struct finder *d, const struct pte_who *w)
{
	struct runs *l = &d->f->list;
	size_t n = 0;

	if (d->t->all || d->t->range)
		return;
	for (size_t i = 0; i < l->n; i++) {
		if (l->r[i].kind == PTE_NONE && !device(w, &l->r[i]))
			d->f->holes = true;
		else
			l->r[n++] = l->r[i];
	}
	l->n = n;
}

static void check(struct finder *d, struct pte_who *w)
{
	struct runs part = { .r = d->f->list.r + w->from, .n = w->to - w->from };

	if (!w->pid || !part.n)
		return;
	w->checked = true;
	pagemap_check(d->m->src, &d->km, w->pid, &part, &w->pagemap);
}

static int walk_one(struct finder *d)
{
	int pid = d->t->kernel ? 0 : d->t->pid, living = pid ? maps_living_thread(d->m->src, pid) : 0, rc;
	uint64_t start, end;
	struct pte_who *w;

	/* A process lives on in its threads when the main one has ended: they have the memory. */
	if (living)
		pid = living;
	rc = open_module(d);
	if (rc || d->f->fact.state != FACT_KNOWN)
		return rc;
	rc = clip(d, &start, &end);
	if (rc)
		return rc;
	w = add_who(d, pid);
	if (!w)
		return nomem(d);
	rc = km_walk(&d->km, pid, start, end, d->flags, &d->f->list);
	if (rc == -ENOMEM)
		return nomem(d);
	if (rc == -ESRCH)
		d->f->gone = d->t->pid;
	else if (rc)
		walk_failed(d, pid, -rc);
	w->to = d->f->list.n;
	if (!rc)
		check(d, w);
	drop_holes(d, w);
	w->to = d->f->list.n;
	return 0;
}

/* From a snapshot: what it holds of the process, or of the kernel. */
static int recorded_one(struct finder *d)
{
	const struct entries *e = &d->m->entries;
	int pid = d->t->kernel ? 0 : d->t->pid;
	uint64_t start = d->t->range ? d->t->start : 0, end = d->t->range ? d->t->end : UINT64_MAX;
	const struct pte_run *r;
	struct pte_who *w;
	size_t n;

	if (entries_gone(e, pid))
		d->f->gone = pid;
	w = add_who(d, pid);
	if (!w)
		return nomem(d);
	n = entries_of(e, pid, start, end, &r);
	for (size_t i = 0; i < n; i++)
		if (runs_push(&d->f->list, &r[i]))
			return nomem(d);
	w->to = d->f->list.n;
	return 0;
}

/* --- a BAR --- */

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
	uint64_t size = pte_size(r->level);

	if (!pte_leaf(r) || r->phys >= hi || run_phys_end(r) <= lo)
		return;
	if (r->phys < lo) {
		uint64_t off = lo - r->phys, frame = pte_frame_mask(r->level);
		uint64_t whole = off / size * size;

		/* The entry is that of the page that the part begins in. */
		r->raw = (r->raw & ~frame) | ((r->kind == PTE_PRESENT ? r->raw + whole : r->raw - whole) & frame);
		r->start += off;
		r->phys = lo;
		memset(r->upper, 0, sizeof(r->upper));
	}
	if (run_phys_end(r) > hi)
		r->end -= run_phys_end(r) - hi;
}

/* One marked run into the list; live, and where more is wanted than the list has, it is walked again. */
static int take_run(struct finder *d, struct pte_run r, uint64_t lo, uint64_t hi)
{
	struct pte_who *w = d->f->nwho ? &d->f->who[d->f->nwho - 1] : NULL;
	int rc = 0;

	if (!w || w->pid != r.pid)
		w = add_who(d, r.pid);
	if (!w)
		return nomem(d);
	cut(&r, lo, hi);
	if (d->live && d->km.fd >= 0 && (d->flags & (KM_UPPER | KM_EVERY)))
		rc = km_walk(&d->km, r.pid, r.start, r.end, d->flags, &d->f->list);
	else
		rc = runs_push(&d->f->list, &r);
	w->to = d->f->list.n;
	if (rc == -ENOMEM)
		return nomem(d);
	if (rc == -ESRCH)
		d->f->gone = r.pid;
	else if (rc)
		walk_failed(d, r.pid, -rc);
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
		return nomem(d);
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

static int find_bar(struct finder *d)
{
	struct marks k = { .e = &d->m->entries, .pid = d->t->pid };
	int dev = the_device(d), rc;
	struct fact again;

	if (dev < 0)
		return EXIT_FAILED;
	if (d->live && d->f->fact.state == FACT_KNOWN && !km_open(&d->km, &again))
		d->f->upper = d->flags & KM_UPPER;
	rc = find_on(d, dev, &k);
	for (size_t i = 0; i < d->f->nwho && !rc && d->km.fd >= 0; i++)
		check(d, &d->f->who[i]);
	if (d->t->pid && entries_gone(k.e, d->t->pid))
		d->f->gone = d->t->pid;
	free(k.at);
	return rc;
}

int pte_find(struct view *v, const struct pte_target *t, struct pte_found *out)
{
	struct finder d = { .v = v, .t = t, .m = v->m, .f = out, .km = { .fd = -1 }, .live = src_is_live(v->m->src) };
	bool bar = device_arg_given(&t->bar);
	int rc;

	*out = (struct pte_found){ 0 };
	d.flags = (v->json || v->o.verbose || t->table.list || t->table.everything ? KM_UPPER : 0) |
		  (t->every ? KM_EVERY : 0);
	if (d.live && !bar) {
		rc = walk_one(&d);
	} else {
		out->fact = v->m->entries.fact;
		out->levels = v->m->entries.levels;
		memcpy(out->reader, v->m->entries.reader, sizeof(out->reader));
		rc = bar ? find_bar(&d) : recorded_one(&d);
	}
	if (!rc && pte_index_make(v->m, &out->index))
		rc = nomem(&d);
	km_close(&d.km);
	return rc;
}

void pte_found_free(struct pte_found *f)
{
	for (size_t i = 0; i < f->nwho; i++)
		pte_names_free(&f->who[i].names);
	free(f->who);
	pte_index_free(&f->index);
	runs_free(&f->list);
	*f = (struct pte_found){ 0 };
}
