/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model_cut.c - the bytes of a line, cut into memory writes that PCI Express allows. */
#include "model_int.h"

#define DW(mask, i) ((unsigned int)((mask) >> 4 * (i)&15))

bool cut_contiguous(uint64_t mask)
{
	uint64_t low = mask & -mask;

	return mask && !(mask & (mask + low));
}

/*
 * From the low end, each time what reaches furthest: the run of bytes that begins here, or all bytes of this aligned
 * quadword, which may have holes. What is left of an allowed TLP is allowed too, so none can do with fewer. Two TLPs
 * may share a doubleword.
 */
unsigned int cut_fewest(uint64_t mask)
{
	unsigned int n = 0;

	while (mask) {
		unsigned int b = (unsigned int)__builtin_ctzll(mask);
		uint64_t run = mask & ~(mask + (1ULL << b)), quad = mask & 0xffULL << (b & ~7u);

		mask &= ~(run > quad ? run : quad);
		n++;
	}
	return n;
}

struct cut_count cut_alone(uint64_t mask, enum cut_how how)
{
	unsigned int c;

	if (how == CUT_ONE)
		return (struct cut_count){ 1, 1, 1 };
	c = cut_chunks(mask);
	return (struct cut_count){ cut_fewest(mask), cut_contiguous(mask) ? 1 : c,
				   how == CUT_ALIGNED ? c : cut_dws(mask) };
}

/* The doublewords from..to of the line, as one TLP; both have bytes. */
static void one(uint64_t line, uint64_t mask, unsigned int from, unsigned int to, struct model_tlp *t)
{
	uint64_t part = mask >> 4 * from & (to - from == 15 ? FULL_MASK : (1ULL << 4 * (to - from + 1)) - 1);

	t->addr = line + 4 * from;
	t->ndw = (uint8_t)(to - from + 1);
	t->fbe = (uint8_t)DW(mask, from);
	t->lbe = from == to ? 0 : (uint8_t)DW(mask, to);
	t->bytes = (uint8_t)cut_bytes(part);
}

unsigned int cut_make(uint64_t line, uint64_t mask, bool whole, struct model_tlp *out)
{
	unsigned int n = 0;

	if (mask == FULL_MASK || (whole && cut_contiguous(mask))) {
		one(line, mask, (unsigned int)__builtin_ctzll(mask) / 4, (63 - (unsigned int)__builtin_clzll(mask)) / 4,
		    out);
		return 1;
	}
	for (unsigned int i = 0; i < 16; i += 2) {
		bool low = DW(mask, i), high = DW(mask, i + 1);

		if (low || high)
			one(line, mask, low ? i : i + 1, high ? i + 1 : i, &out[n++]);
	}
	return n;
}
