/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace.c - a trace as a whole: its parameters, what it tells, what it cost. */
#include <cpuid.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "trace_int.h"

#define LEARN 3
#define QUIET 1000

static const char *const note_names[TRACE_NOTES] = {
	[TRACE_MAPPED] = "mapped",   [TRACE_UNMAPPED] = "unmapped",

	[TRACE_THREAD] = "thread",   [TRACE_THREAD_END] = "thread-end",
	[TRACE_FORK] = "fork",	     [TRACE_EXEC] = "exec",
	[TRACE_EXIT] = "exit",	     [TRACE_SIGNAL] = "signal",
	[TRACE_GAP] = "gap",	     [TRACE_UNSEEN] = "unseen",
	[TRACE_PATH] = "path",	     [TRACE_UNSAID] = "unsaid",
	[TRACE_LOST] = "lost",	     [TRACE_SYSWRITE] = "syscall-write",
	[TRACE_REFUSED] = "refused", [TRACE_DETACHED] = "detached",
};

const char *trace_note_name(enum trace_note_kind k)
{
	return k < TRACE_NOTES ? note_names[k] : "?";
}

uint64_t trace_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void this_cpu(struct trace *t)
{
	uint32_t a, b, c, d;

	if (__get_cpuid_count(0xd, 0, &a, &b, &c, &d)) {
		t->cpu.xsave = b;
		t->xstate_len = c;
	}
	if (__get_cpuid_count(0xd, 1, &a, &b, &c, &d))
		t->cpu.xsavec = b;
	if (__get_cpuid_count(0xd, 2, &a, &b, &c, &d))
		t->layout.ymm = b;
	if (__get_cpuid_count(0xd, 5, &a, &b, &c, &d))
		t->layout.k = b;
	if (__get_cpuid_count(0xd, 6, &a, &b, &c, &d))
		t->layout.zmm_high = b;
	if (__get_cpuid_count(0xd, 7, &a, &b, &c, &d))
		t->layout.zmm_more = b;
	/* Without XSAVE the kernel gives an FXSAVE image; room for what a kernel may add. */
	t->xstate_len += 4096;
}

int trace_new(const struct trace_params *p, const struct trace_calls *calls, void *ctx, struct trace **out)
{
	struct trace *t;

	if (p->learn > 1000 || p->quiet > 1000000 || !calls)
		return -EINVAL;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->p = *p;
	t->asked_learn = t->p.learn;
	if (!t->p.learn)
		t->p.learn = LEARN;
	if (!t->p.quiet)
		t->p.quiet = QUIET;
	t->calls = calls;
	t->ctx = ctx;
	t->on_cpu = -1;
	this_cpu(t);
	t->decoded = calloc(DECODED, sizeof(*t->decoded));
	t->xstate = malloc(t->xstate_len);
	if (!t->decoded || !t->xstate || paths_new(t->p.learn, &t->paths)) {
		trace_free(t);
		return -ENOMEM;
	}
	*out = t;
	return 0;
}

void trace_free(struct trace *t)
{
	if (!t)
		return;
	trace_stop(t);
	paths_free(t->paths);
	free(t->decoded);
	free(t->xstate);
	free(t);
}

void trace_emit(struct trace *t, struct thread *th, const struct model_event *e, uint64_t addr, uint8_t place,
		unsigned int flags, int32_t number)
{
	const struct trace_event ev = { .e = *e,
					.pid = th->p->pid,
					.tid = th->tid,
					.addr = addr,
					.place = place,
					.flags = (uint8_t)flags,
					.number = number };

	if (t->ret || t->full)
		return;
	t->totals.events++;
	t->totals.assumed += !!(flags & TRACE_ASSUMED);
	t->totals.through += !!(flags & TRACE_THROUGH);
	if (t->calls->event) {
		const uint64_t began = trace_now();

		t->ret = t->calls->event(&ev, t->ctx);
		t->told_ns += trace_now() - began;
	}
	if (e->kind == ME_STORE && ++t->totals.stores == t->p.limit)
		t->full = true;
}

void trace_tell(struct trace *t, const struct thread *th, enum trace_note_kind kind, uint64_t ip, uint64_t addr,
		uint64_t length, int64_t value, const char *why)
{
	const struct trace_note n = { .kind = kind,
				      .pid = th->p->pid,
				      .tid = th->tid,
				      .ip = ip,
				      .addr = addr,
				      .length = length,
				      .value = value,
				      .why = why };

	t->totals.unsaid += kind == TRACE_UNSAID;
	t->totals.lost += kind == TRACE_LOST;
	if (t->ret || (t->full && kind != TRACE_DETACHED && kind != TRACE_EXIT))
		return;
	if (t->calls->note)
		t->ret = t->calls->note(&n, t->ctx);
}

void trace_lost(struct trace *t, const struct thread *th, const char *why)
{
	trace_tell(t, th, TRACE_LOST, 0, 0, 0, 0, why);
}

pid_t trace_pid(const struct trace *t)
{
	return t->pid;
}

bool trace_ended(const struct trace *t, int *status)
{
	if (t->ended)
		*status = t->status;
	return t->ended;
}

const struct trace_totals *trace_totals(const struct trace *t)
{
	/* Counted elsewhere. */
	((struct trace *)(uintptr_t)t)->totals.paths = paths_count(t->paths);
	((struct trace *)(uintptr_t)t)->totals.again = paths_again(t->paths);
	return &t->totals;
}

const struct trace_place *trace_places(const struct trace *t, size_t *n)
{
	*n = t->nplaces;
	return t->places;
}
