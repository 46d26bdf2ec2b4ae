/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unpack_put.c - writes files, directories and links below one directory, through no link and within the limits. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src.h"
#include "archive_lib.h"
#include "unpack_int.h"

int unpack_count(struct unpacker *u, const char *name)
{
	if (++u->entries > UNPACK_MAX_ENTRIES)
		return unpack_refuse(u, -EFBIG, name, "more than %d entries", UNPACK_MAX_ENTRIES);
	return 0;
}

/* Open the directory, making what is missing of it; never through a link. */
int unpack_dir(struct unpacker *u, const char *path)
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
			rc = unpack_count(u, path);
			if (!rc && mkdirat(fd, name, 0700) < 0)
				rc = unpack_refuse(u, -errno, path, "%s", strerror(errno));
			if (!rc)
				next = openat(fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		}
		if (!rc && next < 0)
			rc = unpack_refuse(u, errno == ENOTDIR || errno == ELOOP ? -EPERM : -errno, path,
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
	fd = unpack_dir(u, dir);
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
		return unpack_refuse(u, -EFBIG, name, "a file of more than %zu MiB", SRC_MAX_FILE >> 20);
	if (u->total + size > UNPACK_MAX_TOTAL)
		return unpack_refuse(u, -EFBIG, name, "unpacks to more than %d MiB", (int)(UNPACK_MAX_TOTAL >> 20));
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
		rc = u->lib->archive_read_data_block(u->a, &data, &n, &at);
		if (rc == ARCHIVE_EOF)
			break;
		if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
			return unpack_damaged(u);
		if (at < 0 || n > SRC_MAX_FILE || (uint64_t)at > SRC_MAX_FILE)
			return check_size(u, name, UINT64_MAX >> 1);
		if ((uint64_t)at + n > size)
			size = (uint64_t)at + n;
		rc = check_size(u, name, size);
		if (!rc)
			rc = write_all(fd, data, n, at);
		if (rc)
			return u->why && *u->why ? rc : unpack_refuse(u, rc, name, "%s", strerror(-rc));
	}
	/* A hole at the end has no block. */
	if (u->lib->archive_entry_size_is_set(e) && u->lib->archive_entry_size(e) > (la_int64_t)size) {
		size = (uint64_t)u->lib->archive_entry_size(e);
		rc = check_size(u, name, size);
		if (rc)
			return rc;
		if (ftruncate(fd, (off_t)size) < 0)
			return unpack_refuse(u, -errno, name, "%s", strerror(errno));
	}
	u->total += size;
	return 0;
}

int unpack_file(struct unpacker *u, struct archive_entry *e, const char *path)
{
	const char *leaf;
	int dir, fd, rc;

	if (u->lib->archive_entry_size_is_set(e) && u->lib->archive_entry_size(e) > 0) {
		rc = check_size(u, path, (uint64_t)u->lib->archive_entry_size(e));
		if (rc)
			return rc;
	}
	dir = parent_dir(u, path, &leaf);
	if (dir < 0)
		return dir;
	fd = openat(dir, leaf, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST) {
		/* Of two entries with one name the later counts, as with tar itself. */
		if (unlinkat(dir, leaf, 0) < 0)
			return unpack_refuse(u, -EPERM, path, "takes the place of a directory");
		fd = openat(dir, leaf, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	}
	if (fd < 0)
		return unpack_refuse(u, -errno, path, "%s", strerror(errno));
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

int unpack_link(struct unpacker *u, const char *path, const char *target)
{
	struct link *l;

	if (!target || !*target)
		return unpack_refuse(u, -EINVAL, path, "a symbolic link without a target");
	if (strlen(target) > UNPACK_MAX_NAME)
		return unpack_refuse(u, -EFBIG, path, "a symbolic link of more than %d bytes", UNPACK_MAX_NAME);
	if (*target == '/' || !stays_inside(path, target))
		return unpack_refuse(u, -EPERM, path, "a symbolic link that points outside");
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

int unpack_links(struct unpacker *u)
{
	for (size_t i = 0; i < u->nlink; i++) {
		const struct link *l = &u->link[i];
		const char *leaf;
		int dir = parent_dir(u, l->path, &leaf);

		if (dir < 0)
			return dir;
		if (symlinkat(l->target, dir, leaf) == 0)
			continue;
		if (errno == EEXIST && unlinkat(dir, leaf, 0) < 0)
			return unpack_refuse(u, -EPERM, l->path, "other entries lie below this symbolic link");
		if (symlinkat(l->target, dir, leaf) < 0)
			return unpack_refuse(u, -errno, l->path, "%s", strerror(errno));
	}
	return 0;
}
