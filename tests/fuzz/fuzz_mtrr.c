/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_mtrr.c - any values in any MTRRs: the spans of any range are without gaps and end where the range ends, and a
 * CPU does not differ from itself. Input: phys_bits (1), start (8), end (8), then value (8) and register (1), repeated.
 */
#include <stdlib.h>
#include <string.h>

#include "probe/msr.h"
#include "probe/mtrr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The registers by number: 64 of variable ranges, 16 others. */
static uint32_t msr_of(uint8_t i)
{
	static const uint32_t others[16] = { 0xfe,  0x2ff, 0x250, 0x258, 0x259, 0x268,	    0x269,	0x26a,
					     0x26b, 0x26c, 0x26d, 0x26e, 0x26f, 0xc0010010, 0xc001001a, 0xc001001d };

	i %= 80;
	return i < 64 ? 0x200u + i : others[i - 64];
}

static int ascending(const void *a, const void *b)
{
	const struct msr_row *x = a, *y = b;

	return (x->msr > y->msr) - (x->msr < y->msr);
}

static void check_spans(const struct mtrr *t, uint64_t start, uint64_t end)
{
	struct mtrr_span s[200];
	int n = mtrr_over(t, start, end, s, 200);

	if (start >= end) {
		if (n >= 0)
			abort();
		return;
	}
	if (n <= 0 || s[0].start != start || s[n - 1].end != end)
		abort();
	for (int i = 0; i < n; i++)
		if (s[i].start >= s[i].end || (i && s[i].start != s[i - 1].end))
			abort();
	if (mtrr_differ(t, t, start, end) || mtrr_differ(t, t, 0, 0))
		abort();
	mtrr_type(t, start, end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct msr_row row[80];
	struct msrs m = { .row = row };
	struct mtrr t;
	uint64_t start, end;
	bool have[80] = { false };

	if (size < 17)
		return 0;
	memcpy(&start, data + 1, 8);
	memcpy(&end, data + 9, 8);
	for (size_t at = 17; at + 9 <= size; at += 9) {
		unsigned int i = data[at + 8] % 80;

		if (have[i])
			continue;
		have[i] = true;
		row[m.n].cpu = 0;
		row[m.n].msr = msr_of((uint8_t)i);
		memcpy(&row[m.n++].value, data + at, 8);
	}
	qsort(row, m.n, sizeof(row[0]), ascending);
	mtrr_decode(&m, 0, data[0], &t);
	check_spans(&t, start, end);
	check_spans(&t, 0, UINT64_MAX);
	return 0;
}
