/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/klog.h"
#include "temproot.h"

static struct klog parsed(const char *text)
{
	struct blob b = { exact_copy(text, strlen(text)), strlen(text) };
	struct klog k;

	assert_int_equal(klog_parse(b, &k), 0);
	return k;
}

/* One wording: what the line says, whatever prefix it has. */
struct row {
	const char *msg;
	enum klog_kind kind;
	uint64_t start, end;
	enum mtype track, req, ret;
	const char *comm;
	int pid;
};

#define U MT_UNKNOWN
static const struct row rows[] = {
	/* Linux 6.1 and 6.12, from a guest */
	{ "x86/PAT: PAT support disabled via boot option.", KLOG_PAT_OFF_BOOT, 0, 0, U, U, U, "", 0 },
	{ "x86/PAT: Overlap at 0x1ffe2000-0x1ffe3000", KLOG_OVERLAP, 0x1ffe2000, 0x1ffe3000, U, U, U, "", 0 },
	{ "x86/PAT: memtype_reserve added [mem 0xfe000000-0xfe00ffff], track uncached-minus, req write-combining, ret uncached-minus",
	  KLOG_RESERVED, 0xfe000000, 0xfe010000, MT_UCMINUS, MT_WC, MT_UCMINUS, "", 0 },
	{ "x86/PAT: memtype_reserve added [mem 0x1ffe2000-0x1ffe2fff], track write-back, req write-back, ret write-back",
	  KLOG_RESERVED, 0x1ffe2000, 0x1ffe3000, MT_WB, MT_WB, MT_WB, "", 0 },
	{ "x86/PAT: memtype_free request [mem 0xfed00000-0xfed00fff]", KLOG_FREED, 0xfed00000, 0xfed01000, U, U, U, "",
	  0 },
	{ "x86/PAT: init:1 conflicting memory types fe000000-fe010000 write-combining<->uncached-minus", KLOG_CONFLICT,
	  0xfe000000, 0xfe010000, MT_WC, U, MT_UCMINUS, "init", 1 },
	{ "x86/PAT: memtype_reserve failed [mem 0xfe000000-0xfe00ffff], track write-combining, req write-combining",
	  KLOG_RESERVE_FAILED, 0xfe000000, 0xfe010000, MT_WC, MT_WC, U, "", 0 },
	{ "x86/PAT: init:1 freeing invalid memtype [mem 0xfe000000-0xfe001fff]", KLOG_FREE_INVALID, 0xfe000000,
	  0xfe002000, U, U, U, "init", 1 },
	/* seen in reports of others */
	{ "x86/PAT: gdsio:3544 conflicting memory types 387fe0000000-387ff0000000 write-combining<->uncached-minus",
	  KLOG_CONFLICT, 0x387fe0000000, 0x387ff0000000, MT_WC, U, MT_UCMINUS, "gdsio", 3544 },
	{ "x86/PAT: NDK MediaCodec_:3753 map pfn RAM range req write-combining for [mem 0x1e7a80000-0x1e7a87fff], got write-back",
	  KLOG_RAM_RANGE, 0x1e7a80000, 0x1e7a88000, U, MT_WC, MT_WB, "NDK MediaCodec_", 3753 },
	{ "x86/PAT: kworker/u8:2:412 map pfn expected mapping type uncached-minus for [mem 0xfe000000-0xfe00ffff], got write-combining",
	  KLOG_EXPECTED, 0xfe000000, 0xfe010000, U, MT_UCMINUS, MT_WC, "kworker/u8:2", 412 },
	{ "x86/PAT: Web Content:77 ioremap_change_attr failed uncached-minus for [mem 0x000f0000-0x000fffff]",
	  KLOG_CHANGE_FAILED, 0xf0000, 0x100000, U, MT_UCMINUS, U, "Web Content", 77 },
	{ "x86/PAT: reserve_ram_pages_type failed [mem 0x12340000-0x12340fff], track 0x1, req 0x2", KLOG_RAM_FAILED,
	  0x12340000, 0x12341000, MT_WC, MT_UCMINUS, U, "", 0 },
	{ "x86/PAT: MTRRs disabled, skipping PAT initialization too.", KLOG_PAT_OFF_MTRR, 0, 0, U, U, U, "", 0 },
	{ "x86/PAT: PAT not supported by the CPU.", KLOG_PAT_OFF_CPU, 0, 0, U, U, U, "", 0 },
	{ "x86/PAT: PAT support disabled by the firmware.", KLOG_PAT_OFF_FIRMWARE, 0, 0, U, U, U, "", 0 },
	{ "x86/PAT: PAT support disabled because CONFIG_X86_PAT is disabled in the kernel.", KLOG_PAT_OFF_CONFIG, 0, 0,
	  U, U, U, "", 0 },
	{ "ioremap error for 0xfe000000-0xfe010000, requested 0x1, got 0x0", KLOG_IOREMAP_REFUSED, 0xfe000000,
	  0xfe010000, U, MT_WC, MT_WB, "", 0 },
	{ "ioremap memtype_reserve failed -16", KLOG_IOREMAP_FAILED, 0, 0, U, U, U, "", 0 },
	{ "caller mydrv_probe+0x63/0x80 [mydrv] mapping multiple BARs", KLOG_MULTI_BAR, 0, 0, U, U, U, "", 0 },
	{ "Failed to add WC MTRR for [000000000998bb55-00000000eb9e681e]; performance may suffer.", KLOG_MTRR_WC_FAILED,
	  0, 0, U, U, U, "", 0 },
	{ "MTRRs set to read-only", KLOG_MTRR_READONLY, 0, 0, U, U, U, "", 0 },
	{ "MTRRs disabled by BIOS", KLOG_MTRR_READONLY, 0, 0, U, U, U, "", 0 },
	{ "Memory Encryption Features active: AMD SEV SEV-ES SEV-SNP", KLOG_COCO, 0, 0, U, U, U, "", 0 },
	{ "AMD Memory Encryption Features active: SEV", KLOG_COCO, 0, 0, U, U, U, "", 0 },
	{ "Kernel is locked down from EFI Secure Boot mode; see man kernel_lockdown.7", KLOG_LOCKDOWN, 0, 0, U, U, U,
	  "", 0 },
	{ "Lockdown: swapper/0: use of tracefs is restricted; see man kernel_lockdown.7", KLOG_LOCKDOWN, 0, 0, U, U, U,
	  "swapper/0", 0 },
	{ "Lockdown: a: b: hibernation is restricted; see man kernel_lockdown.7", KLOG_LOCKDOWN, 0, 0, U, U, U, "a: b",
	  0 },
	{ "Lockdown: hibernation is restricted; see man kernel_lockdown.7", KLOG_LOCKDOWN, 0, 0, U, U, U, "", 0 },
	/* up to 5.5 */
	{ "x86/PAT: reserve_memtype added [mem 0xd4000000-0xd7ffffff], track write-combining, req write-combining, ret write-combining",
	  KLOG_RESERVED, 0xd4000000, 0xd8000000, MT_WC, MT_WC, MT_WC, "", 0 },
	{ "x86/PAT: reserve_memtype failed [mem 0xd4000000-0xd7ffffff], track uncached-minus, req uncached-minus",
	  KLOG_RESERVE_FAILED, 0xd4000000, 0xd8000000, MT_UCMINUS, MT_UCMINUS, U, "", 0 },
	{ "x86/PAT: free_memtype request [mem 0xd4000000-0xd7ffffff]", KLOG_FREED, 0xd4000000, 0xd8000000, U, U, U, "",
	  0 },
	{ "ioremap reserve_memtype failed -16", KLOG_IOREMAP_FAILED, 0, 0, U, U, U, "", 0 },
	{ "x86/PAT: PAT support disabled.", KLOG_PAT_OFF_BOOT, 0, 0, U, U, U, "", 0 },
	{ "x86/PAT: PAT MSR is 0, disabled.", KLOG_PAT_OFF_FIRMWARE, 0, 0, U, U, U, "", 0 },
	/* before 4.x: no "x86/PAT: ", before 3.5 no "[mem ]", and then the end is exclusive */
	{ "reserve_memtype added 0xd4000000-0xd8000000, track write-combining, req write-combining, ret -",
	  KLOG_RESERVED, 0xd4000000, 0xd8000000, MT_WC, MT_WC, U, "", 0 },
	{ "reserve_memtype failed 0xd4000000-0xd8000000, track uncached-minus, req write-combining",
	  KLOG_RESERVE_FAILED, 0xd4000000, 0xd8000000, MT_UCMINUS, MT_WC, U, "", 0 },
	{ "free_memtype request 0xd4000000-0xd8000000", KLOG_FREED, 0xd4000000, 0xd8000000, U, U, U, "", 0 },
	{ "Overlap at 0xd4000000-0xd8000000", KLOG_OVERLAP, 0xd4000000, 0xd8000000, U, U, U, "", 0 },
	{ "Xorg:1234 conflicting memory types d0000000-e0000000 uncached-minus<->write-combining", KLOG_CONFLICT,
	  0xd0000000, 0xe0000000, MT_UCMINUS, U, MT_WC, "Xorg", 1234 },
	{ "drp_gpu:14033 map pfn RAM range req uncached-minus for [mem 0x1deec80000-0x1deecfffff], got write-back",
	  KLOG_RAM_RANGE, 0x1deec80000, 0x1deed00000, U, MT_UCMINUS, MT_WB, "drp_gpu", 14033 },
	{ "Xorg:99 map pfn expected mapping type write-back for d0000000-e0000000, got write-combining", KLOG_EXPECTED,
	  0xd0000000, 0xe0000000, U, MT_WB, MT_WC, "Xorg", 99 },
	{ "Xorg:99 /dev/mem expected mapping type write-back for d0000000-e0000000, got uncached", KLOG_EXPECTED,
	  0xd0000000, 0xe0000000, U, MT_WB, MT_UC, "Xorg", 99 },
	{ "X:5 freeing invalid memtype d0000000-d0001000", KLOG_FREE_INVALID, 0xd0000000, 0xd0001000, U, U, U, "X", 5 },
	{ "X:5 /dev/mem ioremap_change_attr failed uncached-minus for 0-1000", KLOG_CHANGE_FAILED, 0, 0x1000, U,
	  MT_UCMINUS, U, "X", 5 },
	/* before 3.19 these were bits of the entry: PWT 8, PCD 10 */
	{ "ioremap error for 0xfe000000-0xfe010000, requested 0x10, got 0x0", KLOG_IOREMAP_REFUSED, 0xfe000000,
	  0xfe010000, U, MT_UCMINUS, MT_WB, "", 0 },
	{ "reserve_ram_pages_type failed 0x1000-0x2000, track 0x8, req 0x18", KLOG_RAM_FAILED, 0x1000, 0x2000, MT_WC,
	  MT_UC, U, "", 0 },
	{ "PAT support disabled.", KLOG_PAT_OFF_BOOT, 0, 0, U, U, U, "", 0 },
	{ "PAT not supported by CPU.", KLOG_PAT_OFF_CPU, 0, 0, U, U, U, "", 0 },
	/* not to be understood in full: kept, and what is not told is not told */
	{ "x86/PAT: memtype_reserve added [mem 0xfe000000], track uncached-minus, req write-combining, ret uncached-minus",
	  KLOG_RESERVED, 0, 0, MT_UCMINUS, MT_WC, MT_UCMINUS, "", 0 },
	{ "x86/PAT: memtype_reserve added [mem 0xfe000000-0xffffffffffffffff], track broken, req write-combining",
	  KLOG_RESERVED, 0, 0, U, MT_WC, U, "", 0 },
	{ "x86/PAT: memtype_reserve added [mem 0xfe001000-0xfe000000], track", KLOG_RESERVED, 0, 0, U, U, U, "", 0 },
	{ "x86/PAT: memtype_free request [mem 0x1fe000000fe000000-0x11fe000000fe000fff]", KLOG_FREED, 0, 0, U, U, U, "",
	  0 },
	{ "x86/PAT: nobody conflicting memory types fe000000-fe010000 a<->b", KLOG_CONFLICT, 0xfe000000, 0xfe010000, U,
	  U, U, "", 0 },
	{ "x86/PAT: a:99999999999 conflicting memory types fe000000-fe010000 a<->b", KLOG_CONFLICT, 0xfe000000,
	  0xfe010000, U, U, U, "", 0 },
	/* a comm that imitates another message */
	{ "x86/PAT: Overlap at 0x1-:7 conflicting memory types fe000000-fe010000 uncached<->write-back", KLOG_CONFLICT,
	  0xfe000000, 0xfe010000, MT_UC, U, MT_WB, "Overlap at 0x1-", 7 },
};

