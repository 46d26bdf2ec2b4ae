/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pagemap.c - entries held against a pagemap file and a PAGEMAP_SCAN that say what the test wants. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "km/wcdiag_km.h"
#include "probe/km_int.h"
#include "probe/pagemap.h"
#include "probe/pagemap_int.h"
#include "probe/reader.h"
#include "temproot.h"

#define P(n) ((uint64_t)(n) * 4096)
#define PRESENT (1ULL << 63)
#define SWAP (1ULL << 62)
#define FRAME(phys) ((phys) / 4096)
#define PAGES 64

/* The process: what its entries are now, and what pagemap says. */
static struct {
	struct pte_run now[PAGES];	/* what a walk of page n finds; start 0: nothing */
	uint64_t value[PAGES];
	uint64_t flip;			/* xored into the physical address of each next walk: a page that never rests */
	bool ended;
	size_t walks;
	bool has_scan;
	bool scan_wrong;		/* it forgets page 3 */
	bool scan_impossible;
} proc;

static int fake_walk(struct wcdiag_km_walk *w)
{
	struct wcdiag_km_run *out = (void *)(uintptr_t)w->runs;

	if (proc.ended)
		return -ESRCH;
	proc.walks++;
	w->nruns = 0;
	for (uint64_t a = w->start; a < w->end; a += P(1)) {
		const struct pte_run *r = &proc.now[a / P(1)];

		assert_true(a / P(1) < PAGES && w->nruns < w->max_runs);
		if (!r->start)
			continue;
		out[w->nruns] = (struct wcdiag_km_run){ .start = r->start, .end = r->end, .entry = r->raw, .phys = r->phys,
							.level = r->level, .kind = r->kind, .vma = r->vma };
		if (r->phys != PTE_NO_PHYS && (proc.walks & 1))
			out[w->nruns].phys ^= proc.flip;
		w->nruns++;
	}
	w->next = w->end;
	return 0;
}

static int fake_ioctl(int fd, unsigned long request, void *arg)
{
	(void)fd;
	return request == WCDIAG_KM_WALK ? fake_walk(arg) : -ENOTTY;
}
static const struct km_ops fake_ops = { NULL, fake_ioctl };

/* PAGEMAP_SCAN: struct pm_scan_arg as 12 words, regions as 3. */
static int fake_scan(int fd, unsigned long request, void *arg)
{
	uint64_t *a = arg, *out = (uint64_t *)(uintptr_t)a[5];
	int n = 0;

	(void)fd;
	(void)request;
	if (!proc.has_scan)
		return -ENOTTY;
	assert_true(a[0] == 96 && a[9] == 8 && a[11] == (8 | 64) && a[2] < a[3]);
	a[4] = proc.scan_impossible ? a[2] : a[3];
	for (uint64_t at = a[2]; at < a[3]; at += P(1)) {
		const struct pte_run *r = &proc.now[at / P(1)];
		bool leaf = r->start && (r->kind == PTE_PRESENT || r->kind == PTE_PROTNONE) && !(r->vma & PTE_VMA_PFNMAP);

		if (!leaf || (proc.scan_wrong && at == P(3)))
			continue;
		out[n * 3] = at;
		out[n * 3 + 1] = at + P(1);
		out[n * 3 + 2] = 8 | (r->level > 1 ? 64 : 0);
		n++;
	}
	return n;
}

static struct temproot root;
static struct runs list;

/* Page n maps phys (PTE_NO_PHYS: kind tells), and pagemap agrees. */
static void page(uint64_t n, uint8_t kind, uint64_t phys, uint8_t vma, uint64_t value)
{
	struct pte_run r = { .pid = 7, .start = P(n), .end = P(n + 1), .phys = phys, .level = 1, .kind = kind, .vma = vma,
			     .raw = kind == PTE_PRESENT ? phys | 1 : kind == PTE_NONE ? 0 : 0x100 };

	assert_int_equal(runs_push(&list, &r), 0);
	proc.now[n] = r;
	proc.value[n] = value;
}

