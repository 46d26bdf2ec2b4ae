/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * maps_thread.c - the mappings of a process whose main thread has ended.
 *
 * The kernel drops a thread's reference to the memory when it ends (kernel/exit.c exit_mm()), and the main thread stays
 * as a zombie until the last one has ended: /proc/PID/maps asks the main thread alone.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "maps_int.h"
#include "scan.h"
#include "src.h"

/* A descriptor, standing at the start; -ESRCH when there is nothing in it. */
static int open_filled(const struct src *s, const char *path)
{
	int fd = src_open(s, path), err;
	ssize_t n;
	char ch;

	if (fd < 0)
		return fd == -ENOENT || fd == -ENODATA ? -ESRCH : fd;
	do
		n = pread(fd, &ch, 1, 0);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return fd;
	err = n ? -errno : -ESRCH;
	close(fd);
	return err;
}

/*
 * One thread and no more: the directory's link count is two and one for each (fs/proc/base.c proc_task_getattr). Most that
 * have no memory are kernel threads, and to list each of them would be most of the work.
 */
static bool single(const struct src *s, const char *path)
{
	struct stat st;

	return src_is_live(s) && !stat(path, &st) && st.st_nlink == 3;
}

int maps_open_thread(const struct src *s, int pid, int *tid)
{
	char path[64], **names;
	int fd = -ESRCH, err;
	size_t n, i;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	if (single(s, path))
		return -ESRCH;
	err = src_list(s, path, &names, &n);
	if (err)	/* a snapshot holds no threads */
		return err == -ENOENT || err == -ENODATA ? -ESRCH : err;
	for (i = 0; i < n && fd == -ESRCH; i++) {
		struct scan t = scan_of(names[i], strlen(names[i]));
		uint64_t v;

		if (!scan_dec(&t, INT_MAX, &v) || !scan_done(&t) || (int)v == pid)
			continue;
		*tid = (int)v;
		snprintf(path, sizeof(path), "/proc/%d/task/%d/maps", pid, *tid);
		fd = open_filled(s, path);
	}
	src_list_free(names, n);
	return fd;
}

int maps_living_thread(const struct src *s, int pid)
{
	char path[64];
	int fd, tid = pid;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	fd = open_filled(s, path);
	if (fd < 0)
		fd = maps_open_thread(s, pid, &tid);
	if (fd < 0)
		return 0;
	close(fd);
	return tid;
}
