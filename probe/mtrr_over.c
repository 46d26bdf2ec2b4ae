/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mtrr_over.c - what one CPU's MTRRs say of a range: cut at every edge, then judge each piece. Pure.
 *
 * Intel SDM vol 3 section 11.11.4.1, in this order:
 *   MTRRs disabled                         UC
 *   below 1 MiB, fixed ranges enabled      the fixed range
 *   variable ranges of one type            that type
 *   any UC among them                      UC
 *   only WT and WB                         WT
 *   any other mix                          undefined
 *   none                                   the default type; AMD, 4 GiB..TOP_MEM2 with Tom2ForceMemTypeWB: WB
 */
#include <errno.h>
#include <stdlib.h>

#include "mtrr.h"

#define MIB	  (1ULL << 20)
#define FOUR_GIB  (1ULL << 32)
/* Both ends of the query, of each variable range and of TOP_MEM2's region; each fixed range; 1 MiB; 1 << phys_bits. */
#define MAX_EDGES (2 + 2 * MTRR_MAX_VAR + 2 + MTRR_FIXED + 1 + 1)

struct edges {
	uint64_t start, end;	/* the query */
	uint64_t at[MAX_EDGES];
	size_t n;
};

static void add_edge(struct edges *e, uint64_t at)
{
	if (at > e->start && at < e->end)
		e->at[e->n++] = at;
}

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static uint64_t fixed_start(unsigned int i)
{
	if (i < 8)
		return i * 0x10000ULL;
	if (i < 24)
		return 0x80000 + (i - 8) * 0x4000ULL;
	return 0xc0000 + (i - 24) * 0x1000ULL;
}

static unsigned int fixed_index(uint64_t addr)
{
	if (addr < 0x80000)
		return (unsigned int)(addr / 0x10000);
	if (addr < 0xc0000)
		return 8 + (unsigned int)((addr - 0x80000) / 0x4000);
	return 24 + (unsigned int)((addr - 0xc0000) / 0x1000);
}

static uint64_t var_mask(const struct mtrr *t, const struct mtrr_var *v)
{
	return v->mask_raw & ((1ULL << t->phys_bits) - 1) & ~0xfffULL;
}

/*
 * The lowest address >= from with (address & mask) == want; false when there is none below 1 << bits. Such an address
 * either is from itself, or keeps the bits of from above some bit b that is 0 in from, has 1 there, and below has as
 * little as the mask allows. The lowest such b gives the lowest address.
 */
static bool match_up(uint64_t from, uint64_t mask, uint64_t want, unsigned int bits, uint64_t *found)
{
	if ((from & mask) == want) {
		*found = from;
		return true;
	}
	for (unsigned int b = 0; b < bits; b++) {
		uint64_t bit = 1ULL << b, low = bit - 1;
		uint64_t try = (from & ~(low | bit)) | bit | (want & low);

		if (!(from & bit) && (try & mask) == want) {
			*found = try;
			return true;
		}
	}
	return false;
}

/* Likewise the highest address <= from: mirrored by turning every bit over. */
static bool match_down(uint64_t from, uint64_t mask, uint64_t want, unsigned int bits, uint64_t *found)
{
	uint64_t all = (1ULL << bits) - 1;

	if (!match_up(~from & all, mask, ~want & mask, bits, found))
		return false;
	*found = ~*found & all;
	return true;
}

/*
 * A mask with holes matches in stripes, as many as the holes have values. What lies between the first and the last
 * stripe inside the query is not cut further: it could match, and says so.
 */
static bool odd_hull(const struct mtrr *t, const struct mtrr_var *v, uint64_t start, uint64_t end, uint64_t *lo,
		     uint64_t *hi)
{
	uint64_t mask = var_mask(t, v), want = v->base_raw & mask;
	uint64_t space = 1ULL << t->phys_bits;
	uint64_t last = end < space ? end - 1 : space - 1;

	if (start > last || !match_up(start, mask, want, t->phys_bits, lo) || *lo > last)
		return false;
	if (!match_down(last, mask, want, t->phys_bits, hi))
		return false;
	++*hi;
	return true;
}

/* Each variable range as it counts for this query; empty when it does not. */
struct reach {
	uint64_t lo, hi;
};

static void reach_of(const struct mtrr *t, uint64_t start, uint64_t end, struct reach *r)
{
	for (unsigned int i = 0; i < mtrr_var_count(t->vcnt); i++) {
		const struct mtrr_var *v = &t->var[i];

		r[i] = (struct reach){ 0 };
		if (!v->valid)
			continue;
		if (!v->odd)
			r[i] = (struct reach){ v->start, v->end };
		else if (!odd_hull(t, v, start, end, &r[i].lo, &r[i].hi))
			r[i] = (struct reach){ 0 };
	}
}

