/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model against a second, slow and plain computation on random streams; what holds of every stream; and the range
 * against CPUs made up by chance that answer each open question their own way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probe/model.h"

#define STREAMS 100000
#define EVENTS	48
#define TLPS	4096

static uint64_t seed = 88172645463325252ULL;

static unsigned int rnd(unsigned int below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned int)(seed >> 20) % below;
}

/* Few lines, so that they meet; now and then one far away, or just below 4 GiB, or across a page. */
static uint64_t any_addr(unsigned int lines)
{
	static const uint64_t base[] = { 0xd4000000, 0xd4000000, 0xd4000000, 0xd4000fc0, 0xffffffc0, 0x380000000000 };

	return base[rnd(6)] + 64 * rnd(lines) + (rnd(3) ? 8 * rnd(8) : rnd(64));
}

static struct model_event any_event(unsigned int lines)
{
	static const uint8_t sizes[] = { 1, 2, 4, 8, 8, 8, 16, 16, 32, 32, 64, 64 };
	struct model_event e = { .kind = ME_STORE, .type = MT_WC, .ip = 0x401000 + rnd(5) };
	unsigned int what = rnd(100);

	e.addr = any_addr(lines);
	e.size = rnd(12) ? sizes[rnd(12)] : (uint8_t)(1 + rnd(64));
	if (what < 60) {
		e.flags = e.size <= 8 && !(e.size & (e.size - 1)) && !rnd(4) ? ME_REP : 0;
		return e;
	}
	if (what < 70) {
		e.flags = ME_MASKED;
		e.mask = (seed * 0x9e3779b97f4a7c15ULL) & UINT64_MAX >> (64 - e.size);
		if (!rnd(8))
			e.mask = 0;
	} else if (what < 76) {
		static const uint8_t wide[] = { 4, 8, 64 };

		e.flags = ME_DIRECT;
		e.size = wide[rnd(3)];
		e.addr &= e.size == 64 ? ~63ULL : rnd(3) ? ~(e.size - 1ULL) : ~0ULL;
		e.type = rnd(2) ? MT_WC : MT_UC;
	} else if (what < 80) {
		e.type = rnd(2) ? MT_UC : MT_UCMINUS;
	} else if (what < 82) {
		e.type = MT_WB;
	} else if (what < 87) {
		e.kind = ME_READ;
		e.type = rnd(4) ? MT_WC : rnd(2) ? MT_UC : MT_WB;
	} else if (what < 93) {
		e.kind = (uint8_t)(ME_SFENCE + rnd(ME_KINDS - ME_SFENCE));
		e.flags = e.kind == ME_UNSEEN && rnd(2) ? ME_WAY : 0;
	}
	if (e.kind == ME_STORE && what >= 60 && what < 70 && !rnd(5))
		e.type = MT_UC;
	return e;
}

/* --- the second computation: bytes one by one, lines in a plain list, the oldest first --- */

struct plain_tlp {
	uint64_t addr;
	unsigned int ndw, fbe, lbe;
};

struct plain {
	unsigned int nbuf, n, ntlp;
	struct {
		uint64_t line;
		bool there[64];
	} l[MODEL_MAX_BUFFERS + 1];
	struct plain_tlp t[TLPS];
};

static void plain_tlp(struct plain *p, uint64_t line, const bool *there, unsigned int from, unsigned int to)
{
	struct plain_tlp *t = &p->t[p->ntlp++];
	unsigned int a = from / 4, z = (to - 1) / 4;

	assert_true(p->ntlp <= TLPS);
	*t = (struct plain_tlp){ .addr = line + 4 * a, .ndw = z - a + 1 };
	for (unsigned int i = 0; i < 4; i++) {
		t->fbe |= (unsigned int)there[4 * a + i] << i;
		if (z > a)
			t->lbe |= (unsigned int)there[4 * z + i] << i;
	}
}

