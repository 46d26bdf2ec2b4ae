/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_unpack.c - archives that are well, and archives that want out: what is refused, and that nothing is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>
#include <sys/mman.h>

#include "probe/src.h"
#include "probe/unpack.h"
#include "tmptree.h"

struct item {
	const char *name;
	unsigned int type;	/* AE_IFREG ... */
	const char *data;	/* content, or a link's target */
	const char *hard;	/* target of a hard link */
};

struct form {
	const char *name;
	int (*format)(struct archive *);
	int (*filter)(struct archive *);
};

static const struct form tar_gz = { "tar.gz", archive_write_set_format_pax_restricted, archive_write_add_filter_gzip };

/* Into a file in memory. */
static int pack(const struct form *form, const struct item *item, size_t n)
{
	struct archive *a = archive_write_new();
	int fd = memfd_create("archive", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(form->format(a), ARCHIVE_OK);
	if (form->filter)
		assert_int_equal(form->filter(a), ARCHIVE_OK);
	assert_int_equal(archive_write_open_fd(a, fd), ARCHIVE_OK);
	for (size_t i = 0; i < n; i++) {
		struct archive_entry *e = archive_entry_new();
		size_t len = item[i].data && item[i].type == AE_IFREG ? strlen(item[i].data) : 0;

		archive_entry_set_pathname(e, item[i].name);
		archive_entry_set_perm(e, 0644);
		archive_entry_set_filetype(e, item[i].type);
		archive_entry_set_size(e, (la_int64_t)len);
		if (item[i].type == AE_IFLNK)
			archive_entry_set_symlink(e, item[i].data);
		if (item[i].hard)
			archive_entry_set_hardlink(e, item[i].hard);
		if (item[i].type == AE_IFCHR || item[i].type == AE_IFBLK)
			archive_entry_set_rdev(e, 0x105);
		assert_true(archive_write_header(a, e) >= ARCHIVE_WARN);
		if (len)
			assert_int_equal(archive_write_data(a, item[i].data, len), len);
		archive_entry_free(e);
	}
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static struct tree t;
static int dirfd;
static char why[300];

static int setup(void **state)
{
	(void)state;
	if (private_dir_make(&t.dir, &dirfd))
		return -1;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close(dirfd);
	tree_remove(&t);
	return 0;
}

static int unpack_fd(int fd)
{
	int rc = unpack(fd, dirfd, why, sizeof(why));

	close(fd);
	return rc;
}

static int unpack_items(const struct item *item, size_t n)
{
	return unpack_fd(pack(&tar_gz, item, n));
}

static void assert_content(const char *name, const char *want)
{
	char buf[100];
	int fd = open(at(&t, name), O_RDONLY);
	ssize_t n = read(fd, buf, sizeof(buf) - 1);

	assert_true(fd >= 0 && n >= 0);
	buf[n] = '\0';
	assert_string_equal(buf, want);
	close(fd);
}

static void every_form_that_users_make_is_unpacked(void **state)
{
	static const struct form form[] = {
		{ "pax", archive_write_set_format_pax, NULL },
		{ "ustar", archive_write_set_format_ustar, archive_write_add_filter_none },
		{ "gnutar", archive_write_set_format_gnutar, archive_write_add_filter_gzip },
		{ "v7tar", archive_write_set_format_v7tar, archive_write_add_filter_bzip2 },
		{ "xz", archive_write_set_format_pax_restricted, archive_write_add_filter_xz },
		{ "lzma", archive_write_set_format_pax_restricted, archive_write_add_filter_lzma },
		{ "lzip", archive_write_set_format_pax_restricted, archive_write_add_filter_lzip },
		{ "zstd", archive_write_set_format_pax_restricted, archive_write_add_filter_zstd },
		{ "lz4", archive_write_set_format_pax_restricted, archive_write_add_filter_lz4 },
		{ "compress", archive_write_set_format_pax_restricted, archive_write_add_filter_compress },
		{ "cpio newc", archive_write_set_format_cpio_newc, archive_write_add_filter_gzip },
		{ "cpio odc", archive_write_set_format_cpio, NULL },
		{ "zip", archive_write_set_format_zip, NULL },
	};
	static const struct item item[] = {
		{ .name = "m", .type = AE_IFDIR },
		{ .name = "m/wcdiag-snapshot", .type = AE_IFREG, .data = "wcdiag-snapshot 1\n" },
		{ .name = "m/sys/bus/0", .type = AE_IFLNK, .data = "../devices/0" },
		{ .name = "./m//sys/devices/0/vendor", .type = AE_IFREG, .data = "0x1af4\n" },
		{ .name = "m/empty", .type = AE_IFREG },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(form) / sizeof(form[0]); i++) {
		setup(NULL);
		if (unpack_fd(pack(&form[i], item, sizeof(item) / sizeof(item[0]))))
			fail_msg("%s: %s", form[i].name, why);
		assert_content("m/sys/bus/0/vendor", "0x1af4\n");
		assert_content("m/empty", "");
		teardown(NULL);
	}
}

static void what_wants_out_is_refused_and_named(void **state)
{
	static char long_name[1200], deep_name[700], wide_name[300];
	static const struct {
		struct item item;
		int rc;
		const char *part;
	} bad[] = {
		{ { "../x", AE_IFREG, "x", NULL }, -EPERM, "\"..\"" },
		{ { "a/../x", AE_IFREG, "x", NULL }, -EPERM, "\"..\"" },
		{ { "a/..", AE_IFDIR, NULL, NULL }, -EPERM, "\"..\"" },
		{ { "/abs", AE_IFREG, "x", NULL }, -EPERM, "absolute name" },
		{ { "//abs", AE_IFDIR, NULL, NULL }, -EPERM, "absolute name" },
		{ { "h", AE_IFREG, NULL, "/etc/passwd" }, -EPERM, "hard link" },
		{ { "h", AE_IFREG, NULL, "first" }, -EPERM, "hard link" },
		{ { "dev", AE_IFCHR, NULL, NULL }, -EPERM, "neither" },
		{ { "dev", AE_IFBLK, NULL, NULL }, -EPERM, "neither" },
		{ { "fifo", AE_IFIFO, NULL, NULL }, -EPERM, "neither" },
		{ { "l", AE_IFLNK, "/etc/passwd", NULL }, -EPERM, "points outside" },
		{ { "l", AE_IFLNK, "..", NULL }, -EPERM, "points outside" },
		{ { "a/l", AE_IFLNK, "../../x", NULL }, -EPERM, "points outside" },
		{ { "a/l", AE_IFLNK, "b/../../../x", NULL }, -EPERM, "points outside" },
		{ { "a/b/l", AE_IFLNK, "../.././../x", NULL }, -EPERM, "points outside" },
		{ { "first/below", AE_IFREG, "x", NULL }, -EPERM, "no directory" },
		{ { ".", AE_IFREG, "x", NULL }, -EINVAL, "without a name" },
		{ { "./", AE_IFLNK, "x", NULL }, -EINVAL, "without a name" },
		{ { long_name, AE_IFREG, "x", NULL }, -EFBIG, "longer" },
		{ { deep_name, AE_IFREG, "x", NULL }, -EFBIG, "directories deep" },
		{ { wide_name, AE_IFREG, "x", NULL }, -EFBIG, "longer" },
		{ { "l", AE_IFLNK, long_name, NULL }, -EFBIG, "symbolic link" },
	};

	(void)state;
	memset(wide_name, 'w', 256);
	for (int i = 0; i < 300; i++)
		memcpy(deep_name + 2 * i, "d/", 3);
	for (int i = 0; i < 11; i++) {
		memset(long_name + 101 * i, 'n', 100);
		long_name[101 * i + 100] = '/';
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct item item[] = { { .name = "first", .type = AE_IFREG, .data = "1" }, bad[i].item };
		int rc;

		setup(NULL);
		rc = unpack_items(item, 2);
		if (rc != bad[i].rc || !strstr(why, bad[i].part))
			fail_msg("%.40s: %d (wanted %d), '%s' (wanted '%s')", bad[i].item.name, rc, bad[i].rc, why,
				 bad[i].part);
		teardown(NULL);
	}
}

static void a_name_of_the_archive_is_shown_without_its_control_bytes(void **state)
{
	const struct item item[] = { { .name = "\033[31m/../x", .type = AE_IFREG } };

	(void)state;
	assert_int_equal(unpack_items(item, 1), -EPERM);
	assert_string_equal(why, "refused, entry '?[31m/../x': a name with \"..\"");
}

static void links_that_stay_inside_are_kept(void **state)
{
	const struct item item[] = {
		{ .name = "a/b/l", .type = AE_IFLNK, .data = "../../x" },
		{ .name = "top", .type = AE_IFLNK, .data = "." },
		{ .name = "a/dangling", .type = AE_IFLNK, .data = "../none/at/all" },
		{ .name = "x", .type = AE_IFREG, .data = "content" },
	};

	(void)state;
	assert_int_equal(unpack_items(item, 4), 0);
	assert_content("a/b/l", "content");
	assert_content("top/a/b/l", "content");
}

/* The old trick: first a link, then a file "below" it. */
static void nothing_is_written_through_a_link(void **state)
{
	char outside[] = "/tmp/wcdiag-outside-XXXXXX", path[100];
	const struct item through[] = {
		{ .name = "dir", .type = AE_IFLNK, .data = "real" },
		{ .name = "dir/file", .type = AE_IFREG, .data = "x" },
	}, twice[] = {
		{ .name = "name", .type = AE_IFLNK, .data = "real/file" },
		{ .name = "real/file", .type = AE_IFREG, .data = "1" },
		{ .name = "name", .type = AE_IFREG, .data = "2" },
	}, physical[] = {
		/* Lexically both stay inside; s is the root, so that s/.. is above it for whoever resolves plainly. */
		{ .name = "a/b/c/s", .type = AE_IFLNK, .data = "../../.." },
		{ .name = "a/b/c/l", .type = AE_IFLNK, .data = "s/../escaped" },
		{ .name = "wcdiag-snapshot", .type = AE_IFREG, .data = "wcdiag-snapshot 1\n" },
	};

	(void)state;
	assert_non_null(mkdtemp(outside));
	assert_int_equal(unpack_items(through, 2), -EPERM);
	assert_non_null(strstr(why, "below this symbolic link"));
	/* The link is made last and takes the name; what it points at was not touched by the second entry. */
	assert_int_equal(unpack_items(twice, 3), 0);
	assert_content("real/file", "1");
	assert_int_equal(unpack_items(physical, 3), 0);
	snprintf(path, sizeof(path), "%s/../escaped", t.dir);
	assert_int_equal(access(path, F_OK), -1);
	rmdir(outside);
}

/* What that last trick amounts to: the source still answers from inside. */
static void a_link_that_escapes_physically_is_held_by_the_source(void **state)
{
	const struct item item[] = {
		{ .name = "a/b/c/s", .type = AE_IFLNK, .data = "../../.." },
		{ .name = "a/b/c/l", .type = AE_IFLNK, .data = "s/../etc/hostname" },
		{ .name = "etc/hostname", .type = AE_IFREG, .data = "inside" },
		{ .name = "wcdiag-snapshot", .type = AE_IFREG, .data = "wcdiag-snapshot 1\n" },
	};
	struct src *s;
	struct blob b;

	(void)state;
	assert_int_equal(unpack_items(item, 4), 0);
	assert_int_equal(src_open_root(&s, t.dir, NULL, 0), 0);
	assert_int_equal(src_read(s, "/a/b/c/l", &b), 0);
	assert_string_equal(b.data, "inside");
	blob_free(&b);
	src_close(s);
}

static void the_later_of_two_files_with_one_name_counts(void **state)
{
	const struct item item[] = {
		{ .name = "f", .type = AE_IFREG, .data = "older and longer" },
		{ .name = "./f", .type = AE_IFREG, .data = "newer" },
	}, dir[] = {
		{ .name = "d/x", .type = AE_IFREG, .data = "x" },
		{ .name = "d", .type = AE_IFREG, .data = "x" },
	};

	(void)state;
	assert_int_equal(unpack_items(item, 2), 0);
	assert_content("f", "newer");
	assert_int_equal(unpack_items(dir, 2), -EPERM);
}

/* A header of GNU tar by hand: a file of size bytes, all of it hole ('S'), or all of it still to come ('0'). */
static void tar_header(char h[512], const char *name, char type, unsigned long size)
{
	unsigned int sum = 0;

	memset(h, 0, 512);
	snprintf(h, 100, "%s", name);
	memcpy(h + 100, "0000644", 7);
	snprintf(h + 124, 12, "%011lo", type == 'S' ? 0 : size);
	h[156] = type;
	memcpy(h + 257, "ustar  ", 8);
	if (type == 'S') {
		snprintf(h + 386, 12, "%011lo", size);
		snprintf(h + 398, 12, "%011o", 0);
		snprintf(h + 483, 12, "%011lo", size);
	}
	memset(h + 148, ' ', 8);
	for (int i = 0; i < 512; i++)
		sum += (unsigned char)h[i];
	snprintf(h + 148, 8, "%06o", sum);
}

static int memory_file(const void *data, size_t len)
{
	int fd = memfd_create("bytes", MFD_CLOEXEC);

	assert_int_equal(write(fd, data, len), len);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void a_file_larger_than_what_is_ever_read_is_refused(void **state)
{
	char tar[3 * 512] = "";

	(void)state;
	for (int i = 0; i < 2; i++) {
		tar_header(tar, "huge", "S0"[i], 1ul << 30);
		assert_int_equal(unpack_fd(memory_file(tar, sizeof(tar))), -EFBIG);
		assert_non_null(strstr(why, "more than 256 MiB"));
	}
}

static void holes_count_as_bytes(void **state)
{
	char tar[7 * 512] = "", name[2] = "a";
	struct stat st;

	(void)state;
	for (int i = 0; i < 5; i++, name[0]++)
		tar_header(tar + 512 * i, name, 'S', 250ul << 20);
	assert_int_equal(unpack_fd(memory_file(tar, sizeof(tar))), -EFBIG);
	assert_non_null(strstr(why, "1024 MiB"));
	/* Four of them fit, and take no room. */
	assert_int_equal(stat(at(&t, "d"), &st), 0);
	assert_int_equal(st.st_size, 250 << 20);
	assert_true(st.st_blocks < 100);
}

static void too_many_entries_are_refused(void **state)
{
	struct item *item = calloc(UNPACK_MAX_ENTRIES + 1, sizeof(*item));

	(void)state;
	for (int i = 0; i <= UNPACK_MAX_ENTRIES; i++)
		item[i] = (struct item){ .name = "same/dir", .type = AE_IFDIR };
	assert_int_equal(unpack_items(item, UNPACK_MAX_ENTRIES + 1), -EFBIG);
	assert_non_null(strstr(why, "50000 entries"));
	free(item);
}

static size_t slurp(int fd, char *buf, size_t len)
{
	ssize_t n = read(fd, buf, len);

	close(fd);
	assert_true(n > 0 && (size_t)n < len);
	return (size_t)n;
}

/* Filters within filters multiply what each can blow up. */
static void an_archive_compressed_twice_is_refused(void **state)
{
	const struct item inner[] = { { .name = "wcdiag-snapshot", .type = AE_IFREG, .data = "wcdiag-snapshot 1\n" } };
	static char bytes[100000];
	size_t n = slurp(pack(&tar_gz, inner, 1), bytes, sizeof(bytes));
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	int fd = memfd_create("twice", MFD_CLOEXEC);

	(void)state;
	archive_write_set_format_raw(a);
	archive_write_add_filter_gzip(a);
	assert_int_equal(archive_write_open_fd(a, fd), ARCHIVE_OK);
	archive_entry_set_filetype(e, AE_IFREG);
	assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
	assert_int_equal(archive_write_data(a, bytes, n), n);
	archive_entry_free(e);
	archive_write_free(a);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(unpack_fd(fd), -EINVAL);
	assert_non_null(strstr(why, "twice"));
}

/* libarchive's mtree reader would open the named file on this machine; "raw" would take anything. */
static void texts_that_only_name_files_are_no_archives(void **state)
{
	static const char *const text[] = {
		"#mtree\n./x type=file content=/etc/passwd\n",
		"#mtree\n/set type=file\nwcdiag-snapshot contents=/etc/hostname\n",
		"hello\n",
		"\n",
		"WARC/1.0\r\n\r\n",
		"!<arch>\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		assert_int_equal(unpack_fd(memory_file(text[i], strlen(text[i]))), -EINVAL);
		assert_non_null(strstr(why, "not an archive"));
	}
	assert_int_equal(unpack_fd(memory_file("", 0)), -EINVAL);
}

static void an_archive_cut_anywhere_fails_or_gives_what_it_has_and_never_more(void **state)
{
	const struct item item[] = {
		{ .name = "m/wcdiag-snapshot", .type = AE_IFREG, .data = "wcdiag-snapshot 1\n" },
		{ .name = "m/l", .type = AE_IFLNK, .data = "x" },
	};
	static char bytes[100000];
	size_t n = slurp(pack(&tar_gz, item, 2), bytes, sizeof(bytes));
	int whole = 0;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		setup(NULL);
		whole += unpack_fd(memory_file(bytes, i)) == 0;
		teardown(NULL);
	}
	/* The last bytes are padding and the check sum. */
	assert_true(whole < 20);
}

static void what_is_not_seekable_or_gone_is_an_error_with_a_sentence(void **state)
{
	int fd = open("/", O_RDONLY);

	(void)state;
	assert_true(unpack_fd(fd) < 0);
	assert_true(strlen(why) > 0);
	assert_true(unpack(-1, dirfd, NULL, 0) < 0);
}

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
	struct stat st;

	(void)state;
	assert_int_equal(stat(t.dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	setenv("TMPDIR", t.dir, 1);
	{
		char *path;
		int fd;

		assert_int_equal(private_dir_make(&path, &fd), 0);
		assert_memory_equal(path, t.dir, strlen(t.dir));
		close(fd);
		private_dir_remove(path);
		free(path);
		setenv("TMPDIR", "/nonexistent", 1);
		assert_int_equal(private_dir_make(&path, &fd), -ENOENT);
	}
	unsetenv("TMPDIR");
}

static void a_source_removes_what_it_unpacked(void **state)
{
	const struct item item[] = {
		{ .name = "m/wcdiag-snapshot", .type = AE_IFREG, .data = "wcdiag-snapshot 1\n" },
		{ .name = "m/proc/mtrr", .type = AE_IFREG, .data = "reg00\n" },
	};
	static char bytes[100000];
	size_t n = slurp(pack(&tar_gz, item, 2), bytes, sizeof(bytes));
	char root[300], sentence[200];
	struct src *s;
	struct blob b;

	(void)state;
	put_bytes(&t, "m.tar.gz", bytes, n);
	assert_int_equal(src_open_root(&s, at(&t, "m.tar.gz"), sentence, sizeof(sentence)), 0);
	assert_string_equal(src_name(s), at(&t, "m.tar.gz"));
	snprintf(root, sizeof(root), "%s", src_root(s));
	assert_int_equal(src_read(s, "/proc/mtrr", &b), 0);
	assert_string_equal(b.data, "reg00\n");
	blob_free(&b);
	assert_int_equal(access(root, F_OK), 0);
	src_close(s);
	assert_int_equal(access(root, F_OK), -1);
	/* One that is refused leaves nothing, either. */
	setenv("TMPDIR", t.dir, 1);
	put_text(&t, "bad.tar.gz", "x");
	assert_int_equal(src_open_root(&s, at(&t, "bad.tar.gz"), sentence, sizeof(sentence)), -EINVAL);
	unsetenv("TMPDIR");
	unlink(at(&t, "bad.tar.gz"));
	unlink(at(&t, "m.tar.gz"));
	assert_int_equal(rmdir(t.dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		cmocka_unit_test(every_form_that_users_make_is_unpacked),
		cmocka_unit_test(what_wants_out_is_refused_and_named),
		T(a_name_of_the_archive_is_shown_without_its_control_bytes),
		T(links_that_stay_inside_are_kept),
		T(nothing_is_written_through_a_link),
		T(a_link_that_escapes_physically_is_held_by_the_source),
		T(the_later_of_two_files_with_one_name_counts),
		T(a_file_larger_than_what_is_ever_read_is_refused),
		T(holes_count_as_bytes),
		T(too_many_entries_are_refused),
		T(an_archive_compressed_twice_is_refused),
		T(texts_that_only_name_files_are_no_archives),
		cmocka_unit_test(an_archive_cut_anywhere_fails_or_gives_what_it_has_and_never_more),
		T(what_is_not_seekable_or_gone_is_an_error_with_a_sentence),
		T(removing_follows_no_link_and_leaves_nothing),
		T(the_private_directory_is_private_and_below_tmpdir),
		T(a_source_removes_what_it_unpacked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
