/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace_store.c - executes one store to a traced mapping.
 *
 * Through the tracer's own mapping where that is allowed and the store is a plain copy; else the program does it
 * itself: its other threads are held, the mapping is opened, whole, it makes one step, and the mapping is guarded
 * again.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>

#include "insn_value.h"
#include "trace_store.h"

/* Iterations of a string instruction at one stop. */
#define AT_ONCE 4096u

static void emit_all(struct trace *t, struct thread *th, const struct path_events *v, unsigned int flags)
{
	for (size_t i = 0; i < v->n; i++)
		trace_emit(t, th, &v->e[i].e, v->e[i].addr, v->e[i].place, flags, v->e[i].number);
}

/* How often the one store can be made inside of its range now. 0: not this way. */
static uint64_t times(const struct look *l, const struct range *r)
{
	const struct insn_access *a = &l->e.stores[0];
	uint64_t room, step = (uint64_t)(l->e.step < 0 ? -l->e.step : l->e.step), n;

	if (l->e.nstores != 1 || l->e.stores_anywhere || !a->sure || !l->e.count || a->addr < r->start ||
	    a->addr + a->size > r->end)
		return 0;
	if (l->e.count == 1)
		return 1;
	if (!step)
		return 0;
	room = l->e.step < 0 ? (a->addr - r->start) / step : (r->end - a->addr - a->size) / step;
	n = room + 1 < l->e.count ? room + 1 : l->e.count;
	return n < AT_ONCE ? n : AT_ONCE;
}

/* Past the end of the file there is no page: the program gets its SIGBUS, the tracer goes on. */
static __thread sigjmp_buf escape;
static __thread volatile sig_atomic_t storing;
static struct sigaction old_bus;

static void on_bus(int sig)
{
	if (storing)
		siglongjmp(escape, 1);
	/* Not of this file's making: it comes again. */
	sigaction(sig, &old_bus, NULL);
}

void tr_bus_take(void)
{
	const struct sigaction sa = { .sa_handler = on_bus, .sa_flags = SA_NODEFER };

	sigaction(SIGBUS, &sa, &old_bus);
}

void tr_bus_give(void)
{
	sigaction(SIGBUS, &old_bus, NULL);
}

static bool put_all(const struct look *l, const struct insn_value *v, uint64_t n, const uint8_t *source, uint8_t *ours)
{
	const uint64_t span = v->size * (n - 1);

	storing = 1;
	if (sigsetjmp(escape, 0)) {
		storing = 0;
		return false;
	}
	for (uint64_t i = 0; i < n; i++) {
		const uint64_t at = l->e.step < 0 ? span - i * v->size : i * v->size;

		insn_put(v, v->from == INSN_FROM_MEMORY ? source + at : v->bytes, ours + at);
	}
	storing = 0;
	return true;
}

static bool make_stores(struct trace *t, struct thread *th, const struct look *l, const struct insn_value *v,
			uint64_t n)
{
	const uint64_t addr = l->e.stores[0].addr, span = v->size * (n - 1);
	const uint64_t low = l->e.step < 0 ? addr - span : addr;
	static uint8_t source[AT_ONCE * 64];
	uint8_t *ours = tr_ours(t, th, l->range, low, span + v->size);
	uint64_t from = l->e.step < 0 ? v->source - span : v->source;

	if (!ours)
		return false;
	if (v->from == INSN_FROM_MEMORY) {
		/* Nothing of a device is read by the tracer, and what is stored may not be read ahead. */
		if (tr_range_overlap(th->p->space, from, span + v->size) ||
		    tr_read(th, from, source, span + v->size) != (ssize_t)(span + v->size))
			return false;
	}
	for (uint64_t i = 0; i < n; i++) {
		uint64_t at = l->e.step < 0 ? span - i * v->size : i * v->size;

		if (insn_put_can(v, ours + at))
			return false;
	}
	return put_all(l, v, n, source, ours);
}

/* The registers behind n iterations. */
static void advance(struct thread *th, const struct look *l, const struct insn_value *v, uint64_t n)
{
	const struct insn *in = &l->d->in;
	struct user_regs_struct *r = &th->regs;
	bool on = true;

	if (in->flags & INSN_STRING) {
		uint64_t moved = (uint64_t)(int64_t)l->e.step * n;

		r->rdi += moved;
		if (v->from == INSN_FROM_MEMORY)
			r->rsi += moved;
		if (in->flags & INSN_REP) {
			r->rcx -= n;
			on = !r->rcx;
		}
	}
	if (on)
		r->rip += in->len;
	if (in->flags & INSN_STRING)
		tr_regs_changed(th);
	else
		tr_ip_changed(th);
}

static int value(struct trace *t, struct thread *th, const struct look *l, struct insn_value *v)
{
	int err = insn_value(l->d->bytes, l->d->n, &l->d->in, &t->regs, v);

	if (err == -ENODATA && !tr_look_vectors(t, th))
		err = insn_value(l->d->bytes, l->d->n, &l->d->in, &t->regs, v);
	return err;
}

