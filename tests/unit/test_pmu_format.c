/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_pmu_format.c - format files: which texts are taken, which bits a value gets, and what is refused.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "probe/pmu_format.h"
#include "temproot.h"

static int parse(const char *text, struct pmu_field *f)
{
	const char *what = NULL;
	char *copy = exact_copy(text, strlen(text));
	int err = pmu_field_parse(copy, strlen(text), f, &what);

	if (err)
		assert_non_null(what);
	free(copy);
	return err;
}

static void takes(void **state)
{
	static const struct {
		const char *text;
		unsigned int word, nbits;
		uint64_t mask;
	} t[] = {
		{ "config:0-7", 0, 8, 0xff },
		{ "config:0-7\n", 0, 8, 0xff },
		{ "config:0-7,21", 0, 9, 0x2000ff },
		{ "config1:23-31", 1, 9, 0xff800000 },
		{ "config2:0-63", 2, 64, UINT64_MAX },
		{ "config:8-15,32-57", 0, 34, 0x03ffffff0000ff00 },
		{ "config:0-7,32-35,59-60", 0, 14, 0x1800000f000000ff },
		{ "config1:63", 1, 1, 1ULL << 63 },
	};
	struct pmu_field f;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_int_equal(parse(t[i].text, &f), 0);
		assert_int_equal(f.word, t[i].word);
		assert_int_equal(f.nbits, t[i].nbits);
		assert_true(f.mask == t[i].mask);
	}
}

static void refuses(void **state)
{
	static const char *const bad[] = {
		"",
		"config",
		"config:",
		"config:64",
		"config:0-64",
		"config:7-0",
		"config:0-",
		"config:-3",
		"config:0,",
		"config:0-7,",
		"config:0-7 ",
		"config:0-7\n\n",
		"config:0-7,4",
		"config:5,5",
		"config0:0-7",
		"Config:0-7",
		"config:0x1",
		"config1",
		"config:0-7;8",
		"conf:0-7",
		"config:99999999999999999999",
		"config:0--7",
		"config1:0-31,0",
	};
	struct pmu_field f;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (parse(bad[i], &f) != -EBADMSG)
			fail_msg("taken: \"%s\"", bad[i]);
	assert_int_equal(parse("config3:0-7", &f), -EOPNOTSUPP);
	assert_int_equal(parse("config4:0-63", &f), -EOPNOTSUPP);
}

/* The text's order of ranges is the value's order of bits, also where it does not ascend. */
static void fills_from_the_least_significant_bit(void **state)
{
	struct pmu_config used = { { 0 } }, c = { { 0 } };
	struct pmu_field f;

	(void)state;
	assert_int_equal(parse("config:0-7,21", &f), 0);
	assert_int_equal(pmu_field_put(&f, 0x1a5, &used, &c), 0);
	assert_true(c.word[0] == 0x2000a5);

	assert_int_equal(parse("config1:40-43,8-11", &f), 0);
	assert_int_equal(pmu_field_put(&f, 0xc5, &used, &c), 0);
	assert_true(c.word[1] == (0x5ULL << 40 | 0xcULL << 8));
	assert_true(c.word[2] == 0);
}

static void too_wide_or_taken(void **state)
{
	struct pmu_config used = { { 0 } }, c = { { 0 } };
	struct pmu_field f, over;

	(void)state;
	assert_int_equal(parse("config:0-7", &f), 0);
	assert_int_equal(pmu_field_put(&f, 0x100, &used, &c), -ERANGE);
	assert_true(c.word[0] == 0 && used.word[0] == 0);
	assert_int_equal(pmu_field_put(&f, 0xff, &used, &c), 0);
	assert_int_equal(parse("config:7-9", &over), 0);
	assert_int_equal(pmu_field_put(&over, 1, &used, &c), -EEXIST);
	assert_int_equal(parse("config1:7-9", &over), 0);
	assert_int_equal(pmu_field_put(&over, 1, &used, &c), 0);
	assert_int_equal(parse("config2:0-63", &f), 0);
	assert_int_equal(pmu_field_put(&f, UINT64_MAX, &used, &c), 0);
	assert_true(c.word[2] == UINT64_MAX);
}

