/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace_step.c - a thread on its way: from store to store, stepped or free.
 *
 * A burst begins with a store and ends when t->p.quiet instructions were stepped without another one. In a burst each
 * stop (store, system call, signal) is a place, and what lies between two places is a way (trace_paths.h).
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "trace_look.h"
#include "trace_store.h"

/* A way into a gap that is known is stepped so much less far. */
#define SHORTER 8u

static void replay(struct trace *t, struct thread *th, const struct path *p, size_t from)
{
	for (size_t i = from; i < p->has.n; i++) {
		const struct path_event *e = &p->has.e[i];

		if (e->e.kind == PATH_UNSAID)
			tr_unsaid(t, th, e->e.ip, (unsigned int)e->number);
		else
			trace_emit(t, th, &e->e, e->addr, e->place, TRACE_ASSUMED, e->number);
	}
}

static void gap(struct trace *t, struct thread *th, const char *why)
{
	trace_tell(t, th, TRACE_GAP, PATH_IP(th->node), 0, 0, t->p.quiet, why);
}

static void learned(struct trace *t, struct thread *th, uint64_t to)
{
	int was = paths_stepped(t->paths, th->node, to, th->steps, &th->way);

	if (was == PATH_OTHER) {
		t->totals.other++;
		trace_tell(t, th, TRACE_PATH, PATH_IP(th->node), PATH_IP(to), 0, 0, NULL);
	}
}

/* The instructions that told nothing. */
static void tell_others(struct trace *t, struct thread *th)
{
	const struct path_event e = { .e = { .kind = ME_GAP, .addr = th->others }, .number = -1 };

	if (!th->others)
		return;
	th->others = 0;
	trace_emit(t, th, &e.e, 0, 0, 0, -1);
	path_events_add(&th->way, &e);
}

void tr_arrive(struct trace *t, struct thread *th, uint64_t end, bool store)
{
	const struct path *p;

	if (th->stepping) {
		tell_others(t, th);
		learned(t, th, end);
	} else if (th->burst) {
		p = paths_known(t->paths, th->node, end);
		if (p) {
			replay(t, th, p, 0);
		} else if ((p = paths_known(t->paths, th->node, 0))) {
			replay(t, th, p, 0);
			gap(t, th, "as it was when it was stepped");
			th->burst = store;
		} else if (!paths_taken(t->paths, th->node, end)) {
			t->totals.unseen++;
			trace_tell(t, th, TRACE_UNSEEN, PATH_IP(th->node), PATH_IP(end), 0, 0, NULL);
		}
	}
	th->stepping = false;
	th->executed = false;
	th->way.n = 0;
	th->steps = 0;
	th->others = 0;
	th->node = end;
	if (store) {
		th->burst = true;
		th->call_told = false;
		th->quiet = 0;
	}
}

void tr_unsaid(struct trace *t, struct thread *th, uint64_t ip, unsigned int bits)
{
	trace_tell(t, th, TRACE_UNSAID, ip, 0, 0, bits, NULL);
}

/* Does POPF, or IRET, set the trap flag? */
static bool loads_tf(struct thread *th, const struct insn *in)
{
	uint8_t byte = 0;

	tr_read(th, th->regs.rsp + (in->flags & INSN_SERIAL ? 16 : 0) + 1, &byte, 1);
	return byte & EFLAGS_TF >> 8;
}

/* What comes next, when it is no store: executed by one step, and told when that was made. */
static void step_over(struct trace *t, struct thread *th, struct look *l)
{
	const bool err = l->d->err;

	th->told.n = 0;
	th->unsaid = 0;
	th->executed = false;
	th->flags_out = !err && l->d->in.flags & INSN_FLAGS_OUT;
	th->flags_in = !err && l->d->in.flags & INSN_FLAGS_IN;
	/* A system call stops by itself, and tells itself. */
	if (!tr_calls_off(t, th) && !err && l->d->in.flags & INSN_SYSCALL) {
		tr_resume(t, th, false);
		return;
	}
	th->loads_tf = th->flags_in && loads_tf(th, &l->d->in);
	if (err)
		th->unsaid = 1u << INSN_UNKNOWNS;
	else
		tr_tellings(t, th, l, 1, &th->told, &th->unsaid);
	th->told_ip = th->regs.rip;
	th->executed = true;
	tr_resume(t, th, true);
}

/*
 * A long way that was stepped to its end once, and is the same so far: its end is not stepped again, but taken as it
 * was. It is what costs most, a thousand steps each time.
 */
