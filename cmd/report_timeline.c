// SPDX-License-Identifier: GPL-2.0-or-later
/* report_timeline.c - a message in time: which line is open from which store on, what closes it, and the TLPs that
 * leave. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/report.h"

#define ROWS	 16 /* lines drawn */
#define ROW_STEP 26
#define TOP	 36
#define MARKS	 48 /* what closes buffers: lines drawn */

struct time_view {
	const struct message_pattern *m;
	uint64_t line[ROWS];
	size_t nline, left; /* left: TLPs of lines for which there is no row */
};

static int row_of(struct time_view *v, uint64_t line)
{
	for (size_t i = 0; i < v->nline; i++)
		if (v->line[i] == line)
			return (int)i;
	if (v->nline == ROWS)
		return -1;
	v->line[v->nline] = line;
	return (int)v->nline++;
}

static double x_of(const struct message_pattern *m, double event)
{
	return SVG_LEFT + (SVG_WIDTH - SVG_LEFT - 8.0) * event / (double)(m->n + 1);
}

static const char *class_of(const struct model_tlp *t)
{
	switch (t->reason) {
	case MR_FULL:
		return "wc";
	case MR_DIRECT:
		return "wb";
	case MR_END:
		return "none";
	default:
		return "uc";
	}
}

/* Behind the store that filled it or pushed it out; at the line of what flushed it. */
static double left_at(const struct message_pattern *m, const struct model_tlp *t)
{
	if (t->reason == MR_END || t->by >= m->n)
		return (double)m->n + 1;
	return t->by > t->last && m->e[t->by].e.kind != ME_STORE ? (double)t->by + 0.5 : (double)t->by + 1;
}

/* One departure of a line, from its first store to what made it leave. */
static void departure(struct page *p, struct time_view *v, const struct model_tlp *t)
{
	int row = row_of(v, t->line);
	double from, to;
	char word[48];

	if (row < 0) {
		v->left += t->pieces;
		return;
	}
	from = x_of(v->m, (double)t->first);
	to = x_of(v->m, left_at(v->m, t));
	snprintf(word, sizeof(word), "%u TLP%s", t->pieces, t->pieces == 1 ? "" : "s");
	if ((double)strlen(word) * 6.6 + 2 > to - from)
		snprintf(word, sizeof(word), "%u", t->pieces);
	page_box(p, class_of(t), from, TOP + (double)row * ROW_STEP, to - from, ROW_STEP - 6, word);
}

static bool store(const struct model_event *e)
{
	return e->kind == ME_STORE;
}

/* Fences and what else is no store: a line down through all rows. Words are not drawn over one another. */
static void marks(struct page *p, const struct message_pattern *m, double bottom)
{
	double free_at = 0;
	unsigned int n = 0;

	for (size_t i = 0; i < m->n && n < MARKS; i++) {
		double x = x_of(m, (double)i + 0.5);
		const char *name = model_kind_name(m->e[i].e.kind);

		if (store(&m->e[i].e) || m->e[i].e.kind == ME_GAP)
			continue;
		n++;
		page_svg_line(p, "edge", x, 30, x, bottom);
		if (x - (double)strlen(name) * 3.3 < free_at)
			continue;
		page_svg_text(p, x > SVG_WIDTH - 40 ? "end" : "middle", x, 26, "%s", name);
		free_at = x + (double)strlen(name) * 3.3 + 4;
	}
}

static void as_table(struct page *p, const struct message_pattern *m)
{
	static const char *const column[] = { "TLP",   "Address",     "DW",	  "Byte enables",
					      "Bytes", "Why it left", "By event", NULL };

	page_fold(p, "The TLPs, one by one");
	page_table(p, "TLPs predicted for this message", column);
	for (size_t i = 0; i < m->ntlps && i < PAGE_ROWS; i++) {
		const struct model_tlp *t = &m->tlps[i];

		page_row(p, "%zu", i + 1);
		page_cell(p, "0x%" PRIx64, t->addr);
		page_cell(p, "%u", t->ndw);
		page_cell(p, "%x %x", t->fbe, t->lbe);
		page_cell(p, "%u", t->bytes);
		page_cell(p, "%s", model_reason_name((enum model_reason)t->reason));
		if (t->by < m->n)
			page_cell(p, "%" PRIu64 " (%s)", t->by + 1, model_kind_name(m->e[t->by].e.kind));
		else
			page_cell(p, "the end");
		page_row_end(p);
	}
	page_table_end(p);
	if (m->ntlps > PAGE_ROWS)
		html_put(&p->h, "p", "and %zu more", m->ntlps - PAGE_ROWS);
	page_fold_end(p);
}

static size_t rows_of(const struct message_pattern *m, struct time_view *v)
{
	*v = (struct time_view){ .m = m };
	for (size_t i = 0; i < m->ntlps; i++)
		row_of(v, m->tlps[i].line);
	return v->nline;
}

static void describe(struct page *p, const struct message_pattern *m)
{
	size_t n = 0;

	html_text(&p->h, "%zu events, %zu TLPs.", m->n, m->ntlps);
	for (size_t i = 0; i < m->ntlps && n < ROWS; i++) {
		const struct model_tlp *t = &m->tlps[i];

		if (t->piece)
			continue;
		n++;
		html_text(&p->h, " Line %+" PRId64 ": open from event %" PRIu64 ", leaves as %u TLP%s: %s.",
			  (int64_t)(t->line - m->line) / (int64_t)MODEL_LINE, t->first + 1, t->pieces,
			  t->pieces == 1 ? "" : "s", model_reason_name((enum model_reason)t->reason));
	}
}

void page_timeline(struct page *p, const struct message_pattern *m, size_t at)
{
	struct time_view v;
	double bottom;
	char name[32], title[64];

	if (!m->ntlps)
		return;
	bottom = TOP + (double)rows_of(m, &v) * ROW_STEP;
	snprintf(name, sizeof(name), "time-%zu", at);
	snprintf(title, sizeof(title), "The TLPs of message %zu in time", at);
	page_svg(p, name, (unsigned int)bottom + 20, title);
	describe(p, m);
	page_svg_described(p);
	for (size_t i = 0; i < m->ntlps; i++)
		if (!m->tlps[i].piece)
			departure(p, &v, &m->tlps[i]);
	for (size_t i = 0; i < v.nline; i++)
		page_svg_text(p, "start", 0, TOP + (double)i * ROW_STEP + 14, "line %+" PRId64,
			      (int64_t)(v.line[i] - m->line) / (int64_t)MODEL_LINE);
	marks(p, m, bottom);
	page_svg_text(p, "start", SVG_LEFT, bottom + 14, "event 1");
	page_svg_text(p, "end", x_of(m, (double)m->n), bottom + 14, "event %zu", m->n);
	page_svg_end(p);
	html_put(&p->h, "figcaption",
		 "From left to right the events of the message; a box is a line in its buffer, from its first store "
		 "until it "
		 "leaves, with the number of TLPs. Dashed lines: fences and what else is no store.");
	html_close(&p->h);
	html_line(&p->h);
	html_open(&p->h, "p");
	html_attr(&p->h, "class", "dim");
	html_text(&p->h, "Green: left full. Red: left before it was full. Blue: a direct store. Grey, dashed: open "
			 "behind its last event, until something flushes it.");
	html_close(&p->h);
	if (v.left)
		html_put(&p->h, "p", "Not drawn: %zu TLPs of further lines.", v.left);
	as_table(p, m);
}
