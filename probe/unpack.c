/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unpack.c - writes what an archive holds below one directory, and refuses what could reach outside or fill the disk. */
#include "unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src.h"

struct link {
	char *path, *target;
};

struct unpacker {
	int dirfd;
	struct archive *a;
	unsigned int entries;
	uint64_t total;
	/* The directory of the last file: entries come in runs. */
	int lastfd;
	char last[UNPACK_MAX_NAME + 1];
	/* Links are made last, so that no entry can ever be written through one. */
	struct link *link;
	size_t nlink, linkcap;
	char *why;
	size_t whylen;
};

/* Why an entry is refused; the name is shown with unprintable bytes as '?'. */
__attribute__((format(printf, 4, 5)))
static int refuse(struct unpacker *u, int rc, const char *name, const char *fmt, ...)
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

static int damaged(struct unpacker *u)
{
	const char *e = archive_error_string(u->a);

	return refuse(u, -EINVAL, NULL, "not an archive that can be read: %s", e ? e : "damaged");
}

static int count_entry(struct unpacker *u, const char *name)
{
	if (++u->entries > UNPACK_MAX_ENTRIES)
		return refuse(u, -EFBIG, name, "more than %d entries", UNPACK_MAX_ENTRIES);
	return 0;
}

/* Copy a name without "." and empty components. rc of refusal, or the number of components. */
static int clean_name(struct unpacker *u, const char *name, char out[UNPACK_MAX_NAME + 1])
{
	size_t len = 0;
	int depth = 0;

	if (!name || !*name)
		return refuse(u, -EINVAL, name ? name : "?", "a name that cannot be read");
	if (*name == '/')
		return refuse(u, -EPERM, name, "an absolute name");
	for (const char *p = name; *p;) {
		size_t n = strcspn(p, "/");

		if (n == 2 && p[0] == '.' && p[1] == '.')
			return refuse(u, -EPERM, name, "a name with \"..\"");
		if (n && !(n == 1 && *p == '.')) {
			if (n > NAME_MAX || len + n + 1 > UNPACK_MAX_NAME)
				return refuse(u, -EFBIG, name, "a name longer than %d bytes", UNPACK_MAX_NAME);
			if (++depth > UNPACK_MAX_DEPTH)
				return refuse(u, -EFBIG, name, "more than %d directories deep", UNPACK_MAX_DEPTH);
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

/* Open the directory, making what is missing of it; never through a link. */
static int make_dir(struct unpacker *u, const char *path)
{
	char name[NAME_MAX + 1];
	int fd = fcntl(u->dirfd, F_DUPFD_CLOEXEC, 3), next;

	while (fd >= 0 && *path) {
		size_t n = strcspn(path, "/");
		int rc = 0;

		memcpy(name, path, n);
		name[n] = '\0';
		next = openat(fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0 && errno == ENOENT) {
			rc = count_entry(u, path);
			if (!rc && mkdirat(fd, name, 0700) < 0)
				rc = refuse(u, -errno, path, "%s", strerror(errno));
			if (!rc)
				next = openat(fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		}
		if (!rc && next < 0)
			rc = refuse(u, errno == ENOTDIR || errno == ELOOP ? -EPERM : -errno, path,
				    "lies below something that is no directory");
		close(fd);
		if (rc)
			return rc;
		fd = next;
		path += n + (path[n] == '/');
	}
	return fd < 0 ? -errno : fd;
}

/* The directory that holds path, borrowed (u->lastfd); *leaf is what stands after it. */
static int parent_dir(struct unpacker *u, const char *path, const char **leaf)
{
	const char *slash = strrchr(path, '/');
	char dir[UNPACK_MAX_NAME + 1];
	size_t n = slash ? (size_t)(slash - path) : 0;
	int fd;

	*leaf = slash ? slash + 1 : path;
	memcpy(dir, path, n);
	dir[n] = '\0';
	if (u->lastfd >= 0 && !strcmp(dir, u->last))
		return u->lastfd;
	fd = make_dir(u, dir);
	if (fd < 0)
		return fd;
	if (u->lastfd >= 0)
		close(u->lastfd);
	u->lastfd = fd;
	strcpy(u->last, dir);
	return fd;
}

static int write_all(int fd, const char *p, size_t n, off_t at)
{
	while (n) {
		ssize_t w = pwrite(fd, p, n, at);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return w < 0 ? -errno : -EIO;
		p += w;
		n -= (size_t)w;
		at += w;
	}
	return 0;
}

/* Holes count as bytes: whoever reads the file later reads them. */
static int check_size(struct unpacker *u, const char *name, uint64_t size)
{
	if (size > SRC_MAX_FILE)
		return refuse(u, -EFBIG, name, "a file of more than %zu MiB", SRC_MAX_FILE >> 20);
	if (u->total + size > UNPACK_MAX_TOTAL)
		return refuse(u, -EFBIG, name, "unpacks to more than %d MiB", (int)(UNPACK_MAX_TOTAL >> 20));
	return 0;
}

static int copy_data(struct unpacker *u, struct archive_entry *e, const char *name, int fd)
{
	const void *data;
	uint64_t size = 0;
	la_int64_t at;
	size_t n;
	int rc;

	for (;;) {
		rc = archive_read_data_block(u->a, &data, &n, &at);
		if (rc == ARCHIVE_EOF)
			break;
		if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
			return damaged(u);
		if (at < 0 || n > SRC_MAX_FILE || (uint64_t)at > SRC_MAX_FILE)
			return check_size(u, name, UINT64_MAX >> 1);
		if ((uint64_t)at + n > size)
			size = (uint64_t)at + n;
		rc = check_size(u, name, size);
		if (!rc)
			rc = write_all(fd, data, n, at);
		if (rc)
			return u->why && *u->why ? rc : refuse(u, rc, name, "%s", strerror(-rc));
	}
	/* A hole at the end has no block. */
	if (archive_entry_size_is_set(e) && archive_entry_size(e) > (la_int64_t)size) {
		size = (uint64_t)archive_entry_size(e);
		rc = check_size(u, name, size);
		if (rc)
			return rc;
		if (ftruncate(fd, (off_t)size) < 0)
			return refuse(u, -errno, name, "%s", strerror(errno));
	}
	u->total += size;
	return 0;
}

static int put_file(struct unpacker *u, struct archive_entry *e, const char *path)
{
	const char *leaf;
	int dir, fd, rc;

	if (archive_entry_size_is_set(e) && archive_entry_size(e) > 0) {
		rc = check_size(u, path, (uint64_t)archive_entry_size(e));
		if (rc)
			return rc;
	}
	dir = parent_dir(u, path, &leaf);
	if (dir < 0)
		return dir;
	/* Of two entries with one name the later counts, as with tar itself. */
	if (unlinkat(dir, leaf, 0) < 0 && errno != ENOENT)
		return refuse(u, -EPERM, path, "takes the place of a directory");
	fd = openat(dir, leaf, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return refuse(u, -errno, path, "%s", strerror(errno));
	rc = copy_data(u, e, path, fd);
	close(fd);
	return rc;
}

/* Does the target, read as text from where the link lies, stay inside? What it then resolves to, src.c checks again. */
static bool stays_inside(const char *path, const char *target)
{
	int depth = 0;

	for (const char *p = path; *p; p++)
		depth += *p == '/';
	while (*target) {
		size_t n = strcspn(target, "/");

		if (n == 2 && target[0] == '.' && target[1] == '.')
			depth--;
		else if (n && !(n == 1 && *target == '.'))
			depth++;
		if (depth < 0)
			return false;
		target += n + (target[n] == '/');
	}
	return true;
}

static int keep_link(struct unpacker *u, const char *path, const char *target)
{
	struct link *l;

	if (!target || !*target)
		return refuse(u, -EINVAL, path, "a symbolic link without a target");
	if (strlen(target) > UNPACK_MAX_NAME)
		return refuse(u, -EFBIG, path, "a symbolic link of more than %d bytes", UNPACK_MAX_NAME);
	if (*target == '/' || !stays_inside(path, target))
		return refuse(u, -EPERM, path, "a symbolic link that points outside");
	if (u->nlink == u->linkcap) {
		size_t cap = u->linkcap ? u->linkcap * 2 : 64;

		l = reallocarray(u->link, cap, sizeof(*l));
		if (!l)
			return -ENOMEM;
		u->link = l;
		u->linkcap = cap;
	}
	l = &u->link[u->nlink];
	l->path = strdup(path);
	l->target = strdup(target);
	if (!l->path || !l->target) {
		free(l->path);
		free(l->target);
		return -ENOMEM;
	}
	u->nlink++;
	return 0;
}

static int make_links(struct unpacker *u)
{
	for (size_t i = 0; i < u->nlink; i++) {
		const struct link *l = &u->link[i];
		const char *leaf;
		int dir = parent_dir(u, l->path, &leaf);

		if (dir < 0)
			return dir;
		if (unlinkat(dir, leaf, 0) < 0 && errno != ENOENT)
			return refuse(u, -EPERM, l->path, "other entries lie below this symbolic link");
		if (symlinkat(l->target, dir, leaf) < 0)
			return refuse(u, -errno, l->path, "%s", strerror(errno));
	}
	return 0;
}

static int put_entry(struct unpacker *u, struct archive_entry *e)
{
	char path[UNPACK_MAX_NAME + 1];
	const char *name = archive_entry_pathname(e);
	int fd, depth = clean_name(u, name, path);

	if (depth < 0)
		return depth;
	if (archive_entry_hardlink(e))
		return refuse(u, -EPERM, path, "a hard link");
	switch (archive_entry_filetype(e)) {
	case AE_IFDIR:
		fd = make_dir(u, path);
		if (fd < 0)
			return fd;
		close(fd);
		return 0;
	case AE_IFREG:
		return depth ? put_file(u, e, path) : refuse(u, -EINVAL, name, "a file without a name");
	case AE_IFLNK:
		return depth ? keep_link(u, path, archive_entry_symlink(e)) :
			       refuse(u, -EINVAL, name, "a link without a name");
	default:
		return refuse(u, -EPERM, path, "neither a file, nor a directory, nor a symbolic link");
	}
}

static int read_entries(struct unpacker *u)
{
	struct archive_entry *e;
	int rc;

	for (;;) {
		rc = archive_read_next_header(u->a, &e);
		if (rc == ARCHIVE_EOF)
			return make_links(u);
		/* ARCHIVE_WARN: a name in another character set, and the like; what matters is checked by us. */
		if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
			return damaged(u);
		if (archive_filter_bytes(u->a, 0) > (la_int64_t)UNPACK_MAX_STREAM)
			return refuse(u, -EFBIG, NULL, "unpacks to more than %d MiB", (int)(UNPACK_MAX_STREAM >> 20));
		rc = count_entry(u, archive_entry_pathname(e));
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
static int add_formats(struct archive *a)
{
	static int (*const filter[])(struct archive *) = {
		archive_read_support_filter_gzip, archive_read_support_filter_bzip2,
		archive_read_support_filter_xz,	  archive_read_support_filter_lzma,
		archive_read_support_filter_lzip, archive_read_support_filter_zstd,
		archive_read_support_filter_lz4,  archive_read_support_filter_compress,
	};
	static int (*const format[])(struct archive *) = {
		archive_read_support_format_tar,
		archive_read_support_format_cpio,
		archive_read_support_format_zip,
	};
	struct archive *trial = archive_read_new();

	if (!trial)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof(filter) / sizeof(filter[0]); i++)
		if (filter[i](trial) == ARCHIVE_OK)
			filter[i](a);
	for (size_t i = 0; i < sizeof(format) / sizeof(format[0]); i++)
		format[i](a);
	archive_read_free(trial);
	return 0;
}

int unpack(int fd, int dirfd, char *why, size_t whylen)
{
	struct unpacker u = { .dirfd = dirfd, .lastfd = -1, .why = why, .whylen = whylen };
	int rc;

	if (why && whylen)
		why[0] = '\0';
	u.a = archive_read_new();
	if (!u.a)
		return refuse(&u, -ENOMEM, NULL, "%s", strerror(ENOMEM));
	rc = add_formats(u.a);
	if (!rc && archive_read_open_fd(u.a, fd, 65536) != ARCHIVE_OK)
		rc = damaged(&u);
	/* One filter, and libarchive's own for "none": within the first, a second could turn a mebibyte into a day's work. */
	if (!rc && archive_filter_count(u.a) > 2)
		rc = refuse(&u, -EINVAL, NULL, "an archive that is compressed twice");
	if (!rc)
		rc = read_entries(&u);
	if (rc && why && whylen && !*why)
		snprintf(why, whylen, "%s", strerror(-rc));
	archive_read_free(u.a);
	if (u.lastfd >= 0)
		close(u.lastfd);
	for (size_t i = 0; i < u.nlink; i++) {
		free(u.link[i].path);
		free(u.link[i].target);
	}
	free(u.link);
	return rc;
}
