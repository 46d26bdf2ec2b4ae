/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_fleet.c - worker processes: order, one that dies, one that prints much, nobody who reads on. */
#include "cmd/fleet.c"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

struct seen {
	size_t next, dead, stop, bytes;
	bool die_twice;
};

static int one(void *ctx, size_t i, const char *died)
{
	struct seen *s = ctx;

	if (died) {
		if (s->die_twice)
			raise(SIGKILL);
		printf("%zu died: %s\n", i, died);
		return 3;
	}
	if (i % 100 == 7) {
		printf("half an ");
		fflush(stdout);
		raise(SIGKILL);
	}
	if (i % 100 == 8)
		_exit(5);
	if (i % 100 == 9) /* slow: all behind it wait, and are not held without bound */
		usleep(20000);
	printf("%zu", i);
	for (size_t k = 0; i % 100 == 10 && k < 100000; k++)
		printf(" much");
	fprintf(stderr, "e%zu", i);
	return (int)(i % 3);
}

static bool take_it(void *ctx, size_t i, const struct fleet_result *r)
{
	struct seen *s = ctx;
	char want[100];

	assert_int_equal(i, s->next);
	s->next++;
	s->bytes += r->outlen;
	if (i % 100 == 7 || i % 100 == 8) {
		snprintf(want, sizeof(want), "%zu died: the process that judged it ended %s\n", i,
			 i % 100 == 7 ? "by signal 9" : "with status 5");
		assert_int_equal(r->outlen, strlen(want));
		assert_memory_equal(r->out, want, r->outlen);
		assert_int_equal(r->rc, 3);
		s->dead++;
	} else {
		snprintf(want, sizeof(want), "%zu", i);
		assert_int_equal(r->outlen, strlen(want) + (i % 100 == 10 ? 500000 : 0));
		assert_memory_equal(r->out, want, strlen(want));
		snprintf(want, sizeof(want), "e%zu", i);
		assert_int_equal(r->errlen, strlen(want));
		assert_memory_equal(r->err, want, r->errlen);
		assert_int_equal(r->rc, (int)(i % 3));
	}
	return s->next != s->stop;
}

static void in_order(void **state)
{
	(void)state;
	for (unsigned int jobs = 1; jobs <= 9; jobs += 4) {
		struct seen s = { 0 };
		struct fleet f = { .n = 500, .jobs = jobs, .one = one, .take = take_it, .ctx = &s };

		assert_int_equal(fleet_run(&f), 0);
		assert_int_equal(s.next, 500);
		assert_int_equal(s.dead, 10);
	}
}

static void nobody_reads_on(void **state)
{
	struct seen s = { .stop = 30 };
	struct fleet f = { .n = SIZE_MAX, .jobs = 3, .one = one, .take = take_it, .ctx = &s };

	(void)state;
	assert_int_equal(fleet_run(&f), 0);
	assert_int_equal(s.next, 30);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
}

static void dies_twice(void **state)
{
	struct seen s = { .die_twice = true };
	struct fleet f = { .n = 20, .jobs = 2, .one = one, .take = take_it, .ctx = &s };

	(void)state;
	assert_int_equal(fleet_run(&f), -ECHILD);
	assert_int_equal(s.next, 7);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void nothing_to_do(void **state)
{
	struct seen s = { 0 };
	struct fleet f = { .n = 0, .jobs = 2, .one = one, .take = take_it, .ctx = &s };

	(void)state;
	assert_int_equal(fleet_run(&f), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_order),
		cmocka_unit_test(nobody_reads_on),
		cmocka_unit_test(dies_twice),
		cmocka_unit_test(nothing_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
