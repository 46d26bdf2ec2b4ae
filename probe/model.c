/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model.c - one event of the stream at a time: what it does to the buffers. */
#include <errno.h>
#include <stdlib.h>

#include "model_int.h"

#define MAX_MPS 4096u

static enum closes closes_of(const struct profile_events *p, enum model_kind k)
{
	switch (k) {
	case ME_SFENCE:
		return p->sfence;
	case ME_MFENCE:
		return p->mfence;
	case ME_LOCKED:
		return p->locked;
	case ME_SERIAL:
		return p->serial;
	case ME_UC:
		return p->uc;
	case ME_PORT:
		return p->port;
	case ME_INTERRUPT:
		return p->interrupt;
	case ME_SYSCALL:
		return p->syscall;
	default:
		return CLOSES_NO;
	}
}

static const enum model_reason reason_of[ME_KINDS] = {
	[ME_SFENCE] = MR_SFENCE, [ME_MFENCE] = MR_MFENCE, [ME_LOCKED] = MR_LOCKED,	 [ME_SERIAL] = MR_SERIAL,
	[ME_UC] = MR_UC,	 [ME_PORT] = MR_PORT,	  [ME_INTERRUPT] = MR_INTERRUPT, [ME_SYSCALL] = MR_SYSCALL,
};

void model_reset(struct model *m)
{
	struct model clean = { .par = m->par, .cpu = m->cpu, .cb = m->cb, .ctx = m->ctx };

	clean.known = clean.par.buffers || clean.cpu->buffers;
	clean.nbuf = clean.par.buffers ? clean.par.buffers : clean.known ? clean.cpu->buffers : clean.cpu->assumed;
	for (unsigned int k = 0; k < ME_KINDS; k++)
		clean.closes[k] = closes_of(clean.cpu->events, k);
	for (unsigned int i = 0; i < MODEL_MAX_BUFFERS; i++)
		clean.tag[i] = NO_LINE;
	*m = clean;
}

int model_new(const struct model_params *p, model_tlp_fn cb, void *ctx, struct model **out)
{
	struct model *m;

	*out = NULL;
	if (p->buffers > MODEL_MAX_BUFFERS || (p->header && p->header != 3 && p->header != 4))
		return -EINVAL;
	if (p->mps && (p->mps < 128 || p->mps > MAX_MPS || (p->mps & (p->mps - 1))))
		return -EINVAL;
	m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	m->par = *p;
	m->cpu = p->cpu ? p->cpu : cpu_profile_reference();
	m->cb = cb;
	m->ctx = ctx;
	model_reset(m);
	*out = m;
	return 0;
}

void model_free(struct model *m)
{
	free(m);
}

static bool uncached(unsigned int type)
{
	return type == MT_UC || type == MT_UCMINUS;
}

const char *model_event_wrong(const struct model_event *e)
{
	if (e->kind >= ME_KINDS)
		return "no such kind of event";
	if (e->kind != ME_STORE && e->kind != ME_READ)
		return e->flags & ~(e->kind == ME_INTERRUPT ? ME_FAULT : e->kind == ME_UNSEEN ? ME_WAY : 0)
			       ? "no such flag for this event"
			       : NULL;
	if (!e->size || e->size > MODEL_LINE)
		return "the size is not 1 to 64 bytes";
	if (e->addr > UINT64_MAX - (e->size - 1))
		return "it runs past the end of the address space";
	if (e->type != MT_WC && e->type != MT_WB && !uncached(e->type))
		return "the memory type is none of WC, UC, UC- and WB";
	if (e->kind == ME_READ)
		return e->flags ? "a read has neither a mask nor is it direct" : NULL;
	if (e->flags & ~(ME_DIRECT | ME_MASKED | ME_REP))
		return "no such flag for this event";
	if (e->flags & ME_MASKED && e->size < 64 && e->mask >> e->size)
		return "the mask has bytes beyond the size";
	if (e->flags & ME_REP && (e->flags != ME_REP || e->size > 8 || e->size & (e->size - 1)))
		return "a string instruction stores 1, 2, 4 or 8 bytes, without a mask, not direct";
	if (!(e->flags & ME_DIRECT))
		return NULL;
	if (e->flags & ME_MASKED)
		return "a direct store has no mask";
	if (e->size != 4 && e->size != 8 && e->size != 64)
		return "a direct store has 4, 8 or 64 bytes";
	return e->size == 64 && e->addr % 64 ? "a direct store of 64 bytes has to be aligned" : NULL;
}

/* Everything open leaves, if this kind of event closes the buffers. */
static void close_all(struct model *m, enum model_kind kind)
{
	if (m->closes[kind] == CLOSES_NO)
		return;
	m->t.closing++;
	if (!m->n && !m->range.open)
		return;
	if (m->closes[kind] == CLOSES_MAYBE) {
		m->t.unknowns |= MU_EVENT;
		m->t.maybe_kinds |= 1u << kind;
		range_maybe(m);
	}
	lines_leave_all(m, reason_of[kind]);
	if (m->closes[kind] == CLOSES_YES)
		range_close_all(m);
}

