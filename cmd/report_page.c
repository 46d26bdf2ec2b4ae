// SPDX-License-Identifier: GPL-2.0-or-later
/* report_page.c - the page from its head to its foot: verdicts first, then what to do, then each BAR, then the raw
 * facts. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cmd/out_words.h"
#include "cmd/report.h"
#include "cmd/report_css.h"
#include "cmd/text.h"
#include "probe/machine.h"
#include "probe/rule.h"
#include "probe/src.h"

#define MAX_STEPS 12

static void meta(struct html *h)
{
	html_open(h, "meta");
	html_attr(h, "charset", "utf-8");
	html_line(h);
	/* Whatever got in by a fault of ours could neither run nor fetch anything. */
	html_open(h, "meta");
	html_attr(h, "http-equiv", "Content-Security-Policy");
	html_attr(h, "content", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'");
	html_line(h);
	html_open(h, "meta");
	html_attr(h, "name", "viewport");
	html_attr(h, "content", "width=device-width, initial-scale=1");
	html_line(h);
}

static void link_to(struct html *h, const char *id, const char *word)
{
	html_open(h, "li");
	html_open(h, "a");
	html_attr(h, "href", "#%s", id);
	html_text(h, "%s", word);
	html_close(h);
	html_close(h);
	html_line(h);
}

static void bar_name(const struct bar_judgement *b, char *buf, size_t len)
{
	snprintf(buf, len, "%s BAR %d", b->dev->slot, b->bar);
}

static size_t bars_shown(const struct page *p)
{
	return p->r.j->nbar < PAGE_ROWS ? p->r.j->nbar : PAGE_ROWS;
}

static void contents(struct page *p)
{
	struct html *h = &p->h;
	char id[32], name[64];

	html_open(h, "nav");
	html_attr(h, "aria-label", "Contents");
	html_open(h, "ul");
	html_line(h);
	link_to(h, "verdicts", "Verdicts");
	link_to(h, "next", "What to do next");
	for (size_t i = 0; i < bars_shown(p); i++) {
		snprintf(id, sizeof(id), "bar-%zu", i + 1);
		bar_name(&p->r.j->bar[i], name, sizeof(name));
		link_to(h, id, name);
	}
	if (p->messages)
		link_to(h, "stores", "The stores");
	if (p->stored)
		link_to(h, "driven", "Stores that were made");
	link_to(h, "machine", "The machine");
	link_to(h, "raw", "Raw facts");
	html_close(h);
	html_close(h);
	html_line(h);
}

static void section(struct html *h, const char *id, const char *title)
{
	html_open(h, "section");
	html_attr(h, "aria-labelledby", "%s", id);
	html_open(h, "h2");
	html_attr(h, "id", "%s", id);
	html_text(h, "%s", title);
	html_close(h);
	html_line(h);
}

static void header(struct page *p)
{
	const struct judgement *j = p->r.j;
	struct html *h = &p->h;
	char words[400], when[40];
	time_t now = time(NULL);
	struct tm tm;

	html_open(h, "header");
	html_open(h, "h1");
	html_text(h, "Write-combining: ");
	page_word(p, verdict_name(j->verdict), verdict_name(j->verdict));
	html_close(h);
	html_line(h);
	out_machine_words(p->r.m, words, sizeof(words));
	html_put(h, "p", "%s", words);
	if (!src_is_live(p->r.m->src))
		html_put(h, "p", "Snapshot: %s", p->r.name);
	html_line(h);
	if (p->date && gmtime_r(&now, &tm) && strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S UTC", &tm)) {
		html_open(h, "p");
		html_attr(h, "class", "dim");
		html_text(h, "Written by wcdiag %s, %s", WCDIAG_FULL_VERSION, when);
		html_close(h);
		html_line(h);
	}
	contents(p);
	html_close(h);
	html_line(h);
}

static void no_bar(struct page *p)
{
	const struct bar_judgement *b = &p->r.j->machine;
	char rest[200];

	html_put(&p->h, "p",
		 "No BAR is judged: none is plausible for write-combining (memory, prefetchable, 4 KiB or more).");
	html_open(&p->h, "p");
	if (b->verdict == VERDICT_INTACT) {
		html_text(&p->h, "The machine itself is in order.");
	} else {
		out_verdict_words(b, rest, sizeof(rest));
		html_text(&p->h, "The machine alone: ");
		page_word(p, verdict_name(b->verdict), verdict_name(b->verdict));
		html_text(&p->h, "%s", rest);
	}
	html_close(&p->h);
}

