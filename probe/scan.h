/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scan.h - internal: the few steps that every text decoder takes: a line, a literal, blanks, a number.
 *
 * Not sscanf: the text is not terminated, "%lx" wraps silently on overflow, and a memtype list of a million lines has
 * to be read in a tenth of a second. Every function either takes what it names and moves on, or returns false and has
 * not moved.
 */
#ifndef WCDIAG_SCAN_H
#define WCDIAG_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct scan {
	const char *p, *end;
};

static inline struct scan scan_of(const char *text, size_t len)
{
	return (struct scan){.p = text, .end = text + len};
}

static inline size_t scan_left(const struct scan *s)
{
	return (size_t)(s->end - s->p);
}

static inline bool scan_done(const struct scan *s)
{
	return s->p == s->end;
}

/* The next line without its newline. *whole is false for a last line that has none: it may have lost its end. */
static inline bool scan_line(struct scan *s, struct scan *line, bool *whole)
{
	const char *nl;

	if (s->p == s->end)
		return false;
	nl = memchr(s->p, '\n', scan_left(s));
	line->p = s->p;
	line->end = nl ? nl : s->end;
	*whole = nl != NULL;
	s->p = nl ? nl + 1 : s->end;
	return true;
}

static inline bool scan_char(struct scan *s, char c)
{
	if (s->p == s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

static inline bool scan_lit(struct scan *s, const char *lit)
{
	size_t n = strlen(lit);

	if (scan_left(s) < n || memcmp(s->p, lit, n))
		return false;
	s->p += n;
	return true;
}

static inline size_t scan_blanks(struct scan *s)
{
	const char *from = s->p;

	while (s->p != s->end && (*s->p == ' ' || *s->p == '\t'))
		s->p++;
	return (size_t)(s->p - from);
}

/* Nothing left but blanks, or the CR of a file that went through another system. */
static inline bool scan_rest_blank(const struct scan *s)
{
	const char *p = s->p;

	while (p != s->end && (*p == ' ' || *p == '\t' || *p == '\r'))
		p++;
	return p == s->end;
}

/* Up to the next blank or the end; false when there is nothing. */
static inline bool scan_word(struct scan *s, const char **word, size_t *len)
{
	const char *from = s->p;

	while (s->p != s->end && *s->p != ' ' && *s->p != '\t' && *s->p != '\r')
		s->p++;
	*word = from;
	*len = (size_t)(s->p - from);
	return *len > 0;
}

/* 16 and above for what is no hex digit. A table: whether a digit is a letter is a coin toss that no CPU predicts. */
static inline unsigned int scan_xdigit(char c)
{
	static const unsigned char plus_one[256] = {
		['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7, ['7'] = 8, ['8'] = 9,
		['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
		['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
	};

	return plus_one[(unsigned char)c] - 1U;
}

/* Hex digits without "0x". False on none, and on more than 64 bits. */
static inline bool scan_hex(struct scan *s, uint64_t *v)
{
	const char *p = s->p;
	uint64_t n = 0, lost = 0;

	for (; p != s->end; p++) {
		unsigned int d = scan_xdigit(*p);

		if (d > 15)
			break;
		lost |= n >> 60;	/* tested once, at the end: the loop is what a long list costs */
		n = n << 4 | d;
	}
	if (p == s->p || lost)
		return false;
	*v = n;
	s->p = p;
	return true;
}

/* "0x" and hex digits. */
static inline bool scan_0x(struct scan *s, uint64_t *v)
{
	struct scan t = *s;

	if (!scan_lit(&t, "0x") || !scan_hex(&t, v))
		return false;
	*s = t;
	return true;
}

/* Decimal digits without a sign. False on none, and on more than max. */
static inline bool scan_dec(struct scan *s, uint64_t max, uint64_t *v)
{
	const char *p = s->p;
	uint64_t n = 0;

	for (; p != s->end && *p >= '0' && *p <= '9'; p++) {
		unsigned int d = (unsigned int)(*p - '0');

		if (n > max / 10 || d > max - n * 10)
			return false;
		n = n * 10 + d;
	}
	if (p == s->p)
		return false;
	*v = n;
	s->p = p;
	return true;
}

/* Copy for display: cut to fit, terminated, bytes that do not print as '?'. */
static inline void scan_copy(char *out, size_t outlen, const char *from, size_t len)
{
	size_t i;

	if (!outlen)
		return;
	for (i = 0; i < len && i < outlen - 1; i++) {
		unsigned char c = (unsigned char)from[i];

		out[i] = c >= 0x20 && c < 0x7f ? (char)c : '?';
	}
	out[i] = '\0';
}

#endif
