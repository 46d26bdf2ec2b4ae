/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace_through.c - the tracer's own mapping of what the program maps: stores of known ways are executed through it. Of
 * a regular file through any descriptor of that file; of a device only through the program's own, for drivers keep
 * state with an open file.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "trace_int.h"

/* A descriptor of the program that is this file, open for writing. */
static int of_program(pid_t pid, const struct trace_place *p)
{
	char path[300];
	struct dirent *e;
	int fd = -1;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	d = opendir(path);
	while (d && fd < 0 && (e = readdir(d))) {
		struct stat st;

		snprintf(path, sizeof(path), "/proc/%d/fd/%s", pid, e->d_name);
		if (*e->d_name == '.' || stat(path, &st) || st.st_ino != p->ino || st.st_dev != p->dev)
			continue;
		if (!p->device) {
			fd = S_ISREG(st.st_mode) ? open(path, O_RDWR | O_CLOEXEC) : -1;
		} else {
			int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

			fd = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, atoi(e->d_name), 0);
			if (pidfd >= 0)
				close(pidfd);
			if (fd >= 0 && (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDWR) {
				close(fd);
				fd = -1;
			}
		}
	}
	if (d)
		closedir(d);
	return fd;
}

static int by_path(pid_t pid, const struct trace_place *p)
{
	char path[300];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/root%s", pid, p->path);
	if (p->device || stat(path, &st) || !S_ISREG(st.st_mode) || st.st_dev != p->dev || st.st_ino != p->ino)
		return -1;
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0 && (fstat(fd, &st) || st.st_dev != p->dev || st.st_ino != p->ino)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/*
 * Of sysfs's resourceN the kernel shows the bus address as the offset (pci-sysfs.c: pci_mmap_resource_range); the
 * file's own begins at the BAR, whose address is in the file "resource" beside it. -1: not to be told.
 */
static off_t file_offset(const struct trace_place *p, const struct range *r)
{
	const char *name = strrchr(p->path, '/');
	unsigned long long start = 0;
	char path[200], line[200];
	bool found = false;
	int bar, at = 0;
	FILE *f;

	if (!p->device || strncmp(p->path, "/sys/", 5) != 0 || sscanf(name, "/resource%d", &bar) != 1)
		return (off_t)r->offset;
	snprintf(path, sizeof(path), "%.*s/resource", (int)(name - p->path), p->path);
	f = fopen(path, "re");
	while (f && !found && fgets(line, sizeof(line), f))
		found = at++ == bar && sscanf(line, "%llx", &start) == 1;
	if (f)
		fclose(f);
	start &= ~4095ull;
	return found && start && r->offset >= start ? (off_t)(r->offset - start) : -1;
}

static void try_it(struct trace *t, struct thread *th, struct range *r)
{
	const struct trace_place *p = &t->places[r->place];
	size_t len = r->end - r->start;
	off_t offset;
	void *m;
	int fd;

	r->ours_tried = true;
	if (p->device && !t->calls->same_entry)
		return;
	fd = of_program(th->p->pid, p);
	if (fd < 0)
		fd = by_path(th->p->pid, p);
	if (fd < 0)
		return;
	offset = file_offset(p, r);
	m = offset < 0 ? MAP_FAILED : mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
	if (m == MAP_FAILED || (p->device && !t->calls->same_entry(th->p->pid, r->start, m, t->ctx))) {
		if (m != MAP_FAILED)
			munmap(m, len);
		close(fd);
		return;
	}
	r->ours = m;
	r->ours_len = len;
	r->fd = fd;
}

void *tr_ours(struct trace *t, struct thread *th, struct range *r, uint64_t addr, uint64_t len)
{
	if (!r->through || addr < r->start || len > r->end - addr)
		return NULL;
	if (!r->ours_tried)
		try_it(t, th, r);
	return r->ours ? r->ours + (addr - r->start) : NULL;
}

void tr_ours_drop(struct range *r)
{
	if (r->ours)
		munmap(r->ours, r->ours_len);
	if (r->ours && r->fd >= 0)
		close(r->fd);
	r->ours = NULL;
	r->fd = -1;
}
