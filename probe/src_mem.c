/* SPDX-License-Identifier: GPL-2.0-or-later */
/* src_mem.c - reads and lists what an archive held, in memory. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memtree.h"
#include "src.h"
#include "src_int.h"

static int find(const struct src *s, const char *path, bool nofollow, struct memnode **out)
{
	int rc = memtree_find(s->tree, s->top, path, nofollow, out);

	return rc ? src_absent(s, path, -rc) : 0;
}

static int find_file(const struct src *s, const char *path, struct memnode **out)
{
	int rc = find(s, path, false, out);

	return !rc && (*out)->kind != MEM_FILE ? -EISDIR : rc;
}

int src_mem_read(const struct src *s, const char *path, struct blob *out)
{
	struct memnode *f;
	int rc = find_file(s, path, &f);
	int64_t n;
	char *data;

	*out = (struct blob){ NULL, 0 };
	if (rc)
		return rc;
	if (f->len > SRC_MAX_FILE)
		return -EFBIG;
	data = malloc(f->len + 1);
	if (!data)
		return -ENOMEM;
	n = memtree_read(s->tree, f, data, f->len, 0);
	if (n < 0) {
		free(data);
		return (int)n;
	}
	data[n] = '\0';
	*out = (struct blob){ data, (size_t)n };
	return 0;
}

int src_mem_pread(const struct src *s, const char *path, void *buf, size_t n, uint64_t offset)
{
	struct memnode *f;
	int rc = find_file(s, path, &f);

	return rc ? rc : (int)memtree_read(s->tree, f, buf, n, offset);
}

int src_mem_exists(const struct src *s, const char *path)
{
	struct memnode *f;

	return find(s, path, false, &f);
}

int src_mem_readlink(const struct src *s, const char *path, char *buf, size_t len)
{
	struct memnode *f;
	int rc = find(s, path, true, &f);

	if (rc)
		return rc;
	if (f->kind != MEM_LINK)
		return -EINVAL;
	if (f->len >= len)
		return -ENAMETOOLONG;
	memcpy(buf, f->data, f->len + 1);
	return 0;
}

int src_mem_list(const struct src *s, const char *path, char ***names, size_t *n)
{
	struct memnode *dir;
	int rc = find(s, path, false, &dir);
	size_t cap = 0;

	if (!rc && dir->kind != MEM_DIR)
		rc = src_absent(s, path, ENOTDIR);
	for (const struct memnode *c = rc ? NULL : dir->child; c && !rc; c = c->sibling)
		rc = src_list_add(names, n, &cap, c->name);
	return rc;
}

/* For whoever reads from a descriptor: a copy that goes with it. */
int src_mem_open(const struct src *s, const char *path)
{
	char buf[16384];
	struct memnode *f;
	int fd, rc = find_file(s, path, &f);
	int64_t n = 0;

	if (rc)
		return rc;
	fd = memfd_create("wcdiag-snapshot", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	for (uint64_t at = 0; !rc && (n = memtree_read(s->tree, f, buf, sizeof(buf), at)) > 0; at += (uint64_t)n)
		if (write(fd, buf, (size_t)n) != n)
			rc = -EIO;
	if (!rc && n < 0)
		rc = (int)n;
	if (!rc && lseek(fd, 0, SEEK_SET) < 0)
		rc = -errno;
	if (!rc)
		return fd;
	close(fd);
	return rc;
}
