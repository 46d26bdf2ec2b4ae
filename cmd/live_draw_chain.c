/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live_draw_chain.c - panes of one BAR's judgement: the layers in the order of the chain, and the findings with fixes.
 */
#include <stdio.h>
#include <string.h>

#include "cmd/live_draw.h"
#include "probe/machine.h"
#include "probe/rule.h"

#define NOTE  19 /* column of a layer's note */
#define TIGHT 24 /* fewer rows are little room */

static void not_judged(struct canvas_pen *p, const struct live_row *row)
{
	char line[400];

	snprintf(line, sizeof(line),
		 "not judged: nothing makes write-combining plausible for this BAR. It is not prefetchable, and nobody "
		 "reserved "
		 "it write-combining. If it is meant to be: wcdiag check %s, or wcdiag live %s.",
		 row->text[LC_BAR], row->text[LC_BAR]);
	pen_wrap(p, 0, 0, LS_NORMAL, line);
}

/* Of the BAR, or where there is none of the machine. */
static const struct bar_judgement *subject(const struct live_scene *sc, const struct live_row *row)
{
	return row ? row->j : &sc->v->j->machine;
}

/* False: it was the last one. Where there is little room, what is in order takes a line, so that the fault is seen. */
static bool layer(struct canvas_pen *p, const struct live_state *s, const struct bar_judgement *b, int l)
{
	bool tight = !s->zoom && !s->roomy && p->h < TIGHT, rest;
	int y = pen_row(p);

	if (y >= 0) {
		canvas_text(p->c, p->x + 1, y, 9, LS_NORMAL, layer_name((enum layer)l));
		canvas_text(p->c, p->x + 10, y, 9, live_state_style(b->state[l]), state_name(b->state[l]));
	}
	/* Nothing is stored to be judged here: one line is enough. */
	rest = l == LAYER_STORES && b->state[LAYER_STORES] == STATE_SKIPPED && b->state[LAYER_FABRIC] == STATE_SKIPPED;
	if (rest)
		pen_wrap(p, NOTE, NOTE, LS_DIM, "and fabric: wcdiag check judges what is stored");
	else if (tight && b->state[l] == STATE_OK && y >= 0)
		canvas_text(p->c, p->x + NOTE, y, p->w - NOTE, LS_NORMAL, b->note[l]);
	else if (!tight || b->state[l] != STATE_OK)
		pen_wrap(p, NOTE, NOTE, b->state[l] == STATE_SKIPPED ? LS_DIM : LS_NORMAL, b->note[l]);
	if (tight && b->state[l] == STATE_OK && !rest)
		p->line++;
	return !rest;
}

void live_draw_chain(struct canvas_pen *p, const struct live_scene *sc, const struct live_row *row)
{
	const struct bar_judgement *b = subject(sc, row);
	char line[200];
	int y;

	if (!b) {
		not_judged(p, row);
		return;
	}
	for (int l = 0; l < LAYER_COUNT; l++)
		if (!layer(p, sc->s, b, l))
			break;
	snprintf(line, sizeof(line), "verdict: %s%s%s", verdict_name(b->verdict),
		 b->breaks_at >= 0 ? ", breaks at " : "",
		 b->breaks_at >= 0 ? layer_name((enum layer)b->breaks_at) : "");
	pen_line(p, live_verdict_style(b->verdict), line);
	for (size_t i = 0; i < b->findings.n; i++) {
		const struct finding *f = &b->findings.f[i];

		if (f->sev != (b->verdict == VERDICT_BROKEN ? SEV_BROKEN : SEV_UNKNOWN) || b->verdict == VERDICT_INTACT)
			continue;
		pen_wrap(p, 2, 2, LS_NORMAL, f->says);
		if (f->fix) {
			y = pen_row(p);
			if (y >= 0)
				canvas_text(p->c, p->x + 2, y, 4, LS_BOLD, "fix:");
			pen_wrap(p, 7, 7, LS_NORMAL, f->fix);
		}
		break; /* the pane findings has all of them */
	}
}

static void finding(struct canvas_pen *p, const struct finding *f)
{
	int y = pen_row(p);

	if (y >= 0) {
		canvas_text(p->c, p->x, y, 8, live_severity_style(f->sev), severity_name(f->sev));
		canvas_text(p->c, p->x + 8, y, p->w - 8, LS_BOLD, f->rule->id);
	}
	p->line++;
	pen_wrap(p, 8, 8, f->sev == SEV_INFO ? LS_DIM : LS_NORMAL, f->says ? f->says : "");
	if (!f->fix)
		return;
	y = pen_row(p);
	if (y >= 0)
		canvas_text(p->c, p->x + 8, y, 4, LS_BOLD, "fix:");
	pen_wrap(p, 13, 13, LS_NORMAL, f->fix);
}

/* The gravest first, as in check. */
void live_draw_findings(struct canvas_pen *p, const struct live_scene *sc, const struct live_row *row)
{
	static const enum severity order[] = { SEV_BROKEN, SEV_UNKNOWN, SEV_SUSPECT, SEV_INFO };
	const struct bar_judgement *b = subject(sc, row);

	if (!b) {
		not_judged(p, row);
		return;
	}
	for (size_t o = 0; o < sizeof(order) / sizeof(order[0]); o++)
		for (size_t i = 0; i < b->findings.n; i++)
			if (b->findings.f[i].sev == order[o])
				finding(p, &b->findings.f[i]);
	if (!b->findings.n)
		pen_line(p, LS_NORMAL, "no findings");
}
