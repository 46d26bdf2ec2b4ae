/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_mtrr_model.c - a second writing of the MTRR rules, one page at a time and straight from the registers, against
 * the spans of mtrr_over() on thousands of made-up machines.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mtrr_regs.h"

static uint32_t seed = 1;

static uint32_t rnd(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)(seed ^ seed >> 15) * n >> 32);
}

struct model {
	struct regs r;
	unsigned int phys;
	bool odd[8];
	uint64_t first[8], last[8];	/* pages of the query that range n matches; first > last: none */
};

static uint64_t get(const struct regs *r, uint32_t msr)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->row[i].msr == msr)
			return r->row[i].value;
	return 0;
}

static bool matches(const struct model *m, unsigned int n, uint64_t addr)
{
	uint64_t mask = get(&m->r, 0x201 + 2 * n);

	if (!(mask & VALID))
		return false;
	for (unsigned int bit = 12; bit < m->phys; bit++)
		if (mask >> bit & 1 && (addr >> bit & 1) != (get(&m->r, 0x200 + 2 * n) >> bit & 1))
			return false;
	return true;
}

/* A plain mask, read from the top: ones, then zeros. */
static bool holes(const struct model *m, unsigned int n)
{
	uint64_t mask = get(&m->r, 0x201 + 2 * n);
	bool zero = false;

	for (unsigned int bit = m->phys; bit-- > 12;) {
		if (zero && mask >> bit & 1)
			return true;
		zero |= !(mask >> bit & 1);
	}
	return false;
}

static enum mtype fixed_type(const struct regs *r, uint64_t addr)
{
	uint32_t msr;
	unsigned int byte;

	if (addr < 0x80000) {
		msr = 0x250;
		byte = (unsigned int)(addr >> 16);
	} else if (addr < 0xc0000) {
		msr = addr < 0xa0000 ? 0x258 : 0x259;
		byte = (unsigned int)(addr >> 14 & 7);
	} else {
		msr = 0x268 + (uint32_t)((addr - 0xc0000) >> 15);
		byte = (unsigned int)(addr >> 12 & 7);
	}
	return (enum mtype)(get(r, msr) >> (8 * byte) & 7);
}

/* What the ranges over one page make of it together; MT_COUNT when there is none. */
static enum mtype overlap(const struct model *m, uint64_t addr)
{
	unsigned int count[8] = { 0 }, hits = 0;

	for (unsigned int n = 0; n < 8; n++) {
		if (m->odd[n] && addr >= m->first[n] && addr <= m->last[n])
			return MT_UNKNOWN;
		if (m->odd[n] || !matches(m, n, addr))
			continue;
		count[get(&m->r, 0x200 + 2 * n) & 7]++;
		hits++;
	}
	if (!hits)
		return MT_COUNT;
	if (count[MT_UC])
		return MT_UC;
	for (unsigned int t = 0; t < 8; t++)
		if (count[t] == hits)
			return (enum mtype)t;
	return count[MT_WT] + count[MT_WB] == hits ? MT_WT : MT_UNDEFINED;
}

static enum mtype model_type(const struct model *m, uint64_t addr)
{
	uint64_t def = get(&m->r, 0x2ff);
	enum mtype t;

	if (addr >= 1ULL << m->phys)
		return MT_UNKNOWN;
	if (!(def & E))
		return MT_UC;
	if (addr < MIB && def & FE)
		return fixed_type(&m->r, addr);
	t = overlap(m, addr);
	if (t != MT_COUNT)
		return t;
	if (addr >= 4 * GIB && addr < get(&m->r, MSR_AMD_TOP_MEM2) && (get(&m->r, MSR_AMD_SYSCFG) & TOM2) == TOM2)
		return MT_WB;
	return (enum mtype)(def & 0xff);
}

static enum mtype random_type(void)
{
	static const enum mtype types[] = { MT_UC, MT_WC, MT_WT, MT_WP, MT_WB, MT_WB, MT_UC };

	return types[rnd(7)];
}

