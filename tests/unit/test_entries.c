/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_entries.c - runs are joined as the module folds them; the recorded form is read, written and refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/entries.h"
#include "temproot.h"

#define WC 0x80000000fe00026fULL

static struct pte_run run(int pid, uint64_t start, uint64_t pages, uint64_t phys)
{
	return (struct pte_run){ .pid = pid, .start = start, .end = start + pages * 4096, .phys = phys,
				 .raw = (WC & ~0xffffffff000ULL) | phys, .level = 1, .kind = PTE_PRESENT,
				 .rights = PTE_CAN_WRITE | PTE_CAN_USER, .vma = PTE_VMA | PTE_VMA_PFNMAP };
}

/* Are these two joined? */
static bool joined(struct pte_run a, struct pte_run b, uint64_t ignore)
{
	struct runs l = { 0 };
	bool one;

	assert_int_equal(runs_join(&l, &a, ignore), 0);
	assert_int_equal(runs_join(&l, &b, ignore), 0);
	one = l.n == 1;
	if (one)
		assert_true(l.r[0].start == a.start && l.r[0].end == b.end && l.r[0].raw == a.raw && l.r[0].phys == a.phys);
	runs_free(&l);
	return one;
}

static void equal_neighbours_become_one(void **state)
{
	const struct pte_run a = run(7, 0x10000, 2, 0xfe000000), b = run(7, 0x12000, 1, 0xfe002000);
	struct pte_run c;

	(void)state;
	assert_true(joined(a, b, 0));
#define UNLESS(change) (c = b, change, assert_false(joined(a, c, 0)))
	UNLESS(c.pid = 8);
	UNLESS((c.start += 4096, c.end += 4096));
	UNLESS(c.phys += 4096);
	UNLESS(c.raw ^= 8);
	UNLESS(c.raw ^= 1ULL << 63);
	UNLESS(c.raw ^= 1ULL << 51);	/* a bit for encryption within the frame, not in phys */
	UNLESS(c.level = 2);
	UNLESS(c.kind = PTE_PROTNONE);
	UNLESS(c.rights = PTE_CAN_USER);
	UNLESS(c.vma = PTE_VMA);
	UNLESS(c.raw ^= PTE_A);
	UNLESS(c.differ = PTE_A);
}

static void ignored_bits_are_noted_as_different(void **state)
{
	const uint64_t ignore = PTE_A | PTE_D | PTE_SOFT;
	struct pte_run a = run(7, 0x10000, 2, 0xfe000000), b = run(7, 0x12000, 1, 0xfe002000);
	struct runs l = { 0 };

	(void)state;
	b.raw ^= PTE_D;
	a.differ = 1ULL << 58;
	assert_int_equal(runs_join(&l, &a, ignore), 0);
	assert_int_equal(runs_join(&l, &b, ignore), 0);
	assert_int_equal(l.n, 1);
	assert_true(l.r[0].differ == (PTE_D | 1ULL << 58));
	runs_free(&l);
	b.raw ^= 8;	/* PWT is no bit that may differ */
	assert_false(joined(a, b, ignore));
}

static void entries_without_an_address_join_only_when_equal(void **state)
{
	struct pte_run a = { .pid = 7, .start = 0, .end = 4096, .phys = PTE_NO_PHYS, .kind = PTE_NONE, .level = 1 };
	struct pte_run b = { .pid = 7, .start = 4096, .end = 8192, .phys = PTE_NO_PHYS, .kind = PTE_NONE, .level = 1 };

	(void)state;
	assert_true(joined(a, b, 0));
	a.kind = b.kind = PTE_OTHER;
	a.raw = b.raw = 0x0bffffffffe00c00ULL;
	assert_true(joined(a, b, PTE_SOFT));
	b.raw ^= 1ULL << 58;	/* in a swap entry that is no software bit */
	assert_false(joined(a, b, PTE_SOFT));
}

