/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The watch without a kernel: records into decisions, stacks into callers, decisions into findings, lines and back. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "probe/kallsyms.h"
#include "probe/watch.h"
#include "probe/watch_judge.h"
#include "probe/watch_line.h"
#include "probe/watch_live.h"
#include "probe/watch_perf_int.h"
#include "probe/watch_perf_names.h"
#include "probe/watch_record.h"
#include "temproot.h"

#define MAX_FRAMES 12

/* --- who asked --- */

struct stack_row {
	enum watch_kind kind;
	const char *stack[MAX_FRAMES];
	enum watch_caller caller;
	const char *function, *module;
};

/* From guests with Linux 6.1.192 and 6.12.117, where not said otherwise. */
static const struct stack_row stacks[] = {
	{ WATCH_RESERVE,
	  { "memtype_reserve+0x5/0x2c0", "__ioremap_caller+0xf0/0x360", "kernel_take+0xbd/0x140 [wcfault]",
	    "probe+0x101/0x230 [wcfault]", "local_pci_probe+0x41/0x80" },
	  CALLER_IOREMAP,
	  "kernel_take+0xbd/0x140",
	  "wcfault" },
	{ WATCH_RESERVE,
	  { "memtype_reserve+0x5/0x2c0", "reserve_pfn_range+0xac/0x180", "track_pfn_remap+0xa3/0xe0",
	    "remap_pfn_range+0x3f/0xa0", "kernfs_fop_mmap+0x6c/0x110", "mmap_file+0x16/0x30" },
	  CALLER_MMAP,
	  "kernfs_fop_mmap+0x6c/0x110",
	  "" },
	{ WATCH_RESERVE,
	  { "memtype_reserve+0x5/0x2c0", "memtype_reserve_io+0x62/0xf0", "arch_io_reserve_memtype_wc+0x3a/0x50",
	    "kernel_take+0x109/0x140 [wcfault]" },
	  CALLER_RESERVE,
	  "kernel_take+0x109/0x140",
	  "wcfault" },
	{ WATCH_RESERVE,
	  { "memtype_reserve+0x5/0x2c0", "reserve_pfn_range+0xac/0x180", "track_pfn_copy+0x8a/0xc0",
	    "copy_page_range+0x1000/0x1500", "dup_mmap+0x400/0x700" },
	  CALLER_FORK,
	  "dup_mmap+0x400/0x700",
	  "" },
	{ WATCH_INSERT,
	  { "track_pfn_insert+0x5/0x40", "vmf_insert_pfn_prot+0x8a/0x100", "fault+0x84/0xc0 [wcfault]" },
	  CALLER_FAULT,
	  "fault+0x84/0xc0",
	  "wcfault" },
	{ WATCH_FREE,
	  { "memtype_free+0x5/0xf0", "iounmap+0x77/0xb0", "kernel_give_back+0x6c/0x120 [wcfault]" },
	  CALLER_IOUNMAP,
	  "kernel_give_back+0x6c/0x120",
	  "wcfault" },
	/* arch_io_free_memtype_wc calls last */
	{ WATCH_FREE,
	  { "memtype_free+0x5/0xf0", "kernel_give_back+0xd3/0x120 [wcfault]", "remove+0x41/0x70 [wcfault]" },
	  CALLER_RELEASE,
	  "kernel_give_back+0xd3/0x120",
	  "wcfault" },
	/* what another tracer has put in between has no name */
	{ WATCH_RESERVE,
	  { "memtype_reserve+0x5/0x2c0", "reserve_pfn_range+0xac/0x180", "0xffffffffc0401091",
	    "remap_pfn_range+0x3f/0xa0", "node_mmap+0x58/0x80 [wcfault]" },
	  CALLER_MMAP,
	  "node_mmap+0x58/0x80",
	  "wcfault" },
	/* a driver that calls its own function as the kernel calls one of its */
	{ WATCH_RESERVE,
	  { "memtype_reserve+0x5/0x2c0", "__ioremap_caller.constprop.0+0xf0/0x360", "ioremap_wc+0x10/0x30 [evil]" },
	  CALLER_IOREMAP,
	  "ioremap_wc+0x10/0x30",
	  "evil" },
	/* addresses without names */
	{ WATCH_RESERVE, { "0xffffffff8106a3c5", "0xffffffff8106b000" }, CALLER_UNKNOWN, "", "" },
	{ WATCH_INSERT, { NULL }, CALLER_FAULT, "", "" },
	/* from Linux 6.18's source */
	{ WATCH_INSERT,
	  { "pfnmap_setup_cachemode+0x5/0x80", "vmf_insert_pfn_prot+0x8a/0x100",
	    "vfio_pci_mmap_huge_fault+0x1/0x2 [vfio_pci_core]" },
	  CALLER_FAULT,
	  "vfio_pci_mmap_huge_fault+0x1/0x2",
	  "vfio_pci_core" },
	{ WATCH_RESERVE,
	  { "memtype_reserve+0x5/0x2c0", "reserve_pfn_range+0xac/0x180", "pfnmap_track+0x20/0x40",
	    "remap_pfn_range+0x80/0xa0", "node_mmap+0x58/0x80 [wcfault]" },
	  CALLER_MMAP,
	  "node_mmap+0x58/0x80",
	  "wcfault" },
};

