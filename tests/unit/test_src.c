/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_src.c - reading inside a root: nothing outside is reachable, nothing blocks, and failures keep their reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "probe/resolve.h"
#include "probe/src.h"
#include "tmptree.h"

static struct tree t;
static struct src *s;

static int setup(void **state)
{
	(void)state;
	tree_make(&t);
	put_marker(&t);
	s = NULL;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	src_close(s);
	tree_remove(&t);
	return 0;
}

static void open_snapshot(void)
{
	char why[200];

	assert_int_equal(src_open_root(&s, t.dir, why, sizeof(why)), 0);
}

static void assert_reads(const char *path, const char *text)
{
	struct blob b;

	assert_int_equal(src_read(s, path, &b), 0);
	assert_string_equal(b.data, text);
	assert_int_equal(b.len, strlen(text));
	blob_free(&b);
}

static int read_rc(const char *path)
{
	struct blob b;
	int rc = src_read(s, path, &b);

	blob_free(&b);
	return rc;
}

static void a_file_of_the_snapshot_is_read_under_its_real_name(void **state)
{
	(void)state;
	put_text(&t, "proc/mtrr", "reg00\n");
	open_snapshot();
	assert_reads("/proc/mtrr", "reg00\n");
	assert_false(src_is_live(s));
	assert_string_equal(src_name(s), t.dir);
}

static void an_absent_file_is_enodata_until_the_snapshot_says_why(void **state)
{
	(void)state;
	put_text(&t, "wcdiag/errors.txt",
		 "# comment\nEACCES /sys/kernel/debug/x86/pat_memtype_list\nENOENT /proc/mtrr\n"
		 "ENOSUCHNAME /proc/iomem\nnonsense\n\nEPERM /twice\nEBUSY /twice\n  EIO\t/blanks  in it");
	put_text(&t, "proc/here", "x");
	open_snapshot();
	assert_int_equal(read_rc("/proc/cmdline"), -ENODATA);
	assert_int_equal(read_rc("/sys/kernel/debug/x86/pat_memtype_list"), -EACCES);
	assert_int_equal(read_rc("/proc/mtrr"), -ENOENT);
	assert_int_equal(src_exists(s, "/proc/mtrr"), -ENOENT);
	assert_int_equal(src_open(s, "/proc/mtrr"), -ENOENT);
	assert_int_equal(read_rc("/proc/iomem"), -EIO);
	assert_int_equal(read_rc("/twice"), -EBUSY);
	assert_int_equal(read_rc("/blanks  in it"), -EIO);
	assert_int_equal(read_rc("/proc/mtrr/below"), -ENODATA);
	/* Below a file: the machine cannot have had that either, but nobody said so. */
	assert_int_equal(read_rc("/proc/here/below"), -ENODATA);
}

static void the_phrase_for_a_failure_tells_live_recorded_and_absent_apart(void **state)
{
	struct src *live;
	char why[100];

	(void)state;
	put_text(&t, "wcdiag/errors.txt", "EACCES /a\n");
	open_snapshot();
	src_why(s, "/a", EACCES, why, sizeof(why));
	assert_string_equal(why, "Permission denied when the snapshot was taken");
	src_why(s, "/b", ENODATA, why, sizeof(why));
	assert_string_equal(why, "not in the snapshot");
	src_why(s, "/b", EINVAL, why, sizeof(why));
	assert_string_equal(why, "Invalid argument in the snapshot");
	assert_int_equal(src_open_live(&live), 0);
	src_why(live, "/a", EACCES, why, sizeof(why));
	assert_string_equal(why, "Permission denied");
	src_close(live);
}