static void large_pages_and_inverted_frames_go_on(void **state)
{
	struct pte_run a = run(0, 0xffffc90000000000ULL, 512, 0x8000000000ULL), b;

	(void)state;
	a.level = 2;
	a.raw = 0x800000800000016bULL | 0x80;
	b = a;
	b.start = a.end;
	b.end = b.start + (2 << 20);
	b.phys += 2 << 20;
	b.raw += 2 << 20;
	assert_true(joined(a, b, 0));
	/* the second one begins in the middle of its large page: the raw entry is that of the whole page */
	a.start += 0x1ff000;
	a.phys += 0x1ff000;
	assert_true(joined(a, b, 0));

	a = run(9, 0x10000, 1, 0xfe000000);
	b = run(9, 0x11000, 1, 0xfe001000);
	a.kind = b.kind = PTE_PROTNONE;
	a.raw = 0x800fffff01fff368ULL;
	b.raw = 0x800fffff01ffe368ULL;
	assert_true(joined(a, b, 0));
	b.raw = 0x800fffff01ffd368ULL;
	assert_false(joined(a, b, 0));
}

static const char text[] = "# comment\n"
			   "reader wcdiag_km 0.1.0\n"
			   "levels 5\n"
			   "gone 77\n"
			   "gone 12\n"
			   "\n"
			   "0 0xffffc90000000000 0xffffc90000010000 1 present wx - 0xfe000000 0x80000000fe00016b 0x0\n"
			   "412 0x7f0000000000 0x7f0000002000 1 present wux piw 0xfe000000 0x80000000fe00026f 0x40"
			   " 0x10f0067 0x10e0067 0x10d0067 0x10c0067\n"
			   "412 0x7f0000002000 0x7f0000003000 1 prot-none ux pi 0xfe002000 0x800fffff01ffd328 0x0\n"
			   "412 0x7f0000003000 0x7f0000010000 2 none - piw - 0x0 0x0\n"
			   "412 0x7f0000400000 0x7f0000401000 1 other - v - 0x3fffffffffe00c00 0x0\r\n"
			   "500 0x10000 0x11000 1 present u s 0x1000 0x1025 0x0\n";

static void the_recorded_form_is_read(void **state)
{
	char *copy = exact_copy(text, strlen(text)), *again;
	struct entries e, e2;
	unsigned int line;
	const char *what;
	size_t len;

	(void)state;
	assert_int_equal(entries_parse(copy, strlen(text), &e, &line, &what), 0);
	free(copy);
	assert_string_equal(e.reader, "wcdiag_km 0.1.0");
	assert_int_equal(e.levels, 5);
	assert_int_equal(e.list.n, 6);
	assert_int_equal(e.ngone, 2);
	assert_true(entries_gone(&e, 12) && entries_gone(&e, 77) && !entries_gone(&e, 13) && !entries_gone(&e, 1));
	assert_int_equal(e.list.r[0].pid, 0);
	assert_int_equal(e.list.r[0].vma, 0);
	assert_int_equal(e.list.r[0].rights, PTE_CAN_WRITE | PTE_CANNOT_EXEC);
	assert_true(run_phys_end(&e.list.r[0]) == 0xfe010000);
	assert_int_equal(e.list.r[1].vma, PTE_VMA | PTE_VMA_PFNMAP | PTE_VMA_IO | PTE_VMA_WRITE);
	assert_true(e.list.r[1].differ == PTE_D && e.list.r[1].upper[0] == 0x10f0067 && e.list.r[1].upper[3] == 0x10c0067);
	assert_int_equal(e.list.r[2].kind, PTE_PROTNONE);
	assert_true(e.list.r[3].phys == PTE_NO_PHYS && e.list.r[3].kind == PTE_NONE && e.list.r[3].level == 2);
	assert_int_equal(e.list.r[4].vma, PTE_VMA);
	assert_int_equal(e.list.r[5].vma, PTE_VMA | PTE_VMA_SHARED);

	/* written and read again it is the same */
	assert_int_equal(entries_format(&e, &again, &len), 0);
	assert_int_equal(strlen(again), len);
	assert_int_equal(entries_parse(again, len, &e2, &line, &what), 0);
	free(again);
	assert_int_equal(e2.list.n, e.list.n);
	assert_memory_equal(e2.list.r, e.list.r, e.list.n * sizeof(*e.list.r));
	assert_int_equal(e2.ngone, 2);
	assert_int_equal(e2.levels, 5);
	assert_string_equal(e2.reader, e.reader);
	entries_free(&e2);
	entries_free(&e);
}