/* A page of 2 MiB or 1 GiB is inserted by the number of its first page. */
static void test_large_pages(void **state)
{
	static const struct {
		const char *frame;
		uint64_t size;
	} rows[] = { { "vmf_insert_pfn_prot+0x8a/0x100", 4096 },
		     { "vmf_insert_pfn_pmd_prot+0x9/0x100", 2 << 20 },
		     { "vmf_insert_pfn_pud+0x9/0x100", 1 << 30 },
		     { "my_pmd_fault+0x9/0x100 [mydrv]", 4096 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct watch_event e = { .kind = WATCH_INSERT, .start = 0x40000000, .end = 0x40001000 };

		e.stack[e.nstack++] = (char *)(uintptr_t) "track_pfn_insert+0x5/0x40";
		e.stack[e.nstack++] = (char *)(uintptr_t)rows[i].frame;
		watch_callers_tell(&e);
		assert_int_equal(e.end - e.start, rows[i].size);
	}
}

static void test_callers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(stacks) / sizeof(stacks[0]); i++) {
		struct watch_event e = { .kind = stacks[i].kind };

		for (size_t k = 0; k < MAX_FRAMES && stacks[i].stack[k]; k++)
			e.stack[e.nstack++] = (char *)(uintptr_t)stacks[i].stack[k];
		watch_callers_tell(&e);
		assert_string_equal(watch_caller_name(e.caller), watch_caller_name(stacks[i].caller));
		assert_string_equal(e.function, stacks[i].function);
		assert_string_equal(e.module, stacks[i].module);
	}
}

/* --- a raw record --- */

static const char symbols[] = "ffffffff81000000 T _text\n"
			      "ffffffff81001000 T memtype_reserve\n"
			      "ffffffff81002000 T track_pfn_remap\n"
			      "ffffffff81003000 T remap_pfn_range\n"
			      "ffffffff81004000 T entry_SYSCALL_64\n"
			      "ffffffffc0000000 t bpf_prog_1_reserved\t[bpf]\n"
			      "ffffffffc0001000 t bpf_trampoline_1\t[bpf]\n"
			      "ffffffffc0100000 t node_mmap\t[mydrv]\n";

static const enum mtype linux_pat[8] = { MT_WB, MT_WC, MT_UCMINUS, MT_UC, MT_WB, MT_WP, MT_UCMINUS, MT_WT };

static struct kallsyms kernel_symbols(const char *text)
{
	struct kallsyms k;
	unsigned int line;
	const char *what;

	assert_int_equal(kallsyms_parse(text, strlen(text), &k, &line, &what), 0);
	return k;
}

static void test_record(void **state)
{
	struct watch_record r = { .when = 5,
				  .start = 0x1000,
				  .end = 0x3000,
				  .asked = 1,
				  .got = 2,
				  .pid = 7,
				  .tid = 8,
				  .kind = WATCH_RAW_RESERVE,
				  .flags = WATCH_RAW_ASKED | WATCH_RAW_GOT | WATCH_RAW_RESULT,
				  .frames = 8,
				  .comm = "a\033name",
				  .stack = { 0xffffffffc0000010, 0xffffffffc0001010, 0xffffffff81001005,
					     0xffffffff81002080, 0xffffffffc0001090, 0xffffffff81002005,
					     0xffffffff8100303f, 0xffffffffc0100058 } };
	struct kallsyms k = kernel_symbols(symbols), none = { .hidden = true };
	struct watch_names n = { .now = &k };
	struct watch_event e;

	(void)state;
	assert_int_equal(watch_event_of(&r, &n, linux_pat, &e), 0);
	assert_int_equal(e.kind, WATCH_RESERVE);
	assert_int_equal(e.asked, MT_WC);
	assert_int_equal(e.got, MT_UCMINUS);
	assert_int_equal(e.caller, CALLER_MMAP);
	assert_string_equal(e.comm, "a?name");
	/* neither the program nor what it has put before functions, nor the function that is thereby entered twice */
	assert_int_equal(e.nstack, 4);
	assert_string_equal(e.stack[0], "memtype_reserve+0x5/0x1000");
	assert_string_equal(e.stack[1], "track_pfn_remap+0x80/0x1000");
	assert_string_equal(e.stack[2], "remap_pfn_range+0x3f/0x1000");
	assert_string_equal(e.function, "node_mmap+0x58");
	assert_string_equal(e.module, "mydrv");
	watch_event_drop(&e);

	/* a module that has gone is named by the table from before */
	none = kernel_symbols("ffffffff81000000 T _text\nffffffff81001000 T memtype_reserve\nffffffff81005000 T x\n");
	n = (struct watch_names){ .now = &none, .before = &k };
	r.frames = 1;
	r.stack[0] = 0xffffffffc0100058;
	assert_int_equal(watch_event_of(&r, &n, linux_pat, &e), 0);
	assert_string_equal(e.stack[0], "node_mmap+0x58 [mydrv]");
	watch_event_drop(&e);

	/* protections: PWT is slot 1, PCD slot 2, both slot 3, the PAT bit the upper four */
	r.kind = WATCH_RAW_INSERT;
	r.asked = 0x800000000000002f;
	r.got = 0x8000000000000037;
	assert_int_equal(watch_event_of(&r, &n, linux_pat, &e), 0);
	assert_int_equal(e.kind, WATCH_INSERT);
	assert_int_equal(e.asked, MT_WC);
	assert_int_equal(e.got, MT_UCMINUS);
	watch_event_drop(&e);
	r.asked = 0x18;
	r.got = 0x88;
	assert_int_equal(watch_event_of(&r, &n, linux_pat, &e), 0);
	assert_int_equal(e.asked, MT_UC);
	assert_int_equal(e.got, MT_WP);
	watch_event_drop(&e);

	/* what was not seen is not known */
	r.flags = 0;
	assert_int_equal(watch_event_of(&r, &n, linux_pat, &e), 0);
	assert_int_equal(e.asked, MT_UNKNOWN);
	assert_int_equal(e.got, MT_UNKNOWN);
	assert_false(e.result_known);
	watch_event_drop(&e);

	/* no records of ours */
	r.kind = 0;
	assert_int_equal(watch_event_of(&r, &n, linux_pat, &e), -EINVAL);
	r.kind = WATCH_RAW_FREE;
	r.frames = WATCH_FRAMES + 1;
	assert_int_equal(watch_event_of(&r, &n, linux_pat, &e), -EINVAL);
	r.frames = 0;
	r.end = r.start;
	assert_int_equal(watch_event_of(&r, &n, linux_pat, &e), -EINVAL);
	kallsyms_free(&k);
	kallsyms_free(&none);
}

