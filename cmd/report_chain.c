// SPDX-License-Identifier: GPL-2.0-or-later
/* report_chain.c - the layers in their order, and the findings with evidence, fix and source, the gravest first. */
#include <inttypes.h>
#include <stdio.h>

#include "cmd/out_words.h"
#include "cmd/report.h"
#include "probe/rule.h"

static void layers(struct page *p, const struct bar_judgement *b)
{
	static const char *const column[] = { "Layer", "State", "What was seen", NULL };
	struct html *h = &p->h;

	page_table_plain(p, "chain", "The chain: the first broken link is where to mend", column);
	for (int l = 0; l < LAYER_COUNT; l++) {
		page_row(p, "%s", layer_name((enum layer)l));
		html_open(h, "td");
		page_word(p, state_name(b->state[l]), state_name(b->state[l]));
		html_close(h);
		html_open(h, "td");
		html_text(h, "%s", b->note[l]);
		html_open(h, "div");
		html_attr(h, "class", "dim");
		html_text(h, "%s", layer_question((enum layer)l));
		html_close(h);
		html_close(h);
		page_row_end(p);
	}
	page_table_plain_end(p);
}

static void evidence(struct page *p, const struct finding *f)
{
	struct html *h = &p->h;

	if (!f->nev)
		return;
	page_fold(p, "Evidence");
	html_open(h, "dl");
	for (size_t i = 0; i < f->nev; i++) {
		const struct evidence *e = &f->ev[i];

		html_put(h, "dt", "%s", e->key);
		html_open(h, "dd");
		html_attr(h, "class", "mono");
		if (e->type == EV_TEXT)
			html_text(h, "%s", e->text);
		else if (e->type == EV_HEX)
			html_text(h, "0x%" PRIx64, e->num);
		else
			html_text(h, "%" PRIu64, e->num);
		html_close(h);
		html_line(h);
	}
	html_close(h);
	page_fold_end(p);
}

static void finding(struct page *p, const struct finding *f)
{
	struct html *h = &p->h;

	html_open(h, "div");
	html_attr(h, "class", "finding");
	html_open(h, "h4");
	page_word(p, severity_name(f->sev), severity_name(f->sev));
	html_text(h, " %s ", f->rule->id);
	html_open(h, "span");
	html_attr(h, "class", "dim");
	html_text(h, "(layer %s)", layer_name(f->rule->layer));
	html_close(h);
	html_close(h);
	html_put(h, "p", "%s", f->says);
	/* As in check: what is there so that nobody chases it has nothing to mend. */
	if (f->fix && (f->sev != SEV_INFO || finding_evidence(f, "fact"))) {
		html_open(h, "div");
		html_attr(h, "class", "fix");
		html_put(h, "strong", "Fix");
		html_open(h, "pre");
		html_put(h, "code", "%s", f->fix);
		html_close(h);
		html_close(h);
	}
	evidence(p, f);
	html_open(h, "p");
	html_attr(h, "class", "dim");
	html_text(h, "Source: %s", f->rule->source);
	html_close(h);
	html_close(h);
	html_line(h);
}

const struct finding *page_gravest(const struct page *p, const struct bar_judgement *b)
{
	for (int s = SEV_BROKEN; s > SEV_INFO; s--)
		for (size_t i = 0; i < b->findings.n; i++)
			if (b->findings.f[i].sev == (enum severity)s && out_tells(&p->r, b, &b->findings.f[i]))
				return &b->findings.f[i];
	return NULL;
}

size_t page_chain(struct page *p, const struct bar_judgement *b)
{
	size_t n = 0, more = 0;

	/* Several BARs of one machine: its own layers are theirs. */
	if (b->dev || !p->r.j->nbar)
		layers(p, b);
	for (int s = SEV_BROKEN; s >= SEV_INFO; s--)
		for (size_t i = 0; i < b->findings.n; i++) {
			const struct finding *f = &b->findings.f[i];

			if (f->sev != (enum severity)s || !out_tells(&p->r, b, f))
				continue;
			if (n == PAGE_ROWS) {
				more++;
				continue;
			}
			if (!n++)
				html_put(&p->h, "h3", "%s", b->dev ? "Findings" : "Findings on the machine itself");
			finding(p, f);
		}
	if (more)
		html_put(&p->h, "p", "and %zu more, which wcdiag check --json lists", more);
	return n;
}
