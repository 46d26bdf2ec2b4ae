// SPDX-License-Identifier: GPL-2.0-or-later
/* report_file.c - writes the page under a temporary name beside its own, and renames it when it is complete. */
#include "cmd/report_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/report.h"

static int page_to(FILE *f, struct page *p)
{
	page_write(p, f);
	if (!p->h.err && ferror(f))
		p->h.err = -EIO;
	return p->h.err;
}

/* Has its permissions: the old file's, or what the umask leaves. */
static int permissions(int fd, const struct stat *old)
{
	mode_t mask = umask(0);

	umask(mask);
	return fchmod(fd, old ? old->st_mode & 0777 : 0666 & ~mask) ? -errno : 0;
}

static int replace(const char *name, const struct stat *old, struct page *p)
{
	char tmp[PATH_MAX];
	int fd, rc;
	FILE *f;

	if (snprintf(tmp, sizeof(tmp), "%s.XXXXXX", name) >= (int)sizeof(tmp))
		return -ENAMETOOLONG;
	fd = mkostemp(tmp, 0);
	if (fd < 0)
		return -errno;
	f = fdopen(fd, "w");
	if (!f) {
		rc = -errno;
		close(fd);
		unlink(tmp);
		return rc;
	}
	rc = permissions(fd, old);
	if (!rc)
		rc = page_to(f, p);
	if (!rc && fsync(fd) && errno != EINVAL)
		rc = -errno;
	if (fclose(f) && !rc)
		rc = -errno;
	if (!rc && rename(tmp, name))
		rc = -errno;
	if (rc)
		unlink(tmp);
	return rc;
}

/* A pipe or a device is written to, not replaced. */
static int straight(const char *name, struct page *p)
{
	FILE *f = fopen(name, "we");
	int rc;

	if (!f)
		return -errno;
	rc = page_to(f, p);
	if (fclose(f) && !rc)
		rc = -errno;
	return rc;
}

int report_file(const char *name, struct page *p)
{
	char real[PATH_MAX];
	struct stat st;

	if (!strcmp(name, "-"))
		return page_to(stdout, p);
	if (stat(name, &st))
		return errno == ENOENT ? replace(name, NULL, p) : -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return straight(name, p);
	/* A link stays one. */
	if (!realpath(name, real))
		return -errno;
	return replace(real, &st, p);
}
