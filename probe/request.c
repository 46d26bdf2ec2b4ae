/* SPDX-License-Identifier: GPL-2.0-or-later */
/* request.c - requests for WC over a BAR, whether they still stand, and who holds a reservation. */
#include "request.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "rule.h"

#define PAGE	     4096ULL
#define MAX_REQUESTS 256  /* from the log */
#define MAX_MAPPED   4096 /* from mappings */

static bool overlap(uint64_t a0, uint64_t a1, uint64_t b0, uint64_t b1)
{
	return a0 < b1 && b0 < a1;
}

struct exact {
	uint64_t start, end;
	enum mtype type;
	size_t n;
};

static int count_exact(const struct memtype *t, void *arg)
{
	struct exact *x = arg;

	x->n += t->start == x->start && t->end == x->end && t->type == x->type;
	return 0;
}

/* Processes whose mapping of exactly this range asked for WC / for something else. */
static size_t exact_maps(const struct machine *m, uint64_t start, uint64_t end, bool wc)
{
	size_t n = 0;

	for (size_t i = 0; i < m->maps.n; i++) {
		const struct map *p = &m->maps.m[i];

		if (p->phys_known && p->phys == start && map_phys_end(p) == end)
			n += (p->kind == MAP_SYSFS_WC) == wc;
	}
	return n;
}

static size_t exact_ioremaps(const struct machine *m, uint64_t start, uint64_t end)
{
	size_t n = 0;

	for (size_t i = 0; i < m->ioremaps.n; i++)
		n += m->ioremaps.r[i].start == start && m->ioremaps.r[i].end == end;
	return n;
}

static int share_edge(const struct memtype *t, void *arg)
{
	const struct klog_event *e = arg;

	return t->type == e->ret && (t->start == e->start || t->end == e->end) && t->start >= e->start &&
	       t->end <= e->end;
}

/* Was a part of it released, and is the rest still listed? Unmapping the tail of a mapping shrinks its reservation. */
static bool partly_freed(const struct machine *m, size_t i)
{
	struct klog_event e = m->klog.ev[i];

	for (size_t k = i + 1; k < m->klog.n; k++) {
		const struct klog_event *f = &m->klog.ev[k];

		if ((f->kind == KLOG_FREED || f->kind == KLOG_FREE_INVALID) && f->start >= e.start && f->end <= e.end &&
		    (f->start != e.start || f->end != e.end))
			return memtype_overlaps(&m->memtype, e.start, e.end, share_edge, &e);
	}
	return false;
}

/*
 * A downgrade at event i: does its reservation still stand? With debugpat every reservation and every release is
 * logged, so count those of exactly this range from there on. A release does not say which of several equal
 * reservations it ended; then those who are known to hold one decide, and if they do not either the answer is "unsure".
 */
static enum stands event_stands(const struct machine *m, size_t i)
{
	const struct klog_event *e = &m->klog.ev[i];
	struct exact x = { e->start, e->end, e->ret, 0 };
	size_t others, frees = 0;

	if (m->memtype.fact.state != FACT_KNOWN)
		return REQUEST_UNSURE;
	memtype_overlaps(&m->memtype, e->start, e->end, count_exact, &x);
	if (!x.n)
		return partly_freed(m, i) ? REQUEST_UNSURE : REQUEST_GONE;
	for (size_t k = i + 1; k < m->klog.n; k++)
		frees += m->klog.ev[k].kind == KLOG_FREED && m->klog.ev[k].start == e->start &&
			 m->klog.ev[k].end == e->end;
	if (!frees)
		return REQUEST_STANDS;
	if (exact_maps(m, e->start, e->end, true))
		return REQUEST_STANDS;
	if (m->maps.fact.state != FACT_KNOWN || m->ioremaps.fact.state != FACT_KNOWN)
		return REQUEST_UNSURE;
	/* Since 6.16 parent and child share one reservation: holders cannot be counted against it any more. */
	if (!m->host.kver || m->host.kver >= KVER(6, 16))
		return REQUEST_UNSURE;
	others = exact_maps(m, e->start, e->end, false) + exact_ioremaps(m, e->start, e->end);
	return others >= x.n ? REQUEST_GONE : REQUEST_UNSURE;
}

static int add(struct judge_ctx *c, struct request r)
{
	struct request *p;

	if (!(c->nreq & (c->nreq - 1))) {
		p = realloc(c->req, (c->nreq ? c->nreq * 2 : 1) * sizeof(*p));
		if (!p)
			return -ENOMEM;
		c->req = p;
	}
	c->req[c->nreq++] = r;
	return 0;
}

