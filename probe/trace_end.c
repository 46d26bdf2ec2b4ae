/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace_end.c - detaching, so that the program is as it would have been.
 *
 * A thread that was interrupted just when it faulted on a guarded mapping stops with the fault's signal still to come:
 * it is let run into that stop first, and the signal taken away there, or it would die of it later.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "trace_end.h"
#include "trace_store.h"

#define TRIES 8u

/* Ignored, the kernel would tell of no stop, and keep no status. */
void tr_take_chld(struct trace *t)
{
	const struct sigaction dfl = { .sa_handler = SIG_DFL };

	if (!t->chld_taken)
		t->chld_taken = !sigaction(SIGCHLD, &dfl, &t->old_chld);
}

void tr_give_chld(struct trace *t)
{
	if (t->chld_taken)
		sigaction(SIGCHLD, &t->old_chld, NULL);
	t->chld_taken = false;
}

void tr_begin_run(struct trace *t)
{
	sigset_t child, bus;

	if (t->mask_saved)
		return;
	tr_take_chld(t);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	t->mask_saved = !sigprocmask(SIG_BLOCK, &child, &t->old_mask);
	sigemptyset(&bus);
	sigaddset(&bus, SIGBUS);
	sigprocmask(SIG_UNBLOCK, &bus, NULL);
	tr_bus_take();
	t->cpus_saved = !sched_getaffinity(0, sizeof(t->old_cpus), &t->old_cpus);
	t->on_cpu = -1;
}

static void end_run(struct trace *t)
{
	if (t->cpus_saved)
		sched_setaffinity(0, sizeof(t->old_cpus), &t->old_cpus);
	if (t->mask_saved) {
		tr_bus_give();
		sigprocmask(SIG_SETMASK, &t->old_mask, NULL);
	}
	tr_give_chld(t);
	t->cpus_saved = t->mask_saved = false;
}

/*
 * Calls that return EINTR after any stop, signal or not (signal(7)). Interrupted by us alone they are made again, with
 * their whole time limit.
 */
static bool returns_eintr(uint64_t nr)
{
	switch (nr) {
	case SYS_epoll_wait:
	case SYS_epoll_pwait:
	case SYS_epoll_pwait2:
	case SYS_semop:
	case SYS_semtimedop:
	case SYS_rt_sigtimedwait:
	case SYS_io_getevents:
	case SYS_msgrcv:
	case SYS_msgsnd:
		return true;
	default:
		return false;
	}
}

static void tr_again(struct thread *th)
{
	uint64_t mask = 0, pending;

	if (tr_regs(th) || (int64_t)th->regs.rax != -EINTR || !returns_eintr(th->regs.orig_rax) ||
	    tr_mask_get(th, &mask) || !tr_pending(th->tid, &pending) || pending & ~mask)
		return;
	th->regs.rax = th->regs.orig_rax;
	th->regs.orig_rax = (uint64_t)-1;
	th->regs.rip -= 2;
	tr_regs_changed(th);
}

/* Is a fault's signal of ours, or of a step, queued for this thread? Behind any number of others. */
static bool fault_to_come(struct thread *th)
{
	struct __ptrace_peeksiginfo_args args = { .nr = 16 };
	siginfo_t si[16];
	long n;

	while ((n = ptrace(PTRACE_PEEKSIGINFO, th->tid, &args, si)) > 0) {
		for (long i = 0; i < n; i++)
			if ((si[i].si_signo == SIGSEGV && si[i].si_code == SEGV_ACCERR) ||
			    (si[i].si_signo == SIGTRAP && (si[i].si_code == TRAP_TRACE || si[i].si_code == TRAP_BRKPT)))
				return true;
		args.off += (uint64_t)n;
	}
	return false;
}

/* Wait for its stop, not for ever. */
static bool wait_a_while(struct trace *t, struct thread *th, struct tr_patience *patience)
{
	int status;
	pid_t got;

	while (!(got = waitpid(th->tid, &status, __WALL | WNOHANG)) && tr_still(patience, th->tid))
		;
	if (got <= 0)
		return false;
	th->status = status;
	th->have_status = true;
	t->nstatus++;
	return true;
}

/* A fault of ours is no signal of the program's. */
static void drop_ours(struct trace *t, struct thread *th)
{
	struct range *r;

	if (th->stop != STOP_SIGNAL || th->sig != SIGSEGV || th->si.si_code != SEGV_ACCERR)
		return;
	r = tr_range_at(th->p->space, (uint64_t)(uintptr_t)th->si.si_addr);
	if (r && !r->idle) {
		th->sig = 0;
		th->si_set = false;
		tr_segv_repair(t, th);
	}
}

/* Its stop is there. false: it has ended, th is gone. */
static bool stopped(struct trace *t, struct thread *th)
{
	bool asked = th->interrupted;

	th->have_status = false;
	t->nstatus--;
	if (!WIFSTOPPED(th->status)) {
		if (th->tid == t->pid) {
			t->ended = true;
			t->status = th->status;
		}
		trace_tell(t, th, th->p->threads == 1 ? TRACE_EXIT : TRACE_THREAD_END, 0, 0, 0, th->status, NULL);
		trace_del_thread(t, th);
		return false;
	}
	tr_classify(th, th->status);
	th->fresh = false;
	switch (th->stop) {
	case STOP_EVENT:
		tr_newborn(t, th);
		break;
	case STOP_PLAIN:
		/* Not for ever: what is queued may be something that it has blocked. */
		if (th->tries++ < TRIES && fault_to_come(th) && !ptrace(PTRACE_SYSCALL, th->tid, NULL, NULL))
			th->stop = STOP_NONE;
		else if (asked)
			tr_again(th);
		break;
	case STOP_EXIT:
		th->in_call = false;
		if (asked)
			tr_again(th);
		break;
	case STOP_TRAP:
		if (!th->stepping && !th->landing && !th->by_step)
			th->sig = SIGTRAP;
		break;
	case STOP_SIGNAL:
		drop_ours(t, th);
		break;
	default:
		break;
	}
	return true;
}

