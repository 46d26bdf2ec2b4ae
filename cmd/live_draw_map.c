/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live_draw_map.c - the address map of a BAR: reservations, processes and the kernel as bars of one scale. A letter a
 * type, so that it reads without colour as well.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/live_draw.h"
#include "cmd/text.h"
#include "probe/machine.h"
#include "probe/pte_words.h"

#define LABEL	 22  /* columns */
#define LISTED	 200 /* reservations by address; the rest is counted */
#define BY_NAME	 4   /* ioremaps */
#define MAP_COLS CANVAS_MAX

static char letter(enum mtype t)
{
	static const char of[MT_COUNT] = {
		[MT_UC] = 'U', [MT_WC] = 'W', [MT_UCMINUS] = '-', [MT_WB] = 'B', [MT_WT] = 'T', [MT_WP] = 'P'
	};

	return (int)t >= 0 && t < MT_COUNT && of[t] ? of[t] : '?';
}

struct strip {
	uint64_t start, size;
	int w;
	char col[MAP_COLS];
};

static void strip_init(struct strip *s, const struct canvas_pen *p, const struct live_row *row)
{
	*s = (struct strip){ .start = row->start, .size = row->end - row->start, .w = p->w - LABEL };
	if (s->w > MAP_COLS)
		s->w = MAP_COLS;
	memset(s->col, '.', sizeof(s->col));
}

/* Every column that [start, end) touches; where two types share a column that is said, too. */
static void strip_fill(struct strip *s, uint64_t start, uint64_t end, char ch)
{
	unsigned __int128 from, to;

	if (start < s->start)
		start = s->start;
	if (end > s->start + s->size)
		end = s->start + s->size;
	if (start >= end)
		return;
	from = (unsigned __int128)(start - s->start) * (unsigned int)s->w / s->size;
	to = ((unsigned __int128)(end - s->start) * (unsigned int)s->w + s->size - 1) / s->size;
	for (int i = (int)from; i < (int)to && i < s->w; i++)
		s->col[i] = s->col[i] == '.' || s->col[i] == ch ? ch : '*';
}

static void strip_draw(struct canvas_pen *p, const char *label, const struct strip *s)
{
	int y = pen_row(p);

	if (y >= 0) {
		canvas_text(p->c, p->x, y, LABEL - 1, LS_NORMAL, label);
		for (int i = 0; i < s->w; i++) {
			char one[2] = { s->col[i], 0 };

			canvas_text(p->c, p->x + LABEL + i, y, 1,
				    *one == 'W'			 ? LS_TYPE
				    : *one == '.'		 ? LS_DIM
				    : *one == '?' || *one == '*' ? LS_DUNNO
								 : LS_BAD,
				    one);
		}
	}
	p->line++;
}

static int reserve(const struct memtype *t, void *arg)
{
	strip_fill(arg, t->start, t->end, letter(t->type));
	return 0;
}

static void draw_reserved(struct canvas_pen *p, const struct machine *m, const struct live_row *row)
{
	struct strip s;

	if (m->memtype.fact.state != FACT_KNOWN && m->memtype.fact.state != FACT_ABSENT) {
		pen_line(p, LS_DUNNO, "reserved              not read");
		return;
	}
	strip_init(&s, p, row);
	memtype_overlaps(&m->memtype, row->start, row->end, reserve, &s);
	strip_draw(p, "reserved", &s);
}

/* A mapping whose entries nobody read has a place at most. */
static void draw_mapping(struct canvas_pen *p, const struct machine *m, const struct live_row *row,
			 const struct bar_map *b)
{
	char label[300], who[256];
	struct strip s;

	if (pen_row(p) < 0) {
		p->line++;
		return;
	}
	strip_init(&s, p, row);
	for (size_t i = 0; i < b->npiece; i++) {
		const struct bar_piece *q = &b->piece[i];

		strip_fill(&s, q->phys, q->phys + q->len,
			   machine_slot_differs(m, q->slot)
				   ? '?'
				   : letter(machine_entry_type(m, m->ndistinct ? m->distinct[0] : 0, q->slot)));
	}
	if (!b->read && b->map && b->map->phys_known)
		strip_fill(&s, b->map->phys, map_phys_end(b->map), '?');
	if (b->map) {
		snprintf(label, sizeof(label), "%d %s", b->pid, b->map->comm);
	} else {
		kernel_words(b, who, sizeof(who));
		snprintf(label, sizeof(label), "%s", !strncmp(who, "kernel ioremap by ", 18) ? who + 18 : who);
	}
	strip_draw(p, label, &s);
}

/* The kernel's own as vmallocinfo lists them; of their type it says nothing. */
static bool listed(const struct bar_judgement *j, const struct ioremap *io)
{
	for (size_t i = j->maps.nprocess; i < j->maps.n; i++)
		if (j->maps.m[i].io == io)
			return true;
	return false;
}

