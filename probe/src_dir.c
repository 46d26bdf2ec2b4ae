/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * src_dir.c - many small files of one directory, with three system calls each instead of a walk from the root.
 *
 * In a snapshot only regular files of the directory itself are opened that way: what is listed as another thing goes
 * the long way through src.c, which looks before it opens and resolves links inside the root.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "memtree.h"
#include "resolve.h"
#include "src.h"
#include "src_int.h"

#define MAX_LISTED ((size_t)4 << 20)

static int list(struct src_dir *d)
{
	size_t cap = 0;
	ssize_t n = 1;

	while (n > 0) {
		if (cap - d->len < 4096) {
			char *p = cap < MAX_LISTED ? realloc(d->listed, cap + 8192) : NULL;

			if (!p)
				return cap < MAX_LISTED ? -ENOMEM : -EFBIG;
			d->listed = p;
			cap += 8192;
		}
		n = getdents64(d->fd, d->listed + d->len, cap - d->len);
		if (n < 0)
			return -errno;
		d->len += (size_t)n;
	}
	return 0;
}

int src_dir_open(const struct src *s, const char *path, struct src_dir *out)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC;
	struct memnode *node;
	int rc;

	*out = (struct src_dir){ .s = s, .path = path, .fd = -1 };
	if (s->tree) {
		rc = memtree_find(s->tree, s->top, path, false, &node);
		if (!rc && node->kind != MEM_DIR)
			rc = -ENOTDIR;
		out->node = rc ? NULL : node;
		return rc ? src_absent(s, path, -rc) : 0;
	}
	out->fd = src_is_live(s) ? open(path, flags) : resolve_open(s->rootfd, path, flags);
	if (out->fd < 0)
		return src_absent(s, path, src_is_live(s) ? errno : -out->fd);
	rc = list(out);
	if (rc)
		src_dir_close(out);
	return rc;
}

void src_dir_close(struct src_dir *d)
{
	if (d->fd >= 0)
		close(d->fd);
	free(d->listed);
	*d = (struct src_dir){ .fd = -1 };
}

static char kind_of_node(const struct memnode *n)
{
	return n->kind == MEM_FILE ? SRC_FILE : n->kind == MEM_DIR ? SRC_DIR : SRC_LINK;
}

static char kind_of_entry(const struct src_dir *d, const struct dirent64 *e)
{
	unsigned char type = e->d_type;
	struct stat st;

	/* Some file systems list names alone (getdents(2)). */
	if (type == DT_UNKNOWN && !fstatat(d->fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW))
		type = IFTODT(st.st_mode);
	return type == DT_REG ? SRC_FILE : type == DT_DIR ? SRC_DIR : type == DT_LNK ? SRC_LINK : SRC_OTHER;
}

static const struct dirent64 *entry_at(const struct src_dir *d, size_t at)
{
	return (const void *)(d->listed + at);
}

char src_dir_kind(const struct src_dir *d, const char *name)
{
	const struct dirent64 *e;

	if (d->node) {
		const struct memnode *n = memtree_child(d->s->tree, d->node, name);

		return n ? kind_of_node(n) : 0;
	}
	for (size_t at = 0; at < d->len; at += e->d_reclen) {
		e = entry_at(d, at);
		if (!strcmp(e->d_name, name))
			return kind_of_entry(d, e);
	}
	return 0;
}

void src_dir_each(const struct src_dir *d, void (*fn)(void *ctx, const char *name, char kind), void *ctx)
{
	const struct dirent64 *e;

	for (const struct memnode *n = d->node ? d->node->child : NULL; n; n = n->sibling)
		fn(ctx, n->name, kind_of_node(n));
	for (size_t at = 0; at < d->len; at += e->d_reclen) {
		e = entry_at(d, at);
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			fn(ctx, e->d_name, kind_of_entry(d, e));
	}
}

