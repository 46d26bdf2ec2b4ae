/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pte.c - entries taken apart; the raw values are those that kernels wrote, where a line says so. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/pte.h"

static void assert_flags(uint64_t raw, unsigned int level, const char *want)
{
	char buf[64];
	struct pte p;

	assert_int_equal(pte_decode(raw, level, &p), 0);
	pte_flags(&p, buf, sizeof(buf));
	assert_string_equal(buf, want);
}

static void entries_of_kernels_are_taken_apart(void **state)
{
	static const struct {
		uint64_t raw;
		unsigned int level;
		enum pte_kind kind;
		unsigned int slot;
		uint64_t phys;
		const char *flags;
	} rows[] = {
		/* user mappings of resource2_wc and resource2 in guests (Linux 6.1) */
		{ 0x80000000fe00026fULL, 1, PTE_PRESENT, 1, 0xfe000000, "P RW US PWT A D NX" },
		{ 0x80000000fe000237ULL, 1, PTE_PRESENT, 2, 0xfe000000, "P RW US PCD A NX" },
		/* the same after mprotect(PROT_NONE): frame inverted, PWT where it was */
		{ 0x800fffff01fff368ULL, 1, PTE_PROTNONE, 1, 0xfe000000, "" },
		/* ioremap and ioremap_wc of the kernel: global */
		{ 0x80000000fe00016bULL, 1, PTE_PRESENT, 1, 0xfe000000, "P RW PWT A D G NX" },
		{ 0x80000000fe000173ULL, 1, PTE_PRESENT, 2, 0xfe000000, "P RW PCD A D G NX" },
		/* both pgprots applied: slot 3 */
		{ 0x80000000fe00027fULL, 1, PTE_PRESENT, 3, 0xfe000000, "P RW US PWT PCD A D NX" },
		/* bit 7 is PAT in a small entry ... */
		{ 0x00000000fe0000e7ULL, 1, PTE_PRESENT, 4, 0xfe000000, "P RW US A D PAT" },
		/* ... and PS in a large one, whose PAT is bit 12 and no address */
		{ 0x80000000fe0000e7ULL, 2, PTE_PRESENT, 0, 0xfe000000, "P RW US A D PS NX" },
		{ 0x80000000fe0010efULL, 2, PTE_PRESENT, 5, 0xfe000000, "P RW US PWT A D PAT PS NX" },
		{ 0x80000080400010ebULL, 3, PTE_PRESENT, 5, 0x8040000000, "P RW PWT A D PAT PS NX" },
		{ 0, 1, PTE_NONE, 0, PTE_NO_PHYS, "" },
		{ 0, 3, PTE_NONE, 0, PTE_NO_PHYS, "" },
		/* a swap entry: no bit of it is a flag */
		{ 0x0bffffffffe00c00ULL, 1, PTE_OTHER, 0, PTE_NO_PHYS, "" },
		/* a huge page that is just being split: PS alone */
		{ 0x00000000fe0000e6ULL, 2, PTE_OTHER, 0, PTE_NO_PHYS, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pte p;
		char buf[64];

		assert_int_equal(pte_decode(rows[i].raw, rows[i].level, &p), 0);
		pte_flags(&p, buf, sizeof(buf));
		if (p.kind != rows[i].kind || p.slot != rows[i].slot || p.phys != rows[i].phys || p.raw != rows[i].raw ||
		    p.level != rows[i].level)
			fail_msg("row %zu: kind %d slot %u phys %llx flags '%s'", i, p.kind, p.slot,
				 (unsigned long long)p.phys, buf);
		if (p.kind == PTE_PRESENT)
			assert_string_equal(buf, rows[i].flags);
	}
	/* PROT_NONE: not present, and bit 8 is no G there */
	assert_flags(0x800fffff01fff368ULL, 1, "PWT A D NX");
}

static void each_bit_is_one_flag(void **state)
{
	static const struct {
		int bit;
		const char *small, *large;
	} rows[] = {
		{ 1, "P RW", "P RW PS" }, { 2, "P US", "P US PS" },	{ 3, "P PWT", "P PWT PS" },
		{ 4, "P PCD", "P PCD PS" }, { 5, "P A", "P A PS" },	{ 6, "P D", "P D PS" },
		{ 7, "P PAT", "P PS" },	  { 8, "P G", "P PS G" },	{ 9, "P", "P PS" },
		{ 12, "P", "P PAT PS" },  { 58, "P", "P PS" },		{ 63, "P NX", "P PS NX" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_flags(1 | 1ULL << rows[i].bit, 1, rows[i].small);
		assert_flags(0x81 | 1ULL << rows[i].bit, 2, rows[i].large);
		assert_flags(0x81 | 1ULL << rows[i].bit, 3, rows[i].large);
	}
}

static void software_bits_are_kept_as_they_stand(void **state)
{
	static const struct {
		int bit;
		unsigned int soft;
	} rows[] = { { 9, 1 }, { 10, 2 }, { 11, 4 }, { 58, 8 }, { 59, 16 }, { 60, 32 }, { 61, 64 }, { 62, 128 } };
	struct pte p;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(pte_decode(1 | 1ULL << rows[i].bit, 1, &p), 0);
		assert_int_equal(p.soft, rows[i].soft);
		assert_int_equal(p.phys, 0);
	}
}

static void an_inverted_frame_is_turned_back_at_every_level(void **state)
{
	struct pte p;

	(void)state;
	for (unsigned int level = 1; level <= 3; level++) {
		uint64_t mask = pte_frame_mask(level), phys = 0x000ab54c40000000ULL & mask;
		uint64_t raw = (~phys & mask) | 0x100 | (level > 1 ? 0x80 | 0x1000 : 0);

		assert_int_equal(pte_decode(raw, level, &p), 0);
		assert_int_equal(p.kind, PTE_PROTNONE);
		assert_int_equal(p.phys, phys);
		assert_int_equal(p.slot, level > 1 ? 4 : 0);	/* the PAT bit is not inverted */
	}
}

static void what_is_no_leaf_is_refused(void **state)
{
	struct pte p;

	(void)state;
	assert_int_equal(pte_decode(0x80000000fe000067ULL, 2, &p), -EINVAL);
	assert_int_equal(pte_decode(0x80000000fe000067ULL, 3, &p), -EINVAL);
	assert_int_equal(pte_decode(1, 0, &p), -EINVAL);
	assert_int_equal(pte_decode(1, 4, &p), -EINVAL);
	assert_int_equal(pte_decode(0, 5, &p), -EINVAL);
	assert_int_equal(pte_decode(0x100, 2, &p), 0);	/* not present: allowed */
}

static void sizes_and_names(void **state)
{
	char buf[8];
	struct pte p;

	(void)state;
	assert_int_equal(pte_size(1), 4096);
	assert_int_equal(pte_size(2), 2 << 20);
	assert_int_equal(pte_size(3), 1 << 30);
	assert_true(pte_size(4) == 512ULL << 30 && pte_size(5) == 256ULL << 40);
	assert_true(!pte_size(0) && !pte_size(6) && !pte_frame_mask(0) && !pte_frame_mask(4));
	assert_true(pte_frame_mask(1) == 0x000ffffffffff000ULL && pte_frame_mask(2) == 0x000fffffffe00000ULL);
	assert_string_equal(pte_kind_name(PTE_NONE), "none");
	assert_string_equal(pte_kind_name(PTE_PROTNONE), "prot-none");
	assert_string_equal(pte_kind_name((enum pte_kind)77), "unknown");
	/* a buffer that does not suffice holds whole words */
	assert_int_equal(pte_decode(0x80000000fe00026fULL, 1, &p), 0);
	pte_flags(&p, buf, sizeof(buf));
	assert_string_equal(buf, "P RW US");
	pte_flags(&p, buf, 1);
	assert_string_equal(buf, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_of_kernels_are_taken_apart),
		cmocka_unit_test(each_bit_is_one_flag),
		cmocka_unit_test(software_bits_are_kept_as_they_stand),
		cmocka_unit_test(an_inverted_frame_is_turned_back_at_every_level),
		cmocka_unit_test(what_is_no_leaf_is_refused),
		cmocka_unit_test(sizes_and_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