static void verdicts(struct page *p)
{
	static const char *const column[] = { "BAR", "Verdict, and why", NULL };
	struct html *h = &p->h;
	char line[480];

	section(h, "verdicts", "Verdicts");
	if (!p->r.j->nbar)
		no_bar(p);
	else
		page_table_plain(p, "verdicts", "One verdict for each BAR", column);
	for (size_t i = 0; i < bars_shown(p); i++) {
		const struct bar_judgement *b = &p->r.j->bar[i];
		const struct finding *f = page_gravest(p, b);

		html_open(h, "tr");
		html_open(h, "th");
		html_attr(h, "scope", "row");
		html_open(h, "a");
		html_attr(h, "href", "#bar-%zu", i + 1);
		bar_name(b, line, sizeof(line));
		html_text(h, "%s", line);
		html_close(h);
		html_close(h);
		html_open(h, "td");
		page_word(p, verdict_name(b->verdict), verdict_name(b->verdict));
		out_verdict_words(b, line, sizeof(line));
		html_text(h, "%s", line);
		if (f && b->verdict != VERDICT_INTACT)
			html_put(h, "div", "%s", f->says);
		html_close(h);
		page_row_end(p);
	}
	if (p->r.j->nbar)
		page_table_plain_end(p);
	if (bars_shown(p) < p->r.j->nbar)
		html_put(h, "p", "and %zu BARs more, which wcdiag check lists", p->r.j->nbar - bars_shown(p));
	if (out_not_judged_words(&p->r, line, sizeof(line)))
		html_put(h, "p", "%s", line);
	html_close(h);
	html_line(h);
}

static void next_steps(struct page *p)
{
	char *step[MAX_STEPS];
	int n = judge_next(p->r.m, p->r.j, step, MAX_STEPS);
	struct html *h = &p->h;

	section(h, "next", "What to do next");
	if (n <= 0)
		html_put(h, "p", "Nothing: as far as was asked, all is in order.");
	else
		html_open(h, "ol");
	for (int i = 0; i < n; i++) {
		html_put(h, "li", "%s", step[i]);
		html_line(h);
		free(step[i]);
	}
	if (n > 0)
		html_close(h);
	html_close(h);
	html_line(h);
}

static void bar(struct page *p, const struct bar_judgement *b, size_t at)
{
	const struct pci_bar *x = &b->dev->bar[b->bar];
	char id[32], line[200], size[32];

	snprintf(id, sizeof(id), "bar-%zu", at);
	snprintf(line, sizeof(line), "%s BAR %d: %s", b->dev->slot, b->bar, verdict_name(b->verdict));
	section(&p->h, id, line);
	html_open(&p->h, "p");
	if (x->size)
		html_text(&p->h, "%s at 0x%" PRIx64, human_size(x->size, size, sizeof(size)), x->addr);
	else
		html_text(&p->h, "of unknown size");
	if (*b->dev->driver)
		html_text(&p->h, ", driver %s", b->dev->driver);
	if (*b->dev->name)
		html_text(&p->h, ", device %s", b->dev->name);
	html_close(&p->h);
	out_verdict_words(b, line, sizeof(line));
	html_open(&p->h, "p");
	html_text(&p->h, "Verdict: ");
	page_word(p, verdict_name(b->verdict), verdict_name(b->verdict));
	html_text(&p->h, "%s", line);
	html_close(&p->h);
	page_chain(p, b);
	page_map(p, b, at);
	html_close(&p->h);
	html_line(&p->h);
}

static void body(struct page *p)
{
	struct html *h = &p->h;

	html_open(h, "a");
	html_attr(h, "class", "skip");
	html_attr(h, "href", "#main");
	html_text(h, "Skip to the verdicts");
	html_close(h);
	html_line(h);
	header(p);
	html_open(h, "main");
	html_attr(h, "id", "main");
	html_line(h);
	verdicts(p);
	next_steps(p);
	for (size_t i = 0; i < bars_shown(p); i++)
		bar(p, &p->r.j->bar[i], i + 1);
	if (p->messages)
		page_lines(p);
	if (p->stored)
		page_drive(p);
	section(h, "machine", "The machine");
	if (!page_chain(p, &p->r.j->machine))
		html_put(h, "p", "Of the machine itself there is nothing to say that is not said with its BARs.");
	html_close(h);
	page_raw(p);
	html_close(h);
	html_line(h);
}

void page_write(struct page *p, FILE *f)
{
	struct html *h = &p->h;

	html_begin(h, f);
	html_open(h, "head");
	html_line(h);
	meta(h);
	html_put(h, "title", "wcdiag report: %s", verdict_name(p->r.j->verdict));
	html_line(h);
	html_style(h, REPORT_CSS);
	html_close(h);
	html_line(h);
	html_open(h, "body");
	html_line(h);
	body(p);
	html_close(h);
	html_line(h);
	html_end(h);
}