/* [from, to) has bytes at both ends: one TLP of what is there between them. */
static void plain_cut(struct plain *p, uint64_t line, const bool *there, bool whole)
{
	unsigned int count = 0, first = 64, last = 0;

	for (unsigned int i = 0; i < 64; i++)
		if (there[i]) {
			count++;
			first = first == 64 ? i : first;
			last = i;
		}
	if (count == 64 || (whole && count == last - first + 1)) {
		plain_tlp(p, line, there, first, last + 1);
		return;
	}
	for (unsigned int q = 0; q < 64; q += 8) {
		unsigned int low = 64, high = 0;

		for (unsigned int i = q; i < q + 8; i++)
			if (there[i]) {
				low = low == 64 ? i : low;
				high = i + 1;
			}
		if (high)
			plain_tlp(p, line, there, low, high);
	}
}

static void plain_leave(struct plain *p, unsigned int i)
{
	plain_cut(p, p->l[i].line, p->l[i].there, false);
	memmove(&p->l[i], &p->l[i + 1], (p->n - i - 1) * sizeof(p->l[0]));
	p->n--;
}

static int plain_find(const struct plain *p, uint64_t line)
{
	for (unsigned int i = 0; i < p->n; i++)
		if (p->l[i].line == line)
			return (int)i;
	return -1;
}

static void plain_wc(struct plain *p, uint64_t line, const bool *there)
{
	int i = plain_find(p, line);
	unsigned int k, count = 0;

	if (i < 0) {
		if (p->n == p->nbuf)
			plain_leave(p, 0);
		i = (int)p->n++;
		memset(&p->l[i], 0, sizeof(p->l[i]));
		p->l[i].line = line;
	}
	for (k = 0; k < 64; k++) {
		p->l[i].there[k] |= there[k];
		count += p->l[i].there[k];
	}
	if (count == 64)
		plain_leave(p, (unsigned int)i);
}

static void plain_all(struct plain *p)
{
	while (p->n)
		plain_leave(p, 0);
}

static void plain_store(struct plain *p, const struct model_event *e)
{
	if (e->type == MT_WB && !(e->flags & ME_DIRECT))
		return;
	if (e->type != MT_WC && !(e->flags & ME_DIRECT))
		plain_all(p);
	for (uint64_t line = e->addr / 64 * 64; line <= e->addr + e->size - 1; line += 64) {
		bool there[64] = { false }, any = false;

		for (unsigned int i = 0; i < e->size; i++)
			if ((e->addr + i) / 64 * 64 == line && (!(e->flags & ME_MASKED) || e->mask >> i & 1))
				there[(e->addr + i) % 64] = any = true;
		if (!any)
			continue;
		if (e->flags & ME_DIRECT) {
			if (plain_find(p, line) >= 0)
				plain_leave(p, (unsigned int)plain_find(p, line));
			plain_cut(p, line, there, true);
		} else if (e->type == MT_WC) {
			plain_wc(p, line, there);
		} else {
			plain_cut(p, line, there, true);
		}
	}
}

static void plain_event(struct plain *p, const struct model_event *e)
{
	if (e->kind == ME_STORE) {
		plain_store(p, e);
	} else if (e->kind == ME_READ && e->type == MT_WC) {
		for (uint64_t line = e->addr / 64 * 64; line <= e->addr + e->size - 1; line += 64)
			if (plain_find(p, line) >= 0)
				plain_leave(p, (unsigned int)plain_find(p, line));
	} else if (e->kind == ME_LFENCE || e->kind == ME_GAP || e->kind == ME_UNSEEN || (e->kind == ME_READ && e->type == MT_WB)) {
		return;
	} else {
		plain_all(p);
	}
}

/* --- what the model said --- */

struct said {
	struct model_tlp t[TLPS];
	unsigned int n;
};

static void keep(const struct model_tlp *t, void *ctx)
{
	struct said *s = ctx;

	assert_true(s->n < TLPS);
	s->t[s->n++] = *t;
}

