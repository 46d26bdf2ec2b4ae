/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unpack.h - an archive that nobody vouches for, into a tree in memory.
 *
 * Formats: tar (ustar, pax, GNU), cpio, zip; one filter of: gzip, bzip2, xz, lzma, lzip, zstd, lz4, compress.
 * Not "all that libarchive has": its mtree format names files of the machine at hand to be read in, and some of its
 * filters start other programs.
 *
 * Refused: absolute names, "..", hard links, device nodes, fifos, sockets, symbolic links that are absolute or whose
 * target, taken lexically, leaves the root, entries below a symbolic link, and everything above the limits.
 */
#ifndef WCDIAG_UNPACK_H
#define WCDIAG_UNPACK_H

#include <stddef.h>
#include <stdint.h>

enum {
	UNPACK_MAX_ENTRIES = 50000,	/* entries and the directories made for them */
	UNPACK_MAX_DEPTH = 64,		/* components of a name; sysfs under 40 bridges needs fewer */
	UNPACK_MAX_NAME = 1000,		/* bytes of a name or of a link's target */
};
#define UNPACK_MAX_TOTAL  ((uint64_t)1 << 30)	/* bytes of all files, holes included */
#define UNPACK_MAX_STREAM ((uint64_t)2 << 30)	/* bytes after decompression, headers and what is skipped included */

struct memtree;

/*
 * fd: the archive, seekable; tree: an empty one. 0, or negative errno with one sentence in why: -EINVAL not an archive or
 * damaged, -EPERM an entry that is refused, -EFBIG above a limit, else errno of keeping it.
 */
int unpack(int fd, struct memtree *tree, char *why, size_t whylen);

#endif
