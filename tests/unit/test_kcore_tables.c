/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_kcore_tables.c - the walk down tables of a made-up machine: every kind of entry, and tables that would deceive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kcore_world.h"

#define AT 0x7f0040000000ULL /* a multiple of 1 GiB */

static int walk(struct world *w, uint64_t root, uint64_t start, uint64_t end, struct runs *l)
{
	struct kcore_fold f = { .pid = 7, .user = true, .upper = true, .ignore = PTE_A | PTE_D | PTE_SOFT };

	*l = (struct runs){ 0 };
	return kcore_tables(&w->k.mem, root, start, end, &f, l);
}

static void pages_of_every_size(void **state)
{
	for (unsigned int levels = 4; levels <= 5; levels++) {
		struct world w;
		struct runs l;
		uint64_t root;

		(void)state;
		world_init(&w, levels);
		root = world_new(&w);
		world_map(&w, root, AT, 3, 0x40000000 | W_TABLE | W_PS | W_NX);
		world_map(&w, root, AT + (1 << 30), 2, 0x80000000 | W_TABLE | W_PS | W_PWT);
		world_map(&w, root, AT + (1 << 30) + (2 << 20), 1, 0xfe000000 | W_TABLE | W_PWT);
		world_map(&w, root, AT + (1 << 30) + (2 << 20) + 4096, 1, 0xfe001000 | W_TABLE | W_PWT | W_A | W_D);
		world_map(&w, root, AT + (1 << 30) + (2 << 20) + 8192, 1, 0xfe003000 | W_TABLE | W_PWT);
		assert_int_equal(walk(&w, root, AT + 4096, AT + (1 << 30) + (2 << 20) + 0x4000, &l), 0);
		assert_int_equal(l.n, 5);
		assert_int_equal(l.r[0].level, 3);
		assert_true(l.r[0].start == AT + 4096 && l.r[0].end == AT + (1 << 30));
		assert_true(l.r[0].phys == 0x40001000 && l.r[0].rights == (PTE_CAN_WRITE | PTE_CAN_USER | PTE_CANNOT_EXEC));
		assert_int_equal(l.r[1].level, 2);
		assert_true(l.r[1].phys == 0x80000000 && l.r[1].end - l.r[1].start == 2 << 20);
		/* Two pages side by side are one run; A and D may differ, and that is told. */
		assert_true(l.r[2].phys == 0xfe000000 && l.r[2].end - l.r[2].start == 8192 && l.r[2].level == 1);
		assert_true(l.r[2].differ == (PTE_A | PTE_D) && l.r[2].pid == 7);
		assert_true(l.r[2].upper[0] && l.r[2].upper[2] && !l.r[2].upper[3] == (levels == 4));
		/* The next page's frame does not follow. */
		assert_true(l.r[3].phys == 0xfe003000);
		assert_true(l.r[4].kind == PTE_NONE && l.r[4].phys == PTE_NO_PHYS && l.r[4].level == 1);
		runs_free(&l);
	}
}

static void nothing_there_is_told_by_its_level(void **state)
{
	struct world w;
	struct runs l;
	uint64_t root;

	(void)state;
	world_init(&w, 4);
	root = world_new(&w);
	*world_word(&w, root + 511 * 8) = 1; /* not a page of zeros */
	assert_int_equal(walk(&w, root, AT, AT + (4ULL << 30), &l), 0);
	assert_int_equal(l.n, 1);
	assert_true(l.r[0].kind == PTE_NONE && l.r[0].level == 4 && l.r[0].end == AT + (4ULL << 30));
	runs_free(&l);
}