static unsigned int rows(void)
{
	unsigned int n = 0;

	while (cpu_profile_at(n))
		n++;
	return n;
}

static struct model *model(const char *profile, unsigned int buffers, model_tlp_fn cb, void *ctx)
{
	struct model_params p = { .cpu = cpu_profile_find(profile), .buffers = buffers };
	struct model *m;

	assert_non_null(p.cpu);
	assert_int_equal(model_new(&p, cb, ctx, &m), 0);
	return m;
}

static void random_streams_give_the_same_tlps_as_a_slow_computation(void **state)
{
	static struct plain p;
	static struct said s;

	(void)state;
	for (unsigned int round = 0; round < STREAMS; round++) {
		unsigned int nbuf = 1 + rnd(12), lines = 1 + rnd(14), n = 1 + rnd(EVENTS);
		struct model *m = model("reference", nbuf, keep, &s);

		p.nbuf = nbuf;
		p.n = p.ntlp = s.n = 0;
		for (unsigned int i = 0; i < n; i++) {
			struct model_event e = any_event(lines);

			assert_int_equal(model_feed(m, &e), 0);
			plain_event(&p, &e);
			assert_int_equal(s.n, p.ntlp);
		}
		model_end(m);
		plain_all(&p);
		assert_int_equal(s.n, p.ntlp);
		for (unsigned int i = 0; i < s.n; i++) {
			const struct model_tlp *t = &s.t[i];

			if (t->addr != p.t[i].addr || t->ndw != p.t[i].ndw || t->fbe != p.t[i].fbe ||
			    t->lbe != p.t[i].lbe)
				fail_msg("stream %u, TLP %u: %#llx %u %x %x, slowly %#llx %u %x %x", round, i,
					 (unsigned long long)t->addr, t->ndw, t->fbe, t->lbe,
					 (unsigned long long)p.t[i].addr, p.t[i].ndw, p.t[i].fbe, p.t[i].lbe);
		}
		model_free(m);
	}
}

/* Bytes that wait, as the stream wrote them. Each TLP takes some; none may be left, and none may leave that nobody
 * wrote. */
#define WATCH 256
struct watch {
	struct {
		uint64_t line, waits;
	} l[WATCH];
	unsigned int n;
	uint64_t own; /* of the direct or uncached store at hand: it combines with nothing */
	uint64_t bytes, dws, wire, lines, full, tlps;
	uint64_t group, next_group;
};

static uint64_t *waits(struct watch *w, uint64_t line)
{
	for (unsigned int i = 0; i < w->n; i++)
		if (w->l[i].line == line)
			return &w->l[i].waits;
	assert_true(w->n < WATCH);
	w->l[w->n].line = line;
	w->l[w->n].waits = 0;
	return &w->l[w->n++].waits;
}

static void leaves(const struct model_tlp *t, void *ctx)
{
	struct watch *w = ctx;
	uint64_t mask = model_tlp_mask(t->addr, t->ndw, t->fbe, t->lbe);
	const char *bad = model_tlp_illegal(t->addr, t->ndw, t->fbe, t->lbe, 128);
	bool alone = t->reason == MR_DIRECT || t->reason == MR_UNCACHED;

	if (bad)
		fail_msg("%#llx %u %x %x: %s", (unsigned long long)t->addr, t->ndw, t->fbe, t->lbe, bad);
	assert_int_equal(__builtin_popcountll(mask), t->bytes);
	assert_int_equal(t->addr / 64 * 64, t->line);
	assert_true(t->first <= t->last && t->last <= t->by && t->stores >= 1 && t->stores <= t->last - t->first + 1);
	assert_true(t->piece < t->pieces);
	assert_true(t->piece || t->group == w->next_group);
	w->next_group = t->group + 1;
	if (alone) {
		assert_true((w->own & mask) == mask);
		w->own &= ~mask;
	} else {
		assert_true((*waits(w, t->line) & mask) == mask);
		*waits(w, t->line) &= ~mask;
	}
	w->bytes += t->bytes;
	w->dws += t->ndw;
	w->wire += model_wire(t->addr, t->ndw, 0);
	w->tlps++;
	w->lines += !alone && !t->piece;
	w->full += t->ndw == 16 && t->bytes == 64 && !alone;
	assert_true((t->reason == MR_FULL) <= (t->bytes == 64));
}

