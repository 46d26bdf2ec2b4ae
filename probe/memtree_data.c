/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memtree_data.c - the bytes: in memory up to a limit, behind that in a file that nobody can find. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memtree_int.h"

static int write_all(int fd, const char *p, size_t n, uint64_t at)
{
	while (n) {
		ssize_t w = pwrite(fd, p, n, (off_t)at);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return w < 0 ? -errno : -EIO;
		p += w;
		n -= (size_t)w;
		at += (uint64_t)w;
	}
	return 0;
}

static int open_unnamed(void)
{
	const char *tmp = getenv("TMPDIR"), *dir = tmp && *tmp == '/' ? tmp : "/tmp";
	char *name;
	int fd = open(dir, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd < 0 ? -errno : fd;
	/* A file system that has no such files: between these two lines it has a name. */
	if (asprintf(&name, "%s/wcdiag-XXXXXX", dir) < 0)
		return -ENOMEM;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	else
		unlink(name);
	free(name);
	return fd;
}

/* What was written of this file so far goes to the unnamed one; so will the rest. */
static int spill(struct memtree *t, struct memnode *f)
{
	int rc;

	if (t->spill < 0) {
		int fd = open_unnamed();

		if (fd < 0)
			return fd;
		t->spill = fd;
	}
	rc = write_all(t->spill, f->data, f->have, t->spill_end);
	if (rc)
		return rc;
	t->held -= f->cap;
	free(f->data);
	f->data = NULL;
	f->cap = 0;
	f->at = t->spill_end;
	f->spilled = true;
	t->spill_end += f->have;
	return 0;
}

/* Room for end bytes in memory; a header's word for the size is nobody's: only what arrives is counted. */
static int grow(struct memtree *t, struct memnode *f, uint64_t end)
{
	uint64_t cap = f->cap ? f->cap : end;
	char *p;

	while (cap < end)
		cap *= 2;
	p = realloc(f->data, cap);
	if (!p)
		return -ENOMEM;
	t->held += cap - f->cap;
	f->data = p;
	f->cap = cap;
	return 0;
}

int memtree_write(struct memtree *t, struct memnode *f, const void *data, size_t n, uint64_t at)
{
	uint64_t end = at + n;
	int rc = 0;

	if (end < at)
		return -EFBIG;
	if (!n)
		return 0;
	if (!f->spilled && end > f->cap && t->held - f->cap + 2 * end > MEMTREE_HELD)
		rc = spill(t, f);
	if (!rc && f->spilled) {
		rc = write_all(t->spill, data, n, f->at + at);
		if (!rc && f->at + end > t->spill_end)
			t->spill_end = f->at + end;
	} else if (!rc) {
		rc = end > f->cap ? grow(t, f, end) : 0;
		if (!rc && at > f->have)
			memset(f->data + f->have, 0, at - f->have);
		if (!rc)
			memcpy(f->data + at, data, n);
	}
	if (rc)
		return rc;
	if (end > f->have)
		f->have = end;
	if (end > f->len)
		f->len = end;
	return 0;
}

void memtree_empty(struct memtree *t, struct memnode *f)
{
	t->held -= f->cap;
	free(f->data);
	f->data = NULL;
	f->cap = f->len = f->have = 0;
	f->spilled = false;
}

static int64_t read_spilled(const struct memtree *t, const struct memnode *f, char *buf, size_t n, uint64_t offset)
{
	size_t got = 0;

	while (got < n) {
		ssize_t r = pread(t->spill, buf + got, n - got, (off_t)(f->at + offset + got));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (!r)
			return -EIO;
		got += (size_t)r;
	}
	return (int64_t)n;
}

int64_t memtree_read(const struct memtree *t, const struct memnode *f, void *buf, size_t n, uint64_t offset)
{
	size_t written;

	if (offset >= f->len)
		return 0;
	if (n > f->len - offset)
		n = f->len - offset;
	written = offset >= f->have ? 0 : n < f->have - offset ? n : f->have - offset;
	if (written && f->spilled) {
		int64_t rc = read_spilled(t, f, buf, written, offset);

		if (rc < 0)
			return rc;
	} else if (written) {
		memcpy(buf, f->data + offset, written);
	}
	memset((char *)buf + written, 0, n - written);
	return (int64_t)n;
}
