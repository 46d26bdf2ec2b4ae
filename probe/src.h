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
 * A snapshot: a directory, or an archive that libarchive can read (.tar, .tar.gz, .tar.xz ...), which is unpacked
 * into a private directory under $TMPDIR that src_close() removes; SIGINT, SIGTERM and SIGHUP are held back until then. why (may be NULL) gets one sentence when it fails.
 * -ENOTDIR/-EINVAL: not a snapshot; -EFBIG: unpacks to more than the limits; -EPERM: an entry points outside.
 */
int src_open_root(struct src **out, const char *path, char *why, size_t whylen);
void src_close(struct src *s);	/* NULL is allowed */

bool src_is_live(const struct src *s);
const char *src_name(const struct src *s);	/* "live", or the path the user gave */
const char *src_root(const struct src *s);	/* "" when live, else the directory that stands for "/" */

int src_read(const struct src *s, const char *path, struct blob *out);
/* Up to n bytes from offset; returns the count read. For registers and binary files. */
int src_pread(const struct src *s, const char *path, void *buf, size_t n, uint64_t offset);
/* Open read-only; returns a descriptor. For callers that stream or that must stat. */
int src_open(const struct src *s, const char *path);
/* Target of a symbolic link, terminated; -EINVAL when it is none. */
int src_readlink(const struct src *s, const char *path, char *buf, size_t len);
/* 0 when it can be stat'ed, else negative errno (as src_read). Opens nothing: safe on device files. */
int src_exists(const struct src *s, const char *path);

/* Names in a directory without . and .., sorted by strverscmp; free with src_list_free(). */
int src_list(const struct src *s, const char *path, char ***names, size_t *n);
void src_list_free(char **names, size_t n);

/* The phrase for "path failed with err (positive)": strerror, plus "when the snapshot was taken" or "not in the snapshot". */
void src_why(const struct src *s, const char *path, int err, char *buf, size_t len);

#endif
