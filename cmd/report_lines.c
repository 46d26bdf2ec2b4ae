// SPDX-License-Identifier: GPL-2.0-or-later
/* report_lines.c - what the stores do: each distinct message as a picture of its lines, as wcdiag trace tells it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/check_drive.h"
#include "cmd/report.h"
#include "cmd/trace_picture.h"

#define PATTERNS 12 /* shown; the rest is counted */
#define LINES	 8  /* of one message */
#define CELL	 9.6
#define LINE_TOP 20
#define LINE_H	 40

struct drawn_line {
	int64_t from, to; /* equal ones side by side, counted from the first line of the message */
	uint64_t line;	  /* the first */
	struct line_shown s;
};

static size_t lines_of(const struct message_pattern *m, const struct legend *l, struct drawn_line *out, uint64_t *more)
{
	static uint64_t line[2 * MESSAGES_STORES];
	size_t n = trace_lines_of(m, line, sizeof(line) / sizeof(line[0])), k = 0;
	static struct line_shown s;

	*more = 0;
	for (size_t i = 0; i < n; i++) {
		trace_line_show(m, l, line[i], &s);
		if (k && line[i] == line[i - 1] + MODEL_LINE && !*more && !memcmp(&s, &out[k - 1].s, sizeof(s))) {
			out[k - 1].to++;
		} else if (k == LINES) {
			++*more;
		} else {
			int64_t at = (int64_t)(line[i] - m->line) / (int64_t)MODEL_LINE;

			out[k++] = (struct drawn_line){ at, at, line[i], s };
		}
	}
	return k;
}

static void line_name(const struct drawn_line *d, char *buf, size_t len)
{
	if (d->from == d->to)
		snprintf(buf, len, "line %+" PRId64, d->from);
	else
		snprintf(buf, len, "lines %+" PRId64 " to %+" PRId64, d->from, d->to);
}

/* Departures by turns: neighbours that leave apart have not the same colour. */
static const char *class_of(int16_t departure, int16_t *seen, unsigned int *n)
{
	unsigned int i = 0;

	if (departure < 0)
		return "none";
	while (i < *n && seen[i] != departure)
		i++;
	if (i == *n && *n < MODEL_LINE)
		seen[(*n)++] = departure;
	return i & 1 ? "ucm" : "wb";
}

/* Bytes side by side by the same store, which leave together, are one box. */
static void draw_line(struct page *p, const struct message_pattern *m, const struct drawn_line *d, double y)
{
	struct message_line pic;
	char name[64], word[2] = "";
	int16_t seen[MODEL_LINE];
	unsigned int n = 0;

	line_name(d, name, sizeof(name));
	page_svg_text(p, "start", 0, y + 17, "%s", name);
	message_picture(m, d->line, &pic);
	for (unsigned int i = 0, from; i < MODEL_LINE;) {
		for (from = i++;
		     i < MODEL_LINE && pic.by[i] == pic.by[from] && pic.departure[i] == pic.departure[from] &&
		     (pic.again >> i & 1) == (pic.again >> from & 1);
		     i++)
			;
		word[0] = d->s.bytes[from + from / 8];
		page_box(p, pic.by[from] < 0 ? "paper" : class_of(pic.departure[from], seen, &n),
			 SVG_LEFT + from * CELL, y, (i - from) * CELL, 24, pic.by[from] < 0 ? "" : word);
		if (pic.again >> from & 1)
			page_svg_line(p, "again", SVG_LEFT + from * CELL, y + 27, SVG_LEFT + i * CELL, y + 27);
	}
}

static void picture(struct page *p, const struct message_pattern *m, const struct drawn_line *d, size_t n, size_t at)
{
	char name[32], title[64], words[64];

	snprintf(name, sizeof(name), "lines-%zu", at);
	snprintf(title, sizeof(title), "The lines of message %zu, byte by byte", at);
	page_svg(p, name, (unsigned int)(LINE_TOP + n * LINE_H), title);
	for (size_t i = 0; i < n; i++) {
		line_name(&d[i], words, sizeof(words));
		html_text(&p->h, "%s%s, a letter a byte: %s.", i ? " " : "", words, d[i].s.bytes);
		if (*d[i].s.again)
			html_text(&p->h, " Bytes marked ^ are stored again: %s.", d[i].s.again);
		html_text(&p->h, " %s.", d[i].s.leaves);
	}
	page_svg_described(p);
	for (unsigned int i = 0; i < MODEL_LINE; i += 8)
		page_svg_text(p, "start", SVG_LEFT + i * CELL, 13, "%u", i);
	for (size_t i = 0; i < n; i++)
		draw_line(p, m, &d[i], LINE_TOP + (double)(i * LINE_H));
	page_svg_end(p);
	html_put(&p->h, "figcaption",
		 "A row is a line of 64 bytes, a letter the instruction that stored there last; what leaves together "
		 "has one "
		 "colour, what leaves next another. Underlined: bytes stored again before.");
	html_close(&p->h);
	html_line(&p->h);
}

static void leaving(struct page *p, const struct drawn_line *d, size_t n, uint64_t more)
{
	char words[64];

	html_open(&p->h, "ul");
	for (size_t i = 0; i < n; i++) {
		line_name(&d[i], words, sizeof(words));
		html_put(&p->h, "li", "%s: %s", words, d[i].s.leaves);
		html_line(&p->h);
	}
	if (more)
		html_put(&p->h, "li", "and %" PRIu64 " lines more", more);
	html_close(&p->h);
	html_line(&p->h);
}

