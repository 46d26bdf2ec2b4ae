/* SPDX-License-Identifier: GPL-2.0-or-later */
/* src_int.h - what src.c and src_open.c share: the source itself, and what a snapshot recorded about failures. */
#ifndef WCDIAG_SRC_INT_H
#define WCDIAG_SRC_INT_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

struct blob;

struct src_error {
	const char *path;	/* into errtext */
	int err;		/* positive */
};

struct src {
	int rootfd;		/* O_PATH of the snapshot's root; -1: the live machine */
	char *name, *root;
	char *tmp;		/* private directory to be removed, or NULL */
	bool held;		/* signals are held back until tmp is removed */
	sigset_t before;
	char *errtext;		/* wcdiag/errors.txt, cut into strings */
	struct src_error *error;	/* sorted by path */
	size_t nerror;
};

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
