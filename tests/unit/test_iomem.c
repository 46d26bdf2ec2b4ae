/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/iomem.h"
#include "temproot.h"

static const char real[] = "00000000-00000fff : Reserved\n"
			   "00001000-0009fbff : System RAM\n"
			   "000a0000-000bffff : PCI Bus 0000:00\n"
			   "c0000000-febfffff : PCI Bus 0000:00\n"
			   "  fd000000-fdffffff : 0000:00:01.0\n"
			   "    fd000000-fd2fffff : bochs-drm\n"
			   "  fe000000-fe0fffff : 0000:00:02.0\n"
			   "    fe000000-fe000fff : mydrv regs\n"
			   "      fe000100-fe0001ff : mydrv queue\n"
			   "    fe010000-fe01ffff : mydrv window\n"
			   "  fe100000-fe1fffff : 0000:00:03.0\n"
			   "  feb11000-feb110ff : 0000:00:02.0\n"
			   "100000000-8ffffffff : PCI Bus 0000:00\n";

static int parse(const char *text, struct iomem *m, unsigned int *line, const char **what)
{
	size_t len = strlen(text);
	char *copy = exact_copy(text, len);
	int err = iomem_parse(copy, len, m, line, what);

	free(copy);
	return err;
}

static struct iomem parsed(const char *text)
{
	struct iomem m;
	unsigned int line;
	const char *what = NULL;

	if (parse(text, &m, &line, &what))
		fail_msg("line %u: %s", line, what);
	return m;
}

static void lines_become_ranges_with_exclusive_ends(void **state)
{
	struct iomem m = parsed(real);

	(void)state;
	assert_int_equal(m.n, 13);
	assert_int_equal(m.r[0].start, 0);
	assert_int_equal(m.r[0].end, 0x1000);
	assert_int_equal(m.r[6].start, 0xfe000000);
	assert_int_equal(m.r[6].end, 0xfe100000);
	assert_int_equal(m.r[6].depth, 1);
	assert_string_equal(m.r[6].name, "0000:00:02.0");
	assert_int_equal(m.r[8].depth, 3);
	assert_string_equal(m.r[8].name, "mydrv queue");
	assert_int_equal(m.r[12].end, 0x900000000);
	iomem_free(&m);
}

static void claims_are_the_deeper_lines_within_the_bar(void **state)
{
	struct iomem m = parsed(real);
	const struct iomem_res *c[8] = {0};

	(void)state;
	assert_int_equal(iomem_claims(&m, "0000:00:02.0", 0xfe000000, 0xfe100000, c, 8), 3);
	assert_string_equal(c[0]->name, "mydrv regs");
	assert_string_equal(c[1]->name, "mydrv queue");
	assert_string_equal(c[2]->name, "mydrv window");
	assert_int_equal(iomem_claims(&m, "0000:00:02.0", 0xfe000000, 0xfe010000, c, 8), 2);
	assert_int_equal(iomem_claims(&m, "0000:00:02.0", 0xfe001000, 0xfe010000, c, 8), 0);
	assert_int_equal(iomem_claims(&m, "0000:00:02.0", 0xfeb11000, 0xfeb11100, c, 8), 0);
	assert_int_equal(iomem_claims(&m, "0000:00:03.0", 0xfe100000, 0xfe200000, c, 8), 0);
	iomem_free(&m);
}

static void more_claims_than_fit_are_counted(void **state)
{
	struct iomem m = parsed(real);
	const struct iomem_res *c[2] = {0};

	(void)state;
	assert_int_equal(iomem_claims(&m, "0000:00:02.0", 0xfe000000, 0xfe100000, c, 1), 3);
	assert_non_null(c[0]);
	assert_null(c[1]);
	assert_int_equal(iomem_claims(&m, "0000:00:02.0", 0xfe000000, 0xfe100000, NULL, 0), 3);
	iomem_free(&m);
}

static void a_bar_without_a_line_has_no_answer(void **state)
{
	struct iomem m = parsed(real), none = {0};
	const struct iomem_res *c[2];

	(void)state;
	assert_int_equal(iomem_claims(&m, "0000:00:04.0", 0xfe000000, 0xfe100000, c, 2), -ENOENT);
	assert_int_equal(iomem_claims(&m, "0000:00:02.0", 0xfe100000, 0xfe200000, c, 2), -ENOENT);
	assert_int_equal(iomem_claims(&m, "0000:00:02", 0xfe000000, 0xfe100000, c, 2), -ENOENT);
	assert_int_equal(iomem_claims(&none, "0000:00:02.0", 0xfe000000, 0xfe100000, c, 2), -ENOENT);
	iomem_free(&m);
}

/* The BARs of virtual functions lie within one that carries the physical function's name. */
static void of_two_lines_of_one_name_the_one_with_just_the_range_counts(void **state)
{
	struct iomem m = parsed("e0000000-e0ffffff : 0000:01:00.0\n"
				"  e0000000-e00fffff : 0000:01:00.0\n"
				"    e0000000-e00fffff : drv\n");
	const struct iomem_res *c[8];

	(void)state;
	assert_int_equal(iomem_claims(&m, "0000:01:00.0", 0xe0000000, 0xe0100000, c, 8), 1);
	assert_int_equal(iomem_claims(&m, "0000:01:00.0", 0xe0000000, 0xe1000000, c, 8), 2);
	assert_int_equal(iomem_claims(&m, "0000:01:00.0", 0xe0000000, 0xe0080000, c, 8), 1);
	iomem_free(&m);
}