static void writes(struct watch *w, const struct model_event *e)
{
	if (e->kind != ME_STORE || (e->type == MT_WB && !(e->flags & ME_DIRECT)))
		return;
	for (unsigned int i = 0; i < e->size; i++) {
		if (e->flags & ME_MASKED && !(e->mask >> i & 1))
			continue;
		if (e->flags & ME_DIRECT || e->type != MT_WC)
			w->own |= 1ULL << (e->addr + i) % 64;
		else
			*waits(w, (e->addr + i) / 64 * 64) |= 1ULL << (e->addr + i) % 64;
	}
}

static void every_byte_leaves_in_tlps_that_pci_express_allows(void **state)
{
	static struct watch w;
	const struct cpu_profile *c;

	(void)state;
	for (unsigned int round = 0; round < STREAMS / 4; round++) {
		const struct model_totals *t;
		struct model_params p = { 0 };
		struct model *m;
		unsigned int n = 1 + rnd(EVENTS), lines = 1 + rnd(20), row = rnd(rows());

		c = cpu_profile_at(row);
		p.cpu = c;
		memset(&w, 0, sizeof(w));
		assert_int_equal(model_new(&p, leaves, &w, &m), 0);
		for (unsigned int i = 0; i < n; i++) {
			struct model_event e = any_event(lines);

			/* One that straddles may push its own second line out: what waits then is not seen from here.
			 */
			while (e.kind == ME_STORE && e.addr % 64 + e.size > 64)
				e = any_event(lines);
			writes(&w, &e);
			assert_int_equal(model_feed(m, &e), 0);
			assert_int_equal(w.own, 0);
		}
		model_end(m);
		for (unsigned int i = 0; i < w.n; i++)
			assert_int_equal(w.l[i].waits, 0);
		t = model_totals(m);
		assert_int_equal(t->tlps, w.tlps);
		assert_int_equal(t->bytes, w.bytes);
		assert_int_equal(t->dws, w.dws);
		assert_int_equal(t->wire, w.wire);
		assert_int_equal(t->lines, w.lines);
		assert_int_equal(t->full, w.full);
		assert_true(t->best <= t->tlps && t->tlps <= t->worst);
		assert_true(t->best == t->worst || t->unknowns);
		/* Each written byte leaves once for each time it was not written again while it waited. */
		assert_true(t->bytes <= t->store_bytes && t->store_bytes <= t->bytes + t->repeat_bytes);
		model_free(m);
	}
}

/* --- CPUs made up by chance --- */

enum { CUT_FEWEST, CUT_QUADS, CUT_DWS, CUT_ANY };

struct chance {
	const struct cpu_profile *cpu;
	unsigned int nbuf, n, policy, cut;
	struct {
		uint64_t line, mask;
		unsigned int used;
	} l[MODEL_MAX_BUFFERS];
	uint64_t tlps;
	unsigned int clock;
};

/* Fewest by trying: a TLP from the lowest byte on, in each of the two ways that are allowed. */
static unsigned int fewest(uint64_t mask)
{
	unsigned int b, a, c;
	uint64_t run = 0, quad;

	if (!mask)
		return 0;
	b = (unsigned int)__builtin_ctzll(mask);
	for (unsigned int i = b; i < 64 && mask >> i & 1; i++)
		run |= 1ULL << i;
	quad = mask & 0xffULL << b / 8 * 8;
	a = fewest(mask & ~run);
	c = fewest(mask & ~quad);
	return 1 + (a < c ? a : c);
}

