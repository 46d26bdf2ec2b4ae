/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_pmu.c - sets of counters, against a stand-in for perf: what is opened where, turns, scaling, the idle rate; and
 * perf itself, as far as every kernel has it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fake_perf.h"

/* What the program itself uses. */
static const struct pmu_ops *real;

static int keep_real(void **state)
{
	(void)state;
	real = pmu_ops;
	return 0;
}

static void every_box_of_every_package(void **state)
{
	unsigned int on[2] = { 0, 0 };

	(void)state;
	assert_int_equal(open_on("skx", &skx, &here), 0);
	assert_int_equal(partly.state, FACT_NOT_READ);
	/* 2 CHA x 2 packages x full, partial; 2 IIO x 2 packages x bytes, transactions */
	assert_int_equal(pmu_ncounters(p), 16);
	assert_int_equal(pmu_turns(p), 2);
	for (int i = 0; i < fake.nfd; i++) {
		const struct fd *d = &fake.fd[i];

		assert_int_equal(d->tid, -1);
		assert_true(d->cpu == 0 || d->cpu == 28);
		assert_true(d->attr.type >= 20 && d->attr.type <= 41);
	}
	for (unsigned int t = 0; t < 2; t++) {
		struct pmu_counts c;

		assert_int_equal(pmu_begin(p), 0);
		for (int i = 0; i < fake.nfd; i++)
			on[t] += fake.fd[i].on;
		pass(10 * US);
		assert_int_equal(pmu_end(p, &c), 0);
		assert_int_equal(c.have[PMU_R_FULL], t == 0);
		assert_int_equal(c.have[PMU_R_PARTIAL], t == 1);
		assert_true(c.have[PMU_R_BYTES] && c.have[PMU_R_TXNS]);
		for (int i = 0; i < fake.nfd; i++)
			assert_false(fake.fd[i].on);
	}
	assert_int_equal(on[0], 12);
	assert_int_equal(on[1], 12);
	finish();
}

static void runs_add_up(void **state)
{
	struct pmu_counts sum = { .scaled = false }, one;

	(void)state;
	assert_int_equal(open_on("skx", &skx, &here), 0);
	for (unsigned int run = 0; run < 6; run++) {
		assert_int_equal(pmu_begin(p), 0);
		happen(CHA, 990);
		happen(CHA_PARTIAL, 10);
		happen(IIO_BYTES, 16000);
		happen(IIO_TXNS, 1070);
		pass(100 * US);
		assert_int_equal(pmu_end(p, &one), 0);
		pmu_add(&sum, &one);
	}
	assert_int_equal(sum.runs[PMU_R_FULL], 3);
	assert_int_equal(sum.count[PMU_R_FULL], 3 * 990);
	assert_int_equal(sum.runs[PMU_R_PARTIAL], 3);
	assert_int_equal(sum.count[PMU_R_PARTIAL], 3 * 10);
	assert_int_equal(sum.count[PMU_R_BYTES], 6 * 64000);
	assert_int_equal(sum.count[PMU_R_TXNS], 6 * 1070);
	assert_false(sum.scaled);
	assert_int_equal(sum.idle[PMU_R_FULL], 0);
	finish();
}

static void idle_is_subtracted(void **state)
{
	struct pmu_counts c;

	(void)state;
	background = busy;
	assert_int_equal(open_on("skx", &skx, &here), 0);
	assert_int_equal(pmu_idle(p, 20), 0);
	assert_int_equal(pmu_begin(p), 0);
	happen(CHA, 50000);
	pass(2 * MS);
	assert_int_equal(pmu_end(p, &c), 0);
	/* four boxes: 3 * 2000 us * 4 */
	assert_int_equal(c.idle[PMU_R_FULL], 24000);
	assert_int_equal(c.count[PMU_R_FULL], 50000);
	assert_int_equal(c.idle[PMU_R_BYTES], 0);
	/* less than idle is zero, not a number near 2^64 */
	background = NULL;
	assert_int_equal(pmu_begin(p), 0);
	happen(CHA_PARTIAL, 5);
	pass(2 * MS);
	assert_int_equal(pmu_end(p, &c), 0);
	assert_int_equal(c.count[PMU_R_PARTIAL], 0);
	assert_int_equal(c.idle[PMU_R_PARTIAL], 5);
	finish();
}

static void what_was_not_always_there_is_scaled(void **state)
{
	struct pmu_counts c;

	(void)state;
	assert_int_equal(open_on("skx", &skx, &here), 0);
	for (int i = 0; i < fake.nfd; i++)
		fake.fd[i].share = 0.25;
	assert_int_equal(pmu_begin(p), 0);
	happen(CHA, 4000);
	pass(1 * MS);
	assert_int_equal(pmu_end(p, &c), 0);
	assert_true(c.scaled);
	assert_int_equal(c.count[PMU_R_FULL], 4000);
	finish();
}

