/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace_run.c - the loop: whose stop it is, and what is done about it. */
#include <errno.h>
#include <linux/kcmp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "trace_int.h"
#include "trace_end.h"

/* A signal that comes just before the wait for a stop is noticed after this. */
#define TICK_NS 200000000u

static bool same_space(pid_t a, pid_t b, bool vfork)
{
	long r = syscall(SYS_kcmp, a, b, KCMP_VM, 0, 0);

	return r < 0 ? vfork : r == 0;
}

/* A child's mappings are as its parent's were. */
static bool copy_ranges(struct space *to, const struct space *from)
{
	if (!from->n)
		return true;
	to->r = calloc(from->n, sizeof(*to->r));
	if (!to->r)
		return false;
	to->n = from->n;
	for (size_t i = 0; i < from->n; i++) {
		to->r[i] = from->r[i];
		to->r[i].ours = NULL;
		to->r[i].ours_tried = false;
		to->r[i].fd = -1;
	}
	to->syscall_at = from->syscall_at;
	return true;
}

static void inherit(struct proc *p, const struct proc *from)
{
	memcpy(p->act, from->act, sizeof(p->act));
	memcpy(p->act_known, from->act_known, sizeof(p->act_known));
	p->code = from->code;
}

/* The parent is inside of the call; the child may have stopped already, unknown then. */
static struct thread *new_thread(struct trace *t, struct thread *th, pid_t tid, int event)
{
	struct proc *p = th->p;
	struct thread *n;

	if (event != PTRACE_EVENT_CLONE || (th->nr == SYS_clone && !(th->arg[0] & CLONE_THREAD))) {
		bool share = same_space(th->tid, tid, event == PTRACE_EVENT_VFORK);

		p = trace_add_proc(t, tid, share ? th->p->space : NULL);
		if (!p || (!share && !copy_ranges(p->space, th->p->space)))
			return NULL;
		p->child = true;
		inherit(p, th->p);
	} else {
		/* clone3 may ask for either: a thread lies below its process. */
		char path[64];

		snprintf(path, sizeof(path), "/proc/%d/task/%d", th->p->pid, tid);
		if (access(path, F_OK)) {
			p = trace_add_proc(t, tid, same_space(th->tid, tid, false) ? th->p->space : NULL);
			if (!p || (p->space != th->p->space && !copy_ranges(p->space, th->p->space)))
				return NULL;
			p->child = true;
			inherit(p, th->p);
		}
	}
	n = trace_add_thread(t, p, tid);
	if (!n)
		return NULL;
	n->fresh = true;
	n->mask_have = th->mask_have;
	n->mask = th->mask;
	n->filtered = th->filtered;
	n->sets_act = -1;
	/* clone(2): of a thread, and of a process in the same memory, the signal stack is not inherited. */
	if (p->space != th->p->space)
		n->alt = th->alt;
	if (th->nr == SYS_clone && th->arg[0] & CLONE_CHILD_CLEARTID)
		n->clears = th->arg[3];
	trace_tell(t, th, p == th->p ? TRACE_THREAD : TRACE_FORK, 0, 0, 0, tid, NULL);
	return n;
}

static void child_of(struct trace *t, struct thread *th, int event)
{
	unsigned long msg = 0;

	if (!ptrace(PTRACE_GETEVENTMSG, th->tid, NULL, &msg) && msg) {
		struct thread *n = trace_find(t, (pid_t)msg);

		if (!n)
			n = new_thread(t, th, (pid_t)msg, event);
		if (!n)
			t->ret = t->ret ? t->ret : -ENOMEM;
		tr_cpu_child(th, (pid_t)msg);
		if (event == PTRACE_EVENT_VFORK)
			th->in_vfork = true;
	}
}

void tr_newborn(struct trace *t, struct thread *th)
{
	int event = th->status >> 16;

	if (event == PTRACE_EVENT_CLONE || event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK)
		child_of(t, th, event);
}

void tr_forked(struct trace *t, struct thread *th, int event)
{
	child_of(t, th, event);
	tr_resume(t, th, false);
}

/* What was known of its ways is of other code. When all numbers are used all is forgotten. */
void tr_new_code(struct trace *t, struct proc *p)
{
	if (++t->codes == PATH_CODES) {
		t->codes = 1;
		paths_clear(t->paths);
		for (struct proc *q = t->procs; q; q = q->next)
			q->code = 0;
	}
	p->code = t->codes;
}

