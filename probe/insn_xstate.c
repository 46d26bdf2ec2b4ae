// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * insn_xstate.c - the mask and vector registers out of an XSAVE area.
 *
 * Intel SDM vol 1, 13.4 and 13.5: the legacy area, XSTATE_BV and XCOMP_BV, and a part for each component. One whose bit
 * in XSTATE_BV is clear is in its initial state: 0, whatever its bytes are.
 */
#include <errno.h>
#include <string.h>

#include "probe/insn.h"

enum { X87, SSE, AVX, OPMASK = 5, ZMM_HIGH, ZMM_MORE };
enum { PENDING = 0x80 }; /* an exception waits: bit ES of the status word */
enum { STATUS_AT = 2, TAGS_AT = 4, ST_AT = 32, XMM_AT = 160, HEADER_AT = 512, HEADER_END = 576 };

static uint64_t get8(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* n pieces of size bytes each, to the registers from first on, at byte "at" of each. */
static void put(struct insn_regs *r, unsigned int first, unsigned int n, unsigned int at, const uint8_t *from,
		unsigned int size)
{
	for (unsigned int i = 0; i < n; i++)
		memcpy(r->v[first + i] + at, from + i * size, size);
}

static bool has(uint32_t at, uint32_t bytes, size_t n)
{
	return at >= HEADER_END && at <= n && n - at >= bytes;
}

int insn_xstate(const uint8_t *area, size_t n, const struct insn_xlayout *layout, struct insn_regs *regs)
{
	unsigned int status, top;
	uint64_t used;

	if (n < HEADER_END || get8(area + HEADER_AT + 8) >> 63)
		return -EBADMSG;
	used = get8(area + HEADER_AT);
	memset(regs->v, 0, sizeof(regs->v));
	memset(regs->k, 0, sizeof(regs->k));
	memset(regs->mm, 0, sizeof(regs->mm));
	regs->have = INSN_HAVE_MM | INSN_HAVE_XMM;
	/* The area has st(0) first, wherever the top of the stack is; mm0 is register 0. Vol 1, 9.2 and 10.5.1.1. */
	status = used >> X87 & 1 ? area[STATUS_AT] | (unsigned int)area[STATUS_AT + 1] << 8 : 0;
	top = status >> 11 & 7;
	for (unsigned int i = 0; i < 8 && used >> X87 & 1; i++)
		regs->mm[(top + i) & 7] = get8(area + ST_AT + 16 * i);
	if (used >> X87 & 1 && !top && !(status & PENDING) && area[TAGS_AT] == 0xff)
		regs->have |= INSN_IN_MMX;
	if (used >> SSE & 1)
		put(regs, 0, 16, 0, area + XMM_AT, 16);
	if (!has(layout->ymm, 16 * 16, n))
		return 0;
	regs->have |= INSN_HAVE_YMM;
	if (used >> AVX & 1)
		put(regs, 0, 16, 16, area + layout->ymm, 16);
	if (!has(layout->k, 8 * 8, n) || !has(layout->zmm_high, 16 * 32, n) || !has(layout->zmm_more, 16 * 64, n))
		return 0;
	regs->have |= INSN_HAVE_K | INSN_HAVE_ZMM;
	for (int i = 0; i < 8 && used >> OPMASK & 1; i++)
		regs->k[i] = get8(area + layout->k + 8 * i);
	if (used >> ZMM_HIGH & 1)
		put(regs, 0, 16, 32, area + layout->zmm_high, 32);
	if (used >> ZMM_MORE & 1)
		put(regs, 16, 16, 0, area + layout->zmm_more, 64);
	return 0;
}
