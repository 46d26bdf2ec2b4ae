/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stream.c - events into the model, and what the model does not tell of the stores behind a line. */
#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stream_int.h"

static struct open_info *open_find(struct stream *s, uint64_t line)
{
	/* The last one written is the likely one; see open_touch(). */
	for (unsigned int i = s->nopen; i-- > 0;)
		if (s->open[i].line == line)
			return &s->open[i];
	return NULL;
}

static bool just_full(const struct stream *s, uint64_t line)
{
	unsigned int n = s->nfull < STREAM_FULL ? s->nfull : STREAM_FULL;

	for (unsigned int i = 0; i < n; i++)
		if (s->full[i] == line)
			return true;
	return false;
}

/* The event's store has come to this line. */
static void open_touch(struct stream *s, struct piece *p)
{
	struct open_info *i = open_find(s, p->line);
	bool rep = s->e->flags & ME_REP;
	unsigned int size = s->e->size;

	p->done = true;
	if (!i) {
		i = &s->open[s->nopen++];
		*i = (struct open_info){ .line = p->line,
					 .opened = ++s->opened,
					 .full = s->t->full,
					 .others = s->others,
					 .least = (uint8_t)size,
					 .just_full = just_full(s, p->line) };
	} else if (i != &s->open[s->nopen - 1]) {
		struct open_info swap = *i;

		*i = s->open[s->nopen - 1];
		i = &s->open[s->nopen - 1];
		*i = swap;
	}
	if (s->others - i->others > i->gap)
		i->gap = s->others - i->others;
	i->others = s->others;
	i->stores += i->stores < UINT32_MAX;
	i->rep |= rep;
	i->rep_bytes += rep && size == 1;
	if (size < i->least)
		i->least = (uint8_t)size;
	if (size > i->most)
		i->most = (uint8_t)size;
}

static void line_left(struct stream *s, const struct model_tlp *t, uint64_t mask)
{
	struct open_info gone, *i;

	/* Of the store at hand, too? It is not in the open lines yet. */
	for (unsigned int k = 0; k < s->npiece; k++)
		if (s->piece[k].line == t->line && !s->piece[k].done && t->last == s->at)
			open_touch(s, &s->piece[k]);
	i = open_find(s, t->line);
	if (!i)
		return;
	gone = *i;
	*i = s->open[--s->nopen];
	if (mask == FULL_MASK)
		s->full[s->nfull++ % STREAM_FULL] = t->line;
	part_left(s, t, mask, &gone);
}

/* A TLP of the model. */
static void hear(const struct model_tlp *t, void *ctx)
{
	struct stream *s = ctx;

	if (s->cb)
		s->cb(t, s->ctx);
	if (t->reason == MR_DIRECT)
		direct_part(s, t, model_tlp_mask(t->addr, t->ndw, t->fbe, t->lbe));
	if (t->reason == MR_DIRECT || t->reason == MR_UNCACHED)
		return;
	if (!t->piece)
		s->line_mask = 0;
	s->line_mask |= model_tlp_mask(t->addr, t->ndw, t->fbe, t->lbe);
	if (t->piece < t->pieces - 1)
		return;
	if (s->line_mask != FULL_MASK)
		direct_part(s, t, s->line_mask);
	line_left(s, t, s->line_mask);
}

int stream_new(const struct model_params *p, model_tlp_fn cb, void *ctx, struct stream **out)
{
	struct stream *s = calloc(1, sizeof(*s));
	struct model_params one = *p;
	int err;

	*out = NULL;
	if (!s)
		return -ENOMEM;
	s->cb = cb;
	s->ctx = ctx;
	one.buffers = 1;
	err = model_new(p, hear, s, &s->model);
	if (!err)
		err = model_new(&one, NULL, NULL, &s->narrowest);
	if (!err)
		err = lines_init(&s->lines);
	if (err) {
		stream_free(s);
		return err;
	}
	s->t = model_totals(s->model);
	*out = s;
	return 0;
}

void stream_free(struct stream *s)
{
	if (!s)
		return;
	model_free(s->model);
	model_free(s->narrowest);
	lines_clear(&s->lines);
	free(s);
}

static void stretch_tell(struct stream *s, uint64_t line, uint64_t other)
{
	struct stretch_of of = { true, other, s->stretch.lo, s->stretch.hi };
	struct open_info *i = open_find(s, line);
	struct group *g = i ? NULL : lines_get(&s->lines, line);

	if (i)
		i->of = of;
	else if (g && g->last.last >= s->stretch.first)
		g->of = of;
}

