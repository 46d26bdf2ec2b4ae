/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resolve.h - open a path under a directory that stands for "/", never outside it.
 *
 * Absolute paths and absolute symbolic links begin at the root; ".." at the root stays there. At most 40 links are
 * followed (-ELOOP), as the kernel does. Both return a descriptor (O_CLOEXEC) or a negative errno.
 */
#ifndef WCDIAG_RESOLVE_H
#define WCDIAG_RESOLVE_H

#include <stdbool.h>

/* openat2(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS), or resolve_walk() where the kernel or a sandbox has no openat2. */
int resolve_open(int rootfd, const char *path, int flags);

/* The same one component at a time, O_NOFOLLOW each. Slower, and what it opens is the same. */
int resolve_walk(int rootfd, const char *path, int flags);

/* Does a link's target, read as text from depth directories below the root, stay inside? What it resolves to is another question. */
bool resolve_stays_inside(unsigned int depth, const char *target);

#endif