static bool is_mtrr_type(enum mtype t)
{
	return t == MT_UC || t == MT_WC || t == MT_WT || t == MT_WP || t == MT_WB;
}

/* Types of overlapping variable ranges, bit n for type n. */
static enum mtype combine(unsigned int types)
{
	if (types & 1U << MT_UC)
		return MT_UC;
	if (types == (1U << MT_WT | 1U << MT_WB))
		return MT_WT;
	for (unsigned int t = 0; t < MT_COUNT; t++)
		if (types == 1U << t)
			return t;
	return MT_UNDEFINED;
}

static void judge_default(const struct mtrr *t, struct mtrr_span *s)
{
	s->origin = MTRR_BY_DEFAULT;
	s->type = is_mtrr_type(t->def) ? t->def : MT_UNKNOWN;
	if (s->start < FOUR_GIB)
		return;
	if (t->tom2_wb && s->start < t->top_mem2) {
		s->origin = MTRR_BY_TOM2;
		s->type = MT_WB;
	}
	/* Where WB ends is not known; where the default is WB it makes no difference. */
	if (t->tom2_unread && s->type != MT_WB) {
		s->origin = MTRR_BY_UNKNOWN;
		s->type = MT_UNKNOWN;
	}
}

static void judge_vars(const struct mtrr *t, const struct reach *r, struct mtrr_span *s)
{
	unsigned int types = 0;
	bool unknown = false;

	for (unsigned int i = 0; i < mtrr_var_count(t->vcnt); i++) {
		if (s->start < r[i].lo || s->start >= r[i].hi)
			continue;
		s->vars |= 1U << i;
		unknown |= t->var[i].odd || !is_mtrr_type(t->var[i].type);
		types |= 1U << t->var[i].type;
	}
	if (unknown) {
		s->origin = MTRR_BY_VARIABLE;
		s->type = MT_UNKNOWN;
	} else if (t->var_unread) {
		s->origin = MTRR_BY_UNKNOWN;
		s->type = MT_UNKNOWN;
	} else if (types) {
		s->origin = MTRR_BY_VARIABLE;
		s->type = combine(types);
	} else {
		judge_default(t, s);
	}
}

/* The piece from s->start on, which no edge divides. */
static void judge(const struct mtrr *t, const struct reach *r, struct mtrr_span *s)
{
	s->vars = 0;
	if (!t->present || s->start >> t->phys_bits) {
		s->origin = MTRR_BY_UNKNOWN;
		s->type = MT_UNKNOWN;
	} else if (!t->enabled) {
		s->origin = MTRR_BY_DISABLED;
		s->type = MT_UC;
	} else if (t->fixed_enabled && s->start < MIB) {
		enum mtype type = t->fixed[fixed_index(s->start)];

		s->origin = t->fixed_known ? MTRR_BY_FIXED : MTRR_BY_UNKNOWN;
		s->type = t->fixed_known && is_mtrr_type(type) ? type : MT_UNKNOWN;
	} else {
		judge_vars(t, r, s);
	}
}

static void cut(const struct mtrr *t, const struct reach *r, struct edges *e)
{
	add_edge(e, 1ULL << t->phys_bits);
	if (t->present && t->enabled) {
		for (unsigned int i = 0; i < mtrr_var_count(t->vcnt); i++) {
			add_edge(e, r[i].lo);
			add_edge(e, r[i].hi);
		}
		add_edge(e, FOUR_GIB);
		add_edge(e, t->top_mem2);
		for (unsigned int i = 0; t->fixed_enabled && i < MTRR_FIXED; i++)
			add_edge(e, fixed_start(i));
		add_edge(e, MIB);
	}
	qsort(e->at, e->n, sizeof(e->at[0]), ascending);
	e->at[e->n++] = e->end;
}

int mtrr_over(const struct mtrr *t, uint64_t start, uint64_t end, struct mtrr_span *span, size_t max)
{
	struct edges e; /* its places are as many as are filled: they are not worth being cleared */
	struct reach r[MTRR_MAX_VAR];
	size_t n = 0;

	if (start >= end)
		return -EINVAL;
	e.start = start;
	e.end = end;
	e.n = 0;
	reach_of(t, start, end, r);
	cut(t, r, &e);
	for (size_t i = 0; i < e.n; i++) {
		struct mtrr_span s = { .start = i ? e.at[i - 1] : start, .end = e.at[i] };
		struct mtrr_span *last = n ? &span[n - 1] : NULL;

		if (s.start == s.end)
			continue;
		judge(t, r, &s);
		if (last && last->type == s.type && last->origin == s.origin && last->vars == s.vars) {
			last->end = s.end;
			continue;
		}
		if (n == max)
			return -E2BIG;
		span[n++] = s;
	}
	return (int)n;
}
