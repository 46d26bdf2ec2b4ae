/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace_hold.c - stops of threads: what kind one is, and keeping all threads of an address space from running.
 *
 * A thread inside of a system call stops when it comes out of it: it need not be interrupted, and is not, for some
 * calls would return EINTR. Where calls are not stopped at, it has to be.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

#include "trace_int.h"

/*
 * Entry or exit: the kernel says which (PTRACE_GET_SYSCALL_INFO, since 5.3). Counting alone would be turned round for
 * good by one stop that did not come, and masks are lent by it.
 */
static enum stop_kind call_stop(const struct thread *th)
{
	struct __ptrace_syscall_info info = { .op = PTRACE_SYSCALL_INFO_NONE };

	if (ptrace(PTRACE_GET_SYSCALL_INFO, th->tid, (void *)sizeof(info.op), &info.op) > 0) { /* NOLINT: a number */
		if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
			return STOP_ENTRY;
		if (info.op == PTRACE_SYSCALL_INFO_EXIT)
			return STOP_EXIT;
	}
	return th->in_call ? STOP_EXIT : STOP_ENTRY;
}

/*
 * The code of a step is TRAP_TRACE, behind a system call TRAP_BRKPT; that of a breakpoint instruction is SI_KERNEL.
 * At the first instruction of a handler the kernel's word is ptrace_notify()'s: its code is the signal's number.
 */
void tr_classify(struct thread *th, int status)
{
	int sig = WSTOPSIG(status), event = status >> 16;

	th->regs_have = false;
	th->listening = false;
	th->si_set = false;
	/* Whatever the stop, the kernel forgets an interrupt that was still to come (signal.c: ptrace_stop). */
	th->interrupted = false;
	if (event == PTRACE_EVENT_STOP) {
		th->stop = sig == SIGTRAP ? STOP_PLAIN : STOP_GROUP;
	} else if (event) {
		th->stop = STOP_EVENT;
	} else if (sig == (SIGTRAP | 0x80)) {
		th->stop = call_stop(th);
	} else {
		th->stop = STOP_SIGNAL;
		th->sig = sig;
		if (ptrace(PTRACE_GETSIGINFO, th->tid, NULL, &th->si)) {
			th->stop = STOP_GROUP;
			th->sig = 0;
		} else if (sig == SIGTRAP && (th->si.si_code == TRAP_TRACE || th->si.si_code == TRAP_BRKPT ||
					      (th->landing && th->si.si_code == SIGTRAP))) {
			th->stop = STOP_TRAP;
			th->sig = 0;
			th->p->trap_lost |= TR_IGNORED(th->p, TR_TRAP);
		}
	}
	/* It did not stop when the others were asked. */
	if (!th->mask_have && !th->fresh && tr_stopped(th))
		th->mask_have = !tr_mask_get(th, &th->mask);
}

bool tr_wait(struct trace *t, struct thread *th)
{
	int status;

	while (waitpid(th->tid, &status, __WALL) < 0)
		if (errno != EINTR)
			return false;
	if (!WIFSTOPPED(status)) {
		th->have_status = true;
		th->status = status;
		t->nstatus++;
		th->stop = STOP_NONE;
		return false;
	}
	th->status = status;
	tr_classify(th, status);
	return true;
}

static bool runs_there(const struct trace *t, const struct thread *th, const struct space *s,
		       const struct thread *except)
{
	if (th == except || th->p->space != s || th->stop != STOP_NONE || th->have_status || th->in_vfork || th->fresh)
		return false;
	return !th->in_call || tr_calls_off(t, th);
}

static char state(pid_t tid)
{
	char path[40], text[512], *p;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	f = fopen(path, "re");
	if (!f)
		return 'X';
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	p = strrchr(text, ')');
	return p && p[1] ? p[2] : '?';
}

/* A first thread that has ended while others live tells nothing any more, and runs nothing. */
static bool gone(pid_t tid)
{
	char s = state(tid);

	return s == 'Z' || s == 'X';
}

bool tr_still(struct tr_patience *p, pid_t tid)
{
	const struct timespec nap = { .tv_nsec = p->rounds < 200 ? 50000 : 500000 };

	if (++p->rounds > TR_ROUNDS_MOST || (p->rounds > TR_ROUNDS && state(tid) == 'D') ||
	    (p->rounds % 64 == 0 && gone(tid)))
		return false;
	nanosleep(&nap, NULL);
	return true;
}

void tr_hold(struct trace *t, struct space *s, const struct thread *except)
{
	struct tr_patience patience = { 0 };
	struct thread *th;

	for (th = trace_next(t, NULL); th; th = trace_next(t, th))
		if (runs_there(t, th, s, except) && !th->listening && !th->interrupted)
			th->interrupted = !ptrace(PTRACE_INTERRUPT, th->tid, NULL, NULL);
	/* Never for one alone: while a thread executes another program, the others' ends have to be taken. */
	for (unsigned int round = 0;; round++) {
		pid_t waiting = 0;

		for (th = trace_next(t, NULL); th; th = trace_next(t, th)) {
			int status;
			pid_t got;

			if (!runs_there(t, th, s, except) || th->listening)
				continue;
			got = waitpid(th->tid, &status, __WALL | WNOHANG);
			if (got == th->tid) {
				th->have_status = true;
				th->status = status;
				t->nstatus++;
			} else if (got < 0 || round % 8 != 7 || !gone(th->tid)) {
				waiting = got >= 0 ? th->tid : waiting;
			}
		}
		if (!waiting)
			break;
		if (round < 200) {
			sched_yield();
		} else if (!tr_still(&patience, waiting)) {
			if (except)
				trace_lost(t, except, "a thread did not stop: what it stores meanwhile is not seen");
			break;
		}
	}
}
