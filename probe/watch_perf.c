/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch_perf.c - the watch by perf's kprobe PMU: registers and stack when a function that decides begins. READ.
 *
 * A probe more for each function and processor (the kernel has no event of all processors), each bound to its
 * descriptor; a ring a processor. Where BPF is refused and perf is not; what it cannot see is said (watch_lacks).
 * Source: Linux kernel/events/core.c (perf_kprobe), include/uapi/linux/perf_event.h,
 * arch/x86/include/uapi/asm/perf_regs.h.
 */
#include <asm/perf_regs.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "msr.h"
#include "src.h"
#include "watch_int.h"
#include "watch_perf_int.h"

#define ONLINE	 "/sys/devices/system/cpu/online"
#define PMU_TYPE "/sys/bus/event_source/devices/kprobe/type"

/* All rings together; a processor's is a power of two of pages. */
#define RINGS	   (64UL << 20)
#define RING_MOST  (8UL << 20)
#define RING_LEAST (64UL << 10)

#define REGS_MASK                                                                                                      \
	(1ULL << PERF_REG_X86_CX | 1ULL << PERF_REG_X86_DX | 1ULL << PERF_REG_X86_SI | 1ULL << PERF_REG_X86_DI)

const struct probed perf_probed[PERF_PROBED] = {
	{ "memtype_reserve", WATCH_RAW_RESERVE, NULL },
	{ "memtype_free", WATCH_RAW_FREE, NULL },
	{ "track_pfn_insert", WATCH_RAW_INSERT, "" },
	{ "pfnmap_setup_cachemode", WATCH_RAW_SETUP, "" },
};
static int open_event(unsigned int type, const char *function, int cpu)
{
	struct perf_event_attr a = {
		.type = type,
		.size = sizeof(a),
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CALLCHAIN |
			       PERF_SAMPLE_REGS_INTR,
		.sample_regs_intr = REGS_MASK,
		.sample_max_stack = WATCH_FRAMES,
		.exclude_callchain_user = 1,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
		.watermark = 0,
		.wakeup_events = 1,
		.kprobe_func = (uint64_t)(uintptr_t)function,
	};

	return (int)syscall(SYS_perf_event_open, &a, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

static int open_tasks(int cpu)
{
	struct perf_event_attr a = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_DUMMY,
		.size = sizeof(a),
		.sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_TIME,
		.sample_id_all = 1,
		.comm = 1,
		.task = 1,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
	};

	return (int)syscall(SYS_perf_event_open, &a, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

static int refused(const struct watch *w, struct fact *f, int err)
{
	return watch_refusal(w, f, "perf_event_open(kprobe)", err,
			     "a kernel with CONFIG_KPROBE_EVENTS and CONFIG_PERF_EVENTS");
}

static int pmu_type(const struct src *s, unsigned int *type, struct fact *why)
{
	struct blob text;
	int rc = src_read(s, PMU_TYPE, &text);

	if (rc) {
		fact_missing(why, s, PMU_TYPE, -rc, "a kernel with CONFIG_KPROBE_EVENTS and CONFIG_PERF_EVENTS");
		return rc;
	}
	*type = (unsigned int)strtoul(text.data, NULL, 10);
	blob_free(&text);
	return 0;
}

/* One processor's probes and its ring. The first event that is there has the ring, and the others write into it. */
static int open_ring(struct by_perf *b, struct ring *r, unsigned int type, int cpu)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = r };
	int first = -1;

	r->tasks = -1;
	for (size_t i = 0; i < PERF_PROBED; i++)
		r->fd[i] = -1;
	for (size_t i = 0; i < PERF_PROBED; i++) {
		r->fd[i] = open_event(type, perf_probed[i].name, cpu);
		if (r->fd[i] < 0 && !perf_probed[i].lack)
			return -errno;
		if (r->fd[i] < 0)
			continue;
		if (ioctl(r->fd[i], PERF_EVENT_IOC_ID, &r->id[i]))
			return -errno;
		if (first < 0) {
			void *page = mmap(NULL, b->bytes + (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
					  MAP_SHARED, r->fd[i], 0);

			if (page == MAP_FAILED)
				return -errno;
			r->page = page;
			first = r->fd[i];
		} else if (ioctl(r->fd[i], PERF_EVENT_IOC_SET_OUTPUT, first)) {
			return -errno;
		}
	}
	r->tasks = open_tasks(cpu);
	if (r->tasks < 0 || ioctl(r->tasks, PERF_EVENT_IOC_SET_OUTPUT, first))
		return -errno;
	return epoll_ctl(b->epoll, EPOLL_CTL_ADD, first, &ev) ? -errno : 0;
}

static int open_perf(struct watch *w, struct fact *why)
{
	struct by_perf *b = calloc(1, sizeof(*b));
	unsigned int type = 0;
	unsigned int *cpu = NULL;
	struct blob online;
	size_t ncpu = 0;
	int rc;

	if (!b)
		return -ENOMEM;
	w->way = b;
	b->epoll = epoll_create1(EPOLL_CLOEXEC);
	rc = b->epoll < 0 ? -errno : pmu_type(w->p.s, &type, why);
	if (rc)
		return rc;
	rc = src_read(w->p.s, ONLINE, &online);
	if (!rc) {
		rc = cpulist_parse(online.data, online.len, &cpu, &ncpu);
		blob_free(&online);
	}
	if (rc || !ncpu) {
		fact_missing(why, w->p.s, ONLINE, rc ? -rc : EBADMSG, NULL);
		return rc ? rc : -EBADMSG;
	}
	b->ring = calloc(ncpu, sizeof(*b->ring));
	for (b->bytes = RING_MOST; b->bytes > RING_LEAST && b->bytes > RINGS / ncpu;)
		b->bytes /= 2;
	rc = b->ring ? 0 : -ENOMEM;
	for (size_t i = 0; i < ncpu && !rc; i++) {
		b->n = i + 1;
		rc = open_ring(b, &b->ring[i], type, (int)cpu[i]);
	}
	free(cpu);
	if (rc)
		return refused(w, why, -rc);
	watch_lacks(w, "the type that came back, and whether the request was refused");
	watch_lacks(w, "remaps of a part of a mapping");
	if (b->ring[0].fd[2] < 0 && b->ring[0].fd[3] < 0)
		watch_lacks(w, "pages inserted at fault time");
	else
		watch_lacks(w, "what was asked for by pages inserted at fault time");
	fact_known(why, "perf's kprobe PMU");
	return 0;
}

static void close_perf(struct watch *w)
{
	struct by_perf *b = w->way;

	if (!b)
		return;
	for (size_t i = 0; i < b->n; i++) {
		if (b->ring[i].page)
			munmap(b->ring[i].page, b->bytes + (size_t)sysconf(_SC_PAGESIZE));
		for (size_t k = 0; k < PERF_PROBED; k++)
			if (b->ring[i].fd[k] >= 0)
				close(b->ring[i].fd[k]);
		if (b->ring[i].tasks >= 0)
			close(b->ring[i].tasks);
	}
	if (b->epoll >= 0)
		close(b->epoll);
	pid_names_free(&b->names);
	free(b->batch);
	free(b->ring);
	free(b);
}

static int fd_perf(const struct watch *w)
{
	return ((const struct by_perf *)w->way)->epoll;
}

static void counts_perf(struct watch *w)
{
	const struct by_perf *b = w->way;

	w->state.seen = b->seen;
	w->state.lost = b->lost + w->garbled;
}

const struct watch_ops watch_by_perf = {
	.way = WATCH_PERF,
	.open = open_perf,
	.close = close_perf,
	.fd = fd_perf,
	.take = watch_perf_take,
	.counts = counts_perf,
};