static void an_errors_list_of_any_shape_is_taken(void **state)
{
#define BYTES(x) { x, sizeof(x) - 1 }
	static const struct {
		const char *p;
		size_t len;
	} text[] = {
		BYTES(""), BYTES("\n"), BYTES("E"), BYTES("EIO"), BYTES("EIO "), BYTES("EIO /"), BYTES(" "), BYTES("#"),
		BYTES("\0EIO /x"), BYTES("EIO\0/x"), BYTES("EIO /x\0"), BYTES("\n\n\nEIO /x"),
		BYTES("EIO\n/proc/mtrr\n"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		put_bytes(&t, "wcdiag/errors.txt", text[i].p, text[i].len);
		open_snapshot();
		assert_int_equal(read_rc("/proc/mtrr"), -ENODATA);
		src_close(s);
		s = NULL;
	}
}

/* Links: what they are, and the outside that none may reach. */
static void no_link_leads_outside(void **state)
{
	char outside[] = "/tmp/wcdiag-outside-XXXXXX", target[200];
	int fd = mkstemp(outside);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "secret", 6), 6);
	close(fd);
	put_text(&t, "etc/hostname", "inside\n");
	put_link(&t, "absolute", "/etc/hostname");
	put_link(&t, "a/b/up", "../../../../../../etc/hostname");
	put_link(&t, "etc/dots", "..");
	put_link(&t, "absdir", "/etc");
	snprintf(target, sizeof(target), "../../..%s", outside);
	put_link(&t, "escape", target);
	put_link(&t, "direct", outside);
	open_snapshot();
	assert_reads("/absolute", "inside\n");
	assert_reads("/a/b/up", "inside\n");
	assert_reads("/etc/dots/etc/hostname", "inside\n");
	assert_reads("/absdir/hostname", "inside\n");
	assert_reads("/../../etc/hostname", "inside\n");
	assert_int_equal(read_rc("/escape"), -ENODATA);
	assert_int_equal(read_rc("/direct"), -ENODATA);
	assert_int_equal(read_rc(outside), -ENODATA);
	unlink(outside);
}

static void links_in_a_circle_end_with_eloop(void **state)
{
	(void)state;
	put_link(&t, "a", "b");
	put_link(&t, "b", "a");
	put_link(&t, "self", "self/x");
	open_snapshot();
	assert_int_equal(read_rc("/a"), -ELOOP);
	assert_int_equal(read_rc("/self"), -ELOOP);
	assert_int_equal(src_exists(s, "/a"), -ELOOP);
}

static void readlink_gives_the_target_and_einval_for_what_is_no_link(void **state)
{
	char buf[32];

	(void)state;
	put_text(&t, "sys/file", "x");
	put_link(&t, "sys/driver", "../bus/pci/drivers/mydrv");
	put_link(&t, "sys/dangling", "../nowhere");
	open_snapshot();
	assert_int_equal(src_readlink(s, "/sys/driver", buf, sizeof(buf)), 0);
	assert_string_equal(buf, "../bus/pci/drivers/mydrv");
	assert_int_equal(src_readlink(s, "/sys/dangling", buf, sizeof(buf)), 0);
	assert_int_equal(src_readlink(s, "/sys/driver", buf, 24), -ENAMETOOLONG);
	assert_int_equal(src_readlink(s, "/sys/driver", buf, 25), 0);
	assert_int_equal(src_readlink(s, "/sys/file", buf, sizeof(buf)), -EINVAL);
	assert_int_equal(src_readlink(s, "/sys", buf, sizeof(buf)), -EINVAL);
	assert_int_equal(src_readlink(s, "/sys/none", buf, sizeof(buf)), -ENODATA);
}

static void a_fifo_a_socket_and_a_device_are_refused_without_blocking(void **state)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char buf[8];

	(void)state;
	put_fifo(&t, "proc/iomem");
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%.100s", at(&t, "dev/socket"));
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	open_snapshot();
	alarm(10);	/* a test that blocks fails */
	assert_int_equal(read_rc("/proc/iomem"), -EINVAL);
	assert_int_equal(src_open(s, "/proc/iomem"), -EINVAL);
	assert_int_equal(src_pread(s, "/proc/iomem", buf, sizeof(buf), 0), -EINVAL);
	assert_int_equal(read_rc("/dev/socket"), -EINVAL);
	if (mknod(at(&t, "dev/zero"), S_IFCHR | 0600, makedev(1, 5)) == 0)
		assert_int_equal(read_rc("/dev/zero"), -EINVAL);
	alarm(0);
	close(fd);
}

static void a_file_larger_than_the_limit_is_efbig_before_it_is_read(void **state)
{
	(void)state;
	put_text(&t, "proc/vmallocinfo", "x");
	assert_int_equal(truncate(at(&t, "proc/vmallocinfo"), 1 << 30), 0);
	open_snapshot();
	assert_int_equal(read_rc("/proc/vmallocinfo"), -EFBIG);
}