static void names(void **state)
{
	(void)state;
	assert_true(pmu_name_matches("uncore_cha_*", "uncore_cha_0"));
	assert_true(pmu_name_matches("uncore_cha_*", "uncore_cha_27"));
	assert_true(pmu_name_matches("uncore_cha_*", "uncore_cha"));
	assert_false(pmu_name_matches("uncore_cha_*", "uncore_cha_"));
	assert_false(pmu_name_matches("uncore_cha_*", "uncore_cha_0x"));
	assert_false(pmu_name_matches("uncore_cha_*", "uncore_chas_0"));
	assert_false(pmu_name_matches("uncore_iio_*", "uncore_iio_free_running_0"));
	assert_true(pmu_name_matches("cpu", "cpu"));
	assert_false(pmu_name_matches("cpu", "cpu_core"));
}

static void a_box_is_read(void **state)
{
	struct temproot r;
	struct pmu_event e = { .name = "E", .term = { { "event", 0x35 }, { "umask", 0x121 }, { "zero", 0 } } };
	struct pmu_config c;
	struct pmu_box b;
	struct fact f;
	const char *at = "";
	char **list;
	size_t n;

	(void)state;
	temproot_make(&r);
	temproot_add(&r, "sys/bus/event_source/devices/box_0/type", "33\n");
	temproot_add(&r, "sys/bus/event_source/devices/box_0/cpumask", "0,20-21\n");
	temproot_add(&r, "sys/bus/event_source/devices/box_0/format/event", "config:0-7\n");
	temproot_add(&r, "sys/bus/event_source/devices/box_0/format/umask", "config:8-15,32-39\n");
	temproot_add(&r, "sys/bus/event_source/devices/box_0/format/new", "config3:0-3\n");
	temproot_add(&r, "sys/bus/event_source/devices/bad_0/type", "x\n");
	temproot_add(&r, "sys/bus/event_source/devices/bad_1/type", "3\n");
	temproot_add(&r, "sys/bus/event_source/devices/bad_1/format/event", "config:0-70\n");
	temproot_add(&r, "sys/bus/event_source/devices/bad_2/type", "3\n");
	temproot_add(&r, "sys/bus/event_source/devices/bad_2/cpumask", "\n");
	temproot_add(&r, "sys/bus/event_source/devices/bad_3/type", "4294967296\n");
	temproot_open(&r);

	assert_int_equal(pmu_box_read(r.src, "box_0", &b, &f), 0);
	assert_int_equal(f.state, FACT_KNOWN);
	assert_int_equal(b.type, 33);
	assert_int_equal(b.ncpus, 3);
	assert_int_equal(b.cpu[2], 21);
	assert_int_equal(b.nfields, 2);
	assert_int_equal(pmu_encode(&b, &e, &c, &at), 0);
	assert_true(c.word[0] == 0x0000000100002135);
	e.term[2].value = 1;
	assert_int_equal(pmu_encode(&b, &e, &c, &at), -ENOENT);
	assert_string_equal(at, "zero");
	e.term[1].value = 0x10000;
	assert_int_equal(pmu_encode(&b, &e, &c, &at), -ERANGE);
	assert_string_equal(at, "umask");
	pmu_box_free(&b);

	for (unsigned int i = 0; i < 4; i++) {
		char name[] = "bad_0";

		name[4] = (char)('0' + i);
		assert_int_equal(pmu_box_read(r.src, name, &b, &f), -EBADMSG);
		assert_int_equal(f.state, FACT_MISSING);
	}
	assert_int_not_equal(pmu_box_read(r.src, "none_0", &b, &f), 0);
	assert_int_equal(pmu_box_read(r.src, "../x", &b, &f), -EINVAL);
	assert_int_equal(pmu_box_names(r.src, "bad_*", &list, &n), 0);
	assert_int_equal(n, 4);
	src_list_free(list, n);
	assert_int_equal(pmu_box_names(r.src, "good_*", &list, &n), 0);
	assert_int_equal(n, 0);
	src_list_free(list, n);
	temproot_drop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes),
		cmocka_unit_test(refuses),
		cmocka_unit_test(fills_from_the_least_significant_bit),
		cmocka_unit_test(too_wide_or_taken),
		cmocka_unit_test(names),
		cmocka_unit_test(a_box_is_read),
	};

	return cmocka_run_group_tests_name("pmu_format", tests, NULL, NULL);
}
