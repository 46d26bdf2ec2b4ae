/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_mtrr.c - what MTRRs say of a range, each rule by itself. test_mtrr_model.c tries them together.
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

static void assert_span(const struct mtrr_span *s, uint64_t start, uint64_t end, enum mtype type, enum mtrr_origin o,
			uint32_t vars)
{
	if (s->start != start || s->end != end || s->type != type || s->origin != o || s->vars != vars)
		fail_msg("%#lx-%#lx %s by %s, ranges %#x; wanted %#lx-%#lx %s by %s, %#x", (unsigned long)s->start,
			 (unsigned long)s->end, mtype_name(s->type), mtrr_origin_name(s->origin), s->vars,
			 (unsigned long)start, (unsigned long)end, mtype_name(type), mtrr_origin_name(o), vars);
}

static void a_range_is_taken_apart(void **state)
{
	struct regs r = machine(8, E | FE | MT_WB);
	struct mtrr t;

	(void)state;
	range36(&r, 0, 0xc0000000, GIB, MT_UC);
	range36(&r, 3, 0xd0000000, 256 * MIB, MT_WC);
	t = decode(&r, 36);
	assert_true(t.present && t.enabled && t.wc_supported);
	assert_false(t.fixed_enabled || t.incomplete || t.amd_known || t.tom2_wb);
	assert_int_equal(t.vcnt, 8);
	assert_int_equal(t.def, MT_WB);
	assert_true(t.var[0].valid && !t.var[0].odd && t.var[0].type == MT_UC);
	assert_true(t.var[0].start == 0xc0000000 && t.var[0].end == 0x100000000);
	assert_false(t.var[1].valid);
	assert_true(t.var[3].start == 0xd0000000 && t.var[3].end == 0xe0000000);
}

static void spans_have_their_edges_types_and_reasons(void **state)
{
	struct regs r = machine(4, E | MT_WB);
	struct mtrr_span s[8];
	struct mtrr t;

	(void)state;
	range36(&r, 0, 0xc0000000, GIB, MT_UC);
	range36(&r, 1, 0x200000000, 16 * MIB, MT_WC);
	range36(&r, 2, 0x200800000, 8 * MIB, MT_WC);
	t = decode(&r, 36);
	assert_int_equal(mtrr_over(&t, 0, 1ULL << 36, s, 8), 6);
	assert_span(&s[0], 0, 0xc0000000, MT_WB, MTRR_BY_DEFAULT, 0);
	assert_span(&s[1], 0xc0000000, 0x100000000, MT_UC, MTRR_BY_VARIABLE, 1);
	assert_span(&s[2], 0x100000000, 0x200000000, MT_WB, MTRR_BY_DEFAULT, 0);
	assert_span(&s[3], 0x200000000, 0x200800000, MT_WC, MTRR_BY_VARIABLE, 2);
	assert_span(&s[4], 0x200800000, 0x201000000, MT_WC, MTRR_BY_VARIABLE, 6);
	assert_span(&s[5], 0x201000000, 1ULL << 36, MT_WB, MTRR_BY_DEFAULT, 0);
	assert_int_equal(mtrr_type(&t, 0x200000000, 0x201000000), MT_WC);
	assert_int_equal(mtrr_type(&t, 0x200000000, 0x201001000), MT_UNKNOWN);
	assert_int_equal(mtrr_over(&t, 0xc0000fff, 0xc0001000, s, 1), 1);
	assert_span(&s[0], 0xc0000fff, 0xc0001000, MT_UC, MTRR_BY_VARIABLE, 1);
}

/* U C T B P; ? unknown, # undefined */
static const char order[] = "UCTBP";

static enum mtype letter(char c)
{
	static const enum mtype types[] = { MT_UC, MT_WC, MT_WT, MT_WB, MT_WP };
	const char *at = strchr(order, c);

	return at ? types[at - order] : c == '#' ? MT_UNDEFINED : MT_UNKNOWN;
}

static void two_ranges_overlap_as_the_manual_says(void **state)
{
	static const char *const table[] = {
		"UUUUU",
		"UC###",
		"U#TT#",
		"U#TB#",
		"U###P",
	};

	(void)state;
	for (int a = 0; a < 5; a++)
		for (int b = 0; b < 5; b++) {
			struct regs r = machine(2, E | MT_WB);
			struct mtrr t;

			range36(&r, 0, GIB, MIB, letter(order[a]));
			range36(&r, 1, GIB, MIB, letter(order[b]));
			t = decode(&r, 36);
			assert_int_equal(mtrr_type(&t, GIB, GIB + MIB), letter(table[a][b]));
		}
}

