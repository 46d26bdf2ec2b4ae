/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unpack_put.c - makes files, directories and links of a tree in memory, through no link and within the limits. */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "src.h"
#include "archive_lib.h"
#include "resolve.h"
#include "unpack_int.h"

int unpack_count(struct unpacker *u, const char *name)
{
	if (++u->entries > UNPACK_MAX_ENTRIES)
		return unpack_refuse(u, -EFBIG, name, "more than %d entries", UNPACK_MAX_ENTRIES);
	return 0;
}

/* The directory, made with what is missing of it; never through a link, of which there is none yet. */
int unpack_dir(struct unpacker *u, const char *path, struct memnode **out)
{
	struct memnode *dir = memtree_top(u->tree), *next;
	char name[NAME_MAX + 1];

	for (const char *p = path; *p;) {
		size_t n = strcspn(p, "/");
		int rc;

		memcpy(name, p, n);
		name[n] = '\0';
		next = memtree_child(u->tree, dir, name);
		if (!next) {
			rc = unpack_count(u, path);
			if (rc)
				return rc;
			next = memtree_add(u->tree, dir, name, MEM_DIR);
			if (!next)
				return -ENOMEM;
		}
		if (next->kind != MEM_DIR)
			return unpack_refuse(u, -EPERM, path, "lies below something that is no directory");
		dir = next;
		p += n + (p[n] == '/');
	}
	*out = dir;
	return 0;
}

/* The file, empty: made, or of two entries with one name the later counts, as with tar itself. */
static int empty_file(struct unpacker *u, const char *path, const char *in_the_way, struct memnode **out)
{
	const char *slash = strrchr(path, '/'), *leaf = slash ? slash + 1 : path;
	size_t n = slash ? (size_t)(slash - path) : 0;
	char dir[UNPACK_MAX_NAME + 1];
	int rc;

	memcpy(dir, path, n);
	dir[n] = '\0';
	if (!u->lastdir || strcmp(dir, u->last) != 0) {
		rc = unpack_dir(u, dir, &u->lastdir);
		if (rc) {
			u->lastdir = NULL;
			return rc;
		}
		strcpy(u->last, dir);
	}
	*out = memtree_child(u->tree, u->lastdir, leaf);
	if (!*out)
		*out = memtree_add(u->tree, u->lastdir, leaf, MEM_FILE);
	else if ((*out)->kind == MEM_DIR)
		return unpack_refuse(u, -EPERM, path, "%s", in_the_way);
	else
		memtree_empty(u->tree, *out);
	if (!*out)
		return -ENOMEM;
	(*out)->order = u->entries;
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

static int copy_data(struct unpacker *u, struct archive_entry *e, const char *name, struct memnode *file)
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
		if (rc)
			return rc;
		rc = memtree_write(u->tree, file, data, n, (uint64_t)at);
		if (rc)
			return unpack_refuse(u, rc, NULL, "beyond %d MiB it is kept under $TMPDIR, or /tmp: %s",
					     (int)(MEMTREE_HELD >> 20), strerror(-rc));
	}
	/* A hole at the end has no block. */
	if (u->lib->archive_entry_size_is_set(e) && u->lib->archive_entry_size(e) > (la_int64_t)size) {
		size = (uint64_t)u->lib->archive_entry_size(e);
		rc = check_size(u, name, size);
		if (rc)
			return rc;
		file->len = size;
	}
	u->total += size;
	return 0;
}

int unpack_file(struct unpacker *u, struct archive_entry *e, const char *path)
{
	struct memnode *file;
	int rc;

	if (u->lib->archive_entry_size_is_set(e) && u->lib->archive_entry_size(e) > 0) {
		rc = check_size(u, path, (uint64_t)u->lib->archive_entry_size(e));
		if (rc)
			return rc;
	}
	rc = empty_file(u, path, "takes the place of a directory", &file);
	return rc ? rc : copy_data(u, e, path, file);
}

/* What it then resolves to, the source checks again. */
static bool stays_inside(const char *path, const char *target)
{
	unsigned int depth = 0;

	for (const char *p = path; *p; p++)
		depth += *p == '/';
	return resolve_stays_inside(depth, target);
}

int unpack_link(struct unpacker *u, const char *path, const char *target)
{
	struct link *l;

	if (!target || !*target)
		return unpack_refuse(u, -EINVAL, path, "a symbolic link without a target");
	if (strlen(target) > UNPACK_MAX_NAME)
		return unpack_refuse(u, -EFBIG, path, "a symbolic link of more than %d bytes", UNPACK_MAX_NAME);
	if (!stays_inside(path, target))
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
	l->order = u->entries;
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

/* What came behind the link, under its name, took its place. */
static bool replaced(struct unpacker *u, const struct link *l)
{
	const struct memnode *n = memtree_top(u->tree);
	char name[NAME_MAX + 1];

	for (const char *p = l->path; n && *p;) {
		size_t len = strcspn(p, "/");

		memcpy(name, p, len);
		name[len] = '\0';
		n = n->kind == MEM_DIR ? memtree_child(u->tree, n, name) : NULL;
		p += len + (p[len] == '/');
	}
	return n && n->kind == MEM_FILE && n->order > l->order;
}

int unpack_links(struct unpacker *u)
{
	for (size_t i = 0; i < u->nlink; i++) {
		const struct link *l = &u->link[i];
		struct memnode *file;
		int rc;

		if (replaced(u, l))
			continue;
		rc = empty_file(u, l->path, "other entries lie below this symbolic link", &file);
		if (!rc)
			rc = memtree_make_link(file, l->target);
		if (rc)
			return rc;
	}
	return 0;
}
