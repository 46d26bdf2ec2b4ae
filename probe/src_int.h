/* SPDX-License-Identifier: GPL-2.0-or-later */
/* src_int.h - what the files src*.c share: the source itself, and what a snapshot recorded about failures. */
#ifndef WCDIAG_SRC_INT_H
#define WCDIAG_SRC_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct blob;
struct memnode;
struct memtree;

struct src_error {
	const char *path;	/* into errtext */
	int err;		/* positive */
};

struct src {
	int rootfd;		/* O_PATH of the snapshot's root; -1: an archive, or the live machine */
	struct memtree *tree;	/* what was in the archive, or NULL */
	struct memnode *top;	/* its root */
	char *name;
	char *errtext;		/* wcdiag/errors.txt, cut into strings */
	struct src_error *error;	/* sorted by path */
	size_t nerror;
};

/* The snapshot lacks the file (err positive): the negative errno that was recorded about it, or -ENODATA. */
int src_absent(const struct src *s, const char *path, int err);

/* The functions of src.h on an archive in memory. */
int src_mem_open(const struct src *s, const char *path);
int src_mem_read(const struct src *s, const char *path, struct blob *out);
int src_mem_pread(const struct src *s, const char *path, void *buf, size_t n, uint64_t offset);
int src_mem_readlink(const struct src *s, const char *path, char *buf, size_t len);
int src_mem_exists(const struct src *s, const char *path);
int src_mem_list(const struct src *s, const char *path, char ***names, size_t *n);
/* One more name in a list of n; 0 or -ENOMEM. */
int src_list_add(char ***names, size_t *n, size_t *cap, const char *name);

/* The whole of an open file, from where it stands; -EFBIG above SRC_MAX_FILE. */
int src_read_fd(int fd, struct blob *out);

/* What wcdiag/errors.txt says of exactly this path, or NULL. */
const struct src_error *src_recorded(const struct src *s, const char *path);

/*
 * Pure: wcdiag/errors.txt, one "ERRNO-NAME PATH" a line, # comments. Tolerant: a name we do not know is EIO, a line
 * without a path is passed over, the last line about a path counts. Takes over text. 0 or -ENOMEM.
 */
int src_errors_parse(char *text, size_t len, struct src *s);

#endif
