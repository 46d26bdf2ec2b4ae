// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * report_map.c - the address map of a BAR: what the MTRRs say, what the kernel reserved, who maps what with which type,
 * one below the other, to one scale; and the same as a table.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/report.h"
#include "cmd/text.h"
#include "probe/machine.h"
#include "probe/pte_words.h"
#include "probe/rule.h"
#include "probe/vmalloc.h"

#define LANES	  24 /* pictures: more are in the table only */
#define CPUS	  4
#define SPANS	  128
#define LANE_STEP 28
#define TOP	  44
#define LABEL	  26 /* letters */

enum kind { IS_MTRR, IS_RESERVED, IS_KERNEL, IS_USER };

struct bar_part {
	uint64_t start, end; /* in the BAR; equal: where it lies is not known */
	const char *cls;
	char type[64];
};

struct lane {
	enum kind kind;
	char label[240];
	size_t first, n; /* of parts */
};

struct map_view {
	uint64_t start, end;
	struct bar_part *part;
	size_t n, more;
	struct lane lane[LANES];
	size_t nlane, more_lanes;
	uint64_t edge[SPANS];
	size_t nedge;
};

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

static double x_of(const struct map_view *v, uint64_t addr)
{
	return SVG_LEFT + (double)(SVG_WIDTH - SVG_LEFT - 8) * (double)(addr - v->start) / (double)(v->end - v->start);
}

/* The label where it has room; whole it stands in the table. */
static void label(struct page *p, const struct lane *l, double y)
{
	char buf[LABEL + 8];

	if (strlen(l->label) <= LABEL)
		snprintf(buf, sizeof(buf), "%s", l->label);
	else
		snprintf(buf, sizeof(buf), "%.*s...", LABEL - 3, l->label);
	page_svg_text(p, "start", 0, y, "%s", buf);
}

static void axis(struct page *p, const struct map_view *v, double bottom)
{
	page_svg_text(p, "start", 0, 16, "address");
	for (int i = 0; i <= 2; i++) {
		uint64_t at = i == 2 ? v->end : v->start + (v->end - v->start) / 2 * (uint64_t)i;

		page_svg_text(p, i == 0 ? "start" : i == 1 ? "middle" : "end", x_of(v, at), 16, "0x%" PRIx64, at);
		page_svg_line(p, "tick", x_of(v, at), 22, x_of(v, at), 34);
	}
	page_svg_line(p, "tick", SVG_LEFT, 28, SVG_WIDTH - 8, 28);
	for (size_t i = 0; i < v->nedge; i++)
		page_svg_line(p, "edge", x_of(v, v->edge[i]), 34, x_of(v, v->edge[i]), bottom);
}

/* A single page of a large BAR is drawn as wide as can be seen. */
static void draw(struct page *p, const struct map_view *v)
{
	for (size_t i = 0; i < v->nlane; i++) {
		const struct lane *l = &v->lane[i];
		double y = TOP + (double)(i * LANE_STEP);

		label(p, l, y + 15);
		for (size_t k = l->first; k < l->first + l->n; k++) {
			const struct bar_part *x = &v->part[k];
			double at, width;

			if (x->start == x->end) {
				page_svg_text(p, "start", SVG_LEFT + 4, y + 15, "%s", x->type);
				continue;
			}
			at = x_of(v, x->start);
			width = x_of(v, x->end) - at;
			page_box(p, x->cls, width < 3 && at > SVG_WIDTH - 12 ? SVG_WIDTH - 11 : at, y,
				 width < 3 ? 3 : width, LANE_STEP - 6, x->type);
		}
	}
	axis(p, v, TOP + (double)(v->nlane * LANE_STEP));
}

static const char *kind_name(enum kind k)
{
	static const char *const name[] = {
		[IS_MTRR] = "MTRR", [IS_RESERVED] = "reservation", [IS_KERNEL] = "kernel mapping", [IS_USER] = "process"
	};

	return name[k];
}