/* It combines with nothing. */
static void store_alone(struct model *m, const struct model_event *e, uint64_t line, uint64_t mask)
{
	struct open_line one = {
		.mask = mask, .first = m->at, .last = m->at, .ip_first = e->ip, .ip_last = e->ip, .stores = 1
	};
	bool aligned = !(e->addr & (e->size - 1u)) && !(e->size & (e->size - 1u));
	bool direct = e->flags & ME_DIRECT;
	enum cut_how how = !aligned ? CUT_MISALIGNED : CUT_ALIGNED;
	struct cut_count c;
	int slot;

	if (aligned && (direct || (e->size <= 8 && !(e->flags & ME_MASKED))))
		how = CUT_ONE;
	c = cut_alone(mask, how);
	if (!direct) {
		range_add(m, c, MU_UNCACHED);
		out_alone(m, line, &one, MR_UNCACHED, c.dflt);
		return;
	}
	range_direct(m, line, mask, c);
	slot = lines_find(m, line);
	if (slot >= 0)
		lines_leave(m, (unsigned int)slot, MR_OVERTAKEN);
	out_alone(m, line, &one, MR_DIRECT, c.dflt);
}

static void piece(struct model *m, const struct model_event *e, uint64_t line, uint64_t mask)
{
	if (!mask)
		return;
	if (e->type == MT_WC && !(e->flags & ME_DIRECT))
		lines_store(m, line, mask);
	else
		store_alone(m, e, line, mask);
}

static void store(struct model *m, const struct model_event *e)
{
	unsigned int off = e->addr % MODEL_LINE;
	uint64_t line = LINE_OF(e->addr), all = UINT64_MAX >> (64 - e->size);
	uint64_t mask = e->flags & ME_MASKED ? e->mask : all;

	m->t.stores++;
	if (e->flags & ME_DIRECT)
		m->t.direct++;
	else if (e->type == MT_WC)
		m->t.wc++;
	else if (e->type == MT_WB) {
		m->t.wb++;
		return;
	} else {
		m->t.uc++;
		close_all(m, ME_UC);
	}
	m->t.store_bytes += e->flags & ME_MASKED ? cut_bytes(mask) : e->size;
	piece(m, e, line, mask << off);
	if (off + e->size > MODEL_LINE) {
		/* off is not 0: at most 64 bytes reach beyond. NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult) */
		m->t.straddling += mask << off && mask >> (MODEL_LINE - off);
		piece(m, e, line + MODEL_LINE, mask >> (MODEL_LINE - off));
	}
}

/* A load has to see the stores before it: the lines that it touches leave; AMD 25112 table 12 says so. */
static void load(struct model *m, const struct model_event *e)
{
	m->t.reads++;
	if (uncached(e->type)) {
		close_all(m, ME_UC);
		return;
	}
	if (e->type != MT_WC)
		return;
	for (uint64_t line = LINE_OF(e->addr), end = LINE_OF(e->addr + e->size - 1);; line += MODEL_LINE) {
		int slot = lines_find(m, line);

		if (slot >= 0)
			lines_leave(m, (unsigned int)slot, MR_READ);
		range_close(m, line);
		if (line == end)
			break;
	}
}

/*
 * Most events of most streams: a plain store of new bytes into the line that was written last, which they do not fill,
 * while nothing is open to doubt. The same as store() does, without asking each question by itself.
 */
static bool quick(struct model *m, const struct model_event *e)
{
	unsigned int off = e->addr % MODEL_LINE;
	struct open_line *l = &m->slot[m->hit];
	uint64_t mask;

	if (e->kind != ME_STORE || e->type != MT_WC || e->flags || !e->size || off + e->size > MODEL_LINE ||
	    m->tag[m->hit] != LINE_OF(e->addr) || m->range.open)
		return false;
	mask = UINT64_MAX >> (64 - e->size) << off;
	if (l->mask & mask || (l->mask | mask) == FULL_MASK || l->stores == UINT32_MAX)
		return false;
	l->mask |= mask;
	l->last = m->t.events++;
	l->ip_last = e->ip;
	l->stores++;
	m->t.stores++;
	m->t.wc++;
	m->t.store_bytes += e->size;
	return true;
}

/* The lines may have left, or not; the default list keeps them. */
static void unseen(struct model *m, const struct model_event *e)
{
	const bool open = m->n || m->range.open;

	if (e->flags & ME_WAY && !open)
		return;
	m->t.unseen += !(e->flags & ME_WAY); /* what may close is all in the range */
	m->t.unknowns |= MU_UNSEEN;
	if (open)
		range_maybe(m);
}

int model_feed(struct model *m, const struct model_event *e)
{
	if (quick(m, e))
		return 0;
	if (model_event_wrong(e))
		return -EINVAL;
	m->at = m->t.events++;
	m->at_ip = e->ip;
	if (e->kind == ME_STORE)
		store(m, e);
	else if (e->kind == ME_READ)
		load(m, e);
	else if (e->kind == ME_UNSEEN)
		unseen(m, e);
	else
		close_all(m, e->kind);
	return 0;
}

void model_end(struct model *m)
{
	m->at = m->t.events;
	m->at_ip = 0;
	lines_leave_all(m, MR_END);
	range_close_all(m);
}

const struct model_totals *model_totals(const struct model *m)
{
	return &m->t;
}

unsigned int model_buffers(const struct model *m)
{
	return m->nbuf;
}