static void a_line_beside_the_bar_is_no_claim_on_it(void **state)
{
	struct iomem m = parsed("e0000000-e0ffffff : 0000:01:00.0\n"
				"e0000000-e00fffff : beside\n"
				"  e0000000-e00fffff : below that\n");
	const struct iomem_res *c[8];

	(void)state;
	assert_int_equal(iomem_claims(&m, "0000:01:00.0", 0xe0000000, 0xe1000000, c, 8), 0);
	iomem_free(&m);
}

static void the_last_byte_of_the_address_space_does_not_wrap(void **state)
{
	struct iomem m = parsed("00000000-ffffffffffffffff : PCI mem\n");

	(void)state;
	assert_int_equal(m.r[0].end, UINT64_MAX);
	iomem_free(&m);
}

static void a_long_or_odd_name_is_cut_and_made_printable(void **state)
{
	char text[256], name[120];
	struct iomem m;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	name[1] = '\033';
	snprintf(text, sizeof(text), "1000-1fff : %s\n", name);
	m = parsed(text);
	assert_int_equal(strlen(m.r[0].name), sizeof(m.r[0].name) - 1);
	assert_int_equal(m.r[0].name[1], '?');
	iomem_free(&m);
}

static void a_line_that_is_none_is_an_error_with_its_number(void **state)
{
	static const struct {
		const char *line, *what;
	} rows[] = {
		{ "nothing\n", "no start address" },
		{ "-1fff : x\n", "no start address" },
		{ "1000 1fff : x\n", "no end address" },
		{ "1000- : x\n", "no end address" },
		{ "2000-1fff : x\n", "the end is below the start" },
		{ "1000-1fff x\n", "no name" },
		{ "1000-1fff\n", "no name" },
		{ "10000000000000000-10000000000000001 : x\n", "no start address" },
		{ "1000-1fff : x", "cut off: no end of line" },
		{ "\t1000-1fff : x\n", "no start address" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct iomem m;
		unsigned int line;
		const char *what = NULL;
		char text[128];

		snprintf(text, sizeof(text), "0-0 : a\n%s", rows[i].line);
		assert_int_equal(parse(text, &m, &line, &what), -EBADMSG);
		assert_int_equal(line, 2);
		assert_string_equal(what, rows[i].what);
		assert_null(m.r);
	}
}

static void no_cut_of_the_file_is_read_past_its_end(void **state)
{
	size_t len;

	(void)state;
	for (len = 0; len < sizeof(real); len++) {
		char *copy = exact_copy(real, len);
		struct iomem m;
		unsigned int line;
		const char *what;

		if (!iomem_parse(copy, len, &m, &line, &what))
			iomem_free(&m);
		free(copy);
	}
}

static void read_states(void **state)
{
	static const struct {
		const char *text, *errors;
		enum fact_state want;
		int err;
		const char *why;
	} rows[] = {
		{ real, NULL, FACT_KNOWN, 0, "" },
		{ "00000000-00000000 : Reserved\n  00000000-00000000 : x\n", NULL, FACT_MISSING, EPERM, "" },
		{ "00000000-00000000 : Reserved\n00000000-00000fff : x\n", NULL, FACT_KNOWN, 0, "" },
		{ "", NULL, FACT_MISSING, EBADMSG, "empty" },
		{ "what\n", NULL, FACT_MISSING, EBADMSG, "line 1: no start address" },
		{ NULL, NULL, FACT_MISSING, ENODATA, "not in the snapshot" },
		{ NULL, "EACCES /proc/iomem\n", FACT_MISSING, EACCES, "Permission denied" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct temproot r;
		struct iomem m;
		int err;

		temproot_make(&r);
		if (rows[i].text)
			temproot_add(&r, "proc/iomem", rows[i].text);
		if (rows[i].errors)
			temproot_add(&r, "wcdiag/errors.txt", rows[i].errors);
		err = iomem_read(temproot_open(&r), &m);
		assert_int_equal(m.fact.state, rows[i].want);
		assert_int_equal(m.fact.err, rows[i].err);
		assert_int_equal(err, -rows[i].err);
		assert_non_null(strstr(m.fact.why, rows[i].why));
		if (err)
			assert_int_equal(m.n, 0);
		iomem_free(&m);
		temproot_drop(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_become_ranges_with_exclusive_ends),
		cmocka_unit_test(claims_are_the_deeper_lines_within_the_bar),
		cmocka_unit_test(more_claims_than_fit_are_counted),
		cmocka_unit_test(a_bar_without_a_line_has_no_answer),
		cmocka_unit_test(of_two_lines_of_one_name_the_one_with_just_the_range_counts),
		cmocka_unit_test(a_line_beside_the_bar_is_no_claim_on_it),
		cmocka_unit_test(the_last_byte_of_the_address_space_does_not_wrap),
		cmocka_unit_test(a_long_or_odd_name_is_cut_and_made_printable),
		cmocka_unit_test(a_line_that_is_none_is_an_error_with_its_number),
		cmocka_unit_test(no_cut_of_the_file_is_read_past_its_end),
		cmocka_unit_test(read_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
