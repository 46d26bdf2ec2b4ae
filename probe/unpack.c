/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unpack.c - reads an archive entry by entry, and refuses what could reach outside or fill the memory. */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive_lib.h"
#include "unpack_int.h"

/* Why an entry is refused; the name is shown with unprintable bytes as '?'. */
int unpack_refuse(struct unpacker *u, int rc, const char *name, const char *fmt, ...)
{
	char what[160], shown[80];
	va_list ap;
	size_t n = 0;

	if (!u->why || !u->whylen)
		return rc;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	for (; name && name[n] && n < sizeof(shown) - 1; n++)
		shown[n] = name[n] >= 0x20 && name[n] < 0x7f ? name[n] : '?';
	shown[n] = '\0';
	if (name)
		snprintf(u->why, u->whylen, "refused, entry '%s': %s", shown, what);
	else
		snprintf(u->why, u->whylen, "%s", what);
	return rc;
}

int unpack_damaged(struct unpacker *u)
{
	const char *e = u->lib->archive_error_string(u->a);

	return unpack_refuse(u, -EINVAL, NULL, "not an archive that can be read: %s", e ? e : "damaged");
}

/* Copy a name without "." and empty components. rc of refusal, or the number of components. */
static int clean_name(struct unpacker *u, const char *name, char out[UNPACK_MAX_NAME + 1])
{
	size_t len = 0;
	int depth = 0;

	if (!name || !*name)
		return unpack_refuse(u, -EINVAL, name ? name : "?", "a name that cannot be read");
	if (*name == '/')
		return unpack_refuse(u, -EPERM, name, "an absolute name");
	for (const char *p = name; *p;) {
		size_t n = strcspn(p, "/");

		if (n == 2 && p[0] == '.' && p[1] == '.')
			return unpack_refuse(u, -EPERM, name, "a name with \"..\"");
		if (n && !(n == 1 && *p == '.')) {
			if (n > NAME_MAX || len + n + 1 > UNPACK_MAX_NAME)
				return unpack_refuse(u, -EFBIG, name, "a name longer than %d bytes", UNPACK_MAX_NAME);
			if (++depth > UNPACK_MAX_DEPTH)
				return unpack_refuse(u, -EFBIG, name, "more than %d directories deep",
						     UNPACK_MAX_DEPTH);
			if (len)
				out[len++] = '/';
			memcpy(out + len, p, n);
			len += n;
		}
		p += n + (p[n] == '/');
	}
	out[len] = '\0';
	return depth;
}

static int put_entry(struct unpacker *u, struct archive_entry *e)
{
	char path[UNPACK_MAX_NAME + 1];
	const char *name = u->lib->archive_entry_pathname(e);
	struct memnode *dir;
	int depth = clean_name(u, name, path);

	if (depth < 0)
		return depth;
	if (u->lib->archive_entry_hardlink(e))
		return unpack_refuse(u, -EPERM, path, "a hard link");
	switch (u->lib->archive_entry_filetype(e)) {
	case AE_IFDIR:
		return unpack_dir(u, path, &dir);
	case AE_IFREG:
		return depth ? unpack_file(u, e, path) : unpack_refuse(u, -EINVAL, name, "a file without a name");
	case AE_IFLNK:
		return depth ? unpack_link(u, path, u->lib->archive_entry_symlink(e)) :
			       unpack_refuse(u, -EINVAL, name, "a link without a name");
	default:
		return unpack_refuse(u, -EPERM, path, "neither a file, nor a directory, nor a symbolic link");
	}
}

static int read_entries(struct unpacker *u)
{
	struct archive_entry *e;
	int rc;

	for (;;) {
		rc = u->lib->archive_read_next_header(u->a, &e);
		if (rc == ARCHIVE_EOF)
			return unpack_links(u);
		/* ARCHIVE_WARN: a name in another character set, and the like; what matters is checked by us. */
		if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
			return unpack_damaged(u);
		if (u->lib->archive_filter_bytes(u->a, 0) > (la_int64_t)UNPACK_MAX_STREAM)
			return unpack_refuse(u, -EFBIG, NULL, "unpacks to more than %d MiB",
					     (int)(UNPACK_MAX_STREAM >> 20));
		rc = unpack_count(u, u->lib->archive_entry_pathname(e));
		if (!rc)
			rc = put_entry(u, e);
		if (rc)
			return rc;
	}
}

/*
 * Registers what is built into this libarchive. A filter that it would run as another program (ARCHIVE_WARN when asked
 * for) is left out, which is found out on a reader that is thrown away.
 */
static int add_formats(const struct archive_lib *l, struct archive *a)
{
	int (*const filter[])(struct archive *) = {
		l->archive_read_support_filter_gzip, l->archive_read_support_filter_bzip2,
		l->archive_read_support_filter_xz,	  l->archive_read_support_filter_lzma,
		l->archive_read_support_filter_lzip, l->archive_read_support_filter_zstd,
		l->archive_read_support_filter_lz4,  l->archive_read_support_filter_compress,
	};
	int (*const format[])(struct archive *) = {
		l->archive_read_support_format_tar,
		l->archive_read_support_format_cpio,
		l->archive_read_support_format_zip,
	};
	struct archive *trial = l->archive_read_new();

	if (!trial)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof(filter) / sizeof(filter[0]); i++)
		if (filter[i](trial) == ARCHIVE_OK)
			filter[i](a);
	for (size_t i = 0; i < sizeof(format) / sizeof(format[0]); i++)
		format[i](a);
	l->archive_read_free(trial);
	return 0;
}

int unpack(int fd, struct memtree *tree, char *why, size_t whylen)
{
	struct unpacker u = { .tree = tree, .why = why, .whylen = whylen };
	const char *absent;
	int rc;

	if (why && whylen)
		why[0] = '\0';
	u.lib = archive_lib(&absent);
	if (!u.lib)
		return unpack_refuse(&u, -ENOPKG, NULL, "%s", absent);
	u.a = u.lib->archive_read_new();
	if (!u.a)
		return unpack_refuse(&u, -ENOMEM, NULL, "%s", strerror(ENOMEM));
	rc = add_formats(u.lib, u.a);
	if (!rc && u.lib->archive_read_open_fd(u.a, fd, 65536) != ARCHIVE_OK)
		rc = unpack_damaged(&u);
	/* One filter, and libarchive's own for "none": one within another could turn a mebibyte into a day's work. */
	if (!rc && u.lib->archive_filter_count(u.a) > 2)
		rc = unpack_refuse(&u, -EINVAL, NULL, "an archive that is compressed twice");
	if (!rc)
		rc = read_entries(&u);
	if (rc && why && whylen && !*why)
		snprintf(why, whylen, "%s", strerror(-rc));
	u.lib->archive_read_free(u.a);
	for (size_t i = 0; i < u.nlink; i++) {
		free(u.link[i].path);
		free(u.link[i].target);
	}
	free(u.link);
	return rc;
}
