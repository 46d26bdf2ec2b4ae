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

#include "probe/memtree.h"
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

static struct tree t; /* where the program may write, and is to leave nothing */
static struct memtree *mem;
static char why[300];

static int setup(void **state)
{
	(void)state;
	tree_make(&t);
	setenv("TMPDIR", t.dir, 1);
	mem = memtree_new();
	return mem ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	/* Not while it is in use, either: what has no name cannot stay behind. */
	assert_int_equal(rmdir(t.dir), 0);
	unsetenv("TMPDIR");
	free(t.dir);
	memtree_free(mem);
	return 0;
}

static int unpack_fd(int fd)
{
	int rc = unpack(fd, mem, why, sizeof(why));

	close(fd);
	return rc;
}

static int unpack_items(const struct item *item, size_t n)
{
	return unpack_fd(pack(&tar_gz, item, n));
}

static void assert_content(const char *name, const char *want)
{
	struct memnode *n;
	char buf[100];

	assert_int_equal(memtree_find(mem, memtree_top(mem), name, false, &n), 0);
	assert_int_equal(n->kind, MEM_FILE);
	assert_int_equal(memtree_read(mem, n, buf, sizeof(buf), 0), strlen(want));
	assert_memory_equal(buf, want, strlen(want));
}

static size_t slurp(int fd, char *buf, size_t len)
{
	ssize_t n = read(fd, buf, len);

	close(fd);
	assert_true(n > 0 && (size_t)n < len);
	return (size_t)n;
}

/* The same as a source; nothing but that holds the archive. */
static struct src *open_packed(const struct item *item, size_t n)
{
	static char bytes[100000];
	size_t len = slurp(pack(&tar_gz, item, n), bytes, sizeof(bytes));
	struct src *s;

	put_bytes(&t, "m.tar.gz", bytes, len);
	if (src_open_root(&s, at(&t, "m.tar.gz"), why, sizeof(why)))
		fail_msg("%s", why);
	assert_string_equal(src_name(s), at(&t, "m.tar.gz"));
	unlink(at(&t, "m.tar.gz"));
	return s;
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
	const struct item through[] = {
		{ .name = "dir", .type = AE_IFLNK, .data = "real" },
		{ .name = "dir/file", .type = AE_IFREG, .data = "x" },
	}, twice[] = {
		{ .name = "name", .type = AE_IFLNK, .data = "real/file" },
		{ .name = "real/file", .type = AE_IFREG, .data = "1" },
		{ .name = "name", .type = AE_IFREG, .data = "2" },
	}, back[] = {
		{ .name = "name", .type = AE_IFLNK, .data = "nowhere" },
		{ .name = "real/file", .type = AE_IFREG, .data = "1" },
		{ .name = "name", .type = AE_IFREG, .data = "2" },
		{ .name = "./name", .type = AE_IFLNK, .data = "real/file" },
	};

	(void)state;
	assert_int_equal(unpack_items(through, 2), -EPERM);
	assert_non_null(strstr(why, "below this symbolic link"));
	/* The later counts, as with tar itself; what the link points at is not touched. */
	assert_int_equal(unpack_items(twice, 3), 0);
	assert_content("real/file", "1");
	assert_content("name", "2");
	assert_int_equal(unpack_items(back, 4), 0);
	assert_content("real/file", "1");
	assert_content("name", "1");
}

/* Lexically both stay inside; s is the root, so that s/.. is above it for whoever resolves plainly. */
static void a_link_that_escapes_physically_is_held_by_the_source(void **state)
{
	const struct item item[] = {
		{ .name = "a/b/c/s", .type = AE_IFLNK, .data = "../../.." },
		{ .name = "a/b/c/l", .type = AE_IFLNK, .data = "s/../etc/hostname" },
		{ .name = "etc/hostname", .type = AE_IFREG, .data = "inside" },
		{ .name = "wcdiag-snapshot", .type = AE_IFREG, .data = "wcdiag-snapshot 1\n" },
	};
	struct src *s = open_packed(item, 4);
	struct blob b;

	(void)state;
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
	char tar[7 * 512] = "", name[2] = "a", last[3];
	struct memnode *n;

	(void)state;
	for (int i = 0; i < 5; i++, name[0]++)
		tar_header(tar + 512 * i, name, 'S', 250ul << 20);
	assert_int_equal(unpack_fd(memory_file(tar, sizeof(tar))), -EFBIG);
	assert_non_null(strstr(why, "1024 MiB"));
	/* Four of them fit, and take no room. */
	assert_int_equal(memtree_find(mem, memtree_top(mem), "d", false, &n), 0);
	assert_int_equal(n->len, 250 << 20);
	assert_int_equal(n->have, 0);
	assert_int_equal(memtree_read(mem, n, last, 3, (250 << 20) - 2), 2);
	assert_memory_equal(last, "\0", 2);
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
	assert_true(unpack(-1, mem, NULL, 0) < 0);
}

