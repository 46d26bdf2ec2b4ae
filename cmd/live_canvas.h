/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live_canvas.h - a screen in memory: cells of one character and a style. wcdiag live draws on nothing else, so what it
 * draws can be looked at without a terminal.
 *
 * Text comes from the machine: what is not printable ASCII becomes '?', so every character is one column wide, and none
 * of them means anything to a terminal. Other characters come from canvas_glyph() alone.
 */
#ifndef WCDIAG_LIVE_CANVAS_H
#define WCDIAG_LIVE_CANVAS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum live_style {
	LS_NORMAL,
	LS_DIM,
	LS_BOLD,
	LS_GOOD,
	LS_BAD,
	LS_WARN,
	LS_DUNNO,
	LS_BAR,	 /* the bars of titles, tabs and keys */
	LS_TYPE, /* in the address map: write-combining */
	LS_STYLES
};
/* Beside the style. */
enum { LF_SELECTED = 0x40, LF_CHANGED = 0x80 };

struct live_cell {
	uint32_t ch; /* code point; one column wide */
	uint8_t style;
};

struct live_canvas {
	int w, h;
	struct live_cell *cell; /* h rows of w */
	bool ascii;		/* no character beyond ASCII */
};

#define CANVAS_MAX 1000 /* columns, rows */

/* 0, or -ENOMEM with the canvas as it was. What was on it is gone. */
int canvas_resize(struct live_canvas *c, int w, int h);
void canvas_free(struct live_canvas *c);
void canvas_clear(struct live_canvas *c);

/* At most max columns; what has no room ends with '~' when cut, so that a part does not read as the whole. Returns the
 * column behind it. Beyond the canvas nothing is drawn. */
int canvas_text(struct live_canvas *c, int x, int y, int max, int style, const char *text);
int canvas_printf(struct live_canvas *c, int x, int y, int max, int style, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
/* One of our own characters, or what stands for it in ASCII. */
void canvas_glyph(struct live_canvas *c, int x, int y, int style, uint32_t wide, char ascii);
/* The style of cells that are there: all of it, or only these LF_ bits. */
void canvas_style(struct live_canvas *c, int x, int y, int n, int style);
void canvas_flag(struct live_canvas *c, int x, int y, int n, int flag);

/* A column of text that may be longer than the window that it is looked at through. */
struct canvas_pen {
	struct live_canvas *c;
	int x, y, w, h; /* the window */
	int skip;	/* lines above the window */
	int line;	/* the next line, from the top of the text; at the end the number of lines */
};
/* One line; cut. */
void pen_line(struct canvas_pen *p, int style, const char *text);
/* The row that the next line is on, -1 when it is not to be seen. */
int pen_row(const struct canvas_pen *p);
/* Broken at blanks, its lines indented; at: where the first begins, in the line that is next. */
void pen_wrap(struct canvas_pen *p, int at, int indent, int style, const char *text);

/* As text, blanks at the end of lines and empty lines at the end left away; no escape sequence. */
void canvas_print(const struct live_canvas *c, FILE *to);

#endif
