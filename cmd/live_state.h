/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live_state.h - what the user has chosen to see, and how keys and the mouse change it. Pure.
 */
#ifndef WCDIAG_LIVE_STATE_H
#define WCDIAG_LIVE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct live_model;
struct live_row;

enum live_pane { LP_CHAIN, LP_MAP, LP_FINDINGS, LP_REGISTERS, LP_WITNESS, LP_STORES, LP_PANES };
extern const char *const live_pane_name[LP_PANES]; /* as in the tabs and for --pane: "chain" ... */

enum live_sort { SORT_BAR, SORT_VERDICT, SORT_SIZE, SORT_RESERVED, SORT_MAPPED, SORT_CHANGED, SORTS };
extern const char *const live_sort_name[SORTS];

struct live_state {
	enum live_pane pane;
	enum live_sort sort;
	bool all;     /* BARs that were not judged as well */
	bool frozen;  /* nothing is read until it is let go */
	bool help;    /* the list of keys is shown */
	bool typing;  /* keys go into the filter */
	bool zoom;    /* the pane has the screen, and arrows move it */
	bool quit;    /* leave */
	bool reread;  /* read all now; the loop takes it back */
	bool roomy;   /* the pane has all the rows that it needs */
	bool repaint; /* draw everything anew; the loop takes it back */
	bool can_store; /* --scratch was given */
	bool storing;	/* an experiment runs */
	bool asking;	/* may it be stored? y is yes */
	bool agreed;	/* it was, once */
	bool store;	/* begin one; the loop takes it back */
	bool unstore;	/* end it; the loop takes it back */
	char filter[48];
	uint64_t key; /* of the row chosen: it stays chosen wherever it moves */
	size_t at;    /* its place in view[] */
	size_t top;   /* first row of the list that is seen */
	int scroll;   /* lines of the pane above its window */
	int lines;    /* of the pane, as it was drawn last */
	size_t *view; /* indices of the model's rows: those that pass, in order */
	size_t n;
	size_t room;
};

/* Keys are ASCII, or these. */
enum live_key {
	LK_TAB = '\t',
	LK_ENTER = '\n',
	LK_ESC = 27,
	LK_BACKSPACE = 127,
	LK_UP = 0x1000,
	LK_DOWN,
	LK_LEFT,
	LK_RIGHT,
	LK_PGUP,
	LK_PGDN,
	LK_HOME,
	LK_END,
	LK_BACKTAB,
	LK_F1,
	LK_F4,
	LK_F5,
	LK_F6,
	LK_F10,
	LK_MOUSE, /* see live_mouse() */
	LK_RESIZE,
	LK_NONE,
};

/* Where what is on a screen of w columns and h rows. */
struct live_layout {
	int w, h;
	bool small;	    /* there is no room: only that is said */
	int list_y, list_h; /* rows of the list; its headings are above */
	int tabs_y;
	int pane_y, pane_h;
	int keys_y;
};
#define LIVE_MIN_W 80
#define LIVE_MIN_H 24
struct live_layout live_layout(const struct live_state *s, int w, int h);
/* Columns of tab i: from *x to *end. */
void live_tab(int i, int *x, int *end);
/* First column and width of a column of the list. */
void live_column(int col, int w, int *x, int *width);

/* Filter and sort; the row chosen stays chosen. 0 or -ENOMEM. */
int live_view(struct live_state *s, const struct live_model *v);
/* The row chosen; NULL: the list is empty. */
const struct live_row *live_chosen(const struct live_state *s, const struct live_model *v);
void live_state_free(struct live_state *s);

/* live_view() has to follow, for a filter or an order may be new. */
void live_key(struct live_state *s, const struct live_model *v, const struct live_layout *l, int key);
/* wheel: -1 up, 1 down, 0: a click. */
void live_mouse(struct live_state *s, const struct live_model *v, const struct live_layout *l, int x, int y, int wheel);

#endif
