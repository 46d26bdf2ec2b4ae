/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace_tracee.c - a stopped thread's registers and memory, and system calls made in it.
 *
 * A call is made by one step over a SYSCALL instruction of the program's own: the stop after it is a signal's, so that
 * a call of the program that our stop interrupted is restarted by the kernel with the registers put back (signal.c,
 * arch_do_signal_or_restart). At the entry of a system call another way is needed: the call under way is turned into
 * ours, and made again afterwards.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trace_int.h"

/* On the way to the end of a call of ours: more than ever come. */
#define MOST_STOPS 1000u

/* What must reach a thread at once: its own faults, and our steps. */
#define SYNCHRONOUS                                                                                                    \
	(TR_BIT(SIGSEGV) | TR_BIT(SIGBUS) | TR_BIT(SIGILL) | TR_BIT(SIGFPE) | TR_BIT(SIGTRAP) | TR_BIT(SIGSYS))

static void *number(uint64_t n)
{
	return (void *)(uintptr_t)n; /* NOLINT: ptrace takes numbers as pointers */
}

int tr_regs(struct thread *th)
{
	if (th->regs_have)
		return 0;
	if (ptrace(PTRACE_GETREGS, th->tid, NULL, &th->regs))
		return -errno;
	th->regs_have = true;
	return 0;
}

void tr_regs_changed(struct thread *th)
{
	th->regs_dirty = true;
}

void tr_ip_changed(struct thread *th)
{
	th->ip_dirty = true;
}

int tr_regs_flush(struct thread *th)
{
	const bool all = th->regs_dirty, ip = th->ip_dirty;

	th->regs_dirty = th->ip_dirty = false;
	if (!all && !ip)
		return 0;
	/* All of them cost three times as much. */
	if (!all)
		return ptrace(PTRACE_POKEUSER, th->tid, number(offsetof(struct user_regs_struct, rip)),
			      number(th->regs.rip))
			       ? -errno
			       : 0;
	return ptrace(PTRACE_SETREGS, th->tid, NULL, &th->regs) ? -errno : 0;
}

ssize_t tr_read(const struct thread *th, uint64_t addr, void *buf, size_t len)
{
	struct iovec here = { .iov_base = buf, .iov_len = len }, there = { .iov_base = number(addr), .iov_len = len };
	ssize_t n = process_vm_readv(th->tid, &here, 1, &there, 1, 0);

	return n < 0 ? -errno : n;
}

ssize_t tr_code(struct thread *th, uint64_t addr, void *buf, size_t len)
{
	struct space *s = th->p->space;
	char path[40];
	ssize_t n;

	if (s->mem == -1) {
		snprintf(path, sizeof(path), "/proc/%d/mem", th->tid);
		s->mem = open(path, O_RDONLY | O_CLOEXEC);
		s->mem = s->mem < 0 ? -2 : s->mem;
	}
	n = s->mem < 0 || addr > INT64_MAX ? -1 : pread(s->mem, buf, len, (off_t)addr);
	return n > 0 ? n : tr_read(th, addr, buf, len);
}

int tr_write(const struct thread *th, uint64_t addr, const void *buf, size_t len)
{
	struct iovec here = { .iov_base = (void *)(uintptr_t)buf, .iov_len = len };
	struct iovec there = { .iov_base = number(addr), .iov_len = len };
	ssize_t n = process_vm_writev(th->tid, &here, 1, &there, 1, 0);

	return n < 0 ? -errno : n == (ssize_t)len ? 0 : -EFAULT;
}

int tr_mask_get(struct thread *th, uint64_t *mask)
{
	return ptrace(PTRACE_GETSIGMASK, th->tid, number(sizeof(*mask)), mask) ? -errno : 0;
}

int tr_mask_set(struct thread *th, uint64_t mask)
{
	return ptrace(PTRACE_SETSIGMASK, th->tid, number(sizeof(mask)), &mask) ? -errno : 0;
}

bool tr_stopped(const struct thread *th)
{
	switch (th->stop) {
	case STOP_PLAIN:
	case STOP_TRAP:
	case STOP_SIGNAL:
	case STOP_ENTRY:
	case STOP_EXIT:
		return true;
	case STOP_NONE:
	case STOP_EVENT:
	case STOP_GROUP:
		return false;
	}
	return false;
}