static void what_never_ran_is_no_zero(void **state)
{
	struct pmu_counts c;

	(void)state;
	assert_int_equal(open_on("skx", &skx, &here), 0);
	/* one box of the transactions, and all of the bytes */
	for (int i = 0, first = 1; i < fake.nfd; i++) {
		if (fake.fd[i].attr.config == 0x000070f0000001c0)
			fake.fd[i].share = 0;
		if (fake.fd[i].attr.config == 0x000070f0000001c1 && first)
			first = 0, fake.fd[i].share = 0;
	}
	assert_int_equal(pmu_begin(p), 0);
	happen(CHA, 7);
	pass(1 * MS);
	assert_int_equal(pmu_end(p, &c), 0);
	assert_true(c.have[PMU_R_FULL]);
	assert_int_equal(c.count[PMU_R_FULL], 7);
	assert_false(c.have[PMU_R_BYTES]);
	assert_false(c.have[PMU_R_TXNS]);
	assert_int_equal(c.runs[PMU_R_TXNS], 0);
	for (int i = 0; i < fake.nfd; i++)
		fake.fd[i].share = 0;
	assert_int_equal(pmu_begin(p), 0);
	pass(1 * MS);
	assert_int_equal(pmu_end(p, &c), -ENODATA);
	fake.read_err = -EIO;
	assert_int_equal(pmu_begin(p), -EIO);
	for (int i = 0; i < fake.nfd; i++)
		assert_false(fake.fd[i].on);
	finish();
}

static void deltas(void **state)
{
	const struct pmu_reading a = { 100, 1000, 1000 };
	bool scaled = false;
	double n = -1;

	(void)state;
	assert_int_equal(pmu_delta(&a, &(struct pmu_reading){ 150, 3000, 3000 }, &n, &scaled), 0);
	assert_true(n == 50 && !scaled);
	assert_int_equal(pmu_delta(&a, &(struct pmu_reading){ 150, 3000, 2000 }, &n, &scaled), 0);
	assert_true(n == 100 && scaled);
	assert_int_equal(pmu_delta(&a, &(struct pmu_reading){ 100, 3000, 1000 }, &n, &scaled), -ENODATA);
	assert_int_equal(pmu_delta(&a, &(struct pmu_reading){ 100, 1000, 1000 }, &n, &scaled), -ENODATA);
	assert_int_equal(pmu_delta(&a, &(struct pmu_reading){ 99, 3000, 3000 }, &n, &scaled), -EPROTO);
	assert_int_equal(pmu_delta(&a, &(struct pmu_reading){ 150, 2000, 3000 }, &n, &scaled), -EPROTO);
	assert_int_equal(pmu_delta(&a, &(struct pmu_reading){ 150, 900, 900 }, &n, &scaled), -EPROTO);
}
/* perf's system calls on an event that every kernel has: the clock of this thread. */
static void real_system_calls(void **state)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_TASK_CLOCK,
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
		.disabled = 1,
		.exclude_kernel = 1,
	};
	struct pmu_reading still, before, after;
	bool scaled = false;
	double ns = 0;
	int fd;

	(void)state;
	fd = real->open(&attr, 0, -1);
	if (fd == -EACCES || fd == -EPERM || fd == -ENOSYS)
		skip(); /* perf is forbidden here */
	assert_true(fd >= 0);
	assert_int_equal(real->open(&attr, 0, 1 << 20), -EINVAL); /* no such CPU */
	assert_int_equal(real->read(fd, &before), 0);
	assert_int_equal(real->run(fd, true), 0);
	for (volatile unsigned int i = 0; i < 3000000; i++)
		;
	assert_int_equal(real->run(fd, false), 0);
	assert_int_equal(real->read(fd, &after), 0);
	assert_int_equal(pmu_delta(&before, &after, &ns, &scaled), 0);
	assert_true(ns > 100 * US && ns < 60e9);
	/* stopped, it stands still, and that is no zero */
	for (volatile unsigned int i = 0; i < 1000; i++)
		;
	assert_int_equal(real->read(fd, &still), 0);
	assert_memory_equal(&still, &after, sizeof(still));
	assert_int_equal(pmu_delta(&after, &still, &ns, &scaled), -ENODATA);
	real->close(fd);
	assert_int_equal(real->read(fd, &still), -EBADF);
	assert_int_equal(real->run(-1, true), -EBADF);
}
int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_box_of_every_package, start),
		cmocka_unit_test_setup(runs_add_up, start),
		cmocka_unit_test_setup(idle_is_subtracted, start),
		cmocka_unit_test_setup(what_was_not_always_there_is_scaled, start),
		cmocka_unit_test_setup(what_never_ran_is_no_zero, start),
		cmocka_unit_test_setup(deltas, start),
		cmocka_unit_test_setup(real_system_calls, start),
	};

	return cmocka_run_group_tests_name("pmu", tests, keep_real, NULL);
}
