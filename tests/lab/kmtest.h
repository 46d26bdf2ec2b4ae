/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kmtest.h - what the programs that try the helper module inside the guest share. They print TAP lines without numbers.
 */
#ifndef KMTEST_H
#define KMTEST_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "km/wcdiag_km.h"

#define PAGE 4096ULL

static int failures;

__attribute__((format(printf, 2, 3), unused)) static bool ok(bool yes, const char *what, ...)
{
	va_list ap;

	va_start(ap, what);
	printf(yes ? "ok - " : "not ok - ");
	vprintf(what, ap);
	printf("\n");
	fflush(stdout);
	va_end(ap);
	failures += !yes;
	return yes;
}

__attribute__((format(printf, 1, 2), noreturn, unused)) static void die(const char *what, ...)
{
	va_list ap;

	va_start(ap, what);
	printf("not ok - ");
	vprintf(what, ap);
	printf(": %s\n", strerror(errno));
	exit(1);
}

__attribute__((unused)) static int km_device(void)
{
	int fd = open("/dev/" WCDIAG_KM_NODE, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die("/dev/" WCDIAG_KM_NODE);
	return fd;
}

/* 0 or the errno. */
__attribute__((unused)) static int try(int fd, unsigned long cmd, void *arg)
{
	return ioctl(fd, cmd, arg) ? errno : 0;
}

__attribute__((unused)) static bool wants(int got, int want, const char *what)
{
	return ok(got == want, "%s: %s%s%s", what, want ? strerrorname_np(want) : "success",
		  got == want ? "" : ", got ",
		  got == want ? ""
		  : got	      ? strerrorname_np(got)
			      : "success");
}

__attribute__((unused)) static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A walk from end to end; the runs are joined into one array, never more than max. */
struct walked {
	struct wcdiag_km_run *runs;
	struct wcdiag_km_upper *upper;
	unsigned int n, max, calls;
	int err;
};

__attribute__((unused)) static struct walked walk(int fd, int pid, uint64_t start, uint64_t end, unsigned int flags,
						  uint64_t ignore, unsigned int each)
{
	struct walked w = { .max = 1 << 20 };

	w.runs = calloc(w.max + each, sizeof(*w.runs));
	w.upper = calloc(w.max + each, sizeof(*w.upper));
	while (start < end) {
		if (w.n >= w.max) {
			ok(false, "a walk of no more than %u runs", w.max);
			exit(1);
		}
		struct wcdiag_km_walk r = {
			.target = pid ? WCDIAG_KM_PROCESS : WCDIAG_KM_KERNEL,
			.pid = pid,
			.start = start,
			.end = end,
			.runs = (uintptr_t)(w.runs + w.n),
			.upper = (uintptr_t)(w.upper + w.n),
			.ignore = ignore,
			.max_runs = each,
			.flags = flags,
		};

		w.calls++;
		w.err = try(fd, WCDIAG_KM_WALK, &r);
		if (w.err)
			break;
		if (r.nruns > each || r.next < start || r.next > end) {
			ok(false, "an impossible answer: nruns %u, next %#llx", r.nruns, r.next);
			exit(1);
		}
		w.n += r.nruns;
		start = r.next;
	}
	return w;
}

__attribute__((unused)) static void walked_free(struct walked *w)
{
	free(w->runs);
	free(w->upper);
}

/* The frame that pagemap shows; 0: none. */
__attribute__((unused)) static uint64_t pagemap_phys(const void *at)
{
	static int fd = -1;
	uint64_t v = 0;

	if (fd < 0)
		fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (pread(fd, &v, sizeof(v), (off_t)((uintptr_t)at / PAGE * 8)) != sizeof(v) || !(v >> 63))
		return 0;
	return (v & ((1ULL << 55) - 1)) * PAGE;
}

#endif
