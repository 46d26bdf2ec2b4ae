/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_proc_mtrr.c - /proc/mtrr in both forms, cut and garbled, and what a machine without one means. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "probe/mtrr.h"
#include "temproot.h"

static int parse(const char *text, struct proc_mtrr *p, unsigned int *line, const char **what)
{
	size_t len = strlen(text);
	char *exact = exact_copy(text, len);
	int err = proc_mtrr_parse(exact, len, p, line, what);

	free(exact);
	return err;
}

static void both_forms_are_read(void **state)
{
	static const struct {
		const char *text;
		struct proc_mtrr_row row;
	} t[] = {
		{ "reg00: base=0x0c0000000 ( 3072MB), size= 1024MB, count=1: uncachable\n",
		  { 0, 0xc0000000, 0x40000000, 1, MT_UC } },
		{ "reg01: base=0x000000000 (    0MB), size=16384MB, count=1: write-back\n",
		  { 1, 0, 0x400000000, 1, MT_WB } },
		{ "reg07: base=0x3800000000000 (58720256MB), size=  256MB, count=3: write-combining\n",
		  { 7, 0x3800000000000, 0x10000000, 3, MT_WC } },
		{ "reg02: base=0x0000a0000 (    0MB), size=   64KB, count=1: write-through\n",
		  { 2, 0xa0000, 0x10000, 1, MT_WT } },
		{ "reg11: base=0x0fff00000 ( 4095MB), size= 1024KB, count=0: write-protect\n",
		  { 11, 0xfff00000, 0x100000, 0, MT_WP } },
		{ "reg03: base=0x0c0000000 ( 3072MB), size= 1024MB, count=1: ?\n",
		  { 3, 0xc0000000, 0x40000000, 1, MT_UNKNOWN } },
		{ "reg04: base=0x0c0000000 ( 3072MB), size= 1024MB, count=1: uncached\n",
		  { 4, 0xc0000000, 0x40000000, 1, MT_UNKNOWN } },
		{ "reg00: base=0xe0000000 (3584MB), size=  64MB: write-combining, count=2\n",
		  { 0, 0xe0000000, 0x4000000, 2, MT_WC } },
		{ "reg05: base=0xd0000000 (3328MB), size=4kB: uncachable, count=1\r\n",
		  { 5, 0xd0000000, 0x1000, 1, MT_UC } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct proc_mtrr p;
		const char *what;
		unsigned int line;

		if (parse(t[i].text, &p, &line, &what))
			fail_msg("%s: %s", t[i].text, what);
		assert_int_equal(p.n, 1);
		assert_int_equal(p.row[0].reg, t[i].row.reg);
		assert_true(p.row[0].base == t[i].row.base);
		assert_true(p.row[0].size == t[i].row.size);
		assert_int_equal(p.row[0].count, t[i].row.count);
		assert_int_equal(p.row[0].type, t[i].row.type);
		proc_mtrr_free(&p);
		assert_null(p.row);
	}
}

static void what_is_not_the_form_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text, *what;
	} t[] = {
		{ "mtrr\n", "no register" },
		{ "reg: base=0x0 (0MB), size=1MB, count=1: write-back\n", "no register" },
		{ "reg256: base=0x0 (0MB), size=1MB, count=1: write-back\n", "no register" },
		{ "reg00: base=0 (0MB), size=1MB, count=1: write-back\n", "no base" },
		{ "reg00: base=0x (0MB), size=1MB, count=1: write-back\n", "no base" },
		{ "reg00: base=0x10000000000000000 (0MB), size=1MB, count=1: write-back\n", "no base" },
		{ "reg00: base=0x0 (MB), size=1MB, count=1: write-back\n", "no base" },
		{ "reg00: base=0x0 (0MB), size=1GB, count=1: write-back\n", "no size" },
		{ "reg00: base=0x0 (0MB), size=-1MB, count=1: write-back\n", "no size" },
		{ "reg00: base=0x0 (0MB), size=17592186044416MB, count=1: write-back\n", "no size" },
		{ "reg00: base=0xffffffffffff0000 (0MB), size=64KB, count=1: write-back\n",
		  "the range passes the end of memory" },
		{ "reg00: base=0x0 (0MB), size=1MB, count=: write-back\n", "no count and type" },
		{ "reg00: base=0x0 (0MB), size=1MB, count=99999999999: write-back\n", "no count and type" },
		{ "reg00: base=0x0 (0MB), size=1MB, count=1\n", "no count and type" },
		{ "reg00: base=0x0 (0MB), size=1MB, count=1: \n", "no count and type" },
		{ "reg00: base=0x0 (0MB), size=1MB: write-back\n", "no type and count" },
		{ "reg00: base=0x0 (0MB), size=1MB\n", "no type and count" },
		{ "reg00: base=0x0 (0MB), size=1MB, count=1: write-back x\n", "more than one range" },
		{ "reg00: base=0x0 (0MB), size=1MB, count=1: write-back", "the last line has no end: it may be cut" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		static const char good[] = "reg07: base=0x0 (0MB), size=1MB, count=1: write-back\n\n";
		char text[200];
		struct proc_mtrr p;
		const char *what;
		unsigned int line;

		snprintf(text, sizeof(text), "%s%s", good, t[i].text);
		assert_int_equal(parse(text, &p, &line, &what), -EBADMSG);
		assert_int_equal(line, 3);
		assert_string_equal(what, t[i].what);
		assert_null(p.row);
	}
}