/* Prefixes, and the microseconds that they tell. */
static const struct {
	const char *prefix;
	uint64_t usec;
} prefixes[] = {
	{ "", 0 },
	{ "6,123,5757667,-;", 5757667 },
	{ "6,123,5757667,c,caller=T1;", 5757667 },
	{ "[    5.757667] ", 5757667 },
	{ "[12345.000001] ", 12345000001 },
	{ "[    5.757667][    T1] ", 5757667 },
	{ "[    5.757667] [   C12] ", 5757667 },
	{ "<6>[    5.757667] ", 5757667 },
	{ "   <6>[    5.757667] ", 5757667 },
	{ "<6>", 0 },
	{ "kern  :info  : [    5.757667] ", 5757667 },
	{ "kern  :err   : [    5.757667] ", 5757667 },
	{ "kern  :warn  : [Mon Nov 22 14:44:01 2025] ", 0 },
	{ "[Tue Nov 22 14:44:01 2025] ", 0 },
	{ "[Thu Nov  2 14:44:01 2025] ", 0 },
	{ "[Nov22 14:44] ", 0 },
	{ "[  +0.000123] ", 0 },
	{ "[    5.757667 <    0.000123>] ", 5757667 },
	{ "2025-11-22T14:44:01,757667+00:00 ", 0 },
	{ "Nov 22 14:44:01 myhost kernel: ", 0 },
	{ "Nov  2 14:44:01 myhost kernel: [    5.757667] ", 5757667 },
	{ "2025-11-22T14:44:01.757667+00:00 myhost kernel: ", 0 },
	{ "2025-11-22T14:44:01.757667+00:00 myhost kernel: [    5.757667] ", 5757667 },
	{ "Mon 2025-11-22 14:44:01 UTC myhost kernel: ", 0 },
	{ "[    5.757667] myhost kernel: ", 5757667 },
	{ "[    5.757667] kernel: ", 5757667 },
};

