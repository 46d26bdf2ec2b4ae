/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sink.c - the temporary name, the choice of form, and the rename; the two forms are rows of functions. */
#include "sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sink_int.h"
#include "snapshot.h"
#include "private_dir.h"

static const struct {
	const char *end;
	const struct sink_ops *ops;	/* NULL: a form that is read, but not written */
	bool gzip;
} endings[] = {
	{ ".tar.gz", &sink_tar, true },
	{ ".tgz", &sink_tar, true },
	{ ".tar", &sink_tar, false },
	{ ".tar.xz", NULL, false },
	{ ".tar.zst", NULL, false },
	{ ".tar.bz2", NULL, false },
	{ ".txz", NULL, false },
	{ ".zip", NULL, false },
	{ ".cpio", NULL, false },
	{ ".gz", NULL, false },
};

static int say(int rc, char *why, size_t whylen, const char *what)
{
	if (why && whylen)
		snprintf(why, whylen, "%s", what);
	return rc;
}

/* "x/DIR/" and "x/DIR" are the same target. */
static char *trimmed(const char *path)
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	return strndup(path, n);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int choose(struct sink *k, char *why, size_t whylen)
{
	const char *base = base_name(k->path);
	size_t n = strlen(base);

	if (!n || !strcmp(base, ".") || !strcmp(base, ".."))
		return say(-EINVAL, why, whylen, "not a name for a snapshot");
	k->ops = &sink_tree;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t e = strlen(endings[i].end);

		if (n <= e || strcmp(base + n - e, endings[i].end))
			continue;
		if (!endings[i].ops)
			return say(-ENOTSUP, why, whylen, "archives are written as .tar.gz, .tgz or .tar");
		k->ops = endings[i].ops;
		k->gzip = endings[i].gzip;
		n -= e;
		break;
	}
	k->folder = strndup(base, n);
	return k->folder ? 0 : say(-ENOMEM, why, whylen, strerror(ENOMEM));
}

/* May the target be written at all? Asked first, before minutes of reading; the rename at the end decides. */
static int check_target(const struct sink *k, bool force, char *why, size_t whylen)
{
	char marker[4096];
	struct stat st;

	if (lstat(k->path, &st) < 0)
		return errno == ENOENT ? 0 : say(-errno, why, whylen, strerror(errno));
	if (!force)
		return say(-EEXIST, why, whylen, "it exists already");
	if (k->ops != &sink_tree)
		return S_ISREG(st.st_mode) ? 0 : say(-EEXIST, why, whylen, "it exists and is not a regular file");
	snprintf(marker, sizeof(marker), "%s/%s", k->path, SNAPSHOT_MARKER);
	if (!S_ISDIR(st.st_mode) || access(marker, F_OK) < 0)
		return say(-EEXIST, why, whylen, "it exists and is not a snapshot: not replaced");
	return 0;
}

int sink_open(struct sink **out, const char *path, bool force, char *why, size_t whylen)
{
	struct sink *k = calloc(1, sizeof(*k));
	int rc;

	*out = NULL;
	if (!k)
		return say(-ENOMEM, why, whylen, strerror(ENOMEM));
	k->fd = -1;
	k->force = force;
	k->path = trimmed(path);
	rc = k->path ? choose(k, why, whylen) : say(-ENOMEM, why, whylen, strerror(ENOMEM));
	if (!rc)
		rc = check_target(k, force, why, whylen);
	if (!rc && asprintf(&k->tmp, "%.*s.%s.XXXXXX", (int)(base_name(k->path) - k->path), k->path,
			    base_name(k->path)) < 0) {
		k->tmp = NULL;
		rc = say(-ENOMEM, why, whylen, strerror(ENOMEM));
	}
	if (!rc) {
		rc = k->ops->open(k);
		if (rc)
			say(rc, why, whylen, strerror(-rc));
	}
	if (rc) {
		sink_abort(k);
		return rc;
	}
	*out = k;
	return 0;
}

/* The first failure stays: everything after it is pointless, and commit reports it. */
static int keep(struct sink *k, int rc)
{
	if (rc && !k->failed)
		k->failed = rc;
	return k->failed;
}

int sink_dir(struct sink *k, const char *path)
{
	return k->failed ? k->failed : keep(k, k->ops->dir(k, path));
}

int sink_file(struct sink *k, const char *path, const void *data, size_t len)
{
	if (k->failed)
		return k->failed;
	k->count++;
	k->bytes += len;
	return keep(k, k->ops->file(k, path, data, len));
}

int sink_link(struct sink *k, const char *path, const char *target)
{
	if (k->failed)
		return k->failed;
	k->count++;
	return keep(k, k->ops->link(k, path, target));
}

int sink_failed(const struct sink *k)
{
	return k->failed;
}

size_t sink_count(const struct sink *k)
{
	return k->count;
}

uint64_t sink_bytes(const struct sink *k)
{
	return k->bytes;
}

/* Put the temporary name in place of path. */
static int move(struct sink *k)
{
	if (!k->force) {
		if (renameat2(AT_FDCWD, k->tmp, AT_FDCWD, k->path, RENAME_NOREPLACE) == 0)
			return 0;
		if (errno != EINVAL && errno != ENOSYS)
			return -errno;
		/* A file system without the flag: a look and a rename, with a gap between them. */
		if (access(k->path, F_OK) == 0)
			return -EEXIST;
		return rename(k->tmp, k->path) < 0 ? -errno : 0;
	}
	if (k->ops == &sink_tree && access(k->path, F_OK) == 0) {
		/* A directory cannot be renamed over another: swap, and remove what was there. */
		if (renameat2(AT_FDCWD, k->tmp, AT_FDCWD, k->path, RENAME_EXCHANGE) < 0)
			return -errno;
		private_dir_remove(k->tmp);
		return 0;
	}
	return rename(k->tmp, k->path) < 0 ? -errno : 0;
}

static void sink_free(struct sink *k)
{
	free(k->path);
	free(k->folder);
	free(k->tmp);
	free(k);
}

int sink_commit(struct sink *k, char *why, size_t whylen)
{
	int rc = k->ops->close(k);

	keep(k, rc);
	if (!k->failed) {
		rc = move(k);
		if (!rc) {
			sink_free(k);
			return 0;
		}
		k->failed = rc;
	}
	rc = k->failed;
	say(rc, why, whylen, rc == -EEXIST ? "it came to exist meanwhile" : strerror(-rc));
	k->ops->discard(k);
	sink_free(k);
	return rc;
}

void sink_abort(struct sink *k)
{
	if (!k)
		return;
	if (k->ops && k->opened) {
		k->ops->close(k);
		k->ops->discard(k);
	}
	sink_free(k);
}
