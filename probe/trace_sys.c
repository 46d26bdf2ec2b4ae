/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace_sys.c - both stops of a system call: what it may write to a traced mapping it finds open, and what it does to
 * mappings is seen at once.
 */
#include <errno.h>
#include <string.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "trace_calls.h"
#include "trace_int.h"

/* What a call returns that a signal interrupted, while it is still to be decided what becomes of it: linux/errno.h. */
#define ERESTARTSYS	      512
#define ERESTART_RESTARTBLOCK 516

/* Longer than any buffer that a call is given on purpose: then the next argument is no length. */
#define LONGEST ((uint64_t)1 << 36)

static bool may_write(const struct thread *th, const struct call *c)
{
	const struct space *s = th->p->space;
	unsigned int writes = c->writes;
	uint64_t words[256];

	if (!s->n)
		return false;
	if (th->nr == SYS_clone)
		writes = (th->arg[0] & CLONE_PARENT_SETTID ? 1u << 2 : 0) |
			 (th->arg[0] & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID) ? 1u << 3 : 0);
	for (unsigned int i = 0; i < 6; i++) {
		uint64_t at = th->arg[i], len = i < 5 && th->arg[i + 1] < LONGEST ? th->arg[i + 1] : 0;
		ssize_t n;

		if (!(writes >> i & 1) || at < 4096)
			continue;
		if (tr_range_overlap(s, at, len ? len : 1))
			return true;
		if (!(c->what & CALL_INDIRECT))
			continue;
		n = tr_read(th, at, words, sizeof(words));
		if (n < 0) /* near the end of a page */
			n = tr_read(th, at, words, 4096 - at % 4096 < sizeof(words) ? 4096 - at % 4096 : 64);
		for (ssize_t k = 0; k < n / 8; k++) {
			uint64_t next = (size_t)k + 1 < (size_t)n / 8 && words[k + 1] < LONGEST ? words[k + 1] : 1;

			if (words[k] >= 4096 && tr_range_overlap(s, words[k], next ? next : 1))
				return true;
		}
	}
	return false;
}

static bool others(struct trace *t, const struct thread *th)
{
	for (struct thread *o = trace_next(t, NULL); o; o = trace_next(t, o))
		if (o != th && o->p->space == th->p->space)
			return true;
	return false;
}

static void let_through(struct trace *t, struct thread *th, bool writes)
{
	struct space *s = th->p->space;

	tr_hold(t, s, th);
	if (tr_guard(t, th, NULL, false) == -ESRCH)
		return;
	s->open++;
	th->call_open = true;
	if (writes) {
		trace_tell(t, th, TRACE_SYSWRITE, th->call_ip, 0, 0, (int64_t)th->nr, NULL);
		if (others(t, th))
			trace_lost(t, th,
				   "a system call may write to the mapping: while it lasts, stores of the other "
				   "threads are not seen");
	}
}

static void learn_action(struct thread *th)
{
	int which = th->arg[0] == SIGSEGV ? TR_SEGV : th->arg[0] == SIGTRAP ? TR_TRAP : -1;

	if (which >= 0 && th->arg[1] &&
	    tr_read(th, th->arg[1], &th->new_act, sizeof(th->new_act)) == sizeof(th->new_act))
		th->sets_act = which;
}

/* Once in a burst's quiet part: a stream wants to know that there was one, a log of calls is another tool's. */
static void tell_call(struct trace *t, struct thread *th)
{
	const struct model_event e = { .kind = ME_SYSCALL, .ip = th->call_ip };

	if (th->burst)
		tr_arrive(t, th, PATH_END(th->p->code, th->call_ip, 0), false);
	if (!t->totals.stores || (!th->burst && th->call_told))
		return;
	th->call_told = !th->burst;
	trace_emit(t, th, &e, 0, 0, 0, (int32_t)th->nr);
}

/*
 * Behind a filter that the tracer may not suspend nothing could be opened again: then the mappings are opened now, and
 * left alone.
 */
static void before_filter(struct trace *t, struct thread *th)
{
	const uintptr_t suspend = TR_OPTIONS | PTRACE_O_SUSPEND_SECCOMP;
	struct space *s = th->p->space;

	if (!s->n)
		return;
	if (!ptrace(PTRACE_SETOPTIONS, th->tid, NULL, (void *)suspend)) {		 /* NOLINT: a number */
		ptrace(PTRACE_SETOPTIONS, th->tid, NULL, (void *)(uintptr_t)TR_OPTIONS); /* NOLINT */
		return;
	}
	tr_hold(t, s, th);
	tr_guard(t, th, NULL, false);
	for (size_t i = 0; i < s->n; i++)
		s->r[i].idle = true;
	trace_lost(t, th,
		   "the program forbids itself system calls (seccomp), which needs CAP_SYS_ADMIN to be traced "
		   "further: its mappings are left alone from here on");
}

static void which_call(struct thread *th)
{
	th->nr = th->regs.orig_rax;
	th->call_ip = th->regs.rip - 2;
	th->arg[0] = th->regs.rdi;
	th->arg[1] = th->regs.rsi;
	th->arg[2] = th->regs.rdx;
	th->arg[3] = th->regs.r10;
	th->arg[4] = th->regs.r8;
	th->arg[5] = th->regs.r9;
}

