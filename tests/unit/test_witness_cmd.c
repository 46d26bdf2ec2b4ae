/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_witness_cmd.c - a program as a witness: what it may print, how long it may take, and what is left of it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "probe/witness_int.h"
#include "temproot.h"

static struct temproot r;
static struct fact f;

static int make_root(void **state)
{
	(void)state;
	temproot_make(&r);
	return 0;
}

static int drop_root(void **state)
{
	(void)state;
	temproot_drop(&r);
	return 0;
}

static void output(void **state)
{
	static const char *const bad[] = { "",
					   "\n",
					   " 1",
					   "1 ",
					   "1\n\n",
					   "-1",
					   "1.5",
					   "0x",
					   "1e3",
					   "12 34",
					   "0xfg",
					   "abc",
					   "+1",
					   "1\r\n",
					   "18446744073709551616",
					   "0x10000000000000000" };
	uint64_t v;

	(void)state;
	assert_int_equal(witness_cmd_parse("42", 2, &v), 0);
	assert_int_equal(v, 42);
	assert_int_equal(witness_cmd_parse("0xff\n", 5, &v), 0);
	assert_int_equal(v, 255);
	assert_int_equal(witness_cmd_parse("18446744073709551615\n", 21, &v), 0);
	assert_true(v == UINT64_MAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *copy = exact_copy(bad[i], strlen(bad[i]));

		if (!witness_cmd_parse(copy, strlen(bad[i]), &v))
			fail_msg("taken: \"%s\"", bad[i]);
		free(copy);
	}
}

static char script[300];

static const char *program(const char *body)
{
	char text[400];

	snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", body);
	temproot_add(&r, "count.sh", text);
	snprintf(script, sizeof(script), "%s/count.sh", r.dir);
	assert_int_equal(chmod(script, 0700), 0);
	return script;
}

static uint64_t ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Gone, or only waiting to be collected by whoever inherited it. */
static bool ends_soon(int pid)
{
	const struct timespec nap = { .tv_nsec = 10000000 };
	char path[40], stat[200];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	for (unsigned int i = 0; i < 300; i++) {
		FILE *in = fopen(path, "r");
		const char *after;
		bool there;

		if (!in)
			return true;
		there = fgets(stat, sizeof(stat), in) != NULL;
		fclose(in);
		after = there ? strrchr(stat, ')') : NULL;
		if (!after || after[2] == 'Z' || after[2] == 'X')
			return true;
		nanosleep(&nap, NULL);
	}
	return false;
}

static int child_of_script(void)
{
	char path[320];
	int pid = 0;
	FILE *in;

	snprintf(path, sizeof(path), "%s.pid", script);
	in = fopen(path, "r");
	assert_non_null(in);
	assert_int_equal(fscanf(in, "%d", &pid), 1);
	fclose(in);
	return pid;
}

static void programs(void **state)
{
	uint64_t v = 0, before;

	(void)state;
	assert_int_equal(witness_cmd_run(program("echo 4711"), 5000, &v, &f), 0);
	assert_int_equal(v, 4711);
	assert_int_equal(f.state, FACT_KNOWN);
	/* no shell looks at the name, nothing is read from our stdin, what it complains of is told */
	assert_int_equal(witness_cmd_run("echo 1", 5000, &v, &f), -ECHILD);
	assert_non_null(strstr(f.why, "could not be started"));
	assert_int_equal(witness_cmd_run(program("read x || echo 5"), 5000, &v, &f), 0);
	assert_int_equal(v, 5);
	assert_int_equal(witness_cmd_run(program("echo no such device >&2; exit 3"), 5000, &v, &f), -ECHILD);
	assert_string_equal(f.why, "it ended with 3: no such device");
	assert_int_equal(witness_cmd_run(program("echo 1; exit 1"), 5000, &v, &f), -ECHILD);
	assert_int_equal(witness_cmd_run(program("kill -TERM $$"), 5000, &v, &f), -ECHILD);
	assert_non_null(strstr(f.why, "signal 15"));
	assert_int_equal(witness_cmd_run(program("echo 1 2"), 5000, &v, &f), -EBADMSG);
	assert_int_equal(witness_cmd_run(program("yes"), 5000, &v, &f), -EBADMSG);
	assert_int_equal(witness_cmd_run(program("true"), 5000, &v, &f), -EBADMSG);
	before = ms();
	assert_int_equal(witness_cmd_run(program("echo 1; sleep 20"), 200, &v, &f), -ETIMEDOUT);
	/* it closes its output and lives on; it leaves the writing end to somebody else */
	assert_int_equal(witness_cmd_run(program("echo 1; exec >/dev/null; sleep 20"), 200, &v, &f), -ETIMEDOUT);
	assert_int_equal(witness_cmd_run(program("sleep 20 & echo $! > $0.pid; echo 1"), 500, &v, &f), -ETIMEDOUT);
	assert_non_null(strstr(f.why, "within 500 ms"));
	assert_true(ends_soon(child_of_script()));
	assert_true(ms() - before < 10000);
}

static void a_program_counts(void **state)
{
	const struct witness_target t = { .pinned = -1 };
	struct witness_spec spec = { .kind = WITNESS_CMD };
	struct witness_counts c;
	struct witness *w;

	(void)state;
	snprintf(spec.program, sizeof(spec.program), "%s",
		 program("n=$(cat $0.n 2>/dev/null || echo 0); echo $n; "
			 "echo $((n + 16)) > $0.n"));
	assert_int_equal(witness_open(&spec, &t, &w, &f), 0);
	assert_int_equal(witness_begin(w, &f), 0);
	assert_int_equal(witness_end(w, &c, &f), 0);
	assert_int_equal(c.count[WITNESS_TLPS], 16);
	temproot_add(&r, "count.sh.n", "3\n");
	assert_int_equal(witness_end(w, &c, &f), -ERANGE);
	assert_int_equal(c.runs[WITNESS_TLPS], 0);
	witness_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output),
		cmocka_unit_test_setup_teardown(programs, make_root, drop_root),
		cmocka_unit_test_setup_teardown(a_program_counts, make_root, drop_root),
	};

	return cmocka_run_group_tests_name("witness_cmd", tests, NULL, NULL);
}
