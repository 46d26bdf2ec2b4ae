/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_witness.c - the argument of --witness, registers (in a file that stands for a BAR), sums and rates.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "probe/cpu.h"
#include "probe/pci.h"
#include "probe/witness_int.h"
#include "temproot.h"

static void arguments(void **state)
{
	static const struct {
		const char *text;
		enum witness_kind kind;
		unsigned int bar, width;
		uint64_t offset;
		const char *again;
	} good[] = {
		{ "reg:2+0xff000:8", WITNESS_REG, 2, 8, 0xff000, "reg:2+0xff000:8" },
		{ "reg:0+16:4", WITNESS_REG, 0, 4, 16, "reg:0+0x10:4" },
		{ "reg:5+0x10:64", WITNESS_REG, 5, 8, 16, "reg:5+0x10:8" },
		{ "reg:5+0:32", WITNESS_REG, 5, 4, 0, "reg:5+0x0:4" },
		{ "pmu", WITNESS_PMU, 0, 0, 0, "pmu" },
		{ "timing", WITNESS_TIMING, 0, 0, 0, "timing" },
		{ "cmd:/bin/x y", WITNESS_CMD, 0, 0, 0, "cmd:/bin/x y" },
	};
	static const char *const bad[] = {
		"",
		"reg",
		"reg:",
		"reg:6+0:8",
		"reg:2",
		"reg:2+",
		"reg:2+0x",
		"reg:2+8",
		"reg:2+8:",
		"reg:2+8:16",
		"reg:2+4:8",
		"reg:2+2:4",
		"reg:2+8:8 ",
		"reg:2-8:8",
		"reg:-1+8:8",
		"reg:2+0x10000000000000000:8",
		"reg:2+8:8:8",
		"cmd:",
		"cmd",
		"pmu:",
		"pmus",
		"Timing",
		" pmu",
	};
	struct witness_spec w;
	const char *what;
	char longer[400], again[300];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (witness_parse(good[i].text, &w, &what))
			fail_msg("%s: %s", good[i].text, what);
		assert_int_equal(w.kind, good[i].kind);
		assert_int_equal(w.bar, good[i].bar);
		assert_int_equal(w.width, good[i].width);
		assert_true(w.offset == good[i].offset);
		witness_spec_name(&w, again, sizeof(again));
		assert_string_equal(again, good[i].again);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		what = NULL;
		if (witness_parse(bad[i], &w, &what) != -EINVAL)
			fail_msg("taken: \"%s\"", bad[i]);
		assert_non_null(what);
	}
	memset(longer, 'x', sizeof(longer));
	memcpy(longer, "cmd:", 4);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(witness_parse(longer, &w, &what), -EINVAL);
	longer[4 + 255] = '\0';
	assert_int_equal(witness_parse(longer, &w, &what), 0);
	assert_int_equal(strlen(w.program), 255);
}

static void wraps(void **state)
{
	(void)state;
	assert_int_equal(witness_wrap(10, 15, 4), 5);
	assert_int_equal(witness_wrap(0xfffffff0, 0x10, 4), 0x20);
	assert_int_equal(witness_wrap(0xfffffff0, 0x10, 8), 0xffffffff00000020);
	assert_int_equal(witness_wrap(UINT64_MAX - 1, 3, 8), 5);
	assert_int_equal(witness_wrap(7, 7, 4), 0);
}

/* A BAR of 16 KiB, as a file. */
static struct temproot r;
static struct pci_device dev;
static struct witness_target t;
static struct fact f;

#define RESOURCE2 "sys/bus/pci/devices/0000:01:00.0/resource2"

static void poke(uint64_t offset, uint64_t value, unsigned int width)
{
	char path[200];
	int fd;

	snprintf(path, sizeof(path), "%s/" RESOURCE2, r.dir);
	fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, &value, width, (off_t)offset), width);
	close(fd);
}

static int make_bar(void **state)
{
	static char zero[16384];

	(void)state;
	temproot_make(&r);
	temproot_add_n(&r, RESOURCE2, zero, sizeof(zero));
	temproot_open(&r);
	dev = (struct pci_device){ .slot = "0000:01:00.0", .command = 6 };
	dev.bar[2] = (struct pci_bar){ .addr = 0xd0000000, .size = sizeof(zero), .flags = RES_MEM | RES_PREFETCH };
	dev.bar[4] = (struct pci_bar){ .addr = 0xe000, .size = 256, .flags = RES_IO };
	t = (struct witness_target){
		.src = r.src, .dev = &dev, .bar = 2, .scratch_start = 0x1000, .scratch_end = 0x2040, .pinned = -1
	};
	return 0;
}

static int drop_bar(void **state)
{
	(void)state;
	temproot_drop(&r);
	return 0;
}