static void prot_none_stands_inverted(void **state)
{
	const uint64_t prot = 1 << 8, other = 0x1234000ULL << 9 | 2;
	struct world w;
	struct runs l;
	uint64_t root;

	(void)state;
	world_init(&w, 4);
	w.k.mem.frames &= ~(1ULL << 47); /* the encryption bit is no part of the frame */
	root = world_new(&w);
	world_map(&w, root, AT, 1, (~0xfe000000ULL & 0x000ffffffffff000ULL) | prot | W_PWT);
	world_map(&w, root, AT + 4096, 1, other);
	world_map(&w, root, AT + 8192, 1, 0x5000 | W_TABLE | 1ULL << 47);
	world_map(&w, root, AT + (2 << 20), 2, (~0x40000000ULL & 0x000fffffffe00000ULL) | prot | W_PS);
	assert_int_equal(walk(&w, root, AT, AT + 0x3000, &l), 0);
	assert_int_equal(l.n, 3);
	assert_true(l.r[0].kind == PTE_PROTNONE && l.r[0].phys == 0xfe000000);
	assert_true(l.r[1].kind == PTE_OTHER && l.r[1].phys == PTE_NO_PHYS && l.r[1].raw == other);
	assert_true(l.r[2].kind == PTE_PRESENT && l.r[2].phys == 0x5000);
	runs_free(&l);
	assert_int_equal(walk(&w, root, AT + (2 << 20), AT + (4 << 20), &l), 0);
	assert_true(l.n == 1 && l.r[0].kind == PTE_PROTNONE && l.r[0].level == 2 && l.r[0].phys == 0x40000000);
	runs_free(&l);
}

static void rights_are_those_of_all_levels(void **state)
{
	struct world w;
	struct runs l;
	uint64_t root, top;

	(void)state;
	world_init(&w, 4);
	root = world_new(&w);
	world_map(&w, root, AT, 1, 0xfe000000 | W_TABLE);
	top = world_entry(&w, root, AT, 4);
	*world_word(&w, world_entry(&w, root, AT, 2)) &= ~(uint64_t)W_RW;
	*world_word(&w, top) |= W_NX;
	assert_int_equal(walk(&w, root, AT, AT + 4096, &l), 0);
	assert_int_equal(l.r[0].rights, PTE_CAN_USER | PTE_CANNOT_EXEC);
	runs_free(&l);
	/* With page table isolation the root's NX is only the kernel's copy's. */
	w.k.mem.pti = true;
	assert_int_equal(walk(&w, root, AT, AT + 4096, &l), 0);
	assert_int_equal(l.r[0].rights, PTE_CAN_USER);
	runs_free(&l);
}

/* Zeros that were not delivered are not "nothing is mapped". */
static void zeros_are_believed_only_when_they_were_delivered(void **state)
{
	const uint64_t bad[] = { 1 << 19, 1 << 20, 1 << 23 };
	struct world w;
	struct runs l;
	uint64_t root, table;

	(void)state;
	world_init(&w, 4);
	root = world_new(&w);
	table = world_entry(&w, root, AT, 1);
	assert_int_equal(walk(&w, root, AT, AT + 4096, &l), 0);
	assert_true(l.n == 1 && l.r[0].kind == PTE_NONE && l.r[0].level == 1);
	runs_free(&l);
	w.flags_of = table & ~4095ULL;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		w.page_flags = bad[i];
		assert_int_equal(walk(&w, root, AT, AT + 4096, &l), -EIO);
		assert_int_equal(l.n, 0);
		runs_free(&l);
	}
	w.page_flags = 0;
	w.flags_err = -ENOENT; /* nobody says */
	assert_int_equal(walk(&w, root, AT, AT + 4096, &l), -EIO);
	runs_free(&l);
	world_map(&w, root, AT + 8192, 1, 0xfe000000 | W_TABLE);
	assert_int_equal(walk(&w, root, AT, AT + 4096, &l), 0);
	runs_free(&l);
}

static void garbage_ends(void **state)
{
	struct world w;
	struct runs l;
	uint64_t root, at;

	(void)state;
	world_init(&w, 5);
	root = world_new(&w);
	/* A root that leads to itself, all the way down. */
	for (int i = 0; i < 512; i++)
		*world_word(&w, root + (unsigned)i * 8) = root | W_TABLE;
	assert_int_equal(walk(&w, root, AT, AT + (8 << 20), &l), 0);
	assert_true(l.n && l.r[0].level == 1 && l.r[0].phys == root);
	runs_free(&l);
	/* A table outside of all memory. */
	world_init(&w, 4);
	root = world_new(&w);
	at = world_entry(&w, root, AT, 2);
	*world_word(&w, at) = (1ULL << 51) | W_TABLE;
	assert_int_equal(walk(&w, root, AT, AT + 4096, &l), -EIO);
	runs_free(&l);
	*world_word(&w, at) = (MEMORY - 4096) | W_TABLE;
	assert_int_equal(walk(&w, root, AT, AT + 4096, &l), 0);
	runs_free(&l);
	*world_word(&w, at) = MEMORY | W_TABLE;
	assert_int_equal(walk(&w, root, AT, AT + 4096, &l), -EIO);
	runs_free(&l);
}

