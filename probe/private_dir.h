/* SPDX-License-Identifier: GPL-2.0-or-later */
/* private_dir.h - a directory of one's own under $TMPDIR. */
#ifndef WCDIAG_PRIVATE_DIR_H
#define WCDIAG_PRIVATE_DIR_H

/* mkdtemp() under $TMPDIR, or /tmp; 0700. *path is malloc'ed, *dirfd is open for it. */
int private_dir_make(char **path, int *dirfd);
/* Remove it and all in it, relative to descriptors, following no link. */
void private_dir_remove(const char *path);

#endif
