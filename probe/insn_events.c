// SPDX-License-Identifier: GPL-2.0-or-later
/* insn_events.c - one executed instruction as events of the model, seen from a range. */
#include "probe/insn_int.h"

/* What is being said. */
struct work {
	const struct insn *in;
	const struct insn_effect *e;
	const struct insn_range *range;
	uint64_t ip, first, last; /* of the range */
	model_event_fn fn;
	void *ctx;
	unsigned int unsaid;
	bool stored;
};

static int say(struct work *w, enum model_kind kind)
{
	const struct model_event e = { .kind = (uint8_t)kind, .ip = w->ip };

	return w->fn(&e, w->ctx);
}

static bool touches(const struct work *w, uint64_t addr, uint32_t size)
{
	return addr <= w->last && addr + (size - 1) >= w->first;
}

/* One access, moved by a string instruction's way so far. */
static int access(struct work *w, const struct insn_access *a, uint64_t moved, bool writes)
{
	uint64_t from = a->addr + moved, to = from + (a->size - 1), mask;
	struct model_event e = { .kind = writes ? ME_STORE : ME_READ, .ip = w->ip, .type = (uint8_t)w->range->type };
	bool cut = from < w->first || to > w->last;

	if (!touches(w, from, a->size))
		return 0;
	if (!a->sure) {
		w->unsaid |= w->e->unknown ? w->e->unknown : INSN_MAYBE;
		return 0;
	}
	e.addr = from < w->first ? w->first : from;
	e.size = (uint8_t)((to > w->last ? w->last : to) - e.addr + 1);
	if (a->masked && writes) {
		mask = a->mask >> (e.addr - from);
		e.mask = e.size < 64 ? mask & ((1ULL << e.size) - 1) : mask;
		e.flags = ME_MASKED;
		if (!e.mask)
			return 0;
	}
	if (writes && w->in->flags & INSN_DIRECT) {
		if (cut) {
			w->unsaid |= INSN_EDGE;
			return 0;
		}
		e.flags = ME_DIRECT;
	}
	/* An element cut at the edge of the range may be of no size that a string instruction stores. */
	if (writes && w->in->flags & INSN_REP && !(e.size & (e.size - 1)))
		e.flags = ME_REP;
	if (writes && !w->stored && w->in->flags & INSN_LOCKED) {
		int err = say(w, ME_LOCKED);

		if (err)
			return err;
	}
	w->stored |= writes;
	return w->fn(&e, w->ctx);
}

static int accesses(struct work *w, const struct insn_access *a, unsigned int n, uint64_t moved, bool writes)
{
	int err = 0;

	for (unsigned int i = 0; i < n && i < INSN_PARTS && !err; i++)
		err = access(w, &a[i], moved, writes);
	return err;
}

/* Iterations from *begin up to *end, which is excluded, touch the range with this access. */
static void hits(const struct work *w, const struct insn_access *a, uint64_t done, uint64_t *begin, uint64_t *end)
{
	uint64_t s = a->size;

	*begin = *end = 0;
	if (w->e->step >= 0) {
		if (a->addr > w->last)
			return;
		*begin = w->first > a->addr ? (w->first - a->addr) / s : 0;
		*end = (w->last - a->addr) / s + 1;
	} else {
		if (a->addr + (s - 1) < w->first)
			return;
		*begin = a->addr > w->last ? (a->addr - w->last - 1) / s + 1 : 0;
		*end = (a->addr + (s - 1) - w->first) / s + 1;
	}
	if (!*end || *end > done)
		*end = done;
	if (*begin > *end)
		*begin = *end;
}

/* Only those iterations that touch the range are gone through. */
static int string(struct work *w, uint64_t done)
{
	uint64_t begin[4], end[4], i = 0, next, last = 0;
	const struct insn_access *all[4];
	bool port = w->in->flags & INSN_PORT;
	unsigned int n = 0;
	int err = 0;

	for (unsigned int k = 0; k < w->e->nreads && n < 2; k++)
		all[n++] = &w->e->reads[k];
	for (unsigned int k = 0; k < w->e->nstores && n < 4; k++)
		all[n++] = &w->e->stores[k];
	for (unsigned int k = 0; k < n; k++)
		hits(w, all[k], done, &begin[k], &end[k]);
	for (; !err; i = next + 1) {
		uint64_t moved;

		next = UINT64_MAX;
		for (unsigned int k = 0; k < n; k++)
			if (i < end[k] && (i > begin[k] ? i : begin[k]) < next)
				next = i > begin[k] ? i : begin[k];
		if (next == UINT64_MAX)
			break;
		moved = next * (uint64_t)(int64_t)w->e->step;
		err = accesses(w, w->e->reads, w->e->nreads, moved, false);
		if (!err && port)
			err = say(w, ME_PORT);
		if (!err)
			err = accesses(w, w->e->stores, w->e->nstores, moved, true);
		last = next + 1;
	}
	/* Those that missed the range went to the port as well. */
	if (!err && port && last < done)
		err = say(w, ME_PORT);
	return err;
}

static int order(struct work *w)
{
	static const struct {
		uint32_t flag;
		enum model_kind kind;
	} rows[] = {
		{ INSN_LOCKED, ME_LOCKED },   { INSN_SFENCE, ME_SFENCE },  { INSN_MFENCE, ME_MFENCE },
		{ INSN_LFENCE, ME_LFENCE },   { INSN_SERIAL, ME_SERIAL },  { INSN_PORT, ME_PORT },
		{ INSN_SYSCALL, ME_SYSCALL }, { INSN_TRAP, ME_INTERRUPT },
	};
	int err = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && !err; i++)
		if (w->in->flags & rows[i].flag && !(rows[i].flag == INSN_PORT && w->in->flags & INSN_STRING))
			err = say(w, rows[i].kind);
	return err;
}

int insn_events(const struct insn *in, const struct insn_effect *e, uint64_t ip, uint64_t done,
		const struct insn_range *range, model_event_fn fn, void *ctx, unsigned int *unsaid)
{
	struct work w = { .in = in, .e = e, .range = range, .ip = ip, .fn = fn, .ctx = ctx };
	int err = 0;

	*unsaid = 0;
	if (done > e->count) /* a string that ran on past the address space's end cannot be */
		done = e->count;
	if (!done)
		return 0;
	w.first = range->addr;
	w.last = range->size - 1 > UINT64_MAX - range->addr ? UINT64_MAX : range->addr + (range->size - 1);
	if (range->size) {
		if (in->flags & INSN_STRING) {
			err = string(&w, done);
		} else {
			err = accesses(&w, e->reads, e->nreads, 0, false);
			if (!err)
				err = accesses(&w, e->stores, e->nstores, 0, true);
		}
		if (e->stores_anywhere || e->reads_anywhere)
			w.unsaid |= e->unknown;
		/* What it does to a buffer that combines is not written anywhere. */
		if (in->flags & INSN_FLUSH && touches(&w, e->line & ~63ULL, 64))
			w.unsaid |= INSN_NOT_TOLD;
	} else if (in->flags & INSN_STRING && in->flags & INSN_PORT) {
		err = say(&w, ME_PORT);
	}
	if (!err)
		err = order(&w);
	*unsaid = w.unsaid;
	return err;
}