static void as_table(struct page *p, const struct map_view *v)
{
	static const char *const column[] = { "What", "Who", "From", "To (exclusive)", "Size", "Type", NULL };
	char size[32];

	page_fold(p, "The map as a table");
	page_table(p, "What lies where in this BAR", column);
	for (size_t i = 0; i < v->nlane; i++)
		for (size_t k = v->lane[i].first; k < v->lane[i].first + v->lane[i].n; k++) {
			const struct bar_part *x = &v->part[k];
			bool placed = x->start < x->end;

			page_row(p, "%s", kind_name(v->lane[i].kind));
			page_cell(p, "%s", v->lane[i].kind == IS_RESERVED ? "" : v->lane[i].label);
			page_cell(p, placed ? "0x%" PRIx64 : "not known", x->start);
			page_cell(p, placed ? "0x%" PRIx64 : "not known", x->end);
			page_cell(p, "%s", placed ? human_size(x->end - x->start, size, sizeof(size)) : "");
			page_cell(p, "%s", x->type);
			page_row_end(p);
		}
	page_table_end(p);
	page_fold_end(p);
}

static void describe(struct page *p, const struct map_view *v)
{
	for (size_t i = 0; i < v->nlane; i++) {
		const struct lane *l = &v->lane[i];

		html_text(&p->h, "%s%s:", i ? " " : "", l->label);
		for (size_t k = l->first; k < l->first + l->n && k < l->first + 8; k++) {
			const struct bar_part *x = &v->part[k];

			if (x->start < x->end)
				html_text(&p->h, "%s 0x%" PRIx64 " to 0x%" PRIx64 " %s", k > l->first ? "," : "",
					  x->start, x->end, x->type);
			else
				html_text(&p->h, " %s", x->type);
		}
		html_text(&p->h, l->n > 8 ? ", and %zu more." : ".", l->n - 8);
	}
}

/* What is too narrow for its word has its colour. */
static void colours(struct page *p, double y)
{
	static const struct {
		const char *cls, *word;
	} row[] = {
		{ "wc", "WC" },
		{ "ucm", "UC-" },
		{ "uc", "UC" },
		{ "wb", "WB, WT, WP" },
		{ "mix", "other, or differs" },
		{ "none", "not known" },
	};
	double x = SVG_LEFT;

	page_svg_text(p, "start", 0, y + 13, "colours");
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		page_box(p, row[i].cls, x, y, 18, 16, NULL);
		page_svg_text(p, "start", x + 23, y + 13, "%s", row[i].word);
		x += 44 + 6.6 * (double)strlen(row[i].word);
	}
}

static void show(struct page *p, const struct map_view *v, const struct bar_judgement *b, size_t at)
{
	char name[32], title[96];

	snprintf(name, sizeof(name), "map-%zu", at);
	snprintf(title, sizeof(title), "Address map of %s BAR %d", b->dev->slot, b->bar);
	page_svg(p, name, (unsigned int)(TOP + (v->nlane + 1) * LANE_STEP), title);
	describe(p, v);
	page_svg_described(p);
	draw(p, v);
	colours(p, TOP + (double)(v->nlane * LANE_STEP) + 6);
	page_svg_end(p);
	html_open(&p->h, "figcaption");
	html_text(
		&p->h,
		"A row for what the MTRRs say, one or more for what the kernel reserved, one for each mapping with the "
		"types of its entries. Dashed lines: where another MTRR begins. To scale, but nothing is drawn too "
		"narrow to be seen.");
	html_close(&p->h);
	html_close(&p->h);
	html_line(&p->h);
	if (v->more || v->more_lanes)
		html_put(&p->h, "p", "Not shown: %zu rows, %zu ranges; wcdiag memtype, mtrr and pte list them.",
			 v->more_lanes, v->more);
	as_table(p, v);
}

void page_map(struct page *p, const struct bar_judgement *b, size_t at)
{
	const struct pci_bar *x = &b->dev->bar[b->bar];
	static struct map_view v;

	html_put(&p->h, "h3", "Address map");
	if (!x->size || !x->addr || x->addr + x->size < x->addr) {
		html_put(&p->h, "p", "The BAR has no place in the address space: there is nothing to draw.");
		return;
	}
	v = (struct map_view){ .start = x->addr, .end = x->addr + x->size, .part = calloc(PAGE_ROWS, sizeof(*v.part)) };
	if (!v.part) {
		p->h.err = p->h.err ? p->h.err : -ENOMEM;
		return;
	}
	mtrrs(&v, p->r.m);
	reservations(&v, p->r.m);
	mappings(&v, p->r.m, b);
	show(p, &v, b, at);
	free(v.part);
}
