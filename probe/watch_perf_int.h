/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch_perf_int.h - shared by watch_perf.c, which opens, and watch_perf_take.c, which reads. */
#ifndef WCDIAG_WATCH_PERF_INT_H
#define WCDIAG_WATCH_PERF_INT_H

#include <linux/perf_event.h>

#include "watch_int.h"
#include "watch_perf_names.h"
#include "watch_record.h"

/* In the order of the calling convention: the arguments. The kernel writes registers in the order of their numbers. */
enum { CX, DX, SI, DI, REGS };
struct probed {
	const char *name;
	enum watch_raw_kind kind;
	const char *lack; /* what is not seen where it cannot be probed; NULL: then the watch is for nothing */
};

#define PERF_PROBED 4
extern const struct probed perf_probed[PERF_PROBED];

struct ring {
	int fd[PERF_PROBED]; /* -1: not there */
	int tasks;	     /* an event that counts nothing, for the names of processes */
	struct perf_event_mmap_page *page;
	uint64_t id[PERF_PROBED];
};

/* A decision, or what is told of a process: both in the order of time. */
struct noted {
	enum { NOTED_DECISION, NOTED_NAME, NOTED_CHILD, NOTED_END } what;
	struct watch_record r; /* of a child tid is the parent */
};

#define PERF_ENDED 1024

struct by_perf {
	struct ring *ring;
	size_t n, bytes; /* bytes: of a ring's data */
	int epoll;
	struct noted *batch; /* what was read; between two calls what is too young */
	size_t nbatch, cap;
	struct pid_names names;
	int ended[PERF_ENDED]; /* the last processes that have */
	size_t nended;
	uint64_t seen, lost;
};

/* What has come since, in the order of time, to watch_hand_over(). 0, what that returned, or -ENOMEM. */
int watch_perf_take(struct watch *w);

#endif
