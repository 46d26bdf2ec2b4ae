/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live_draw_witness.c - rates with a graph of the past, or why nothing is counted. */
#include <stdio.h>

#include "cmd/live_draw.h"
#include "cmd/live_rates.h"
#include "probe/pmu_events.h"

#define AT_RATE 15 /* first column of a rate */
#define GRAPH	28 /* ... of a graph */

/* "1.2 M/s" */
static void rate_words(double v, bool bytes, char *buf, size_t len)
{
	static const char *const unit[] = { "", "k", "M", "G", "T" };
	size_t u = 0;

	while (v >= 1000 && u + 1 < sizeof(unit) / sizeof(unit[0])) {
		v /= 1000;
		u++;
	}
	snprintf(buf, len, u ? "%.1f %s%s/s" : "%.0f%s%s/s", v, unit[u], bytes ? " B" : "");
}

/* Whole lines are what one wants to see. */
static int rate_style(const struct live_rate *r)
{
	return r->role == PMU_R_PARTIAL ? LS_WARN : r->role == PMU_R_UC ? LS_BAD : LS_GOOD;
}

/* The newest at the right, two rows high: 16 steps, or 4 in ASCII. */
static void draw_rate(struct canvas_pen *p, const struct live_rate *r)
{
	static const char steps[] = " .:#";
	int w = p->w - GRAPH, y = pen_row(p), style = rate_style(r);
	double most = 0;
	char now[40], top[40], label[80], why[450];

	for (size_t i = 0; i < r->n && i < (size_t)w; i++)
		most = live_rate_past(r, i) > most ? live_rate_past(r, i) : most;
	rate_words(r->n ? live_rate_past(r, 0) : 0, r->bytes, now, sizeof(now));
	rate_words(most, r->bytes, top, sizeof(top));
	snprintf(label, sizeof(label), "%-14s %s", r->name, *r->why ? "" : r->n ? now : "not yet");
	snprintf(why, sizeof(why), "not counted: %s", r->why);
	if (y >= 0)
		canvas_text(p->c, p->x, y, GRAPH - 1, LS_BOLD, label);
	if (*r->why) {
		pen_wrap(p, AT_RATE, AT_RATE, LS_DUNNO, why);
		return;
	}
	snprintf(label, sizeof(label), "%-14s %s", "  at most", top);
	p->line++;
	if (pen_row(p) >= 0)
		canvas_text(p->c, p->x, pen_row(p), GRAPH - 1, LS_DIM, label);
	p->line++;
	for (size_t i = 0; i < r->n && i < (size_t)w && most > 0; i++) {
		int level = (int)(live_rate_past(r, i) / most * 16 + 0.5), x = p->x + p->w - 1 - (int)i;

		for (int half = 0; half < 2; half++) {
			int part = half ? (level > 8 ? 8 : level) : level - 8, row = p->line - 2 + half - p->skip;

			if (part > 0 && row >= 0 && row < p->h)
				canvas_glyph(p->c, x, p->y + row, style, 0x2580 + (uint32_t)part,
					     steps[(part + 2) / 3]);
		}
	}
}

void live_draw_witness(struct canvas_pen *p, const struct live_scene *sc, const struct live_row *row)
{
	const struct live_rates *r = sc->rates;
	char line[800];

	(void)row;
	if (!r || !r->n) {
		snprintf(line, sizeof(line), "no counter here: %s. So full and partial lines and UC stores are not counted.",
			 r && *r->why ? r->why : "none was looked for");
		pen_wrap(p, 0, 0, LS_DUNNO, line);
		p->line++;
		pen_wrap(p, 0, 0, LS_NORMAL,
			 "A register of the device that counts is not read here: mapping its page each second could "
			 "decide the memory "
			 "type of a program that maps that page next. wcdiag check --scratch --witness "
			 "reg:BAR+OFFSET:8 reads it while "
			 "nothing else is mapped. wcdiag drive --list-witnesses names what this machine "
			 "offers.");
		return;
	}
	pen_wrap(p, 0, 0, LS_NORMAL, r->says);
	for (size_t i = 0; i < r->n; i++)
		draw_rate(p, &r->rate[i]);
	if (r->rate[0].n || r->rate[1].n || r->rate[2].n) {
		p->line++;
		pen_wrap(p, 0, 0, LS_DIM,
			 "Full lines are what write-combining gives. Partial lines are split on the bus; UC stores are those "
			 "of mappings that do not combine, registers' included. Non-temporal stores to ordinary memory count "
			 "as lines, too.");
	}
}
