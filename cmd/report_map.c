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
#include "cmd/report_map.h"
#include "cmd/text.h"
#include "probe/pci.h"

#define LANE_STEP 28
#define TOP	  44
#define LABEL	  26 /* letters */

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
	map_take(&v, p->r.m, b);
	show(p, &v, b, at);
	free(v.part);
}
