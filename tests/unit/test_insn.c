// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_insn.c - single instructions: what they touch, by hand; and what that is to the model, seen from a range.
 * Whether the CPU does the same: test_insn_truth.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "insn_rows.h"

static const struct insn_cpu cpu = { .xsave = 2696, .xsavec = 1024 };

/* The registers that insn_rows.h goes by. */
static struct insn_regs a_cpu(void)
{
	static const int32_t dwords[16] = { 0, 16, -32, 48 };
	static const int64_t qwords[8] = { 1, -1, 2, -2 };
	struct insn_regs r = {
		.gpr = { 0x1000, 3, 0x2000, 0x3000, 0x7000, 0x8000, 0x4000, 0x5000, 0x6000, 0x9000, 0xa000, 0xb000,
			 0xc000, 0xd000, (uint64_t)-8, 0x123456780 },
		.rip = 0x400000,
		.fs_base = 0x7f0000000000,
		.gs_base = 0x100000000000,
		.have = INSN_HAVE_K | INSN_HAVE_XMM | INSN_HAVE_YMM | INSN_HAVE_ZMM | INSN_HAVE_MM,
		.k = { 0, 0x00ff, 0xaaaaaaaaaaaaaaaa, 0, 1, UINT64_MAX, 0, 0 },
		.mm = { 0, 0x0080008000800080 },
	};

	memcpy(r.v[2], dwords, sizeof(dwords));
	for (int i = 0; i < 16; i += 2)
		r.v[3][i] = 0x80;
	r.v[4][3] = r.v[4][15] = r.v[4][19] = r.v[4][31] = 0x80;
	memcpy(r.v[5], qwords, sizeof(qwords));
	return r;
}

static int decode(const void *bytes, size_t n, struct insn *in)
{
	uint8_t *exact = malloc(n ? n : 1); /* so that an over-read is seen */
	int err;

	assert_non_null(exact);
	memcpy(exact, bytes, n);
	err = insn_decode(exact, n, in);
	free(exact);
	return err;
}

static void same(const struct row *r, const char *what, const struct touched *want, unsigned int n,
		 const struct insn_access *got, unsigned int ngot)
{
	bool equal = n == ngot;

	for (unsigned int i = 0; i < n && equal; i++)
		equal = want[i].addr == got[i].addr && want[i].size == got[i].size &&
			(want[i].sort != UNSURE) == got[i].sure && (want[i].sort == MASKED) == got[i].masked &&
			(!got[i].masked || want[i].mask == got[i].mask);
	if (equal)
		return;
	for (unsigned int i = 0; i < ngot; i++)
		print_message("# %s: %s %" PRIx64 " +%u mask %" PRIx64 "%s\n", r->text, what, got[i].addr, got[i].size,
			      got[i].mask, got[i].sure ? "" : " not sure");
	fail_msg("%s: other %s", r->text, what);
}

static void each_row(void **state)
{
	const struct insn_regs regs = a_cpu();
	size_t n = sizeof(rows) / sizeof(rows[0]);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		const struct row *r = &rows[i];
		struct insn_effect e;
		struct insn in;

		if (decode(r->bytes, r->n, &in))
			fail_msg("%s: is not decoded", r->text);
		if (in.len != r->n || in.flags != r->flags)
			fail_msg("%s: length %u, flags %x", r->text, in.len, in.flags);
		insn_resolve(&in, &regs, &cpu, &e);
		if (e.unknown != r->unknown || e.stores_anywhere != r->anywhere || e.reads_anywhere != r->anywhere)
			fail_msg("%s: unknown %x, anywhere %d %d", r->text, e.unknown, e.stores_anywhere,
				 e.reads_anywhere);
		same(r, "stores", r->stores, r->ns, e.stores, e.nstores);
		same(r, "reads", r->reads, r->nr, e.reads, e.nreads);
		assert_int_equal(e.count, r->flags & INSN_REP ? 3 : 1);
		if (r->flags & INSN_FLUSH)
			assert_true(e.line == 0x5000 || e.line == 0x5005);
		/* Cut short it is no instruction yet. */
		for (unsigned int k = 0; k < r->n && r->text[0] != '.'; k++)
			assert_int_equal(decode(r->bytes, k, &in), -ENODATA);
	}
}

