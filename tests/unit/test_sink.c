/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_sink.c - how a recording appears on disk: at once and whole, over nothing that is not its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>

#include "probe/sink.h"
#include "probe/src.h"
#include "tmptree.h"

static struct tree out;

static int setup(void **state)
{
	(void)state;
	tree_make(&out);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tree_remove(&out);
	return 0;
}

static int count_entries(const char *dir)
{
	DIR *d = opendir(dir);
	int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static int open_sink(struct sink **k, const char *name, bool force, char *why)
{
	return sink_open(k, at(&out, name), force, why, 200);
}

static void nothing_that_exists_is_replaced_unless_it_is_asked_for(void **state)
{
	char why[200] = "";
	struct sink *k;

	(void)state;
	put_text(&out, "file.tar.gz", "precious");
	put_text(&out, "dir/file", "precious");
	put_text(&out, "snap/wcdiag-snapshot", "wcdiag-snapshot 1\n");
	put_text(&out, "snap/old", "old");
	put_text(&out, "plain", "a file where a directory is asked for");
	put_dir(&out, "dir.tar.gz");
	assert_int_equal(open_sink(&k, "file.tar.gz", false, why), -EEXIST);
	assert_null(k);
	assert_int_equal(open_sink(&k, "dir", false, why), -EEXIST);
	assert_int_equal(open_sink(&k, "snap", false, why), -EEXIST);
	assert_int_equal(open_sink(&k, "snap/", false, why), -EEXIST);
	/* Not even with force: it is not ours. */
	assert_int_equal(open_sink(&k, "dir", true, why), -EEXIST);
	assert_non_null(strstr(why, "not a snapshot"));
	assert_int_equal(open_sink(&k, "plain", true, why), -EEXIST);
	assert_int_equal(open_sink(&k, "dir.tar.gz", true, why), -EEXIST);
	assert_int_equal(count_entries(out.dir), 5);
	/* With force: the whole, and not before the end. */
	assert_int_equal(open_sink(&k, "file.tar.gz", true, why), 0);
	assert_int_equal(sink_file(k, "wcdiag-snapshot", "wcdiag-snapshot 1\n", 18), 0);
	{
		struct stat st;

		assert_int_equal(stat(at(&out, "file.tar.gz"), &st), 0);
		assert_int_equal(st.st_size, 8);
	}
	assert_int_equal(sink_commit(k, why, sizeof(why)), 0);
	{
		struct src *s;

		assert_int_equal(src_open_root(&s, at(&out, "file.tar.gz"), why, sizeof(why)), 0);
		src_close(s);
	}
	assert_int_equal(open_sink(&k, "snap", true, why), 0);
	assert_int_equal(sink_file(k, "wcdiag-snapshot", "wcdiag-snapshot 1\n", 18), 0);
	assert_int_equal(sink_commit(k, why, sizeof(why)), 0);
	assert_int_equal(access(at(&out, "snap/old"), F_OK), -1);
	assert_int_equal(access(at(&out, "snap/wcdiag-snapshot"), F_OK), 0);
	assert_int_equal(count_entries(out.dir), 5);
}

static void what_comes_to_exist_meanwhile_is_not_replaced(void **state)
{
	static const char *const name[] = { "a.tar.gz", "b" };
	char why[200];
	struct sink *k;

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(open_sink(&k, name[i], false, why), 0);
		assert_int_equal(sink_file(k, "wcdiag-snapshot", "x", 1), 0);
		put_text(&out, name[i], "precious");
		assert_int_equal(sink_commit(k, why, sizeof(why)), -EEXIST);
		assert_int_equal(count_entries(out.dir), i + 1);
	}
}

static void an_aborted_recording_leaves_nothing(void **state)
{
	static const char *const name[] = { "a.tar.gz", "b", "c.tar" };
	char why[200];
	struct sink *k;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(open_sink(&k, name[i], false, why), 0);
		assert_int_equal(sink_file(k, "proc/mtrr", "x", 1), 0);
		assert_int_equal(sink_link(k, "sys/bus/x", "../y"), 0);
		assert_int_equal(count_entries(out.dir), 1);
		sink_abort(k);
		assert_int_equal(count_entries(out.dir), 0);
	}
	sink_abort(NULL);
}

/* The first failure stays, and is what the end reports. */
static void a_failure_of_writing_is_kept_until_the_end(void **state)
{
	char why[200] = "";
	struct sink *k;

	(void)state;
	assert_int_equal(open_sink(&k, "dir", false, why), 0);
	assert_int_equal(sink_file(k, "a", "x", 1), 0);
	assert_int_equal(sink_file(k, "a/b", "x", 1), -ENOTDIR);
	assert_int_equal(sink_file(k, "c", "x", 1), -ENOTDIR);
	assert_int_equal(sink_failed(k), -ENOTDIR);
	assert_int_equal(sink_commit(k, why, sizeof(why)), -ENOTDIR);
	assert_string_equal(why, "Not a directory");
	assert_int_equal(count_entries(out.dir), 0);
	/* A full disk. */
	if (access("/dev/full", W_OK) == 0)
		assert_true(sink_open(&k, "/dev/full/x.tar.gz", false, why, sizeof(why)) < 0);
}

static void names_that_cannot_be_written_are_refused_with_a_reason(void **state)
{
	static const struct {
		const char *name;
		int rc;
	} row[] = {
		{ "x.zip", -ENOTSUP }, { "x.tar.xz", -ENOTSUP }, { "x.gz", -ENOTSUP }, { "x.tar.zst", -ENOTSUP },
		{ "none/x.tar.gz", -ENOENT }, { "none/x", -ENOENT }, { ".", -EINVAL }, { "..", -EINVAL },
	};
	char why[200];
	struct sink *k;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char path[400];

		*why = '\0';
		snprintf(path, sizeof(path), "%s/%s", out.dir, row[i].name);
		assert_int_equal(sink_open(&k, path, false, why, sizeof(why)), row[i].rc);
		assert_true(*why);
	}
	assert_int_equal(sink_open(&k, "", false, why, sizeof(why)), -EINVAL);
	assert_int_equal(sink_open(&k, "/", false, why, sizeof(why)), -EINVAL);
	/* Endings alone are names. */
	assert_int_equal(open_sink(&k, ".tar", false, why), 0);
	assert_int_equal(sink_commit(k, why, sizeof(why)), 0);
	assert_int_equal(access(at(&out, ".tar/"), F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(nothing_that_exists_is_replaced_unless_it_is_asked_for),
		T(what_comes_to_exist_meanwhile_is_not_replaced),
		T(an_aborted_recording_leaves_nothing),
		T(a_failure_of_writing_is_kept_until_the_end),
		T(names_that_cannot_be_written_are_refused_with_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
