/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sink_tar.c - a snapshot as a tar archive: one folder, no owner, no time stamp in the gzip header. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "archive_lib.h"
#include "sink_int.h"

static int tar_error(struct sink *k)
{
	int err = k->lib->archive_errno(k->a);

	/* libarchive's own numbers (-1: "miscellaneous") are no errno. */
	return err > 0 ? -err : -EIO;
}

static int tar_open(struct sink *k)
{
	const char *absent;

	k->lib = archive_lib(&absent);
	if (!k->lib)
		return -ENOPKG;
	k->fd = mkstemp(k->tmp);	/* mode 0600 */
	if (k->fd < 0)
		return -errno;
	k->opened = true;
	k->a = k->lib->archive_write_new();
	if (!k->a)
		return -ENOMEM;
	if (k->lib->archive_write_set_format_pax_restricted(k->a) != ARCHIVE_OK ||
	    (k->gzip && (k->lib->archive_write_add_filter_gzip(k->a) != ARCHIVE_OK ||
			 k->lib->archive_write_set_filter_option(k->a, "gzip", "timestamp", NULL) != ARCHIVE_OK)) ||
	    k->lib->archive_write_open_fd(k->a, k->fd) != ARCHIVE_OK)
		return tar_error(k);
	return 0;
}

static int put(struct sink *k, const char *path, unsigned int type, const void *data, size_t len, const char *target)
{
	struct archive_entry *e = k->lib->archive_entry_new();
	char *name = NULL;
	int rc = 0;

	if (!e || asprintf(&name, "%s/%s", k->folder, path) < 0) {
		k->lib->archive_entry_free(e);
		return -ENOMEM;
	}
	k->lib->archive_entry_set_pathname(e, name);
	k->lib->archive_entry_set_filetype(e, type);
	k->lib->archive_entry_set_perm(e, type == AE_IFDIR ? 0755 : type == AE_IFLNK ? 0777 : 0644);
	k->lib->archive_entry_set_size(e, (la_int64_t)len);
	k->lib->archive_entry_set_mtime(e, time(NULL), 0);
	if (target)
		k->lib->archive_entry_set_symlink(e, target);
	if (k->lib->archive_write_header(k->a, e) != ARCHIVE_OK)
		rc = tar_error(k);
	else if (len && k->lib->archive_write_data(k->a, data, len) != (la_ssize_t)len)
		rc = tar_error(k);
	k->lib->archive_entry_free(e);
	free(name);
	return rc;
}

static int tar_dir(struct sink *k, const char *path)
{
	return put(k, path, AE_IFDIR, NULL, 0, NULL);
}

static int tar_file(struct sink *k, const char *path, const void *data, size_t len)
{
	return put(k, path, AE_IFREG, data, len, NULL);
}

static int tar_link(struct sink *k, const char *path, const char *target)
{
	return put(k, path, AE_IFLNK, NULL, 0, target);
}

static int tar_close(struct sink *k)
{
	int rc = 0;

	if (k->a) {
		if (k->lib->archive_write_close(k->a) != ARCHIVE_OK)
			rc = tar_error(k);
		k->lib->archive_write_free(k->a);
	}
	k->a = NULL;
	if (k->fd >= 0) {
		/* On the disk before the name says that it is whole. */
		if (!rc && fsync(k->fd) < 0 && errno != EINVAL)
			rc = -errno;
		if (close(k->fd) < 0 && !rc)
			rc = -errno;
	}
	k->fd = -1;
	return rc;
}

static void tar_discard(struct sink *k)
{
	unlink(k->tmp);
}

const struct sink_ops sink_tar = {
	.open = tar_open,
	.dir = tar_dir,
	.file = tar_file,
	.link = tar_link,
	.close = tar_close,
	.discard = tar_discard,
};
