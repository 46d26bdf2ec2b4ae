/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench_stores.c - the store patterns beside the C library's memcpy and memset, and beside plain loops that the
 * compiler makes of the same stores, in equal fencing, over ordinary memory.
 *
 *   bench_stores [--json] [PAIRS]    interleaved pairs of each comparison (31); the median of their ratios counts
 *
 * 64: so many messages of 64 bytes, each its own copy, one fence behind all. 256 and more: one copy, one fence. A ratio
 * is the rival's time by ours: above 1 we are faster. Patterns that keep the lines in the cache are held against what
 * does, non-temporal ones against non-temporal loops: the two are not alike.
 */
#include <immintrin.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/stores_int.h"

#define MESSAGES  64u
#define MOST	  4096u
#define ROUNDS	  64u /* copies of one sample */
#define MAX_PAIRS 999

/* Read anew for each call: the compiler shall not know what they are. */
static void *(*volatile const lib_memcpy)(void *, const void *, size_t) = memcpy;
static void *(*volatile const lib_memset)(void *, int, size_t) = memset;

/*
 * Rivals are called as our patterns are: messages of 64 bytes, "lines" of them in one copy, a fence behind all. A plain
 * loop knows no other messages than lines.
 */
static void by_memcpy(const struct wcdiag_store_args *args)
{
	size_t bytes = args->lines * 64;
	char *to = args->to;

	for (uint64_t left = args->messages; left; left--, to += bytes)
		lib_memcpy(to, args->from, bytes);
	_mm_sfence();
}

static void by_memset(const struct wcdiag_store_args *args)
{
	size_t bytes = args->lines * 64;
	char *to = args->to;

	for (uint64_t left = args->messages; left; left--, to += bytes)
		lib_memset(to, 0x5a, bytes);
	_mm_sfence();
}

/* What one writes by hand, a line a turn; the compiler does with it what it likes. */
#define LOOP(name, arch, type, store)                                                                                  \
	__attribute__((noinline, target(arch), optimize("no-tree-loop-distribute-patterns"))) static void name(        \
		const struct wcdiag_store_args *args)                                                                  \
	{                                                                                                              \
		size_t bytes = args->messages * args->lines * 64;                                                      \
		const char *from = args->from;                                                                         \
		char *to = args->to;                                                                                   \
                                                                                                                       \
		for (size_t at = 0; at < bytes; at += 64)                                                              \
			for (size_t k = 0; k < 64; k += sizeof(type)) {                                                \
				type v = *(const type *)(from + k);                                                    \
				type *p = (type *)(to + at + k);                                                       \
                                                                                                                       \
				store;                                                                                 \
			}                                                                                              \
		_mm_sfence();                                                                                          \
	}

typedef int word4 __attribute__((may_alias));
typedef long long word8 __attribute__((may_alias));

LOOP(loop4, "sse2", word4, *p = v)
LOOP(loop8, "sse2", word8, *p = v)
LOOP(loop16, "sse2", __m128i, _mm_store_si128(p, v))
LOOP(loop32, "avx", __m256i, _mm256_store_si256(p, v))
LOOP(loop64, "avx512f", __m512i, _mm512_store_si512(p, v))
LOOP(stream8, "sse2", word8, _mm_stream_si64(p, v))
LOOP(stream16, "sse2", __m128i, _mm_stream_si128(p, v))
LOOP(stream32, "avx", __m256i, _mm256_stream_si256(p, v))

static const struct ours {
	unsigned int pattern;
	wcdiag_store_fn loop; /* of the same width and kind */
	bool stream;
} ours[] = {
	{ WCDIAG_STORE_MOV4, loop4, false },	  { WCDIAG_STORE_MOV8, loop8, false },
	{ WCDIAG_STORE_SSE, loop16, false },	  { WCDIAG_STORE_AVX, loop32, false },
	{ WCDIAG_STORE_AVX512, loop64, false },	  { WCDIAG_STORE_MOVNTI, stream8, true },
	{ WCDIAG_STORE_MOVNTDQ, stream16, true }, { WCDIAG_STORE_VMOVNTDQ, stream32, true },
};

