// SPDX-License-Identifier: GPL-2.0-or-later
/* rep.c - string instructions, forwards and backwards, into, out of and inside the region. */
#include "prog.h"

static unsigned char from[256];

static void tell_rep(long at, int size, int n, int step, long reads)
{
	for (int i = 0; i < n; i++) {
		if (reads >= 0)
			TELL("r 0x%lx %d", reads + (long)i * step, size);
		TELL("s 0x%lx %d rep", at + (long)i * step, size);
	}
}

PROGRAM(rep, P_TOLD | P_TRUTH, "rep movs and stos of each width, none, one, many")
{
	for (size_t i = 0; i < sizeof(from); i++)
		from[i] = (unsigned char)(value() >> 32 | 1);
	begin();
	DO(tell_rep(0, 1, 5, 1, -1), "rep movsb", p, from, 0, 5, 0);
	DO(tell_rep(0x10, 2, 5, 2, -1), "rep movsw", p + 0x10, from + 1, 0, 5, 0);
	DO(tell_rep(0x20, 4, 5, 4, -1), "rep movsl", p + 0x20, from + 2, 0, 5, 0);
	DO(tell_rep(0x40, 8, 8, 8, -1), "rep movsq", p + 0x40, from + 3, 0, 8, 0);
	DO(tell_rep(0x81, 1, 70, 1, -1), "rep stosb", p + 0x81, 0, 0, 70, value());
	DO(tell_rep(0xd2, 2, 7, 2, -1), "rep stosw", p + 0xd2, 0, 0, 7, value());
	DO(tell_rep(0xf0, 4, 7, 4, -1), "rep stosl", p + 0xf0, 0, 0, 7, value());
	DO(tell_rep(0x110, 8, 7, 8, -1), "rep stosq", p + 0x110, 0, 0, 7, value());
	DO((void)0, "rep movsb", p, from, 0, 0, 0);
	DO(tell_rep(0x150, 1, 1, 1, -1), "rep movsb", p + 0x150, from + 9, 0, 1, 0);
	/* Over the end of a page, misaligned. */
	DO(tell_rep(0xff5, 8, 5, 8, -1), "rep movsq", p + 0xff5, from, 0, 5, 0);
	/* Without a prefix. */
	DO(TELL("s 0x300 1"), "movsb", p + 0x300, from + 7, 0, 0, 0);
	DO(TELL("s 0x308 8"), "stosq", p + 0x308, 0, 0, 0, value());
	/* The end of the loop stands beside it: it must have gone through rcx. */
	DO((tell_rep(0x320, 1, 6, 1, -1), (void)TELL("s 0x326 8\ns 0x330 8")),
	   "rep movsb; movq %%rsi,(%%rdi); movq %%rcx,0xa(%%rdi)", p + 0x320, from, 0, 6, 0);
	/* Where from[] is depends on the build. */
	DO(TELL("s 0x326 8"), "movq $1,(%%rdi)", p + 0x326, 0, 0, 0, 0);
	end();
	MUST(telling || !*(uint64_t *)(p + 0x330));
	return 0;
}

PROGRAM(repback, P_TOLD | P_TRUTH, "string instructions backwards")
{
	for (size_t i = 0; i < sizeof(from); i++)
		from[i] = (unsigned char)(value() >> 32 | 1);
	begin();
	DO(tell_rep(0x20, 1, 9, -1, -1), "std; rep movsb; cld", p + 0x20, from + 9, 0, 9, 0);
	DO(tell_rep(0x80, 8, 9, -8, -1), "std; rep movsq; cld", p + 0x80, from + 0x60, 0, 9, 0);
	DO(tell_rep(0xc0, 4, 3, -4, -1), "std; rep stosl; cld", p + 0xc0, 0, 0, 3, value());
	DO(tell_rep(0x1003, 2, 4, -2, -1), "std; rep stosw; cld", p + 0x1003, 0, 0, 4, value());
	DO(TELL("s 0x100 8"), "std; stosq; cld", p + 0x100, 0, 0, 0, value());
	/* Down to the region's first byte, and over it: what lies below is not the region. */
	DO(tell_rep(0x3, 1, 4, -1, -1), "std; rep stosb; cld", p + 3, 0, 0, 4, value());
	end();
	return 0;
}

/* What is copied inside a region of equal bytes changes nothing: truth goes by what is there. */
PROGRAM(inside, P_TOLD | P_TRUTH | P_LATER, "copies inside the region: loads and stores, rep movs both ways")
{
	begin();
	DO(tell_rep(0x40, 8, 8, 8, -1), "rep stosq", p + 0x40, 0, 0, 8, value());
	DO(tell_rep(0x200, 1, 9, 1, 0x40), "rep movsb", p + 0x200, p + 0x40, 0, 9, 0);
	DO(TELL("r 0x40 8\ns 0x310 8"), "movsq", p + 0x310, p + 0x40, 0, 0, 0);
	DO(tell_rep(0x408, 1, 4, -1, 0x48), "std; rep movsb; cld", p + 0x408, p + 0x48, 0, 4, 0);
	DO(TELL("r 0x41 16\ns 0xb0 16"), "movups (%%rsi),%%xmm3; movups %%xmm3,(%%rdi)", p + 0xb0, p + 0x41, 0, 0, 0);
	DO(TELL("r 0x40 8\ns 0xb8 8"), "movq (%%rdi),%%rax; movq %%rax,0x78(%%rdi)", p + 0x40, 0, 0, 0, 0);
	/* Onto itself, a byte further: each byte is the one before. */
	DO(tell_rep(0x501, 1, 20, 1, 0x500), "rep movsb", p + 0x501, p + 0x500, 0, 20, 0);
	DO(TELL("s 0x600 8"), "movq %%rax,(%%rdi)", p + 0x600, 0, 0, 0, value());
	end();
	return 0;
}
