/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live_state.c - which rows are seen in which order, and where things stand on the screen. */
#include "cmd/live_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cmd/live_model.h"
#include "probe/judge.h"

const char *const live_pane_name[LP_PANES] = {
	[LP_CHAIN] = "chain",	      [LP_MAP] = "map",		[LP_FINDINGS] = "findings",
	[LP_REGISTERS] = "registers", [LP_WITNESS] = "witness",   [LP_STORES] = "stores",
};

const char *const live_sort_name[SORTS] = {
	[SORT_BAR] = "bar",	      [SORT_VERDICT] = "verdict",  [SORT_SIZE] = "size",
	[SORT_RESERVED] = "reserved", [SORT_MAPPED] = "mapped by", [SORT_CHANGED] = "last change",
};

/* The narrowest of each; the last has what is left. A judged machine's slots take 14 or 16 columns. */
static const int widths[LC_COLS] = {
	[LC_BAR] = 15, [LC_SIZE] = 9, [LC_VERDICT] = 11, [LC_BREAKS] = 8, [LC_RESERVED] = 12, [LC_ENTRIES] = 11,
};

void live_column(int col, int w, int *x, int *width)
{
	int more = w >= 120 ? 8 : w >= 100 ? 4 : 0;

	*x = 1; /* the mark of a change */
	for (int c = 0; c < col; c++)
		*x += widths[c] + (c == LC_RESERVED || c == LC_ENTRIES || c == LC_BAR ? more : 0);
	*width = col == LC_MAPPED
			 ? w - *x
			 : widths[col] + (col == LC_RESERVED || col == LC_ENTRIES || col == LC_BAR ? more : 0) - 1;
}

void live_tab(int i, int *x, int *end)
{
	*x = 1;
	for (int k = 0; k < i; k++)
		*x += (int)strlen(live_pane_name[k]) + 2;
	*end = *x + (int)strlen(live_pane_name[i]) + 2;
}

struct live_layout live_layout(const struct live_state *s, int w, int h)
{
	struct live_layout l = { .w = w, .h = h, .small = w < LIVE_MIN_W || h < LIVE_MIN_H };
	int rows = s->n < 3 ? 3 : s->n > 1000 ? 1000 : (int)s->n, most = (h - 5) * 2 / 5;

	if (l.small)
		return l;
	l.list_y = 3;
	l.list_h = s->zoom ? 1 : rows < most ? rows : most;
	l.tabs_y = l.list_y + l.list_h;
	l.pane_y = l.tabs_y + 1;
	l.keys_y = h - 1;
	l.pane_h = l.keys_y - l.pane_y;
	return l;
}

static bool passes(const struct live_state *s, const struct live_row *r)
{
	if (!*s->filter)
		return s->all || r->j;
	if (!s->all && !r->j)
		return false;
	for (int c = 0; c < LC_COLS; c++)
		if (strcasestr(r->text[c], s->filter))
			return true;
	return false;
}

static int verdict_rank(const struct live_row *r)
{
	static const int rank[] = { [VERDICT_BROKEN] = 0, [VERDICT_UNKNOWN] = 1, [VERDICT_INTACT] = 2 };

	return r->j ? rank[r->j->verdict] : 3;
}

static int compare(const void *a, const void *b, void *arg)
{
	const struct live_state *s = ((void **)arg)[0];
	const struct live_model *v = ((void **)arg)[1];
	const struct live_row *x = &v->row[*(const size_t *)a], *y = &v->row[*(const size_t *)b];
	uint64_t sx = x->end - x->start, sy = y->end - y->start;
	int d = 0;

	switch (s->sort) {
	case SORT_VERDICT:
		d = verdict_rank(x) - verdict_rank(y);
		break;
	case SORT_SIZE:
		d = sx > sy ? -1 : sx < sy;
		break;
	case SORT_RESERVED:
		d = strcmp(x->text[LC_RESERVED], y->text[LC_RESERVED]);
		break;
	case SORT_MAPPED: /* those that somebody maps first */
		d = !strncmp(x->text[LC_MAPPED], "no", 2) - !strncmp(y->text[LC_MAPPED], "no", 2);
		if (!d)
			d = strverscmp(x->text[LC_MAPPED], y->text[LC_MAPPED]);
		break;
	case SORT_CHANGED:
		d = x->newest > y->newest ? -1 : x->newest < y->newest;
		break;
	default:
		break;
	}
	return d ? d : x->key < y->key ? -1 : x->key > y->key;
}

int live_view(struct live_state *s, const struct live_model *v)
{
	void *arg[2] = { s, (void *)(uintptr_t)v };

	if (s->room < v->n) {
		size_t *p = realloc(s->view, v->n * sizeof(*p));

		if (!p)
			return -ENOMEM;
		s->view = p;
		s->room = v->n;
	}
	s->n = 0;
	for (size_t i = 0; i < v->n; i++)
		if (passes(s, &v->row[i]))
			s->view[s->n++] = i;
	if (s->n)
		qsort_r(s->view, s->n, sizeof(*s->view), compare, arg);
	for (size_t i = 0; i < s->n; i++)
		if (v->row[s->view[i]].key == s->key) {
			s->at = i;
			return 0;
		}
	/* It is gone, or nothing was chosen: what stands in its place now. */
	if (s->at >= s->n)
		s->at = s->n ? s->n - 1 : 0;
	s->key = s->n ? v->row[s->view[s->at]].key : 0;
	return 0;
}

const struct live_row *live_chosen(const struct live_state *s, const struct live_model *v)
{
	return s->at < s->n ? &v->row[s->view[s->at]] : NULL;
}

void live_state_free(struct live_state *s)
{
	free(s->view);
	s->view = NULL;
	s->n = s->room = 0;
}