static void a_source_needs_no_place_on_a_disk(void **state)
{
	const struct item item[] = {
		{ .name = "m/wcdiag-snapshot", .type = AE_IFREG, .data = "wcdiag-snapshot 1\n" },
		{ .name = "m/proc/mtrr", .type = AE_IFREG, .data = "reg00\n" },
		{ .name = "m/proc/9/maps", .type = AE_IFREG, .data = "" },
		{ .name = "m/sys/l", .type = AE_IFLNK, .data = "../proc" },
		{ .name = "m/wcdiag/errors.txt", .type = AE_IFREG, .data = "EACCES /proc/iomem\n" },
	};
	struct src *s = open_packed(item, 5);
	char buf[8], **names;
	struct blob b;
	size_t n;
	int fd;

	(void)state;
	setenv("TMPDIR", "/nonexistent", 1);
	assert_false(src_is_live(s));
	assert_int_equal(src_read(s, "/sys/l/mtrr", &b), 0);
	assert_string_equal(b.data, "reg00\n");
	blob_free(&b);
	assert_int_equal(src_read(s, "/proc/9/maps", &b), 0);
	assert_int_equal(b.len, 0);
	blob_free(&b);
	assert_int_equal(src_pread(s, "/proc/mtrr", buf, 3, 2), 3);
	assert_memory_equal(buf, "g00", 3);
	assert_int_equal(src_pread(s, "/proc/mtrr", buf, 8, 100), 0);
	assert_int_equal(src_read(s, "/proc", &b), -EISDIR);
	assert_int_equal(src_read(s, "/proc/iomem", &b), -EACCES);
	assert_int_equal(src_read(s, "/proc/none", &b), -ENODATA);
	assert_int_equal(src_exists(s, "/proc/mtrr/"), -ENODATA);
	assert_int_equal(src_exists(s, "/sys/l/"), 0);
	assert_int_equal(src_readlink(s, "/sys/l", buf, sizeof(buf)), 0);
	assert_string_equal(buf, "../proc");
	assert_int_equal(src_readlink(s, "/sys/l", buf, 7), -ENAMETOOLONG);
	assert_int_equal(src_readlink(s, "/proc", buf, sizeof(buf)), -EINVAL);
	assert_int_equal(src_list(s, "/sys/l", &names, &n), 0);
	assert_int_equal(n, 2);
	assert_string_equal(names[0], "9");
	assert_string_equal(names[1], "mtrr");
	src_list_free(names, n);
	assert_int_equal(src_list(s, "/proc/mtrr", &names, &n), -ENODATA);
	fd = src_open(s, "/proc/mtrr");
	assert_true(fd >= 0);
	assert_int_equal(read(fd, buf, sizeof(buf)), 6);
	assert_memory_equal(buf, "reg00\n", 6);
	close(fd);
	assert_int_equal(src_open(s, "/proc"), -EISDIR);
	src_close(s);
}

/* A file beyond what is kept in memory: its bytes are the same, and it has no name while it is there. */
static void what_is_too_much_for_the_memory_lies_where_nobody_finds_it(void **state)
{
	const size_t len = (MEMTREE_HELD >> 1) + 4096;
	char *data = malloc(len), *back = malloc(len);
	struct memnode *f[3];

	(void)state;
	for (size_t i = 0; i < len; i++)
		data[i] = (char)(i * 2654435761u >> 13);
	for (int i = 0; i < 3; i++) {
		char name[2] = { (char)('a' + i), '\0' };

		f[i] = memtree_add(mem, memtree_top(mem), name, MEM_FILE);
		assert_non_null(f[i]);
		for (size_t at = 0; at < len; at += 65536)
			assert_int_equal(memtree_write(mem, f[i], data + at, len - at < 65536 ? len - at : 65536,
						       at + (size_t)i), 0);
	}
	assert_true(f[2]->spilled);
	assert_int_equal(access(t.dir, F_OK), 0);
	assert_int_equal(rmdir(t.dir), 0); /* nothing is in it now */
	assert_int_equal(mkdir(t.dir, 0700), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(f[i]->len, len + (size_t)i);
		memset(back, 1, len);
		assert_int_equal(memtree_read(mem, f[i], back, len, (uint64_t)i), len);
		assert_memory_equal(back, data, len);
		assert_int_equal(memtree_read(mem, f[i], back, 5, 0), 5);
		for (int k = 0; k < i; k++)
			assert_int_equal(back[k], 0);
	}
	/* Without a place for it, it is an error, no shorter file. */
	memtree_free(mem);
	mem = memtree_new();
	setenv("TMPDIR", "/nonexistent", 1);
	f[0] = memtree_add(mem, memtree_top(mem), "a", MEM_FILE);
	assert_int_equal(memtree_write(mem, f[0], data, len, 0), -ENOENT);
	free(data);
	free(back);
}

