/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_html.c - the writer of pages: nothing that is data becomes markup, whatever bytes it has. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/html.c"

struct sheet {
	struct html h;
	char *text;
	size_t len;
	FILE *f;
};

static void begin(struct sheet *s)
{
	s->f = open_memstream(&s->text, &s->len);
	assert_non_null(s->f);
	s->h = (struct html){ .f = s->f };
}

static void wrote(struct sheet *s, const char *want)
{
	fclose(s->f);
	assert_string_equal(s->text, want);
	free(s->text);
}

static void text_is(const char *bytes, const char *want)
{
	struct sheet s;

	begin(&s);
	html_text(&s.h, "%s", bytes);
	assert_int_equal(s.h.err, 0);
	wrote(&s, want);
}

static void markup_in_text_stays_text(void **state)
{
	(void)state;
	text_is("<script>alert(1)</script>", "&#60;script&#62;alert(1)&#60;/script&#62;");
	text_is("\"'&amp;", "&#34;&#39;&#38;amp;");
	text_is("]]> --> <!--", "]]&#62; --&#62; &#60;!--");
	text_is("plain 1-2/3", "plain 1-2/3");
	text_is("two\nlines", "two\nlines");
	text_is("", "");
}

static void what_is_not_seen_is_shown(void **state)
{
	(void)state;
	text_is("\x1b[31m", "&#x241b;[31m");
	text_is("\x01\t\r\x7f", "&#x2401;&#x2409;&#x240d;&#x2421;");
	text_is("a\xe2\x80\xae"
		"b",
		"a[U+202E]b");				 /* right-to-left override */
	text_is("\xe2\x81\xa6", "[U+2066]");		 /* isolate */
	text_is("\xd8\x9c", "[U+061C]");		 /* Arabic letter mark */
	text_is("\xc2\x85\xc2\x9b", "[U+0085][U+009B]"); /* C1 */
	text_is("\xe2\x80\x8b\xef\xbb\xbf", "[U+200B][U+FEFF]");
	text_is("\xf3\xa0\x81\x81", "[U+E0041]"); /* a tag */
	text_is("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
}

static void what_is_no_utf8_is_shown_as_bytes(void **state)
{
	(void)state;
	text_is("\xff\xfe", "[FF][FE]");
	text_is("\xc0\xbc", "[C0][BC]"); /* an overlong < */
	text_is("\xe0\x80\xbc", "[E0][80][BC]");
	text_is("\xf0\x80\x80\xbc", "[F0][80][80][BC]");
	text_is("\xed\xa0\x80", "[ED][A0][80]");	 /* a surrogate */
	text_is("\xf4\x90\x80\x80", "[F4][90][80][80]"); /* beyond the last */
	text_is("\xe2\x80", "[E2][80]");		 /* cut */
	text_is("\xe2<b>", "[E2]&#60;b&#62;");		 /* does not swallow what follows */
	text_is("\xf0", "[F0]");
}

/* Every byte, alone and behind the first byte of each longer form. */
static void no_byte_makes_markup(void **state)
{
	static const char first[] = { 0, '\xc3', '\xe2', '\xf0', '\xff', 0 };

	(void)state;
	for (size_t k = 0; k < sizeof(first); k++)
		for (int b = 1; b < 256; b++) {
			char in[3] = { k ? first[k] : (char)b, k ? (char)b : '\0', '\0' };
			struct sheet s;

			begin(&s);
			html_open(&s.h, "p");
			html_attr(&s.h, "title", "%s", in);
			html_text(&s.h, "%s", in);
			html_close(&s.h);
			fclose(s.f);
			assert_int_equal(s.h.err, 0);
			/* Of ours: two of each, and of the quotes. */
			for (const char *c = "<>\""; *c; c++) {
				size_t n = 0;

				for (const char *t = s.text; *t; t++)
					n += *t == *c;
				assert_int_equal(n, 2);
			}
			for (const char *t = s.text; *t; t++)
				assert_true((unsigned char)*t >= 0x20 || *t == '\n');
			free(s.text);
		}
}

static void values_are_quoted(void **state)
{
	struct sheet s;

	(void)state;
	begin(&s);
	html_open(&s.h, "p");
	html_attr(&s.h, "title", "%s", "\" onclick=\"alert(1)");
	html_text(&s.h, "%d < %d", 1, 2);
	html_close(&s.h);
	wrote(&s, "<p title=\"&#34; onclick=&#34;alert(1)\">1 &#60; 2</p>");
	begin(&s);
	html_open(&s.h, "meta");
	html_attr(&s.h, "charset", "utf-8");
	html_put(&s.h, "p", "%s", "x");
	wrote(&s, "<meta charset=\"utf-8\"/><p>x</p>");
}

static void refused(void (*fn)(struct html *h))
{
	struct sheet s;

	begin(&s);
	html_open(&s.h, "p");
	html_text(&s.h, "x");
	fn(&s.h);
	assert_int_equal(s.h.err, -EINVAL);
	html_text(&s.h, "nothing more");
	html_close(&s.h);
	wrote(&s, "<p>x");
}

static void script(struct html *h)
{
	html_open(h, "script");
}

static void event_handler(struct html *h)
{
	h->tag = true;
	html_attr(h, "onclick", "x");
}

static void style_attribute(struct html *h)
{
	h->tag = true;
	html_attr(h, "style", "x");
}

static void link_out(struct html *h)
{
	h->tag = true;
	html_attr(h, "href", "javascript:%s", "x");
}

static void late_attribute(struct html *h)
{
	html_attr(h, "class", "x");
}

static void style_that_ends(struct html *h)
{
	html_style(h, "</style>");
}

static void closed_too_often(struct html *h)
{
	h->depth = 0;
	html_close(h);
}

static void too_deep(struct html *h)
{
	h->depth = HTML_DEEP;
	html_open(h, "p");
}

static void what_could_run_or_load_is_refused(void **state)
{
	(void)state;
	refused(script);
	refused(event_handler);
	refused(style_attribute);
	refused(link_out);
	refused(late_attribute);
	refused(style_that_ends);
	refused(closed_too_often);
	refused(too_deep);
}

static void what_is_left_open_is_told(void **state)
{
	struct sheet s;

	(void)state;
	begin(&s);
	html_begin(&s.h, s.f);
	html_open(&s.h, "body");
	assert_int_equal(html_end(&s.h), -EINVAL);
	fclose(s.f);
	free(s.text);
	begin(&s);
	html_begin(&s.h, s.f);
	assert_int_equal(html_end(&s.h), 0);
	wrote(&s, "<!DOCTYPE html>\n<html lang=\"en\">\n</html>\n");
}

static void no_room_is_told(void **state)
{
	struct html h;
	FILE *f = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(f);
	html_begin(&h, f);
	assert_int_equal(html_end(&h), -ENOSPC);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(markup_in_text_stays_text),
		cmocka_unit_test(what_is_not_seen_is_shown),
		cmocka_unit_test(what_is_no_utf8_is_shown_as_bytes),
		cmocka_unit_test(no_byte_makes_markup),
		cmocka_unit_test(values_are_quoted),
		cmocka_unit_test(what_could_run_or_load_is_refused),
		cmocka_unit_test(what_is_left_open_is_told),
		cmocka_unit_test(no_room_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
