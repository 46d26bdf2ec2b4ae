/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace_look.c - decodes what a stopped thread executes next, and tells it as events seen from the mappings. */
#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#include "trace_look.h"

/* What orders or closes, and so is told wherever its operands lie. */
#define TELLS                                                                                                          \
	(INSN_LOCKED | INSN_SFENCE | INSN_MFENCE | INSN_LFENCE | INSN_SERIAL | INSN_SYSCALL | INSN_PORT | INSN_FLUSH | \
	 INSN_STRANGE)

/* The bytes are read each time, for code may change; what they mean is kept. */
static const struct decoded *decode(struct trace *t, struct thread *th)
{
	const uint64_t ip = th->regs.rip;
	struct decoded *d = &t->decoded[(ip ^ ip >> 12) % DECODED];
	uint8_t bytes[INSN_BYTES];
	ssize_t n = tr_code(th, ip, bytes, sizeof(bytes));

	if (n < 0)
		n = 0;
	if (d->ip == ip && d->n == n && !memcmp(d->bytes, bytes, (size_t)n))
		return d;
	memset(d, 0, sizeof(*d));
	d->ip = ip;
	d->n = (uint8_t)n;
	memcpy(d->bytes, bytes, (size_t)n);
	d->err = n ? insn_decode(bytes, (size_t)n, &d->in) : -ENODATA;
	return d;
}

int tr_look_vectors(struct trace *t, struct thread *th)
{
	struct iovec v = { .iov_base = t->xstate, .iov_len = t->xstate_len };

	if (ptrace(PTRACE_GETREGSET, th->tid, (void *)NT_X86_XSTATE, &v))
		return -errno;
	return insn_xstate(t->xstate, v.iov_len, &t->layout, &t->regs);
}

static void registers(struct trace *t, struct thread *th, bool vectors)
{
	const struct user_regs_struct *u = &th->regs;
	struct insn_regs *r = &t->regs;

	r->gpr[0] = u->rax;
	r->gpr[1] = u->rcx;
	r->gpr[2] = u->rdx;
	r->gpr[3] = u->rbx;
	r->gpr[4] = u->rsp;
	r->gpr[5] = u->rbp;
	r->gpr[6] = u->rsi;
	r->gpr[7] = u->rdi;
	r->gpr[8] = u->r8;
	r->gpr[9] = u->r9;
	r->gpr[10] = u->r10;
	r->gpr[11] = u->r11;
	r->gpr[12] = u->r12;
	r->gpr[13] = u->r13;
	r->gpr[14] = u->r14;
	r->gpr[15] = u->r15;
	r->rip = u->rip;
	r->flags = u->eflags;
	r->fs_base = u->fs_base;
	r->gs_base = u->gs_base;
	r->have = 0;
	if (vectors)
		tr_look_vectors(t, th);
}

/* Does an access touch the range, in any of its iterations? */
static bool touches(const struct insn_effect *e, const struct insn_access *a, const struct range *r)
{
	uint64_t moved = e->count > 1 ? (e->count - 1) * (uint64_t)(e->step < 0 ? -e->step : e->step) : 0;
	uint64_t from = a->addr, to = a->addr + a->size - 1;

	if (!e->count)
		return false;
	if (e->step < 0)
		from = moved > from ? 0 : from - moved;
	else
		to = moved > UINT64_MAX - to ? UINT64_MAX : to + moved;
	return from < r->end && to >= r->start;
}

void tr_look(struct trace *t, struct thread *th, struct look *l)
{
	struct space *s = th->p->space;

	*l = (struct look){ .d = decode(t, th) };
	if (l->d->err || (!l->d->in.nmem && !(l->d->in.flags & TELLS))) {
		l->quiet = true;
		return;
	}
	registers(t, th, l->d->in.vectors);
	insn_resolve(&l->d->in, &t->regs, &t->cpu, &l->e);
	/* What the program itself has made read-only is its own affair: it gets its signal. */
	for (size_t i = 0; i < s->n && !l->stores; i++)
		for (unsigned int k = 0; k < l->e.nstores && !l->stores && !s->r[i].idle; k++) {
			l->stores = touches(&l->e, &l->e.stores[k], &s->r[i]);
			if (l->stores)
				l->range = &s->r[i];
		}
}

struct taking {
	struct trace *t;
	const struct range *r;
	struct path_events *out;
	bool accesses; /* only these */
	unsigned int count;
};

static int take(const struct model_event *e, void *ctx)
{
	struct taking *k = ctx;
	struct path_event pe = { .e = *e, .number = -1 };
	bool access = e->kind == ME_STORE || e->kind == ME_READ;

	if (access) {
		pe.addr = e->addr;
		pe.place = k->r->place;
		pe.e.addr = tr_place_addr(k->t, k->r, e->addr);
		k->count++;
	} else if (k->accesses) {
		return 0;
	}
	return path_events_add(k->out, &pe);
}

int tr_tellings(struct trace *t, struct thread *th, const struct look *l, uint64_t done, struct path_events *out,
		unsigned int *unsaid)
{
	/* An address that no program has: for what does not touch a range. */
	static const struct range nowhere = { .start = (uint64_t)1 << 63, .end = ((uint64_t)1 << 63) + 1 };
	struct taking k = { .t = t, .out = out };
	struct space *s = th->p->space;
	int err = 0;

	*unsaid = 0;
	if (l->quiet)
		return 0;
	for (size_t i = 0; i <= s->n && !err; i++) {
		const struct range *r = i < s->n ? &s->r[i] : &nowhere;
		const struct insn_range ir = { .addr = r->start,
					       .size = r->end - r->start,
					       .type = i < s->n ? t->places[r->place].type : MT_WC };
		unsigned int bits = 0, seen = k.count;
		size_t had = out->n;

		if (i == s->n && seen)
			break;
		k.r = r;
		k.accesses = seen;
		err = insn_events(&l->d->in, &l->e, l->d->ip, done, &ir, take, &k, &bits);
		*unsaid |= bits;
		/* What closes without touching this range is told once, at the end. */
		if (i < s->n && k.count == seen)
			out->n = had;
	}
	return err;
}