static void a_directory_is_no_file_and_a_file_is_no_directory(void **state)
{
	char **names;
	size_t n;

	(void)state;
	put_text(&t, "proc/mtrr", "");
	open_snapshot();
	assert_int_equal(read_rc("/proc"), -EISDIR);
	assert_int_equal(src_list(s, "/proc/mtrr", &names, &n), -ENODATA);
	assert_null(names);
	assert_reads("/proc/mtrr", "");
}

static void pread_gives_what_there_is_from_the_offset(void **state)
{
	char buf[8] = "";

	(void)state;
	put_text(&t, "config", "0123456789");
	open_snapshot();
	assert_int_equal(src_pread(s, "/config", buf, 4, 3), 4);
	assert_memory_equal(buf, "3456", 4);
	assert_int_equal(src_pread(s, "/config", buf, 8, 8), 2);
	assert_int_equal(src_pread(s, "/config", buf, 8, 10), 0);
	assert_int_equal(src_pread(s, "/config", buf, 8, 1 << 20), 0);
	assert_int_equal(src_pread(s, "/config", buf, 8, UINT64_MAX), -EINVAL);
	assert_int_equal(src_pread(s, "/config", buf, 8, INT64_MAX), -EINVAL);
	assert_int_equal(src_pread(s, "/none", buf, 8, 0), -ENODATA);
}

static void a_listing_is_sorted_by_number_within_the_name(void **state)
{
	static const char *const want[] = { "cpu2", "cpu10", "cpulist" };
	char **names;
	size_t n;

	(void)state;
	put_text(&t, "sys/cpu/cpulist", "");
	put_text(&t, "sys/cpu/cpu10", "");
	put_text(&t, "sys/cpu/cpu2", "");
	put_dir(&t, "sys/empty");
	open_snapshot();
	assert_int_equal(src_list(s, "/sys/cpu", &names, &n), 0);
	assert_int_equal(n, 3);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(names[i], want[i]);
	src_list_free(names, n);
	assert_int_equal(src_list(s, "/sys/empty", &names, &n), 0);
	assert_int_equal(n, 0);
	src_list_free(names, n);
	assert_int_equal(src_list(s, "/sys/none", &names, &n), -ENODATA);
}

/* --- what is a snapshot --- */

static void assert_refused(const char *path, int rc, const char *part)
{
	char why[200] = "";

	assert_int_equal(src_open_root(&s, path, why, sizeof(why)), rc);
	assert_null(s);
	if (!strstr(why, part))
		fail_msg("'%s' is not in '%s'", part, why);
}

static void a_directory_without_the_marker_is_no_snapshot(void **state)
{
	(void)state;
	unlink(at(&t, "wcdiag-snapshot"));
	assert_refused(t.dir, -EINVAL, "no file wcdiag-snapshot");
	put_text(&t, "wcdiag-snapshot", "something else\n");
	assert_refused(t.dir, -EINVAL, "first line");
	put_text(&t, "wcdiag-snapshot", "");
	assert_refused(t.dir, -EINVAL, "first line");
	put_text(&t, "wcdiag-snapshot", "wcdiag-snapshot 2\n");
	assert_refused(t.dir, -EINVAL, "form 2");
	put_text(&t, "wcdiag-snapshot", "wcdiag-snapshot 1x\n");
	assert_refused(t.dir, -EINVAL, "form 1x");
	put_fifo(&t, "wcdiag-snapshot");
	alarm(10);
	assert_refused(t.dir, -EINVAL, "not a regular file");
	alarm(0);
	unlink(at(&t, "wcdiag-snapshot"));
	put_text(&t, "real", "wcdiag-snapshot 1\n");
	put_link(&t, "wcdiag-snapshot", "real");
	assert_refused(t.dir, -EINVAL, "not a regular file");
}

static void the_marker_alone_and_without_a_newline_is_enough(void **state)
{
	(void)state;
	put_text(&t, "wcdiag-snapshot", "wcdiag-snapshot 1");
	open_snapshot();
	assert_int_equal(read_rc("/proc/cmdline"), -ENODATA);
	/* CRLF: an editor elsewhere. */
	src_close(s);
	put_text(&t, "wcdiag-snapshot", "wcdiag-snapshot 1\r\n");
	open_snapshot();
}

