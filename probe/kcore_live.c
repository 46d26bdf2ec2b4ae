// SPDX-License-Identifier: GPL-2.0-or-later
/* kcore_live.c - the files of this machine that the kcore reader reads. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kcore_int.h"

#define MAX_FILE ((size_t)1 << 30)

int kcore_read_at(int fd, void *buf, size_t len, uint64_t offset)
{
	size_t got = 0;

	while (got < len) {
		ssize_t r = pread(fd, (char *)buf + got, len - got, (off_t)(offset + got));

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return r ? -errno : -EFAULT;
		got += (size_t)r;
	}
	return 0;
}

int kcore_live_read(void *ctx, void *buf, size_t len, uint64_t offset)
{
	return kcore_read_at(((const struct kcore *)ctx)->fd, buf, len, offset);
}

int kcore_live_flags(void *ctx, uint64_t pfn, uint64_t *flags)
{
	int fd = ((const struct kcore *)ctx)->flags_fd;

	return fd < 0 ? -ENOENT : kcore_read_at(fd, flags, sizeof(*flags), pfn * sizeof(*flags));
}

/* Of a descriptor, which is closed, all there is; terminated. */
static int read_rest(int fd, char **data, size_t *len)
{
	size_t max = 16384, n = 0;
	char *p = malloc(max);
	int err = p ? 0 : -ENOMEM;

	while (!err) {
		ssize_t r;

		if (n + 1 == max) {
			char *more = max < MAX_FILE ? realloc(p, max * 2) : NULL;

			if (!more) {
				err = max < MAX_FILE ? -ENOMEM : -EFBIG;
				break;
			}
			p = more;
			max *= 2;
		}
		r = read(fd, p + n, max - 1 - n);
		if (r < 0 && errno != EINTR)
			err = -errno;
		if (!r)
			break;
		n += r > 0 ? (size_t)r : 0;
	}
	close(fd);
	if (err) {
		free(p);
		return err;
	}
	p[n] = 0;
	*data = p;
	*len = n;
	return 0;
}

int kcore_read_all(const char *path, char **data, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : read_rest(fd, data, len);
}

int kcore_live_proc(void *ctx, int pid, const char *file, char **data, size_t *len)
{
	char path[64];

	(void)ctx;
	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	return kcore_read_all(path, data, len);
}

bool kcore_file_has(const char *path, const char *words)
{
	char *text;
	size_t len;
	bool has;

	if (kcore_read_all(path, &text, &len))
		return false;
	has = strstr(text, words);
	free(text);
	return has;
}
