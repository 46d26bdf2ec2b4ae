/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live_draw.h - the screen of wcdiag live, drawn onto a canvas from what the model, the state and the rates hold. */
#ifndef WCDIAG_LIVE_DRAW_H
#define WCDIAG_LIVE_DRAW_H

#include "cmd/live_canvas.h"
#include "cmd/live_model.h"
#include "cmd/live_state.h"
#include "probe/judge.h"

struct live_rates;
struct live_store;

struct live_scene {
	const struct live_model *v;
	const struct live_rates *rates;
	struct live_state *s; /* drawing notes what it found: the length of the pane, the first row seen */
	const struct live_store *store; /* NULL: nothing is stored */
};

/* All of it. The layout is that of the canvas. */
void live_draw(struct live_canvas *c, const struct live_scene *sc);

/* One pane each, onto a pen; row: the BAR chosen, NULL when there is none. */
void live_draw_chain(struct canvas_pen *p, const struct live_scene *sc, const struct live_row *row);
void live_draw_map(struct canvas_pen *p, const struct live_scene *sc, const struct live_row *row);
void live_draw_findings(struct canvas_pen *p, const struct live_scene *sc, const struct live_row *row);
void live_draw_registers(struct canvas_pen *p, const struct live_scene *sc, const struct live_row *row);
void live_draw_witness(struct canvas_pen *p, const struct live_scene *sc, const struct live_row *row);
void live_draw_stores(struct canvas_pen *p, const struct live_scene *sc, const struct live_row *row);
void live_draw_help(struct canvas_pen *p, const struct live_scene *sc);

int live_state_style(enum layer_state s);
int live_verdict_style(enum verdict v);
int live_severity_style(enum severity s);

#endif
