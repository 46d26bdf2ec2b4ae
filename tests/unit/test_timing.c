/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_timing.c - by the store or by the line: synthetic samples, samples taken on a machine, and too few of them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "probe/timing.h"
#include "timing_samples.h"

enum { MOST = 4000 };
static struct timing_sample s[MOST];
static size_t n;

static uint32_t seed;

/* 0 to 1, the same in every run. */
static double noise(void)
{
	seed = seed * 1664525u + 1013904223u;
	return (double)(seed >> 8) / (1 << 24);
}

static bool reference;

static void add(unsigned int width, unsigned int lines, double cycles)
{
	assert_true(n < MOST);
	s[n++] = (struct timing_sample){
		.width = width, .lines = lines, .cycles = (uint64_t)cycles, .reference = reference
	};
}

/* by line or by store, a constant besides, 5 % of noise and now and then an interrupt */
static void fill(unsigned int width, double per_line, double per_store, double besides)
{
	static const unsigned int lines[] = { 32, 256 };

	for (unsigned int l = 0; l < 2; l++)
		for (unsigned int i = 0; i < 40; i++) {
			double c = lines[l] * (per_line + per_store * 64 / width) * (1 + 0.05 * noise()) + besides;

			add(width, lines[l], i % 13 == 5 ? c + 20000 : c);
		}
}

static int start(void **state)
{
	(void)state;
	n = 0;
	seed = 1;
	reference = false;
	return 0;
}

static void by_the_line(void **state)
{
	struct timing_result r;

	(void)state;
	fill(4, 60, 0.5, 900);
	fill(8, 60, 0.5, 900);
	assert_int_equal(timing_judge(s, n, false, &r), 0);
	assert_int_equal(r.says, TIMING_WC);
	assert_int_equal(r.narrow, 4);
	assert_int_equal(r.wide, 8);
	assert_true(r.slope && !r.vector);
	assert_true(r.ratio.lo <= r.ratio.mid && r.ratio.mid <= r.ratio.hi);
	assert_true(r.ratio.mid > 0.95 && r.ratio.mid < 1.2);
	assert_true(r.line[1].mid > 60 && r.line[1].mid < 70);
}

static void by_the_store(void **state)
{
	struct timing_result r;

	(void)state;
	fill(4, 5, 250, 900);
	fill(8, 5, 250, 900);
	fill(32, 5, 250, 900); /* vector stores do not count where there are two others */
	assert_int_equal(timing_judge(s, n, false, &r), 0);
	assert_int_equal(r.says, TIMING_BETWEEN); /* it might be the core that issues no faster */
	assert_non_null(strstr(r.why, "not measured"));
	reference = true;
	fill(4, 0, 1, 300);
	fill(8, 0, 1, 300);
	assert_int_equal(timing_judge(s, n, false, &r), 0);
	assert_int_equal(r.says, TIMING_UC);
	assert_int_equal(r.wide, 8);
	assert_true(r.ratio.mid > 1.85 && r.ratio.mid < 2.1);
	assert_true(r.store.mid > 240 && r.store.mid < 275 && r.issue.mid > 0.9 && r.issue.mid < 1.2);
}

/* A link that is faster than the core. */
static void as_fast_as_the_core(void **state)
{
	struct timing_result r;

	(void)state;
	fill(4, 0.2, 1.1, 900);
	fill(8, 0.2, 1.1, 900);
	reference = true;
	fill(4, 0, 1, 300);
	fill(8, 0, 1, 300);
	assert_int_equal(timing_judge(s, n, false, &r), 0);
	assert_int_equal(r.says, TIMING_WC);
	assert_true(r.core_bound && r.ratio.mid > 1.8);
	/* four times as dear as issuing them: neither */
	start(NULL);
	fill(4, 0, 4.5, 900);
	fill(8, 0, 4.5, 900);
	reference = true;
	fill(4, 0, 1.1, 300);
	fill(8, 0, 1.1, 300);
	assert_int_equal(timing_judge(s, n, false, &r), 0);
	assert_int_equal(r.says, TIMING_BETWEEN);
}

/* timing_samples.h: taken on a machine. */
static void recorded(void **state)
{
	struct timing_result r;

	(void)state;
	for (size_t i = 0; i < sizeof(zen4) / sizeof(zen4[0]); i++)
		s[n++] = zen4[i];
	assert_int_equal(timing_judge(s, n, false, &r), 0);
	assert_int_equal(r.says, TIMING_WC);
	assert_true(r.core_bound && r.slope && r.referred);
	assert_true(r.ratio.mid > 1.9 && r.ratio.mid < 2.2);
	assert_true(r.store.mid > 1.6 && r.store.mid < 2.0);
	/* without the stores to ordinary memory nothing is said: the ratio looks like UC */
	for (size_t i = n = 0; i < sizeof(zen4) / sizeof(zen4[0]); i++)
		if (!zen4[i].reference)
			s[n++] = zen4[i];
	assert_int_equal(timing_judge(s, n, false, &r), 0);
	assert_int_equal(r.says, TIMING_BETWEEN);
}

