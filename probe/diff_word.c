/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diff_word.c - one side of a difference in words: a bounded text, and a hash of all of it. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "diff_int.h"

#define WORD_TAIL sizeof(", ... and 18446744073709551615 more")

void word_begin(struct diff_word *w)
{
	*w = (struct diff_word){ .known = true, .hash = 0xcbf29ce484222325ULL };
}

/* FNV-1a: what does not fit into the text still makes a difference. */
static void hash(struct diff_word *w, const char *s)
{
	do {
		w->hash = (w->hash ^ (unsigned char)*s) * 0x100000001b3ULL;
	} while (*s++);
}

static void append(struct diff_word *w, const char *s)
{
	size_t at = strlen(w->text), room = sizeof(w->text) - WORD_TAIL;

	hash(w, s);
	if (w->more || at + strlen(s) + 2 >= room) {
		w->more++;
		return;
	}
	snprintf(w->text + at, sizeof(w->text) - at, "%s%s", at ? ", " : "", s);
}

void word_add(struct diff_word *w, const char *fmt, ...)
{
	char s[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s, sizeof(s), fmt, ap);
	va_end(ap);
	append(w, s);
}

void word_end(struct diff_word *w)
{
	size_t at = strlen(w->text);

	if (w->more)
		snprintf(w->text + at, sizeof(w->text) - at, at ? ", ... and %zu more" : "%zu, too long to show",
			 w->more);
}

void word_set(struct diff_word *w, const char *fmt, ...)
{
	char s[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s, sizeof(s), fmt, ap);
	va_end(ap);
	word_begin(w);
	hash(w, s);
	snprintf(w->text, sizeof(w->text), "%.*s%s", (int)(sizeof(w->text) - 5), s,
		 strlen(s) > sizeof(w->text) - 5 ? "..." : "");
}

void word_unknown(struct diff_word *w, const char *why)
{
	*w = (struct diff_word){ .known = false };
	snprintf(w->text, sizeof(w->text), "%s", why ? why : "");
}
