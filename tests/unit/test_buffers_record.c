/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_buffers_record.c - curves as text: there and back, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probe/buffers_record.h"

static struct buffers_record *rec;
static unsigned int line;
static const char *what;
static size_t n;

/* In exactly sized memory, so that a sanitizer sees a read too far. */
static int parse(const char *text)
{
	size_t len = strlen(text);
	char *exact = malloc(len ? len : 1);
	int rc;

	memcpy(exact, text, len);
	what = NULL;
	rc = buffers_records_parse(exact, len, &rec, &n, &line, &what);
	free(exact);
	return rc;
}

#define ROUND "round 100 110 150\nleast 1 2 3 4\nsecond 5 6 7 8\nmiddle 9 10 11 12\n"

static void what_is_written_is_read(void **state)
{
	struct buffers_record *b = calloc(BUFFERS_RECORDS, sizeof(*b));
	char *text;
	size_t len;

	(void)state;
	assert_non_null(b);
	for (unsigned int i = 0; i < BUFFERS_RECORDS; i++) {
		b[i].cpu = 4095 * i;
		b[i].kind = i % 3;
		b[i].sibling = i / 3 % 3;
		b[i].sibling_busy = i % 2 ? -1 : i / 100.0;
		b[i].curve.lines = 4 + i;
		b[i].curve.rounds = 1 + 4 * i;
		for (unsigned int r = 0; r < b[i].curve.rounds; r++) {
			b[i].curve.round[r].pace_min = r;
			b[i].curve.round[r].pace_median = UINT32_MAX;
			b[i].curve.round[r].chain = 7 * i;
			for (unsigned int k = 0; k < b[i].curve.lines; k++)
				b[i].curve.round[r].at[k] = (struct buffers_point){ k, k + r, k + r + i };
		}
	}
	text = buffers_records_format(b, BUFFERS_RECORDS, &len);
	assert_non_null(text);
	assert_int_equal(strlen(text), len);
	assert_int_equal(parse(text), 0);
	assert_int_equal(n, BUFFERS_RECORDS);
	assert_memory_equal(rec, b, n * sizeof(*b));
	free(rec);
	free(text);
	free(b);
}

static void a_text_by_hand(void **state)
{
	(void)state;
	assert_int_equal(parse("# a comment\n\ncpu 3 core sibling 25\r\nlines 4\n" ROUND "  # another\n" ROUND
			       "cpu 9 atom alone -\nlines 4\n" ROUND),
			 0);
	assert_int_equal(n, 2);
	assert_int_equal(rec[0].cpu, 3);
	assert_int_equal(rec[0].kind, BUFFERS_CORE);
	assert_int_equal(rec[0].sibling, BUFFERS_SIBLING);
	assert_true(rec[0].sibling_busy == 0.25);
	assert_int_equal(rec[0].curve.rounds, 2);
	assert_int_equal(rec[0].curve.round[1].at[2].second, 7);
	assert_int_equal(rec[0].curve.round[1].at[3].median, 12);
	assert_int_equal(rec[0].curve.round[0].pace_median, 110);
	assert_int_equal(rec[1].kind, BUFFERS_ATOM);
	assert_int_equal(rec[1].sibling, BUFFERS_ALONE);
	assert_true(rec[1].sibling_busy < 0);
	free(rec);
}

static const struct {
	const char *text;
	unsigned int line;
	const char *what;
} bad[] = {
	{ "", 0, "ends before" },
	{ "# nothing\n", 1, "ends before" },
	{ "lines 4\n", 1, "no CPU" },
	{ ROUND, 1, "no CPU" },
	{ "cpu 1 uniform hidden -\n", 1, "ends before" },
	{ "cpu 1 uniform hidden -\nlines 4\n", 2, "ends before" },
	{ "cpu 1 uniform hidden -\n" ROUND, 2, "how many lines" },
	{ "cpu 1 uniform hidden\nlines 4\n" ROUND, 1, "not: cpu" },
	{ "cpu 1 uniform strange -\nlines 4\n" ROUND, 1, "not: cpu" },
	{ "cpu 1 big hidden -\nlines 4\n" ROUND, 1, "not: cpu" },
	{ "cpu 65536 uniform hidden -\nlines 4\n" ROUND, 1, "not: cpu" },
	{ "cpu 1 uniform hidden 101\nlines 4\n" ROUND, 1, "per cent" },
	{ "cpu 1 uniform hidden - -\nlines 4\n" ROUND, 1, "more than" },
	{ "cpu 1 uniform hidden -\nlines 3\n" ROUND, 2, "4 to 32" },
	{ "cpu 1 uniform hidden -\nlines 33\n" ROUND, 2, "4 to 32" },
	{ "cpu 1 uniform hidden -\nlines 4\nlines 4\n" ROUND, 3, "4 to 32" },
	{ "cpu 1 uniform hidden -\nlines 5\n" ROUND, 4, "fewer numbers" },
	{ "cpu 1 uniform hidden -\nlines 4\nround 1 2 3\nleast 1 2 3 4 5\n", 4, "more than" },
	{ "cpu 1 uniform hidden -\nlines 4\nround 1 2 3\nsecond 1 2 3 4\n", 4, "three lines" },
	{ "cpu 1 uniform hidden -\nlines 4\nround 1 2 3\nleast 1 2 3 4\ncpu 2 uniform hidden -\n", 5, "three lines" },
	{ "cpu 1 uniform hidden -\nlines 4\nround 1 2 3\nleast 1 2 3 4\n", 4, "ends before" },
	{ "cpu 1 uniform hidden -\nlines 4\nround 1 2\n", 3, "not: round" },
	{ "cpu 1 uniform hidden -\nlines 4\nround 1 2 4294967296\n", 3, "not: round" },
	{ "cpu 1 uniform hidden -\nlines 4\nround 1 2 -3\n", 3, "not: round" },
	{ "cpu 1 uniform hidden -\nlines 4\n" ROUND "what is this\n", 7, "not a line" },
	{ "cpu 1 uniform hidden -\nlines 4\n" ROUND "cpu 2 uniform hidden -\ncpu 3 uniform hidden -\n", 8,
	  "no rounds" },
	{ "cpu 1 uniform hidden -\nlines 4\nround 1 2 3\nleast 1 2 3 4\nsecond 1 2 3 4\nmiddle 1 2 3 4", 6, "cut off" },
};

static void what_is_wrong_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (parse(bad[i].text) != -EBADMSG || line != bad[i].line || !strstr(what, bad[i].what))
			fail_msg("%zu: line %u: %s", i, line, what ? what : "taken");
		assert_null(rec);
	}
}

/* A hostile text may say as much as it likes. */
static void there_are_limits(void **state)
{
	char *text = malloc(1 << 20), *p = text;

	(void)state;
	assert_non_null(text);
	p += sprintf(p, "cpu 1 uniform hidden -\nlines 4\n");
	for (unsigned int r = 0; r <= BUFFERS_ROUNDS; r++)
		p += sprintf(p, ROUND);
	assert_int_equal(parse(text), -EBADMSG);
	assert_int_equal(line, 3 + 4 * BUFFERS_ROUNDS);
	assert_string_equal(what, "too many rounds");
	p = text;
	for (unsigned int i = 0; i <= BUFFERS_RECORDS; i++)
		p += sprintf(p, "cpu 1 uniform hidden -\nlines 4\n" ROUND);
	assert_int_equal(parse(text), -EBADMSG);
	assert_string_equal(what, "too many CPUs");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(a_text_by_hand),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(there_are_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