static bool through(struct trace *t, struct thread *th, const struct look *l)
{
	const struct insn *in = &l->d->in;
	struct path_events told = { .e = NULL };
	struct insn_value v;
	unsigned int unsaid;
	uint64_t n;
	bool done = false;

	if (!l->range->through || th->regs.eflags & EFLAGS_TF || l->d->err ||
	    in->flags & (INSN_LOCKED | INSN_STRANGE | INSN_UNTIL))
		return false;
	/* A string instruction with 32-bit addresses moves other registers. */
	if (in->flags & INSN_STRING && in->mem[0].bits != 64)
		return false;
	n = times(l, l->range);
	if (!n || value(t, th, l, &v) || v.size != l->e.stores[0].size || v.size > 64)
		return false;
	if (in->flags & INSN_STRING && l->e.step != (int)v.size && l->e.step != -(int)v.size)
		return false;
	if (!tr_tellings(t, th, l, n, &told, &unsaid) && !unsaid && make_stores(t, th, l, &v, n)) {
		advance(th, l, &v, n);
		emit_all(t, th, &told, TRACE_THROUGH);
		done = true;
	}
	path_events_free(&told);
	return done;
}

/* One step with the mapping open. EXECUTED: an iteration was; what it told is emitted. */
static enum executed step_once(struct trace *t, struct thread *th, const struct look *l)
{
	struct path_events told = { .e = NULL };
	unsigned int unsaid = l->d->err ? 1u << INSN_UNKNOWNS : 0;
	const uint64_t ip = th->regs.rip;
	const bool own_tf = th->regs.eflags & EFLAGS_TF;
	enum executed done = NOT_EXECUTED;

	if (!l->d->err)
		tr_tellings(t, th, l, 1, &told, &unsaid);
	for (;;) {
		if (tr_resume(t, th, true) || !tr_wait(t, th))
			break;
		if (th->stop == STOP_TRAP) {
			if (!l->d->err && l->d->in.flags & INSN_FLAGS_OUT)
				tr_clear_pushed(th);
			emit_all(t, th, &told, 0);
			if (unsaid)
				tr_unsaid(t, th, ip, unsaid & ((1u << INSN_UNKNOWNS) - 1));
			done = EXECUTED;
			if (own_tf) /* the program waits for this trap */
				th->sig = SIGTRAP;
			break;
		}
		if (th->stop == STOP_GROUP)
			th->restop = true;
		else if (th->stop != STOP_PLAIN)
			break; /* a signal: first things first */
		tr_regs(th);
	}
	path_events_free(&told);
	return done;
}

static enum executed opened(struct trace *t, struct thread *th, struct look *l)
{
	const uint64_t ip = th->regs.rip;
	struct space *s = th->p->space;
	enum executed done = NOT_EXECUTED;
	struct look next = *l;
	unsigned int n = 0;

	tr_hold(t, s, th);
	if (tr_guard(t, th, NULL, false) == -ESRCH)
		return NOT_EXECUTED;
	do {
		if (step_once(t, th, &next) == NOT_EXECUTED)
			break;
		done = EXECUTED;
		if (tr_regs(th) || th->regs.rip != ip)
			break;
		tr_look(t, th, &next); /* the next iteration */
	} while (next.stores && ++n < AT_ONCE);
	if (th->stop == STOP_NONE) /* it died */
		return NOT_EXECUTED;
	if (!s->open)
		tr_guard(t, th, NULL, true);
	/* A signal may stand behind iterations that were executed: it is looked at either way. */
	return th->stop == STOP_TRAP && !th->sig ? done : NOT_EXECUTED;
}

enum executed tr_execute(struct trace *t, struct thread *th, struct look *l)
{
	enum executed done;

	if (l->range && through(t, th, l))
		return EXECUTED;
	done = opened(t, th, l);
	if (done == NOT_EXECUTED && th->stop != STOP_NONE && !th->have_status)
		tr_signal(t, th);
	return done;
}

uint64_t tr_store_end(const struct thread *th, const struct look *l)
{
	return PATH_END(th->p->code, th->regs.rip, l->stores && l->e.nstores ? l->e.stores[0].addr : 0);
}

void tr_store(struct trace *t, struct thread *th)
{
	uint64_t began = trace_now() - t->told_ns;
	bool known = !th->stepping;
	struct look l;

	th->sig = 0;
	th->si_set = false;
	tr_segv_repair(t, th);
	if (tr_regs(th))
		return;
	tr_look(t, th, &l);
	tr_arrive(t, th, tr_store_end(th, &l), true);
	if (!l.stores) /* what it stores was not to be known: all ranges are opened */
		l.range = NULL;
	if (tr_execute(t, th, &l) == EXECUTED)
		tr_go(t, th);
	if (known && !th->stepping) {
		t->totals.known_stores++;
		t->totals.store_ns += trace_now() - t->told_ns - began;
	}
}
