/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_hyper.c - who the leaves 0x40000000 up name, recorded, garbled, or absent. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/cpu.h"
#include "probe/hyper_int.h"
#include "temproot.h"

static int parse(const char *text, struct hyper *h, unsigned int *line, const char **what)
{
	size_t len = strlen(text);
	char *exact = exact_copy(text, len);
	int err = hyper_parse(exact, len, h, line, what);

	free(exact);
	return err;
}

static void parse_ok(const char *text, struct hyper *h)
{
	const char *what;
	unsigned int line;

	if (parse(text, h, &line, &what))
		fail_msg("line %u: %s\n%s", line, what, text);
}

/* A line for the first leaf of a block, registers in the order of the signature. */
static int block(char *out, uint32_t leaf, uint32_t eax, const char *sig)
{
	char s[12] = { 0 };
	uint32_t r[3];

	memcpy(s, sig, strnlen(sig, sizeof(s)));
	memcpy(r, s, sizeof(r));
	return sprintf(out, "0x%08x 0x%08x 0x%08x 0x%08x 0x%08x\n", leaf, eax, r[0], r[1], r[2]);
}

static void every_known_signature_is_recognised(void **state)
{
	static const struct {
		const char *sig, *name;
		enum hyper_pat pat;
	} t[] = {
		{ "KVMKVMKVM", "KVM", HYPER_PAT_HONOURED },
		{ "Linux KVM Hv", "KVM", HYPER_PAT_HONOURED },
		{ "TCGTCGTCGTCG", "QEMU (TCG)", HYPER_PAT_EMULATED },
		{ "XenVMMXenVMM", "Xen", HYPER_PAT_UNKNOWN },
		{ "VMwareVMware", "VMware", HYPER_PAT_UNKNOWN },
		{ "Microsoft Hv", "Hyper-V", HYPER_PAT_UNKNOWN },
		{ "VBoxVBoxVBox", "VirtualBox", HYPER_PAT_UNKNOWN },
		{ "bhyve bhyve ", "bhyve", HYPER_PAT_UNKNOWN },
		{ "ACRNACRNACRN", "ACRN", HYPER_PAT_UNKNOWN },
		{ "QNXQVMBSQG", "QNX", HYPER_PAT_UNKNOWN },
		{ "Jailhouse", "Jailhouse", HYPER_PAT_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		char text[100];
		struct hyper h;

		block(text, 0x40000000, 0x40000001, t[i].sig);
		parse_ok(text, &h);
		assert_true(h.guest);
		assert_non_null(h.kind);
		assert_string_equal(h.kind->name, t[i].name);
		assert_int_equal(h.kind->pat, t[i].pat);
		assert_string_equal(h.signature, t[i].sig);
	}
	for (const struct hyper_kind *k = hyper_kinds; k->signature; k++) {
		assert_true(strlen(k->signature) <= 12);
		assert_non_null(k->name);
		assert_non_null(k->source);
	}
}

static void a_real_record_is_read(void **state)
{
	struct hyper h;

	(void)state;
	/* An emulated CPU of QEMU. */
	parse_ok("# LEAF EAX EBX ECX EDX\n"
		 "0x40000000 0x40000001 0x54474354 0x43544743 0x47435447\n"
		 "0x40000001 0x00000000 0x00000000 0x00000000 0x00000000\n",
		 &h);
	assert_string_equal(h.kind->name, "QEMU (TCG)");
	assert_false(h.tdx_guest);
}

static void hyper_vs_signature_gives_way_to_any_other(void **state)
{
	static const char *const behind[] = { "KVMKVMKVM", "XenVMMXenVMM", "TCGTCGTCGTCG", "bhyve bhyve " };

	(void)state;
	for (size_t i = 0; i < sizeof(behind) / sizeof(behind[0]); i++)
		for (uint32_t at = 0x40000100; at <= 0x40000f00; at += 0x100) {
			char text[300];
			struct hyper h;
			int n = block(text, 0x40000000, 0x4000000b, "Microsoft Hv");

			n += sprintf(text + n, "0x40000001 31237648 0 0 0\n");
			block(text + n, at, at + 1, behind[i]);
			parse_ok(text, &h);
			assert_string_equal(h.signature, behind[i]);
			assert_false(h.kind->mimicked);
		}
}

static void blocks_beyond_the_last_do_not_count(void **state)
{
	char text[300];
	struct hyper h;
	int n = block(text, 0x40000000, 0x4000000b, "Microsoft Hv");

	(void)state;
	block(text + n, 0x40001000, 0x40001001, "KVMKVMKVM");
	parse_ok(text, &h);
	assert_string_equal(h.kind->name, "Hyper-V");
	/* Nor does a signature in a leaf that begins no block. */
	block(text, 0x40000010, 0x40000011, "KVMKVMKVM");
	parse_ok(text, &h);
	assert_null(h.kind);
	assert_false(h.guest);
}

static void hosts_of_old_announce_nothing_and_are_known_all_the_same(void **state)
{
	char text[100];
	struct hyper h;

	(void)state;
	block(text, 0x40000000, 0, "KVMKVMKVM");
	parse_ok(text, &h);
	assert_true(h.guest);
	assert_string_equal(h.kind->name, "KVM");
}

static void an_unknown_signature_is_shown_and_not_guessed(void **state)
{
	struct hyper h;

	(void)state;
	parse_ok("40000000 40000005 64636261 0a686766 00006b6a\n", &h);
	assert_null(h.kind);
	assert_string_equal(h.signature, "abcdfgh.jk");
	/* Without the hypervisor bit the leaf alone proves nothing: Intel CPUs answer it with other registers. */
	assert_false(h.guest);
}

static void the_first_of_equals_counts_and_noise_in_later_blocks_does_not(void **state)
{
	char text[300];
	struct hyper h;
	int n = block(text, 0x40000000, 0x40000001, "VMwareVMware");

	(void)state;
	block(text + n, 0x40000100, 0x40000101, "KVMKVMKVM");
	parse_ok(text, &h);
	assert_string_equal(h.kind->name, "VMware");
	n = block(text, 0x40000000, 0, "");
	block(text + n, 0x40000100, 7, "noise");
	parse_ok(text, &h);
	assert_string_equal(h.signature, "");
	block(text + n, 0x40000100, 0x40000100, "some one");
	parse_ok(text, &h);
	assert_string_equal(h.signature, "some one");
}

static void a_block_ends_where_it_says_within_reason(void **state)
{
	static const struct {
		uint32_t base, eax;
		bool kvm;
		uint32_t end;
	} t[] = {
		{ 0x40000000, 0x40000001, false, 0x40000001 },
		{ 0x40000100, 0x40000110, true, 0x40000110 },
		{ 0x40000000, 0x4000003f, false, 0x4000003f },
		{ 0x40000000, 0x400000ff, false, 0x4000003f },
		{ 0x40000000, 0x40000100, false, 0x40000000 },
		{ 0x40000100, 0x40000001, false, 0x40000100 },
		{ 0x40000000, 0xffffffff, false, 0x40000000 },
		{ 0x40000000, 0, false, 0x40000000 },
		{ 0x40000000, 0, true, 0x40000001 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const uint32_t kvm[4] = { t[i].eax, 0x4b4d564b, 0x564b4d56, 0x4d };
		const uint32_t none[4] = { t[i].eax, 1, 2, 3 };

		assert_int_equal(hyper_block_end(t[i].base, t[i].kvm ? kvm : none), t[i].end);
	}
}

static void a_signature_must_match_to_the_last_byte(void **state)
{
	static const char *const near[] = { "KVMKVMKVM\x01", "KVMKVMKV", "kvmkvmkvm", "VMwareVMwarf", "Jailhouse1" };

	(void)state;
	for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++) {
		char text[100];
		struct hyper h;

		block(text, 0x40000000, 0x40000001, near[i]);
		parse_ok(text, &h);
		assert_null(h.kind);
	}
}

static void leaf_0x21_names_a_tdx_guest(void **state)
{
	struct hyper h;

	(void)state;
	/* EBX "Inte", ECX "    ", EDX "lTDX" */
	parse_ok("0x21 0 0x65746e49 0x20202020 0x5844546c\n"
		 "0x40000000 0x40000001 0x4b4d564b 0x564b4d56 0x0000004d\n",
		 &h);
	assert_true(h.tdx_guest && h.guest);
	assert_string_equal(h.kind->name, "KVM");
	parse_ok("0x21 0 0x65746e49 0x20202020 0x5844546c\n", &h);
	assert_true(h.tdx_guest && h.guest);
	assert_null(h.kind);
	parse_ok("0x21 0 0x65746e49 0x20202020 0x5844546d\n", &h);
	assert_false(h.tdx_guest || h.guest);
}

static void what_is_not_the_form_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text;
		unsigned int line;
		const char *what;
	} t[] = {
		{ "x\n", 1, "not LEAF EAX EBX ECX EDX" },
		{ "\n# c\n40000000 1 2 3\n", 3, "not LEAF EAX EBX ECX EDX" },
		{ "40000000 1 2 3 4 5\n", 1, "not LEAF EAX EBX ECX EDX" },
		{ "40000000 1 2 3 100000000\n", 1, "not LEAF EAX EBX ECX EDX" },
		{ "140000000 1 2 3 4\n", 1, "not LEAF EAX EBX ECX EDX" },
		{ "40000000 1 2 3 -4\n", 1, "not LEAF EAX EBX ECX EDX" },
		{ "40000000 1 2 3 4\n40000000 1 2 3 4\n", 2, "leaves do not ascend" },
		{ "40000001 1 2 3 4\n40000000 1 2 3 4\n", 2, "leaves do not ascend" },
		{ "40000000 1 2 3 4\n40000001 1 2 3 4", 2, "the last line has no end: it may be cut" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const char *what;
		unsigned int line;
		struct hyper h;

		assert_int_equal(parse(t[i].text, &h, &line, &what), -EBADMSG);
		assert_int_equal(line, t[i].line);
		assert_string_equal(what, t[i].what);
		assert_false(h.guest);
	}
}