static struct {
	uint64_t at, a, b;
	unsigned int times, until; /* it is read; 0: for ever */
} flip;

static void flips(struct world *w)
{
	if (w->reading <= flip.at && w->reading_end > flip.at && (!flip.until || flip.times < flip.until))
		*world_word(w, flip.at) = ++flip.times & 1 ? flip.a : flip.b;
}

static void what_does_not_hold_still_is_no_answer(void **state)
{
	struct world w;
	struct runs l;
	uint64_t root;

	(void)state;
	world_init(&w, 4);
	root = world_new(&w);
	world_map(&w, root, AT, 1, 0xfe000000 | W_TABLE);
	/* The last entry changes at each look. */
	flip.at = world_entry(&w, root, AT, 1);
	flip.a = 0xfe000000 | W_TABLE;
	flip.b = 0xfd000000 | W_TABLE;
	flip.until = 0;
	w.before_read = flips;
	assert_int_equal(walk(&w, root, AT, AT + 4096, &l), -EAGAIN);
	assert_int_equal(l.n, 0);
	runs_free(&l);
	*world_word(&w, flip.at) = 0xfe000000 | W_TABLE;
	/* An upper entry, between two tables. */
	flip.at = world_entry(&w, root, AT, 2);
	flip.b = *world_word(&w, flip.at);
	flip.a = world_new(&w) | W_TABLE;
	*world_word(&w, flip.a & ~4095ULL) = 0xfc000000 | W_TABLE;
	assert_int_equal(walk(&w, root, AT, AT + 4096, &l), -EAGAIN);
	runs_free(&l);
	/* Accessed and dirty may. */
	flip.a = flip.b ^ (W_A | W_D);
	assert_int_equal(walk(&w, root, AT, AT + 4096, &l), 0);
	assert_true(l.n == 1 && l.r[0].phys == 0xfe000000);
	runs_free(&l);
	/* It comes to rest. */
	flip.a = flip.b ^ W_RW;
	flip.times = 0;
	flip.until = 20;
	assert_int_equal(walk(&w, root, AT, AT + 4096, &l), 0);
	assert_true(flip.times == 20 && l.n == 1 && l.r[0].phys == 0xfe000000);
	runs_free(&l);
}

static void of_the_kernel_only_what_is_no_ram(void **state)
{
	struct kcore_range ram[] = { { 0x1000, 0x100000 }, { 0x40000000, 0x80000000 } }, other[] = { { 0x80000, 0x81000 } };
	struct kcore_ram r = { ram, other, 2, 1 };
	struct kcore_fold f = { .not_ram = &r };
	struct runs l = { 0 };
	struct world w;
	uint64_t root, at = 0xffffa00000000000ULL;

	(void)state;
	assert_true(kcore_is_ram(&r, 0x1000, 4096) && kcore_is_ram(&r, 0x7ffff000, 4096) && kcore_is_ram(&r, 0, 2 << 20) == false);
	assert_false(kcore_is_ram(&r, 0x100000, 4096) || kcore_is_ram(&r, 0x80000, 4096) || kcore_is_ram(&r, 0, 4096));
	world_init(&w, 4);
	root = world_new(&w);
	world_map(&w, root, at, 1, 0x2000 | W_P);
	world_map(&w, root, at + 4096, 1, 0xfe000000 | W_P | W_PCD);
	world_map(&w, root, at + (2 << 20), 2, 0x40000000 | W_P | W_PS);
	assert_int_equal(kcore_tables(&w.k.mem, root, at, at + (4 << 20), &f, &l), 0);
	assert_true(l.n == 1 && l.r[0].phys == 0xfe000000 && l.r[0].start == at + 4096);
	runs_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_of_every_size),
		cmocka_unit_test(nothing_there_is_told_by_its_level),
		cmocka_unit_test(prot_none_stands_inverted),
		cmocka_unit_test(rights_are_those_of_all_levels),
		cmocka_unit_test(zeros_are_believed_only_when_they_were_delivered),
		cmocka_unit_test(garbage_ends),
		cmocka_unit_test(what_does_not_hold_still_is_no_answer),
		cmocka_unit_test(of_the_kernel_only_what_is_no_ram),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
