/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_private_dir.c - a directory of one's own is private, and goes with all that is in it and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tmptree.h"

static void removing_follows_no_link_and_leaves_nothing(void **state)
{
	struct tree victim, dir;
	struct stat st;

	(void)state;
	tree_make(&victim);
	put_text(&victim, "keep/me", "x");
	tree_make(&dir);
	put_link(&dir, "to-victim", victim.dir);
	put_link(&dir, "deep/deeper/to-victim", victim.dir);
	put_text(&dir, "deep/deeper/file", "x");
	put_dir(&dir, "readonly");
	put_text(&dir, "readonly/file", "x");
	put_fifo(&dir, "fifo");
	private_dir_remove(dir.dir);
	assert_int_equal(stat(dir.dir, &st), -1);
	assert_int_equal(stat(at(&victim, "keep/me"), &st), 0);
	/* The directory itself replaced by a link: not followed either. */
	assert_int_equal(symlink(victim.dir, dir.dir), 0);
	private_dir_remove(dir.dir);
	assert_int_equal(stat(at(&victim, "keep/me"), &st), 0);
	unlink(dir.dir);
	free(dir.dir);
	tree_remove(&victim);
}

static void the_private_directory_is_private_and_below_tmpdir(void **state)
{
	struct tree t;
	struct stat st;
	char *path;
	int fd;

	(void)state;
	tree_make(&t);
	assert_int_equal(stat(t.dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	setenv("TMPDIR", t.dir, 1);
	assert_int_equal(private_dir_make(&path, &fd), 0);
	assert_memory_equal(path, t.dir, strlen(t.dir));
	close(fd);
	private_dir_remove(path);
	free(path);
	setenv("TMPDIR", "/nonexistent", 1);
	assert_int_equal(private_dir_make(&path, &fd), -ENOENT);
	unsetenv("TMPDIR");
	tree_remove(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(removing_follows_no_link_and_leaves_nothing),
		cmocka_unit_test(the_private_directory_is_private_and_below_tmpdir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
