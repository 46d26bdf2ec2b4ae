// SPDX-License-Identifier: GPL-2.0-or-later
/* html.c - the writer of pages: what is open, which names there are, and all that must not get through. */
#include "cmd/html.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Nothing here runs, loads, or sends anything (HTML Living Standard, 4; SVG 2, 5, 10, 11). */
static const char *const elements[] = {
	"html", "head", "title", "meta",   "body",    "header",	 "main",   "footer",	 "nav", "section",
	"h1",	"h2",	"h3",	 "h4",	   "p",	      "div",	 "span",   "a",		 "ul",	"ol",
	"li",	"dl",	"dt",	 "dd",	   "table",   "caption", "thead",  "tbody",	 "tr",	"th",
	"td",	"pre",	"code",	 "strong", "details", "summary", "figure", "figcaption", "svg", "g",
	"rect", "line", "text",	 "desc",   "defs",    "pattern", "path",
};

static const char *const empty[] = { "meta" };

/* href is looked at besides. */
static const char *const attributes[] = {
	"lang",
	"charset",
	"name",
	"content",
	"http-equiv",
	"id",
	"class",
	"href",
	"title",
	"scope",
	"colspan",
	"open",
	"tabindex",
	"role",
	"aria-label",
	"aria-labelledby",
	"aria-describedby",
	"viewBox",
	"width",
	"height",
	"x",
	"y",
	"x1",
	"x2",
	"y1",
	"y2",
	"text-anchor",
	"patternUnits",
	"patternTransform",
	"d",
	"focusable",
};

/* Code points that are not seen, or that change how others are: Unicode 15, general categories Cf, Zl, Zp, bidi
 * controls. */
static const struct {
	uint32_t first, last;
} unseen[] = {
	{ 0x80, 0x9f },	    { 0xad, 0xad },	  { 0x34f, 0x34f },	{ 0x600, 0x605 },      { 0x61c, 0x61c },
	{ 0x6dd, 0x6dd },   { 0x70f, 0x70f },	  { 0x115f, 0x1160 },	{ 0x17b4, 0x17b5 },    { 0x180b, 0x180f },
	{ 0x200b, 0x200f }, { 0x2028, 0x202e },	  { 0x2060, 0x206f },	{ 0x3164, 0x3164 },    { 0xd800, 0xf8ff },
	{ 0xfdd0, 0xfdef }, { 0xfe00, 0xfe0f },	  { 0xfeff, 0xfeff },	{ 0xffa0, 0xffa0 },    { 0xfff0, 0xfffb },
	{ 0xfffe, 0xffff }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0x10ffff },
};

static bool listed(const char *const *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i], name))
			return true;
	return false;
}
#define LISTED(list, name) listed(list, sizeof(list) / sizeof((list)[0]), name)

static void give_up(struct html *h, int err)
{
	if (!h->err)
		h->err = err;
}

static void raw(struct html *h, const char *s)
{
	if (!h->err && fputs(s, h->f) < 0)
		give_up(h, errno ? -errno : -EIO);
}

/* One code point: how many bytes, 0 when they are no UTF-8 (RFC 3629: no overlong ones, no surrogates). */
static size_t code_point(const unsigned char *s, uint32_t *cp)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = *s < 0x80		     ? 1
		   : *s >= 0xf0 && *s < 0xf8 ? 4
		   : *s >= 0xe0 && *s < 0xf0 ? 3
		   : *s >= 0xc0 && *s < 0xe0 ? 2
					     : 0;

	if (n < 2) {
		*cp = *s;
		return n;
	}
	*cp = *s & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (s[i] & 0x3f);
	}
	return *cp < least[n] || *cp > 0x10ffff || (*cp >= 0xd800 && *cp < 0xe000) ? 0 : n;
}

static bool is_unseen(uint32_t cp)
{
	for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
		if (cp >= unseen[i].first && cp <= unseen[i].last)
			return true;
	return false;
}

