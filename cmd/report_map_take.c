// SPDX-License-Identifier: GPL-2.0-or-later
/* report_map_take.c - the rows of a BAR's address map: what the MTRRs say, what is reserved, who maps what. */
#include <stdio.h>
#include <string.h>

#include "cmd/report.h"
#include "cmd/report_map.h"
#include "probe/machine.h"
#include "probe/pte_words.h"

#define CPUS 4 /* with MTRRs of their own */

static struct lane *new_lane(struct map_view *v, enum kind kind)
{
	struct lane *l;

	if (v->nlane == LANES) {
		v->more_lanes++;
		return NULL;
	}
	l = &v->lane[v->nlane++];
	*l = (struct lane){ .kind = kind, .first = v->n };
	return l;
}

/* Parts of a lane stand together: to the last one only. */
static void add(struct map_view *v, struct lane *l, uint64_t start, uint64_t end, const char *cls, const char *type)
{
	struct bar_part *x = &v->part[v->n];

	if (!l)
		return;
	if (v->n == PAGE_ROWS) {
		v->more++;
		return;
	}
	*x = (struct bar_part){ .cls = cls };
	if (start < v->end && end > v->start) {
		x->start = start > v->start ? start : v->start;
		x->end = end < v->end ? end : v->end;
	}
	snprintf(x->type, sizeof(x->type), "%s", type);
	v->n++;
	l->n++;
}

static void mtrr_edge(struct map_view *v, uint64_t at)
{
	for (size_t i = 0; i < v->nedge; i++)
		if (v->edge[i] == at)
			return;
	if (v->nedge < SPANS)
		v->edge[v->nedge++] = at;
}

static void add_mtrr(struct map_view *v, const struct machine *m, size_t cpu)
{
	static struct mtrr_span span[SPANS];
	struct lane *l = new_lane(v, IS_MTRR);
	int n;

	if (!l)
		return;
	if (m->ndistinct > 1)
		snprintf(l->label, sizeof(l->label), "MTRRs of CPU %u", m->msrs.cpu[cpu]);
	else
		snprintf(l->label, sizeof(l->label), "MTRRs");
	n = m->mtrr[cpu].present ? mtrr_over(&m->mtrr[cpu], v->start, v->end, span, SPANS) : 0;
	if (n <= 0)
		add(v, l, v->start, v->end, "none", n ? "too many ranges to draw" : "not read");
	for (int i = 0; i < n; i++) {
		char type[64];

		snprintf(type, sizeof(type), "%s, %s", mtype_name(span[i].type), mtrr_origin_name(span[i].origin));
		add(v, l, span[i].start, span[i].end, page_type_class(span[i].type), type);
		if (i)
			mtrr_edge(v, span[i].start);
	}
}

static void mtrrs(struct map_view *v, const struct machine *m)
{
	struct lane *l;

	for (size_t k = 0; m->mtrr && k < m->ndistinct && k < CPUS; k++)
		add_mtrr(v, m, m->distinct[k]);
	if (m->mtrr && m->ndistinct > CPUS)
		v->more_lanes += m->ndistinct - CPUS;
	if (m->mtrr && m->ndistinct)
		return;
	l = new_lane(v, IS_MTRR);
	if (l)
		snprintf(l->label, sizeof(l->label), "MTRRs");
	add(v, l, v->start, v->end, "none", m->mtrr_fact.state == FACT_ABSENT ? "this CPU has none" : "not read");
}

/* Those that lie over one another are drawn below one another. */
struct reserving {
	struct map_view *v;
	const struct memtype *m[PAGE_ROWS];
	size_t n, more;
};

static int keep(const struct memtype *m, void *arg)
{
	struct reserving *r = arg;

	if (r->n < PAGE_ROWS)
		r->m[r->n++] = m;
	else
		r->more++;
	return 0;
}

