/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch_perf_names.h - names of processes as they change: internal to watch_perf.c. Pure.
 *
 * A sample of perf's has no name, and the process may have ended before it is read: so the names are kept as the kernel
 * tells of each new one (PERF_RECORD_COMM), each child (FORK) and each end (EXIT), in the order of time.
 */
#ifndef WCDIAG_WATCH_PERF_NAMES_H
#define WCDIAG_WATCH_PERF_NAMES_H

#include <stddef.h>

struct pid_name {
	int pid; /* 0: free */
	char comm[16];
};

struct pid_names {
	struct pid_name *slot; /* open places, n a power of two, at most half of them taken */
	size_t n, used;
};

/* 0 or -ENOMEM. */
int pid_names_set(struct pid_names *t, int pid, const char *comm);
const char *pid_names_get(const struct pid_names *t, int pid); /* NULL: not known */
void pid_names_drop(struct pid_names *t, int pid);
void pid_names_free(struct pid_names *t);

#endif