/* --- what it means --- */

struct step {
	struct watch_event e;
	const char *rule; /* "-": a finding without one; NULL: none */
	enum severity sev;
	const char *holder; /* is in it */
};

#define DECIDED(k, c, p, a, b, ask, give, r)                                                                           \
	.kind = (k), .caller = (c), .pid = (p), .start = (a), .end = (b), .asked = (ask), .got = (give),               \
	.result = (r), .result_known = true
#define BAR 0xd4000000ULL

static void judged(const struct step *s, size_t n, enum pat_state pat, bool blind)
{
	struct watch_judge *j;
	uint64_t when = 1000;

	assert_int_equal(watch_judge_new(pat, &j), 0);
	if (blind)
		watch_judge_blind(j);
	for (size_t i = 0; i < n; i++) {
		struct watch_event e = s[i].e;
		struct watch_finding f;
		int rc;

		e.when = when += 1000000;
		snprintf(e.comm, sizeof(e.comm), "p%d", e.pid);
		rc = watch_judge_event(j, &e, &f);
		if (!s[i].rule) {
			assert_int_equal(rc, 0);
			continue;
		}
		assert_int_equal(rc, 1);
		assert_string_equal(f.rule ? f.rule : "-", s[i].rule);
		assert_int_equal(f.sev, s[i].sev);
		if (s[i].holder)
			assert_non_null(strstr(f.holder, s[i].holder));
		else
			assert_string_equal(f.holder, "");
	}
	watch_judge_free(j);
}

#define RUN(steps, pat, blind) judged(steps, sizeof(steps) / sizeof(steps[0]), pat, blind)

static void test_alias(void **state)
{
	static const struct step steps[] = {
		{ .e = { DECIDED(WATCH_RESERVE, CALLER_IOREMAP, 1, BAR, BAR + 0x1000, MT_UCMINUS, MT_UCMINUS, 0),
			 .function = "drv_probe+0x1/0x2", .module = "drv" } },
		/* beside it: nothing to say */
		{ .e = { DECIDED(WATCH_RESERVE, CALLER_MMAP, 2, BAR + 0x1000, BAR + 0x2000, MT_WC, MT_WC, 0) } },
		{ .e = { DECIDED(WATCH_RESERVE, CALLER_MMAP, 3, BAR, BAR + 0x1000, MT_WC, MT_UCMINUS, 0) },
		  .rule = "memtype-alias-wins",
		  .sev = SEV_BROKEN,
		  .holder = "drv_probe+0x1/0x2 [drv]" },
		/* the driver lets go; the victim's reservation is still UC-, and decides now */
		{ .e = { DECIDED(WATCH_FREE, CALLER_IOUNMAP, 1, BAR, BAR + 0x1000, MT_UNKNOWN, MT_UNKNOWN, 0),
			 .module = "drv" } },
		{ .e = { DECIDED(WATCH_RESERVE, CALLER_MMAP, 4, BAR, BAR + 0x1000, MT_WC, MT_UCMINUS, 0) },
		  .rule = "memtype-alias-wins",
		  .sev = SEV_BROKEN,
		  .holder = "process 3 (p3)" },
		/* by a page inserted later, too */
		{ .e = { DECIDED(WATCH_INSERT, CALLER_FAULT, 5, BAR, BAR + 0x1000, MT_WC, MT_UCMINUS, 0) },
		  .rule = "memtype-alias-wins",
		  .sev = SEV_BROKEN,
		  .holder = "process 3 (p3)" },
		/* registers through what is WC */
		{ .e = { DECIDED(WATCH_RESERVE, CALLER_IOREMAP, 1, BAR + 0x1000, BAR + 0x2000, MT_UCMINUS, MT_WC, 0) },
		  .rule = "-",
		  .sev = SEV_SUSPECT,
		  .holder = "process 2 (p2)" },
		/* WB that the MTRRs make UC-: ordinary */
		{ .e = { DECIDED(WATCH_RESERVE, CALLER_MMAP, 6, BAR + 0x8000, BAR + 0x9000, MT_WB, MT_UCMINUS, 0) } },
		/* below 1 MiB nothing is tracked */
		{ .e = { DECIDED(WATCH_RESERVE, CALLER_IOREMAP, 6, 0xc0000, 0xc1000, MT_WC, MT_WB, 0) } },
	};

	(void)state;
	RUN(steps, PAT_STATE_ON, false);
}

