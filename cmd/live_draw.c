/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live_draw.c - titles, the list of BARs, tabs and keys; the panes are in files of their own. */
#include "cmd/live_draw.h"

#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/live_rates.h"
#include "probe/machine.h"
#include "probe/src.h"

int live_state_style(enum layer_state s)
{
	static const int style[] = { [STATE_OK] = LS_GOOD,
				     [STATE_SUSPECT] = LS_WARN,
				     [STATE_UNKNOWN] = LS_DUNNO,
				     [STATE_BROKEN] = LS_BAD,
				     [STATE_SKIPPED] = LS_DIM };
	return style[s];
}

int live_verdict_style(enum verdict v)
{
	static const int style[] = {
		[VERDICT_INTACT] = LS_GOOD, [VERDICT_UNKNOWN] = LS_DUNNO, [VERDICT_BROKEN] = LS_BAD
	};

	return style[v];
}

int live_severity_style(enum severity s)
{
	static const int style[] = {
		[SEV_INFO] = LS_DIM, [SEV_SUSPECT] = LS_WARN, [SEV_UNKNOWN] = LS_DUNNO, [SEV_BROKEN] = LS_BAD
	};

	return style[s];
}

static void age(char *buf, size_t len, long seconds)
{
	if (seconds < 0)
		*buf = '\0';
	else if (seconds < 120)
		snprintf(buf, len, "%ld s", seconds);
	else
		snprintf(buf, len, "%ld min", seconds / 60);
}

/* Who this is, and how fresh. */
static void draw_machine(struct live_canvas *c, const struct live_scene *sc)
{
	const struct machine *m = sc->v->m;
	char line[512], when[32], all[32], state[120] = "";
	int n;

	canvas_style(c, 0, 0, c->w, LS_BAR);
	snprintf(line, sizeof(line), " wcdiag live  %s%s%s, Linux %s, %zu CPU%s",
		 src_is_live(m->src) ? "" : src_name(m->src), src_is_live(m->src) ? "" : ": ",
		 *m->cpu.name ? m->cpu.name : "CPU not known", *m->host.release ? m->host.release : "not known",
		 m->ncpu, m->ncpu == 1 ? "" : "s");
	age(when, sizeof(when), sc->v->mappings_age);
	age(all, sizeof(all), sc->v->all_age);
	if (*when)
		snprintf(state, sizeof(state), " %smappings %s old, rest %s ", sc->s->frozen ? "FROZEN, " : "", when, all);
	else if (sc->s->frozen)
		snprintf(state, sizeof(state), " FROZEN ");
	n = (int)strlen(state);
	canvas_text(c, 0, 0, c->w - n, LS_BAR, line);
	canvas_text(c, c->w - n, 0, n, sc->s->frozen ? LS_BAR | LF_CHANGED : LS_BAR, state);
}

static int count(struct live_canvas *c, int x, size_t n, int style, const char *what)
{
	if (!n)
		return x;
	x = canvas_printf(c, x, 1, c->w - x, style, "%zu %s", n, what);
	return canvas_text(c, x, 1, c->w - x, LS_NORMAL, "  ");
}

static void draw_counts(struct live_canvas *c, const struct live_scene *sc)
{
	const struct live_model *v = sc->v;
	const struct machine *m = v->m;
	char line[400];
	int x = 1, k;

	if (v->trouble) {
		canvas_text(c, 1, 1, c->w - 1, LS_BAD, v->trouble);
		return;
	}
	x = count(c, x, v->verdicts[VERDICT_BROKEN], LS_BAD, "broken");
	x = count(c, x, v->verdicts[VERDICT_UNKNOWN], LS_DUNNO, "unknown");
	x = count(c, x, v->verdicts[VERDICT_INTACT], LS_GOOD, "intact");
	x = count(c, x, v->unjudged, LS_DIM, "not judged");
	if (m->memtype.fact.state == FACT_KNOWN)
		k = snprintf(line, sizeof(line), "| %zu reservation%s", m->memtype.n, m->memtype.n == 1 ? "" : "s");
	else
		k = snprintf(line, sizeof(line), "| reservations not read");
	snprintf(line + k, sizeof(line) - (size_t)k, ", %zu mapping%s%s, entries %s", m->maps.n,
		 m->maps.n == 1 ? "" : "s", m->maps.fact.state == FACT_KNOWN ? "" : " (not all read)",
		 m->entries.fact.state == FACT_KNOWN ? "read"
		 : m->entries.list.n		     ? "read in part"
						     : "not read");
	canvas_text(c, x, 1, c->w - x, LS_NORMAL, line);
}

