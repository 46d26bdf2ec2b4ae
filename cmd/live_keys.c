/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live_keys.c - keys and the mouse, as htop's users expect them. */
#include <string.h>

#include "cmd/live_model.h"
#include "cmd/live_state.h"

static void choose(struct live_state *s, const struct live_model *v, long at)
{
	if (!s->n)
		return;
	if (at < 0)
		at = 0;
	if (at >= (long)s->n)
		at = (long)s->n - 1;
	if ((size_t)at != s->at)
		s->scroll = 0;
	s->at = (size_t)at;
	s->key = v->row[s->view[at]].key;
}

static void scroll_to(struct live_state *s, const struct live_layout *l, long to)
{
	long most = s->lines > l->pane_h ? s->lines - l->pane_h : 0;

	s->scroll = (int)(to < 0 ? 0 : to > most ? most : to);
}

/* The list, or when the pane has the screen what is in it. */
static void move(struct live_state *s, const struct live_model *v, const struct live_layout *l, long by)
{
	if (s->zoom)
		scroll_to(s, l, s->scroll + by);
	else
		choose(s, v, (long)s->at + by);
}

static void pane(struct live_state *s, int by)
{
	s->pane = (enum live_pane)(((int)s->pane + by + LP_PANES) % LP_PANES);
	s->scroll = 0;
}

/* The text typed; every row that no longer passes is gone at once. */
static void type(struct live_state *s, int key)
{
	size_t n = strlen(s->filter);

	if (key == LK_ENTER || key == LK_F4) {
		s->typing = false;
	} else if (key == LK_ESC) {
		s->typing = false;
		*s->filter = '\0';
	} else if (key == LK_BACKSPACE || key == 8) {
		if (n)
			s->filter[n - 1] = '\0';
	} else if (key == 'U' - '@') {
		*s->filter = '\0';
	} else if (key >= 0x20 && key < 0x7f && n + 1 < sizeof(s->filter)) {
		s->filter[n] = (char)key;
		s->filter[n + 1] = '\0';
	}
}

/* The first time in a session it is asked; one that runs is ended. Without --scratch the pane says what is missing. */
static void experiment(struct live_state *s)
{
	if (s->pane != LP_STORES)
		s->scroll = 0;
	s->pane = LP_STORES;
	if (!s->can_store)
		return;
	if (s->storing)
		s->unstore = true;
	else if (s->agreed)
		s->store = true;
	else
		s->asking = true;
	if (s->asking)
		s->scroll = 0;
}

static bool moves(struct live_state *s, const struct live_model *v, const struct live_layout *l, int key)
{
	int page = s->zoom ? l->pane_h : l->list_h;

	switch (key) {
	case LK_UP:
	case 'k':
		move(s, v, l, -1);
		return true;
	case LK_DOWN:
	case 'j':
		move(s, v, l, 1);
		return true;
	case LK_PGUP:
		move(s, v, l, -page);
		return true;
	case LK_PGDN:
		move(s, v, l, page);
		return true;
	case LK_HOME:
		move(s, v, l, -1000000000L);
		return true;
	case LK_END:
		move(s, v, l, 1000000000L);
		return true;
	case LK_RIGHT:
	case LK_TAB:
		pane(s, 1);
		return true;
	case LK_LEFT:
	case LK_BACKTAB:
		pane(s, -1);
		return true;
	default:
		return false;
	}
}

void live_key(struct live_state *s, const struct live_model *v, const struct live_layout *l, int key)
{
	if (s->typing && (key < 0x1000 || key == LK_F4) && key != LK_TAB) {
		type(s, key);
		return;
	}
	if (s->help) { /* any key but quit goes back */
		s->help = false;
		s->quit = key == 'q' || key == LK_F10;
		return;
	}
	if (s->asking) {
		s->asking = false;
		s->store = s->agreed = !l->small && (key == 'y' || key == 'Y'); /* who has seen the question */
		return;
	}
	if (moves(s, v, l, key))
		return;
	switch (key) {
	case LK_ENTER:
		s->zoom = !s->zoom;
		break;
	case LK_ESC:
		if (!s->zoom)
			*s->filter = '\0';
		s->zoom = false;
		break;
	case '/':
	case '\\':
	case LK_F4:
		s->typing = true;
		break;
	case 's':
	case LK_F6:
		s->sort = (enum live_sort)((s->sort + 1) % SORTS);
		break;
	case ' ':
		s->frozen = !s->frozen;
		break;
	case 'a':
		s->all = !s->all;
		break;
	case 'r':
	case LK_F5:
		s->reread = true;
		break;
	case 'x':
		if (!l->small)
			experiment(s);
		break;
	case 'h':
	case '?':
	case LK_F1:
		s->help = true;
		break;
	case 'L' - '@':
		s->repaint = true;
		break;
	case 'q':
	case LK_F10:
		s->quit = true;
		break;
	default:
		if (key >= '1' && key < '1' + LP_PANES) {
			s->pane = (enum live_pane)(key - '1');
			s->scroll = 0;
		}
	}
}

void live_mouse(struct live_state *s, const struct live_model *v, const struct live_layout *l, int x, int y, int wheel)
{
	int from, end;

	if (l->small)
		return;
	s->asking = false;
	if (s->help) {
		s->help = false;
		return;
	}
	if (wheel) {
		if (y >= l->tabs_y)
			scroll_to(s, l, s->scroll + 3L * wheel);
		else
			choose(s, v, (long)s->at + wheel);
		return;
	}
	if (y >= l->list_y && y < l->list_y + l->list_h)
		choose(s, v, (long)s->top + y - l->list_y);
	for (int i = 0; y == l->tabs_y && i < LP_PANES; i++) {
		live_tab(i, &from, &end);
		if (x >= from && x < end) {
			s->pane = (enum live_pane)i;
			s->scroll = 0;
		}
	}
}
