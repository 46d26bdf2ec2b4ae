/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text.h - colours, wrapping and sizes for people. */
#ifndef WCDIAG_TEXT_H
#define WCDIAG_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum color { C_NONE, C_GOOD, C_BAD, C_WARN, C_DUNNO, C_DIM, C_BOLD };

/* The escape sequence that starts a colour, "" when colours are off; C_NONE ends one. */
const char *color(bool on, enum color c);

/* Print text after indent blanks, broken at blanks to width columns; the first line starts where the cursor (column at) is. */
void wrap(const char *text, int at, int indent, int width);

/* $COLUMNS when it is set, else the columns of the terminal (also behind a pager), 100 when there is none. */
int text_width(void);

/*
 * A list in a bounded buffer: an item is there whole, or counted. begin, add each (what: how many it stands for; sep
 * goes before all but the first), end, which appends ", ... and N more".
 */
struct items {
	char *buf;
	size_t len, at, more;
};

void items_begin(struct items *t, char *buf, size_t len);
void items_add(struct items *t, size_t what, const char *sep, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void items_end(struct items *t);

/* "64 MiB", "4 KiB", "12345 bytes". */
const char *human_size(uint64_t v, char *buf, size_t len);

#endif
