// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stores_expand.c - from the table: each store of a run, in the order of the instructions.
 *
 * What the instructions really do is held against this step by step in tests/unit/test_stores_steps.c.
 */
#include <errno.h>
#include <stdlib.h>

#include "probe/stores_int.h"

struct expansion {
	const struct wcdiag_store_pattern *p;
	uint32_t lines, gap;
	uint64_t message, base;
	int (*emit)(void *ctx, const struct stores_event *event);
	void *ctx;
};

static int give(const struct expansion *e, enum stores_kind kind, uint32_t size, uint64_t offset)
{
	struct stores_event event = { .kind = kind, .size = size, .offset = offset, .message = e->message };

	return e->emit(e->ctx, &event);
}

static uint32_t stores_of(const struct wcdiag_store_pattern *p)
{
	return p->count + (p->tail ? 1U : 0U);
}

/* Store i of a line of the message, and what the pattern puts behind it. */
static int store(const struct expansion *e, uint32_t line, uint32_t i)
{
	const struct wcdiag_store_pattern *p = e->p;
	int64_t in_line = i < p->count ? p->first + (int64_t)i * p->step : p->tail;
	int err = give(e, STORES_STORE, p->size, e->base + (uint64_t)line * p->span + (uint64_t)in_line);

	if (!err && (p->flags & WCDIAG_STORE_FENCE_EACH))
		err = give(e, STORES_FENCE, 0, 0);
	if (!err && (p->flags & WCDIAG_STORE_NOPS) && i + 1 < stores_of(p))
		err = give(e, STORES_GAP, e->gap, 0);
	return err;
}

static int one_message(const struct expansion *e)
{
	uint32_t n = stores_of(e->p);
	bool turns = e->p->flags & WCDIAG_STORE_BY_TURNS;
	int err = 0;

	for (uint32_t k = 0; k < n * e->lines && !err; k++)
		err = turns ? store(e, k % e->lines, k / e->lines) : store(e, k / n, k % n);
	return err;
}

static int shaped_message(const struct expansion *e, const struct stores_shape *shape)
{
	int err = 0;

	for (size_t i = 0; i < shape->n && !err; i++) {
		const struct stores_event *s = &shape->events[i];

		err = give(e, s->kind, s->size, s->kind == STORES_STORE ? e->base + s->offset : 0);
	}
	return err;
}

int stores_expand(const struct stores_run *run, uint64_t length, const struct stores_shape *shape,
		  int (*emit)(void *ctx, const struct stores_event *event), void *ctx)
{
	struct expansion e = { .emit = emit, .ctx = ctx };
	struct wcdiag_store_walk walk;
	struct stores_run full;
	uint64_t n;
	int err = stores_begin(run, length, &full, &walk);

	if (err)
		return err;
	e.p = &wcdiag_store_patterns[run->pattern];
	e.lines = full.lines;
	e.gap = full.gap;
	if (!shape && (e.p->flags & WCDIAG_STORE_LIBRARY))
		return -ENODATA;
	while ((n = wcdiag_store_next(&walk)) && !err) {
		for (uint64_t i = 0; i < n && !err; i++) {
			e.message = walk.done + i;
			e.base = walk.at + i * walk.span;
			err = shape ? shaped_message(&e, shape) : one_message(&e);
		}
		e.message = walk.done + n - 1;
		if (!err)
			err = give(&e, STORES_FENCE, 0, 0);
		walk.done += n;
	}
	return err;
}