static void reservations(struct map_view *v, const struct machine *m)
{
	static struct reserving r;
	bool done[PAGE_ROWS] = { false };
	size_t left;

	r = (struct reserving){ .v = v };
	if (fact_lacks(&m->memtype.fact) || m->memtype.fact.state == FACT_ABSENT) {
		struct lane *l = new_lane(v, IS_RESERVED);

		if (l)
			snprintf(l->label, sizeof(l->label), "reserved");
		add(v, l, v->start, v->end, "none",
		    m->memtype.fact.state == FACT_ABSENT ? "this kernel keeps no list" : "the list was not read");
		return;
	}
	memtype_overlaps(&m->memtype, v->start, v->end, keep, &r);
	v->more += r.more;
	for (left = r.n; left;) {
		struct lane *l = new_lane(v, IS_RESERVED);
		uint64_t end = 0;

		if (!l)
			break;
		snprintf(l->label, sizeof(l->label), "reserved");
		for (size_t i = 0; i < r.n; i++) {
			if (done[i] || r.m[i]->start < end)
				continue;
			done[i] = true;
			left--;
			end = r.m[i]->end;
			add(v, l, r.m[i]->start, end, page_type_class(r.m[i]->type), mtype_name(r.m[i]->type));
		}
	}
	v->more += left;
	if (!r.n) {
		struct lane *l = new_lane(v, IS_RESERVED);

		if (l)
			snprintf(l->label, sizeof(l->label), "reserved");
		add(v, l, v->start, v->end, "paper", "nothing");
	}
}

/* Where CPUs disagree there is no one type. */
static const char *class_of_words(const char *words)
{
	for (int t = 0; t < MT_COUNT; t++)
		if (!strcmp(words, mtype_name((enum mtype)t)))
			return page_type_class((enum mtype)t);
	return "mix";
}

static void one_mapping(struct map_view *v, const struct machine *m, const struct bar_map *b)
{
	struct lane *l = new_lane(v, b->map ? IS_USER : IS_KERNEL);

	if (!l)
		return;
	if (b->map)
		snprintf(l->label, sizeof(l->label), "%d %s", b->pid, b->map->comm);
	else
		kernel_words(b, l->label, sizeof(l->label));
	for (size_t i = 0; b->read && i < b->npiece; i++) {
		const struct bar_piece *x = &b->piece[i];
		char words[64];

		machine_entry_words(m, true, x->slot, x->phys, x->phys + x->len, words, sizeof(words));
		add(v, l, x->phys, x->phys + x->len, class_of_words(words), words);
	}
	if (l->n)
		return;
	if (b->map && b->map->phys_known)
		add(v, l, b->map->phys, map_phys_end(b->map), "none", b->read ? "no entry" : "entry not read");
	else if (b->io)
		add(v, l, b->io->start, b->io->end, "none", b->read ? "no entry" : "entry not read");
	else
		add(v, l, 0, 0, "none", b->read ? "no entry of this BAR" : "where in the BAR: not known");
}

/* Mapped through a node of this device's driver, which does not tell which of its BARs. */
static void unplaced(struct map_view *v, const struct machine *m, const struct bar_judgement *b)
{
	for (size_t i = 0; i < m->maps.n; i++) {
		const struct map *x = &m->maps.m[i];
		struct lane *l;

		if (x->phys_known || x->dev != (int)(b->dev - m->pci.dev) || (x->bar >= 0 && x->bar != b->bar) ||
		    bar_map_of(&b->maps, x))
			continue;
		l = new_lane(v, IS_USER);
		if (l)
			snprintf(l->label, sizeof(l->label), "%d %s", x->pid, x->comm);
		add(v, l, 0, 0, "none", "maps the device: whether this BAR, and where, is not known");
	}
}

static void mappings(struct map_view *v, const struct machine *m, const struct bar_judgement *b)
{
	bool kernel = false;

	for (size_t i = 0; i < b->maps.n; i++) {
		kernel = kernel || !b->maps.m[i].map;
		one_mapping(v, m, &b->maps.m[i]);
	}
	/* What the kernel maps stands in vmallocinfo, too, though not with which type. */
	for (size_t i = 0; !kernel && i < m->ioremaps.n; i++) {
		const struct ioremap *r = &m->ioremaps.r[i];
		struct lane *l = r->start < v->end && r->end > v->start ? new_lane(v, IS_KERNEL) : NULL;

		if (!l)
			continue;
		snprintf(l->label, sizeof(l->label), "kernel ioremap by %s%s%s%s", r->caller, *r->module ? " [" : "",
			 r->module, *r->module ? "]" : "");
		add(v, l, r->start, r->end, "none", "entry not read");
	}
}

void map_take(struct map_view *v, const struct machine *m, const struct bar_judgement *b)
{
	mtrrs(v, m);
	reservations(v, m);
	mappings(v, m, b);
	unplaced(v, m, b);
}
