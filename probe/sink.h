/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink.h - where a snapshot is written to: a directory, or a tar archive of it.
 *
 * Everything goes to a temporary name beside the target and is renamed at the end, so that an interrupted capture never
 * leaves half a snapshot under the name that was asked for, and an existing file is replaced only when force is given.
 * Paths are relative to the snapshot's root ("proc/mtrr"); directories above them are made as needed.
 */
#ifndef WCDIAG_SINK_H
#define WCDIAG_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sink;

/*
 * *.tar.gz, *.tgz: gzip'ed tar; *.tar: tar; other archive endings: -ENOTSUP; anything else: a directory. An archive has
 * one folder named like the file, so that unpacking it litters nothing. -EEXIST: the target is there and force is not
 * given, or it is a directory that is no snapshot. why gets one sentence.
 */
int sink_open(struct sink **out, const char *path, bool force, char *why, size_t whylen);

int sink_dir(struct sink *k, const char *path);
int sink_file(struct sink *k, const char *path, const void *data, size_t len);
int sink_link(struct sink *k, const char *path, const char *target);

/* Frees k in any case. On failure (also an earlier one) nothing is left behind, and why says which. */
int sink_commit(struct sink *k, char *why, size_t whylen);
void sink_abort(struct sink *k);	/* NULL is allowed */

int sink_failed(const struct sink *k);	/* negative errno of the first failure, or 0 */
size_t sink_count(const struct sink *k);	/* files and links written */
uint64_t sink_bytes(const struct sink *k);	/* bytes in them */

#endif