static void what_cannot_be_is_refused(void **state)
{
	static const char *const rows[] = {
		"nonsense\n",
		"-1 0x1000 0x2000 1 none - - - 0x0 0x0\n",
		"99999999999 0x1000 0x2000 1 none - - - 0x0 0x0\n",
		"1 0x2000 0x1000 1 none - - - 0x0 0x0\n",
		"1 0x1000 0x1000 1 none - - - 0x0 0x0\n",
		"1 0x1000 0x1800 1 none - - - 0x0 0x0\n",
		"1 1000 2000 1 none - - - 0x0 0x0\n",
		"1 0x1000 0x2000 0 none - - - 0x0 0x0\n",
		"1 0x1000 0x2000 6 none - - - 0x0 0x0\n",
		"1 0x1000 0x2000 4 present - - 0x1000 0x1001 0x0\n",
		"1 0x1000 0x2000 1 absent - - - 0x0 0x0\n",
		"1 0x1000 0x2000 1 none ww - - 0x0 0x0\n",
		"1 0x1000 0x2000 1 none y - - 0x0 0x0\n",
		"1 0x1000 0x2000 1 none - q - 0x0 0x0\n",
		"1 0x1000 0x2000 1 none - vp - 0x0 0x0\n",
		"1 0x1000 0x2000 1 none - - 0x1000 0x0 0x0\n",
		"1 0x1000 0x2000 1 none - - - 0x8 0x0\n",
		"1 0x1000 0x2000 1 present - - - 0x1001 0x0\n",
		"1 0x1000 0x2000 1 present - - 0x1234 0x1001 0x0\n",
		"1 0x1000 0x2000 1 present - - 0x1000 0x1000 0x0\n",
		"1 0x1000 0x2000 1 prot-none - - 0x1000 0x1001 0x0\n",
		"1 0x1000 0x2000 2 present - - 0x200000 0x200001 0x0\n",
		"1 0x1000 0x2000 1 present - - 0xfffffffffffff000 0x1001 0x0\n",
		"1 0x1000 0x2000 1 present - - 0x1000 0x1001 0x8\n",
		"1 0x1000 0x2000 1 present - - 0x1000 0x1001\n",
		"1 0x1000 0x2000 1 present - - 0x1000 0x1001 0x0 1\n",
		"1 0x1000 0x2000 1 present - - 0x1000 0x1001 0x0 0x1 0x2 0x3 0x4 0x5\n",
		"1 0x1000 0x2000 1 none - - - 0x0 0x0",
		"2 0x1000 0x2000 1 none - - - 0x0 0x0\n1 0x1000 0x2000 1 none - - - 0x0 0x0\n",
		"1 0x1000 0x3000 1 none - - - 0x0 0x0\n1 0x2000 0x4000 1 none - - - 0x0 0x0\n",
		"1 0x4000 0x5000 1 none - - - 0x0 0x0\n1 0x1000 0x2000 1 none - - - 0x0 0x0\n",
		"",
		"# only a comment\n",
		"levels 4\n",
		"levels 3\n",
		"levels 4 5\n",
		"gone\n",
		"gone x\n",
		"gone 99999999999\n",
		"reader x\nruns 1\n",
		"reader x\nruns 0\n1 0x1000 0x2000 1 none - - - 0x0 0x0\n",
		"reader x\nruns 2\n1 0x1000 0x2000 1 none - - - 0x0 0x0\n",
		"reader x\nruns -1\n",
		"reader x\nruns\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *copy = exact_copy(rows[i], strlen(rows[i]));
		const char *what = NULL;
		struct entries e;
		unsigned int line;

		if (entries_parse(copy, strlen(rows[i]), &e, &line, &what) != -EBADMSG || !what || !line)
			fail_msg("accepted: %s", rows[i]);
		assert_true(!e.list.n && !e.list.r && !e.gone);
		free(copy);
	}
}

static size_t hits(const struct entries *e, int pid, uint64_t start, uint64_t end, uint64_t first)
{
	const struct pte_run *r;
	size_t n = entries_of(e, pid, start, end, &r);

	assert_true(n ? r->start == first && r->pid == pid : !r);
	return n;
}

