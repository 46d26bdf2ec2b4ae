// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stream_direct.c - direct stores of 4 or 8 bytes that share a line, with each other or with gathered ones. Each is a
 * TLP of its own; together they might have been one.
 */
#include "stream_int.h"

static void settle(struct stream *s, struct shared *h)
{
	unsigned int need = cut_fewest(h->mask);
	struct stream_story *y = &s->story;

	/* Of two gathered parts with a direct store between, the parts tell (ME_STORE flushes). */
	if (h->direct && h->gathered < 2 && h->tlps > need) {
		if (!y->direct_beside && !y->direct_apart)
			y->direct_ip = h->ip;
		*(h->mask == FULL_MASK ? &y->direct_beside : &y->direct_apart) += h->tlps - need;
	}
	*h = s->shared[--s->nshared];
}

/* Lines that were filled since are other messages: what comes next in this one is, too. */
static uint64_t filled(const struct stream *s)
{
	return s->t->full + s->direct_whole;
}

static struct shared *room(struct stream *s, uint64_t line)
{
	struct shared *old = s->shared;

	if (s->nshared == STREAM_SHARED) {
		for (unsigned int i = 1; i < s->nshared; i++)
			if (s->shared[i].used < old->used)
				old = &s->shared[i];
		settle(s, old);
	}
	s->shared[s->nshared] = (struct shared){ .line = line, .filled = filled(s) };
	return &s->shared[s->nshared++];
}

void direct_part(struct stream *s, const struct model_tlp *t, uint64_t mask)
{
	bool direct = t->reason == MR_DIRECT;
	struct shared *h = NULL;

	if (direct && t->bytes == MODEL_LINE) {
		s->direct_whole++;
		return;
	}
	for (unsigned int i = 0; i < s->nshared; i++)
		if (s->shared[i].line == t->line)
			h = &s->shared[i];
	if (h && (h->mask & mask || h->filled != filled(s))) {
		settle(s, h);
		h = NULL;
	}
	if (!h)
		h = room(s, t->line);
	if (h->mask && !h->ip)
		h->ip = t->ip_first;
	h->mask |= mask;
	h->tlps += direct ? 1 : t->pieces;
	h->direct |= direct;
	h->gathered += !direct;
	h->used = s->at;
	if (h->mask == FULL_MASK)
		settle(s, h);
}

void direct_settle_all(struct stream *s)
{
	while (s->nshared)
		settle(s, s->shared);
}