/* The process executes another program: it has one thread now, whose number is the process's. */
static void executed(struct trace *t, struct thread *th)
{
	struct proc *p = th->p;
	struct thread *o, *next;
	struct space *s = trace_space_new();

	if (!s) {
		t->ret = t->ret ? t->ret : -ENOMEM;
		tr_resume(t, th, false);
		return;
	}
	for (o = trace_next(t, NULL); o; o = next) {
		next = trace_next(t, o);
		if (o != th && o->p == p)
			trace_del_thread(t, o);
		else if (o->in_vfork && o->p->space == p->space)
			o->in_vfork = false;
	}
	/* The thread that called may have been another one: its state is not this one's. */
	th->stepping = th->burst = th->executed = false;
	th->way.n = 0;
	th->call_open = th->call_maps = false;
	th->sets_act = -1;
	if (p->space->frozen == th)
		p->space->frozen = NULL;
	trace_space_put(t, p->space);
	p->space = s;
	/* What was handled has the default action now, what was ignored stays so. */
	for (int i = 0; i < TR_ACTIONS; i++)
		if (p->act[i].handler != (uint64_t)(uintptr_t)SIG_IGN)
			p->act[i] = (struct kaction){ .handler = 0 };
	trace_tell(t, th, TRACE_EXEC, 0, 0, 0, 0, NULL);
	tr_new_code(t, p);
	if (!tr_regs(th) && th->regs.cs == 0x23) {
		trace_lost(t, th, "it executes a 32-bit program, whose instructions are not decoded here: not traced");
		tr_let_go(t, th);
		return;
	}
	tr_resume(t, th, false);
}

static void fresh(struct trace *t, struct thread *th)
{
	th->fresh = false;
	th->mask_have = !tr_mask_get(th, &th->mask);
	if (th->p->child && th->p->threads == 1 && th->p->pid == th->tid) {
		bool shared = th->p->space->refs > 1;

		if (t->p.no_children) {
			if (!shared)
				tr_guard(t, th, NULL, false);
			tr_let_go(t, th);
			return;
		}
		/* As they were when the parent called: some may have been open then. */
		if (!shared && th->p->space->n)
			tr_rescan(t, th, false);
	}
	tr_resume(t, th, false);
}

static void ended(struct trace *t, struct thread *th, int status)
{
	struct proc *p = th->p;

	if (p->threads == 1) {
		trace_tell(t, th, TRACE_EXIT, 0, 0, 0, status, NULL);
		/* A parent that waits in vfork goes on. */
		for (struct thread *o = trace_next(t, NULL); o; o = trace_next(t, o))
			if (o->in_vfork && o->p->space == p->space && p->child)
				o->in_vfork = false;
	} else {
		trace_tell(t, th, TRACE_THREAD_END, 0, 0, 0, 0, NULL);
	}
	if (th->tid == t->pid) {
		t->ended = true;
		t->status = status;
	}
	if (th->call_open) {
		p->space->open--;
		p->space->reguard = true;
	}
	if (p->space->frozen == th)
		p->space->frozen = NULL;
	trace_del_thread(t, th);
}

/* A stop of a thread of which nothing is known yet: its parent will tell, it waits. */
static void stranger(struct trace *t, pid_t tid, int status)
{
	struct proc *p;
	struct thread *th;
	char path[40], line[200];
	int tgid = 0;
	FILE *f;

	if (!WIFSTOPPED(status))
		return;
	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Tgid: %d", &tgid) == 1)
			break;
	if (f)
		fclose(f);
	p = trace_proc(t, tgid);
	if (p) { /* a thread */
		th = trace_add_thread(t, p, tid);
		if (!th)
			return;
		th->fresh = true;
		trace_tell(t, th, TRACE_THREAD, 0, 0, 0, tid, NULL);
		th->have_status = true;
		th->status = status;
		t->nstatus++;
		return;
	}
	/* A process: whose copy it is will be known when its parent's stop is looked at. */
	if (t->nstrangers < sizeof(t->strangers) / sizeof(t->strangers[0])) {
		t->strangers[t->nstrangers].tid = tid;
		t->strangers[t->nstrangers++].status = status;
	}
}

static void adopt_strangers(struct trace *t)
{
	for (size_t i = 0; i < t->nstrangers; i++) {
		struct thread *th = trace_find(t, t->strangers[i].tid);

		if (!th)
			continue;
		th->have_status = true;
		th->status = t->strangers[i].status;
		t->nstatus++;
		t->strangers[i--] = t->strangers[--t->nstrangers];
	}
}

