/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * html.h - writes a page of HTML with inline SVG. The only way to the file, and none of it takes markup from data:
 *
 *  - names of elements and attributes, and the style sheet, are literals of the source: anything else does not compile;
 *  - only elements and attributes of a list are written. None of them can run, load or send anything; a link leads
 *    nowhere but to a place in the page;
 *  - all text and every value is escaped, and what would not be seen is made visible: control characters, bytes that
 * are no UTF-8, marks that turn the direction of the text, spaces without width.
 *
 * The first thing that goes wrong (no memory, no room, a name that is not in the list) stays: html_end() returns it,
 * and nothing more is written. So callers need not look at each call.
 */
#ifndef WCDIAG_CMD_HTML_H
#define WCDIAG_CMD_HTML_H

#include <stdbool.h>
#include <stdio.h>

#define HTML_DEEP 32

struct html {
	FILE *f;
	int err; /* negative errno */
	unsigned int depth;
	const char *open[HTML_DEEP];
	bool tag; /* the start tag is not yet closed: attributes may follow */
};

/* Begins the page: doctype and <html>, with its language. */
void html_begin(struct html *h, FILE *f);
/* All that was opened must be closed. 0 or negative errno. The file stays open. */
int html_end(struct html *h);

/* A start tag; attributes follow, then what is in it, then close(). Elements that hold nothing need none. */
#define html_open(h, name) html_open_literal(h, "" name "")
/* of the tag just opened */
#define html_attr(h, name, ...) html_attr_literal(h, "" name "", __VA_ARGS__)
/* An element that holds just this text. */
#define html_put(h, name, ...) html_put_literal(h, "" name "", __VA_ARGS__)
#define html_style(h, sheet)   html_style_literal(h, "" sheet "")
void html_close(struct html *h);
/* Text, escaped; a newline stays one. */
void html_text(struct html *h, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A newline in the source, for people who read that. */
void html_line(struct html *h);

/* Not to be called by themselves: the macros see to it that the names are literals. */
void html_open_literal(struct html *h, const char *name);
void html_attr_literal(struct html *h, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void html_put_literal(struct html *h, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void html_style_literal(struct html *h, const char *sheet);

#endif