/* Whatever path: the answer in memory is that of the kernel in a directory. */
static void a_path_means_in_memory_what_it_means_on_a_disk(void **state)
{
	static const struct item item[] = {
		{ .name = "a/b/c", .type = AE_IFREG, .data = "x" },
		{ .name = "a/b/up", .type = AE_IFLNK, .data = "../.." },
		{ .name = "link", .type = AE_IFLNK, .data = "a/b/c" },
		{ .name = "dir", .type = AE_IFLNK, .data = "a/b/" },
		{ .name = "self", .type = AE_IFLNK, .data = "self" },
		{ .name = "dangling", .type = AE_IFLNK, .data = "none" },
		{ .name = "to-dangling", .type = AE_IFLNK, .data = "dangling" },
		{ .name = "file-slash", .type = AE_IFLNK, .data = "a/b/c/" },
		{ .name = "wcdiag-snapshot", .type = AE_IFREG, .data = "wcdiag-snapshot 1\n" },
	};
	static const char *const path[] = {
		"/", "/.", "/..", "/../a/b/c", "/a", "/a/", "/a/b/c", "//a//b/./c", "/a/b/c/", "/a/b/c/.", "/a/b/c/d",
		"/a/b/c/..", "/none", "/none/..", "/a/none/x", "/link", "/link/", "/link/..", "/dir", "/dir/", "/dir/c",
		"/dir/../b/c", "/dir/up/a", "/a/b/up/a/b/up/link", "/self", "/self/x", "/dangling", "/dangling/",
		"/to-dangling", "/file-slash", "/a/b/up/..", "/dir/up/../../..", "",
	};
	struct src *m = open_packed(item, sizeof(item) / sizeof(item[0])), *d;
	char dir[300];

	(void)state;
	for (size_t i = 0; i < sizeof(item) / sizeof(item[0]); i++) {
		if (item[i].type == AE_IFLNK)
			put_link(&t, item[i].name, item[i].data);
		else
			put_text(&t, item[i].name, item[i].data);
	}
	snprintf(dir, sizeof(dir), "%s", t.dir);
	assert_int_equal(src_open_root(&d, dir, NULL, 0), 0);
	for (size_t i = 0; i < sizeof(path) / sizeof(path[0]); i++) {
		char one[20] = "", two[20] = "";
		struct blob x, y;
		size_t n, k;
		char **names, **others;

		assert_int_equal(src_exists(m, path[i]), src_exists(d, path[i]));
		assert_int_equal(src_read(m, path[i], &x), src_read(d, path[i], &y));
		assert_int_equal(x.len, y.len);
		blob_free(&x);
		blob_free(&y);
		assert_int_equal(src_readlink(m, path[i], one, sizeof(one)), src_readlink(d, path[i], two, sizeof(two)));
		assert_string_equal(one, two);
		assert_int_equal(src_list(m, path[i], &names, &n), src_list(d, path[i], &others, &k));
		assert_int_equal(n, k);
		for (k = 0; k < n; k++)
			assert_string_equal(names[k], others[k]);
		src_list_free(names, n);
		src_list_free(others, n);
	}
	src_close(m);
	src_close(d);
	for (size_t i = 0; i < sizeof(item) / sizeof(item[0]); i++)
		unlink(at(&t, item[i].name));
	rmdir(at(&t, "a/b"));
	rmdir(at(&t, "a"));
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
		T(a_source_needs_no_place_on_a_disk),
		T(what_is_too_much_for_the_memory_lies_where_nobody_finds_it),
		T(a_path_means_in_memory_what_it_means_on_a_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