/* A control character as its picture, U+2400 and up; what else is not seen by its number. */
static void shown(struct html *h, uint32_t cp)
{
	char buf[24];

	if (cp < 0x20 || cp == 0x7f)
		snprintf(buf, sizeof(buf), "&#x%x;", cp == 0x7f ? 0x2421 : 0x2400 + cp);
	else
		snprintf(buf, sizeof(buf), "[U+%04X]", cp);
	raw(h, buf);
}

static void escaped(struct html *h, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	uint32_t cp;
	char buf[16];

	while (*s && !h->err) {
		size_t n = code_point(s, &cp);

		if (!n) {
			snprintf(buf, sizeof(buf), "[%02X]", *s++);
			raw(h, buf);
			continue;
		}
		if (cp == '&' || cp == '<' || cp == '>' || cp == '"' || cp == '\'') {
			snprintf(buf, sizeof(buf), "&#%u;", cp);
			raw(h, buf);
		} else if ((cp < 0x20 && cp != '\n') || cp == 0x7f || is_unseen(cp)) {
			shown(h, cp);
		} else {
			memcpy(buf, s, n);
			buf[n] = '\0';
			raw(h, buf);
		}
		s += n;
	}
}

static void __attribute__((format(printf, 2, 0))) format(struct html *h, const char *fmt, va_list ap)
{
	char *s = NULL;

	if (h->err)
		return;
	if (vasprintf(&s, fmt, ap) < 0)
		give_up(h, -ENOMEM);
	else
		escaped(h, s);
	free(s);
}

/* The start tag ends where something else than an attribute comes. */
static void settle(struct html *h)
{
	if (!h->tag)
		return;
	h->tag = false;
	if (!h->depth || !LISTED(empty, h->open[h->depth - 1])) {
		raw(h, ">");
		return;
	}
	/* So that a reader of XML can take the page as well. */
	raw(h, "/>");
	h->depth--;
}

void html_open_literal(struct html *h, const char *name)
{
	settle(h);
	if (h->depth == HTML_DEEP || !LISTED(elements, name))
		give_up(h, -EINVAL);
	if (h->err)
		return;
	raw(h, "<");
	raw(h, name);
	h->open[h->depth++] = name;
	h->tag = true;
}

void html_attr_literal(struct html *h, const char *name, const char *fmt, ...)
{
	va_list ap;

	/* A link leads to a place in the page: what it is made of may be data, its beginning is ours. */
	if (!h->tag || !LISTED(attributes, name) || (!strcmp(name, "href") && *fmt != '#'))
		give_up(h, -EINVAL);
	raw(h, " ");
	raw(h, name);
	raw(h, "=\"");
	va_start(ap, fmt);
	format(h, fmt, ap);
	va_end(ap);
	raw(h, "\"");
}

void html_text(struct html *h, const char *fmt, ...)
{
	va_list ap;

	settle(h);
	va_start(ap, fmt);
	format(h, fmt, ap);
	va_end(ap);
}

void html_close(struct html *h)
{
	settle(h);
	if (!h->depth)
		give_up(h, -EINVAL);
	if (h->err)
		return;
	raw(h, "</");
	raw(h, h->open[--h->depth]);
	raw(h, ">");
}

void html_put_literal(struct html *h, const char *name, const char *fmt, ...)
{
	va_list ap;

	html_open_literal(h, name);
	settle(h);
	va_start(ap, fmt);
	format(h, fmt, ap);
	va_end(ap);
	html_close(h);
}

void html_style_literal(struct html *h, const char *sheet)
{
	settle(h);
	/* Whatever it holds, it ends where it is meant to. */
	if (strchr(sheet, '<'))
		give_up(h, -EINVAL);
	raw(h, "<style>\n");
	raw(h, sheet);
	raw(h, "</style>\n");
}

void html_line(struct html *h)
{
	settle(h);
	raw(h, "\n");
}

void html_begin(struct html *h, FILE *f)
{
	*h = (struct html){ .f = f };
	raw(h, "<!DOCTYPE html>\n");
	html_open(h, "html");
	html_attr(h, "lang", "en");
	html_line(h);
}

int html_end(struct html *h)
{
	html_close(h);
	html_line(h);
	if (h->depth)
		give_up(h, -EINVAL);
	if (!h->err && fflush(h->f))
		give_up(h, -errno);
	return h->err;
}