static unsigned int count_parts(uint64_t mask, unsigned int bytes)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < 64; i += bytes)
		n += (mask >> i & ((1ULL << bytes) - 1)) != 0;
	return n;
}

static unsigned int chance_cut(const struct chance *c, uint64_t mask, bool known8)
{
	unsigned int how = c->cut == CUT_ANY ? rnd(3) : c->cut;

	if (mask == UINT64_MAX)
		return 1;
	if (known8)
		return count_parts(mask, 8);
	return how == CUT_FEWEST ? fewest(mask) : count_parts(mask, how == CUT_QUADS ? 8 : 4);
}

static void chance_leave(struct chance *c, unsigned int i)
{
	c->tlps += chance_cut(c, c->l[i].mask, c->cpu->partial == PARTIAL_CHUNK8);
	c->l[i] = c->l[--c->n];
}

static unsigned int chance_victim(const struct chance *c)
{
	unsigned int v = 0;

	if (c->policy == 0)
		return rnd(c->n);
	for (unsigned int i = 1; i < c->n; i++)
		if (c->policy == 1 ? c->l[i].used < c->l[v].used : c->l[i].used > c->l[v].used)
			v = i;
	return v;
}

static int chance_find(const struct chance *c, uint64_t line)
{
	for (unsigned int i = 0; i < c->n; i++)
		if (c->l[i].line == line)
			return (int)i;
	return -1;
}

static void chance_close(struct chance *c, enum closes how)
{
	if (how == CLOSES_NO || (how == CLOSES_MAYBE && rnd(2)))
		return;
	while (c->n)
		chance_leave(c, c->n - 1);
}

static void chance_piece(struct chance *c, const struct model_event *e, uint64_t line, uint64_t mask)
{
	bool direct = e->flags & ME_DIRECT, aligned = !(e->addr % e->size) && !(e->size & (e->size - 1));
	int i = chance_find(c, line);

	if (!mask)
		return;
	if (direct && i >= 0 && rnd(2)) {
		c->l[i].mask |= mask;
		chance_leave(c, (unsigned int)i);
	} else if (direct || e->type != MT_WC) {
		if (direct && i >= 0)
			chance_leave(c, (unsigned int)i);
		if (aligned && (direct || (e->size <= 8 && !(e->flags & ME_MASKED))))
			c->tlps++;
		else if (aligned)
			c->tlps += rnd(2) ? fewest(mask) : count_parts(mask, 8);
		else
			c->tlps += rnd(2) ? fewest(mask) : count_parts(mask, 4);
	} else {
		if (i < 0) {
			if (c->n == c->nbuf)
				chance_leave(c, chance_victim(c));
			i = (int)c->n++;
			c->l[i].line = line;
			c->l[i].mask = 0;
		}
		c->l[i].mask |= mask;
		c->l[i].used = ++c->clock;
		if (c->l[i].mask == UINT64_MAX)
			chance_leave(c, (unsigned int)i);
	}
}

static void chance_event(struct chance *c, const struct model_event *e)
{
	const struct profile_events *p = c->cpu->events;
	unsigned int off = e->addr % 64;
	uint64_t line = e->addr - off, all = e->size ? UINT64_MAX >> (64 - e->size) : 0;
	uint64_t mask = e->flags & ME_MASKED ? e->mask : all;
	enum closes how[ME_KINDS] = {
		[ME_SFENCE] = p->sfence,   [ME_MFENCE] = p->mfence, [ME_LOCKED] = p->locked,
		[ME_SERIAL] = p->serial,   [ME_UC] = p->uc,	    [ME_INTERRUPT] = p->interrupt,
		[ME_SYSCALL] = p->syscall, [ME_PORT] = p->port,	    [ME_GAP] = CLOSES_NO,
		[ME_UNSEEN] = CLOSES_MAYBE,
	};

	if (e->kind != ME_STORE && e->kind != ME_READ) {
		chance_close(c, how[e->kind]);
		return;
	}
	if (e->type == MT_WB && !(e->flags & ME_DIRECT))
		return;
	if (e->type != MT_WC && !(e->flags & ME_DIRECT))
		chance_close(c, p->uc);
	if (e->kind == ME_READ) {
		for (; e->type == MT_WC && line <= e->addr + e->size - 1; line += 64)
			if (chance_find(c, line) >= 0)
				chance_leave(c, (unsigned int)chance_find(c, line));
		return;
	}
	chance_piece(c, e, line, mask << off);
	if (off + e->size > 64)
		chance_piece(c, e, line + 64, mask >> (64 - off));
}

