/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stream_part.c - why lines left as they did: departures of one line with disjoint bytes belong together, and what
 * parted them is to blame; a departure that stays alone was never meant to be full.
 */
#include "stream_int.h"

/* What is to blame when the rest of the line comes later. */
static enum stream_what class_of(unsigned int reason)
{
	return reason == MR_CAPACITY ? STREAM_CAPACITY : reason == MR_INTERRUPT ? STREAM_INTERRUPTED : STREAM_FLUSHED;
}

static unsigned int kind_of(unsigned int reason, const struct model_event *e)
{
	switch (reason) {
	case MR_UC:
		return ME_UC;
	case MR_READ:
		return ME_READ;
	default:
		return e ? e->kind : ME_STORE;
	}
}

static void example(struct stream_seen *to, uint64_t line, const struct part *p)
{
	to->line = line;
	to->mask = p->mask;
	to->stores = p->stores;
	to->first = p->first;
	to->last = p->last;
	to->ip_first = p->ip_first;
	to->ip_last = p->ip_last;
	to->by = p->by;
	to->by_ip = p->by_ip;
	to->kind = p->kind;
	to->size = p->size;
}

/* One more departure of this sort; true when it is the first. */
static bool count(struct stream_seen *to, uint64_t line, const struct part *p)
{
	bool first = !to->lines;

	if (first)
		example(to, line, p);
	to->lines++;
	to->tlps += p->tlps;
	return first;
}

/* What is said beside: of one departure, whatever becomes of its line. */
static void beside(struct stream *s, enum stream_what w, uint64_t line, const struct part *p, uint64_t n)
{
	struct stream_seen *to = &s->story.seen[w];
	unsigned int need = cut_fewest(p->mask);

	if (count(to, line, p)) {
		to->tlps_one = p->tlps;
		to->need_one = need;
		to->n = n;
	} else if (w == STREAM_GAP && n > to->n) {
		to->n = n;
	}
	to->need += need;
}

/* The last part of the group left because of this, and its line was not done. */
static void blame(struct stream *s, struct group *g, enum stream_what w, unsigned int kind)
{
	g->whats |= 1u << w;
	count(&s->story.seen[w], g->line, &g->last);
	if (w == STREAM_FLUSHED) {
		g->kinds |= 1u << kind;
		count(&s->story.flushed[kind], g->line, &g->last);
	}
}

/* A line that was parted, and what that cost, for one of those who did it. own: the first of them. */
static void charge(struct stream_seen *to, const struct group *g, bool own)
{
	unsigned int need = cut_fewest(g->all);
	bool sure = g->least > need, costs = g->tlps > need;

	to->torn++;
	to->costly += sure;
	to->maybe += costs && !sure;
	to->apart += costs && g->all != FULL_MASK && !g->many;
	/* The example is one that costs something, surely if there is one. */
	if (own && ((sure && to->costly == 1) || (costs && to->costly + to->maybe == 1))) {
		example(to, g->line, &g->torn);
		to->next_ip = g->torn_next;
		to->n = g->torn_n ? g->torn_n : to->n;
		to->tlps_one = to->need_one = 0;
	}
	if (!to->tlps_one || (to->tlps_one <= to->need_one && costs)) {
		to->tlps_one = g->tlps;
		to->need_one = need;
	}
}

/* Only interrupts parted it, and without them it would not have left whole either. */
static bool lacks_bytes(const struct stream *s, const struct group *g)
{
	return g->whats == 1U << STREAM_INTERRUPTED && g->all != FULL_MASK &&
	       cut_line(s->model->cpu->partial, g->all).best > cut_fewest(g->all);
}

