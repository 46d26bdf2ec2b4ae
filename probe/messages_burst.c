/* SPDX-License-Identifier: GPL-2.0-or-later */
/* messages_burst.c - the stores of a thread that may belong together, and where one message of them ends. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "messages_int.h"

void bytes_of(const struct model_event *e, struct bytes *out)
{
	unsigned int off = e->addr % MODEL_LINE;
	uint64_t all = UINT64_MAX >> (64 - e->size), mask = e->flags & ME_MASKED ? e->mask : all;

	*out = (struct bytes){ .line = { LINE_OF(e->addr) }, .mask = { mask << off }, .n = 1 };
	if (off + e->size <= MODEL_LINE)
		return;
	out->line[1] = out->line[0] + MODEL_LINE;
	out->mask[1] = mask >> (MODEL_LINE - off);
	out->n = 2;
}

static bool uncached(const struct model_event *e)
{
	return e->type == MT_UC || e->type == MT_UCMINUS;
}

int closes_lines(const struct model_event *e)
{
	switch (e->kind) {
	case ME_STORE:
		return uncached(e) && !(e->flags & ME_DIRECT) ? 2 : 0;
	case ME_READ:
		return uncached(e) ? 2 : e->type == MT_WC ? 1 : 0;
	case ME_LFENCE:
	case ME_GAP:
		return 0;
	default:
		return 2;
	}
}

static int grow(struct burst *b)
{
	unsigned int room = b->room ? 2 * b->room : 32;
	struct trace_event *e = realloc(b->e, room * sizeof(*e));
	uint8_t *mark;

	if (!e)
		return -ENOMEM;
	b->e = e;
	mark = realloc(b->mark, room + 1);
	if (!mark)
		return -ENOMEM;
	if (!b->room)
		mark[0] = 0;
	b->mark = mark;
	b->room = room;
	return 0;
}

/* The newest turn of a line. */
static struct turn *turn_of(const struct burst *b, uint64_t line)
{
	for (unsigned int i = b->nturns; i-- > 0;)
		if (b->turns[i].line == line)
			return &b->turns[i];
	return NULL;
}

static int turn_touch(struct burst *b, uint64_t line, uint64_t mask, unsigned int at, bool gathers)
{
	struct turn *t = turn_of(b, line);

	if (!mask)
		return 0;
	if (!t || !(mask & ~t->mask)) {
		if (b->nturns == b->room_turns) {
			unsigned int room = b->room_turns ? 2 * b->room_turns : 32;
			struct turn *p = realloc(b->turns, room * sizeof(*p));

			if (!p)
				return -ENOMEM;
			b->turns = p;
			b->room_turns = room;
		}
		t = &b->turns[b->nturns++];
		*t = (struct turn){ .line = line, .first = (uint16_t)at };
	}
	t->mask |= mask;
	t->last = (uint16_t)at;
	t->gathers |= gathers;
	return 0;
}

static bool begins(const struct burst *b, uint64_t ip)
{
	for (unsigned int i = 0; i < b->nbegins && i < BEGINS; i++)
		if (b->begins[i] == ip)
			return true;
	return false;
}

static int store_touch(struct burst *b, unsigned int at)
{
	const struct model_event *e = &b->e[at].e;
	struct bytes w;
	int rc = 0;

	bytes_of(e, &w);
	for (unsigned int k = 0; k < w.n && !rc; k++)
		rc = turn_touch(b, w.line[k], w.mask[k], at, e->type == MT_WC && !(e->flags & ME_DIRECT));
	b->stores++;
	b->last = at;
	b->closed = uncached(e);
	return rc;
}

bool read_of(const struct model_event *e, uint64_t line)
{
	return LINE_OF(e->addr) == line || LINE_OF(e->addr + e->size - 1) == line;
}

static bool reads_open_line(const struct burst *b, const struct model_event *e)
{
	for (unsigned int i = 0; i < b->nturns; i++)
		if (b->turns[i].mask != FULL_MASK && read_of(e, b->turns[i].line))
			return true;
	return false;
}

