/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * src.h - the one way to open anything: the live machine, or a snapshot's root.
 *
 * Paths are always given as on the real machine ("/proc/iomem"). In a snapshot every symbolic link is resolved
 * inside the root (openat2, RESOLVE_IN_ROOT), so a hostile snapshot cannot name a file outside.
 * All functions: 0 (or a count) on success, negative errno on failure; nothing is printed.
 *
 * Errors peculiar to snapshots:
 *   -ENODATA  the snapshot does not hold this file and does not say why
 *   otherwise the errno that wcdiag/errors.txt recorded when the snapshot was taken (-ENOENT: the machine
 *   itself had no such file; -EACCES, -EPERM: the capture was refused)
 */
#ifndef WCDIAG_SRC_H
#define WCDIAG_SRC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct memnode;
struct src;

/* Bytes of one file; data is always terminated by a NUL that len does not count. Free with blob_free(). */
struct blob {
	char *data;
	size_t len;
};
void blob_free(struct blob *b);

/* The largest file that src_read() takes; a larger one is -EFBIG (a memtype list of 4 million lines fits). */
#define SRC_MAX_FILE ((size_t)256 << 20)

/* The live machine. */
int src_open_live(struct src **out);

/*
 * A snapshot: a directory, or an archive that libarchive can read (.tar, .tar.gz, .tar.xz ...), which is read into memory
 * (memtree.h) and leaves nothing on a disk. why (may be NULL) gets one sentence when it fails.
 * -ENOTDIR/-EINVAL: not a snapshot; -EFBIG: unpacks to more than the limits; -EPERM: an entry points outside.
 */
int src_open_root(struct src **out, const char *path, char *why, size_t whylen);
void src_close(struct src *s);	/* NULL is allowed */

bool src_is_live(const struct src *s);
const char *src_name(const struct src *s);	/* "live", or the path the user gave */

int src_read(const struct src *s, const char *path, struct blob *out);
/* Up to n bytes from offset; returns the count read. For registers and binary files. */
int src_pread(const struct src *s, const char *path, void *buf, size_t n, uint64_t offset);
/*
 * Open read-only; returns a descriptor. For callers that stream: of an archive it is a copy, and of files only. A directory
 * is opened with src_dir_open().
 */
int src_open(const struct src *s, const char *path);
/* Target of a symbolic link, terminated; -EINVAL when it is none. */
int src_readlink(const struct src *s, const char *path, char *buf, size_t len);
/* 0 when it can be stat'ed, else negative errno (as src_read). Opens nothing: safe on device files. */
int src_exists(const struct src *s, const char *path);

/* Names in a directory without . and .., sorted by strverscmp; free with src_list_free(). */
int src_list(const struct src *s, const char *path, char ***names, size_t *n);
void src_list_free(char **names, size_t n);

/*
 * A directory whose files are read one after the other: it is opened and listed once. name is that of an entry, or of an
 * entry of a directory in it ("power/runtime_status"). On the live machine, too.
 */
struct src_dir {
	const struct src *s;
	const char *path;		/* kept by the caller */
	int fd;
	char *listed;			/* what getdents64(2) told */
	size_t len;
	const struct memnode *node;	/* instead of these in an archive */
};
int src_dir_open(const struct src *s, const char *path, struct src_dir *out);
void src_dir_close(struct src_dir *d);
/* What an entry is: a file, a directory, a link, something else; 0: there is none. */
enum { SRC_FILE = 'f', SRC_DIR = 'd', SRC_LINK = 'l', SRC_OTHER = '?' };
char src_dir_kind(const struct src_dir *d, const char *name);
/* All entries, in no order, without . and .. */
void src_dir_each(const struct src_dir *d, void (*fn)(void *ctx, const char *name, char kind), void *ctx);
/* Up to n bytes from the start: the count, or negative errno as of src_pread(). */
int src_dir_read(const struct src_dir *d, const char *name, void *buf, size_t n);
/* As src_readlink(), of an entry of the directory itself. */
int src_dir_readlink(const struct src_dir *d, const char *name, char *buf, size_t len);

/* The phrase for "path failed with err (positive)": strerror, plus "when the snapshot was taken" or "not in the snapshot". */
void src_why(const struct src *s, const char *path, int err, char *buf, size_t len);

#endif