static void test_others(void **state)
{
	static const struct step steps[] = {
		/* nothing reserved */
		{ .e = { DECIDED(WATCH_INSERT, CALLER_FAULT, 1, BAR, BAR + 0x1000, MT_WC, MT_UCMINUS, 0) },
		  .rule = "memtype-none",
		  .sev = SEV_BROKEN },
		{ .e = { DECIDED(WATCH_REMAP, CALLER_MMAP, 1, BAR, BAR + 0x1000, MT_WC, MT_UCMINUS, 0) },
		  .rule = "memtype-none",
		  .sev = SEV_BROKEN },
		{ .e = { DECIDED(WATCH_INSERT, CALLER_FAULT, 1, BAR, BAR + 0x1000, MT_UCMINUS, MT_UCMINUS, 0) } },
		/* two types, and a request over both */
		{ .e = { DECIDED(WATCH_RESERVE, CALLER_IOREMAP, 1, BAR, BAR + 0x1000, MT_WC, MT_WC, 0) } },
		{ .e = { DECIDED(WATCH_RESERVE, CALLER_IOREMAP, 2, BAR + 0x1000, BAR + 0x2000, MT_UCMINUS, MT_UCMINUS,
				 0) } },
		{ .e = { DECIDED(WATCH_RESERVE, CALLER_MMAP, 3, BAR, BAR + 0x2000, MT_WC, MT_UNKNOWN, -EBUSY) },
		  .rule = "memtype-refused-log",
		  .sev = SEV_BROKEN,
		  .holder = "process 1" },
		/* which holds nothing afterwards */
		{ .e = { DECIDED(WATCH_FREE, CALLER_IOUNMAP, 1, BAR, BAR + 0x1000, MT_UNKNOWN, MT_UNKNOWN, 0) } },
		{ .e = { DECIDED(WATCH_INSERT, CALLER_FAULT, 9, BAR, BAR + 0x1000, MT_WC, MT_UCMINUS, 0) },
		  .rule = "memtype-none",
		  .sev = SEV_BROKEN },
		/* a part that is given back: its end is, its middle is not found and stays */
		{ .e = { DECIDED(WATCH_RESERVE, CALLER_MMAP, 4, BAR + 0x4000, BAR + 0x8000, MT_UCMINUS, MT_UCMINUS,
				 0) } },
		{ .e = { DECIDED(WATCH_FREE, CALLER_UNMAP, 4, BAR + 0x7000, BAR + 0x8000, MT_UNKNOWN, MT_UNKNOWN,
				 0) } },
		{ .e = { DECIDED(WATCH_INSERT, CALLER_FAULT, 5, BAR + 0x7000, BAR + 0x8000, MT_WC, MT_UCMINUS, 0) },
		  .rule = "memtype-none",
		  .sev = SEV_BROKEN },
		{ .e = { DECIDED(WATCH_FREE, CALLER_UNMAP, 4, BAR + 0x5000, BAR + 0x6000, MT_UNKNOWN, MT_UNKNOWN,
				 -EINVAL) },
		  .rule = "memtype-stale",
		  .sev = SEV_SUSPECT,
		  .holder = "process 4 (p4)" },
		{ .e = { DECIDED(WATCH_RESERVE, CALLER_MMAP, 6, BAR + 0x4000, BAR + 0x5000, MT_WC, MT_UCMINUS, 0) },
		  .rule = "memtype-alias-wins",
		  .sev = SEV_BROKEN,
		  .holder = "process 4 (p4)" },
	};
	/* of two that hold the same, the one goes that is given back by its process */
	static const struct step same[] = {
		{ .e = { DECIDED(WATCH_RESERVE, CALLER_MMAP, 10, BAR, BAR + 0x1000, MT_UCMINUS, MT_UCMINUS, 0) } },
		{ .e = { DECIDED(WATCH_RESERVE, CALLER_MMAP, 11, BAR, BAR + 0x1000, MT_UCMINUS, MT_UCMINUS, 0) } },
		{ .e = { DECIDED(WATCH_FREE, CALLER_UNMAP, 10, BAR, BAR + 0x1000, MT_UNKNOWN, MT_UNKNOWN, 0) } },
		{ .e = { DECIDED(WATCH_RESERVE, CALLER_MMAP, 12, BAR, BAR + 0x1000, MT_WC, MT_UCMINUS, 0) },
		  .rule = "memtype-alias-wins",
		  .sev = SEV_BROKEN,
		  .holder = "process 11 (p11)" },
	};
	/* what is WB is taken neither for WC nor for UC-: the caller is refused, and gives it back; a page is not asked */
	static const struct step wb[] = {
		{ .e = { DECIDED(WATCH_RESERVE, CALLER_MMAP, 13, BAR, BAR + 0x1000, MT_WB, MT_WB, 0) } },
		{ .e = { DECIDED(WATCH_RESERVE, CALLER_MMAP, 14, BAR, BAR + 0x1000, MT_WC, MT_WB, 0) },
		  .rule = "memtype-refused-log",
		  .sev = SEV_BROKEN,
		  .holder = "process 13 (p13)" },
		{ .e = { DECIDED(WATCH_FREE, CALLER_UNMAP, 14, BAR, BAR + 0x1000, MT_UNKNOWN, MT_UNKNOWN, 0) } },
		{ .e = { DECIDED(WATCH_RESERVE, CALLER_IOREMAP, 15, BAR, BAR + 0x1000, MT_UCMINUS, MT_WB, 0) },
		  .rule = "memtype-refused-log",
		  .sev = SEV_SUSPECT,
		  .holder = "process 13 (p13)" },
		{ .e = { DECIDED(WATCH_FREE, CALLER_IOUNMAP, 15, BAR, BAR + 0x1000, MT_UNKNOWN, MT_UNKNOWN, 0) } },
		{ .e = { DECIDED(WATCH_RESERVE, CALLER_IOREMAP, 16, BAR, BAR + 0x1000, MT_UC, MT_WB, 0) },
		  .rule = "-",
		  .sev = SEV_INFO,
		  .holder = "process 13 (p13)" },
		{ .e = { DECIDED(WATCH_INSERT, CALLER_FAULT, 17, BAR, BAR + 0x1000, MT_WC, MT_WB, 0) },
		  .rule = "memtype-alias-wins",
		  .sev = SEV_BROKEN,
		  .holder = "process 13 (p13)" },
	};
	static const struct step off[] = {
		{ .e = { DECIDED(WATCH_RESERVE, CALLER_IOREMAP, 1, BAR, BAR + 0x1000, MT_WC, MT_UCMINUS, 0) } },
		{ .e = { DECIDED(WATCH_INSERT, CALLER_FAULT, 1, BAR, BAR + 0x1000, MT_WC, MT_UCMINUS, 0) } },
	};

	(void)state;
	RUN(steps, PAT_STATE_ON, false);
	RUN(off, PAT_STATE_OFF, false);
	RUN(same, PAT_STATE_ON, false);
	RUN(wb, PAT_STATE_ON, false);
}