static void check_row(const struct row *r, const struct klog_event *e, const char *line)
{
	bool good = e->kind == r->kind && e->start == r->start && e->end == r->end && e->track == r->track &&
		    e->req == r->req && e->ret == r->ret && e->pid == r->pid && !strcmp(e->comm, r->comm);

	if (!good)
		fail_msg("%s\nkind %s range %llx-%llx track %s req %s ret %s comm \"%s\" pid %d", line,
			 klog_kind_name(e->kind), (unsigned long long)e->start, (unsigned long long)e->end,
			 mtype_name(e->track), mtype_name(e->req), mtype_name(e->ret), e->comm, e->pid);
	if (e->textlen != strlen(r->msg) || memcmp(e->text, r->msg, e->textlen))
		fail_msg("%s\ntext is \"%.*s\"", line, (int)e->textlen, e->text);
}

static void every_wording_is_understood_behind_every_prefix(void **state)
{
	char line[512];
	size_t i, p;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (p = 0; p < sizeof(prefixes) / sizeof(prefixes[0]); p++) {
			struct klog k;

			snprintf(line, sizeof(line), "%s%s%s", prefixes[p].prefix, rows[i].msg, p & 1 ? "\n" : "");
			k = parsed(line);
			if (k.n != 1)
				fail_msg("%zu events: %s", k.n, line);
			check_row(&rows[i], &k.ev[0], line);
			assert_int_equal(k.ev[0].usec, prefixes[p].usec);
			assert_int_equal(k.ev[0].line, 1);
			assert_true(klog_relevant(line, strcspn(line, "\n")));
			klog_free(&k);
		}
	}
}

