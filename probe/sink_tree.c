/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sink_tree.c - a snapshot as a directory; readable by its owner alone, since some of it only root may read. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sink_int.h"
#include "private_dir.h"

static int tree_open(struct sink *k)
{
	if (!mkdtemp(k->tmp))
		return -errno;
	k->opened = true;
	k->fd = open(k->tmp, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return k->fd < 0 ? -errno : 0;
}

/* Make the directories above path's last component (with all: that one too). */
static int make_dirs(struct sink *k, const char *path, bool all)
{
	char part[4096];

	for (const char *p = path; ; p++) {
		size_t n;

		p = strchrnul(p, '/');
		if (!*p && !all)
			return 0;
		n = (size_t)(p - path);
		if (n >= sizeof(part))
			return -ENAMETOOLONG;
		memcpy(part, path, n);
		part[n] = '\0';
		if (mkdirat(k->fd, part, 0700) < 0 && errno != EEXIST)
			return -errno;
		if (!*p)
			return 0;
	}
}

static int tree_dir(struct sink *k, const char *path)
{
	return make_dirs(k, path, true);
}

static int tree_file(struct sink *k, const char *path, const void *data, size_t len)
{
	const char *p = data;
	int fd, rc = make_dirs(k, path, false);

	if (rc)
		return rc;
	fd = openat(k->fd, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	while (len && !rc) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			rc = -errno;
			break;
		}
		p += n;
		len -= (size_t)n;
	}
	if (close(fd) < 0 && !rc)
		rc = -errno;
	return rc;
}

static int tree_link(struct sink *k, const char *path, const char *target)
{
	int rc = make_dirs(k, path, false);

	if (!rc && symlinkat(target, k->fd, path) < 0)
		rc = -errno;
	return rc;
}

static int tree_close(struct sink *k)
{
	if (k->fd >= 0)
		close(k->fd);
	k->fd = -1;
	return 0;
}

static void tree_discard(struct sink *k)
{
	private_dir_remove(k->tmp);
}

const struct sink_ops sink_tree = {
	.open = tree_open,
	.dir = tree_dir,
	.file = tree_file,
	.link = tree_link,
	.close = tree_close,
	.discard = tree_discard,
};