static bool as_before(struct trace *t, struct thread *th)
{
	const struct path *p = t->asked_learn ? NULL : paths_known(t->paths, th->node, 0);

	if (!p || p->has.n < th->way.n)
		return false;
	for (size_t i = 0; i < th->way.n; i++)
		if (p->has.e[i].e.kind != th->way.e[i].e.kind || p->has.e[i].e.ip != th->way.e[i].e.ip)
			return false;
	replay(t, th, p, th->way.n);
	paths_stepped(t->paths, th->node, 0, th->steps, &p->has);
	gap(t, th, "as it was when it was stepped");
	return true;
}

static void gap_ends(struct thread *th)
{
	th->stepping = th->burst = false;
	th->way.n = 0;
	th->steps = 0;
	th->others = 0;
}

void tr_step(struct trace *t, struct thread *th)
{
	struct look l;

	for (;;) {
		if (th->stepping && th->quiet >= t->p.quiet) {
			learned(t, th, 0);
			gap(t, th, NULL);
			gap_ends(th);
		} else if (th->stepping && th->quiet == t->p.quiet / SHORTER && as_before(t, th)) {
			gap_ends(th);
		}
		/* One that steps itself gets its own traps. */
		if (!th->stepping || t->ret || t->full || tr_regs(th) || th->regs.eflags & EFLAGS_TF) {
			th->stepping = false;
			tr_resume(t, th, false);
			return;
		}
		tr_look(t, th, &l);
		if (!l.stores) {
			step_over(t, th, &l);
			return;
		}
		tr_arrive(t, th, tr_store_end(th, &l), true);
		if (tr_execute(t, th, &l) == NOT_EXECUTED)
			return;
		th->stepping = paths_step(t->paths, th->node);
	}
}

void tr_go(struct trace *t, struct thread *th)
{
	th->stepping = th->burst && paths_step(t->paths, th->node);
	tr_step(t, th);
}

/* PUSHF under a step stored the tracer's trap flag. */
void tr_clear_pushed(struct thread *th)
{
	uint8_t byte;

	if (!tr_regs(th) && tr_read(th, th->regs.rsp + 1, &byte, 1) == 1 && byte & EFLAGS_TF >> 8) {
		byte &= (uint8_t) ~(EFLAGS_TF >> 8);
		tr_write(th, th->regs.rsp + 1, &byte, 1);
	}
}

/*
 * Behind POPF and IRET under a step the kernel takes the trap flag for the program's own (step.c: enable_single_step).
 * An interrupt in between makes it forget the step: it stops again before it executes anything. false: there is another
 * stop to look at first.
 */
static bool forget_step(struct trace *t, struct thread *th)
{
	int status;

	th->flags_in = false;
	if (tr_regs(th))
		return true;
	th->regs.eflags &= ~(uint64_t)EFLAGS_TF;
	tr_regs_changed(th);
	if (tr_regs_flush(th) || ptrace(PTRACE_INTERRUPT, th->tid, NULL, NULL) ||
	    ptrace(PTRACE_SYSCALL, th->tid, NULL, NULL))
		return true;
	th->regs_have = false;
	while (waitpid(th->tid, &status, __WALL) < 0)
		if (errno != EINTR)
			return false;
	if (WIFSTOPPED(status) && status >> 16 == PTRACE_EVENT_STOP && WSTOPSIG(status) == SIGTRAP) {
		tr_classify(th, status);
		return true;
	}
	th->stop = STOP_NONE;
	th->have_status = true;
	th->status = status;
	t->nstatus++;
	return false;
}

void tr_stepped(struct trace *t, struct thread *th)
{
	/* A system call that was made again: the instruction behind it is still to come. */
	if (th->executed && th->si.si_code == TRAP_BRKPT && !tr_regs(th) && th->regs.rip == th->told_ip)
		th->executed = false;
	if (th->executed) {
		if (th->told.n)
			tell_others(t, th);
		else
			th->others++;
		for (size_t i = 0; i < th->told.n; i++) {
			const struct path_event *e = &th->told.e[i];

			trace_emit(t, th, &e->e, e->addr, e->place, 0, e->number);
			path_events_add(&th->way, e);
		}
		if (th->unsaid) {
			const unsigned int bits = th->unsaid & ((1u << INSN_UNKNOWNS) - 1);
			const struct path_event e = { .e = { .kind = PATH_UNSAID, .ip = th->told_ip },
						      .number = (int32_t)bits };

			tell_others(t, th);
			tr_unsaid(t, th, th->told_ip, bits);
			path_events_add(&th->way, &e);
		}
		if (th->flags_out)
			tr_clear_pushed(th);
		th->steps++;
		th->quiet++;
		th->executed = false;
		th->flags_out = false;
		if (th->flags_in && !th->loads_tf && !forget_step(t, th))
			return;
	}
	tr_step(t, th);
}