static void what_is_none(void **state)
{
	static const uint8_t prefixes[16] = { 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
					      0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x90 };
	struct insn in;

	(void)state;
	assert_int_equal(decode("\x06", 1, &in), -EBADMSG);	/* push es: not in 64-bit mode */
	assert_int_equal(decode("\xf0\x90", 2, &in), -EBADMSG); /* lock nop */
	assert_int_equal(decode(prefixes, 16, &in), -EBADMSG);	/* 16 bytes */
	assert_int_equal(decode("", 0, &in), -ENODATA);
}

/* Without the registers that say which bytes, it says that it does not know, and where they may be. */
static void without_vectors(void **state)
{
	static const uint8_t kmask[] = { 0x62, 0xf1, 0x7e, 0x49, 0x7f, 0x07 }; /* vmovdqu32 %zmm0,(%rdi){%k1} */
	static const uint8_t vmask[] = { 0xc4, 0xe2, 0x5d, 0x2e, 0x07 };       /* vmaskmovps %ymm0,%ymm4,(%rdi) */
	static const uint8_t scatter[] = { 0x62, 0xf2, 0x7d, 0x0d, 0xa0, 0x44, 0x97, 0x01 }; /* vpscatterdd, xmm2 */
	struct insn_regs regs = a_cpu();
	struct insn_effect e;
	struct insn in;

	(void)state;
	regs.have = 0;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(decode(i ? vmask : kmask, i ? sizeof(vmask) : sizeof(kmask), &in), 0);
		assert_true(in.vectors);
		insn_resolve(&in, &regs, NULL, &e);
		assert_int_equal(e.unknown, INSN_NO_REGS);
		assert_int_equal(e.nstores, 1);
		assert_false(e.stores[0].sure);
		assert_int_equal(e.stores[0].addr, 0x5000);
		assert_int_equal(e.stores[0].size, i ? 32 : 64);
	}
	assert_int_equal(decode(scatter, sizeof(scatter), &in), 0);
	insn_resolve(&in, &regs, NULL, &e);
	assert_true(e.stores_anywhere && !e.reads_anywhere);
	assert_int_equal(e.unknown, INSN_NO_REGS);
	assert_int_equal(e.nstores, 0);
	/* ymm is not enough for zmm, xmm not for ymm, and nothing but zmm for registers from 16 up. */
	regs.have = INSN_HAVE_XMM | INSN_HAVE_K;
	assert_int_equal(decode(vmask, sizeof(vmask), &in), 0);
	insn_resolve(&in, &regs, NULL, &e);
	assert_int_equal(e.unknown, INSN_NO_REGS);
	assert_int_equal(decode("\x0f\xae\x27", 3, &in), 0); /* xsave (%rdi), of nobody knows what size */
	insn_resolve(&in, &regs, NULL, &e);
	assert_true(e.stores_anywhere && e.unknown == INSN_SIZE && !in.vectors);
}

struct events {
	unsigned int n;
	struct model_event e[64];
};

static int collect(const struct model_event *e, void *ctx)
{
	struct events *l = ctx;

	if (model_event_wrong(e))
		fail_msg("%s", model_event_wrong(e));
	assert_int_equal(e->ip, 0x400000);
	if (l->n == 64)
		return -E2BIG;
	l->e[l->n++] = *e;
	return 0;
}

static const struct insn_range bar = { .addr = 0x5000, .size = 0x1000, .type = MT_WC };