static void settle_torn(struct stream *s, struct group *g)
{
	unsigned int need = cut_fewest(g->all);
	struct stream_story *y = &s->story;
	struct part whole = g->last;

	if (lacks_bytes(s, g)) {
		whole.mask = g->all;
		if (count(&y->seen[STREAM_PARTIAL], g->line, &whole)) {
			y->seen[STREAM_PARTIAL].tlps_one = cut_line(s->model->cpu->partial, g->all).dflt;
			y->seen[STREAM_PARTIAL].need_one = need;
		}
	} else {
		/* The rest of the line suffers from what parted it from the part before. */
		blame(s, g, g->tore, g->kind);
	}
	y->seen[g->tore_first].need += need;
	if (g->tore_first == STREAM_FLUSHED)
		y->flushed[g->kind_first].need += need;
	for (unsigned int w = 0; w < STREAM_WHATS; w++)
		if (g->whats >> w & 1)
			charge(&y->seen[w], g, w == g->tore_first);
	for (unsigned int k = 0; k < ME_KINDS; k++)
		if (g->kinds >> k & 1)
			charge(&y->flushed[k], g, g->tore_first == STREAM_FLUSHED && k == g->kind_first);
	if (g->tlps <= need)
		y->spared += g->parts;
	y->interrupted += g->interrupted;
}

/* Had the stretch begun on a boundary and been padded: its lines without those between, which are full. */
static unsigned int need_aligned(const struct stretch_of *of)
{
	uint64_t between = (LINE_OF(of->hi) - LINE_OF(of->lo)) / MODEL_LINE - 1;

	return (unsigned int)((of->hi - of->lo) / MODEL_LINE + 1 - between);
}

/* The line at the other end of a misaligned stretch, when it has left alone, too. */
static struct group *other_end(struct stream *s, const struct group *g)
{
	struct group *o = g->of.any && g->parts == 1 ? lines_get(&s->lines, g->of.other) : NULL;

	return o && o->parts == 1 && !o->misaligned && o->of.any && o->of.other == g->line && o->of.lo == g->of.lo
		       ? o
		       : NULL;
}

static bool settle_misaligned(struct stream *s, struct group *g)
{
	struct stream_seen *to = &s->story.seen[STREAM_MISALIGNED];
	struct group *o = other_end(s, g), *low;

	if (g->misaligned) {
		count(to, g->line, &g->last);
		return true;
	}
	if (!o)
		return false;
	o->misaligned = true;
	low = g->line < o->line ? g : o;
	if (!to->lines) {
		example(to, low->line, &low->last);
		to->behind = (low == g ? o : g)->last.mask;
		to->next_ip = (low == g ? o : g)->last.ip_first;
		to->n = g->of.hi - g->of.lo + 1;
		to->tlps_one = g->tlps + o->tlps;
		to->need_one = need_aligned(&g->of);
	}
	to->need += need_aligned(&g->of);
	to->lines++;
	to->tlps += g->tlps;
	return true;
}

/* It stayed alone: never meant to be full, or once more when it had been. */
static void settle_alone(struct stream *s, const struct group *g)
{
	unsigned int need = cut_fewest(g->all);
	struct stream_seen *to = &s->story.seen[g->tlps > need ? STREAM_PARTIAL : STREAM_SMALL];
	bool telling = need > to->need_one && !g->last.again;

	/* The example that tells most: bytes of their own; bytes with holes between. */
	if (count(to, g->line, &g->last) || telling || (to->again == to->lines - 1 && !g->last.again)) {
		example(to, g->line, &g->last);
		to->tlps_one = g->tlps;
		to->need_one = need;
	}
	to->again += g->last.again;
	to->need += need;
}

static void settle(struct stream *s, struct group *g)
{
	if (g->parts > 1)
		settle_torn(s, g);
	else if (!settle_misaligned(s, g))
		settle_alone(s, g);
	lines_remove(&s->lines, g);
}

void part_settle_all(struct stream *s)
{
	struct group *g;

	while ((g = lines_oldest(&s->lines)))
		settle(s, g);
}

/*
 * Could the rest of this line still come? What an instruction of the program flushed, only until another line was
 * filled: afterwards it is another message, as the next doorbell of the same line. "full": how many had left full when
 * the line was opened again. The end of a misaligned message is none of the next one's business either.
 */
