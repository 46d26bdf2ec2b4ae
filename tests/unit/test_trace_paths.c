// SPDX-License-Identifier: GPL-2.0-or-later
/* The ways between a traced program's stores: what is stepped, what is assumed, and when nothing may be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "probe/trace_calls.h"
#include "probe/trace_paths.h"

#define A PATH_END(0, 0x401000u, 0)
#define B PATH_END(0, 0x401010u, 8)
#define C PATH_END(0, 0x401020u, 0)

static struct paths *fresh(void)
{
	struct paths *p;

	assert_int_equal(paths_new(3, &p), 0);
	return p;
}

static struct path_events with(enum model_kind k, uint64_t ip)
{
	struct path_events v = { .e = NULL };
	const struct path_event e = { .e = { .kind = (uint8_t)k, .ip = ip } };

	if (k != ME_KINDS)
		assert_int_equal(path_events_add(&v, &e), 0);
	return v;
}

static int stepped(struct paths *p, uint64_t from, uint64_t to, uint32_t steps, enum model_kind k)
{
	struct path_events v = with(k, 0x401004);
	int was = paths_stepped(p, from, to, steps, &v);

	path_events_free(&v);
	return was;
}

/* Until it need not be stepped any more. */
static unsigned int learn(struct paths *p, uint64_t from, uint64_t to, uint32_t steps, enum model_kind k)
{
	unsigned int n = 0;

	while (paths_step(p, from)) {
		stepped(p, from, to, steps, k);
		assert_true(++n < 10000);
	}
	return n;
}

static void near_ways(void **state)
{
	struct paths *p = fresh();
	const struct path *q;

	(void)state;
	assert_null(paths_known(p, A, B));
	assert_true(paths_step(p, A));
	assert_int_equal(stepped(p, A, B, 5, ME_SFENCE), PATH_NEW);
	assert_int_equal(stepped(p, A, B, 5, ME_SFENCE), PATH_SAME);
	assert_true(paths_step(p, A)); /* seen twice is not enough */
	learn(p, A, B, 5, ME_SFENCE);
	q = paths_known(p, A, B);
	assert_non_null(q);
	assert_int_equal(q->has.n, 1);
	assert_int_equal(q->has.e[0].e.kind, ME_SFENCE);
	/* Another place in the line is another way. */
	assert_null(paths_known(p, A, PATH_END(0, 0x401010u, 16)));
	/* And of another program's code nothing is known at the same addresses. */
	assert_null(paths_known(p, PATH_END(1, 0x401000u, 0), PATH_END(1, 0x401010u, 8)));
	assert_true(paths_step(p, PATH_END(1, 0x401000u, 0)));
	assert_int_equal(PATH_IP(PATH_END(1023, 0x7fff12345678u, 63)), 0x7fff12345678u);
	paths_free(p);
}

/* It is looked at again now and then, the more rarely the longer it takes. */
static void again(void **state)
{
	struct paths *p = fresh();
	unsigned int free_runs = 0, longer = 0;

	(void)state;
	learn(p, A, B, 5, ME_KINDS);
	while (!paths_step(p, A))
		assert_true(++free_runs < 1000);
	learn(p, C, 0, 1000, ME_KINDS);
	while (!paths_step(p, C))
		assert_true(++longer < 100000);
	assert_true(free_runs > 32);
	assert_true(longer > 10 * free_runs);
	paths_free(p);
}

/* What was not the same once is assumed no more until it was the same for long. */
static void varies(void **state)
{
	struct paths *p = fresh();
	unsigned int n;

	(void)state;
	learn(p, A, B, 5, ME_KINDS);
	assert_int_equal(stepped(p, A, B, 5, ME_LOCKED), PATH_OTHER);
	n = learn(p, A, B, 5, ME_LOCKED);
	assert_true(n >= 256);
	paths_free(p);
	/* Every third time: never. */
	p = fresh();
	for (unsigned int i = 0; i < 20000; i++) {
		assert_true(paths_step(p, A));
		stepped(p, A, B, 5, i % 3 ? ME_KINDS : ME_LOCKED);
	}
	paths_free(p);
}

