/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/memtype.h"
#include "temproot.h"

#define HEAD "PAT memtype list:\n"

static int parse(const char *text, struct memtype_list *l, unsigned int *line, const char **what)
{
	size_t len = strlen(text);
	char *copy = exact_copy(text, len);
	int err = memtype_parse(copy, len, l, line, what);

	free(copy);
	return err;
}

static struct memtype_list parsed(const char *text)
{
	struct memtype_list l;
	unsigned int line;
	const char *what = NULL;

	if (parse(text, &l, &line, &what))
		fail_msg("line %u: %s", line, what);
	return l;
}

/* From a guest with Linux 6.1: three mappings, and what a split one left behind. */
static const char real_list[] = HEAD "PAT: [mem 0x000000001ffe0000-0x000000001ffe3000] write-back\n"
				     "PAT: [mem 0x000000001ffe2000-0x000000001ffe3000] write-back\n"
				     "PAT: [mem 0x00000000fe000000-0x00000000fe010000] write-combining\n"
				     "PAT: [mem 0x00000000fe000000-0x00000000fe010000] write-combining\n"
				     "PAT: [mem 0x00000000fe000000-0x00000000fe010000] write-combining\n"
				     "PAT: [mem 0x00000000fe000000-0x00000000fe003000] write-combining\n"
				     "PAT: [mem 0x00000000fed00000-0x00000000fed01000] uncached-minus\n"
				     "PAT: [mem 0x00000000fed00000-0x00000000fed01000] uncached-minus\n";

static void a_real_list_is_read_line_by_line(void **state)
{
	struct memtype_list l = parsed(real_list);

	(void)state;
	assert_int_equal(l.n, 8);
	assert_false(l.old_form);
	assert_int_equal(l.m[0].start, 0x1ffe0000);
	assert_int_equal(l.m[0].end, 0x1ffe3000);
	assert_int_equal(l.m[0].type, MT_WB);
	assert_int_equal(l.m[0].line, 2);
	assert_int_equal(l.m[7].type, MT_UCMINUS);
	memtype_free(&l);
}

static void equal_starts_are_ordered_by_end_and_then_by_line(void **state)
{
	struct memtype_list l = parsed(real_list);

	(void)state;
	assert_int_equal(l.m[2].end, 0xfe003000);
	assert_int_equal(l.m[2].line, 7);
	assert_int_equal(l.m[3].line, 4);
	assert_int_equal(l.m[4].line, 5);
	assert_int_equal(l.m[5].line, 6);
	memtype_free(&l);
}

static void a_list_out_of_order_is_sorted(void **state)
{
	struct memtype_list l = parsed(HEAD "PAT: [mem 0x0000000000005000-0x0000000000006000] uncached\n"
					    "PAT: [mem 0x0000000000001000-0x0000000000009000] write-back\n"
					    "PAT: [mem 0x0000000000001000-0x0000000000002000] write-through\n");

	(void)state;
	assert_int_equal(l.m[0].line, 4);
	assert_int_equal(l.m[1].line, 3);
	assert_int_equal(l.m[2].line, 2);
	assert_true(memtype_covers(&l, 0x1000, 0x9000, MT_UNKNOWN));
	memtype_free(&l);
}

static void the_form_before_5_6_is_read_too(void **state)
{
	struct memtype_list l = parsed(HEAD "write-back @ 0x1000-0x2000\n"
					    "uncached-minus @ 0xfed00000-0xfed01000\n");

	(void)state;
	assert_true(l.old_form);
	assert_int_equal(l.n, 2);
	assert_int_equal(l.m[1].start, 0xfed00000);
	assert_int_equal(l.m[1].end, 0xfed01000);
	assert_int_equal(l.m[1].type, MT_UCMINUS);
	memtype_free(&l);
}