static int begin(void **state)
{
	(void)state;
	memset(&proc, 0, sizeof(proc));
	list = (struct runs){ 0 };
	temproot_make(&root);
	km_ops = &fake_ops;
	pagemap_ioctl = fake_scan;
	page(1, PTE_PRESENT, 0x11000, PTE_VMA, PRESENT | FRAME(0x11000));
	page(2, PTE_PRESENT, 0x12000, PTE_VMA, PRESENT | (1ULL << 61) | FRAME(0x12000));
	page(3, PTE_PROTNONE, 0x13000, PTE_VMA, PRESENT | FRAME(0x13000));
	page(4, PTE_NONE, PTE_NO_PHYS, PTE_VMA, 0);
	page(5, PTE_OTHER, PTE_NO_PHYS, PTE_VMA, SWAP | 0x1234);
	page(10, PTE_PRESENT, 0xfe000000, PTE_VMA | PTE_VMA_PFNMAP, 1ULL << 55);
	return 0;
}

static int end(void **state)
{
	(void)state;
	runs_free(&list);
	temproot_drop(&root);
	return 0;
}

static int check(struct pagemap_check *c)
{
	struct reader k = { .km = { .fd = 1000, .caps = WCDIAG_KM_CAP_WALK, .max_runs = PAGES } };

	temproot_add_n(&root, "proc/7/pagemap", (const char *)proc.value, sizeof(proc.value));
	return pagemap_check(temproot_open(&root), &k, 7, &list, c);
}

static void the_bits_are_told_apart(void **state)
{
	struct pagemap_bits b = pagemap_decode(PRESENT | 1ULL << 61 | 1ULL << 55 | 0xfe000);

	(void)state;
	assert_true(b.present && !b.swapped && b.file_or_shared && b.pfn == 0xfe000);
	b = pagemap_decode(SWAP | 0x1234);
	assert_true(!b.present && b.swapped && !b.pfn);
	b = pagemap_decode(1ULL << 55);
	assert_true(!b.present && !b.swapped && !b.file_or_shared && !b.pfn);
}

static void what_agrees_is_counted(void **state)
{
	struct pagemap_check c;

	(void)state;
	assert_int_equal(check(&c), 0);
	assert_int_equal(c.fact.state, FACT_KNOWN);
	assert_true(c.pages == 3 && c.same == 3 && c.hidden == 1 && !c.differ && !c.moved && !c.no_frame && !c.scanned);
	assert_int_equal(proc.walks, 0);
}

static void frames_that_are_kept_back_are_no_error(void **state)
{
	struct pagemap_check c;

	(void)state;
	for (int i = 1; i <= 3; i++)
		proc.value[i] &= ~((1ULL << 55) - 1);
	assert_int_equal(check(&c), 0);
	assert_true(!c.pages && c.no_frame == 3 && !c.differ);
}

static void another_frame_is_found(void **state)
{
	struct pagemap_check c;

	(void)state;
	proc.value[2] = PRESENT | FRAME(0x99000);
	assert_int_equal(check(&c), 0);
	assert_true(c.pages == 3 && c.same == 2 && c.differ == 1 && !c.moved);
	assert_true(c.first == P(2) && c.first_raw == 0x12001 && c.first_pagemap == (PRESENT | FRAME(0x99000)));
}

static void each_contradiction_counts(void **state)
{
	struct pagemap_check c;

	(void)state;
	proc.value[1] = 0;			/* the entry is present, pagemap has nothing */
	proc.value[5] = PRESENT | FRAME(0x1000);	/* the reverse */
	proc.value[10] = PRESENT | FRAME(0xfe001000);	/* of a VM_PFNMAP the kernel shows nothing, and here it does */
	assert_int_equal(check(&c), 0);
	assert_int_equal(c.differ, 3);
	assert_true(c.first == P(1));
}

static void a_page_that_changed_meanwhile_is_read_again(void **state)
{
	struct pagemap_check c;

	(void)state;
	/* swapped in between the walk and pagemap */
	list.r[1].phys = 0x55000;
	list.r[1].raw = 0x55001;
	assert_int_equal(check(&c), 0);
	assert_true(c.same == 3 && !c.differ && !c.moved && proc.walks == 2);
}

static void a_page_that_never_rests_is_not_compared(void **state)
{
	struct pagemap_check c;

	(void)state;
	proc.value[1] = PRESENT | FRAME(0x99000);
	proc.flip = 0x40000;
	assert_int_equal(check(&c), 0);
	assert_true(c.moved == 1 && !c.differ && c.same == 2);
}

static void a_process_that_ends_is_said(void **state)
{
	struct pagemap_check c;

	(void)state;
	proc.value[1] = 0;
	proc.ended = true;
	assert_int_equal(check(&c), -ESRCH);
	assert_int_equal(c.fact.state, FACT_MISSING);
	assert_string_equal(c.fact.where, "/proc/7/pagemap");
}