static bool waits(struct stream *s, const struct group *g, uint64_t full)
{
	if (g->last.reason == MR_END || g->all == FULL_MASK || g->misaligned)
		return false;
	return class_of(g->last.reason) != STREAM_FLUSHED || (g->last.full == full && !other_end(s, g));
}

static struct group *begin(struct stream *s, uint64_t line)
{
	struct group *g;

	if (lines_full(&s->lines)) {
		g = lines_oldest(&s->lines);
		s->story.lost |= waits(s, g, s->t->full);
		settle(s, g);
	}
	return lines_add(&s->lines, line);
}

static void join(struct stream *s, struct group *g, const struct part *p)
{
	enum stream_what w = class_of(g->last.reason);
	struct stream_seen *to = &s->story.seen[w], *by_kind = &s->story.flushed[g->last.kind];

	if (g->parts == 1) {
		g->tore_first = w;
		g->kind_first = g->last.kind;
		g->torn = g->last;
		g->torn_next = p->ip_first;
		g->torn_n = w == STREAM_CAPACITY ? p->opened - g->last.opened : 0;
	}
	g->tore = w;
	g->kind = g->last.kind;
	if (!to->lines) {
		to->next_ip = p->ip_first;
		to->n = w == STREAM_CAPACITY ? p->opened - g->last.opened : 0;
	}
	if (w == STREAM_FLUSHED) {
		if (!by_kind->lines)
			by_kind->next_ip = p->ip_first;
		by_kind->n++;
	}
	to->n += w != STREAM_CAPACITY;
	blame(s, g, w, g->kind);
	g->interrupted |= w == STREAM_INTERRUPTED && !g->last.fault;
	if (g->last.fault)
		beside(s, STREAM_FIRST_TOUCH, g->line, &g->last, 0);
}

void part_left(struct stream *s, const struct model_tlp *t, uint64_t mask, const struct open_info *i)
{
	struct group *g = lines_get(&s->lines, t->line);
	struct part p = {
		.mask = mask,
		.opened = i->opened,
		.full = s->t->full,
		.first = t->first,
		.last = t->last,
		.ip_first = t->ip_first,
		.ip_last = t->ip_last,
		.by = t->by,
		.by_ip = t->by_ip,
		.stores = t->stores,
		.tlps = t->pieces,
		.reason = t->reason,
		.kind = (uint8_t)kind_of(t->reason, s->e),
		.size = i->least,
		.again = i->just_full,
		.fault = s->e && s->e->kind == ME_INTERRUPT && s->e->flags & ME_FAULT,
	};

	if (t->repeat || (i->just_full && mask != FULL_MASK))
		beside(s, STREAM_REPEAT, t->line, &p, t->repeat ? t->repeat : cut_bytes(mask));
	if (i->rep_bytes >= STREAM_MANY)
		beside(s, STREAM_REP_BYTES, t->line, &p, 0);
	if (i->most <= 2 && !i->rep && i->stores >= STREAM_MANY)
		beside(s, STREAM_NARROW, t->line, &p, 0);
	if (i->gap >= STREAM_GAP_MANY)
		beside(s, STREAM_GAP, t->line, &p, i->gap);

	if (g && mask != FULL_MASK && !(g->all & mask) && waits(s, g, i->full)) {
		join(s, g, &p);
	} else {
		if (g)
			settle(s, g);
		if (mask == FULL_MASK)
			return;
		g = begin(s, t->line);
		/* The tail of a copy that overlaps itself begins where it must. */
		if (!i->just_full)
			g->of = i->of;
	}
	g->parts++;
	g->tlps += p.tlps;
	g->least += cut_line(s->model->cpu->partial, mask).best;
	g->many |= p.tlps > 1;
	g->all |= mask;
	g->last = p;
	if (g->all == FULL_MASK)
		settle(s, g);
}