static struct witness *open_reg(uint64_t offset, unsigned int width)
{
	const struct witness_spec spec = { .kind = WITNESS_REG, .bar = 2, .offset = offset, .width = width };
	struct witness *w = NULL;

	if (witness_open(&spec, &t, &w, &f))
		fail_msg("%s: %s", f.where, f.why);
	return w;
}

static void a_register_counts(void **state)
{
	struct witness_counts c;
	struct witness *w = open_reg(0x3008, 8);

	(void)state;
	assert_int_equal(witness_trust_of(w), TRUST_DEVICE);
	assert_int_equal(witness_rounds(w), 1);
	poke(0x3008, 1000, 8);
	assert_int_equal(witness_begin(w, &f), 0);
	poke(0x3008, 1064, 8);
	assert_int_equal(witness_end(w, &c, &f), 0);
	assert_int_equal(c.runs[WITNESS_TLPS], 1);
	assert_int_equal(c.count[WITNESS_TLPS], 64);
	assert_int_equal(c.runs[WITNESS_FULL], 0);
	witness_close(w);

	w = open_reg(0x300c, 4);
	poke(0x300c, 0xfffffffe, 4);
	poke(0x3010, 0x12345678, 4); /* a neighbour that does not belong to it */
	assert_int_equal(witness_begin(w, &f), 0);
	poke(0x300c, 6, 4);
	assert_int_equal(witness_end(w, &c, &f), 0);
	assert_int_equal(c.count[WITNESS_TLPS], 8);
	poke(0x300c, 0xffffffff, 4);
	assert_int_equal(witness_begin(w, &f), -ENODEV);
	assert_non_null(strstr(f.why, "all ones"));
	witness_close(w);
}

/* A BAR of 256 bytes in the middle of its page: sysfs maps the page. */
static void a_small_bar(void **state)
{
	struct witness_counts c;
	struct witness *w;

	(void)state;
	dev.bar[2].addr = 0xd0000300;
	dev.bar[2].size = 256;
	t.scratch_start = t.scratch_end = 0;
	w = open_reg(0xf8, 8);
	poke(0x0f8, 1, 8);
	poke(0x3f8, 100, 8);
	assert_int_equal(witness_begin(w, &f), 0);
	poke(0x0f8, 7, 8);
	poke(0x3f8, 102, 8);
	assert_int_equal(witness_end(w, &c, &f), 0);
	assert_int_equal(c.count[WITNESS_TLPS], 2);
	witness_close(w);
}