/* The events of an instruction as short words: "S5000+8 L", ... */
static const char *events_of(const void *bytes, size_t n, const struct insn_regs *regs, uint64_t done,
			     const struct insn_range *range, unsigned int *unsaid)
{
	static const char kinds[ME_KINDS + 1] = "SRsmlLCUPIYG?";
	static char text[2048];
	struct events l = { 0 };
	struct insn_effect e;
	struct insn in;
	size_t at = 0;

	assert_int_equal(decode(bytes, n, &in), 0);
	insn_resolve(&in, regs, &cpu, &e);
	assert_int_equal(insn_events(&in, &e, regs->rip, done, range, collect, &l, unsaid), 0);
	text[0] = 0;
	for (unsigned int i = 0; i < l.n; i++) {
		const struct model_event *v = &l.e[i];

		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%c", i ? " " : "", kinds[v->kind]);
		if (v->kind > ME_READ)
			continue;
		assert_int_equal(v->type, range->type);
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%" PRIx64 "+%u%s%s", v->addr, v->size,
				       v->flags & ME_REP ? "r" : "", v->flags & ME_DIRECT ? "d" : "");
		if (v->flags & ME_MASKED)
			at += (size_t)snprintf(text + at, sizeof(text) - at, "/%" PRIx64, v->mask);
	}
	return text;
}

#define SAYS(code, regs, done, range, want, left)                                                                      \
	do {                                                                                                           \
		unsigned int unsaid_ = 99;                                                                             \
		assert_string_equal(events_of(code, sizeof(code) - 1, regs, done, range, &unsaid_), want);             \
		assert_int_equal(unsaid_, left);                                                                       \
	} while (0)

static void events_of_the_range(void **state)
{
	struct insn_regs r = a_cpu();
	struct insn_range edge = { .addr = 0x5004, .size = 8, .type = MT_UC }, none = { .addr = 0x5000 };

	(void)state;
	SAYS("\x48\x89\x07", &r, 1, &bar, "S5000+8", 0); /* movq %rax,(%rdi) */
	SAYS("\x48\x89\x07", &r, 0, &bar, "", 0);
	SAYS("\x48\x89\x07", &r, 1, &none, "", 0);
	SAYS("\x48\x89\x07", &r, 1, &edge, "S5004+4", 0);
	SAYS("\x48\x89\x47\x0a", &r, 1, &edge, "S500a+2", 0); /* movq %rax,10(%rdi) */
	SAYS("\x48\x89\x47\x0c", &r, 1, &edge, "", 0);
	SAYS("\x48\x89\x47\xfc", &r, 1, &edge, "", 0);	  /* movq %rax,-4(%rdi) */
	SAYS("\x0f\x29\x07", &r, 1, &edge, "S5004+8", 0); /* movaps: around it */
	SAYS("\x48\x8b\x07", &r, 1, &bar, "R5000+8", 0);
	SAYS("\x01\x07", &r, 1, &bar, "R5000+4 S5000+4", 0);
	SAYS("\xf0\x01\x07", &r, 1, &bar, "R5000+4 L S5000+4 L", 0);
	SAYS("\xf0\x01\x06", &r, 1, &bar, "L", 0); /* elsewhere */
	SAYS("\x0f\xae\xf8", &r, 1, &bar, "s", 0);
	SAYS("\x0f\xae\xf0", &r, 1, &bar, "m", 0);
	SAYS("\x0f\xae\xe8", &r, 1, &none, "l", 0);
	SAYS("\x0f\xa2", &r, 1, &bar, "C", 0);
	SAYS("\x0f\x05", &r, 1, &bar, "Y", 0);
	SAYS("\xcc", &r, 1, &bar, "I", 0);
	SAYS("\xec", &r, 1, &bar, "P", 0);
	/* Masks are cut with their store: bytes 0 .. 15 even ones; a mask that leaves nothing is no store. */
	SAYS("\x66\x0f\xf7\xc3", &r, 1, &bar, "S5000+16/5555", 0);
	edge.addr = 0x5003;
	SAYS("\x66\x0f\xf7\xc3", &r, 1, &edge, "S5003+8/aa", 0);
	edge.size = 1;
	SAYS("\x66\x0f\xf7\xc3", &r, 1, &edge, "", 0);
}