/* Somewhere in the program there are these two bytes: in the vdso, or in any code. */
static uint64_t find_syscall(struct thread *th)
{
	static const char *const where[] = { "[vdso]", ".so", "" };
	char path[40], line[600];

	snprintf(path, sizeof(path), "/proc/%d/maps", th->tid);
	for (size_t i = 0; i < sizeof(where) / sizeof(where[0]); i++) {
		FILE *f = fopen(path, "re");
		unsigned long long start, end;
		uint64_t found = 0;
		char prot[8];

		while (f && !found && fgets(line, sizeof(line), f)) {
			uint8_t code[4096];

			if (sscanf(line, "%llx-%llx %7s", &start, &end, prot) != 3 || prot[2] != 'x' ||
			    prot[3] != 'p' || !strstr(line, where[i]) || strstr(line, "[vsyscall]"))
				continue;
			for (uint64_t at = start; at < end && !found; at += sizeof(code) - 1) {
				ssize_t n = tr_read(th, at, code, end - at < sizeof(code) ? end - at : sizeof(code));

				for (ssize_t k = 0; k + 1 < n && !found; k++)
					if (code[k] == 0x0f && code[k + 1] == 0x05)
						found = at + (uint64_t)k;
			}
		}
		if (f)
			fclose(f);
		if (found)
			return found;
	}
	return 0;
}

static void set_call(struct user_regs_struct *r, uint64_t nr, const uint64_t arg[6])
{
	r->rdi = arg[0];
	r->rsi = arg[1];
	r->rdx = arg[2];
	r->r10 = arg[3];
	r->r8 = arg[4];
	r->r9 = arg[5];
	r->rax = nr;
}

static int wait_raw(struct thread *th, int *status)
{
	pid_t got;

	while ((got = waitpid(th->tid, status, __WALL)) < 0 && errno == EINTR)
		;
	if (got < 0)
		return -ESRCH;
	return 0;
}

/* The thread ended in our hands: its last status is for the run loop. */
static int died(struct trace *t, struct thread *th, int status)
{
	th->have_status = true;
	th->status = status;
	t->nstatus++;
	th->stop = STOP_NONE;
	return -ESRCH;
}

/*
 * A signal that no mask holds back comes in between: it is for later. A fault or a step is not: its instruction is
 * executed again.
 */
static void keep(struct thread *th, int sig, const siginfo_t *si)
{
	if (si->si_code > 0 && TR_BIT(sig) & SYNCHRONOUS)
		return;
	if (sig == SIGSTOP) {
		th->restop = true;
	} else if (!th->sig) {
		th->sig = sig;
		th->si = *si;
	} else {
		syscall(SYS_tgkill, th->p->pid, th->tid, sig);
	}
}

/* Steps until our call was made. */
static int step_call(struct trace *t, struct thread *th, uint64_t at)
{
	for (unsigned int n = 0; n < MOST_STOPS; n++) {
		siginfo_t si;
		int status;

		if (ptrace(PTRACE_SINGLESTEP, th->tid, NULL, NULL))
			return -errno;
		if (wait_raw(th, &status))
			return -ESRCH;
		if (!WIFSTOPPED(status))
			return died(t, th, status);
		if (status >> 16 || WSTOPSIG(status) == (SIGTRAP | 0x80))
			continue; /* an interrupt that was asked for earlier */
		if (ptrace(PTRACE_GETSIGINFO, th->tid, NULL, &si))
			return -errno;
		if (WSTOPSIG(status) == SIGTRAP && si.si_code > 0) {
			/* It may be that of an earlier step. */
			errno = 0;
			if (ptrace(PTRACE_PEEKUSER, th->tid, number(offsetof(struct user_regs_struct, rip)), NULL) !=
			    (long)at)
				return errno ? -errno : 0;
			continue;
		}
		if (WSTOPSIG(status) == SIGSEGV && si.si_code > 0 && (uintptr_t)si.si_addr == at)
			return -EFAULT; /* the instruction is not there any more */
		keep(th, WSTOPSIG(status), &si);
	}
	return -EIO;
}