static void an_unknown_word_is_kept_as_unknown(void **state)
{
	struct memtype_list l = parsed("PAT: [mem 0x0000000000001000-0x0000000000002000] broken\n"
				       "PAT: [mem 0x0000000000002000-0x0000000000003000] write-sideways\n");

	(void)state;
	assert_int_equal(l.n, 2);
	assert_int_equal(l.m[0].type, MT_UNKNOWN);
	assert_int_equal(l.m[1].type, MT_UNKNOWN);
	memtype_free(&l);
}

static void a_heading_alone_is_an_answer_but_an_empty_file_is_not(void **state)
{
	static const char *const texts[] = { HEAD, "\n" HEAD "\n \r\n" };
	struct memtype_list none;
	unsigned int line;
	const char *what;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct memtype_list l = parsed(texts[i]);

		assert_int_equal(l.n, 0);
		assert_false(memtype_covers(&l, 0, 1, MT_UNKNOWN));
		assert_int_equal(memtype_conflicts(&l), 0);
		memtype_free(&l);
	}
	assert_int_equal(memtype_parse("", 0, &none, &line, &what), -EBADMSG);
	assert_int_equal(memtype_parse("\n\n", 2, &none, &line, &what), -EBADMSG);
}

static void a_line_that_is_none_is_an_error_with_its_number(void **state)
{
	static const struct {
		const char *line, *what;
	} rows[] = {
		{ "what is this\n", "neither a reservation nor a heading" },
		{ "PAT: [mem 0x1000-0x2000 write-back\n", "no ] after the range" },
		{ "PAT: [mem 1000-2000] write-back\n", "no start address" },
		{ "PAT: [mem 0x1000 0x2000] write-back\n", "no end address" },
		{ "PAT: [mem 0x1000-0x2000]\n", "no type" },
		{ "PAT: [mem 0x1000-0x2000]write-back\n", "no type" },
		{ "PAT: [mem 0x1000-0x2000] write-back again\n", "text after the type" },
		{ "PAT: [mem 0x1000-0x1000] write-back\n", "the end is not above the start" },
		{ "PAT: [mem 0x2000-0x1000] write-back\n", "the end is not above the start" },
		{ "PAT: [mem 0x10000000000000000-0x20000000000000000] write-back\n", "no start address" },
		{ "PAT: [mem 0x-0x1000] write-back\n", "no start address" },
		{ "write-back @ 0x1000-0x2000 more\n", "text after the range" },
		{ "write-back @ 0x1000-0x0\n", "the end is not above the start" },
		{ "write-back @ -0x2000\n", "no start address" },
		{ "write-back 0x1000-0x2000\n", "neither a reservation nor a heading" },
		{ "PAT memtype list: 3\n", "neither a reservation nor a heading" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct memtype_list l;
		unsigned int line;
		const char *what = NULL;
		char text[256];

		snprintf(text, sizeof(text), HEAD "\n%s", rows[i].line);
		assert_int_equal(parse(text, &l, &line, &what), -EBADMSG);
		assert_int_equal(line, 3);
		assert_string_equal(what, rows[i].what);
		assert_null(l.m);
		assert_int_equal(l.n, 0);
	}
}

/* Every cut of a good list either is an error or is the list of the whole lines before it. */
static void a_list_cut_anywhere_never_gains_or_changes_a_line(void **state)
{
	static const char *const texts[] = { real_list,
					     HEAD "write-back @ 0x1000-0x20000\nuncached @ 0x3000-0x4000\n" };
	size_t t, len;

	(void)state;
	for (t = 0; t < 2; t++) {
		struct memtype_list whole = parsed(texts[t]);

		for (len = 0; len < strlen(texts[t]); len++) {
			char *copy = exact_copy(texts[t], len);
			struct memtype_list l;
			unsigned int line;
			const char *what = NULL;

			if (!memtype_parse(copy, len, &l, &line, &what)) {
				size_t i, k;

				for (i = 0; i < l.n; i++) {
					for (k = 0; k < whole.n; k++)
						if (whole.m[k].line == l.m[i].line)
							break;
					assert_true(k < whole.n);
					assert_int_equal(l.m[i].start, whole.m[k].start);
					assert_int_equal(l.m[i].end, whole.m[k].end);
					assert_int_equal(l.m[i].type, whole.m[k].type);
				}
				memtype_free(&l);
			} else {
				assert_non_null(what);
			}
			free(copy);
		}
		memtype_free(&whole);
	}
}

static void a_last_line_without_newline_counts_only_when_nothing_can_be_missing(void **state)
{
	static const struct {
		const char *line;
		bool good;
	} rows[] = {
		{ "PAT: [mem 0x1000-0x2000] write-combining", true },
		{ "PAT: [mem 0x1000-0x2000] uncached-minus", true },
		{ "PAT: [mem 0x1000-0x2000] uncached ", true },
		{ "PAT: [mem 0x1000-0x2000] uncached", false }, /* of uncached-minus? */
		{ "PAT: [mem 0x1000-0x2000] write-combinin", false },
		{ "PAT: [mem 0x1000-0x2000] write-", false },
		{ "write-back @ 0x1000-0x2000", false }, /* of 0x20000? */
		{ "write-back @ 0x1000-0x2000 ", true },
		{ "PAT memtype list:", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct memtype_list l;
		unsigned int line;
		const char *what;
		int err = parse(rows[i].line, &l, &line, &what);

		if ((err == 0) != rows[i].good)
			fail_msg("\"%s\": %d", rows[i].line, err);
		if (!err)
			memtype_free(&l);
	}
}

struct hits {
	size_t n;
	uint32_t line[64];
	size_t stop_after;
};

static int collect(const struct memtype *m, void *arg)
{
	struct hits *h = arg;

	if (h->n < 64)
		h->line[h->n] = m->line;
	h->n++;
	return h->stop_after && h->n == h->stop_after ? 77 : 0;
}

static void a_range_that_only_touches_does_not_overlap(void **state)
{
	struct memtype_list l = parsed("PAT: [mem 0x0000000000001000-0x0000000000002000] uncached-minus\n"
				       "PAT: [mem 0x0000000000003000-0x0000000000004000] uncached-minus\n");
	struct hits h = { 0 };

	(void)state;
	assert_int_equal(memtype_overlaps(&l, 0x2000, 0x3000, collect, &h), 0);
	assert_int_equal(h.n, 0);
	memtype_overlaps(&l, 0x1fff, 0x3000, collect, &h);
	assert_int_equal(h.n, 1);
	memtype_overlaps(&l, 0x2000, 0x3001, collect, &h);
	assert_int_equal(h.n, 2);
	h.n = 0;
	memtype_overlaps(&l, 0x1800, 0x1800, collect, &h);
	memtype_overlaps(&l, 0x1900, 0x1800, collect, &h);
	assert_int_equal(h.n, 0);
	memtype_free(&l);
}

static void the_search_stops_where_it_is_told_to(void **state)
{
	struct memtype_list l = parsed(real_list);
	struct hits h = { .stop_after = 2 };

	(void)state;
	assert_int_equal(memtype_overlaps(&l, 0, UINT64_MAX, collect, &h), 77);
	assert_int_equal(h.n, 2);
	memtype_free(&l);
}

static uint64_t rnd(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* The search against looking at every line, on many small random lists. */
static void the_search_finds_just_what_looking_at_every_line_finds(void **state)
{
	uint64_t x = 4101842887655102017ULL;
	int round, q;

	(void)state;
	for (round = 0; round < 300; round++) {
		struct memtype_list l = { 0 };
		size_t n = rnd(&x) % 40, i;

		l.m = calloc(n + 1, sizeof(*l.m));
		for (i = 0; i < n; i++) {
			l.m[i].start = rnd(&x) % 64;
			l.m[i].end = l.m[i].start + 1 + rnd(&x) % (i % 5 ? 6 : 60);
			l.m[i].type = (enum mtype)(rnd(&x) % 3 ? MT_WC : MT_UCMINUS);
			l.m[i].line = (uint32_t)i + 1;
		}
		l.n = n;
		assert_int_equal(memtype_index(&l), 0);
		for (i = 1; i < n; i++)
			assert_true(l.m[i - 1].start < l.m[i].start ||
				    (l.m[i - 1].start == l.m[i].start && l.m[i - 1].end <= l.m[i].end));
		for (q = 0; q < 50; q++) {
			uint64_t a = rnd(&x) % 130, b = a + 1 + rnd(&x) % 30, at;
			struct hits h = { 0 };
			size_t want = 0;
			bool any = true, wc = true;

			for (i = 0; i < n; i++) {
				if (l.m[i].start < b && l.m[i].end > a) {
					if (want < 64)
						h.line[want] = 0;
					want++;
				}
			}
			memtype_overlaps(&l, a, b, collect, &h);
			assert_int_equal(h.n, want);
			for (at = a; at < b; at++) {
				bool any_at = false, wc_at = false;

				for (i = 0; i < n; i++) {
					if (l.m[i].start <= at && at < l.m[i].end) {
						any_at = true;
						wc_at = wc_at || l.m[i].type == MT_WC;
					}
				}
				any = any && any_at;
				wc = wc && wc_at;
			}
			assert_int_equal(memtype_covers(&l, a, b, MT_UNKNOWN), any);
			assert_int_equal(memtype_covers(&l, a, b, MT_WC), wc);
		}
		for (i = 0, q = 0; i < n; i++) {
			size_t k;

			for (k = 0; k < i; k++)
				if (l.m[k].end > l.m[i].start && l.m[k].type != l.m[i].type)
					break;
			q += k < i;
		}
		assert_int_equal(memtype_conflicts(&l), q);
		memtype_free(&l);
	}
}

static void hits_come_in_ascending_order(void **state)
{
	struct memtype_list l = parsed(real_list);
	struct hits h = { 0 };

	(void)state;
	memtype_overlaps(&l, 0xfe000000, 0xfe001000, collect, &h);
	assert_int_equal(h.n, 4);
	assert_int_equal(h.line[0], 7);
	assert_int_equal(h.line[1], 4);
	assert_int_equal(h.line[3], 6);
	memtype_free(&l);
}

static void overlapping_pieces_cover_what_none_covers_alone(void **state)
{
	struct memtype_list l = parsed("PAT: [mem 0x0000000000001000-0x0000000000004000] write-combining\n"
				       "PAT: [mem 0x0000000000002000-0x0000000000003000] uncached-minus\n"
				       "PAT: [mem 0x0000000000003000-0x0000000000008000] write-combining\n");

	(void)state;
	assert_true(memtype_covers(&l, 0x1000, 0x8000, MT_WC));
	assert_true(memtype_covers(&l, 0x1000, 0x8000, MT_UNKNOWN));
	assert_false(memtype_covers(&l, 0x1000, 0x8001, MT_WC));
	assert_false(memtype_covers(&l, 0x0fff, 0x8000, MT_WC));
	assert_false(memtype_covers(&l, 0x1000, 0x8000, MT_UCMINUS));
	assert_true(memtype_covers(&l, 0x2000, 0x3000, MT_UCMINUS));
	assert_false(memtype_covers(&l, 0x2000, 0x2000, MT_WC));
	memtype_free(&l);
}

static void a_conflict_is_counted_once_for_the_later_line(void **state)
{
	struct memtype_list l = parsed("PAT: [mem 0x0000000000001000-0x0000000000009000] write-combining\n"
				       "PAT: [mem 0x0000000000002000-0x0000000000003000] uncached-minus\n"
				       "PAT: [mem 0x0000000000002000-0x0000000000003000] write-back\n"
				       "PAT: [mem 0x0000000000009000-0x000000000000a000] uncached-minus\n");

	(void)state;
	assert_int_equal(memtype_conflicts(&l), 2);
	memtype_free(&l);
}

/* A million equal or nested lines must not take a million times a million steps. */
static void hostile_lists_do_not_take_quadratic_time(void **state)
{
	const size_t n = 200000;
	struct memtype_list l = { 0 };
	struct hits h = { 0 };
	size_t i;

	(void)state;
	l.m = calloc(n, sizeof(*l.m));
	assert_non_null(l.m);
	for (i = 0; i < n; i++) {
		l.m[i] = (struct memtype){ 0x1000, 0x2000 + (n - i) * 0x1000, MT_WC, (uint32_t)i + 1 };
		if (i & 1)
			l.m[i].start = 0x1000 + i;
	}
	l.m[n - 1].end = UINT64_MAX;
	l.n = n;
	assert_int_equal(memtype_index(&l), 0);
	assert_int_equal(memtype_conflicts(&l), 0);
	for (i = 0; i < 10000; i++)
		memtype_overlaps(&l, UINT64_MAX - 10 - i, UINT64_MAX - i, collect, &h);
	assert_int_equal(h.n, 10000);
	memtype_free(&l);
}

static void read_states(void **state)
{
	static const struct {
		const char *list, *errors;
		enum fact_state want;
		int err;
		const char *why; /* part of it */
	} rows[] = {
		{ real_list, NULL, FACT_KNOWN, 0, "" },
		{ HEAD, NULL, FACT_KNOWN, 0, "" },
		{ "", NULL, FACT_MISSING, EBADMSG, "neither a heading nor a reservation" },
		{ HEAD "PAT: [mem 0x1000\n", NULL, FACT_MISSING, EBADMSG, "line 2: no end address" },
		{ NULL, NULL, FACT_MISSING, ENODATA, "not in the snapshot" },
		{ NULL, "ENOENT " MEMTYPE_PATH "\n", FACT_ABSENT, 0, "" },
		{ NULL, "ENODEV " MEMTYPE_PATH "\n", FACT_MISSING, ENODEV, "when the snapshot was taken" },
		{ NULL, "EACCES " MEMTYPE_PATH "\n", FACT_MISSING, EACCES, "Permission denied" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct temproot r;
		struct memtype_list l;
		int err;

		temproot_make(&r);
		if (rows[i].list)
			temproot_add(&r, MEMTYPE_PATH, rows[i].list);
		if (rows[i].errors)
			temproot_add(&r, "wcdiag/errors.txt", rows[i].errors);
		err = memtype_read(temproot_open(&r), &l);
		assert_int_equal(l.fact.state, rows[i].want);
		assert_int_equal(l.fact.err, rows[i].err);
		assert_int_equal(err, -rows[i].err);
		assert_non_null(strstr(l.fact.why, rows[i].why));
		assert_string_equal(l.fact.where, MEMTYPE_PATH);
		memtype_free(&l);
		temproot_drop(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_real_list_is_read_line_by_line),
		cmocka_unit_test(equal_starts_are_ordered_by_end_and_then_by_line),
		cmocka_unit_test(a_list_out_of_order_is_sorted),
		cmocka_unit_test(the_form_before_5_6_is_read_too),
		cmocka_unit_test(an_unknown_word_is_kept_as_unknown),
		cmocka_unit_test(a_heading_alone_is_an_answer_but_an_empty_file_is_not),
		cmocka_unit_test(a_line_that_is_none_is_an_error_with_its_number),
		cmocka_unit_test(a_list_cut_anywhere_never_gains_or_changes_a_line),
		cmocka_unit_test(a_last_line_without_newline_counts_only_when_nothing_can_be_missing),
		cmocka_unit_test(a_range_that_only_touches_does_not_overlap),
		cmocka_unit_test(the_search_stops_where_it_is_told_to),
		cmocka_unit_test(the_search_finds_just_what_looking_at_every_line_finds),
		cmocka_unit_test(hits_come_in_ascending_order),
		cmocka_unit_test(overlapping_pieces_cover_what_none_covers_alone),
		cmocka_unit_test(a_conflict_is_counted_once_for_the_later_line),
		cmocka_unit_test(hostile_lists_do_not_take_quadratic_time),
		cmocka_unit_test(read_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
