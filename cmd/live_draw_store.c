/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live_draw_store.c - the store experiments: what would be stored, what came of it; and the question before the first.
 */
#include <stdio.h>
#include <string.h>

#include "cmd/live_draw.h"
#include "cmd/live_store.h"

/* First columns. The last has what is left. */
enum { AT_SIDE = 0, AT_PATTERN = 7, AT_TYPE = 21, AT_PREDICTED = 29, AT_COUNTED = 41, AT_SAYS = 54 };

static int mood_style(enum mood m)
{
	static const int style[] = {
		[MOOD_PLAIN] = LS_NORMAL, [MOOD_GOOD] = LS_GOOD, [MOOD_BAD] = LS_BAD, [MOOD_DUNNO] = LS_DUNNO
	};

	return style[m];
}

static void cell(struct canvas_pen *p, int x, int end, int style, const char *text)
{
	if (pen_row(p) >= 0)
		canvas_text(p->c, p->x + x, pen_row(p), end - x - 1, style, text);
}

/* A line that begins at a column, and its own words after it. */
static void said(struct canvas_pen *p, int at, int style, const char *text)
{
	pen_wrap(p, at, at, style, text);
}

static void draw_stored(struct canvas_pen *p, const struct stored *s)
{
	const char *first = s->n ? s->row[0].witness : "";
	bool several = false;
	char line[600];

	for (size_t i = 0; i < s->n; i++)
		several = several || (*s->row[i].witness && strcmp(s->row[i].witness, first) && *first);
	cell(p, AT_SIDE, AT_PATTERN, LS_BOLD, "SIDE");
	cell(p, AT_PATTERN, AT_TYPE, LS_BOLD, "PATTERN");
	cell(p, AT_TYPE, AT_PREDICTED, LS_BOLD, "TYPE");
	cell(p, AT_PREDICTED, AT_COUNTED, LS_BOLD, "PREDICTED");
	cell(p, AT_COUNTED, AT_SAYS, LS_BOLD, "COUNTED");
	cell(p, AT_SAYS, p->w, LS_BOLD, "VERDICT");
	p->line++;
	for (size_t i = 0; i < s->n; i++) {
		const struct stored_row *r = &s->row[i];
		int style = mood_style(r->mood);

		cell(p, AT_SIDE, AT_PATTERN, LS_NORMAL, r->side);
		if (!*r->pattern) {
			said(p, AT_PATTERN, style, r->says);
			continue;
		}
		cell(p, AT_PATTERN, AT_TYPE, LS_NORMAL, r->pattern);
		cell(p, AT_TYPE, AT_PREDICTED, LS_NORMAL, r->type);
		cell(p, AT_PREDICTED, AT_COUNTED, LS_NORMAL, r->predicted);
		cell(p, AT_COUNTED, AT_SAYS, LS_NORMAL, r->counted);
		snprintf(line, sizeof(line), "%s%s%s", several ? r->witness : "", several ? ": " : "", r->says);
		said(p, AT_SAYS, style, line);
	}
	if (*first && !several) {
		snprintf(line, sizeof(line), "write TLPs, counted by %s; whole: of the lines that the pattern fills",
			 first);
		pen_wrap(p, 0, 0, LS_DIM, line);
	}
}

static void draw_last(struct canvas_pen *p, const struct live_store *s)
{
	char line[800];

	if (!*s->last.says)
		return;
	snprintf(line, sizeof(line), "%s, %.2f s: %s", s->last.at, s->last.took, s->last.says);
	pen_wrap(p, 0, 10, mood_style(s->last.mood), line);
	if (s->last.n)
		draw_stored(p, &s->last);
	if (s->npast) {
		p->line++;
		pen_line(p, LS_DIM, "before that");
	}
	for (size_t i = 0; i < s->npast; i++) {
		snprintf(line, sizeof(line), "%s, %.2f s: %s", s->past[i].at, s->past[i].took, s->past[i].says);
		pen_wrap(p, 0, 10, mood_style(s->past[i].mood), line);
	}
}

static void ask(struct canvas_pen *p, const struct live_store *s)
{
	char line[300];

	snprintf(line, sizeof(line), "Store to %s? What is there is lost, nothing is restored.", s->where);
	pen_wrap(p, 0, 0, LS_WARN | LF_CHANGED, line);
	pen_wrap(p, 0, 0, LS_BOLD, "y stores; any other key does not. It is asked once; later x stores at once.");
	if (*s->refused) {
		snprintf(line, sizeof(line), "As it is now it would be refused: %.250s", s->refused);
		pen_wrap(p, 0, 0, LS_DUNNO, line);
	}
}

static void ready(struct canvas_pen *p, const struct live_store *s, const struct live_state *k)
{
	char line[700];

	if (s->on) {
		snprintf(line, sizeof(line), "storing... %.0f s%s", s->now - s->began,
			 s->ending ? ", and is asked to end" : " (x ends it)");
		pen_wrap(p, 0, 0, LS_WARN | LF_CHANGED, line);
	} else if (*s->refused) {
		snprintf(line, sizeof(line), "nothing can be stored now: %s", s->refused);
		pen_wrap(p, 0, 0, LS_DUNNO, line);
	} else {
		snprintf(line, sizeof(line), "x stores to %s%s", s->where, k->agreed ? "" : ", and asks before");
		pen_wrap(p, 0, 0, LS_BOLD, line);
	}
}

void live_draw_stores(struct canvas_pen *p, const struct live_scene *sc, const struct live_row *row)
{
	const struct live_store *s = sc->store;
	char line[700];

	(void)row;
	if (!s || !s->given) {
		pen_wrap(p, 0, 0, LS_NORMAL, "Nothing is stored: no --scratch was given.");
		p->line++;
		pen_wrap(p, 0, 0, LS_NORMAL,
			 "To store here, from the kernel and from user space, and to see what each pattern becomes, "
			 "name "
			 "the bytes of the BAR that may be overwritten, and who counts what arrives:");
		pen_wrap(p, 2, 4, LS_BOLD, "wcdiag live 01:00.0:2 --scratch 64K+4K --witness reg:0+0x10:8");
		pen_wrap(p, 0, 0, LS_NORMAL, "Then x stores, and asks before the first time.");
		return;
	}
	if (sc->s->asking)
		ask(p, s);
	else
		ready(p, s, sc->s);
	snprintf(line, sizeof(line), "$ %.600s", s->command);
	pen_wrap(p, 0, 2, LS_DIM, line);
	p->line++;
	draw_last(p, s);
}