static void where_a_register_may_not_lie(void **state)
{
	static const struct {
		unsigned int bar;
		uint64_t offset;
		unsigned int width;
		int err;
	} no[] = {
		{ 2, 0x1800, 8, -EADDRINUSE }, { 2, 0x2ff8, 8, -EADDRINUSE }, { 2, 0x1000, 4, -EADDRINUSE },
		{ 2, 16384, 8, -EINVAL },      { 2, 16380, 8, -EINVAL },      { 2, UINT64_MAX - 7, 8, -EINVAL },
		{ 1, 0, 8, -EINVAL },	       { 4, 0, 4, -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		const struct witness_spec spec = {
			.kind = WITNESS_REG, .bar = no[i].bar, .offset = no[i].offset, .width = no[i].width
		};
		struct witness *w = NULL;

		assert_int_equal(witness_open(&spec, &t, &w, &f), no[i].err);
		assert_int_equal(f.state, FACT_MISSING);
		assert_null(w);
	}
	/* the pages before and behind the scratch range's */
	witness_close(open_reg(0xff8, 8));
	witness_close(open_reg(0x3000, 8));
	dev.command = -1; /* not read: no reason to refuse */
	witness_close(open_reg(0x3000, 8));
	dev.command = 4;
	assert_int_equal(witness_reg_check(&(struct witness_spec){ .bar = 2, .width = 8 }, &t, &f), -ENODEV);
	dev.asleep = true;
	assert_int_equal(witness_reg_check(&(struct witness_spec){ .bar = 2, .width = 8 }, &t, &f), -EHOSTDOWN);
	t.dev = NULL;
	assert_int_equal(witness_reg_check(&(struct witness_spec){ .width = 8 }, &t, &f), -EINVAL);
}

/* While a mapping for stores covers its page, it is not read. */
static void no_alias(void **state)
{
	struct witness_counts c;
	struct witness *w = open_reg(0x3000, 8);

	(void)state;
	t.mapped_start = 0x1000;
	t.mapped_end = 0x3000;
	assert_int_equal(witness_begin(w, &f), 0);
	t.mapped_end = 0x4000;
	assert_int_equal(witness_end(w, &c, &f), -EBUSY);
	assert_non_null(strstr(f.why, "alias"));
	assert_int_equal(c.runs[WITNESS_TLPS], 0);
	assert_int_equal(witness_begin(w, &f), -EBUSY);
	t.bar = 0;
	assert_int_equal(witness_begin(w, &f), 0);
	witness_close(w);
}

static void rates(void **state)
{
	struct witness_counts sum = { .estimate = false };
	double x = -1;

	(void)state;
	assert_int_equal(witness_full_rate(&sum, &x), -ENODATA);
	assert_int_equal(witness_bytes_per_tlp(&sum, &x), -ENODATA);
	/* full counted in two runs, partial in one: 90 and 10 a run */
	for (unsigned int i = 0; i < 2; i++)
		witness_add(&sum, &(struct witness_counts){ .runs = { [WITNESS_FULL] = 1 },
							    .count = { [WITNESS_FULL] = 90 } });
	assert_int_equal(witness_full_rate(&sum, &x), -ENODATA);
	witness_add(&sum, &(struct witness_counts){ .runs = { [WITNESS_PARTIAL] = 1 },
						    .count = { [WITNESS_PARTIAL] = 10 },
						    .estimate = true });
	assert_int_equal(witness_full_rate(&sum, &x), 0);
	assert_true(x > 0.8999 && x < 0.9001);
	assert_true(sum.estimate);
	sum = (struct witness_counts){ .runs = { [WITNESS_FULL] = 1, [WITNESS_LINES] = 1 },
				       .count = { [WITNESS_FULL] = 30, [WITNESS_LINES] = 40 } };
	assert_int_equal(witness_full_rate(&sum, &x), 0);
	assert_true(x == 0.75);
	sum.count[WITNESS_FULL] = 41;
	assert_int_equal(witness_full_rate(&sum, &x), 0);
	assert_true(x == 1);
	sum.count[WITNESS_FULL] = sum.count[WITNESS_LINES] = 0;
	assert_int_equal(witness_full_rate(&sum, &x), -ENODATA);
	sum = (struct witness_counts){ .runs = { [WITNESS_BYTES] = 2, [WITNESS_TLPS] = 2 },
				       .count = { [WITNESS_BYTES] = 12800, [WITNESS_TLPS] = 200 } };
	assert_int_equal(witness_bytes_per_tlp(&sum, &x), 0);
	assert_true(x == 64);
}

static void listed(void **state)
{
	static const struct cpu old = { .vendor = VENDOR_INTEL, .family = 6, .model = 0x17, .name = "Core 2" };
	struct witness_offer o[WITNESS_KINDS];
	struct witness_counts c;
	struct witness *w;

	(void)state;
	t.cpu = &old;
	witness_list(&t, o);
	assert_int_equal(o[WITNESS_REG].state, WITNESS_NOT_HERE); /* a snapshot */
	assert_non_null(strstr(o[WITNESS_REG].fact.why, "snapshot"));
	assert_int_equal(o[WITNESS_CMD].state, WITNESS_NAME_IT);
	assert_int_equal(o[WITNESS_PMU].state, WITNESS_NOT_HERE);
	assert_int_equal(o[WITNESS_PMU].fact.state, FACT_MISSING);
	assert_non_null(o[WITNESS_PMU].fact.remedy);
	assert_int_equal(o[WITNESS_TIMING].state, WITNESS_READY);
	assert_int_equal(o[WITNESS_TIMING].trust, TRUST_HINT);
	t.emulated = true;
	witness_list(&t, o);
	assert_int_equal(o[WITNESS_TIMING].state, WITNESS_NOT_HERE);
	assert_int_equal(o[WITNESS_TIMING].trust, TRUST_NOTHING);
	assert_non_null(strstr(o[WITNESS_TIMING].fact.why, "proves nothing"));
	for (unsigned int i = 0; i < WITNESS_KINDS; i++)
		assert_string_not_equal(o[i].says, "");
	/* it can be asked for all the same, and says what it is worth */
	assert_int_equal(witness_open(&(struct witness_spec){ .kind = WITNESS_TIMING }, &t, &w, &f), 0);
	assert_int_equal(witness_trust_of(w), TRUST_NOTHING);
	assert_int_equal(witness_begin(w, &f), 0);
	assert_int_equal(witness_end(w, &c, &f), 0);
	for (unsigned int i = 0; i < WITNESS_WHATS; i++)
		assert_int_equal(c.runs[i], 0);
	witness_close(w);
	witness_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments),
		cmocka_unit_test(wraps),
		cmocka_unit_test(rates),
		cmocka_unit_test_setup_teardown(a_register_counts, make_bar, drop_bar),
		cmocka_unit_test_setup_teardown(a_small_bar, make_bar, drop_bar),
		cmocka_unit_test_setup_teardown(where_a_register_may_not_lie, make_bar, drop_bar),
		cmocka_unit_test_setup_teardown(no_alias, make_bar, drop_bar),
		cmocka_unit_test_setup_teardown(listed, make_bar, drop_bar),
	};

	return cmocka_run_group_tests_name("witness", tests, NULL, NULL);
}