static void neither(void **state)
{
	struct timing_result r;

	(void)state;
	/* 16 stores 41 % dearer than 8: just the middle of 1 and 2 */
	fill(4, 141.4, 0, 900);
	fill(8, 100, 0, 900);
	assert_int_equal(timing_judge(s, n, false, &r), 0);
	assert_int_equal(r.says, TIMING_BETWEEN);
	assert_non_null(r.why);
	start(NULL);
	for (unsigned int i = 0; i < 30; i++) {
		add(4, 10, 1000 + 100000 * noise());
		add(4, 20, 1000 + 100000 * noise());
		add(8, 10, 1000 + 100000 * noise());
		add(8, 20, 1000 + 100000 * noise());
	}
	assert_int_equal(timing_judge(s, n, false, &r), 0);
	assert_int_equal(r.says, TIMING_BETWEEN);
}

static void one_number_of_lines(void **state)
{
	struct timing_result r;

	(void)state;
	for (unsigned int i = 0; i < 20; i++) {
		add(16, 100, 6400 + 10 * noise());
		add(64, 100, 6000 + 10 * noise());
	}
	assert_int_equal(timing_judge(s, n, false, &r), 0);
	assert_int_equal(r.says, TIMING_WC);
	assert_true(r.vector && !r.slope);
	assert_int_equal(r.narrow, 16);
	assert_int_equal(r.wide, 64);
}

/* Whatever the samples are. */
static void emulated(void **state)
{
	struct timing_result r;

	(void)state;
	fill(4, 60, 0.5, 900);
	fill(8, 60, 0.5, 900);
	assert_int_equal(timing_judge(s, n, true, &r), 0);
	assert_int_equal(r.says, TIMING_NOTHING);
	assert_non_null(strstr(r.why, "emulated"));
	assert_int_equal(timing_judge(NULL, 0, true, &r), 0);
	assert_int_equal(r.says, TIMING_NOTHING);
}

static void too_little(void **state)
{
	struct timing_result r = { .narrow = 77 };

	(void)state;
	assert_int_equal(timing_judge(s, 0, false, &r), -ENODATA);
	fill(8, 60, 1, 0);
	assert_int_equal(timing_judge(s, n, false, &r), -ENODATA);
	for (unsigned int i = 0; i < TIMING_LEAST - 1; i++)
		add(4, 10, 1000);
	assert_int_equal(timing_judge(s, n, false, &r), -ENODATA);
	add(4, 10, 1000);
	assert_int_equal(timing_judge(s, n, false, &r), 0);
	add(3, 10, 1000);
	assert_int_equal(timing_judge(s, n, false, &r), -EINVAL);
	n--;
	add(8, 0, 1000);
	assert_int_equal(timing_judge(s, n, false, &r), -EINVAL);
	n--;
	add(128, 1, 1000);
	assert_int_equal(timing_judge(s, n, false, &r), -EINVAL);
	assert_int_equal(timing_judge(s, TIMING_MOST + 1, false, &r), -EINVAL);
}

/*
 * The 95 % interval of a median by order statistics, from a table of the sign test: ranks (from 1) of its ends.
 */
static void intervals(void **state)
{
	static const struct {
		unsigned int n, lo, hi;
	} t[] = { { 6, 1, 6 }, { 8, 1, 8 }, { 9, 2, 8 }, { 10, 2, 9 }, { 12, 3, 10 }, { 20, 6, 15 }, { 25, 8, 18 } };
	double v[200];

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct timing_mid m;

		for (unsigned int k = 0; k < t[i].n; k++)
			v[k] = t[i].n - k; /* descending: it is sorted inside */
		m = timing_median(v, t[i].n);
		assert_int_equal(m.lo, t[i].lo);
		assert_int_equal(m.hi, t[i].hi);
		assert_true(m.mid == (t[i].n + 1) / 2.0);
	}
	for (unsigned int k = 0; k < 100; k++)
		v[k] = k + 1;
	assert_int_equal(timing_median(v, 100).lo, 40); /* n/2 - 1.96 sqrt(n)/2 = 40.2 */
	assert_int_equal(timing_median(v, 100).hi, 61);
	v[0] = 5;
	assert_true(timing_median(v, 1).lo == 5 && timing_median(v, 1).hi == 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(by_the_line, start),
		cmocka_unit_test_setup(by_the_store, start),
		cmocka_unit_test_setup(as_fast_as_the_core, start),
		cmocka_unit_test_setup(recorded, start),
		cmocka_unit_test_setup(neither, start),
		cmocka_unit_test_setup(one_number_of_lines, start),
		cmocka_unit_test_setup(emulated, start),
		cmocka_unit_test_setup(too_little, start),
		cmocka_unit_test(intervals),
	};

	return cmocka_run_group_tests_name("timing", tests, NULL, NULL);
}
