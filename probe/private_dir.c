/* SPDX-License-Identifier: GPL-2.0-or-later */
/* private_dir.c - a directory of one's own: made 0700, and removed without following a link. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "private_dir.h"

int private_dir_make(char **path, int *dirfd)
{
	const char *tmp = getenv("TMPDIR");

	if (asprintf(path, "%s/wcdiag-XXXXXX", tmp && *tmp == '/' ? tmp : "/tmp") < 0) {
		*path = NULL;
		return -ENOMEM;
	}
	if (!mkdtemp(*path)) {
		int rc = -errno;

		free(*path);
		*path = NULL;
		return rc;
	}
	*dirfd = open(*path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*dirfd < 0) {
		int rc = -errno;

		rmdir(*path);
		free(*path);
		*path = NULL;
		return rc;
	}
	return 0;
}

/* The bound only keeps a bug from running away. */
enum { MAX_DEPTH = 128 };

static void empty_dir(int dirfd, int depth)
{
	struct dirent *e;
	DIR *d = fdopendir(dirfd);

	if (!d) {
		close(dirfd);
		return;
	}
	while ((e = readdir(d))) {
		int fd;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if ((e->d_type != DT_DIR && unlinkat(dirfd, e->d_name, 0) == 0) || depth > MAX_DEPTH)
			continue;
		fd = openat(dirfd, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0)
			empty_dir(fd, depth + 1);
		unlinkat(dirfd, e->d_name, AT_REMOVEDIR);
	}
	closedir(d);
}

void private_dir_remove(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0)
		empty_dir(fd, 0);
	rmdir(path);
}