static void events_of_direct(void **state)
{
	struct insn_regs r = a_cpu();
	struct insn_range half = { .addr = 0x5020, .size = 0x1000, .type = MT_WC };

	(void)state;
	SAYS("\x66\x0f\x38\xf8\x3e", &r, 1, &bar, "S5000+64d", 0);
	SAYS("\x66\x0f\x38\xf8\x3e", &r, 1, &half, "", INSN_EDGE);
	SAYS("\x0f\x38\xf9\x07", &r, 1, &bar, "S5000+4d", 0); /* movdiri %eax,(%rdi) */
	/* What is not known, and near: missing, and said so. Far away: nothing is missing. */
	SAYS("\x0f\xae\x07", &r, 1, &half, "", INSN_AREA); /* fxsave (%rdi) */
	SAYS("\x0f\xae\x06", &r, 1, &bar, "", 0);
	SAYS("\x0f\x01\xd5", &r, 1, &bar, "", INSN_NOT_TOLD); /* xend */
	SAYS("\x0f\xae\x3f", &r, 1, &bar, "", INSN_NOT_TOLD); /* clflush (%rdi) */
	SAYS("\x0f\xae\x3e", &r, 1, &bar, "", 0);
}

static void events_of_strings(void **state)
{
	struct insn_regs r = a_cpu();
	struct insn_range edge = { .addr = 0x5009, .size = 4, .type = MT_WC };
	struct insn_range both = { .addr = 0x3000, .size = 0x4000, .type = MT_WC };

	(void)state;
	SAYS("\xf3\x48\xab", &r, UINT64_MAX, &bar, "S5000+8r S5008+8r S5010+8r", 0); /* rep stosq */
	SAYS("\xf3\x48\xab", &r, 2, &bar, "S5000+8r S5008+8r", 0);
	SAYS("\xf3\x48\xab", &r, 3, &edge, "S5009+4r", 0);
	SAYS("\x48\xab", &r, 3, &bar, "S5000+8", 0);
	SAYS("\xf3\xa4", &r, 2, &both, "R4000+1 S5000+1r R4001+1 S5001+1r", 0); /* rep movsb */
	SAYS("\xf3\xa6", &r, 1, &bar, "R5000+1", 0);				/* repe cmpsb, of which one was made */
	r.flags = 1 << 10;
	SAYS("\xf3\xab", &r, 3, &bar, "S5000+4r", 0); /* rep stosl, downwards: two lie below */
	edge.addr = 0x4ffb;
	SAYS("\xf3\xab", &r, 3, &edge, "S4ffc+3 S4ffb+1r", 0); /* 4ffc .. 4fff, 4ff8 .. 4ffb: cut */
	r.flags = 0;
	r.gpr[1] = 0;
	SAYS("\xf3\xab", &r, UINT64_MAX, &bar, "", 0);
	/* Very many, of which few are there: neither long nor wrong. */
	r.gpr[1] = UINT64_MAX;
	edge.addr = 0x7ffff0000003;
	SAYS("\xf3\x48\xab", &r, UINT64_MAX, &edge, "S7ffff0000003+4r", 0);
	SAYS("\xf3\x6c", &r, 2, &bar, "P S5000+1r P S5001+1r", 0); /* rep insb */
	SAYS("\xf3\x6c", &r, 2, &edge, "P", 0);
	SAYS("\xf3\x6e", &r, 2, &bar, "P", 0); /* rep outsb, from elsewhere */
}

static void strings_end_with_the_address_space(void **state)
{
	struct insn_regs r = a_cpu();
	struct insn_effect e;
	struct insn in;

	(void)state;
	assert_int_equal(decode("\xf3\x48\xab", 3, &in), 0); /* rep stosq */
	r.gpr[7] = UINT64_MAX - 15;
	insn_resolve(&in, &r, NULL, &e);
	assert_true(e.count == 2 && e.unknown == INSN_FAULTS && e.nstores == 1);
	r.flags = 1 << 10;
	r.gpr[7] = 8;
	insn_resolve(&in, &r, NULL, &e);
	assert_true(e.count == 2 && e.unknown == INSN_FAULTS && e.step == -8);
	assert_int_equal(decode("\x67\xf3\x48\xab", 4, &in), 0); /* by edi and ecx */
	r.flags = 0;
	r.gpr[7] = 0xfffffff0;
	r.gpr[1] = 0x500000002;
	insn_resolve(&in, &r, NULL, &e);
	assert_true(e.count == 2 && !e.unknown);
	r.gpr[1] = 3;
	insn_resolve(&in, &r, NULL, &e);
	assert_true(e.count == 2 && e.unknown == INSN_FAULTS);
}

