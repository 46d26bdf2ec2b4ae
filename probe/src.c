/* SPDX-License-Identifier: GPL-2.0-or-later */
/* src.c - opens, reads and lists; on the live machine as it is, in a snapshot's directory only below its root. */
#include "src.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "resolve.h"
#include "src_int.h"

void blob_free(struct blob *b)
{
	free(b->data);
	*b = (struct blob){ NULL, 0 };
}

bool src_is_live(const struct src *s)
{
	return s->rootfd < 0 && !s->tree;
}

const char *src_name(const struct src *s)
{
	return s->name;
}

int src_absent(const struct src *s, const char *path, int err)
{
	const struct src_error *e;

	if (src_is_live(s) || (err != ENOENT && err != ENOTDIR))
		return -err;
	e = src_recorded(s, path);
	return e ? -e->err : -ENODATA;
}

/*
 * In a snapshot only files and directories are opened. The look before opening matters: opening a fifo may block
 * and opening a device does something to it.
 */
static int open_in_root(const struct src *s, const char *path, int flags)
{
	struct stat st;
	int fd;

	fd = resolve_open(s->rootfd, path, O_PATH);
	if (fd < 0)
		return src_absent(s, path, -fd);
	if (fstat(fd, &st) < 0 || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))) {
		close(fd);
		return -EINVAL;
	}
	close(fd);
	fd = resolve_open(s->rootfd, path, flags);
	return fd < 0 ? src_absent(s, path, -fd) : fd;
}

static int open_flags(const struct src *s, const char *path, int flags)
{
	int fd;

	/* O_NONBLOCK: the kernel log ends instead of waiting, and nothing that stands where a file should blocks us. */
	flags |= O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	if (!src_is_live(s))
		return open_in_root(s, path, flags);
	fd = open(path, flags);
	return fd < 0 ? -errno : fd;
}

int src_open(const struct src *s, const char *path)
{
	return s->tree ? src_mem_open(s, path) : open_flags(s, path, 0);
}

/* n bytes or up to the end; the count. */
static ssize_t read_full(int fd, char *buf, size_t n)
{
	size_t got = 0;

	while (got < n) {
		ssize_t r = read(fd, buf + got, n - got);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (!r)
			break;
		got += (size_t)r;
	}
	return (ssize_t)got;
}

int src_read_fd(int fd, struct blob *out)
{
	struct stat st;
	size_t cap, len = 0;
	char *data = NULL;
	ssize_t r;

	*out = (struct blob){ NULL, 0 };
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	/* /proc and /sys say 0 or 4096 whatever they hold: the size is a hint, the end of file decides. */
	if (st.st_size > (off_t)SRC_MAX_FILE)
		return -EFBIG;
	cap = st.st_size > 0 ? (size_t)st.st_size + 1 : 4096;
	for (;;) {
		char *p = realloc(data, cap + 1);

		if (!p) {
			free(data);
			return -ENOMEM;
		}
		data = p;
		r = read_full(fd, data + len, cap - len);
		if (r < 0 || len + (size_t)r > SRC_MAX_FILE) {
			free(data);
			return r < 0 ? (int)r : -EFBIG;
		}
		len += (size_t)r;
		if (len < cap)
			break;
		cap *= 2;
	}
	data[len] = '\0';
	*out = (struct blob){ data, len };
	return 0;
}

int src_read(const struct src *s, const char *path, struct blob *out)
{
	int fd, rc;

	if (s->tree)
		return src_mem_read(s, path, out);
	*out = (struct blob){ NULL, 0 };
	fd = src_open(s, path);
	if (fd < 0)
		return fd;
	rc = src_read_fd(fd, out);
	close(fd);
	return rc;
}

