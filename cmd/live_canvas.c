/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live_canvas.c - cells in memory, and text that flows over them. */
#include "cmd/live_canvas.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int canvas_resize(struct live_canvas *c, int w, int h)
{
	struct live_cell *cell;

	w = w < 1 ? 1 : w > CANVAS_MAX ? CANVAS_MAX : w;
	h = h < 1 ? 1 : h > CANVAS_MAX ? CANVAS_MAX : h;
	if (!c->cell || w != c->w || h != c->h) {
		cell = calloc((size_t)w * (size_t)h, sizeof(*cell));
		if (!cell)
			return -ENOMEM;
		free(c->cell);
		c->cell = cell;
		c->w = w;
		c->h = h;
	}
	canvas_clear(c);
	return 0;
}

void canvas_free(struct live_canvas *c)
{
	free(c->cell);
	c->cell = NULL;
}

void canvas_clear(struct live_canvas *c)
{
	for (int i = 0; i < c->w * c->h; i++)
		c->cell[i] = (struct live_cell){ ' ', LS_NORMAL };
}

static struct live_cell *at(struct live_canvas *c, int x, int y)
{
	return x >= 0 && y >= 0 && x < c->w && y < c->h ? &c->cell[y * c->w + x] : NULL;
}

static void put(struct live_canvas *c, int x, int y, int style, uint32_t ch)
{
	struct live_cell *p = at(c, x, y);

	if (p)
		*p = (struct live_cell){ ch, (uint8_t)style };
}

static uint32_t safe(char c)
{
	return c >= 0x20 && c < 0x7f ? (unsigned char)c : '?';
}

int canvas_text(struct live_canvas *c, int x, int y, int max, int style, const char *text)
{
	int n = 0;

	if (max > c->w - x)
		max = c->w - x;
	for (; n < max && text[n]; n++)
		put(c, x + n, y, style, text[n + 1] && n + 1 == max ? '~' : safe(text[n]));
	return x + n;
}

int canvas_printf(struct live_canvas *c, int x, int y, int max, int style, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return canvas_text(c, x, y, max, style, text);
}

void canvas_glyph(struct live_canvas *c, int x, int y, int style, uint32_t wide, char ascii)
{
	put(c, x, y, style, c->ascii ? safe(ascii) : wide);
}

void canvas_style(struct live_canvas *c, int x, int y, int n, int style)
{
	for (int i = 0; i < n; i++)
		if (at(c, x + i, y))
			at(c, x + i, y)->style = (uint8_t)style;
}

void canvas_flag(struct live_canvas *c, int x, int y, int n, int flag)
{
	for (int i = 0; i < n; i++)
		if (at(c, x + i, y))
			at(c, x + i, y)->style |= (uint8_t)flag;
}

int pen_row(const struct canvas_pen *p)
{
	int row = p->line - p->skip;

	return row >= 0 && row < p->h ? p->y + row : -1;
}

void pen_line(struct canvas_pen *p, int style, const char *text)
{
	int row = pen_row(p);

	if (row >= 0)
		canvas_text(p->c, p->x, row, p->w, style, text);
	p->line++;
}

void pen_wrap(struct canvas_pen *p, int at_col, int indent, int style, const char *text)
{
	int col = at_col, width = p->w > indent ? p->w : indent + 1, row;
	bool fresh = true; /* nothing of it on this line yet */

	while (*text) {
		int n = (int)strcspn(text, " ");

		if (!fresh && col + 1 + n > width) {
			p->line++;
			col = indent;
			fresh = true;
		}
		col += !fresh;
		/* A word longer than a line goes on in the next: a path is not to lose its end. */
		if (n > width - col)
			n = width > col ? width - col : 0;
		row = pen_row(p);
		for (int i = 0; row >= 0 && i < n; i++)
			put(p->c, p->x + col + i, row, style, safe(text[i]));
		col += n;
		text += n;
		fresh = *text && *text != ' ';
		if (fresh) {
			p->line++;
			col = indent;
		}
		text += strspn(text, " ");
	}
	p->line++;
}

static void put_utf8(uint32_t ch, FILE *to)
{
	if (ch < 0x80) {
		fputc((int)ch, to);
	} else if (ch < 0x800) {
		fputc((int)(0xc0 | ch >> 6), to);
		fputc((int)(0x80 | (ch & 0x3f)), to);
	} else {
		fputc((int)(0xe0 | ch >> 12), to);
		fputc((int)(0x80 | (ch >> 6 & 0x3f)), to);
		fputc((int)(0x80 | (ch & 0x3f)), to);
	}
}

static int used(const struct live_canvas *c, int y)
{
	int n = c->w;

	while (n && c->cell[y * c->w + n - 1].ch == ' ')
		n--;
	return n;
}

void canvas_print(const struct live_canvas *c, FILE *to)
{
	int rows = c->h;

	while (rows && !used(c, rows - 1))
		rows--;
	for (int y = 0; y < rows; y++) {
		for (int x = 0, n = used(c, y); x < n; x++)
			put_utf8(c->cell[y * c->w + x].ch, to);
		fputc('\n', to);
	}
}