/* Archives are made with a folder so that they do not litter; a directory is what the user named, and no other. */
static void in_an_archive_the_root_may_be_one_folder_down_but_not_two_of_them(void **state)
{
	char tar[300], cmd[700];

	(void)state;
	snprintf(tar, sizeof(tar), "%s.tar", t.dir);
	snprintf(cmd, sizeof(cmd), "tar -C '%s' -cf '%s' .", t.dir, tar);
	unlink(at(&t, "wcdiag-snapshot"));
	put_text(&t, "readme", "a file beside the folder");
	put_text(&t, "other/file", "a folder without the marker");
	put_text(&t, "machine/wcdiag-snapshot", "wcdiag-snapshot 1\n");
	put_text(&t, "machine/proc/mtrr", "x");
	assert_refused(t.dir, -EINVAL, "not a snapshot");
	assert_int_equal(system(cmd), 0);
	assert_int_equal(src_open_root(&s, tar, NULL, 0), 0);
	assert_reads("/proc/mtrr", "x");
	src_close(s);
	s = NULL;
	put_text(&t, "second/wcdiag-snapshot", "wcdiag-snapshot 1\n");
	assert_int_equal(system(cmd), 0);
	assert_refused(tar, -EINVAL, "several");
	unlink(tar);
}

static void what_does_not_exist_or_is_no_file_is_refused(void **state)
{
	(void)state;
	assert_refused("/nonexistent/snapshot", -ENOENT, "No such file");
	put_fifo(&t, "fifo");
	alarm(10);
	assert_refused(at(&t, "fifo"), -EINVAL, "neither");
	alarm(0);
	put_text(&t, "text", "not an archive\n");
	assert_refused(at(&t, "text"), -EINVAL, "not an archive");
}

static void a_trailing_slash_and_a_relative_name_open_the_same_snapshot(void **state)
{
	char path[300], cwd[4096];

	(void)state;
	put_text(&t, "proc/mtrr", "x");
	snprintf(path, sizeof(path), "%s//", t.dir);
	assert_int_equal(src_open_root(&s, path, NULL, 0), 0);
	assert_reads("/proc/mtrr", "x");
	src_close(s);
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_int_equal(chdir(t.dir), 0);
	assert_int_equal(src_open_root(&s, ".", NULL, 0), 0);
	assert_int_equal(chdir(cwd), 0);
	/* It does not depend on where the process goes afterwards. */
	assert_reads("/proc/mtrr", "x");
}

/* --- the live machine --- */

static void live_files_of_no_size_are_read_to_their_end(void **state)
{
	struct blob b;

	(void)state;
	assert_int_equal(src_open_live(&s), 0);
	assert_true(src_is_live(s));
	assert_string_equal(src_name(s), "live");
	assert_int_equal(src_read(s, "/proc/self/maps", &b), 0);
	assert_true(b.len > 500);
	assert_int_equal(strlen(b.data), b.len);
	blob_free(&b);
	assert_int_equal(read_rc("/nonexistent"), -ENOENT);
	assert_int_equal(src_exists(s, "/proc/self/maps"), 0);
	assert_int_equal(src_exists(s, "/nonexistent"), -ENOENT);
	assert_int_equal(src_read(s, "/proc", &b), -EISDIR);
}

/* --- both ways to resolve give the same answer --- */

static long identity(int fd)
{
	struct stat st;

	if (fd < 0)
		return fd;
	assert_int_equal(fstat(fd, &st), 0);
	close(fd);
	return (long)st.st_ino;
}