int src_pread(const struct src *s, const char *path, void *buf, size_t n, uint64_t offset)
{
	size_t got = 0;
	int fd, rc = 0;

	if (n > INT32_MAX || offset > INT64_MAX - n)
		return -EINVAL;
	if (s->tree)
		return src_mem_pread(s, path, buf, n, offset);
	fd = src_open(s, path);
	if (fd < 0)
		return fd;
	while (got < n) {
		ssize_t r = pread(fd, (char *)buf + got, n - got, (off_t)(offset + got));

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0) {
			rc = r < 0 ? -errno : 0;
			break;
		}
		got += (size_t)r;
	}
	close(fd);
	return rc ? rc : (int)got;
}

int src_readlink(const struct src *s, const char *path, char *buf, size_t len)
{
	ssize_t n;
	int fd;

	if (!len)
		return -EINVAL;
	if (s->tree)
		return src_mem_readlink(s, path, buf, len);
	if (src_is_live(s)) {
		n = readlink(path, buf, len);
		if (n < 0)
			return -errno;
	} else {
		struct stat st;

		fd = resolve_open(s->rootfd, path, O_PATH | O_NOFOLLOW);
		if (fd < 0)
			return src_absent(s, path, -fd);
		/* The kernel's own answer for "no link" is ENOENT here; say EINVAL as readlink(2) does. */
		n = fstat(fd, &st) == 0 && S_ISLNK(st.st_mode) ? readlinkat(fd, "", buf, len) : -1;
		close(fd);
		if (n < 0)
			return -EINVAL;
	}
	if ((size_t)n >= len)
		return -ENAMETOOLONG;
	buf[n] = '\0';
	return 0;
}

int src_exists(const struct src *s, const char *path)
{
	struct stat st;
	int fd;

	if (s->tree)
		return src_mem_exists(s, path);
	if (src_is_live(s))
		return stat(path, &st) < 0 ? -errno : 0;
	fd = resolve_open(s->rootfd, path, O_PATH);
	if (fd < 0)
		return src_absent(s, path, -fd);
	close(fd);
	return 0;
}

static int by_version(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

int src_list_add(char ***names, size_t *n, size_t *cap, const char *name)
{
	if (*n == *cap) {
		char **p = reallocarray(*names, *cap ? *cap * 2 : 32, sizeof(*p));

		if (!p)
			return -ENOMEM;
		*names = p;
		*cap = *cap ? *cap * 2 : 32;
	}
	(*names)[*n] = strdup(name);
	if (!(*names)[*n])
		return -ENOMEM;
	(*n)++;
	return 0;
}

static int list_dir(const struct src *s, const char *path, char ***names, size_t *n)
{
	int rc = 0, fd = open_flags(s, path, O_DIRECTORY);
	size_t cap = 0;
	struct dirent *e;
	DIR *d;

	if (fd < 0)
		return fd;
	d = fdopendir(fd);
	if (!d) {
		rc = -errno;
		close(fd);
		return rc;
	}
	while (!rc && (errno = 0, e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			rc = src_list_add(names, n, &cap, e->d_name);
	if (!rc)
		rc = -errno;
	closedir(d);
	return rc;
}

int src_list(const struct src *s, const char *path, char ***names, size_t *n)
{
	int rc;

	*names = NULL;
	*n = 0;
	rc = s->tree ? src_mem_list(s, path, names, n) : list_dir(s, path, names, n);
	if (rc) {
		src_list_free(*names, *n);
		*names = NULL;
		*n = 0;
		return rc;
	}
	if (*n)
		qsort(*names, *n, sizeof(**names), by_version);
	return 0;
}

void src_list_free(char **names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	free(names);
}

void src_why(const struct src *s, const char *path, int err, char *buf, size_t len)
{
	const struct src_error *e;

	if (!s || src_is_live(s)) {
		snprintf(buf, len, "%s", strerror(err));
		return;
	}
	e = src_recorded(s, path);
	if (e && e->err == err)
		snprintf(buf, len, "%s when the snapshot was taken", strerror(err));
	else if (err == ENODATA)
		snprintf(buf, len, "not in the snapshot");
	else
		snprintf(buf, len, "%s in the snapshot", strerror(err));
}