void tr_collect(struct trace *t)
{
	struct tr_patience patience = { 0 };
	bool again = true;

	for (struct thread *th = trace_next(t, NULL); th; th = trace_next(t, th))
		th->tries = 0;
	for (struct thread *th = trace_next(t, NULL); th; th = trace_next(t, th))
		if (th->stop == STOP_NONE && !th->have_status && !th->interrupted && !th->fresh && !th->in_vfork)
			th->interrupted = !ptrace(PTRACE_INTERRUPT, th->tid, NULL, NULL);
	while (again) {
		struct thread *th, *next;

		again = false;
		for (th = trace_next(t, NULL); th; th = next) {
			next = trace_next(t, th);
			if (th->stop != STOP_NONE && !th->have_status)
				continue;
			/* One that waits for its child cannot be stopped before that. */
			if (!th->have_status && (th->in_vfork || !wait_a_while(t, th, &patience)))
				continue;
			/* A child may have been born, a fault may be to come. */
			again = true;
			stopped(t, th);
		}
	}
}

static bool guarded(const struct space *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->r[i].guarded)
			return true;
	return false;
}

/* Is there another thread in which a system call can be made? */
static bool other_way(struct trace *t, const struct thread *th)
{
	for (struct thread *o = trace_next(t, NULL); o; o = trace_next(t, o))
		if (o->p->space == th->p->space && (tr_stopped(o) || o->stop == STOP_GROUP))
			return true;
	return false;
}

/* From the middle of clone or execve to its end. */
static bool to_exit(struct trace *t, struct thread *th)
{
	struct tr_patience patience = { 0 };

	if (ptrace(PTRACE_SYSCALL, th->tid, NULL, NULL))
		return false;
	th->stop = STOP_NONE;
	th->in_call = true;
	return wait_a_while(t, th, &patience) && stopped(t, th) && th->stop != STOP_NONE;
}

/* One thread of each address space opens its mappings for good. */
static int open_all(struct trace *t)
{
	struct thread *th;
	int err = 0;

	for (th = trace_next(t, NULL); th; th = trace_next(t, th)) {
		if (!guarded(th->p->space) || th->stop == STOP_NONE)
			continue;
		if (th->stop == STOP_EVENT && !other_way(t, th) && !to_exit(t, th))
			continue;
		if (th->stop == STOP_GROUP) {
			th->stop = STOP_PLAIN;
			th->restop = true;
		}
		if (tr_stopped(th)) {
			int e = tr_guard(t, th, NULL, false);

			err = err ? err : e;
		}
	}
	for (th = trace_next(t, NULL); th; th = trace_next(t, th))
		for (size_t i = 0; i < th->p->space->n; i++)
			if (th->p->space->r[i].guarded && !err)
				err = -EBUSY;
	return err;
}

static int detach(struct trace *t, struct thread *th)
{
	int sig = th->sig, err = tr_regs_flush(th);

	tr_cpu_give_back(t, th);
	if (th->lent)
		tr_mask_set(th, th->mask);
	if (sig && th->si_set)
		ptrace(PTRACE_SETSIGINFO, th->tid, NULL, &th->si);
	if (ptrace(PTRACE_DETACH, th->tid, NULL, (void *)(uintptr_t)sig) && !err) /* NOLINT: a number */
		err = errno == ESRCH ? 0 : -errno;
	if (th->restop)
		syscall(SYS_tgkill, th->p->pid, th->tid, SIGSTOP);
	return err;
}

void tr_let_go(struct trace *t, struct thread *th)
{
	detach(t, th);
	trace_del_thread(t, th);
}

/*
 * The ignored SIGTRAP is put back by a call, and where a signal is in hand no call can be made that makes no trap: if
 * every thread has one, one of them goes on to the first instruction of its handler.
 */
static void trap_repair(struct trace *t)
{
	struct thread *th;

	for (th = trace_next(t, NULL); th; th = trace_next(t, th))
		tr_trap_repair(t, th);
	for (th = trace_next(t, NULL); th; th = trace_next(t, th)) {
		if (!th->p->trap_lost || th->stop != STOP_SIGNAL)
			continue;
		th->landing = true;
		if (tr_resume(t, th, true))
			continue;
		if (!tr_wait(t, th)) {
			if (th->have_status)
				stopped(t, th); /* it was its end, and the process's */
			return;
		}
		if (th->stop == STOP_TRAP) {
			th->landing = false;
			th->mask_have = !tr_mask_get(th, &th->mask);
			th->lent = 0;
		}
		tr_trap_repair(t, th);
	}
}

int trace_stop(struct trace *t)
{
	struct thread *th;
	int err = 0;

	if (t->nthreads) {
		int e;

		tr_begin_run(t);
		if (t->started && !t->ready) {
			kill(t->pid, SIGKILL);
			waitpid(t->pid, &t->status, __WALL);
			t->ended = true;
			trace_clear(t);
		} else {
			tr_collect(t);
			err = open_all(t);
			trap_repair(t);
			for (th = trace_next(t, NULL); th; th = trace_next(t, th)) {
				if (th->stop == STOP_NONE)
					e = -EBUSY; /* does not stop: it is let go when this process ends */
				else
					e = detach(t, th);
				err = err ? err : e;
			}
			th = trace_next(t, NULL);
			if (th)
				trace_tell(t, th, TRACE_DETACHED, 0, 0, 0, err, NULL);
			trace_clear(t);
		}
	}
	end_run(t);
	return err;
}