/* A way that was not stepped when it was first taken is stepped the next times. */
static void unseen(void **state)
{
	struct paths *p = fresh();

	(void)state;
	learn(p, A, B, 5, ME_KINDS);
	assert_false(paths_step(p, A));
	assert_null(paths_taken(p, A, C));
	for (int i = 0; i < 3; i++) {
		assert_true(paths_step(p, A));
		stepped(p, A, C, 7, ME_SFENCE);
	}
	assert_non_null(paths_known(p, A, C));
	assert_false(paths_step(p, A));
	/* Not to be caught: it is not tried for ever. */
	assert_null(paths_taken(p, A, PATH_END(0, 0x401030u, 0)));
	assert_true(learn(p, A, B, 100, ME_KINDS) < 1000);
	paths_free(p);
}

/* Into a gap from one place of a line: the same from the others, but not where the next store may be near. */
static void gaps(void **state)
{
	struct paths *p = fresh();

	(void)state;
	learn(p, B, 0, 1000, ME_KINDS);
	assert_non_null(paths_known(p, B, 0));
	assert_non_null(paths_known(p, PATH_END(0, PATH_IP(B), 24), 0));
	assert_null(paths_known(p, C, 0));
	stepped(p, B, C, 4, ME_KINDS);
	assert_non_null(paths_known(p, B, 0));
	assert_null(paths_known(p, PATH_END(0, PATH_IP(B), 24), 0));
	paths_clear(p);
	assert_null(paths_known(p, B, 0));
	paths_free(p);
}

/* A read elsewhere is the same way; another instruction is another. */
static void same(void **state)
{
	struct path_events v = with(ME_READ, 0x401004);
	struct paths *p = fresh();

	(void)state;
	assert_int_equal(paths_stepped(p, A, B, 5, &v), PATH_NEW);
	v.e[0].addr = v.e[0].e.addr = 0x7000;
	assert_int_equal(paths_stepped(p, A, B, 5, &v), PATH_SAME);
	v.e[0].e.ip++;
	assert_int_equal(paths_stepped(p, A, B, 5, &v), PATH_OTHER);
	path_events_free(&v);
	paths_free(p);
}

static void calls(void **state)
{
	unsigned int found = 0;

	(void)state;
	assert_int_equal(call_of(SYS_read)->nr, SYS_read);
	/* The table is searched by halves: each must be found. */
	for (uint64_t nr = 1; nr < 500; nr++)
		found += call_of(nr)->nr == nr;
	assert_true(found >= 190);
	assert_int_equal(call_of(SYS_write)->writes, 0);
	assert_int_equal(call_of(SYS_read)->writes, 2);
	assert_true(call_of(SYS_mprotect)->what & CALL_OPEN);
	assert_true(call_of(SYS_readv)->what & CALL_INDIRECT);
	assert_true(call_of(SYS_rt_sigprocmask)->what & CALL_MASK);
	assert_int_equal(call_of(SYS_set_tid_address)->nr, SYS_set_tid_address);
	assert_int_equal(call_of(SYS_restart_syscall)->nr, SYS_restart_syscall);
	assert_int_equal(call_of(SYS_clone3)->nr, SYS_clone3);
	assert_int_equal(call_of(SYS_epoll_pwait2)->nr, SYS_epoll_pwait2);
	/* What is not known may write through all its arguments. */
	assert_int_equal(call_of(100000)->writes, 0x3f);
	assert_int_equal(call_of(UINT64_MAX)->writes, 0x3f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(near_ways), cmocka_unit_test(again), cmocka_unit_test(varies), cmocka_unit_test(unseen),
		cmocka_unit_test(gaps),	     cmocka_unit_test(same),  cmocka_unit_test(calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
