// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * insn_put.c - a store done again: one instruction of the width and kind wanted, written out, for a compiler may join,
 * split or repeat what it is left to choose.
 *
 * The compiler's own test of a CPU feature looks at CPUID and at what the kernel has enabled in XCR0.
 */
#include <cpuid.h>
#include <errno.h>
#include <string.h>

#include "probe/insn_value.h"

#define LEAF7_MOVDIRI	(1u << 27) /* SDM vol 2, CPUID.(EAX=07H,ECX=0):ECX */
#define LEAF7_MOVDIR64B (1u << 28)

#define AVX    __attribute__((target("avx"), noinline))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl"), noinline))

#define ONE(name, type, code)                                                                                          \
	static void name(const void *from, void *to)                                                                   \
	{                                                                                                              \
		type v;                                                                                                \
                                                                                                                       \
		memcpy(&v, from, sizeof(v));                                                                           \
		__asm__ volatile(code : : "r"(v), "r"(to) : "memory");                                                 \
	}

#define VECTOR(attribute, name, code, end)                                                                             \
	static attribute void name(const void *from, void *to)                                                         \
	{                                                                                                              \
		__asm__ volatile(code end : : "r"(from), "r"(to) : "xmm0", "memory");                                  \
	}

#define MASKED(name, load, code)                                                                                       \
	static AVX512 void name(const void *from, void *to, uint64_t mask)                                             \
	{                                                                                                              \
		__asm__ volatile("kmovq %2, %%k1; " load "; " code "%{%%k1%}; vzeroupper"                              \
				 :                                                                                     \
				 : "r"(from), "r"(to), "r"(mask)                                                       \
				 : "xmm0", "k1", "memory");                                                            \
	}

#define PATTERN(name, load, code)                                                                                      \
	static AVX void name(const void *from, void *to, uint64_t mask)                                                \
	{                                                                                                              \
		int32_t m[8];                                                                                          \
                                                                                                                       \
		for (int i = 0; i < 8; i++)                                                                            \
			m[i] = -(int32_t)(mask >> i & 1);                                                              \
		__asm__ volatile("vmovups (%2), %%ymm1; " load "; " code "; vzeroupper"                                \
				 :                                                                                     \
				 : "r"(from), "r"(to), "r"(m)                                                          \
				 : "xmm0", "xmm1", "memory");                                                          \
	}

ONE(put1, uint8_t, "movb %0, (%1)")
ONE(put2, uint16_t, "movw %0, (%1)")
ONE(put4, uint32_t, "movl %0, (%1)")
ONE(put8, uint64_t, "movq %0, (%1)")
ONE(nt4, uint32_t, "movnti %0, (%1)")
ONE(nt8, uint64_t, "movnti %0, (%1)")
ONE(direct4, uint32_t, "movdiri %0, (%1)")
ONE(direct8, uint64_t, "movdiri %0, (%1)")
VECTOR(, put16, "movups (%0), %%xmm0; movups %%xmm0, (%1)", "")
VECTOR(, nt16, "movups (%0), %%xmm0; movntdq %%xmm0, (%1)", "")
VECTOR(, direct64, "movdir64b (%0), %1", "")
VECTOR(AVX, put32, "vmovups (%0), %%ymm0; vmovups %%ymm0, (%1)", "; vzeroupper")
VECTOR(AVX, nt32, "vmovups (%0), %%ymm0; vmovntdq %%ymm0, (%1)", "; vzeroupper")
VECTOR(AVX512, put64, "vmovups (%0), %%zmm0; vmovups %%zmm0, (%1)", "; vzeroupper")
VECTOR(AVX512, nt64, "vmovups (%0), %%zmm0; vmovntdq %%zmm0, (%1)", "; vzeroupper")
MASKED(by4_16, "vmovups (%0), %%xmm0", "vmovdqu32 %%xmm0, (%1)")
MASKED(by4_32, "vmovups (%0), %%ymm0", "vmovdqu32 %%ymm0, (%1)")
MASKED(by4_64, "vmovups (%0), %%zmm0", "vmovdqu32 %%zmm0, (%1)")
MASKED(by1_16, "vmovups (%0), %%xmm0", "vmovdqu8 %%xmm0, (%1)")
MASKED(by1_32, "vmovups (%0), %%ymm0", "vmovdqu8 %%ymm0, (%1)")
MASKED(by1_64, "vmovups (%0), %%zmm0", "vmovdqu8 %%zmm0, (%1)")
PATTERN(avx_16, "vmovups (%0), %%xmm0", "vmaskmovps %%xmm0, %%xmm1, (%1)")
PATTERN(avx_32, "vmovups (%0), %%ymm0", "vmaskmovps %%ymm0, %%ymm1, (%1)")

enum need { ALWAYS, WITH_AVX, WITH_AVX512, WITH_MOVDIRI, WITH_MOVDIR64B };