static void no_pagemap_is_a_missing_fact(void **state)
{
	struct reader k = { .km = { .fd = 1000 } };
	struct pagemap_check c;

	(void)state;
	assert_int_equal(pagemap_check(temproot_open(&root), &k, 7, &list, &c), -ENODATA);
	assert_int_equal(c.fact.state, FACT_MISSING);
}

static void the_scan_agrees(void **state)
{
	struct pagemap_check c;

	(void)state;
	proc.has_scan = true;
	assert_int_equal(check(&c), 0);
	assert_true(c.scanned && c.scan_pages == 3 && !c.scan_differ);
}

static void the_scan_finds_what_the_walk_has_not(void **state)
{
	struct pagemap_check c;

	(void)state;
	proc.has_scan = true;
	proc.scan_wrong = true;
	assert_int_equal(check(&c), 0);
	assert_true(c.scanned && c.scan_pages == 2 && c.scan_differ == 1);
}

static void a_scan_that_sees_a_change_is_repeated(void **state)
{
	struct pagemap_check c;

	(void)state;
	proc.has_scan = true;
	/* page 4 was filled in after the walk */
	proc.now[4].kind = PTE_PRESENT;
	proc.now[4].phys = 0x14000;
	assert_int_equal(check(&c), 0);
	assert_true(c.scanned && c.scan_pages == 4 && !c.scan_differ);
}

static void a_scan_that_answers_nonsense_is_not_believed(void **state)
{
	struct pagemap_check c;

	(void)state;
	proc.has_scan = true;
	proc.scan_impossible = true;	/* it says that it came no further */
	assert_int_equal(check(&c), 0);
	assert_true(!c.scanned && c.same == 3);
}

static void note(uint64_t start, uint64_t end_, void *arg)
{
	char *text = arg;

	sprintf(text + strlen(text), "%x-%x ", (unsigned int)(start / P(1)), (unsigned int)(end_ / P(1)));
}

static void lists_are_compared_piece_by_piece(void **state)
{
	struct present x[] = { { P(1), P(4), false }, { P(8), P(16), true }, { P(20), P(21), false } };
	struct present y[] = { { P(2), P(4), false }, { P(8), P(10), true }, { P(10), P(12), false }, { P(13), P(16), true },
			       { P(30), P(31), false } };
	struct presents a = { x, 3, 3 }, b = { y, 5, 5 }, none = { 0 };
	char text[200] = "";

	(void)state;
	assert_int_equal(presents_compare(&a, &b, note, text), 1 + 2 + 1 + 1 + 1);
	assert_string_equal(text, "1-2 a-c c-d 14-15 1e-1f ");
	assert_int_equal(presents_compare(&a, &a, NULL, NULL), 0);
	assert_int_equal(presents_compare(&a, &none, NULL, NULL), 12);
	assert_int_equal(presents_compare(&none, &b, NULL, NULL), 10);
	assert_int_equal(presents_compare(&none, &none, NULL, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_bits_are_told_apart),
		cmocka_unit_test_setup_teardown(what_agrees_is_counted, begin, end),
		cmocka_unit_test_setup_teardown(frames_that_are_kept_back_are_no_error, begin, end),
		cmocka_unit_test_setup_teardown(another_frame_is_found, begin, end),
		cmocka_unit_test_setup_teardown(each_contradiction_counts, begin, end),
		cmocka_unit_test_setup_teardown(a_page_that_changed_meanwhile_is_read_again, begin, end),
		cmocka_unit_test_setup_teardown(a_page_that_never_rests_is_not_compared, begin, end),
		cmocka_unit_test_setup_teardown(a_process_that_ends_is_said, begin, end),
		cmocka_unit_test_setup_teardown(no_pagemap_is_a_missing_fact, begin, end),
		cmocka_unit_test_setup_teardown(the_scan_agrees, begin, end),
		cmocka_unit_test_setup_teardown(the_scan_finds_what_the_walk_has_not, begin, end),
		cmocka_unit_test_setup_teardown(a_scan_that_sees_a_change_is_repeated, begin, end),
		cmocka_unit_test_setup_teardown(a_scan_that_answers_nonsense_is_not_believed, begin, end),
		cmocka_unit_test(lists_are_compared_piece_by_piece),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