static int by_step(struct trace *t, struct thread *th, struct user_regs_struct *r, int64_t *ret)
{
	int err = ptrace(PTRACE_SETREGS, th->tid, NULL, r) ? -errno : step_call(t, th, r->rip);

	if (!err && ptrace(PTRACE_GETREGS, th->tid, NULL, r))
		err = -errno;
	*ret = (int64_t)r->rax;
	return err;
}

static int to_stop(struct trace *t, struct thread *th, bool interrupt, bool (*is)(int status))
{
	siginfo_t si;
	int status;

	for (unsigned int n = 0; n < MOST_STOPS; n++) {
		/* Each time: any stop before makes the kernel forget it. */
		if (interrupt && ptrace(PTRACE_INTERRUPT, th->tid, NULL, NULL))
			return -errno;
		if (ptrace(PTRACE_SYSCALL, th->tid, NULL, NULL))
			return -errno;
		if (wait_raw(th, &status))
			return -ESRCH;
		if (!WIFSTOPPED(status))
			return died(t, th, status);
		if (is(status))
			return 0;
		if (!(status >> 16) && WSTOPSIG(status) != (SIGTRAP | 0x80) &&
		    !ptrace(PTRACE_GETSIGINFO, th->tid, NULL, &si))
			keep(th, WSTOPSIG(status), &si);
	}
	return -EIO;
}

static bool is_call_stop(int status)
{
	return WSTOPSIG(status) == (SIGTRAP | 0x80) && !(status >> 16);
}

static bool is_interrupt(int status)
{
	return status >> 16 == PTRACE_EVENT_STOP;
}

/*
 * The same without a trap, which would reset an ignored SIGTRAP: from the call's entry to its exit, and then into an
 * interrupt, for only at a stop of that kind an interrupted call of the program's is made again.
 */
static int by_stops(struct trace *t, struct thread *th, const struct user_regs_struct *r, int64_t *ret)
{
	struct user_regs_struct after;
	int err = ptrace(PTRACE_SETREGS, th->tid, NULL, r) ? -errno : to_stop(t, th, false, is_call_stop);

	if (!err)
		err = to_stop(t, th, false, is_call_stop);
	if (!err && ptrace(PTRACE_GETREGS, th->tid, NULL, &after))
		err = -errno;
	if (!err)
		*ret = (int64_t)after.rax;
	/* It stops again before it executes anything. */
	return err ? err : to_stop(t, th, true, is_interrupt);
}

/* At the entry of a call: make that one ours, and come back to the entry of the program's own. */
static int at_entry(struct trace *t, struct thread *th, uint64_t nr, const uint64_t arg[6], int64_t *ret)
{
	const struct user_regs_struct was = th->regs;
	struct user_regs_struct r = was;
	int status, err = 0;

	set_call(&r, nr, arg);
	r.orig_rax = nr;
	r.rax = (uint64_t)-ENOSYS;
	if (ptrace(PTRACE_SETREGS, th->tid, NULL, &r))
		return -errno;
	for (int i = 0; i < 2 && !err; i++) {
		do {
			if (ptrace(PTRACE_SYSCALL, th->tid, NULL, NULL))
				return -errno;
			if (wait_raw(th, &status))
				return -ESRCH;
			if (!WIFSTOPPED(status))
				return died(t, th, status);
			/* Signals wait: the mask is set. Only interrupts come. */
		} while (WSTOPSIG(status) != (SIGTRAP | 0x80));
		if (i)
			break;
		if (ptrace(PTRACE_GETREGS, th->tid, NULL, &r))
			return -errno;
		*ret = (int64_t)r.rax;
		r = was;
		r.rip = was.rip - 2;
		r.rax = was.orig_rax;
		r.orig_rax = (uint64_t)-1;
		if (ptrace(PTRACE_SETREGS, th->tid, NULL, &r))
			return -errno;
	}
	return ptrace(PTRACE_SETREGS, th->tid, NULL, &was) ? -errno : 0;
}

/* A filter of the program's own might forbid it, or kill for it. Needs CAP_SYS_ADMIN. */
static int filter(struct thread *th, bool off)
{
	const uintptr_t suspend = off ? PTRACE_O_SUSPEND_SECCOMP : 0;

	return ptrace(PTRACE_SETOPTIONS, th->tid, NULL, number(TR_OPTIONS | suspend)) ? -errno : 0;
}

