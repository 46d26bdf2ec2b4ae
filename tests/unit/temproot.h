/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * temproot.h - for tests of readers: a snapshot made of a few files, and text in a buffer of just its size.
 */
#ifndef WCDIAG_TEMPROOT_H
#define WCDIAG_TEMPROOT_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe/src.h"

struct temproot {
	char dir[64];
	struct src *src;
};

static inline void temproot_die(const char *what)
{
	perror(what);
	abort();
}

static inline void temproot_parents(char *path)
{
	char *slash;

	for (slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
}

static inline void temproot_add_n(struct temproot *r, const char *path, const char *text, size_t len)
{
	char full[512];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", r->dir, path);
	temproot_parents(full);
	f = fopen(full, "w");
	if (!f || fwrite(text, 1, len, f) != len || fclose(f))
		temproot_die(full);
}

static inline void temproot_add(struct temproot *r, const char *path, const char *text)
{
	temproot_add_n(r, path, text, strlen(text));
}

static inline void temproot_link(struct temproot *r, const char *path, const char *target)
{
	char full[512];

	snprintf(full, sizeof(full), "%s/%s", r->dir, path);
	temproot_parents(full);
	if (symlink(target, full))
		temproot_die(full);
}

static inline void temproot_make(struct temproot *r)
{
	snprintf(r->dir, sizeof(r->dir), "/tmp/wcdiag-test.XXXXXX");
	if (!mkdtemp(r->dir))
		temproot_die("mkdtemp");
	r->src = NULL;
	temproot_add(r, "wcdiag-snapshot", "wcdiag-snapshot 1\n");
}

/* After the last file: what the snapshot says of errors is read when it is opened. */
static inline const struct src *temproot_open(struct temproot *r)
{
	char why[200];

	if (src_open_root(&r->src, r->dir, why, sizeof(why)))
		temproot_die(why);
	return r->src;
}

static inline int temproot_unlink(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static inline void temproot_drop(struct temproot *r)
{
	src_close(r->src);
	nftw(r->dir, temproot_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

/* A copy without a terminator, so that a sanitizer sees the first byte read behind it. */
static inline char *exact_copy(const char *text, size_t len)
{
	char *copy = malloc(len ? len : 1);

	if (!copy)
		temproot_die("malloc");
	memcpy(copy, text, len);
	return copy;
}

#endif