/*
 * The source lies at the end of a page: loads from where, in their page, stores have just gone wait for those, which
 * says nothing of either loop.
 */
static char to[MOST] __attribute__((aligned(4096))), page[4096] __attribute__((aligned(4096)));
static char *const from = page + sizeof(page) - 64;

/* Cycles of ROUNDS calls. */
static double once(wcdiag_store_fn fn, uint64_t messages, uint64_t lines)
{
	struct wcdiag_store_args args = { .to = to, .from = from, .messages = messages, .lines = lines };
	uint64_t start = stores_clock();

	for (unsigned int i = 0; i < ROUNDS; i++)
		fn(&args);
	return (double)(stores_clock() - start);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct ratio {
	double low, mid, high; /* quartiles and median */
};

/* each: every line is a message of its own; else all lines are one. Ours make no difference of it. */
static struct ratio compare(wcdiag_store_fn mine, wcdiag_store_fn rival, uint64_t lines, bool each, unsigned int pairs)
{
	static double r[MAX_PAIRS];
	uint64_t n = each ? lines : 1, of = each ? 1 : lines;

	once(mine, lines, 1);
	once(rival, n, of);
	for (unsigned int i = 0; i < pairs; i++) {
		/* Who goes first changes: neither has the warm cache always. */
		double a = i % 2 ? once(mine, lines, 1) : 0, b = once(rival, n, of);

		if (!(i % 2))
			a = once(mine, lines, 1);
		r[i] = b / a;
	}
	qsort(r, pairs, sizeof(r[0]), ascending);
	return (struct ratio){ r[pairs / 4], r[pairs / 2], r[pairs - 1 - pairs / 4] };
}

static void show(const char *name, struct ratio r, bool json)
{
	if (json)
		printf(", \"%s\": {\"median\": %.4f, \"q1\": %.4f, \"q3\": %.4f}", name, r.mid, r.low, r.high);
	else
		printf("   %s %6.3f (%.3f..%.3f)", name, r.mid, r.low, r.high);
}

static void one(const struct ours *o, size_t bytes, unsigned int pairs, bool json, bool *first)
{
	wcdiag_store_fn fn = stores_function(o->pattern);
	uint64_t lines = bytes == 64 ? MESSAGES : bytes / 64;
	const char *name = wcdiag_store_patterns[o->pattern].name;

	if (json)
		printf("%s{\"pattern\": \"%s\", \"bytes\": %zu", *first ? "" : ",\n", name, bytes);
	else
		printf("    %-9s %5zu", name, bytes);
	show("loop", compare(fn, o->loop, lines, bytes == 64, pairs), json);
	if (!o->stream) {
		show("memcpy", compare(fn, by_memcpy, lines, bytes == 64, pairs), json);
		show("memset", compare(fn, by_memset, lines, bytes == 64, pairs), json);
	}
	printf(json ? "}" : "\n");
	*first = false;
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = { 64, 256, 1024, 4096 };
	bool json = argc > 1 && !strcmp(argv[1], "--json"), first = true;
	long pairs = argc > 1 + json ? strtol(argv[1 + json], NULL, 10) : 31;
	cpu_set_t here;

	if (pairs < 15 || pairs > MAX_PAIRS) {
		fprintf(stderr, "usage: bench_stores [--json] [PAIRS]    15 to %d\n", MAX_PAIRS);
		return 3;
	}
	CPU_ZERO(&here);
	CPU_SET(sched_getcpu(), &here);
	sched_setaffinity(0, sizeof(here), &here);
	memset(page, 0x5a, sizeof(page));
	if (json)
		printf("[");
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]) && stores_cpu_has(ours[i].pattern); s++)
			one(&ours[i], sizes[s], (unsigned int)pairs, json, &first);
	if (json)
		printf("]\n");
	return 0;
}