int requests_find(struct judge_ctx *c)
{
	const struct machine *m = c->m;
	size_t logged = 0;
	int rc = 0;

	if (c->start >= c->end)
		return 0;
	for (size_t i = 0; i < m->maps.n && !rc; i++) {
		const struct map *p = &m->maps.m[i];

		if (c->nreq >= MAX_MAPPED) {
			c->more_requests = true;
			break;
		}

		if (p->kind == MAP_SYSFS_WC && p->phys_known && overlap(p->phys, map_phys_end(p), c->start, c->end))
			rc = add(c, (struct request){ p->phys, map_phys_end(p), p, NULL, REQUEST_STANDS });
	}
	for (size_t i = 0; i < m->klog.n && !rc; i++) {
		const struct klog_event *e = &m->klog.ev[i];

		if (logged >= MAX_REQUESTS) { /* a hostile log shall not cost more; what was passed over is said */
			c->more_requests = true;
			break;
		}
		if (e->kind != KLOG_RESERVED || e->req != MT_WC || e->ret == MT_WC ||
		    !overlap(e->start, e->end, c->start, c->end))
			continue;
		/* A ring full of the same line is one request: the last tells how it stands. */
		for (size_t k = 0; k < c->nreq; k++)
			if (c->req[k].ev && c->req[k].start == e->start && c->req[k].end == e->end &&
			    c->req[k].ev->ret == e->ret) {
				c->req[k].ev = e;
				goto next;
			}
		rc = add(c, (struct request){ e->start, e->end, NULL, e, REQUEST_UNSURE });
		logged++;
	next:;
	}
	for (size_t k = 0; k < c->nreq; k++)
		if (c->req[k].ev)
			c->req[k].stands = event_stands(m, (size_t)(c->req[k].ev - m->klog.ev));
	return rc;
}

void requests_free(struct judge_ctx *c)
{
	free(c->req);
	c->req = NULL;
	c->nreq = 0;
}

/*
 * How well does a candidate fit a reservation? The exact range is the holder's own; a part of it is a guess worth
 * naming. A process that asked for WC is the victim of another type rather than its cause, so anybody else fits better.
 */
static int fit(const struct memtype *t, uint64_t start, uint64_t end, bool victim)
{
	if (t->start == start && t->end == end)
		return victim ? 3 : 4;
	if (!overlap(t->start, t->end, start, end))
		return 0;
	return victim ? 1 : 2;
}

#define EXACT 3

struct holders {
	char *buf;
	size_t len, at, exact;
	int best;
};

/* Is this fit worth a name? A better one replaces what was found so far, an equal one joins it. */
static bool take(struct holders *h, int f, bool *first)
{
	h->exact += f >= EXACT;
	if (!f || f < h->best)
		return false;
	*first = f > h->best;
	if (*first)
		h->at = 0;
	h->best = f;
	return true;
}

static void name_holder(struct holders *h, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void name_holder(struct holders *h, const char *fmt, ...)
{
	va_list ap;

	if (h->at && h->at < h->len)
		h->at += (size_t)snprintf(h->buf + h->at, h->len - h->at, ", ");
	if (h->at >= h->len)
		return;
	va_start(ap, fmt);
	h->at += (size_t)vsnprintf(h->buf + h->at, h->len - h->at, fmt, ap);
	va_end(ap);
}

/* Nobody is seen to hold it, but a driver's node of that device is mapped, and what it maps maps does not show. */
static void perhaps_node(const struct judge_ctx *c, const struct memtype *t, char *buf, size_t len)
{
	const struct machine *m = c->m;

	for (size_t i = 0; i < m->maps.n; i++) {
		const struct map *p = &m->maps.m[i];

		if (p->phys_known || p->dev < 0 || (size_t)p->dev >= m->pci.n)
			continue;
		for (int b = 0; b < 6; b++) {
			const struct pci_bar *x = &m->pci.dev[p->dev].bar[b];

			if (!x->size || !overlap(x->addr, x->addr + x->size, t->start, t->end))
				continue;
			snprintf(buf, len, "nobody visible; perhaps process %d (%s) through %s", p->pid, p->comm,
				 p->path);
			return;
		}
	}
}

/* The mapping's entries were read, and none of them is of the reservation's type: then it is not the one that holds it.
 */
static bool entries_deny(const struct judge_ctx *c, const struct map *p, const struct memtype *t)
{
	const struct bar_map *v = bar_map_of(&c->maps, p);

	if (!v || !v->npiece)
		return false;
	for (size_t i = 0; i < v->npiece; i++)
		if (machine_entry_type(c->m, 0, v->piece[i].slot) == t->type ||
		    machine_entry_type(c->m, 0, v->piece[i].slot) == MT_UNKNOWN)
			return false;
	return true;
}

size_t holder_of(const struct judge_ctx *c, const struct memtype *t, const struct map *skip, char *buf, size_t len,
		 const struct map **map)
{
	struct holders h = { .buf = buf, .len = len };
	const struct machine *m = c->m;
	bool first;

	*map = NULL;
	snprintf(buf, len, "nobody visible");
	for (size_t i = 0; i < m->ioremaps.n; i++) {
		const struct ioremap *r = &m->ioremaps.r[i];

		if (take(&h, fit(t, r->start, r->end, false), &first))
			name_holder(&h, "kernel ioremap by %s%s%s%s", r->caller, *r->module ? " [" : "", r->module,
				    *r->module ? "]" : "");
	}
	for (size_t i = 0; i < m->maps.n; i++) {
		const struct map *p = &m->maps.m[i];
		bool victim = t->type != MT_WC && p->kind == MAP_SYSFS_WC;

		/* Who looks for the cause of one victim's trouble is not helped by the name of another. */
		if (p == skip || !p->phys_known || (victim && skip) || entries_deny(c, p, t))
			continue;
		if (!take(&h, fit(t, p->phys, (map_phys_end(p) + PAGE - 1) & ~(PAGE - 1), victim), &first))
			continue;
		name_holder(&h, "process %d (%s) through %s", p->pid, p->comm, p->path);
		if (first)
			*map = p;
	}
	if (!h.best)
		perhaps_node(c, t, buf, len);
	return h.best ? (h.exact ? h.exact : 1) : 0;
}