static void stretch_end(struct stream *s)
{
	const struct stretch *r = &s->stretch;
	uint64_t low = LINE_OF(r->lo), high = LINE_OF(r->hi);

	if (r->any && low != high && r->lo != low && r->hi != high + MODEL_LINE - 1) {
		stretch_tell(s, low, high);
		stretch_tell(s, high, low);
	}
	s->stretch.any = false;
}

static void stretch_store(struct stream *s, const struct model_event *e)
{
	struct stretch *r = &s->stretch;
	uint64_t lo = e->addr, hi = e->addr + e->size - 1;
	uint64_t all = UINT64_MAX >> (64 - e->size);

	if (r->any && r->hi != UINT64_MAX && lo == r->hi + 1) {
		r->hi = hi;
	} else if (r->any && r->lo && hi == r->lo - 1) {
		r->lo = lo;
	} else {
		stretch_end(s);
		*r = (struct stretch){ true, lo, hi, s->at };
	}
	if (e->flags & ME_MASKED && e->mask != all)
		stretch_end(s);
}

static void pieces(struct stream *s, const struct model_event *e)
{
	uint64_t all = UINT64_MAX >> (64 - e->size), mask = e->flags & ME_MASKED ? e->mask : all;
	unsigned int off = e->addr % MODEL_LINE;

	s->piece[0] = (struct piece){ .line = LINE_OF(e->addr), .mask = mask << off };
	s->npiece = 1;
	if (off + e->size > MODEL_LINE)
		s->piece[s->npiece++] =
			(struct piece){ .line = LINE_OF(e->addr) + MODEL_LINE, .mask = mask >> (MODEL_LINE - off) };
	for (unsigned int k = 0; k < s->npiece; k++)
		s->piece[k].done = !s->piece[k].mask;
}

/* Before the model sees it: the lines are still open. */
static void before(struct stream *s, const struct model_event *e)
{
	s->npiece = 0;
	switch (e->kind) {
	case ME_STORE:
		if (e->flags & ME_DIRECT || e->type == MT_UC || e->type == MT_UCMINUS) {
			stretch_end(s);
			s->story.rep_uncached += e->flags & ME_REP && e->size == 1;
			s->story.direct_misaligned += e->flags & ME_DIRECT && e->addr % e->size;
		} else if (e->type == MT_WC) {
			stretch_store(s, e);
			pieces(s, e);
		}
		break;
	case ME_READ:
		if (e->type != MT_WB)
			stretch_end(s);
		break;
	case ME_GAP:
		s->others = e->addr < UINT64_MAX - s->others ? s->others + e->addr : UINT64_MAX;
		break;
	case ME_LFENCE:
	case ME_INTERRUPT:
	case ME_UNSEEN:
		break;
	default:
		stretch_end(s);
	}
}

int stream_feed(struct stream *s, const struct model_event *e)
{
	uint64_t closing = s->t->closing;

	if (s->ended || model_event_wrong(e))
		return -EINVAL;
	s->e = e;
	s->at = s->t->events;
	before(s, e);
	model_feed(s->model, e);
	model_feed(s->narrowest, e);
	for (unsigned int k = 0; k < s->npiece; k++)
		if (!s->piece[k].done)
			open_touch(s, &s->piece[k]);
	if (s->t->closing != closing)
		s->nfull = 0;
	s->e = NULL;
	return 0;
}

const struct stream_story *stream_end(struct stream *s)
{
	struct stream_story *y = &s->story;

	if (s->ended)
		return y;
	s->ended = true;
	s->npiece = 0;
	stretch_end(s);
	model_end(s->model);
	model_end(s->narrowest);
	part_settle_all(s);
	direct_settle_all(s);
	y->totals = *s->t;
	y->buffers = model_buffers(s->model);
	y->buffers_matter = model_totals(s->narrowest)->lines != s->t->lines;
	return y;
}

uint64_t stream_lines_meant(const struct stream_story *y)
{
	return y->totals.lines - y->seen[STREAM_INTERRUPTED].n - y->seen[STREAM_SMALL].again;
}

const char *stream_what_name(enum stream_what w)
{
	static const char *const name[STREAM_WHATS] = {
		[STREAM_FLUSHED] = "flushed",
		[STREAM_CAPACITY] = "capacity",
		[STREAM_MISALIGNED] = "misaligned",
		[STREAM_PARTIAL] = "partial",
		[STREAM_SMALL] = "small",
		[STREAM_REPEAT] = "repeat",
		[STREAM_REP_BYTES] = "rep-bytes",
		[STREAM_NARROW] = "narrow",
		[STREAM_GAP] = "gap",
		[STREAM_FIRST_TOUCH] = "first-touch",
		[STREAM_INTERRUPTED] = "interrupted",
	};

	return (unsigned int)w < STREAM_WHATS ? name[w] : "unknown";
}
