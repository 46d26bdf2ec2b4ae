/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_buffers_asm.c - each job stores to exactly the bytes that it names, and to each of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probe/buffers_int.h"
#include "probe/stores.h"

enum { LINES = 64, MARGIN = 256, SIZE = LINES * 64 + 2 * MARGIN };

static _Alignas(64) unsigned char mem[SIZE], touched[SIZE];
static _Alignas(64) char loads[BUFFERS_MISSES * BUFFERS_MISS_STRIDE + 64];

static const struct {
	buffers_fn fn;
	unsigned int width;
	unsigned int need;
	bool stores;
} jobs[] = {
	{ buffers_store4, 4, WCDIAG_STORE_MOVNTI, true },     { buffers_store8, 8, WCDIAG_STORE_MOVNTI, true },
	{ buffers_store16, 16, WCDIAG_STORE_MOVNTI, true },   { buffers_store32, 32, WCDIAG_STORE_AVX, true },
	{ buffers_store64, 64, WCDIAG_STORE_AVX512, true },   { buffers_fenced, 8, WCDIAG_STORE_MOVNTI, true },
	{ buffers_gap, 8, WCDIAG_STORE_MOVNTI, true },	      { buffers_miss, 8, WCDIAG_STORE_MOVNTI, true },
	{ buffers_gap_alone, 8, WCDIAG_STORE_MOVNTI, false }, { buffers_miss_alone, 8, WCDIAG_STORE_MOVNTI, false },
};

/* Whatever is stored differs from one of two fillings. */
static void run(buffers_fn fn, uint64_t lines, uint64_t groups, uint64_t end)
{
	static const unsigned char filling[] = { 0x55, 0xaa };
	const struct buffers_job job = {
		.to = (char *)mem + MARGIN, .lines = lines, .groups = groups, .end = end, .gap = 1, .from = loads
	};

	memset(touched, 0, sizeof(touched));
	for (size_t f = 0; f < 2; f++) {
		memset(mem, filling[f], sizeof(mem));
		fn(&job);
		for (size_t i = 0; i < SIZE; i++)
			touched[i] |= mem[i] != filling[f];
	}
}

static void each_stores_what_it_names(void **state)
{
	(void)state;
	for (size_t j = 0; j < sizeof(jobs) / sizeof(jobs[0]); j++) {
		if (!stores_cpu_has(jobs[j].need))
			continue;
		for (uint64_t lines = 1; lines <= 32; lines += lines < 4 ? 1 : 7)
			for (uint64_t end = jobs[j].width; end <= 64; end += jobs[j].width) {
				uint64_t groups = LINES / lines;

				run(jobs[j].fn, lines, groups, end);
				for (size_t i = 0; i < SIZE; i++) {
					bool inside = i >= MARGIN && i < MARGIN + lines * groups * 64 && i % 64 < end;

					if (touched[i] != (inside && jobs[j].stores))
						fail_msg("job %zu, %u lines, up to %u: byte %zu", j,
							 (unsigned int)lines, (unsigned int)end, i);
				}
			}
	}
}

static void a_part_is_that_part(void **state)
{
	(void)state;
	memset(mem, 0xaa, sizeof(mem));
	buffers_part((char *)mem + MARGIN, 3, 16, 40);
	buffers_sfence();
	for (size_t i = 0; i < SIZE; i++)
		assert_true((mem[i] != 0xaa) == (i >= MARGIN && i < MARGIN + 3 * 64 && i % 64 >= 16 && i % 64 < 40));
}

static void the_clock_goes_on(void **state)
{
	uint64_t a = buffers_clock(), b, c;

	(void)state;
	buffers_pace();
	b = buffers_clock_now();
	buffers_chain();
	c = buffers_clock();
	assert_true(a && b != a && c != b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_stores_what_it_names),
		cmocka_unit_test(a_part_is_that_part),
		cmocka_unit_test(the_clock_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