static void the_walk_without_openat2_opens_the_same(void **state)
{
	static const char *const path[] = {
		"/", ".", "..", "/..", "a", "/a/", "a/b/c", "//a//b/./c", "/a/../a/b/c", "/none", "/a/none/x",
		"/a/b/c/", "/a/b/c/.", "", "/abs", "/abs/", "/abs/b/c", "/up", "/up/a/b/c", "/loop", "/chain",
		"/a/b/c/d", "/file", "/file/",
		"/dangling", "/dangling/x", "/to-dangling", "/a/../../../../a/b", "/dirlink/..",
		"/dirlink/b/../../../a",
	};
	static const int flags[] = {
		O_RDONLY, O_RDONLY | O_DIRECTORY, O_PATH, O_PATH | O_NOFOLLOW, O_RDONLY | O_NOFOLLOW,
		O_PATH | O_NOFOLLOW | O_DIRECTORY,
	};
	int root = open(t.dir, O_PATH | O_DIRECTORY);
	char name[40], target[40];

	(void)state;
	put_text(&t, "a/b/c", "x");
	put_link(&t, "abs", "/a");
	put_link(&t, "up", "../../../..");
	put_link(&t, "loop", "loop");
	put_link(&t, "file", "a/b/c");
	put_link(&t, "dangling", "none");
	put_link(&t, "to-dangling", "dangling");
	put_link(&t, "dirlink", "a/b/..");
	put_link(&t, "chain", "chain1");
	for (int i = 1; i < 45; i++) {	/* longer than the 40 that are followed */
		snprintf(name, sizeof(name), "chain%d", i);
		snprintf(target, sizeof(target), "chain%d", i + 1);
		put_link(&t, name, target);
	}
	put_text(&t, "chain45", "end");
	for (size_t i = 0; i < sizeof(path) / sizeof(path[0]); i++)
		for (size_t f = 0; f < sizeof(flags) / sizeof(flags[0]); f++) {
			long a = identity(resolve_open(root, path[i], flags[f]));
			long b = identity(resolve_walk(root, path[i], flags[f]));

			if (a != b)
				fail_msg("'%s' flags %#x: openat2 gives %ld, the walk %ld", path[i], flags[f], a, b);
		}
	/* From the sixth on 40 links are left. */
	assert_true(identity(resolve_walk(root, "/chain5", O_RDONLY)) > 0);
	assert_int_equal(resolve_walk(root, "/chain4", O_RDONLY), -ELOOP);
	assert_int_equal(resolve_open(root, "/chain4", O_RDONLY), -ELOOP);
	close(root);
}

static void the_walk_bounds_what_a_path_may_cost(void **state)
{
	int root = open(t.dir, O_PATH | O_DIRECTORY);
	char *path = malloc(200000);

	(void)state;
	memset(path, 'x', 199999);
	path[199999] = '\0';
	assert_int_equal(resolve_walk(root, path, O_RDONLY), -ENAMETOOLONG);
	path[300] = '\0';
	assert_int_equal(resolve_walk(root, path, O_RDONLY), -ENAMETOOLONG);
	for (size_t i = 0; i < 4000; i += 2)
		memcpy(path + i, "d/", 3);
	assert_int_equal(resolve_walk(root, path, O_RDONLY), -ENOENT);
	put_link(&t, "d", ".");	/* 2000 links to itself */
	assert_int_equal(resolve_walk(root, path, O_RDONLY), -ELOOP);
	unlink(at(&t, "d"));
	free(path);
	close(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(a_file_of_the_snapshot_is_read_under_its_real_name),
		T(an_absent_file_is_enodata_until_the_snapshot_says_why),
		T(the_phrase_for_a_failure_tells_live_recorded_and_absent_apart),
		T(an_errors_list_of_any_shape_is_taken),
		T(no_link_leads_outside),
		T(links_in_a_circle_end_with_eloop),
		T(readlink_gives_the_target_and_einval_for_what_is_no_link),
		T(a_fifo_a_socket_and_a_device_are_refused_without_blocking),
		T(a_file_larger_than_the_limit_is_efbig_before_it_is_read),
		T(a_directory_is_no_file_and_a_file_is_no_directory),
		T(pread_gives_what_there_is_from_the_offset),
		T(a_listing_is_sorted_by_number_within_the_name),
		T(a_directory_without_the_marker_is_no_snapshot),
		T(the_marker_alone_and_without_a_newline_is_enough),
		T(in_an_archive_the_root_may_be_one_folder_down_but_not_two_of_them),
		T(what_does_not_exist_or_is_no_file_is_refused),
		T(a_trailing_slash_and_a_relative_name_open_the_same_snapshot),
		T(live_files_of_no_size_are_read_to_their_end),
		T(the_walk_without_openat2_opens_the_same),
		T(the_walk_bounds_what_a_path_may_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
