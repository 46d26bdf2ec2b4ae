/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memtree.h - files, directories and symbolic links in memory: what an archive becomes.
 *
 * Nothing of it has a name on a disk, so that nothing stays behind however the process ends. Bytes beyond
 * MEMTREE_HELD go to a file without a name under $TMPDIR, or /tmp; holes take no room anywhere.
 */
#ifndef WCDIAG_MEMTREE_H
#define WCDIAG_MEMTREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEMTREE_HELD ((uint64_t)32 << 20)

enum mem_kind { MEM_DIR, MEM_FILE, MEM_LINK };

struct memnode {
	struct memnode *parent; /* NULL: the top */
	struct memnode *child, *sibling;
	const char *name;
	enum mem_kind kind;
	uint64_t len;  /* of a file, or of a link's target */
	uint64_t have; /* so many bytes were written; from there to len they are zero */
	char *data;    /* NULL: nothing was written, or it lies outside of the memory, at */
	uint64_t cap, at;
	bool spilled;
	unsigned int order; /* of an archive: which of its entries made it; see unpack_put.c */
};

struct memtree;

struct memtree *memtree_new(void); /* with an empty directory on top; NULL: no memory */
void memtree_free(struct memtree *t);
struct memnode *memtree_top(const struct memtree *t);

/* The entry of exactly this name in a directory, or NULL. */
struct memnode *memtree_child(const struct memtree *t, const struct memnode *dir, const char *name);
/* A new one, whose name must not be there: an empty directory or file. NULL: no memory. */
struct memnode *memtree_add(struct memtree *t, struct memnode *dir, const char *name, enum mem_kind kind);

/* Bytes of a file, from at on. Only the file that was added or emptied last may be written to. 0 or negative errno. */
int memtree_write(struct memtree *t, struct memnode *file, const void *data, size_t n, uint64_t at);
/* Nothing is in it any more. */
void memtree_empty(struct memtree *t, struct memnode *file);
/* Makes an empty file a symbolic link. 0 or -ENOMEM. */
int memtree_make_link(struct memnode *file, const char *target);

/* Up to n bytes from offset: the count, or negative errno. */
int64_t memtree_read(const struct memtree *t, const struct memnode *file, void *buf, size_t n, uint64_t offset);

/*
 * What path names below root, as openat2(RESOLVE_IN_ROOT) finds it: absolute links begin at root, ".." at root stays
 * there, at most 40 links. nofollow: a link that the path ends in is the answer. 0, -ENOENT, -ENOTDIR, -ELOOP,
 * -ENAMETOOLONG.
 */
int memtree_find(const struct memtree *t, struct memnode *root, const char *path, bool nofollow, struct memnode **out);

#endif