static void a_range_finds_its_runs(void **state)
{
	struct entries e;
	unsigned int line;
	const char *what;

	(void)state;
	assert_int_equal(entries_parse(text, strlen(text), &e, &line, &what), 0);
	assert_int_equal(hits(&e, 412, 0, UINT64_MAX, 0x7f0000000000), 4);
	assert_int_equal(hits(&e, 0, 0, UINT64_MAX, 0xffffc90000000000ULL), 1);
	assert_int_equal(hits(&e, 412, 0x7f0000001000, 0x7f0000002000, 0x7f0000000000), 1);
	assert_int_equal(hits(&e, 412, 0x7f0000001fff, 0x7f0000002001, 0x7f0000000000), 2);
	assert_int_equal(hits(&e, 412, 0x7f0000010000, 0x7f0000400000, 0), 0);	/* only touches on both sides */
	assert_int_equal(hits(&e, 412, 0x7f0000401000, UINT64_MAX, 0), 0);
	assert_int_equal(hits(&e, 412, 0x7f0000001000, 0x7f0000001000, 0), 0);
	assert_int_equal(hits(&e, 413, 0, UINT64_MAX, 0), 0);
	assert_int_equal(hits(&e, 500, 0, UINT64_MAX, 0x10000), 1);
	entries_free(&e);
	assert_int_equal(hits(&e, 500, 0, UINT64_MAX, 0), 0);
}

static void a_snapshot_gives_its_entries_or_the_reason(void **state)
{
	struct temproot r;
	struct entries e;

	(void)state;
	temproot_make(&r);
	temproot_add(&r, "wcdiag/entries.txt", text);
	assert_int_equal(entries_read(temproot_open(&r), &e), 0);
	assert_int_equal(e.fact.state, FACT_KNOWN);
	assert_int_equal(e.list.n, 6);
	entries_free(&e);
	temproot_drop(&r);

	temproot_make(&r);
	assert_int_equal(entries_read(temproot_open(&r), &e), -ENODATA);
	assert_int_equal(e.fact.state, FACT_MISSING);
	assert_string_equal(e.fact.why, "not in the snapshot");
	assert_non_null(strstr(e.fact.remedy, "wcdiag capture again"));
	entries_free(&e);
	temproot_drop(&r);

	temproot_make(&r);
	temproot_add(&r, "wcdiag/errors.txt", "ENOENT /dev/wcdiag\nENOENT /wcdiag/entries.txt\n");
	assert_int_equal(entries_read(temproot_open(&r), &e), -ENOENT);
	assert_string_equal(e.fact.where, "/dev/wcdiag");
	assert_string_equal(e.fact.why, "there was no reader of entries when the snapshot was taken: neither the helper module nor /proc/kcore");
	entries_free(&e);
	temproot_drop(&r);

	temproot_make(&r);
	temproot_add(&r, "wcdiag/errors.txt", "EPERM /wcdiag/entries.txt\n");
	assert_int_equal(entries_read(temproot_open(&r), &e), -EPERM);
	assert_string_equal(e.fact.why, "Operation not permitted when the snapshot was taken");
	entries_free(&e);
	temproot_drop(&r);

	/* what there is, is shown; that it is not all is known as well */
	temproot_make(&r);
	temproot_add(&r, "wcdiag/entries.txt", text);
	temproot_add(&r, "wcdiag/errors.txt", "EAGAIN /wcdiag/entries.txt\n");
	assert_int_equal(entries_read(temproot_open(&r), &e), -EAGAIN);
	assert_int_equal(e.fact.state, FACT_MISSING);
	assert_int_equal(e.list.n, 6);
	entries_free(&e);
	temproot_drop(&r);

	temproot_make(&r);
	temproot_add(&r, "wcdiag/entries.txt", "reader x\nlevels 9\n");
	assert_int_equal(entries_read(temproot_open(&r), &e), -EBADMSG);
	assert_string_equal(e.fact.why, "line 2: levels are 4 or 5");
	entries_free(&e);
	temproot_drop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_neighbours_become_one),
		cmocka_unit_test(ignored_bits_are_noted_as_different),
		cmocka_unit_test(entries_without_an_address_join_only_when_equal),
		cmocka_unit_test(large_pages_and_inverted_frames_go_on),
		cmocka_unit_test(the_recorded_form_is_read),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(a_range_finds_its_runs),
		cmocka_unit_test(a_snapshot_gives_its_entries_or_the_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