int burst_add(struct burst *b, const struct trace_event *e)
{
	int how = closes_lines(&e->e);

	if (b->n == b->room && grow(b))
		return -ENOMEM;
	b->e[b->n++] = *e;
	b->mark[b->n] = 0;
	if (e->e.kind == ME_STORE && !b->stores && !begins(b, e->e.ip))
		b->begins[b->nbegins++ % BEGINS] = e->e.ip;
	if (e->e.kind == ME_STORE)
		return store_touch(b, b->n - 1);
	b->closed |= how == 2 || (how == 1 && reads_open_line(b, &e->e));
	return 0;
}

int burst_mark(struct burst *b, uint8_t mark)
{
	if (!b->room && grow(b))
		return -ENOMEM;
	b->mark[b->n] |= mark;
	return 0;
}

int burst_drop(struct burst *b, unsigned int n)
{
	uint8_t behind = 0;
	int rc = 0;

	/* What is lost behind the last message may be of the next one. */
	for (unsigned int i = b->stores ? b->last + 1 : 0; b->room && i <= b->n; i++)
		behind |= b->mark[i] & MARK_LOST;
	if (!b->room)
		return 0;

	memmove(b->e, b->e + n, (b->n - n) * sizeof(*b->e));
	memmove(b->mark, b->mark + n, b->n - n + 1);
	b->n -= n;
	b->nturns = b->stores = 0;
	b->closed = false;
	for (unsigned int i = 0; i < b->n && !rc; i++) {
		int how = closes_lines(&b->e[i].e);

		if (b->e[i].e.kind == ME_STORE)
			rc = store_touch(b, i);
		else
			b->closed |= how == 2 || (how == 1 && reads_open_line(b, &b->e[i].e));
	}
	if (!b->n)
		b->mark[0] = behind;
	return rc;
}

void burst_free(struct burst *b)
{
	free(b->e);
	free(b->mark);
	free(b->turns);
	*b = (struct burst){ 0 };
}

/* One store right behind or right before the other, without a gap. */
static bool beside(const struct model_event *a, const struct model_event *b)
{
	return a->addr + a->size == b->addr || b->addr + b->size == a->addr;
}

unsigned int burst_cut(const struct burst *b, uint16_t *at)
{
	const struct trace_event *begin = NULL, *before = NULL;
	int16_t open[MESSAGES_EVENTS + 1] = { 0 }, lacking[MESSAGES_EVENTS + 1] = { 0 };
	unsigned int n = 0, prior = 0;
	uint64_t others = 0;
	int filling = 0;

	for (unsigned int i = 0; i < b->nturns; i++) {
		open[b->turns[i].first]++;
		open[b->turns[i].last]--;
		lacking[b->turns[i].last] += b->turns[i].mask != FULL_MASK;
	}
	/*
	 * filling: lines stored to before store i that get bytes of their own by it or after it. Where there is none,
	 * the store before it was the last to its line; lacking: which is not full.
	 */
	for (unsigned int i = 0; i < b->n; i++) {
		const struct trace_event *e = &b->e[i];

		others += e->e.kind == ME_GAP ? e->e.addr : 0;
		if (e->e.kind != ME_STORE)
			continue;
		if (!begin || (!filling && (others >= STREAM_GAP_MANY || e->place != before->place ||
					    ((e->e.ip == begin->e.ip || begins(b, e->e.ip)) &&
					     !(lacking[prior] && beside(&before->e, &e->e)))))) {
			at[n++] = (uint16_t)i;
			begin = e;
		}
		filling += open[i];
		before = e;
		prior = i;
		others = 0;
	}
	return n;
}

bool burst_goes_on(const struct burst *b, const struct trace_event *store)
{
	uint16_t at[MESSAGES_STORES];
	unsigned int n = burst_cut(b, at);
	/* There is a store in it, so that n is not 0. NOLINTNEXTLINE(clang-analyzer-core.uninitialized.ArraySubscript) */
	const struct model_event *begin = &b->e[at[n - 1]].e, *e = &store->e;
	struct bytes w;

	bytes_of(e, &w);
	for (unsigned int k = 0; k < w.n; k++) {
		const struct turn *t = turn_of(b, w.line[k]);

		if (!t || t->mask == FULL_MASK || !(w.mask[k] & ~t->mask))
			continue;
		if (e->ip != begin->ip ||
		    (e->addr % MODEL_LINE != begin->addr % MODEL_LINE && w.line[k] == LINE_OF(begin->addr)))
			return true;
	}
	return false;
}