/* By perf nothing comes back: what will have is told by what is there, and what is not there is not told. */
static void test_foretold(void **state)
{
#define SEEN(k, c, p, a, b, ask)                                                                                       \
	.kind = (k), .caller = (c), .pid = (p), .start = (a), .end = (b), .asked = (ask), .got = MT_UNKNOWN
	static const struct step steps[] = {
		{ .e = { SEEN(WATCH_RESERVE, CALLER_IOREMAP, 1, BAR, BAR + 0x1000, MT_UCMINUS) } },
		{ .e = { SEEN(WATCH_RESERVE, CALLER_MMAP, 2, BAR, BAR + 0x1000, MT_WC) },
		  .rule = "memtype-alias-wins",
		  .sev = SEV_BROKEN,
		  .holder = "process 1" },
		{ .e = { SEEN(WATCH_RESERVE, CALLER_IOREMAP, 3, BAR + 0x1000, BAR + 0x2000, MT_WC) } },
		{ .e = { SEEN(WATCH_RESERVE, CALLER_MMAP, 4, BAR, BAR + 0x2000, MT_WC) },
		  .rule = "memtype-refused-log",
		  .sev = SEV_BROKEN,
		  .holder = "process 1" },
		/* what was refused holds nothing */
		{ .e = { SEEN(WATCH_RESERVE, CALLER_IOREMAP, 5, BAR + 0x1000, BAR + 0x2000, MT_WC) } },
		{ .e = { SEEN(WATCH_INSERT, CALLER_FAULT, 6, BAR + 0x4000, BAR + 0x5000, MT_UNKNOWN) },
		  .rule = "memtype-none",
		  .sev = SEV_SUSPECT },
		{ .e = { SEEN(WATCH_INSERT, CALLER_FAULT, 6, BAR, BAR + 0x1000, MT_UNKNOWN) } },
		/* WB may have become UC- by the MTRRs: then it is not known what a later one gets */
		{ .e = { SEEN(WATCH_RESERVE, CALLER_MMAP, 7, BAR + 0x8000, BAR + 0x9000, MT_WB) } },
		{ .e = { SEEN(WATCH_RESERVE, CALLER_MMAP, 8, BAR + 0x8000, BAR + 0x9000, MT_WC) } },
	};
	static const struct step blind[] = {
		{ .e = { SEEN(WATCH_INSERT, CALLER_FAULT, 6, BAR, BAR + 0x1000, MT_UNKNOWN) } },
	};

	(void)state;
	RUN(steps, PAT_STATE_ON, false);
	RUN(blind, PAT_STATE_ON, true);
}