static void no_file_can_bring_more_leaves_than_there_is_room_for(void **state)
{
	char *text = malloc(1100 * 24), *p = text;
	const char *what;
	unsigned int line;
	struct hyper h;

	(void)state;
	for (unsigned int i = 0; i < 1025; i++)
		p += sprintf(p, "%x 0 0 0 0\n", 0x40000000 + i);
	parse_ok(text, &h);
	sprintf(p, "%x 0 0 0 0\n", 0x50000000);
	assert_int_equal(parse(text, &h, &line, &what), -EBADMSG);
	assert_int_equal(line, 1026);
	free(text);
}

static int read_with(const char *text, bool bit_known, bool bit, struct hyper *h)
{
	struct cpu cpu = { .hypervisor_bit = bit };
	struct temproot r;
	int err;

	if (bit_known)
		fact_known(&cpu.fact, "test");
	else
		fact_missing(&cpu.fact, NULL, "test", ENOENT, NULL);
	temproot_make(&r);
	if (text)
		temproot_add(&r, "wcdiag/hypervisor.txt", text);
	err = hyper_read(temproot_open(&r), &cpu, h);
	temproot_drop(&r);
	return err;
}

#define KVM_LINE  "0x40000000 0x40000001 0x4b4d564b 0x564b4d56 0x0000004d\n"
#define JUNK_LINE "0x40000000 0x00000007 0x00000340 0x00000340 0x00000000\n"