static void handle(struct trace *t, struct thread *th)
{
	int event = th->status >> 16;

	switch (th->stop) {
	case STOP_NONE:
		break;
	case STOP_PLAIN:
		if (th->fresh)
			fresh(t, th);
		else if (th->landing || (th->stepping && !th->in_call))
			tr_resume(t, th, th->landing || th->executed);
		else
			tr_resume(t, th, false);
		break;
	case STOP_GROUP:
		if (th->fresh) {
			th->fresh = false;
			th->mask_have = !tr_mask_get(th, &th->mask);
		}
		th->listening = !ptrace(PTRACE_LISTEN, th->tid, NULL, NULL);
		break;
	case STOP_EVENT:
		if (event == PTRACE_EVENT_CLONE || event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK)
			tr_forked(t, th, event);
		else if (event == PTRACE_EVENT_EXEC)
			executed(t, th);
		else
			tr_resume(t, th, false);
		break;
	case STOP_ENTRY:
		tr_sys_entry(t, th);
		break;
	case STOP_EXIT:
		th->in_vfork = false;
		tr_sys_exit(t, th);
		break;
	case STOP_TRAP:
		if (th->landing) {
			th->landing = false;
			th->mask_have = !tr_mask_get(th, &th->mask);
			th->lent = 0;
			tr_step(t, th);
		} else if (th->stepping) {
			tr_stepped(t, th);
		} else if (th->by_step) { /* a step whose purpose is gone */
			tr_resume(t, th, false);
		} else { /* the program steps itself */
			th->sig = SIGTRAP;
			tr_signal(t, th);
		}
		break;
	case STOP_SIGNAL:
		tr_signal(t, th);
		break;
	}
}

static void dispatch(struct trace *t, struct thread *th)
{
	if (!WIFSTOPPED(th->status)) {
		ended(t, th, th->status);
		return;
	}
	t->totals.stops++;
	if (!th->again)
		tr_classify(th, th->status);
	th->again = false;
	/* A step's trap that is still to come would be lost by a call made now. */
	if (th->p->space->reguard && !th->p->space->open && tr_stopped(th) &&
	    !(th->stop == STOP_PLAIN && th->by_step)) {
		th->p->space->reguard = false;
		tr_hold(t, th->p->space, th);
		tr_guard(t, th, NULL, true);
	}
	handle(t, th);
}

/* The next thread with a stop to look at; collected earlier, or now. NULL: none came within a tick. */
static struct thread *next_stop(struct trace *t)
{
	struct thread *th;
	sigset_t child;
	/* On one CPU it has stopped when this thread's turn comes again, most often. */
	bool yield = t->nheld;
	int status;
	pid_t tid;

	adopt_strangers(t);
	for (;;) {
		struct timespec tick = { .tv_nsec = TICK_NS };

		if (t->nstatus)
			for (th = trace_next(t, NULL); th; th = trace_next(t, th))
				if (th->have_status && (!th->p->space->frozen || th->p->space->frozen == th)) {
					th->have_status = false;
					t->nstatus--;
					return th;
				}
		if (yield)
			sched_yield();
		tid = waitpid(-1, &status, __WALL | __WNOTHREAD | WNOHANG);
		if (tid > 0) {
			th = trace_find(t, tid);
			if (!th) {
				stranger(t, tid, status);
				adopt_strangers(t);
				continue;
			}
			th->status = status;
			if (th->p->space->frozen && th->p->space->frozen != th) {
				th->have_status = true;
				t->nstatus++;
				continue;
			}
			return th;
		}
		if (tid < 0 && errno != EINTR)
			return NULL;
		yield = false;
		sigemptyset(&child);
		sigaddset(&child, SIGCHLD);
		if (sigtimedwait(&child, NULL, &tick) < 0)
			return NULL;
	}
}

int trace_run(struct trace *t, const volatile sig_atomic_t *stop)
{
	int err = 0, e;

	if (t->p.duration_ms)
		t->until_ns = trace_now() + t->p.duration_ms * 1000000u;
	tr_begin_run(t);
	t->ready = true;
	/* Those that were stopped at attaching, or at execve. */
	for (struct thread *th = trace_next(t, NULL); th; th = trace_next(t, th))
		if (th->stop != STOP_NONE && !th->have_status)
			handle(t, th);
	while (t->nthreads && !t->ret && !t->full) {
		struct thread *th = next_stop(t);

		if (th) {
			tr_cpu_stop(t, th);
			dispatch(t, th);
		} else {
			tr_cpu_tick(t);
		}
		if (stop && *stop) {
			err = -EINTR;
			break;
		}
		if (t->until_ns && (!th || !(t->totals.stops % 64)) && trace_now() >= t->until_ns)
			break;
	}
	e = trace_stop(t);
	return t->ret ? t->ret : err ? err : e;
}