static void test_before(void **state)
{
	struct watch_event e = { DECIDED(WATCH_RESERVE, CALLER_MMAP, 3, BAR, BAR + 0x1000, MT_WC, MT_UCMINUS, 0),
				 .when = 100 };
	struct watch_judge *j;
	struct watch_finding f;

	(void)state;
	assert_int_equal(watch_judge_new(PAT_STATE_ON, &j), 0);
	assert_int_equal(watch_judge_before(j, BAR, BAR + 0x4000, MT_UCMINUS, "ioremap by old_probe+0x1 [old]"), 0);
	watch_judge_known_at(j, 50);
	assert_int_equal(watch_judge_event(j, &e, &f), 1);
	assert_string_equal(f.holder, "ioremap by old_probe+0x1 [old]");
	assert_non_null(strstr(f.says, "before this watch began"));
	assert_int_equal(f.before_ns, 0);
	assert_int_equal(f.held_end, BAR + 0x4000);
	watch_judge_free(j);

	/* a decision from before the list was read stands in it already: one release takes it away */
	assert_int_equal(watch_judge_new(PAT_STATE_ON, &j), 0);
	assert_int_equal(watch_judge_before(j, BAR, BAR + 0x1000, MT_UCMINUS, ""), 0);
	watch_judge_known_at(j, 200);
	e.asked = MT_UCMINUS;
	assert_int_equal(watch_judge_event(j, &e, &f), 0);
	e.kind = WATCH_FREE;
	e.when = 300;
	assert_int_equal(watch_judge_event(j, &e, &f), 0);
	e.kind = WATCH_INSERT;
	e.asked = MT_WC;
	assert_int_equal(watch_judge_event(j, &e, &f), 1);
	assert_string_equal(f.rule, "memtype-none");
	watch_judge_free(j);
}

/* --- which decision lies behind a finding --- */

