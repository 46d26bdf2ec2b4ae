/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unpack_int.h - internal: the state of an unpacking, and making what is in it. */
#ifndef WCDIAG_UNPACK_INT_H
#define WCDIAG_UNPACK_INT_H

#include "memtree.h"
#include "unpack.h"

struct archive;
struct archive_entry;

struct link {
	char *path, *target;
	unsigned int order; /* the entry of the archive that it came with */
};

struct unpacker {
	struct memtree *tree;
	const struct archive_lib *lib;
	struct archive *a;
	unsigned int entries;
	uint64_t total;
	/* The directory of the last file: entries come in runs. */
	struct memnode *lastdir;
	char last[UNPACK_MAX_NAME + 1];
	/* Links are made last, so that no entry can ever be written through one. */
	struct link *link;
	size_t nlink, linkcap;
	char *why;
	size_t whylen;
};

/* Why an entry is refused, name may be NULL; returns rc. */
int unpack_refuse(struct unpacker *u, int rc, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
int unpack_damaged(struct unpacker *u);

/* All take names that were found to be clean. 0 or negative errno with a sentence. */
int unpack_count(struct unpacker *u, const char *name);
int unpack_dir(struct unpacker *u, const char *path, struct memnode **out);
int unpack_file(struct unpacker *u, struct archive_entry *e, const char *path);
int unpack_link(struct unpacker *u, const char *path, const char *target);
int unpack_links(struct unpacker *u);

#endif
