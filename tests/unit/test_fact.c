/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_fact.c - what is said of a fact that is known, absent, missing or garbled. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "probe/fact.h"
#include "temproot.h"

static void a_known_or_absent_fact_carries_no_reason(void **state)
{
	struct fact f;

	(void)state;
	memset(&f, 0xff, sizeof(f));
	fact_known(&f, "/proc/mtrr");
	assert_int_equal(f.state, FACT_KNOWN);
	assert_int_equal(f.err, 0);
	assert_string_equal(f.where, "/proc/mtrr");
	assert_string_equal(f.why, "");
	assert_null(f.remedy);
	fact_absent(&f, NULL);
	assert_int_equal(f.state, FACT_ABSENT);
	assert_string_equal(f.where, "");
}

static void a_missing_fact_on_the_machine_keeps_the_callers_remedy(void **state)
{
	struct fact f;
	struct src *s;

	(void)state;
	assert_int_equal(src_open_live(&s), 0);
	fact_missing(&f, s, "/dev/cpu/3/msr", EPERM, "run as root");
	assert_int_equal(f.state, FACT_MISSING);
	assert_int_equal(f.err, EPERM);
	assert_string_equal(f.why, "Operation not permitted");
	assert_string_equal(f.remedy, "run as root");
	src_close(s);
	fact_missing(&f, NULL, "x", -EACCES, NULL);
	assert_int_equal(f.err, EACCES);
	assert_string_equal(f.why, "Permission denied");
	assert_null(f.remedy);
}

static void a_missing_fact_of_a_snapshot_is_to_be_recorded(void **state)
{
	struct temproot r;
	struct fact f;

	(void)state;
	temproot_make(&r);
	fact_missing(&f, temproot_open(&r), "/proc/mtrr", ENODATA, "run as root");
	assert_string_equal(f.why, "not in the snapshot");
	assert_string_equal(f.remedy, "record it: wcdiag capture, as root, on that machine");
	temproot_drop(&r);
}

static void long_texts_are_cut(void **state)
{
	char where[1000];
	struct fact f;

	(void)state;
	memset(where, 'w', sizeof(where) - 1);
	where[sizeof(where) - 1] = '\0';
	fact_garbled(&f, where, "%s", where);
	assert_int_equal(f.state, FACT_MISSING);
	assert_int_equal(f.err, EBADMSG);
	assert_int_equal(strlen(f.where), sizeof(f.where) - 1);
	assert_int_equal(strlen(f.why), sizeof(f.why) - 1);
	fact_missing(&f, NULL, where, EIO, NULL);
	assert_int_equal(strlen(f.where), sizeof(f.where) - 1);
}

static void a_fact_may_be_refilled_from_its_own_words(void **state)
{
	struct fact f;

	(void)state;
	fact_known(&f, "/sys/kernel/debug");
	fact_garbled(&f, f.where + 4, "%s: line %d", f.where, 7);
	assert_string_equal(f.where, "/kernel/debug");
	assert_string_equal(f.why, "/sys/kernel/debug: line 7");
	fact_garbled(&f, "w", "again: %s", f.why);
	assert_string_equal(f.why, "again: /sys/kernel/debug: line 7");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_known_or_absent_fact_carries_no_reason),
		cmocka_unit_test(a_missing_fact_on_the_machine_keeps_the_callers_remedy),
		cmocka_unit_test(a_missing_fact_of_a_snapshot_is_to_be_recorded),
		cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(a_fact_may_be_refilled_from_its_own_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