static void random_machine(struct model *m, uint64_t window)
{
	uint64_t space;

	m->phys = 32 + rnd(21);
	space = 1ULL << m->phys;
	m->r = machine(8, random_type() | (rnd(8) ? E : 0) | (rnd(2) ? FE : 0));
	add_fixed(&m->r, 0);
	for (uint32_t msr = 0x250; msr < 0x270; msr++)
		if (msr == 0x250 || msr == 0x258 || msr == 0x259 || msr >= 0x268)
			set(&m->r, msr, 0x0606060606060606ULL ^ (rnd(2) ? 0 : (uint64_t)random_type() << 8 * rnd(8)));
	for (uint32_t msr = 0x250; msr < 0x270; msr++)	/* 6 ^ t may be reserved: keep to types */
		for (unsigned int b = 0; b < 64; b += 8)
			if ((get(&m->r, msr) >> b & 7) == 2 || (get(&m->r, msr) >> b & 7) == 3 ||
			    (get(&m->r, msr) >> b & 7) == 7)
				set(&m->r, msr, get(&m->r, msr) & ~(7ULL << b));
	for (unsigned int n = 0; n < 8; n++) {
		uint64_t mask = space - (PAGE << rnd(9));

		if (!rnd(4))	/* holes: some low, where stripes lie within the query, some anywhere */
			mask &= ~(rnd(2) ? PAGE << rnd(9) : 1ULL << (12 + rnd(m->phys - 12)));
		if (!rnd(50))
			mask = 0;
		set_var(&m->r, n, ((window + rnd(300) * PAGE) & (space - 1)) | random_type(),
			mask | (rnd(3) ? VALID : 0));
	}
	if (rnd(2)) {
		set(&m->r, MSR_AMD_SYSCFG, (uint64_t)rnd(4) << 21);
		set(&m->r, MSR_AMD_TOP_MEM2, 4 * GIB + rnd(3) * 8 * MIB);
	}
}

static void the_spans_say_of_every_page_what_the_model_says(void **state)
{
	static const uint64_t windows[] = {
		0, 0x60000, 0xe0000, 0x30000000, 4 * GIB - 128 * PAGE, 4 * GIB + 8 * MIB - 80 * PAGE,
	};
	unsigned long pages = 0, unknown = 0, undefined = 0, spans = 0;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		uint64_t window = windows[rnd(6)], start, end;
		struct mtrr_span s[256];
		struct model m;
		struct mtrr t;
		int n, k = 0;

		random_machine(&m, window);
		if (!rnd(10))
			window = (1ULL << m.phys) - 100 * PAGE;
		start = window + rnd(100) * PAGE;
		end = start + (1 + rnd(200)) * PAGE;
		for (unsigned int i = 0; i < 8; i++) {
			m.odd[i] = get(&m.r, 0x201 + 2 * i) & VALID && holes(&m, i);
			m.first[i] = UINT64_MAX;
			m.last[i] = 0;
			for (uint64_t p = start; p < end && p < 1ULL << m.phys; p += PAGE)
				if (m.odd[i] && matches(&m, i, p)) {
					m.first[i] = p < m.first[i] ? p : m.first[i];
					m.last[i] = p;
				}
		}
		t = decode(&m.r, m.phys);
		n = mtrr_over(&t, start, end, s, 256);
		assert_true(n > 0);
		assert_true(s[0].start == start && s[n - 1].end == end);
		for (int i = 1; i < n; i++) {
			assert_true(s[i].start == s[i - 1].end);
			assert_false(s[i].type == s[i - 1].type && s[i].origin == s[i - 1].origin &&
				     s[i].vars == s[i - 1].vars);
		}
		for (uint64_t p = start; p < end; p += PAGE, pages++) {
			enum mtype want = model_type(&m, p);

			if (p >= s[k].end)
				k++;
			assert_true(p >= s[k].start && p + PAGE <= s[k].end);
			if (s[k].type != want)
				fail_msg("round %d page %#lx: %s, model %s", round, (unsigned long)p,
					 mtype_name(s[k].type), mtype_name(want));
			unknown += want == MT_UNKNOWN;
			undefined += want == MT_UNDEFINED;
		}
		spans += (unsigned long)n;
	}
	/* The model must have met what it is there for. */
	assert_true(pages > 200000 && unknown > 5000 && undefined > 5000 && spans > 8000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_spans_say_of_every_page_what_the_model_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
