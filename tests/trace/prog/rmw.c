// SPDX-License-Identifier: GPL-2.0-or-later
/* rmw.c - read, modify, write: plain and locked. */
#include "prog.h"

PROGRAM(rmw, P_TOLD | P_TRUTH, "add, inc, not, neg, adc, xor, cmpxchg, xadd, shld, sub")
{
	begin();
	DO(TELL("r 0x0 4\ns 0x0 4"), "addl $1,(%%rdi)", p, 0, 0, 0, 0);
	DO(TELL("r 0x8 8\ns 0x8 8"), "addq %%rax,(%%rdi)", p + 8, 0, 0, 0, value());
	DO(TELL("r 0x10 1\ns 0x10 1"), "incb (%%rdi)", p + 0x10, 0, 0, 0, 0);
	DO(TELL("r 0x12 2\ns 0x12 2"), "notw (%%rdi)", p + 0x12, 0, 0, 0, 0);
	DO(TELL("r 0x18 8\ns 0x18 8"), "negq (%%rdi)", p + 0x18, 0, 0, 0, 0);
	DO(TELL("r 0x20 4\ns 0x20 4"), "xorl %%eax,(%%rdi)", p + 0x20, 0, 0, 0, value());
	DO(TELL("r 0x28 8\ns 0x28 8"), "stc; adcq %%rax,(%%rdi)", p + 0x28, 0, 0, 0, value());
	DO(TELL("r 0x68 4\ns 0x68 4"), "xaddl %%eax,(%%rdi)", p + 0x68, 0, 0, 0, 0x01010101);
	DO(TELL("r 0x70 8\ns 0x70 8"), "subq $-0x80,(%%rdi)", p + 0x70, 0, 0, 0, 0);
	DO(TELL("r 0x80 8\nr 0x80 8\ns 0x80 8"), "movq (%%rdi),%%rax; notq %%rcx; cmpxchgq %%rcx,(%%rdi)", p + 0x80, 0, 0,
	   value(), 0);
	end();
	return 0;
}

/* The bytes that it stores are there already, now or then: truth cannot see all of it, so it is written down alone. */
PROGRAM(rmwsame, P_TOLD, "read, modify, write of what is partly the same: bts, btc, shl, or 0, cmpxchg that fails")
{
	begin();
	DO(TELL("r 0x0 4\ns 0x0 4"), "btsl $3,(%%rdi)", p, 0, 0, 0, 0);
	DO(TELL("r 0x0 4\ns 0x0 4"), "btsl $3,(%%rdi)", p, 0, 0, 0, 0);
	DO(TELL("r 0x0 4\ns 0x0 4"), "btrl $31,(%%rdi)", p, 0, 0, 0, 0);
	DO(TELL("r 0x8 4\ns 0x8 4"), "orl $0,(%%rdi)", p + 8, 0, 0, 0, 0);
	DO(TELL("r 0x34 4\nl\ns 0x34 4\nl"), "lock btcl %%eax,(%%rdi)", p + 0x30, 0, 0, 0, 33);
	DO(TELL("r 0x40 4\ns 0x40 4"), "btcl $7,(%%rdi)", p + 0x40, 0, 0, 0, 0);
	DO(TELL("r 0x58 8\ns 0x58 8"), "btcq %%rax,(%%rdi)", p + 0x48, 0, 0, 0, 64 * 2 + 9);
	DO(TELL("r 0x60 4\ns 0x60 4"), "btcl %%eax,(%%rdi)", p + 0x64, 0, 0, 0, (unsigned long)-20);
	DO(TELL("r 0x68 4\ns 0x68 4"), "shll $3,(%%rdi)", p + 0x68, 0, 0, 0, 0);
	DO(TELL("r 0x38 4\ns 0x38 4"), "shldl $3,%%eax,(%%rdi)", p + 0x38, 0, 0, 0, value());
	DO(TELL("r 0x8 4\ns 0x8 4"), "addl $0,(%%rdi)", p + 8, 0, 0, 0, 0);
	DO(TELL("r 0x10 8\nr 0x10 8\ns 0x10 8"), "movq (%%rdi),%%rax; notq %%rax; cmpxchgq %%rcx,(%%rdi)", p + 0x10, 0, 0,
	   value(), 0);
	DO(TELL("r 0x20 8\nl\ns 0x20 8\nl"), "lock orq $0,(%%rdi)", p + 0x20, 0, 0, 0, 0);
	DO(TELL("r 0x30 16\nl\ns 0x30 16\nl"), "lock cmpxchg16b (%%rdi)", p + 0x30, 0, 1, 2, 3);
	end();
	return 0;
}

PROGRAM(locked, P_TOLD | P_TRUTH, "lock add, inc, xadd, cmpxchg, not; xchg")
{
	begin();
	DO(TELL("r 0x0 4\nl\ns 0x0 4\nl"), "lock addl $1,(%%rdi)", p, 0, 0, 0, 0);
	DO(TELL("r 0x8 8\nl\ns 0x8 8\nl"), "lock incq (%%rdi)", p + 8, 0, 0, 0, 0);
	DO(TELL("r 0x10 8\nl\ns 0x10 8\nl"), "lock xaddq %%rax,(%%rdi)", p + 0x10, 0, 0, 0, value());
	DO(TELL("r 0x18 8\nl\ns 0x18 8\nl"), "xchgq %%rax,(%%rdi)", p + 0x18, 0, 0, 0, value());
	DO(TELL("r 0x20 1\nl\ns 0x20 1\nl"), "xchgb %%al,(%%rdi)", p + 0x20, 0, 0, 0, value());
	DO(TELL("r 0x28 4\nr 0x28 4\nl\ns 0x28 4\nl"), "movl (%%rdi),%%eax; notl %%ecx; lock cmpxchgl %%ecx,(%%rdi)",
	   p + 0x28, 0, 0, value(), 0);
	DO(TELL("r 0x40 2\nl\ns 0x40 2\nl"), "lock notw (%%rdi)", p + 0x40, 0, 0, 0, 0);
	/* Over a line's end. */
	DO(TELL("r 0x7e 4\nl\ns 0x7e 4\nl"), "lock addl $1,(%%rdi)", p + 0x7e, 0, 0, 0, 0);
	end();
	return 0;
}
