/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * model_range.c - the fewest and the most TLPs that the same stream can become, where the manuals leave something open.
 *
 * A course is any choice of moments at which lines leave before they are full. Until such a choice exists the range is
 * that of cutting (lines_leave). From then on, until an event that surely closes every buffer:
 *
 * best  merges: a line leaves when it is full, and at the end. No course ends a line's n-th stretch later than this one
 *       does, so none has fewer stretches, and each is at least one TLP. As long as the line was never full, its
 * stretches' bytes are together those of the one stretch here, and cutting a union takes no more than cutting its
 * parts. After it was full only the count of stretches holds: then what is left at the end counts as one TLP. worst
 * lets a line go when another line is written, or a byte a second time. Any course joins such stretches, or fills up
 * earlier, which leaves no more behind than what was counted before; joining never takes more TLPs.
 */
#include <string.h>

#include "model_int.h"

void range_add(struct model *m, struct cut_count c, unsigned int unknown)
{
	m->t.best += c.best;
	m->t.worst += c.worst;
	if (c.best != c.worst)
		m->t.unknowns |= unknown;
}

static unsigned int hash(uint64_t line)
{
	return (unsigned int)(line * 0x9e3779b97f4a7c15ULL >> 56);
}

static bool was_full(const struct range *r, uint64_t line)
{
	return r->was_full[hash(line) / 64] >> hash(line) % 64 & 1;
}

static void best_drop(struct range *r, unsigned int i)
{
	r->n--;
	r->tag[i] = r->tag[r->n];
	r->mask[i] = r->mask[r->n];
	r->used[i] = r->used[r->n];
	r->again[i] = r->again[r->n];
}

static void best_leave(struct model *m, unsigned int i)
{
	struct range *r = &m->range;
	struct cut_count c = cut_line(m->cpu->partial, r->mask[i]);

	m->t.best += r->again[i] ? 1 : c.best;
	if (c.best != c.worst)
		m->t.unknowns |= MU_PARTIAL;
	best_drop(r, i);
}

/* Room for one more: the line written longest ago has left, unless the default list still has it. */
static void best_room(struct model *m)
{
	struct range *r = &m->range;
	uint64_t after = 0;

	while (r->n == RANGE_LINES) {
		unsigned int old = RANGE_LINES;

		for (unsigned int i = 0; i < r->n; i++)
			if (r->used[i] > after && (old == RANGE_LINES || r->used[i] < r->used[old]))
				old = i;
		after = r->used[old];
		if (lines_find(m, r->tag[old]) < 0)
			best_leave(m, old);
	}
}

static unsigned int best_find(const struct range *r, uint64_t line)
{
	unsigned int i = r->n;

	/* Backwards: what came last is likelier. */
	while (i-- > 0)
		if (r->tag[i] == line)
			return i;
	return r->n;
}

static void best_open(struct range *r, uint64_t line, uint64_t mask)
{
	r->tag[r->n] = line;
	r->mask[r->n] = mask;
	r->used[r->n] = ++r->clock;
	r->again[r->n] = was_full(r, line);
	r->n++;
}

static void run_end(struct model *m)
{
	struct range *r = &m->range;

	if (r->run_mask) {
		struct cut_count c = cut_line(m->cpu->partial, r->run_mask);

		m->t.worst += c.worst;
		if (c.best != c.worst)
			m->t.unknowns |= MU_PARTIAL;
	}
	r->run_mask = 0;
	r->run_line = NO_LINE;
}

void range_fork(struct model *m, unsigned int unknown)
{
	struct range *r = &m->range;

	m->t.unknowns |= unknown;
	if (r->open)
		return;
	r->open = true;
	r->n = 0;
	r->clock = 0;
	r->run_mask = 0;
	r->run_line = NO_LINE;
	memset(r->was_full, 0, sizeof(r->was_full));
	for (unsigned int i = 0; i < m->n; i++) {
		const struct open_line *l = &m->slot[m->order[i]];

		best_open(r, m->tag[m->order[i]], l->mask);
		m->t.worst += cut_line(m->cpu->partial, l->mask).worst;
	}
}

void range_piece(struct model *m, uint64_t line, uint64_t mask)
{
	struct range *r = &m->range;
	unsigned int i = best_find(r, line);

	if (i == r->n) {
		best_room(m);
		i = r->n;
		best_open(r, line, mask);
	} else {
		r->mask[i] |= mask;
		r->used[i] = ++r->clock;
	}
	if (r->mask[i] == FULL_MASK) {
		m->t.best++;
		r->was_full[hash(line) / 64] |= 1ULL << hash(line) % 64;
		best_drop(r, i);
	}

	if (r->run_line != line || (r->run_mask & mask))
		run_end(m);
	r->run_line = line;
	r->run_mask |= mask;
	if (r->run_mask == FULL_MASK) {
		m->t.worst++;
		r->run_mask = 0;
	}
}

void range_maybe(struct model *m)
{
	if (m->range.open)
		run_end(m);
	else
		range_fork(m, 0);
}

void range_close_all(struct model *m)
{
	struct range *r = &m->range;

	if (!r->open)
		return;
	while (r->n)
		best_leave(m, r->n - 1);
	run_end(m);
	r->open = false;
}

void range_close(struct model *m, uint64_t line)
{
	struct range *r = &m->range;
	unsigned int i;

	if (!r->open)
		return;
	i = best_find(r, line);
	if (i < r->n)
		best_leave(m, i);
	if (r->run_line == line)
		run_end(m);
}

/*
 * A direct store leaves at once; what the line held before may join it (SDM vol 2, MOVDIRI). Afterwards the line is
 * closed in every course.
 */
void range_direct(struct model *m, uint64_t line, uint64_t mask, struct cut_count own)
{
	enum partial_rule rule = m->cpu->partial;
	struct range *r = &m->range;
	struct cut_count old = { 0 }, both;
	int slot = lines_find(m, line);
	unsigned int i;

	if (!r->open) {
		if (slot < 0) {
			range_add(m, own, MU_DIRECT);
			return;
		}
		old = cut_line(rule, m->slot[slot].mask);
		both = cut_line(rule, m->slot[slot].mask | mask);
		own.best += old.best;
		own.worst += old.worst;
		range_add(m,
			  (struct cut_count){ own.best < both.best ? own.best : both.best, 0,
					      own.worst > both.worst ? own.worst : both.worst },
			  MU_DIRECT);
		return;
	}
	i = best_find(r, line);
	if (i < r->n) {
		old = cut_line(rule, r->mask[i]);
		both = cut_line(rule, r->mask[i] | mask);
		own.best += old.best;
		m->t.best += r->again[i] ? 1 : own.best < both.best ? own.best : both.best;
		best_drop(r, i);
	} else {
		/* The fewest that a direct store can be is one, so it does not matter whether anything joins it. */
		m->t.best += own.best;
	}
	/* Something older may still be there and join, and the whole be cut like a partial line. */
	both = cut_line(rule, mask);
	if (r->run_line == line)
		run_end(m);
	m->t.worst += own.worst > both.worst ? own.worst : both.worst;
	m->t.unknowns |= MU_DIRECT;
}
