/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diff_over.c - what lies over one BAR: MTRRs by their effect, reservations, who claims it, the kernel's own mappings.
 *
 * All by offset in the BAR, and by name: an address or the order of registers is no difference.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diff_int.h"

#define SPANS  64
#define PIECES 4096
#define NAMES  256

struct range {
	uint64_t start, end;
};

static struct range range_of(const struct bar_judgement *b)
{
	struct range r = { 0, 0 };

	if (b && b->dev && b->bar >= 0) {
		const struct pci_bar *p = &b->dev->bar[b->bar];

		if (p->addr && p->addr + p->size > p->addr)
			r = (struct range){ p->addr, p->addr + p->size };
	}
	return r;
}

static void piece(struct diff_word *w, struct range r, uint64_t start, uint64_t end, const char *name)
{
	if (start <= r.start && end >= r.end)
		word_add(w, "%s", name);
	else
		word_add(w, "%s at +0x%" PRIx64 "-0x%" PRIx64, name, start - r.start, end - r.start);
}

/* Of one CPU; neighbours of equal type are one, whichever registers they come from. */
static void spans(struct diff_word *w, const struct mtrr *t, struct range r)
{
	struct mtrr_span s[SPANS];
	int n = mtrr_over(t, r.start, r.end, s, SPANS);

	word_begin(w);
	if (n < 0) {
		word_unknown(w, "too many parts");
		return;
	}
	for (int i = 0, k; i < n; i = k) {
		for (k = i + 1; k < n && s[k].type == s[i].type; k++)
			;
		piece(w, r, s[i].start, s[k - 1].end, mtype_name(s[i].type));
	}
	word_end(w);
}

static void mtrrs(struct diff_word *w, const struct machine *m, struct range r)
{
	struct diff_word first, other;

	if (m->mtrr_fact.state == FACT_ABSENT || !m->mtrr || !m->ndistinct) {
		word_set(w, "no MTRRs");
		return;
	}
	spans(&first, &m->mtrr[m->distinct[0]], r);
	*w = first;
	for (size_t i = 1; i < m->ndistinct && w->known; i++) {
		spans(&other, &m->mtrr[m->distinct[i]], r);
		if (other.known && other.hash == first.hash)
			continue;
		if (other.known)
			word_set(w, "%s on CPU %u, %s on CPU %u", first.text, m->msrs.cpu[m->distinct[0]], other.text,
				 m->msrs.cpu[m->distinct[i]]);
		else
			*w = other;
		return;
	}
}

struct pieces {
	struct range r;
	struct memtype *m;
	size_t n;
	bool more;
};

static int see_reserved(const struct memtype *t, void *arg)
{
	struct pieces *p = arg;

	if (p->n == PIECES) {
		p->more = true;
		return 1;
	}
	p->m[p->n] = *t;
	if (p->m[p->n].start < p->r.start)
		p->m[p->n].start = p->r.start;
	if (p->m[p->n].end > p->r.end)
		p->m[p->n].end = p->r.end;
	p->n++;
	return 0;
}

static int by_place(const void *a, const void *b)
{
	const struct memtype *x = a, *y = b;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->end > y->end) - (x->end < y->end);
}

/* By type, and what touches of one type is one: a driver that maps page by page reserves page by page. */
static int reserved(struct diff_word *w, const struct machine *m, struct range r)
{
	struct pieces p = { .r = r, .m = calloc(PIECES, sizeof(*p.m)) };

	if (!p.m)
		return -ENOMEM;
	memtype_overlaps(&m->memtype, r.start, r.end, see_reserved, &p);
	word_begin(w);
	qsort(p.m, p.n, sizeof(*p.m), by_place);
	for (size_t i = 0, k; i < p.n; i = k) {
		const char *name = mtype_kernel_name(p.m[i].type);
		uint64_t end = p.m[i].end;

		for (k = i + 1; k < p.n && p.m[k].type == p.m[i].type && p.m[k].start <= end; k++)
			if (p.m[k].end > end)
				end = p.m[k].end;
		piece(w, r, p.m[i].start, end, name ? name : "a type wcdiag does not know");
	}
	word_end(w);
	if (p.more)
		word_unknown(w, "more reservations than are compared");
	free(p.m);
	return 0;
}

static void claims(struct diff_word *w, const struct machine *m, const struct bar_judgement *b, struct range r)
{
	const struct iomem_res *c[NAMES];
	int n = iomem_claims(&m->iomem, b->dev->slot, r.start, r.end, c, NAMES);

	word_begin(w);
	if (n == -ENOENT) {
		word_unknown(w, "the BAR has no line in /proc/iomem");
		return;
	}
	for (int i = 0; i < n && i < NAMES; i++) {
		/* The device's own slot as the name says nothing, and changes with the bus. */
		if (strcmp(c[i]->name, b->dev->slot) != 0)
			word_add(w, "%s", c[i]->name);
	}
	word_end(w);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Names of the functions that ioremap'ed, without offsets: those change with every build. */
static int ioremaps(struct diff_work *k, struct diff_word *w, const struct machine *m, struct range r)
{
	char(*name)[160] = calloc(NAMES, sizeof(*name));
	size_t n = 0;
	bool more = false;

	if (!name)
		return -ENOMEM;
	for (size_t i = 0; i < m->ioremaps.n && m->ioremaps.r[i].start < r.end; i++) {
		const struct ioremap *o = &m->ioremaps.r[i];

		if (n == NAMES || !diff_spend(k)) {
			more = true;
			break;
		}
		if (o->end <= r.start)
			continue;
		snprintf(name[n++], sizeof(*name), "%.*s%s%s%s", (int)strcspn(o->caller, "+"), o->caller,
			 *o->module ? " [" : "", o->module, *o->module ? "]" : "");
	}
	qsort(name, n, sizeof(*name), by_text);
	word_begin(w);
	for (size_t i = 0; i < n; i++)
		if (!i || strcmp(name[i], name[i - 1]) != 0)
			word_add(w, "%s", name[i]);
	word_end(w);
	if (more)
		word_unknown(w, "more mappings than are compared");
	free(name);
	return 0;
}

void diff_over(struct diff_work *w, const struct bar_judgement *a, const struct bar_judgement *b)
{
	const struct machine *ma = w->d->a.m, *mb = w->d->b.m;
	struct range ra = range_of(a), rb = range_of(b);
	struct diff_word x, y;
	int rc = 0;

	/* Without an address nothing can lie over it, and that it has none is told by itself. */
	if (!ra.end || !rb.end)
		return;
	if (diff_both(w, F_MTRR)) {
		mtrrs(&x, ma, ra);
		mtrrs(&y, mb, rb);
		diff_note(w, DIFF_MTRR, NULL, &x, &y);
	}
	if (diff_both(w, F_IOMEM)) {
		claims(&x, ma, a, ra);
		claims(&y, mb, b, rb);
		diff_note(w, DIFF_CLAIM, NULL, &x, &y);
	}
	if (diff_both(w, F_LIST)) {
		rc = reserved(&x, ma, ra);
		rc = rc ? rc : reserved(&y, mb, rb);
		if (!rc)
			diff_note(w, DIFF_RESERVED, NULL, &x, &y);
	}
	if (!rc && diff_both(w, F_VMALLOC)) {
		rc = ioremaps(w, &x, ma, ra);
		rc = rc ? rc : ioremaps(w, &y, mb, rb);
		if (!rc)
			diff_note(w, DIFF_HOLDER, NULL, &x, &y);
	}
	if (rc)
		w->err = rc;
}
