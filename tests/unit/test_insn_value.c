// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_insn_value.c - the value of a store, by hand; and a store done again: so many bytes, those, and none beside.
 * Whether the CPU does the same: test_insn_truth.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "insn_value_rows.h"

#define ALL (INSN_HAVE_K | INSN_HAVE_XMM | INSN_HAVE_YMM | INSN_HAVE_ZMM | INSN_HAVE_MM | INSN_IN_MMX)

/* The registers that insn_value_rows.h goes by. */
static struct insn_regs a_cpu(void)
{
	struct insn_regs r = {
		.gpr = { 0x1122334455667788, 3, 0x2122232425262728, 0x3132333435363738, 0x7020, 0x8000, 0x4000, 0x5000,
			 0x8182838485868788, 0x9192939495969798, 0xa1, 0xb1, 0xc1, 0xd1, 0xe1e2e3e4e5e6e7e8,
			 0xf1f2f3f4f5f6f7f8 },
		.rip = 0x400000,
		.fs_base = 0x7f0000000000,
		.have = ALL,
		.k = { 0, 0x00ff, 0xaaaaaaaaaaaaaaaa, 0, 1, UINT64_MAX, 0, 0 },
		.mm = { [5] = 0x616059585d5c5b5a },
	};

	for (int i = 0; i < 32; i++)
		for (int j = 0; j < 64; j++)
			r.v[i][j] = (uint8_t)(i << 3 ^ j);
	memset(r.v[4], 0, sizeof(r.v[4]));
	r.v[4][3] = r.v[4][7] = r.v[4][31] = 0x80;
	return r;
}

static int value_of(const void *bytes, size_t n, const struct insn_regs *regs, struct insn *in, struct insn_value *v)
{
	uint8_t *exact = malloc(n); /* so that an over-read is seen */
	int err;

	assert_non_null(exact);
	memcpy(exact, bytes, n);
	if (insn_decode(exact, n, in))
		fail_msg("not decoded: %02x %02x %02x", exact[0], exact[1], exact[2]);
	err = insn_value(exact, n, in, regs, v);
	free(exact);
	return err;
}

static void same(const struct row *r, const struct insn_regs *regs, const struct insn_value *v)
{
	const void *want = r->vector ? (const void *)(regs->v[r->vector] + r->at) : (const void *)&r->is;

	if (v->size != r->size || v->kind != r->kind || v->from != r->from || v->aligned != r->aligned ||
	    v->masked != r->masked || v->mask != r->mask || v->source != r->source)
		fail_msg("%s: size %u kind %d from %d aligned %d masked %d %lx source %lx", r->text, v->size, v->kind,
			 v->from, v->aligned, v->masked, (long)v->mask, (long)v->source);
	if (v->from == INSN_FROM_BYTES && memcmp(v->bytes, want, v->size))
		fail_msg("%s: %02x %02x %02x %02x ...", r->text, v->bytes[0], v->bytes[1], v->bytes[2], v->bytes[3]);
}

static void each_row(void **state)
{
	const struct insn_regs regs = a_cpu();
	struct insn_regs none = regs;

	(void)state;
	none.have = 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		bool needs = r->vector || r->vectors || r->masked;
		struct insn_value v;
		struct insn in;
		int err = value_of(r->bytes, r->n, &regs, &in, &v);

		if (err != r->err)
			fail_msg("%s: %d", r->text, err);
		if (!err)
			same(r, &regs, &v);
		/* Whether registers are missing is said, and nothing is made up for them. */
		err = value_of(r->bytes, r->n, &none, &in, &v);
		if (r->err ? err != r->err && !(in.vectors && err == -ENODATA) : err != (needs ? -ENODATA : 0))
			fail_msg("%s: %d without vectors", r->text, err);
		if (!err)
			same(r, &regs, &v);
		/* AC: what is not aligned faults, and the program shall see it. */
		none.flags = 1 << 18;
		assert_int_equal(value_of(r->bytes, r->n, &none, &in, &v), -EOPNOTSUPP);
		none.flags = 0;
	}
}

static void parts_of_registers(void **state)
{
	static const uint8_t ymm3[] = { 0xc5, 0xfc, 0x11, 0x1f };	       /* vmovups %ymm3,(%rdi) */
	static const uint8_t xmm19[] = { 0x62, 0xe1, 0x7c, 0x08, 0x11, 0x1f }; /* vmovups %xmm19,(%rdi) */
	static const uint8_t mm5[] = { 0x0f, 0x7f, 0x2f };		       /* movq %mm5,(%rdi) */
	static const uint8_t stos[] = { 0x67, 0xf3, 0xab };		       /* addr32 rep stosl */
	struct insn_regs regs = a_cpu();
	struct insn_value v;
	struct insn in;

	(void)state;
	regs.have = INSN_HAVE_XMM;
	assert_int_equal(value_of(ymm3, sizeof(ymm3), &regs, &in, &v), -ENODATA);
	regs.have = INSN_HAVE_XMM | INSN_HAVE_YMM;
	assert_int_equal(value_of(ymm3, sizeof(ymm3), &regs, &in, &v), 0);
	assert_int_equal(value_of(xmm19, sizeof(xmm19), &regs, &in, &v), -ENODATA);
	/* While the x87 unit holds something else an MMX store has more effects. */
	regs.have = ALL & ~(unsigned int)INSN_IN_MMX;
	assert_int_equal(value_of(mm5, sizeof(mm5), &regs, &in, &v), -EOPNOTSUPP);
	regs.gpr[1] = 0x100000000; /* ecx is 0 */
	assert_int_equal(value_of(stos, sizeof(stos), &regs, &in, &v), -EOPNOTSUPP);
	/* Bytes cut short: not those of this instruction. */
	assert_int_equal(insn_value(stos, 2, &in, &regs, &v), -EOPNOTSUPP);
}

