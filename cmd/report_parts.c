// SPDX-License-Identifier: GPL-2.0-or-later
/* report_parts.c - words, tables, folds and shapes that the parts of the page have in common. */
#include "cmd/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void page_word(struct page *p, const char *cls, const char *word)
{
	html_open(&p->h, "span");
	html_attr(&p->h, "class", "%s", cls);
	html_text(&p->h, "%s", word);
	html_close(&p->h);
}

void page_table_plain(struct page *p, const char *cls, const char *caption, const char *const *column)
{
	struct html *h = &p->h;

	html_open(h, "table");
	html_attr(h, "class", "%s", cls);
	html_put(h, "caption", "%s", caption);
	html_open(h, "thead");
	html_open(h, "tr");
	for (; *column; column++) {
		html_open(h, "th");
		html_attr(h, "scope", "col");
		html_text(h, "%s", *column);
		html_close(h);
	}
	html_close(h);
	html_close(h);
	html_line(h);
	html_open(h, "tbody");
	html_line(h);
}

void page_table_plain_end(struct page *p)
{
	html_close(&p->h);
	html_close(&p->h);
	html_line(&p->h);
}

void page_table(struct page *p, const char *caption, const char *const *column)
{
	struct html *h = &p->h;

	/* What scrolls can be reached by keyboard. */
	html_open(h, "div");
	html_attr(h, "class", "scroll");
	html_attr(h, "tabindex", "0");
	html_attr(h, "role", "region");
	html_attr(h, "aria-label", "%s", caption);
	page_table_plain(p, "wide", caption, column);
}

void page_table_end(struct page *p)
{
	page_table_plain_end(p);
	html_close(&p->h);
	html_line(&p->h);
}

/* All text goes through the writer, whatever made it. */
static void __attribute__((format(printf, 2, 0))) put(struct page *p, const char *fmt, va_list ap)
{
	char *s = NULL;

	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	html_text(&p->h, "%s", s ? s : "?");
	free(s);
}

void page_cell(struct page *p, const char *fmt, ...)
{
	va_list ap;

	html_open(&p->h, "td");
	va_start(ap, fmt);
	put(p, fmt, ap);
	va_end(ap);
	html_close(&p->h);
}

void page_row(struct page *p, const char *fmt, ...)
{
	va_list ap;

	html_open(&p->h, "tr");
	html_open(&p->h, "th");
	html_attr(&p->h, "scope", "row");
	va_start(ap, fmt);
	put(p, fmt, ap);
	va_end(ap);
	html_close(&p->h);
}

void page_row_end(struct page *p)
{
	html_close(&p->h);
	html_line(&p->h);
}

void page_fold(struct page *p, const char *summary)
{
	html_open(&p->h, "details");
	html_put(&p->h, "summary", "%s", summary);
	html_line(&p->h);
}

void page_fold_end(struct page *p)
{
	html_close(&p->h);
	html_line(&p->h);
}

void page_svg(struct page *p, const char *name, unsigned int height, const char *title)
{
	struct html *h = &p->h;

	html_open(h, "figure");
	html_open(h, "div");
	html_attr(h, "class", "scroll");
	html_attr(h, "tabindex", "0");
	html_attr(h, "role", "region");
	html_attr(h, "aria-label", "%s", title);
	html_open(h, "svg");
	html_attr(h, "viewBox", "0 0 %d %u", SVG_WIDTH, height);
	html_attr(h, "role", "img");
	html_attr(h, "aria-label", "%s", title);
	html_attr(h, "aria-describedby", "%s-d", name);
	html_put(h, "title", "%s", title);
	html_open(h, "desc");
	html_attr(h, "id", "%s-d", name);
}

void page_svg_described(struct page *p)
{
	html_close(&p->h);
	html_line(&p->h);
}

void page_svg_end(struct page *p)
{
	html_close(&p->h);
	html_close(&p->h);
	html_line(&p->h);
}

/* About so wide is a letter of the style's 12 pixels. */
#define LETTER 6.6

void page_svg_text(struct page *p, const char *anchor, double x, double y, const char *fmt, ...)
{
	va_list ap;

	html_open(&p->h, "text");
	html_attr(&p->h, "x", "%.1f", x);
	html_attr(&p->h, "y", "%.1f", y);
	html_attr(&p->h, "text-anchor", "%s", anchor);
	va_start(ap, fmt);
	put(p, fmt, ap);
	va_end(ap);
	html_close(&p->h);
}

void page_box(struct page *p, const char *cls, double x, double y, double width, double height, const char *word)
{
	html_open(&p->h, "rect");
	html_attr(&p->h, "class", "f-%s", cls);
	html_attr(&p->h, "x", "%.1f", x);
	html_attr(&p->h, "y", "%.1f", y);
	html_attr(&p->h, "width", "%.1f", width);
	html_attr(&p->h, "height", "%.1f", height);
	html_close(&p->h);
	if (word && *word && (double)strlen(word) * LETTER + 2 <= width)
		page_svg_text(p, "middle", x + width / 2, y + height / 2 + 4, "%s", word);
	html_line(&p->h);
}

void page_svg_line(struct page *p, const char *cls, double x1, double y1, double x2, double y2)
{
	html_open(&p->h, "line");
	html_attr(&p->h, "class", "%s", cls);
	html_attr(&p->h, "x1", "%.1f", x1);
	html_attr(&p->h, "y1", "%.1f", y1);
	html_attr(&p->h, "x2", "%.1f", x2);
	html_attr(&p->h, "y2", "%.1f", y2);
	html_close(&p->h);
	html_line(&p->h);
}

const char *page_type_class(enum mtype t)
{
	static const char *const cls[MT_COUNT] = {
		[MT_UC] = "uc", [MT_WC] = "wc",	      [MT_WT] = "wb",	     [MT_WP] = "wb",
		[MT_WB] = "wb", [MT_UCMINUS] = "ucm", [MT_UNKNOWN] = "none", [MT_UNDEFINED] = "mix",
	};

	return t < MT_COUNT && cls[t] ? cls[t] : "mix";
}
