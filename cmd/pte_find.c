/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pte_find.c - the entries that were asked for: walked now, or from a snapshot. A BAR's: pte_find_bar.c. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/pte_find.h"
#include "probe/machine.h"
#include "probe/maps.h"
#include "probe/runs_compare.h"
#include "probe/src.h"

int finder_nomem(const struct finder *d)
{
	return cmd_fail_errno(d->v->c, "page table entries", ENOMEM, NULL);
}

struct pte_who *finder_who(struct finder *d, int pid)
{
	struct pte_found *f = d->f;
	struct pte_who *w = reallocarray(f->who, f->nwho + 1, sizeof(*w));

	if (!w)
		return NULL;
	f->who = w;
	w += f->nwho;
	*w = (struct pte_who){ .pid = pid, .from = f->list.n, .to = f->list.n };
	f->nwho++; /* whatever its names hold is freed with it */
	return pte_names_load(d->m->src, pid, &w->names) ? NULL : w;
}

void finder_walk_failed(struct finder *d, int pid, int err)
{
	const char *remedy, *why = reader_why(&d->reader, err, &remedy);
	struct fact *fact = &d->f->fact;

	fact_missing(fact, NULL, d->reader.where, err, remedy);
	if (pid)
		snprintf(fact->why, sizeof(fact->why), "process %d: %s", pid, why);
	else
		snprintf(fact->why, sizeof(fact->why), "%s", why);
}

static void open_reader(struct finder *d)
{
	if (reader_open(&d->reader, READER_ANY, &d->f->fact))
		return;
	memcpy(d->f->reader, d->reader.name, sizeof(d->f->reader));
	d->f->levels = d->reader.levels;
	d->f->upper = d->flags & KM_UPPER;
}

/* The range of the process or of the kernel that can be asked for. */
static int clip(const struct finder *d, uint64_t *start, uint64_t *end)
{
	const struct pte_target *t = d->t;

	*start = t->range ? t->start : 0;
	*end = t->range ? t->end : d->reader.user_end;
	if (t->kernel)
		return *start >= d->reader.kernel_start
			       ? 0
			       : cmd_fail(t->c, t->range, "not an address of the kernel",
					  "where a BAR is mapped: --bar SLOT:N; a process's address: --pid PID ADDR");
	if (*start >= d->reader.user_end)
		return cmd_fail(t->c, t->range, "not an address of a process", "the kernel's: --kernel ADDR");
	*end = *end < d->reader.user_end ? *end : d->reader.user_end;
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

void finder_pagemap(struct finder *d, struct pte_who *w)
{
	struct runs part = { .r = d->f->list.r + w->from, .n = w->to - w->from };

	if (!w->pid || !part.n)
		return;
	w->checked = true;
	pagemap_check(d->m->src, &d->reader, w->pid, &part, &w->pagemap);
}

static int walk_one(struct finder *d)
{
	int pid = d->t->kernel ? 0 : d->t->pid, living = pid ? maps_living_thread(d->m->src, pid) : 0, rc;
	uint64_t start, end;
	struct pte_who *w;

	/* A process lives on in its threads when the main one has ended: they have the memory. */
	if (living)
		pid = living;
	open_reader(d);
	if (d->f->fact.state != FACT_KNOWN)
		return 0;
	rc = clip(d, &start, &end);
	if (rc)
		return rc;
	w = finder_who(d, pid);
	if (!w)
		return finder_nomem(d);
	rc = reader_walk(&d->reader, pid, start, end, d->flags, &d->f->list);
	if (rc == -ENOMEM)
		return finder_nomem(d);
	if (rc == -ESRCH)
		d->f->gone = d->t->pid;
	else if (rc)
		finder_walk_failed(d, pid, -rc);
	w->to = d->f->list.n;
	if (!rc)
		finder_pagemap(d, w);
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
	w = finder_who(d, pid);
	if (!w)
		return finder_nomem(d);
	n = entries_of(e, pid, start, end, &r);
	for (size_t i = 0; i < n; i++) {
		struct pte_run part = r[i];

		if (part.start < start)
			run_skip(&part, start - part.start);
		part.end = part.end < end ? part.end : end;
		if (runs_push(&d->f->list, &part))
			return finder_nomem(d);
	}
	w->to = d->f->list.n;
	return 0;
}

int pte_find(struct view *v, const struct pte_target *t, struct pte_found *out)
{
	struct finder d = { .v = v, .t = t, .m = v->m, .f = out, .reader = READER_NONE, .live = src_is_live(v->m->src) };
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
		rc = finder_nomem(&d);
	reader_close(&d.reader);
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
