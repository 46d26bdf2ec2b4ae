/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tmptree.h - small directory trees for tests, made under mkdtemp() and removed again. */
#ifndef WCDIAG_TMPTREE_H
#define WCDIAG_TMPTREE_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe/private_dir.h"

struct tree {
	char *dir;
	char path[8192];	/* the last path made by at() */
};

static inline void tree_make(struct tree *t)
{
	int fd;

	if (private_dir_make(&t->dir, &fd))
		abort();
	close(fd);
}

static inline void tree_remove(struct tree *t)
{
	private_dir_remove(t->dir);
	free(t->dir);
}

/* DIR/name, after the directories above it were made. */
static inline const char *at(struct tree *t, const char *name)
{
	size_t base = strlen(t->dir) + 1;

	snprintf(t->path, sizeof(t->path), "%s/%s", t->dir, name);
	for (char *p = t->path + base; (p = strchr(p, '/')); p++) {
		*p = '\0';
		if (mkdir(t->path, 0700) < 0 && errno != EEXIST)
			abort();
		*p = '/';
	}
	return t->path;
}

static inline void put_bytes(struct tree *t, const char *name, const void *data, size_t len)
{
	int fd = open(at(t, name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		abort();
	close(fd);
}

static inline void put_text(struct tree *t, const char *name, const char *text)
{
	put_bytes(t, name, text, strlen(text));
}

static inline void put_link(struct tree *t, const char *name, const char *target)
{
	unlink(at(t, name));
	if (symlink(target, t->path))
		abort();
}

static inline void put_dir(struct tree *t, const char *name)
{
	if (mkdir(at(t, name), 0700) < 0 && errno != EEXIST)
		abort();
}

static inline void put_fifo(struct tree *t, const char *name)
{
	unlink(at(t, name));
	if (mkfifo(t->path, 0600))
		abort();
}

static inline void put_marker(struct tree *t)
{
	put_text(t, "wcdiag-snapshot", "wcdiag-snapshot 1\ntaken: 2026-11-22T00:00:00Z\nby: a test\n");
}

#endif