static void three_ranges_overlap_as_the_manual_says(void **state)
{
	static const struct {
		const char *types;
		char result;
	} t[] = {
		{ "CTU", 'U' }, { "BTB", 'T' }, { "BTC", '#' }, { "TTB", 'T' },
		{ "PPP", 'P' }, { "CBC", '#' }, { "BPU", 'U' },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct regs r = machine(3, E | MT_UC);
		struct mtrr m;

		for (unsigned int k = 0; k < 3; k++)
			range36(&r, k, GIB, MIB, letter(t[i].types[k]));
		m = decode(&r, 36);
		assert_int_equal(mtrr_type(&m, GIB, GIB + MIB), letter(t[i].result));
	}
}

static void disabled_mtrrs_make_everything_uncached(void **state)
{
	struct regs r = machine(2, FE | MT_WB);
	struct mtrr_span s[4];
	struct mtrr t;

	(void)state;
	range36(&r, 0, GIB, GIB, MT_WC);
	add_fixed(&r, 0x0606060606060606);
	set(&r, MSR_AMD_SYSCFG, TOM2);
	set(&r, MSR_AMD_TOP_MEM2, 16 * GIB);
	t = decode(&r, 36);
	assert_false(t.tom2_wb);
	assert_int_equal(mtrr_over(&t, 0, 1ULL << 36, s, 4), 1);
	assert_span(&s[0], 0, 1ULL << 36, MT_UC, MTRR_BY_DISABLED, 0);
}

static void fixed_ranges_win_below_one_mebibyte(void **state)
{
	struct regs r = machine(8, E | FE | MT_UC);
	struct mtrr_span s[100];
	struct mtrr t;

	(void)state;
	add_fixed(&r, 0x0606060606060606);
	set(&r, 0x250, 0x0600060606060606);	/* 0x60000-0x6ffff UC */
	set(&r, 0x259, 0x0000000000000001);	/* 0xa0000-0xa3fff WC, rest UC */
	set(&r, 0x26f, 0x0506060606060606);	/* 0xff000-0xfffff WP */
	range36(&r, 0, 0, 4 * MIB, MT_WT);
	t = decode(&r, 36);
	assert_true(t.fixed_known && t.fixed_enabled);
	assert_int_equal(mtrr_over(&t, 0, 8 * MIB, s, 100), 9);
	assert_span(&s[0], 0, 0x60000, MT_WB, MTRR_BY_FIXED, 0);
	assert_span(&s[1], 0x60000, 0x70000, MT_UC, MTRR_BY_FIXED, 0);
	assert_span(&s[2], 0x70000, 0xa0000, MT_WB, MTRR_BY_FIXED, 0);
	assert_span(&s[3], 0xa0000, 0xa4000, MT_WC, MTRR_BY_FIXED, 0);
	assert_span(&s[4], 0xa4000, 0xc0000, MT_UC, MTRR_BY_FIXED, 0);
	assert_span(&s[5], 0xc0000, 0xff000, MT_WB, MTRR_BY_FIXED, 0);
	assert_span(&s[6], 0xff000, 0x100000, MT_WP, MTRR_BY_FIXED, 0);
	assert_span(&s[7], 0x100000, 4 * MIB, MT_WT, MTRR_BY_VARIABLE, 1);
	assert_span(&s[8], 4 * MIB, 8 * MIB, MT_UC, MTRR_BY_DEFAULT, 0);
	/* FE off: the variable range reaches down to 0. */
	set(&r, 0x2ff, E | MT_UC);
	t = decode(&r, 36);
	assert_int_equal(mtrr_type(&t, 0, 4 * MIB), MT_WT);
}