static void letters(struct page *p, const struct message_pattern *m, const struct legend *l)
{
	static const char *const column[] = { "Letter", "What", "Instruction", "First event of the message", NULL };
	char words[64];

	page_table(p, "The letters", column);
	for (unsigned int k = 0; k < l->n; k++) {
		page_row(p, "%c", LETTERS[k]);
		trace_letter_words(m, &l->at[k], words, sizeof(words));
		page_cell(p, "%s", words);
		page_cell(p, l->at[k].ip ? "0x%" PRIx64 : "not said", l->at[k].ip);
		page_cell(p, "%zu", l->at[k].event + 1);
		page_row_end(p);
	}
	page_table_end(p);
	if (l->more)
		html_put(&p->h, "p", "%c: further instructions, for which there are no letters", NO_LETTER);
}

static void one(struct page *p, const struct message_pattern *m, size_t at)
{
	static struct drawn_line d[LINES];
	const struct model_totals *t = &m->story->totals;
	struct legend l;
	uint64_t more;
	size_t n;

	html_put(&p->h, "h3", "Message %zu: seen %" PRIu64 " time%s", at, m->count, m->count == 1 ? "" : "s");
	html_open(&p->h, "p");
	html_text(&p->h, "%u bytes in %u line%s: %" PRIu64 " TLP%s", m->bytes, m->lines, m->lines == 1 ? "" : "s",
		  t->tlps, t->tlps == 1 ? "" : "s");
	if (t->best != t->worst)
		html_text(&p->h, " (%" PRIu64 " to %" PRIu64 ", as far as is known)", t->best, t->worst);
	if (m->fewest < t->tlps)
		html_text(&p->h, " where %u would do", m->fewest);
	html_text(&p->h, ".");
	if (m->unsaid)
		html_text(&p->h, " Not all of it was seen: the picture may lack stores, or what flushes.");
	html_close(&p->h);
	trace_legend(m, &l);
	n = lines_of(m, &l, d, &more);
	picture(p, m, d, n, at);
	leaving(p, d, n, more);
	letters(p, m, &l);
	page_timeline(p, m, at);
}

static void totals(struct page *p, const struct model_totals *t)
{
	static const char *const column[] = { "What", "Number", NULL };
	const struct {
		const char *what;
		uint64_t n;
	} row[] = {
		{ "events", t->events },
		{ "stores to write-combining memory", t->wc },
		{ "direct stores", t->direct },
		{ "stores to uncached memory", t->uc },
		{ "times that a line left", t->lines },
		{ "of these full", t->full },
		{ "TLPs predicted", t->tlps },
		{ "at the fewest", t->best },
		{ "at the most", t->worst },
	};

	html_open(&p->h, "p");
	html_text(&p->h, "%" PRIu64 " TLP%s for %" PRIu64 " store%s in all", t->tlps, t->tlps == 1 ? "" : "s",
		  t->wc + t->direct + t->uc, t->wc + t->direct + t->uc == 1 ? "" : "s");
	if (t->best != t->worst)
		html_text(&p->h, " (%" PRIu64 " to %" PRIu64 ", as far as is known)", t->best, t->worst);
	html_text(&p->h, "; %" PRIu64 " of %" PRIu64 " times that a line left it was full.", t->full, t->lines);
	html_close(&p->h);
	html_line(&p->h);
	/* The pictures are what one looks for. */
	page_fold(p, "The whole stream in numbers");
	page_table(p, "The whole stream, as the model predicts it", column);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		page_row(p, "%s", row[i].what);
		page_cell(p, "%" PRIu64, row[i].n);
		page_row_end(p);
	}
	for (unsigned int i = 0; i < MR_COUNT; i++) {
		if (!t->reason_tlps[i])
			continue;
		page_row(p, "TLPs by reason: %s", model_reason_name((enum model_reason)i));
		page_cell(p, "%" PRIu64, t->reason_tlps[i]);
		page_row_end(p);
	}
	page_table_end(p);
	page_fold_end(p);
}

void page_lines(struct page *p)
{
	size_t n;
	const struct message_pattern *m = messages_patterns(p->messages, &n);
	const struct messages_totals *t = messages_totals(p->messages);
	const struct experiment *x = &p->r.drive->exp;

	html_open(&p->h, "section");
	html_attr(&p->h, "aria-labelledby", "stores");
	html_open(&p->h, "h2");
	html_attr(&p->h, "id", "stores");
	html_text(&p->h, "The stores");
	html_close(&p->h);
	html_put(&p->h, "p",
		 "Predicted from %s; the verdict on them is in layer stores of each BAR. No device was asked.",
		 x->message);
	html_line(&p->h);
	if (x->story)
		totals(p, &x->story->totals);
	if (x->lacks)
		html_put(&p->h, "p", "Not all of it is known: %s.", x->lacks);
	for (size_t i = 0; i < n && i < PATTERNS; i++)
		one(p, &m[i], i + 1);
	if (n > PATTERNS || t->other)
		html_put(&p->h, "p",
			 "and %zu distinct messages more; of %" PRIu64 " messages even the kind was not kept",
			 n > PATTERNS ? n - PATTERNS : 0, t->other);
	html_close(&p->h);
	html_line(&p->h);
}