/* The areas of ptrace: what is in its initial state is 0 whatever its bytes are; what is not reached is not had. */
static void xstate(void **state)
{
	const struct insn_xlayout l = { .ymm = 576, .k = 832, .zmm_high = 896, .zmm_more = 1408 };
	const struct insn_xlayout none = { 0 };
	struct insn_regs r = { .gpr = { 7 } };
	size_t n = 2432;
	uint8_t *area = malloc(n);

	(void)state;
	assert_non_null(area);
	for (size_t i = 0; i < n; i++)
		area[i] = (uint8_t)(i * 7 + i / 256);
	memset(area + 512, 0, 16);
	assert_int_equal(insn_xstate(area, n, &l, &r), 0);
	assert_int_equal(r.have, INSN_HAVE_MM | INSN_HAVE_XMM | INSN_HAVE_YMM | INSN_HAVE_ZMM | INSN_HAVE_K);
	assert_true(!r.k[1] && !r.v[3][20] && !r.v[20][0] && !r.mm[2] && r.gpr[0] == 7);
	area[512] = 0xe7;
	assert_int_equal(insn_xstate(area, n, &l, &r), 0);
	assert_memory_equal(&r.mm[2], area + 32, 8); /* 2 is the top of the x87 stack, and st(0) comes first */
	assert_memory_equal(&r.mm[1], area + 144, 8);
	assert_memory_equal(r.v[15], area + 400, 16);
	assert_memory_equal(r.v[15] + 16, area + 816, 16);
	assert_memory_equal(r.v[15] + 32, area + 1376, 32);
	assert_memory_equal(r.v[31], area + 2368, 64);
	assert_memory_equal(&r.k[7], area + 888, 8);
	assert_int_equal(insn_xstate(area, n - 1, &l, &r), 0);
	assert_int_equal(r.have, INSN_HAVE_MM | INSN_HAVE_XMM | INSN_HAVE_YMM);
	assert_int_equal(insn_xstate(area, n, &none, &r), 0);
	assert_int_equal(r.have, INSN_HAVE_MM | INSN_HAVE_XMM);
	/* Top 0, no exception waits, all tags say used: as after an MMX instruction. */
	area[2] = area[3] = 0;
	area[4] = 0xff;
	assert_int_equal(insn_xstate(area, n, &none, &r), 0);
	assert_int_equal(r.have, INSN_HAVE_MM | INSN_HAVE_XMM | INSN_IN_MMX);
	assert_memory_equal(&r.mm[2], area + 64, 8);
	area[4] = 0xfe;
	assert_int_equal(insn_xstate(area, n, &none, &r), 0);
	assert_false(r.have & INSN_IN_MMX);
	area[4] = 0xff;
	area[3] = 0x08;
	assert_int_equal(insn_xstate(area, n, &none, &r), 0);
	assert_false(r.have & INSN_IN_MMX);
	area[3] = 0;
	area[2] = 0x80;
	assert_int_equal(insn_xstate(area, n, &none, &r), 0);
	assert_false(r.have & INSN_IN_MMX);
	area[2] = 0;
	area[512] &= 0xfe;
	assert_int_equal(insn_xstate(area, n, &none, &r), 0);
	assert_false(r.have & INSN_IN_MMX);
	assert_int_equal(insn_xstate(area, 575, &l, &r), -EBADMSG);
	area[527] = 0x80; /* compacted */
	assert_int_equal(insn_xstate(area, n, &l, &r), -EBADMSG);
	free(area);
}

static void words(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < INSN_UNKNOWNS; i++)
		assert_true(strlen(insn_unknown_says(1u << i)) > 10);
	assert_string_equal(insn_unknown_says(1u << INSN_UNKNOWNS), "nothing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row),
		cmocka_unit_test(what_is_none),
		cmocka_unit_test(without_vectors),
		cmocka_unit_test(events_of_the_range),
		cmocka_unit_test(events_of_direct),
		cmocka_unit_test(events_of_strings),
		cmocka_unit_test(strings_end_with_the_address_space),
		cmocka_unit_test(xstate),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests_name("insn", tests, NULL, NULL);
}