static void draw_headings(struct live_canvas *c, const struct live_scene *sc)
{
	static const int sorted[LC_COLS] = {
		[LC_BAR] = SORT_BAR,	       [LC_SIZE] = SORT_SIZE, [LC_VERDICT] = SORT_VERDICT, [LC_BREAKS] = -1,
		[LC_RESERVED] = SORT_RESERVED, [LC_ENTRIES] = -1,     [LC_MAPPED] = SORT_MAPPED
	};
	int x, w;

	canvas_style(c, 0, 2, c->w, LS_BOLD);
	for (int i = 0; i < LC_COLS; i++) {
		live_column(i, c->w, &x, &w);
		x = canvas_text(c, x, 2, w, LS_BOLD, live_col_name[i]);
		if (sorted[i] == (int)sc->s->sort)
			canvas_glyph(c, x, 2, LS_BOLD, 0x25b2, '^');
	}
	if (sc->s->sort == SORT_CHANGED)
		canvas_glyph(c, 0, 2, LS_BOLD, 0x25b2, '^');
}

static void draw_row(struct live_canvas *c, const struct live_scene *sc, const struct live_row *r, int y, bool chosen)
{
	bool changed = false;
	int x, w, style;

	for (int i = 0; i < LC_COLS; i++) {
		bool now = live_changed(sc->v, r, (enum live_col)i);

		live_column(i, c->w, &x, &w);
		style = r->j ? LS_NORMAL : LS_DIM;
		if (r->j && (i == LC_VERDICT || i == LC_BREAKS))
			style = live_verdict_style(r->j->verdict);
		canvas_text(c, x, y, w, style | (now ? LF_CHANGED : 0), r->text[i]);
		changed = changed || now;
	}
	if (changed)
		canvas_glyph(c, 0, y, LS_BOLD, 0x25cf, '*');
	if (chosen)
		canvas_flag(c, 0, y, c->w, LF_SELECTED);
}

static void nothing_to_list(struct live_canvas *c, const struct live_scene *sc, const struct live_layout *l)
{
	const struct machine *m = sc->v->m;
	char line[500];

	if (m->pci.fact.state == FACT_MISSING)
		snprintf(line, sizeof(line), "the PCI devices could not be read: %s: %s", m->pci.fact.where,
			 m->pci.fact.why);
	else if (*sc->s->filter)
		snprintf(line, sizeof(line), "no BAR has \"%s\" in its row (Esc shows all again)", sc->s->filter);
	else if (sc->v->n)
		snprintf(
			line, sizeof(line),
			"no BAR is plausible for write-combining (prefetchable, 4 KiB or more); a shows the %zu others",
			sc->v->n);
	else
		snprintf(line, sizeof(line), "no memory BAR of 4 KiB or more");
	canvas_text(c, 1, l->list_y, c->w - 1, LS_NORMAL, line);
	if (m->pci.fact.state == FACT_MISSING && m->pci.fact.remedy)
		canvas_text(c, 1, l->list_y + 1, c->w - 1, LS_NORMAL, m->pci.fact.remedy);
}

static void draw_list(struct live_canvas *c, const struct live_scene *sc, const struct live_layout *l)
{
	struct live_state *s = sc->s;
	size_t h = (size_t)l->list_h;

	draw_headings(c, sc);
	if (!s->n) {
		nothing_to_list(c, sc, l);
		return;
	}
	if (s->top > s->at)
		s->top = s->at;
	if (s->at >= s->top + h)
		s->top = s->at - h + 1;
	if (s->top + h > s->n)
		s->top = s->n > h ? s->n - h : 0;
	for (size_t i = 0; i < h && s->top + i < s->n; i++)
		draw_row(c, sc, &sc->v->row[s->view[s->top + i]], l->list_y + (int)i, s->top + i == s->at);
}

static void draw_tabs(struct live_canvas *c, const struct live_scene *sc, const struct live_layout *l)
{
	const struct live_row *r = live_chosen(sc->s, sc->v);
	char right[160];
	int x = 1, end = 1;

	for (int i = 0; i < c->w; i++)
		canvas_glyph(c, i, l->tabs_y, LS_DIM, 0x2500, '-');
	for (int i = 0; i < LP_PANES; i++) {
		bool on = i == (int)sc->s->pane;

		live_tab(i, &x, &end);
		canvas_printf(c, x, l->tabs_y, end - x, on ? LS_BAR : LS_NORMAL, on ? "[%s]" : " %s ",
			      live_pane_name[i]);
	}
	if (!r && sc->s->n)
		return;
	if (sc->s->n > 1)
		snprintf(right, sizeof(right), " %s  %zu of %zu ", r->text[LC_BAR], sc->s->at + 1, sc->s->n);
	else
		snprintf(right, sizeof(right), " %s ", r ? r->text[LC_BAR] : "the machine");
	x = c->w - (int)strlen(right) - 1;
	if (x > end)
		canvas_text(c, x, l->tabs_y, c->w - x, LS_BOLD, right);
}

