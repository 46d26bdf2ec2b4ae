// SPDX-License-Identifier: GPL-2.0-or-later
/* intrin.c - the intrinsics that drivers use, as the compiler takes them. */
#include <immintrin.h>

#include "prog.h"

static unsigned char from[256] __attribute__((aligned(64)));

static void sse(unsigned char *p)
{
	for (int i = 0; i < 4; i++)
		_mm_stream_si128((__m128i *)p + i, _mm_load_si128((__m128i *)from + i));
	_mm_sfence();
	for (int i = 0; i < 4; i++)
		_mm_storeu_si128((__m128i *)(p + 0x49) + i, _mm_load_si128((__m128i *)from + i));
	_mm_stream_si64((long long *)(p + 0x100), 0x1122334455667788);
	_mm_stream_si32((int *)(p + 0x108), 0x11223344);
}

__attribute__((target("avx2"))) static void avx(unsigned char *p)
{
	for (int i = 0; i < 2; i++)
		_mm256_stream_si256((__m256i *)p + i, _mm256_load_si256((__m256i *)from + i));
	_mm_sfence();
	_mm256_storeu_si256((__m256i *)(p + 0x41), _mm256_load_si256((__m256i *)from));
	_mm256_maskstore_epi32((int *)(p + 0x80), _mm256_setr_epi32(-1, 0, -1, 0, 0, 0, 0, -1),
			       _mm256_load_si256((__m256i *)from));
}

__attribute__((target("avx512f,avx512bw"))) static void avx512(unsigned char *p)
{
	_mm512_stream_si512((void *)p, _mm512_load_si512(from));
	_mm_sfence();
	_mm512_storeu_si512(p + 0x41, _mm512_load_si512(from));
	_mm512_mask_storeu_epi8(p + 0x100, 0x00ffff0000000003, _mm512_load_si512(from));
}

PROGRAM(intrin, P_TRUTH | P_CHOICE, "SSE, AVX and AVX-512 intrinsics")
{
	for (size_t i = 0; i < sizeof(from); i++)
		from[i] = (unsigned char)(value() >> 32);
	begin();
	sse(p);
	if (__builtin_cpu_supports("avx2"))
		avx(p + 0x1000);
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw"))
		avx512(p + 0x2000);
	end();
	return 0;
}