bool tr_filtered(const struct thread *th)
{
	char path[40], line[200];
	int mode = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", th->tid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Seccomp: %d", &mode) == 1)
			break;
	if (f)
		fclose(f);
	return mode != 0;
}

int tr_syscall(struct trace *t, struct thread *th, uint64_t nr, const uint64_t arg[6], int64_t *ret)
{
	const bool off = th->filtered;
	struct user_regs_struct was, r;
	bool masked = false;
	uint64_t mask = 0;
	int err = tr_regs(th);

	if (err || (err = tr_regs_flush(th)))
		return err;
	if (!tr_stopped(th))
		return -EBUSY;
	if (off && (err = filter(th, true)))
		return err;
	was = r = th->regs;
	/*
	 * In sigsuspend and its like, interrupted, the mask that is read is the one to be put back; putting it back is
	 * what the kernel would do before it makes the call again.
	 */
	if (!tr_mask_get(th, &mask)) {
		err = tr_mask_set(th, (mask | ~(uint64_t)SYNCHRONOUS) & ~(uint64_t)TR_BIT(SIGTRAP));
		masked = !err;
	}
	if (err) {
		/* nothing was changed */
	} else if (th->stop == STOP_ENTRY) {
		err = at_entry(t, th, nr, arg, ret);
	} else {
		struct space *s = th->p->space;

		if (!s->syscall_at)
			s->syscall_at = find_syscall(th);
		if (!s->syscall_at) {
			err = -ENOEXEC;
		} else {
			set_call(&r, nr, arg);
			r.rip = s->syscall_at;
			r.orig_rax = (uint64_t)-1;
			/* A signal that is to be delivered can be at a signal's stop alone. */
			if (TR_IGNORED(th->p, TR_TRAP) && !th->sig) {
				err = by_stops(t, th, &r, ret);
			} else {
				err = by_step(t, th, &r, ret);
				th->p->trap_lost |= TR_IGNORED(th->p, TR_TRAP);
			}
			if (err != -ESRCH && ptrace(PTRACE_SETREGS, th->tid, NULL, &was))
				err = err ? err : -errno;
			th->si_set = true;
		}
	}
	if (masked && err != -ESRCH) {
		int e2 = tr_mask_set(th, mask);

		err = err ? err : e2;
	}
	if (off && err != -ESRCH)
		filter(th, false);
	th->interrupted = false;
	return err;
}

/*
 * Our faults and steps force SIGSEGV and SIGTRAP on a thread; where they are blocked the kernel resets their actions,
 * for all threads. So they are unblocked while it runs its own code: not inside of a system call, and not when a
 * handler begins, which would save that mask.
 */
static void lend(struct thread *th, int sig)
{
	const bool want = !(sig && th->landing) && th->stop != STOP_ENTRY && !th->in_call;
	uint64_t bits;

	if (!th->mask_have)
		return;
	th->kept &= th->mask;
	bits = want ? th->mask & TR_LENT & ~th->kept : 0;
	if (bits == th->lent)
		return;
	tr_mask_set(th, th->mask & ~bits);
	th->lent = bits;
}

bool tr_calls_off(const struct trace *t, const struct thread *th)
{
	return t->calls_off && !(th->mask_have && th->mask & TR_LENT);
}

int tr_resume(struct trace *t, struct thread *th, bool step)
{
	int how = step ? PTRACE_SINGLESTEP : tr_calls_off(t, th) ? PTRACE_CONT : PTRACE_SYSCALL;
	int err = tr_regs_flush(th), sig;

	if (err)
		return err == -ESRCH ? 0 : err;
	if (!step && th->p->trap_lost)
		tr_trap_repair(t, th);
	sig = th->sig;
	if (sig && th->si_set)
		ptrace(PTRACE_SETSIGINFO, th->tid, NULL, &th->si);
	lend(th, sig);
	th->sig = 0;
	th->si_set = false;
	th->regs_have = false;
	th->stop = STOP_NONE;
	th->by_step = step;
	t->totals.steps += step;
	if (th->restop) {
		th->restop = false;
		syscall(SYS_tgkill, th->p->pid, th->tid, SIGSTOP);
	}
	if (ptrace(how, th->tid, NULL, number((uint64_t)sig)))
		return errno == ESRCH ? 0 : -errno; /* killed: its end will be told */
	return 0;
}
