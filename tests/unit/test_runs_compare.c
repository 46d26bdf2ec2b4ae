/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_runs_compare.c - two readings of the same entries: alike, and each way of not being so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/runs_compare.h"

#define P(n) ((uint64_t)(n) * 4096)

static struct {
	int n;
	uint64_t start, end;
	bool a, b;
	uint64_t raw_a, raw_b;
} seen;

static void see(uint64_t start, uint64_t end, const struct pte_run *a, const struct pte_run *b, void *arg)
{
	(void)arg;
	seen.n++;
	seen.start = start;
	seen.end = end;
	seen.a = a;
	seen.b = b;
	seen.raw_a = a ? a->raw : 0;
	seen.raw_b = b ? b->raw : 0;
}

static struct pte_run run(uint64_t from, uint64_t to)
{
	return (struct pte_run){ .pid = 7, .start = P(from), .end = P(to), .raw = 0x8000000000000067ULL | P(from + 100),
				 .phys = P(from + 100), .level = 1, .kind = PTE_PRESENT, .rights = 3, .vma = PTE_VMA };
}

static struct runs_compared compare(struct pte_run *a, size_t na, struct pte_run *b, size_t nb)
{
	const struct runs x = { .r = a, .n = na }, y = { .r = b, .n = nb };
	struct runs_compared c;

	memset(&seen, 0, sizeof(seen));
	runs_compare(&x, &y, see, NULL, &c);
	return c;
}

static void folded_otherwise_is_alike(void **state)
{
	struct pte_run a[] = { run(0, 10) }, b[] = { run(0, 3), run(3, 4), run(4, 10) };
	struct runs_compared c = compare(a, 1, b, 3);

	(void)state;
	assert_int_equal(c.same, 10);
	assert_int_equal(c.pieces, 0);
	/* The processor sets accessed and dirty in its own time. */
	b[1].raw ^= PTE_A | PTE_D;
	c = compare(a, 1, b, 3);
	assert_int_equal(c.pieces, 0);
	/* A large page cut in two counts in each part; what stands above is compared where both know it. */
	a[0].upper[0] = 0x1067;
	b[0].upper[0] = 0x1067 ^ PTE_A;
	c = compare(a, 1, b, 3);
	assert_int_equal(c.pieces, 0);
	b[0].upper[0] = 0x2067;
	c = compare(a, 1, b, 3);
	assert_int_equal(c.pieces, 1);
}

static void each_difference_is_seen(void **state)
{
	(void)state;
	for (int what = 0; what < 7; what++) {
		struct pte_run a[] = { run(0, 10) }, b[] = { run(0, 4), run(4, 5), run(5, 10) };
		struct runs_compared c;

		switch (what) {
		case 0: b[1].raw ^= 1 << 3; break;
		case 1: b[1].phys += 4096; b[1].raw += 4096; break;
		case 2: b[1].rights = 1; break;
		case 3: b[1].vma |= PTE_VMA_PFNMAP; break;
		case 4: b[1].kind = PTE_PROTNONE; break;
		case 5: b[1].level = 2; break;
		case 6: b[1].raw ^= 1ULL << 58; break;
		}
		c = compare(a, 1, b, 3);
		assert_int_equal(c.pieces, 1);
		assert_int_equal(c.same, 9);
		assert_true(seen.n == 1 && seen.start == P(4) && seen.end == P(5) && seen.a && seen.b);
		assert_true(seen.raw_a == (0x8000000000000067ULL | P(104)));
	}
}

static void what_one_has_not_is_seen(void **state)
{
	struct pte_run a[] = { run(0, 4), run(8, 10) }, b[] = { run(2, 9) };
	struct runs_compared c = compare(a, 2, b, 1);

	(void)state;
	assert_int_equal(c.same, 3);
	assert_int_equal(c.pieces, 3); /* 0-2, 4-8, 9-10 */
	assert_true(seen.a && !seen.b && seen.start == P(9) && seen.end == P(10));
	c = compare(a, 2, NULL, 0);
	assert_true(c.same == 0 && c.pieces == 2);
	c = compare(NULL, 0, NULL, 0);
	assert_true(c.same == 0 && c.pieces == 0);
}

static void large_pages_are_one_entry_each(void **state)
{
	struct pte_run a = run(0, 1024), b;

	(void)state;
	a.level = 2;
	a.raw = 0x400000e7;
	a.phys = 0x40000000;
	b = a;
	assert_int_equal(compare(&a, 1, &b, 1).same, 2);
	run_skip(&b, P(5));
	assert_true(b.phys == 0x40005000 && b.raw == 0x400000e7);
	run_skip(&b, P(512));
	assert_true(b.phys == 0x40205000 && b.raw == 0x402000e7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folded_otherwise_is_alike),
		cmocka_unit_test(each_difference_is_seen),
		cmocka_unit_test(what_one_has_not_is_seen),
		cmocka_unit_test(large_pages_are_one_entry_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