static const struct {
	uint16_t size, boundary;
	enum insn_put_kind kind;
	enum need need;
	void (*fn)(const void *from, void *to);
} whole[] = {
	{ .size = 1, .boundary = 1, .kind = INSN_PUT_PLAIN, .fn = put1 },
	{ .size = 2, .boundary = 1, .kind = INSN_PUT_PLAIN, .fn = put2 },
	{ .size = 4, .boundary = 1, .kind = INSN_PUT_PLAIN, .fn = put4 },
	{ .size = 8, .boundary = 1, .kind = INSN_PUT_PLAIN, .fn = put8 },
	{ .size = 16, .boundary = 1, .kind = INSN_PUT_PLAIN, .fn = put16 },
	{ .size = 32, .boundary = 1, .kind = INSN_PUT_PLAIN, .need = WITH_AVX, .fn = put32 },
	{ .size = 64, .boundary = 1, .kind = INSN_PUT_PLAIN, .need = WITH_AVX512, .fn = put64 },
	{ .size = 4, .boundary = 1, .kind = INSN_PUT_NT, .fn = nt4 },
	{ .size = 8, .boundary = 1, .kind = INSN_PUT_NT, .fn = nt8 },
	{ .size = 16, .boundary = 16, .kind = INSN_PUT_NT, .fn = nt16 },
	{ .size = 32, .boundary = 32, .kind = INSN_PUT_NT, .need = WITH_AVX, .fn = nt32 },
	{ .size = 64, .boundary = 64, .kind = INSN_PUT_NT, .need = WITH_AVX512, .fn = nt64 },
	{ .size = 4, .boundary = 1, .kind = INSN_PUT_DIRECT, .need = WITH_MOVDIRI, .fn = direct4 },
	{ .size = 8, .boundary = 1, .kind = INSN_PUT_DIRECT, .need = WITH_MOVDIRI, .fn = direct8 },
	{ .size = 64, .boundary = 64, .kind = INSN_PUT_DIRECT, .need = WITH_MOVDIR64B, .fn = direct64 },
};

/* The first that fits is taken: elements of 4 bytes where the mask allows it. */
static const struct {
	uint16_t size, element;
	enum need need;
	void (*fn)(const void *from, void *to, uint64_t mask);
} masked[] = {
	{ .size = 16, .element = 4, .need = WITH_AVX512, .fn = by4_16 },
	{ .size = 32, .element = 4, .need = WITH_AVX512, .fn = by4_32 },
	{ .size = 64, .element = 4, .need = WITH_AVX512, .fn = by4_64 },
	{ .size = 16, .element = 1, .need = WITH_AVX512, .fn = by1_16 },
	{ .size = 32, .element = 1, .need = WITH_AVX512, .fn = by1_32 },
	{ .size = 64, .element = 1, .need = WITH_AVX512, .fn = by1_64 },
	{ .size = 16, .element = 4, .need = WITH_AVX, .fn = avx_16 },
	{ .size = 32, .element = 4, .need = WITH_AVX, .fn = avx_32 },
};

/* Asked once: in a virtual machine CPUID costs more than all else here. */
static bool direct(uint32_t bit)
{
	static _Atomic uint32_t known;
	uint32_t a, b, c = 0, d, bits = known;

	if (!bits) {
		if (!__get_cpuid_count(7, 0, &a, &b, &c, &d))
			c = 0;
		known = bits = (c & (LEAF7_MOVDIRI | LEAF7_MOVDIR64B)) | 1;
	}
	return bits & bit;
}

static bool here(enum need n)
{
	switch (n) {
	case WITH_AVX:
		return __builtin_cpu_supports("avx");
	case WITH_AVX512:
		return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
		       __builtin_cpu_supports("avx512vl");
	case WITH_MOVDIRI:
		return direct(LEAF7_MOVDIRI);
	case WITH_MOVDIR64B:
		return direct(LEAF7_MOVDIR64B);
	default:
		return true;
	}
}

/* The mask by elements of 1 or 4 bytes. false: it goes through the middle of one. */
static bool by_elements(uint64_t mask, unsigned int element, uint64_t *out)
{
	*out = mask;
	if (element == 1)
		return true;
	*out = 0;
	for (unsigned int i = 0; i < 16; i++) {
		unsigned int of = mask >> 4 * i & 15;

		if (of != 0 && of != 15)
			return false;
		*out |= (uint64_t)(of & 1) << i;
	}
	return true;
}

/* from NULL: is there a way? */
static int put(const struct insn_value *v, const void *from, void *dst)
{
	uint64_t bits;

	if (v->aligned && v->size && (uintptr_t)dst % v->size)
		return -EOPNOTSUPP;
	for (size_t i = 0; i < sizeof(masked) / sizeof(masked[0]) && v->masked; i++) {
		if (v->kind != INSN_PUT_PLAIN || masked[i].size != v->size || !here(masked[i].need) ||
		    !by_elements(v->mask, masked[i].element, &bits))
			continue;
		if (from)
			masked[i].fn(from, dst, bits);
		return 0;
	}
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]) && !v->masked; i++) {
		if (v->kind != whole[i].kind || whole[i].size != v->size || !here(whole[i].need) ||
		    (uintptr_t)dst % whole[i].boundary)
			continue;
		if (from)
			whole[i].fn(from, dst);
		return 0;
	}
	return -EOPNOTSUPP;
}

int insn_put(const struct insn_value *v, const void *bytes, void *dst)
{
	return put(v, bytes, dst);
}

int insn_put_can(const struct insn_value *v, const void *dst)
{
	return put(v, NULL, (void *)(uintptr_t)dst); /* only its address is looked at */
}