/* A few by name; many (a page for each queue of a network card) share a line. */
static void draw_ioremaps(struct canvas_pen *p, const struct machine *m, const struct live_row *row)
{
	size_t n = 0, at = 0;
	struct strip s, all;
	char label[64];

	strip_init(&all, p, row);
	for (size_t i = 0; i < m->ioremaps.n && m->ioremaps.r[i].start < row->end; i++) {
		const struct ioremap *io = &m->ioremaps.r[i];

		if (io->end <= row->start || (row->j && listed(row->j, io)))
			continue;
		strip_fill(&all, io->start, io->end, '?');
		n++;
	}
	if (n > BY_NAME) {
		snprintf(label, sizeof(label), "kernel, %zu ioremaps", n);
		strip_draw(p, label, &all);
	}
	for (size_t i = 0; n <= BY_NAME && at < n && i < m->ioremaps.n; i++) {
		const struct ioremap *io = &m->ioremaps.r[i];

		if (io->start >= row->end || io->end <= row->start || (row->j && listed(row->j, io)))
			continue;
		strip_init(&s, p, row);
		strip_fill(&s, io->start, io->end, '?');
		strip_draw(p, io->caller, &s);
		at++;
	}
}

/* A driver's node, whose place only the entries tell: a line for each file of a process. */
static void draw_unplaced(struct canvas_pen *p, const struct machine *m, const struct live_row *row)
{
	char line[400], times[40];
	size_t n = 0;

	for (size_t i = 0; i < m->maps.n; i++) {
		const struct map *q = &m->maps.m[i], *next = i + 1 < m->maps.n ? q + 1 : NULL;

		if (q->phys_known || q->dev != (int)row->dev || (q->bar >= 0 && q->bar != row->bar))
			continue;
		n++;
		if (next && next->pid == q->pid && !next->phys_known && next->dev == q->dev && next->bar == q->bar &&
		    !strcmp(next->path, q->path))
			continue;
		*times = '\0';
		if (n > 1)
			snprintf(times, sizeof(times), ", %zu times", n);
		snprintf(line, sizeof(line), "%d %s maps %s%s: %s", q->pid, q->comm, q->path, times,
			 q->bar < 0 ? "perhaps this BAR, only entries tell" : "where in this BAR, only entries tell");
		pen_wrap(p, 0, LABEL, LS_DUNNO, line);
		n = 0;
	}
}

struct lister {
	struct canvas_pen *p;
	size_t n;
};

static int list(const struct memtype *t, void *arg)
{
	struct lister *l = arg;
	char line[120], size[40];

	if (l->n++ < LISTED && pen_row(l->p) >= 0) {
		snprintf(line, sizeof(line), "  0x%" PRIx64 "-0x%" PRIx64 "  %s  %s", t->start, t->end,
			 mtype_name(t->type), human_size(t->end - t->start, size, sizeof(size)));
		canvas_text(l->p->c, l->p->x, pen_row(l->p), l->p->w, LS_NORMAL, line);
	}
	if (l->n <= LISTED)
		l->p->line++;
	return 0;
}

static void draw_scale(struct canvas_pen *p, const struct live_row *row)
{
	char left[40], right[40];
	int y = pen_row(p);

	snprintf(left, sizeof(left), "0x%" PRIx64, row->start);
	snprintf(right, sizeof(right), "0x%" PRIx64, row->end);
	if (y >= 0) {
		canvas_text(p->c, p->x, y, LABEL - 1, LS_DIM, row->text[LC_SIZE]);
		canvas_text(p->c, p->x + LABEL, y, p->w - LABEL, LS_DIM, left);
		canvas_text(p->c, p->x + p->w - (int)strlen(right), y, (int)strlen(right), LS_DIM, right);
	}
	p->line++;
}

void live_draw_map(struct canvas_pen *p, const struct live_scene *sc, const struct live_row *row)
{
	const struct machine *m = sc->v->m;
	struct lister l = { p, 0 };
	char more[80];

	if (!row) {
		pen_line(p, LS_NORMAL, "no BAR is chosen");
		return;
	}
	if (!row->start || row->end <= row->start) {
		pen_line(p, LS_NORMAL, "this BAR has no address: nothing can map it");
		return;
	}
	draw_scale(p, row);
	draw_reserved(p, m, row);
	for (size_t i = 0; row->j && i < row->j->maps.n; i++)
		draw_mapping(p, m, row, &row->j->maps.m[i]);
	draw_ioremaps(p, m, row);
	pen_line(p, LS_DIM, "W WC  - UC-  U UC  B WB  T WT  P WP  ? not known  * several  . none");
	draw_unplaced(p, m, row);
	pen_line(p, LS_BOLD, "reservations, ends exclusive");
	memtype_overlaps(&m->memtype, row->start, row->end, list, &l);
	if (!l.n)
		pen_line(p, LS_NORMAL,
			 m->memtype.fact.state == FACT_KNOWN || m->memtype.fact.state == FACT_ABSENT ? "  none"
												     : "  not read");
	if (l.n > LISTED) {
		snprintf(more, sizeof(more), "  and %zu more: wcdiag memtype lists them", l.n - LISTED);
		pen_line(p, LS_NORMAL, more);
	}
}