static void no_cpu_that_chance_makes_up_leaves_the_range(void **state)
{
	static struct model_event e[EVENTS];
	struct chance c;

	(void)state;
	for (unsigned int round = 0; round < STREAMS; round++) {
		const struct cpu_profile *cpu = cpu_profile_at(rnd(rows()));
		struct model_params p = { .cpu = cpu };
		unsigned int n = 1 + rnd(EVENTS), lines = 1 + rnd(rnd(2) ? 3 : 14);
		const struct model_totals *t;
		struct model *m;

		assert_non_null(cpu);
		if (!rnd(3))
			p.buffers = 1 + rnd(4);
		assert_int_equal(model_new(&p, NULL, NULL, &m), 0);
		for (unsigned int i = 0; i < n; i++) {
			e[i] = any_event(lines);
			assert_int_equal(model_feed(m, &e[i]), 0);
		}
		model_end(m);
		t = model_totals(m);
		assert_true(t->best <= t->tlps && t->tlps <= t->worst);
		for (unsigned int k = 0; k < 12; k++) {
			unsigned int known = p.buffers ? p.buffers : cpu->buffers;

			c = (struct chance){ .cpu = cpu, .policy = rnd(3), .cut = rnd(4) };
			c.nbuf = known ? known : 1 + rnd(rnd(2) ? 3 : MODEL_MAX_BUFFERS);
			for (unsigned int i = 0; i < n; i++)
				chance_event(&c, &e[i]);
			chance_close(&c, CLOSES_YES);
			if (c.tlps < t->best || c.tlps > t->worst)
				fail_msg("stream %u, %s, %u buffers: %llu TLPs, not in %llu..%llu", round, cpu->name,
					 c.nbuf, (unsigned long long)c.tlps, (unsigned long long)t->best,
					 (unsigned long long)t->worst);
		}
		model_free(m);
	}
}

/* Many lines open to doubt, so that the table of the range runs over while the default list still holds old lines. */
static void the_default_list_stays_in_the_range_over_many_lines(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < 200; round++) {
		struct model_params p = { .cpu = cpu_profile_find(rnd(2) ? "generic" : "reference"),
					  .buffers = rnd(33) };
		struct model *m;

		assert_int_equal(model_new(&p, NULL, NULL, &m), 0);
		for (unsigned int i = 0; i < 4000; i++) {
			struct model_event e = { .kind = ME_STORE, .type = MT_WC, .size = 32 };

			e.addr = 0xd4000000 + 32ULL * (rnd(4) ? rnd(8) : rnd(600));
			assert_int_equal(model_feed(m, &e), 0);
		}
		model_end(m);
		assert_true(model_totals(m)->best <= model_totals(m)->tlps);
		assert_true(model_totals(m)->tlps <= model_totals(m)->worst);
		model_free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_streams_give_the_same_tlps_as_a_slow_computation),
		cmocka_unit_test(every_byte_leaves_in_tlps_that_pci_express_allows),
		cmocka_unit_test(no_cpu_that_chance_makes_up_leaves_the_range),
		cmocka_unit_test(the_default_list_stays_in_the_range_over_many_lines),
	};

	return cmocka_run_group_tests_name("model_random", tests, NULL, NULL);
}