static void the_tag_is_found_behind_a_prefix_that_nobody_knows(void **state)
{
	struct klog k = parsed(
		"2025/11/22 console@7 |I| x86/PAT: init:1 freeing invalid memtype [mem 0xfe000000-0xfe001fff]\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_int_equal(k.ev[0].kind, KLOG_FREE_INVALID);
	assert_string_equal(k.ev[0].comm, "init");
	assert_int_equal(k.ev[0].pid, 1);
	assert_memory_equal(k.ev[0].text, "x86/PAT: init", 13);
	klog_free(&k);
}

static void check_slots(const char *line, const enum mtype *want)
{
	struct klog k = parsed(line);
	int i;

	if (k.n != 1)
		fail_msg("%zu events: %s", k.n, line);
	assert_int_equal(k.ev[0].kind, KLOG_PAT_CONFIG);
	for (i = 0; i < 8; i++)
		if (k.ev[0].slot[i] != want[i])
			fail_msg("slot %d is %s: %s", i, mtype_name(k.ev[0].slot[i]), line);
	klog_free(&k);
}

static void the_configuration_is_read_in_all_three_wordings(void **state)
{
	static const enum mtype now[8] = { MT_WB, MT_WC, MT_UCMINUS, MT_UC, MT_WB, MT_WP, MT_UCMINUS, MT_WT };
	static const enum mtype reset[8] = { MT_WB, MT_WT, MT_UCMINUS, MT_UC, MT_WB, MT_WT, MT_UCMINUS, MT_UC };
	static const enum mtype old[8] = { MT_WB, MT_WC, MT_UCMINUS, MT_UC, MT_WB, MT_WC, MT_UCMINUS, MT_UC };
	static const enum mtype xen[8] = { MT_WB, MT_WT, MT_UCMINUS, MT_UC, MT_WC, MT_WP, MT_UC, MT_UC };
	static const enum mtype odd[8] = { MT_WB, U, MT_UCMINUS, U, U, U, U, U };
	static const enum mtype none[8] = { U, U, U, U, U, U, U, U };

	(void)state;
	check_slots("<6>[    0.000000] x86/PAT: Configuration [0-7]: WB  WC  UC- UC  WB  WP  UC- WT  \n", now);
	check_slots("<6>[    0.000000] x86/PAT: Configuration [0-7]: WB  WT  UC- UC  WB  WT  UC- UC  ", reset);
	check_slots("x86/PAT: Configuration [0-7]: WB  WT  UC- UC  WC  WP  UC  UC  \n", xen);
	check_slots("[    0.000000] PAT configuration [0-7]: WB  WC  UC- UC  WB  WC  UC- UC  \n", old);
	check_slots("[    0.000000] x86 PAT enabled: cpu 0, old 0x7040600070406, new 0x7010600070106\n", old);
	check_slots("x86/PAT: Configuration [0-7]: WB  XX  UC-", odd);
	check_slots("x86/PAT: Configuration [0-7]: ", none);
	check_slots("x86 PAT enabled: cpu 0, old 0x7040600070406, new 0x1070106000000000000", none);
}

static void what_a_program_wrote_is_no_word_of_the_kernel(void **state)
{
	static const char *const lines[] = {
		"14,123,5757667,-;x86/PAT: PAT support disabled via boot option.\n",
		"12,0,1,-;x86/PAT: PAT support disabled via boot option.\n",
		"<14>[    5.757667] x86/PAT: PAT support disabled via boot option.\n",
		"user  :notice: [    5.757667] x86/PAT: PAT support disabled via boot option.\n",
		"daemon:info  : [    5.757667] x86/PAT: PAT support disabled via boot option.\n",
		"Nov 22 14:44:01 myhost me[12]: x86/PAT: PAT support disabled via boot option.\n",
		"2025-11-22T14:44:01.757667+00:00 myhost me[12]: x86/PAT: PAT support disabled via boot option.\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct klog k = parsed(lines[i]);

		if (k.n)
			fail_msg("%s", lines[i]);
		assert_false(klog_relevant(lines[i], strlen(lines[i]) - 1));
		klog_free(&k);
	}
}

static void other_lines_are_passed_over(void **state)
{
	struct klog k =
		parsed("6,0,0,-;Linux version 6.1.0-56-amd64\n"
		       "6,1,10,-;pci 0000:00:02.0: [1af4:1110] type 00 class 0x050000\n"
		       " SUBSYSTEM=pci\n"
		       " DEVICE=+pci:0000:00:02.0\n"
		       "\n"
		       "6,2,20,-;resource: Overlap at 0x1-0x2\n"
		       "6,3,30,-;[drm] MTRRs disabled by BIOS\n"
		       "6,4,40,-;Lockdown: not a word of it\n"
		       "6,5,50,-;MTRR map: 4 entries (3 fixed + 1 variable; max 19), built from 8 variable MTRRs\n");

	(void)state;
	assert_int_equal(k.n, 0);
	assert_false(k.start_lost);
	klog_free(&k);
}

static void a_continuation_of_a_record_is_not_a_message(void **state)
{
	struct klog k = parsed("6,9,10,-;pci: something\n MESSAGE=x86/PAT: PAT support disabled via boot option.\n");

	(void)state;
	assert_int_equal(k.n, 0);
	klog_free(&k);
}

static void escapes_are_undone_in_a_comm_of_a_record(void **state)
{
	struct klog k =
		parsed("6,9,10,-;x86/PAT: a\\x5cb\\x0a\\x20c:12 freeing invalid memtype [mem 0xfe000000-0xfe001fff]\n"
		       "<6>[ 1.000000] x86/PAT: a\\x5cb:12 freeing invalid memtype [mem 0xfe000000-0xfe001fff]\n"
		       "6,9,10,-;x86/PAT: \\x4:12 freeing invalid memtype [mem 0xfe000000-0xfe001fff]\n"
		       "<6>[ 1.000000] x86/PAT: \001\377:12 freeing invalid memtype [mem 0xfe000000-0xfe001fff]\n");

	(void)state;
	assert_int_equal(k.n, 4);
	assert_string_equal(k.ev[0].comm, "a\\b? c");
	assert_string_equal(k.ev[1].comm, "a\\x5cb");
	assert_string_equal(k.ev[2].comm, "\\x4");
	assert_string_equal(k.ev[3].comm, "??");
	klog_free(&k);
}

static void a_comm_longer_than_any_is_cut(void **state)
{
	struct klog k;
	char line[1024], comm[300];

	(void)state;
	memset(comm, 'c', sizeof(comm) - 1);
	comm[sizeof(comm) - 1] = '\0';
	snprintf(line, sizeof(line), "x86/PAT: %s:12 freeing invalid memtype [mem 0xfe000000-0xfe001fff]", comm);
	k = parsed(line);
	assert_int_equal(strlen(k.ev[0].comm), sizeof(k.ev[0].comm) - 1);
	assert_int_equal(k.ev[0].pid, 12);
	klog_free(&k);
}

static void a_ring_that_has_wrapped_is_told(void **state)
{
	struct klog k = parsed("6,0,0,-;Linux version\n6,7,10,-;x86/PAT: PAT support disabled.\n");

	(void)state;
	assert_false(k.start_lost);
	assert_int_equal(k.n, 1);
	assert_int_equal(k.ev[0].line, 2);
	klog_free(&k);
	k = parsed(" SUBSYSTEM=pci\n6,311,0,-;something\n6,0,10,-;x86/PAT: PAT support disabled.\n");
	assert_true(k.start_lost);
	klog_free(&k);
	k = parsed("[    0.000000] x86/PAT: PAT support disabled.\n");
	assert_false(k.start_lost);
	klog_free(&k);
}

static void the_first_record_is_worth_recording(void **state)
{
	static const char banner[] = "5,0,0,-;Linux version 6.1.0-56-amd64 (debian-kernel@lists.debian.org)";
	static const char other[] = "5,1,0,-;Command line: quiet";

	(void)state;
	assert_true(klog_relevant(banner, sizeof(banner) - 1));
	assert_false(klog_relevant(other, sizeof(other) - 1));
	assert_false(klog_relevant("", 0));
	assert_false(klog_relevant("\n", 1));
}

static void events_come_in_the_order_of_the_log(void **state)
{
	struct klog k = parsed(
		"<6>[    6.226602] x86/PAT: memtype_reserve added [mem 0xfe000000-0xfe000fff], track write-combining, req write-combining, ret write-combining\n"
		"<4>[    6.230000] wp: loading out-of-tree module taints kernel.\n"
		"<6>[    6.231821] x86/PAT: memtype_reserve added [mem 0xfe001000-0xfe001fff], track uncached-minus, req uncached-minus, ret uncached-minus\r\n"
		"<6>[    6.232448] x86/PAT: init:1 conflicting memory types fe000000-fe010000 write-combining<->uncached-minus\n");

	(void)state;
	assert_int_equal(k.n, 3);
	assert_int_equal(k.ev[0].usec, 6226602);
	assert_int_equal(k.ev[1].line, 3);
	assert_int_equal(k.ev[1].ret, MT_UCMINUS);
	assert_int_equal(k.ev[1].text[k.ev[1].textlen - 1], 's'); /* without the CR */
	assert_int_equal(k.ev[2].line, 4);
	klog_free(&k);
}

static void every_kind_has_a_name(void **state)
{
	int i, j;

	(void)state;
	for (i = 0; i < KLOG_KINDS; i++) {
		assert_non_null(klog_kind_name((enum klog_kind)i));
		for (j = 0; j < i; j++)
			assert_string_not_equal(klog_kind_name((enum klog_kind)i), klog_kind_name((enum klog_kind)j));
	}
	assert_string_equal(klog_kind_name(KLOG_KINDS), "unknown");
}

static void the_log_of_a_snapshot_is_read(void **state)
{
	struct temproot r;
	struct klog k;

	(void)state;
	temproot_make(&r);
	temproot_add(&r, "dev/kmsg", "6,0,0,-;Linux version\n6,7,10,-;x86/PAT: PAT support disabled.\n");
	assert_int_equal(klog_read(temproot_open(&r), NULL, &k), 0);
	assert_int_equal(k.fact.state, FACT_KNOWN);
	assert_int_equal(k.n, 1);
	klog_free(&k);
	temproot_drop(&r);
}

static void a_log_that_was_refused_says_how_to_get_it(void **state)
{
	struct temproot r;
	struct klog k;

	(void)state;
	temproot_make(&r);
	temproot_add(&r, "wcdiag/errors.txt", "EPERM /dev/kmsg\n");
	assert_int_equal(klog_read(temproot_open(&r), NULL, &k), -EPERM);
	assert_int_equal(k.fact.state, FACT_MISSING);
	assert_int_equal(k.fact.err, EPERM);
	assert_string_equal(k.fact.where, "/dev/kmsg");
	assert_non_null(k.fact.remedy);
	assert_int_equal(k.n, 0);
	klog_free(&k);
	temproot_drop(&r);
}

static void a_named_file_is_read_instead(void **state)
{
	struct temproot r;
	struct klog k;
	char path[128];

	(void)state;
	temproot_make(&r);
	temproot_add(&r, "dev/kmsg", "6,0,0,-;Linux version\n");
	temproot_add(&r, "elsewhere", "[    0.000000] x86/PAT: PAT support disabled.\n");
	snprintf(path, sizeof(path), "%s/elsewhere", r.dir);
	assert_int_equal(klog_read(temproot_open(&r), path, &k), 0);
	assert_int_equal(k.n, 1);
	assert_string_equal(k.fact.where, path);
	klog_free(&k);
	assert_int_equal(klog_read(r.src, "/nonexistent/log", &k), -ENOENT);
	assert_int_equal(k.fact.state, FACT_MISSING);
	assert_string_equal(k.fact.where, "/nonexistent/log");
	assert_string_equal(k.fact.why, "No such file or directory");
	klog_free(&k);
	temproot_drop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_wording_is_understood_behind_every_prefix),
		cmocka_unit_test(the_tag_is_found_behind_a_prefix_that_nobody_knows),
		cmocka_unit_test(the_configuration_is_read_in_all_three_wordings),
		cmocka_unit_test(what_a_program_wrote_is_no_word_of_the_kernel),
		cmocka_unit_test(other_lines_are_passed_over),
		cmocka_unit_test(a_continuation_of_a_record_is_not_a_message),
		cmocka_unit_test(escapes_are_undone_in_a_comm_of_a_record),
		cmocka_unit_test(a_comm_longer_than_any_is_cut),
		cmocka_unit_test(a_ring_that_has_wrapped_is_told),
		cmocka_unit_test(the_first_record_is_worth_recording),
		cmocka_unit_test(events_come_in_the_order_of_the_log),
		cmocka_unit_test(every_kind_has_a_name),
		cmocka_unit_test(the_log_of_a_snapshot_is_read),
		cmocka_unit_test(a_log_that_was_refused_says_how_to_get_it),
		cmocka_unit_test(a_named_file_is_read_instead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