static void test_behind(void **state)
{
	const struct evidence pid = { .key = "pid", .type = EV_NUMBER, .num = 7 },
			      mapping = { .key = "mapping", .type = EV_TEXT, .text = "0xd4000000-0xd4002000" },
			      pages = { .key = "mapping", .type = EV_TEXT, .text = "pages of it" },
			      wanted = { .key = "wanted", .type = EV_TEXT, .text = "0xd4004000-0xd4005000" },
			      address = { .key = "address", .type = EV_HEX, .num = 0x7f0000001000 };
	const struct bar_piece piece[] = {
		{ .va = 0x7f0000000000, .phys = BAR + 0x8000, .len = 0x1000, .combines = TRI_YES },
		{ .va = 0x7f0000001000, .phys = BAR + 0x9000, .len = 0x1000, .combines = TRI_NO },
	};
	struct bar_map map[] = {
		{ .pid = 6, .vstart = 0x7f0000000000, .vend = 0x7f0000002000 },
		{ .pid = 7, .vstart = 0x7f0000000000, .vend = 0x7f0000002000, .piece = piece, .npiece = 2 },
	};
	const struct bar_maps maps = { .m = map, .n = 2, .nprocess = 2 };
	const struct {
		struct finding f;
		int pid;
		uint64_t start, vma;
		bool is;
	} rows[] = {
		{ { .ev = { pid, mapping }, .nev = 2 }, 7, BAR + 0x1000, 0, true },
		/* another process; the same one's other mapping of that BAR */
		{ { .ev = { pid, mapping }, .nev = 2 }, 8, BAR + 0x1000, 0, false },
		{ { .ev = { pid, mapping }, .nev = 2 }, 7, BAR + 0x2000, 0, false },
		/* a request without a process: by its range */
		{ { .ev = { wanted }, .nev = 1 }, 9, BAR + 0x4000, 0, true },
		{ { .ev = { wanted }, .nev = 1 }, 9, BAR + 0x5000, 0, false },
		/* by entries: the page that does not combine, in that mapping */
		{ { .ev = { pid, pages, address }, .nev = 3 }, 7, BAR + 0x9000, 0, true },
		{ { .ev = { pid, pages, address }, .nev = 3 }, 7, BAR + 0x8000, 0, false },
		{ { .ev = { pid, pages, address }, .nev = 3 }, 7, BAR + 0x9000, 0x7f0000001000, true },
		{ { .ev = { pid, pages, address }, .nev = 3 }, 7, BAR + 0x9000, 0x7e0000000000, false },
		/* where it is not known */
		{ { .ev = { pid, pages }, .nev = 2 }, 7, BAR, 0, false },
		{ { .nev = 0 }, 7, BAR, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct watch_event e = { DECIDED(WATCH_RESERVE, CALLER_MMAP, rows[i].pid, rows[i].start,
						 rows[i].start + 0x1000, MT_WC, MT_UCMINUS, 0),
					 .vma_start = rows[i].vma,
					 .vma_end = rows[i].vma ? rows[i].vma + 0x1000 : 0 };

		assert_int_equal(watch_behind(&e, &rows[i].f, &maps), rows[i].is);
	}
}

/* --- lines --- */

static void test_lines(void **state)
{
	struct watch_event e = { DECIDED(WATCH_RESERVE, CALLER_FORK, 3, BAR, BAR + 0x1000, MT_WC, MT_UCMINUS, 0),
				 .when = 12345,
				 .tid = 4,
				 .comm = "a \"b\"",
				 .function = "f+0x1/0x2",
				 .module = "m",
				 .vma_start = 0x7f0000000000,
				 .vma_end = 0x7f0000001000 };
	struct json_object *o;
	struct watch_line l;
	const char *what, *text;

	(void)state;
	e.stack[e.nstack++] = strdup("memtype_reserve+0x5/0x2c0");
	o = watch_line_of_event(&e);
	text = json_object_to_json_string(o);
	assert_int_equal(watch_line_parse(text, strlen(text), &l, &what), 0);
	assert_int_equal(l.kind, WATCH_LINE_EVENT);
	assert_int_equal(l.event.nstack, 1);
	assert_string_equal(l.event.stack[0], e.stack[0]);
	free(l.event.stack[0]);
	l.event.stack[0] = e.stack[0];
	assert_memory_equal(&l.event, &e, sizeof(e));
	l.event.nstack = 0;
	watch_line_drop(&l);
	watch_event_drop(&e);
	json_object_put(o);
}

static void test_lines_broken(void **state)
{
	static const struct {
		const char *text, *what;
	} rows[] = {
		{ "", "not JSON" },
		{ "[]", "not JSON" },
		{ "{", "not JSON" },
		{ "{\"a\":1}", "no line of wcdiag watch --json" },
		{ "{\"event\":\"reserve\"}", "a decision without a range" },
		{ "{\"event\":\"reserve\",\"start\":\"0x1000\",\"end\":\"0x1000\",\"monotonic_ns\":1}",
		  "a decision without a range" },
		{ "{\"event\":\"reserve\",\"start\":\"0x1000\",\"end\":\"0x2000x\",\"monotonic_ns\":1}",
		  "a decision without a range" },
		{ "{\"event\":\"reserve\",\"start\":4096,\"end\":\"0x2000\",\"monotonic_ns\":1}",
		  "a decision without a range" },
		{ "{\"event\":\"free\",\"start\":\"0x1000\",\"end\":\"0x2000\"}", "a decision without a time" },
		{ "{\"event\":\"free\",\"start\":\"0x1000\",\"end\":\"0x2000\",\"monotonic_ns\":-1}",
		  "a decision without a time" },
		{ "{\"event\":\"free\",\"start\":\"0x1000\",\"end\":\"0x2000\",\"monotonic_ns\":1,\"result\":\"EBUSY\"}",
		  "a result that is neither 0 nor a negative errno" },
		{ "{\"event\":\"free\",\"start\":\"0x1000\",\"end\":\"0x2000\",\"monotonic_ns\":1,\"result\":16}",
		  "a result that is neither 0 nor a negative errno" },
		{ "{\"event\":\"end\"}", "a count that is none" },
		{ "{\"event\":\"lost\",\"lost\":-1}", "a count that is none" },
		{ "{\"event\":\"begin\",\"bars\":[{\"start\":\"0x2\",\"end\":\"0x1\"}]}",
		  "a range of the scene that is none" },
		{ "{\"event\":\"begin\",\"ram\":[7]}", "a range of the scene that is none" },
	};
	struct watch_line l;
	const char *what;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *copy = exact_copy(rows[i].text, strlen(rows[i].text));

		assert_int_equal(watch_line_parse(copy, strlen(rows[i].text), &l, &what), -EBADMSG);
		assert_string_equal(what, rows[i].what);
		free(copy);
	}
	/* what a later version may write */
	assert_int_equal(watch_line_parse("{\"event\":\"news\",\"x\":{}}", 24, &l, &what), 0);
	assert_int_equal(l.kind, WATCH_LINE_OTHER);
	watch_line_drop(&l);
}

/* --- names --- */

static void test_names(void **state)
{
	struct pid_names t = { 0 };
	char name[24];

	(void)state;
	assert_null(pid_names_get(&t, 5));
	for (int i = 1; i <= 5000; i++) {
		snprintf(name, sizeof(name), "process-%d", i);
		assert_int_equal(pid_names_set(&t, i * 1024, name), 0);
	}
	for (int i = 1; i <= 5000; i += 2)
		pid_names_drop(&t, i * 1024);
	for (int i = 1; i <= 5000; i++) {
		snprintf(name, sizeof(name), "process-%d", i);
		if (i % 2)
			assert_null(pid_names_get(&t, i * 1024));
		else
			assert_string_equal(pid_names_get(&t, i * 1024), name);
	}
	assert_int_equal(t.used, 2500);
	assert_int_equal(pid_names_set(&t, 2048, "a name of more than it may have"), 0);
	assert_string_equal(pid_names_get(&t, 2048), "a name of more ");
	assert_int_equal(t.used, 2500);
	pid_names_free(&t);
}