static void each_fixed_register_lies_where_the_manual_puts_it(void **state)
{
	static const struct {
		uint32_t msr;
		uint64_t start, step;
	} t[] = {
		{ 0x250, 0, 0x10000 },	       { 0x258, 0x80000, 0x4000 }, { 0x259, 0xa0000, 0x4000 },
		{ 0x268, 0xc0000, 0x1000 },    { 0x269, 0xc8000, 0x1000 }, { 0x26a, 0xd0000, 0x1000 },
		{ 0x26b, 0xd8000, 0x1000 },    { 0x26c, 0xe0000, 0x1000 }, { 0x26d, 0xe8000, 0x1000 },
		{ 0x26e, 0xf0000, 0x1000 },    { 0x26f, 0xf8000, 0x1000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		for (unsigned int b = 0; b < 8; b++) {
			uint64_t start = t[i].start + b * t[i].step;
			struct regs r = machine(8, E | FE | MT_WB);
			struct mtrr_span s[4];
			struct mtrr m;
			int n;

			add_fixed(&r, 0);
			set(&r, t[i].msr, 1ULL << (8 * b));
			m = decode(&r, 36);
			n = mtrr_over(&m, 0, MIB, s, 4);
			assert_true(n == 2 || n == 3);
			for (int k = 0; k < n; k++)
				if (s[k].type == MT_WC)
					assert_span(&s[k], start, start + t[i].step, MT_WC, MTRR_BY_FIXED, 0);
			assert_int_equal(mtrr_type(&m, start, start + t[i].step), MT_WC);
		}
}

static void amds_dram_bits_are_not_part_of_a_fixed_type(void **state)
{
	struct regs r = machine(8, E | FE | MT_UC);
	struct mtrr t;

	(void)state;
	add_fixed(&r, 0x1e1e1e1e1e1e1e1e);
	/* Not AMD: 0x1e is no type, and no guess is made. */
	t = decode(&r, 36);
	assert_int_equal(mtrr_type(&t, 0, MIB), MT_UNKNOWN);
	set(&r, MSR_AMD_SYSCFG, 0);
	t = decode(&r, 36);
	assert_int_equal(t.fixed[0], MT_WB);
	assert_int_equal(mtrr_type(&t, 0, MIB), MT_WB);
	set(&r, 0x250, 0x2626262626262626);	/* a bit that AMD does not use either */
	t = decode(&r, 36);
	assert_int_equal(mtrr_type(&t, 0, 0x80000), MT_UNKNOWN);
}

static void top_mem2_makes_the_default_write_back(void **state)
{
	struct regs r = machine(8, E | MT_UC);
	struct mtrr_span s[8];
	struct mtrr t;

	(void)state;
	set(&r, MSR_AMD_SYSCFG, TOM2);
	set(&r, MSR_AMD_TOP_MEM, 0xb0000000);
	set(&r, MSR_AMD_TOP_MEM2, 0xfff0000000000000 | (12 * GIB) | 0x7fffff);
	range36(&r, 0, 0, 2 * GIB, MT_WB);
	range36(&r, 1, 8 * GIB, GIB, MT_UC);
	t = decode(&r, 36);
	assert_true(t.tom2_wb && t.amd_known);
	assert_true(t.top_mem2 == 12 * GIB);
	assert_int_equal(mtrr_over(&t, 0, 1ULL << 36, s, 8), 6);
	assert_span(&s[0], 0, 2 * GIB, MT_WB, MTRR_BY_VARIABLE, 1);
	assert_span(&s[1], 2 * GIB, 4 * GIB, MT_UC, MTRR_BY_DEFAULT, 0);
	assert_span(&s[2], 4 * GIB, 8 * GIB, MT_WB, MTRR_BY_TOM2, 0);
	assert_span(&s[3], 8 * GIB, 9 * GIB, MT_UC, MTRR_BY_VARIABLE, 2);
	assert_span(&s[4], 9 * GIB, 12 * GIB, MT_WB, MTRR_BY_TOM2, 0);
	assert_span(&s[5], 12 * GIB, 1ULL << 36, MT_UC, MTRR_BY_DEFAULT, 0);
}

static void top_mem2_needs_both_bits(void **state)
{
	(void)state;
	for (int bits = 0; bits < 4; bits++) {
		struct regs r = machine(1, E | MT_UC);
		struct mtrr t;

		set(&r, MSR_AMD_SYSCFG, (uint64_t)bits << 21);
		set(&r, MSR_AMD_TOP_MEM2, 8 * GIB);
		t = decode(&r, 36);
		assert_int_equal(t.tom2_wb, bits == 3);
		assert_int_equal(mtrr_type(&t, 4 * GIB, 8 * GIB), bits == 3 ? MT_WB : MT_UC);
		/* Bits set, register not there: above 4 GiB nothing without a range is known, below all is. */
		drop(&r, MSR_AMD_TOP_MEM2);
		t = decode(&r, 36);
		assert_int_equal(t.tom2_unread, bits == 3);
		assert_int_equal(t.incomplete, bits == 3);
		assert_int_equal(mtrr_type(&t, 0, 4 * GIB), MT_UC);
		assert_int_equal(mtrr_type(&t, 4 * GIB, 5 * GIB), bits == 3 ? MT_UNKNOWN : MT_UC);
		set(&r, 0x2ff, E | MT_WB);
		t = decode(&r, 36);
		assert_int_equal(mtrr_type(&t, 4 * GIB, 5 * GIB), MT_WB);
	}
}

static void what_was_not_read_is_unknown(void **state)
{
	struct regs r = machine(4, E | MT_WB);
	struct mtrr_span s[4];
	struct mtrr t;

	(void)state;
	range36(&r, 0, GIB, GIB, MT_UC);
	add_fixed(&r, 0);
	set(&r, 0xfe, 0x504);
	set(&r, 0x2ff, E | FE | MT_WB);
	drop(&r, 0x205);	/* mask of range 2 */
	t = decode(&r, 36);
	assert_true(t.incomplete && t.var_unread);
	assert_int_equal(mtrr_type(&t, 0, MIB), MT_UC);	/* the fixed ranges are known */
	assert_int_equal(mtrr_over(&t, MIB, 4 * GIB, s, 4), 3);
	assert_span(&s[0], MIB, GIB, MT_UNKNOWN, MTRR_BY_UNKNOWN, 0);
	assert_span(&s[1], GIB, 2 * GIB, MT_UNKNOWN, MTRR_BY_UNKNOWN, 1);

	/* A base without use, of a range that is not valid, leaves the types known. */
	set(&r, 0x205, 0);
	drop(&r, 0x206);
	t = decode(&r, 36);
	assert_true(t.incomplete);
	assert_false(t.var_unread);
	assert_int_equal(mtrr_type(&t, GIB, 2 * GIB), MT_UC);
	/* ... of a valid one it does not. */
	set(&r, 0x207, VALID);
	t = decode(&r, 36);
	assert_true(t.var_unread);

	set(&r, 0x206, 0);
	set(&r, 0x207, 0);
	drop(&r, 0x26b);
	t = decode(&r, 36);
	assert_false(t.fixed_known);
	assert_true(t.incomplete);
	assert_int_equal(mtrr_type(&t, 0, MIB), MT_UNKNOWN);
	assert_int_equal(mtrr_type(&t, GIB, 2 * GIB), MT_UC);

	drop(&r, 0xfe);
	t = decode(&r, 36);
	assert_false(t.present);
	assert_int_equal(mtrr_over(&t, 0, UINT64_MAX, s, 4), 1);
	assert_span(&s[0], 0, UINT64_MAX, MT_UNKNOWN, MTRR_BY_UNKNOWN, 0);
}

static void more_ranges_than_we_look_at_leave_nothing_known(void **state)
{
	struct regs r = machine(32, E | MT_WB);
	struct mtrr t = decode(&r, 36);

	(void)state;
	assert_false(t.var_unread);
	assert_int_equal(mtrr_type(&t, GIB, 2 * GIB), MT_WB);
	for (unsigned int vcnt = 33; vcnt < 256; vcnt++) {
		set(&r, 0xfe, 0x400 | vcnt);
		t = decode(&r, 36);
		assert_int_equal(t.vcnt, vcnt);
		assert_true(t.var_unread && t.incomplete);
		assert_int_equal(mtrr_type(&t, GIB, 2 * GIB), MT_UNKNOWN);
	}
}

static void reserved_types_are_unknown(void **state)
{
	(void)state;
	for (unsigned int byte = 0; byte < 256; byte++) {
		bool type = byte == 0 || byte == 1 || (byte >= 4 && byte <= 6);
		struct regs r = machine(2, E | byte);
		struct mtrr t = decode(&r, 36);

		assert_int_equal(t.def, byte < 8 ? byte : MT_UNKNOWN);
		assert_int_equal(mtrr_type(&t, GIB, 2 * GIB), type ? byte : MT_UNKNOWN);
		r = machine(2, E | MT_UC);
		range36(&r, 0, GIB, GIB, MT_UC);
		set(&r, 0x200, GIB | byte);
		t = decode(&r, 36);
		assert_int_equal(mtrr_type(&t, GIB, 2 * GIB), type ? byte : MT_UNKNOWN);
		/* Beside UC a reserved byte is still nothing that anybody understands. */
		range36(&r, 1, GIB, GIB, MT_UC);
		t = decode(&r, 36);
		assert_int_equal(mtrr_type(&t, GIB, 2 * GIB), type ? MT_UC : MT_UNKNOWN);
	}
}

static void a_mask_with_holes_is_unknown_where_it_could_match(void **state)
{
	struct regs r = machine(1, E | MT_WB);
	struct mtrr_span s[8];
	struct mtrr t;

	(void)state;
	/* Bit 31 is not compared: 1 GiB at 0x40000000 and again at 0xc0000000. */
	set_var(&r, 0, 0x40000000 | MT_WC, (0xf40000000) | VALID);
	t = decode(&r, 36);
	assert_true(t.var[0].valid && t.var[0].odd);
	assert_int_equal(mtrr_over(&t, 0, 8 * GIB, s, 8), 3);
	assert_span(&s[0], 0, GIB, MT_WB, MTRR_BY_DEFAULT, 0);
	assert_span(&s[1], GIB, 4 * GIB, MT_UNKNOWN, MTRR_BY_VARIABLE, 1);
	assert_span(&s[2], 4 * GIB, 8 * GIB, MT_WB, MTRR_BY_DEFAULT, 0);
	/* A query between the stripes is known. */
	assert_int_equal(mtrr_type(&t, 2 * GIB, 3 * GIB), MT_WB);
	assert_int_equal(mtrr_type(&t, 3 * GIB, 3 * GIB + PAGE), MT_UNKNOWN);
	/* A mask made for fewer bits than the CPU has is one, too. */
	r = machine(1, E | MT_WB);
	range36(&r, 0, 0xc0000000, GIB, MT_UC);
	t = decode(&r, 39);
	assert_true(t.var[0].odd);
	assert_int_equal(mtrr_type(&t, 0xc0000000, 0xd0000000), MT_UNKNOWN);
	assert_int_equal(mtrr_type(&t, GIB, 2 * GIB), MT_WB);
}

static void a_mask_of_nothing_matches_everything(void **state)
{
	struct regs r = machine(1, E | MT_WB);
	struct mtrr t;

	(void)state;
	set_var(&r, 0, 0x12345000 | MT_WT, VALID);
	t = decode(&r, 40);
	assert_false(t.var[0].odd);
	assert_true(t.var[0].start == 0 && t.var[0].end == 1ULL << 40);
	assert_int_equal(mtrr_type(&t, 0, 1ULL << 40), MT_WT);
}

static void a_base_below_its_alignment_is_masked(void **state)
{
	struct regs r = machine(1, E | MT_WB);
	struct mtrr t;

	(void)state;
	range36(&r, 0, 0xc1234000, GIB, MT_UC);
	t = decode(&r, 36);
	assert_true(t.var[0].start == 0xc0000000 && t.var[0].end == 0x100000000);
}

static void address_bits_are_clamped_and_nothing_is_known_beyond(void **state)
{
	static const struct {
		unsigned int claimed, used;
	} t[] = {
		{ 0, 32 },  { 31, 32 }, { 32, 32 },  { 36, 36 },  { 52, 52 },
		{ 53, 52 }, { 64, 52 }, { 255, 52 }, { ~0U, 52 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct regs r = machine(2, E | MT_WB);
		struct mtrr_span s[8];
		uint64_t limit = 1ULL << t[i].used;
		struct mtrr m;
		int n;

		set_var(&r, 0, MT_UC, UINT64_MAX);	/* every bit that there is */
		set_var(&r, 1, ~0xfffULL | MT_WC, UINT64_MAX);
		m = decode(&r, t[i].claimed);
		assert_int_equal(m.phys_bits, t[i].used);
		n = mtrr_over(&m, 0, UINT64_MAX, s, 8);
		assert_int_equal(n, 4);
		assert_span(&s[0], 0, PAGE, MT_UC, MTRR_BY_VARIABLE, 1);
		assert_span(&s[1], PAGE, limit - PAGE, MT_WB, MTRR_BY_DEFAULT, 0);
		assert_span(&s[2], limit - PAGE, limit, MT_WC, MTRR_BY_VARIABLE, 2);
		assert_span(&s[3], limit, UINT64_MAX, MT_UNKNOWN, MTRR_BY_UNKNOWN, 0);
	}
}

static void too_little_room_and_empty_ranges_are_refused(void **state)
{
	struct regs r = machine(2, E | MT_WB);
	struct mtrr_span s[3];
	struct mtrr t;

	(void)state;
	range36(&r, 0, GIB, MIB, MT_UC);
	t = decode(&r, 36);
	assert_int_equal(mtrr_over(&t, 0, 2 * GIB, s, 2), -E2BIG);
	assert_int_equal(mtrr_over(&t, 0, 2 * GIB, s, 3), 3);
	assert_int_equal(mtrr_over(&t, 0, 2 * GIB, s, 0), -E2BIG);
	assert_int_equal(mtrr_over(&t, GIB, GIB, s, 3), -EINVAL);
	assert_int_equal(mtrr_over(&t, GIB, 0, s, 3), -EINVAL);
	assert_int_equal(mtrr_type(&t, GIB, GIB), MT_UNKNOWN);
}

static void cpus_differ_where_the_type_differs(void **state)
{
	struct regs r = machine(4, E | MT_WB), q = machine(4, E | MT_WB);
	struct mtrr a, b;

	(void)state;
	range36(&r, 0, 3 * GIB, GIB, MT_UC);
	range36(&q, 0, 3 * GIB, GIB, MT_UC);
	a = decode(&r, 36);
	b = decode(&q, 36);
	assert_false(mtrr_differ(&a, &b, 0, 0));
	assert_false(mtrr_differ(&a, &b, 0, 1ULL << 36));

	/* The same ranges in other registers: other registers, the same meaning. */
	set_var(&q, 0, 0, 0);
	range36(&q, 2, 3 * GIB, 512 * MIB, MT_UC);
	range36(&q, 3, 3 * GIB + 512 * MIB, 512 * MIB, MT_UC);
	b = decode(&q, 36);
	assert_true(mtrr_differ(&a, &b, 0, 0));
	assert_false(mtrr_differ(&a, &b, 0, 1ULL << 36));

	set_var(&q, 3, 0, 0);
	b = decode(&q, 36);
	assert_false(mtrr_differ(&a, &b, 3 * GIB, 3 * GIB + 512 * MIB));
	assert_true(mtrr_differ(&a, &b, 3 * GIB, 3 * GIB + 512 * MIB + PAGE));
	assert_true(mtrr_differ(&b, &a, 0, 4 * GIB));
	assert_false(mtrr_differ(&a, &b, 4 * GIB, 5 * GIB));

	/* Disabled altogether: differs in what was cacheable, not in what was UC. */
	set(&q, 0x2ff, MT_WB);
	b = decode(&q, 36);
	assert_true(mtrr_differ(&a, &b, 0, 0));
	assert_true(mtrr_differ(&a, &b, GIB, 2 * GIB));
	assert_false(mtrr_differ(&a, &b, 3 * GIB, 4 * GIB));
}

static void what_is_missing_on_one_cpu_is_no_difference(void **state)
{
	struct regs r = machine(2, E | MT_WB), q = machine(2, E | MT_WB), none = { .n = 0 };
	struct mtrr a, b;

	(void)state;
	range36(&r, 0, GIB, GIB, MT_UC);
	drop(&q, 0x201);
	a = decode(&r, 36);
	b = decode(&q, 36);
	assert_true(b.incomplete);
	assert_false(mtrr_differ(&a, &b, 0, 0));
	assert_false(mtrr_differ(&a, &b, 0, 4 * GIB));
	assert_false(mtrr_differ(&b, &a, 0, 4 * GIB));
	b = decode(&none, 36);
	assert_false(mtrr_differ(&a, &b, 0, 0));
	assert_false(mtrr_differ(&b, &a, 0, 4 * GIB));
}

static void any_register_that_differs_is_a_difference(void **state)
{
	static const struct {
		uint32_t msr;
		uint64_t value;
	} t[] = {
		{ 0xfe, 0x507 },	      { 0xfe, 0x108 },		    { 0x2ff, FE | MT_WB },
		{ 0x2ff, E | MT_WB },	      { 0x2ff, E | FE | MT_UC },    { 0x202, 0x1000 },
		{ 0x20f, 0x1000 },	      { 0x250, 0x0606060606060600 }, { 0x26f, 0x0006060606060606 },
		{ MSR_AMD_SYSCFG, TOM2 / 2 }, { MSR_AMD_TOP_MEM, 3 * GIB }, { MSR_AMD_TOP_MEM2, 9 * GIB },
	};
	struct regs r = machine(8, E | FE | MT_WB);
	struct mtrr a, b;

	(void)state;
	add_fixed(&r, 0x0606060606060606);
	set(&r, MSR_AMD_SYSCFG, TOM2);
	set(&r, MSR_AMD_TOP_MEM, 2 * GIB);
	set(&r, MSR_AMD_TOP_MEM2, 8 * GIB);
	a = decode(&r, 36);
	b = decode(&r, 36);
	assert_false(mtrr_differ(&a, &b, 0, 0));
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct regs q = r;

		set(&q, t[i].msr, t[i].value);
		b = decode(&q, 36);
		assert_true(mtrr_differ(&a, &b, 0, 0));
		assert_true(mtrr_differ(&b, &a, 0, 0));
	}
}

static void every_origin_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(mtrr_origin_name(MTRR_BY_DISABLED), "MTRRs disabled");
	for (int a = MTRR_BY_DISABLED; a <= MTRR_BY_UNKNOWN; a++)
		for (int b = MTRR_BY_DISABLED; b < a; b++)
			assert_string_not_equal(mtrr_origin_name(a), mtrr_origin_name(b));
	assert_string_equal(mtrr_origin_name((enum mtrr_origin)99), "not known");
}

static void odd_masks_differ_when_their_registers_do(void **state)
{
	struct regs r = machine(1, E | MT_WB), q = r;
	struct mtrr a, b;

	(void)state;
	set_var(&r, 0, 0x40000000 | MT_WC, (0xf40000000) | VALID);
	set_var(&q, 0, 0x40000000 | MT_WC, (0xf40000000) | VALID);
	a = decode(&r, 36);
	b = decode(&q, 36);
	assert_false(mtrr_differ(&a, &b, 0, 4 * GIB));
	set_var(&q, 0, 0x40000000 | MT_UC, (0xf40000000) | VALID);
	b = decode(&q, 36);
	assert_true(mtrr_differ(&a, &b, 0, 4 * GIB));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_range_is_taken_apart),
		cmocka_unit_test(spans_have_their_edges_types_and_reasons),
		cmocka_unit_test(two_ranges_overlap_as_the_manual_says),
		cmocka_unit_test(three_ranges_overlap_as_the_manual_says),
		cmocka_unit_test(disabled_mtrrs_make_everything_uncached),
		cmocka_unit_test(fixed_ranges_win_below_one_mebibyte),
		cmocka_unit_test(each_fixed_register_lies_where_the_manual_puts_it),
		cmocka_unit_test(amds_dram_bits_are_not_part_of_a_fixed_type),
		cmocka_unit_test(top_mem2_makes_the_default_write_back),
		cmocka_unit_test(top_mem2_needs_both_bits),
		cmocka_unit_test(what_was_not_read_is_unknown),
		cmocka_unit_test(more_ranges_than_we_look_at_leave_nothing_known),
		cmocka_unit_test(reserved_types_are_unknown),
		cmocka_unit_test(a_mask_with_holes_is_unknown_where_it_could_match),
		cmocka_unit_test(a_mask_of_nothing_matches_everything),
		cmocka_unit_test(a_base_below_its_alignment_is_masked),
		cmocka_unit_test(address_bits_are_clamped_and_nothing_is_known_beyond),
		cmocka_unit_test(too_little_room_and_empty_ranges_are_refused),
		cmocka_unit_test(cpus_differ_where_the_type_differs),
		cmocka_unit_test(what_is_missing_on_one_cpu_is_no_difference),
		cmocka_unit_test(any_register_that_differs_is_a_difference),
		cmocka_unit_test(every_origin_has_a_name),
		cmocka_unit_test(odd_masks_differ_when_their_registers_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