static void draw_pane(struct live_canvas *c, const struct live_scene *sc, const struct live_layout *l)
{
	static void (*const pane[LP_PANES])(struct canvas_pen *, const struct live_scene *, const struct live_row *) = {
		[LP_CHAIN] = live_draw_chain,	    [LP_MAP] = live_draw_map,
		[LP_FINDINGS] = live_draw_findings, [LP_REGISTERS] = live_draw_registers,
		[LP_WITNESS] = live_draw_witness,   [LP_STORES] = live_draw_stores,
	};
	struct canvas_pen p = { .c = c, .x = 1, .y = l->pane_y, .w = c->w - 2, .h = l->pane_h, .skip = sc->s->scroll };

	pane[sc->s->pane](&p, sc, live_chosen(sc->s, sc->v));
	sc->s->lines = p.line;
	if (p.line <= p.skip + p.h)
		return;
	/* The last line makes room: what is covered by a hint would read as if it ended there. */
	for (int i = 0; i < c->w; i++)
		canvas_text(c, i, l->keys_y - 1, 1, LS_NORMAL, " ");
	canvas_printf(c, 1, l->keys_y - 1, c->w - 2, LS_DIM, "... %d more lines: %s", p.line - p.skip - p.h + 1,
		      sc->s->zoom ? "Down, PgDn" : "Enter gives them the screen");
}

static void draw_keys(struct live_canvas *c, const struct live_scene *sc, const struct live_layout *l)
{
	static const struct {
		const char *key, *does;
		int scratch; /* 1: only with --scratch, -1: only without, where there is but one BAR */
	} keys[] = { { "F1", "help", 0 },     { "/", "filter", 0 }, { "s", "sort", 0 },
		     { "Tab", "pane", 0 },    { "Enter", "zoom", 0 }, { "Space", "freeze", 0 },
		     { "a", "all", -1 },      { "x", "store", 1 },    { "q", "quit", 0 } };
	int x = 0;

	canvas_style(c, 0, l->keys_y, c->w, LS_BAR);
	if (sc->s->typing) {
		x = canvas_printf(c, 0, l->keys_y, c->w, LS_BAR, " filter: %s", sc->s->filter);
		canvas_glyph(c, x, l->keys_y, LS_BAR | LF_CHANGED, '_', '_');
		canvas_text(c, x + 3, l->keys_y, c->w - x - 3, LS_BAR, "Enter keeps it, Esc shows all");
		return;
	}
	if (sc->s->asking) {
		canvas_text(c, 1, l->keys_y, c->w - 1, LS_BAR | LF_CHANGED, "y stores, any other key does not");
		return;
	}
	/* What hides rows is told before the keys. */
	if (*sc->s->filter)
		x = canvas_printf(c, x, l->keys_y, c->w, LS_BAR | LF_CHANGED, " filter: %s (Esc) ", sc->s->filter);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i].scratch == (sc->s->can_store ? -1 : 1))
			continue;
		x = canvas_printf(c, x, l->keys_y, c->w - x, LS_BOLD, " %s", keys[i].key);
		x = canvas_printf(c, x, l->keys_y, c->w - x, LS_BAR, " %s ", keys[i].does);
	}
	if (!*sc->s->filter && x + 4 + (int)strlen(live_sort_name[sc->s->sort]) <= c->w)
		canvas_printf(c, x, l->keys_y, c->w - x, LS_BAR, " by %s", live_sort_name[sc->s->sort]);
}

void live_draw(struct live_canvas *c, const struct live_scene *sc)
{
	struct live_layout l = live_layout(sc->s, c->w, c->h);
	struct canvas_pen p = { .c = c, .x = 1, .y = 1, .w = c->w - 2, .h = c->h - 2 };

	canvas_clear(c);
	if (l.small) {
		p = (struct canvas_pen){ .c = c, .w = c->w, .h = c->h };
		char line[120];

		snprintf(line, sizeof(line), "wcdiag live needs %dx%d, this is %dx%d. q quits.", LIVE_MIN_W, LIVE_MIN_H,
			 c->w, c->h);
		pen_wrap(&p, 0, 0, LS_NORMAL, line);
		return;
	}
	if (sc->s->help) {
		live_draw_help(&p, sc);
		return;
	}
	draw_machine(c, sc);
	draw_counts(c, sc);
	draw_list(c, sc, &l);
	draw_tabs(c, sc, &l);
	draw_pane(c, sc, &l);
	draw_keys(c, sc, &l);
}