static void the_bit_and_the_leaves_decide_together(void **state)
{
	static const struct {
		const char *text;
		bool known, bit;
		enum fact_state want;
		bool guest;
		int err;
	} t[] = {
		{ NULL, true, false, FACT_ABSENT, false, 0 },
		{ NULL, true, true, FACT_MISSING, true, -ENODATA },
		{ NULL, false, false, FACT_MISSING, false, -ENODATA },
		{ KVM_LINE, true, true, FACT_KNOWN, true, 0 },
		{ KVM_LINE, true, false, FACT_KNOWN, true, 0 },
		{ KVM_LINE, false, false, FACT_KNOWN, true, 0 },
		{ JUNK_LINE, true, false, FACT_ABSENT, false, 0 },
		{ JUNK_LINE, true, true, FACT_KNOWN, true, 0 },
		{ JUNK_LINE, false, false, FACT_MISSING, false, -EBADMSG },
		{ "", true, false, FACT_ABSENT, false, 0 },
		{ "", true, true, FACT_KNOWN, true, 0 },
		{ "x\n", true, true, FACT_MISSING, true, -EBADMSG },
		{ "x\n", true, false, FACT_MISSING, false, -EBADMSG },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct hyper h;
		int err = read_with(t[i].text, t[i].known, t[i].bit, &h);

		if (err != t[i].err || h.fact.state != t[i].want || h.guest != t[i].guest)
			fail_msg("row %zu: %d, state %d, guest %d", i, err, h.fact.state, h.guest);
		if (h.fact.state == FACT_ABSENT)
			assert_string_equal(h.signature, "");
	}
}

static void this_machines_record_says_what_this_machine_says(void **state)
{
	struct hyper live, recorded;
	struct cpu cpu;
	struct src *s;
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(src_open_live(&s), 0);
	assert_int_equal(cpu_read(s, &cpu), 0);
	assert_int_equal(hyper_read(s, &cpu, &live), 0);
	src_close(s);
	assert_int_equal(hyper_record(&text, &len), 0);
	assert_int_equal(strlen(text), len);
	assert_int_equal(read_with(text, true, cpu.hypervisor_bit, &recorded), 0);
	assert_int_equal(recorded.guest, live.guest);
	assert_int_equal(recorded.fact.state, live.fact.state);
	assert_ptr_equal(recorded.kind, live.kind);
	assert_string_equal(recorded.signature, live.signature);
	assert_int_equal(recorded.tdx_guest, cpu.tdx_guest);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_known_signature_is_recognised),
		cmocka_unit_test(a_real_record_is_read),
		cmocka_unit_test(hyper_vs_signature_gives_way_to_any_other),
		cmocka_unit_test(blocks_beyond_the_last_do_not_count),
		cmocka_unit_test(hosts_of_old_announce_nothing_and_are_known_all_the_same),
		cmocka_unit_test(an_unknown_signature_is_shown_and_not_guessed),
		cmocka_unit_test(the_first_of_equals_counts_and_noise_in_later_blocks_does_not),
		cmocka_unit_test(a_block_ends_where_it_says_within_reason),
		cmocka_unit_test(a_signature_must_match_to_the_last_byte),
		cmocka_unit_test(leaf_0x21_names_a_tdx_guest),
		cmocka_unit_test(what_is_not_the_form_is_refused_with_its_line),
		cmocka_unit_test(no_file_can_bring_more_leaves_than_there_is_room_for),
		cmocka_unit_test(the_bit_and_the_leaves_decide_together),
		cmocka_unit_test(this_machines_record_says_what_this_machine_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