void tr_sys_entry(struct trace *t, struct thread *th)
{
	const struct call *c;
	uint8_t code[2];
	const uint64_t began = trace_now() - t->told_ns;

	if (th->call_open) { /* the stop at its end did not come */
		th->p->space->open--;
		th->p->space->reguard = true;
	}
	th->in_call = true;
	th->call_open = th->call_maps = false;
	th->sets_act = -1;
	if (tr_regs(th)) {
		tr_resume(t, th, false);
		return;
	}
	which_call(th);
	/* INT 80h counts calls otherwise, and passes their arguments elsewhere: not looked into, all is open for it. */
	if (th->p->space->n && tr_read(th, th->call_ip, code, sizeof(code)) == sizeof(code) && code[0] == 0xcd) {
		th->nr = UINT64_MAX;
		memset(th->arg, 0, sizeof(th->arg));
	}
	c = call_of(th->nr);
	if (th->nr == SYS_sched_getaffinity || th->nr == SYS_sched_setaffinity || th->nr == SYS_execve ||
	    th->nr == SYS_execveat)
		tr_cpu_give_back_all(t, UINT64_MAX);
	tell_call(t, th);
	th->call_maps = c->what & CALL_MAPS;
	if (th->nr == UINT64_MAX) {
		th->call_maps = true;
		let_through(t, th, true);
	} else if (c->what & CALL_OPEN && tr_range_overlap(th->p->space, th->arg[0], th->arg[1])) {
		let_through(t, th, false);
		th->p->space->frozen = th; /* it does not block: meanwhile nobody else runs */
	} else if (may_write(th, c)) {
		let_through(t, th, true);
		/* Its child runs in the same memory, when this is closed again. */
		if (th->nr == SYS_clone || th->nr == SYS_clone3)
			th->p->space->frozen = th;
	}
	if (c->what & CALL_ACTION)
		learn_action(th);
	th->sets_alt = th->nr == SYS_sigaltstack && th->arg[0] &&
		       tr_read(th, th->arg[0], &th->new_alt, sizeof(th->new_alt)) == sizeof(th->new_alt);
	if (th->nr == SYS_set_tid_address)
		th->clears = th->arg[0];
	else if ((th->nr == SYS_exit || th->nr == SYS_exit_group) && th->clears &&
		 tr_range_overlap(th->p->space, th->clears, 4) && !th->call_open)
		let_through(t, th, true);
	if (th->nr == SYS_seccomp || (th->nr == SYS_prctl && th->arg[0] == PR_SET_SECCOMP))
		before_filter(t, th);
	if (c->what & CALL_LATER && th->p->space->n && !th->p->later_told) {
		th->p->later_told = true;
		trace_lost(t, th,
			   "asynchronous I/O is used: what the kernel writes to the mapping by itself is not seen, "
			   "and may fail");
	}
	th->call_ns = trace_now() - t->told_ns - began;
	tr_resume(t, th, false);
}

/* Shared mappings came, or something that is traced went, moved or changed. */
static bool maps_changed(const struct thread *th)
{
	const struct space *s = th->p->space;
	const int64_t ret = (int64_t)th->regs.rax;

	switch (th->nr) {
	case SYS_mmap:
		return !(ret < 0 && ret > -4096) && (th->arg[3] & 1 || tr_range_overlap(s, (uint64_t)ret, th->arg[1]));
	case SYS_munmap:
		return !ret && tr_range_overlap(s, th->arg[0], th->arg[1]);
	case SYS_mremap:
		return true;
	case SYS_mprotect:
	case SYS_pkey_mprotect:
		return th->call_open || (!ret && th->arg[2] & PROT_WRITE);
	default:
		return true;
	}
}

void tr_sys_exit(struct trace *t, struct thread *th)
{
	struct space *s = th->p->space;
	const uint64_t began = trace_now() - t->told_ns;
	const bool entered = th->in_call;
	const struct call *c;

	th->in_call = false;
	if (tr_regs(th)) {
		tr_resume(t, th, false);
		return;
	}
	if (!entered) { /* the stop at its beginning did not come */
		which_call(th);
		th->sets_act = -1;
		th->sets_alt = false;
	}
	c = call_of(th->nr);
	if (!entered)
		th->call_maps = c->what & CALL_MAPS;
	th->call_maps = th->call_maps && maps_changed(th);
	if (s->frozen == th)
		s->frozen = NULL;
	if (th->call_open) {
		th->call_open = false;
		s->open--;
		if (!s->open && !th->call_maps) {
			tr_hold(t, s, th);
			tr_guard(t, th, NULL, true);
		}
	}
	if (th->call_maps) {
		if (s->n)
			tr_hold(t, s, th);
		tr_rescan(t, th, false);
	}
	if ((th->nr == SYS_mmap || th->nr == SYS_mprotect || th->nr == SYS_pkey_mprotect) && th->arg[2] & PROT_EXEC)
		tr_new_code(t, th->p);
	if (th->sets_alt && !th->regs.rax)
		th->alt = th->new_alt;
	/* All threads may get it (SECCOMP_FILTER_FLAG_TSYNC). */
	if ((th->nr == SYS_seccomp || (th->nr == SYS_prctl && th->arg[0] == PR_SET_SECCOMP)) && !th->filtered)
		for (struct thread *o = trace_next(t, NULL); o; o = trace_next(t, o))
			if (o->p == th->p)
				o->filtered = tr_filtered(o);
	if (th->sets_act >= 0 && !th->regs.rax) {
		th->p->act[th->sets_act] = th->new_act;
		th->p->act_known[th->sets_act] = true;
	}
	if (c->what & CALL_MASK || !th->mask_have || th->lent) {
		th->lent = 0;
		th->mask_have = !tr_mask_get(th, &th->mask);
	}
	t->totals.syscalls++;
	t->totals.syscall_ns += th->call_ns + (trace_now() - t->told_ns - began);
	if (-(int64_t)th->regs.rax >= ERESTARTSYS && -(int64_t)th->regs.rax <= ERESTART_RESTARTBLOCK) {
		/* A signal comes, or the call is made again: nothing is executed before. */
		th->stepping = th->burst && paths_step(t->paths, th->node);
		tr_resume(t, th, false);
	} else {
		tr_go(t, th);
	}
}