/* The name for whoever begins at the root. */
static int whole_name(const struct src_dir *d, const char *name, char path[PATH_MAX])
{
	return snprintf(path, PATH_MAX, "%s/%s", d->path, name) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* The kind of what the name begins with; that of an entry of a directory in it is not known yet. */
static char listed_kind(const struct src_dir *d, const char *name, const char *slash)
{
	char first[NAME_MAX + 1];

	if (!slash)
		return src_dir_kind(d, name);
	if (slash - name > NAME_MAX)
		return 0;
	memcpy(first, name, (size_t)(slash - name));
	first[slash - name] = '\0';
	return src_dir_kind(d, first);
}

/* A descriptor; -EAGAIN: not in this way. */
static int open_entry(const struct src_dir *d, const char *name)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	struct open_how how = { .flags = (uint64_t)flags, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
	const char *slash = strchr(name, '/');
	char kind = listed_kind(d, name, slash);
	struct stat st;
	int fd;

	if (!kind)
		return -ENOENT;
	if (kind != (slash ? SRC_DIR : SRC_FILE))
		return -EAGAIN;
	if (!slash || src_is_live(d->s)) {
		fd = openat(d->fd, name, flags);
		return fd < 0 ? -errno : fd;
	}
	/* The look before opening: see open_in_root() in src.c. */
	if (fstatat(d->fd, name, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? -ENOENT : -EAGAIN;
	if (!S_ISREG(st.st_mode))
		return -EAGAIN;
	fd = (int)syscall(SYS_openat2, d->fd, name, &how, sizeof(how));
	return fd < 0 ? -EAGAIN : fd;
}

/* In memory: the file, or NULL for what takes the long way; *rc is set when there is no such entry. */
static const struct memnode *file_node(const struct src_dir *d, const char *name, int *rc)
{
	const char *slash = strchr(name, '/');
	char first[NAME_MAX + 1];
	const struct memnode *n;

	*rc = 0;
	if (!slash) {
		n = memtree_child(d->s->tree, d->node, name);
	} else {
		snprintf(first, sizeof(first), "%.*s", (int)(slash - name), name);
		n = memtree_child(d->s->tree, d->node, first);
		if (n && n->kind == MEM_DIR)
			n = memtree_child(d->s->tree, n, slash + 1);
	}
	if (!n)
		*rc = -ENOENT;
	return n && n->kind == MEM_FILE ? n : NULL;
}

int src_dir_read(const struct src_dir *d, const char *name, void *buf, size_t n)
{
	char path[PATH_MAX];
	ssize_t got;
	int fd, rc;

	if (d->node) {
		const struct memnode *file = file_node(d, name, &rc);

		if (file)
			return (int)memtree_read(d->s->tree, file, buf, n, 0);
		fd = rc ? rc : -EAGAIN;
	} else {
		fd = open_entry(d, name);
	}
	if (fd < 0) {
		rc = whole_name(d, name, path);
		if (rc)
			return rc;
		return fd == -EAGAIN ? src_pread(d->s, path, buf, n, 0) : src_absent(d->s, path, -fd);
	}
	do {
		got = read(fd, buf, n);
	} while (got < 0 && errno == EINTR);
	rc = got < 0 ? -errno : (int)got;
	close(fd);
	return rc;
}

int src_dir_readlink(const struct src_dir *d, const char *name, char *buf, size_t len)
{
	char path[PATH_MAX];
	ssize_t n;
	int rc = len ? 0 : -EINVAL;

	if (rc)
		return rc;
	if (d->node) {
		const struct memnode *link = memtree_child(d->s->tree, d->node, name);

		rc = !link ? -ENOENT : link->kind != MEM_LINK ? -EINVAL : link->len >= len ? -ENAMETOOLONG : 0;
		if (!rc)
			memcpy(buf, link->data, link->len + 1);
	} else {
		n = readlinkat(d->fd, name, buf, len);
		rc = n < 0 ? -errno : (size_t)n >= len ? -ENAMETOOLONG : 0;
		if (!rc)
			buf[n] = '\0';
	}
	return rc == -ENOENT && !whole_name(d, name, path) ? src_absent(d->s, path, ENOENT) : rc;
}
