/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sink_int.h - what the forms of a sink share. */
#ifndef WCDIAG_SINK_INT_H
#define WCDIAG_SINK_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct archive;
struct sink;

/* All return 0 or a negative errno. */
struct sink_ops {
	int (*open)(struct sink *k);	/* make k->tmp (a template until then) */
	int (*dir)(struct sink *k, const char *path);
	int (*file)(struct sink *k, const char *path, const void *data, size_t len);
	int (*link)(struct sink *k, const char *path, const char *target);
	int (*close)(struct sink *k);	/* finish writing; k->tmp is complete after it */
	void (*discard)(struct sink *k);	/* remove k->tmp */
};
extern const struct sink_ops sink_tree, sink_tar;

struct sink {
	const struct sink_ops *ops;
	char *path;		/* the target, without slashes at its end */
	char *tmp;		/* where it is written until commit */
	char *folder;		/* the one folder in an archive */
	bool gzip, force, opened;
	int failed;		/* negative errno of the first failure */
	int fd;			/* of k->tmp: the directory, or the archive's file */
	const struct archive_lib *lib;
	struct archive *a;
	size_t count;
	uint64_t bytes;
};

#endif
