/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pmu_sys.c - the system calls of perf.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "pmu_int.h"

static int sys_open(struct perf_event_attr *attr, pid_t tid, int cpu)
{
	long fd = syscall(SYS_perf_event_open, attr, tid, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : (int)fd;
}

static int sys_run(int fd, bool on)
{
	return ioctl(fd, on ? PERF_EVENT_IOC_ENABLE : PERF_EVENT_IOC_DISABLE, 0) < 0 ? -errno : 0;
}

static int sys_read(int fd, struct pmu_reading *r)
{
	ssize_t n = read(fd, r, sizeof(*r));

	if (n < 0)
		return -errno;
	/* End of file: an event in error state. */
	return n == (ssize_t)sizeof(*r) ? 0 : -EIO;
}

static void sys_close(int fd)
{
	close(fd);
}

static void sys_wait(unsigned int ms)
{
	struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		;
}

static const struct pmu_ops real = { true, sys_open, sys_run, sys_read, sys_close, sys_wait };
const struct pmu_ops *pmu_ops = &real;