static bool has_avx(void)
{
	return __builtin_cpu_supports("avx");
}

static bool has_avx512(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512vl");
}

#define PAGE  ((size_t)4096)
#define BLANK 0xa5

/* Two pages, and behind them one that nobody may touch. */
static uint8_t *pages(void)
{
	uint8_t *m = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(m != MAP_FAILED);
	assert_int_equal(mprotect(m + 2 * PAGE, PAGE, PROT_NONE), 0);
	return m;
}

/* true: there is an instruction for it here. Put there, compared, wiped. */
static bool stored(uint8_t *m, const struct insn_value *v, size_t at)
{
	const uint64_t mask = v->masked ? v->mask : UINT64_MAX;
	int can = insn_put_can(v, m + at), err;
	uint8_t b[64];

	for (size_t i = 0; i < sizeof(b); i++)
		b[i] = (uint8_t)(i + 1);
	memset(m, BLANK, 2 * PAGE);
	err = insn_put(v, b, m + at);
	assert_int_equal(err, can);
	assert_true(!err || err == -EOPNOTSUPP);
	for (size_t i = 0; i < 2 * PAGE; i++)
		if (m[i] != (!err && i >= at && i - at < v->size && mask >> (i - at) & 1 ? b[i - at] : BLANK))
			fail_msg("size %u kind %d mask %lx at %zu: byte %zd is %02x", v->size, v->kind, (long)mask, at,
				 (ssize_t)(i - at), m[i]);
	return !err;
}

static void whole_stores(void **state)
{
	static const uint16_t sizes[] = { 1, 2, 4, 8, 16, 32, 64 };
	uint8_t *m = pages();

	(void)state;
	for (unsigned int i = 0; i < 7; i++) {
		struct insn_value v = { .size = sizes[i] };
		size_t end = 2 * PAGE - v.size;
		bool have = v.size < 32 || (v.size == 32 ? has_avx() : has_avx512()), nt;

		assert_int_equal(stored(m, &v, 64), have);
		assert_int_equal(stored(m, &v, end), have);
		assert_int_equal(stored(m, &v, PAGE - 1), have);
		v.aligned = true;
		assert_int_equal(stored(m, &v, end), have);
		assert_int_equal(stored(m, &v, PAGE - 1), have && v.size == 1);
		v.kind = INSN_PUT_NT;
		nt = have && v.size >= 4;
		assert_int_equal(stored(m, &v, end), nt);
		assert_false(stored(m, &v, PAGE - 1));
		v.aligned = false;
		assert_int_equal(stored(m, &v, PAGE - 1), nt && v.size <= 8);
		/* Of these the CPU decides; of other sizes there is none. */
		v.kind = INSN_PUT_DIRECT;
		have = stored(m, &v, end);
		assert_true(!have || v.size == 4 || v.size == 8 || v.size == 64);
		assert_int_equal(stored(m, &v, PAGE - 1), have && v.size <= 8);
	}
	munmap(m, 3 * PAGE);
}

static void masked_stores(void **state)
{
	const bool avx512 = has_avx512(), avx = has_avx();
	uint64_t seed = 1;
	uint8_t *m = pages();

	(void)state;
	for (unsigned int size = 16; size <= 64; size *= 2) {
		uint64_t most = size == 64 ? UINT64_MAX : (1ULL << size) - 1;
		struct insn_value v = { .size = (uint16_t)size, .masked = true };

		for (int i = 0; i < 200; i++) {
			uint64_t four = 0;

			seed = seed * 6364136223846793005 + 1442695040888963407;
			for (unsigned int k = 0; k < 16; k++)
				four |= (seed >> (40 + k) & 1 ? 15ULL : 0) << 4 * k;
			v.mask = (seed >> 7 ^ seed >> 33) & most;
			v.mask |= !v.mask;
			assert_int_equal(stored(m, &v, 128 + i % 64), avx512);
			v.mask = four & most ? four & most : 15;
			assert_int_equal(stored(m, &v, 128 + i % 64), avx512 || (avx && size < 64));
			v.aligned = true;
			assert_int_equal(stored(m, &v, 128 + i % 64), i % 64 % size ? 0 : avx512 || (avx && size < 64));
			v.aligned = false;
		}
		/* What the mask leaves out may lie where nobody may store. */
		v.mask = 0x0f0f;
		stored(m, &v, 2 * PAGE - 12);
		v.mask = 1;
		stored(m, &v, 2 * PAGE - 1);
		v.kind = INSN_PUT_NT;
		assert_false(stored(m, &v, 128));
	}
	munmap(m, 3 * PAGE);
}

static void no_such_store(void **state)
{
	static const struct insn_value none[] = {
		{ .size = 0 },
		{ .size = 0, .aligned = true },
		{ .size = 3 },
		{ .size = 128 },
		{ .size = 8, .masked = true, .mask = 0x0f },
		{ .size = 64, .masked = true, .mask = 0x0f, .kind = INSN_PUT_DIRECT },
		{ .size = 8, .kind = (enum insn_put_kind)7 },
	};
	uint8_t *m = pages();

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_false(stored(m, &none[i], 64));
	munmap(m, 3 * PAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row),	 cmocka_unit_test(parts_of_registers), cmocka_unit_test(whole_stores),
		cmocka_unit_test(masked_stores), cmocka_unit_test(no_such_store),
	};

	return cmocka_run_group_tests_name("insn_value", tests, NULL, NULL);
}