/* --- perf's rings --- */

#define RING_BYTES 4096

/* As the kernel writes a sample without a stack: open_event() in watch_perf.c says what it has. */
static void sample(struct ring *r, unsigned int probe, uint64_t when, uint32_t pid, uint64_t start, uint64_t end)
{
	struct {
		struct perf_event_header h;
		uint64_t id, who, when, frames, abi, reg[REGS];
	} s = { .h = { .type = PERF_RECORD_SAMPLE, .size = sizeof(s) },
		.id = r->id[probe],
		.who = (uint64_t)pid << 32 | pid,
		.when = when,
		.abi = 2,
		.reg = { [DX] = 1, [SI] = end, [DI] = start } };

	memcpy((char *)r->page + r->page->data_offset + r->page->data_head, &s, sizeof(s));
	r->page->data_head += sizeof(s);
}

struct order {
	enum watch_kind kind[8];
	uint64_t when[8];
	size_t n;
};

static int note(const struct watch_event *e, void *ctx)
{
	struct order *o = ctx;

	assert_true(o->n < 8);
	o->kind[o->n] = e->kind;
	o->when[o->n++] = e->when;
	return 0;
}

static void test_perf_order(void **state)
{
	/* The two rings are read one after the other: what is younger than the look may still get an older one. */
	static const uint64_t hour = 3600000000000ULL;
	struct ring ring[2] = { { .fd = { 1, 1, 1, 1 }, .id = { 10, 11, 12, 13 } },
				{ .fd = { 1, 1, 1, 1 }, .id = { 20, 21, 22, 23 } } };
	struct by_perf b = { .ring = ring, .n = 2, .bytes = RING_BYTES };
	struct watch w = { .way = &b, .ops = &watch_by_perf, .p = { .slot = linux_pat } };
	struct order o = { .n = 0 };
	struct timespec t;
	uint64_t later;

	(void)state;
	w.symbols.table[0].hidden = true;
	for (size_t i = 0; i < 2; i++) {
		ring[i].page = calloc(1, sizeof(*ring[i].page) + RING_BYTES);
		assert_non_null(ring[i].page);
		ring[i].page->data_offset = sizeof(*ring[i].page);
	}
	clock_gettime(CLOCK_MONOTONIC, &t);
	later = (uint64_t)t.tv_sec * 1000000000ULL + hour;

	/* long ago: handed over at once, in their order */
	sample(&ring[0], 1, 2000, 1, BAR, BAR + 0x1000);
	sample(&ring[1], 0, 1000, 1, BAR, BAR + 0x1000);
	assert_int_equal(watch_take(&w, note, &o), 2);
	assert_int_equal(o.when[0], 1000);
	assert_int_equal(o.when[1], 2000);

	/* ring 0 had been read when its free came; ring 1 got the reservation behind it, and was read then */
	sample(&ring[1], 0, later + 3, 2, BAR, BAR + 0x1000);
	assert_int_equal(watch_take(&w, note, &o), 0);
	sample(&ring[0], 1, later, 1, BAR, BAR + 0x1000);
	assert_int_equal(watch_take(&w, note, &o), 0);
	assert_int_equal(watch_finish(&w, note, &o), 2);
	assert_int_equal(o.kind[2], WATCH_FREE);
	assert_int_equal(o.kind[3], WATCH_RESERVE);
	assert_int_equal(watch_finish(&w, note, &o), 0);
	assert_int_equal(b.seen, 4);
	assert_int_equal(b.lost, 0);
	pid_names_free(&b.names);
	free(b.batch);
	for (size_t i = 0; i < sizeof(w.memo) / sizeof(w.memo[0]); i++)
		watch_event_drop(&w.memo[i].event);
	for (size_t i = 0; i < 2; i++)
		free(ring[i].page);
}

static void test_functions(void **state)
{
	(void)state;
	/* "instead" names a row of the table, and each row says what goes without it or is needed */
	for (const struct watch_function *f = watch_functions; f->name; f++) {
		bool found = !f->instead;

		for (const struct watch_function *g = watch_functions; g->name && !found; g++)
			found = !strcmp(f->instead, g->name);
		assert_true(found);
		assert_true(f->nargs && f->range && f->source);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_large_pages),  cmocka_unit_test(test_callers),
		cmocka_unit_test(test_record),	     cmocka_unit_test(test_alias),
		cmocka_unit_test(test_others),	     cmocka_unit_test(test_foretold),
		cmocka_unit_test(test_before),	     cmocka_unit_test(test_lines),
		cmocka_unit_test(test_lines_broken), cmocka_unit_test(test_names),
		cmocka_unit_test(test_functions),    cmocka_unit_test(test_behind),
		cmocka_unit_test(test_perf_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