static void many_rows_are_kept_in_order(void **state)
{
	char text[256 * 70], *p = text;
	struct proc_mtrr m;
	const char *what;
	unsigned int line;

	(void)state;
	for (int i = 0; i < 256; i++)
		p += sprintf(p, "reg%02d: base=0x%06x000 (%5dMB), size=%5dMB, count=1: write-back\n", i, i << 8, i, 1);
	assert_int_equal(parse(text, &m, &line, &what), 0);
	assert_int_equal(m.n, 256);
	for (unsigned int i = 0; i < 256; i++)
		assert_true(m.row[i].reg == i && m.row[i].base == (uint64_t)i << 20);
	proc_mtrr_free(&m);
}

static void an_empty_file_is_known_and_empty(void **state)
{
	struct temproot r;
	struct proc_mtrr p;

	(void)state;
	temproot_make(&r);
	temproot_add(&r, "proc/mtrr", "");
	assert_int_equal(proc_mtrr_read(temproot_open(&r), &p), 0);
	assert_int_equal(p.fact.state, FACT_KNOWN);
	assert_int_equal(p.n, 0);
	proc_mtrr_free(&p);
	temproot_drop(&r);
}

static void read_with(const char *errors, const char *text, struct proc_mtrr *p)
{
	struct temproot r;

	temproot_make(&r);
	if (errors)
		temproot_add(&r, "wcdiag/errors.txt", errors);
	if (text)
		temproot_add(&r, "proc/mtrr", text);
	proc_mtrr_read(temproot_open(&r), p);
	temproot_drop(&r);
}

static void no_file_is_an_answer_and_a_gap_is_none(void **state)
{
	struct proc_mtrr p;

	(void)state;
	read_with("ENOENT /proc/mtrr\n", NULL, &p);
	assert_int_equal(p.fact.state, FACT_ABSENT);
	read_with("EIO /proc/mtrr\n", NULL, &p);
	assert_int_equal(p.fact.state, FACT_ABSENT);
	read_with("EPERM /proc/mtrr\n", NULL, &p);
	assert_int_equal(p.fact.state, FACT_MISSING);
	assert_int_equal(p.fact.err, EPERM);
	read_with(NULL, NULL, &p);
	assert_int_equal(p.fact.state, FACT_MISSING);
	assert_string_equal(p.fact.why, "not in the snapshot");
	read_with(NULL, "reg00: bass\n", &p);
	assert_int_equal(p.fact.state, FACT_MISSING);
	assert_int_equal(p.fact.err, EBADMSG);
	assert_string_equal(p.fact.why, "line 1: no base");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_forms_are_read),
		cmocka_unit_test(what_is_not_the_form_is_refused_with_its_line),
		cmocka_unit_test(many_rows_are_kept_in_order),
		cmocka_unit_test(an_empty_file_is_known_and_empty),
		cmocka_unit_test(no_file_is_an_answer_and_a_gap_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
