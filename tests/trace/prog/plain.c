// SPDX-License-Identifier: GPL-2.0-or-later
/* plain.c - general registers and constants, in each width, through each way to name an address. */
#include "prog.h"

PROGRAM(plain, P_TOLD | P_TRUTH, "general registers and constants, each width and addressing")
{
	begin();
	DO(TELL("s 0x0 1"), "movb %%al,(%%rdi)", p, 0, 0, 0, value());
	DO(TELL("s 0x1 1"), "movb %%ah,(%%rdi)", p + 1, 0, 0, 0, value());
	DO(TELL("s 0x2 2"), "movw %%ax,(%%rdi)", p + 2, 0, 0, 0, value());
	DO(TELL("s 0x4 4"), "movl %%eax,(%%rdi)", p + 4, 0, 0, 0, value());
	DO(TELL("s 0x8 8"), "movq %%rax,(%%rdi)", p + 8, 0, 0, 0, value());
	DO(TELL("s 0x10 1"), "movb $0x11,(%%rdi)", p + 0x10, 0, 0, 0, 0);
	DO(TELL("s 0x12 2"), "movw $0x1234,(%%rdi)", p + 0x12, 0, 0, 0, 0);
	DO(TELL("s 0x14 4"), "movl $0x12345678,(%%rdi)", p + 0x14, 0, 0, 0, 0);
	DO(TELL("s 0x18 8"), "movq $-2,(%%rdi)", p + 0x18, 0, 0, 0, 0);
	DO(TELL("s 0x20 8"), "movq $0,(%%rdi)", p + 0x20, 0, 0, 0, 0);
	DO(TELL("s 0x29 8"), "movq %%rax,1(%%rdi)", p + 0x28, 0, 0, 0, value());
	DO(TELL("s 0x38 4"), "movl %%eax,-0x7ffffff8(%%rdi)", p + 0x38 + 0x7ffffff8, 0, 0, 0, value());
	DO(TELL("s 0x40 8"), "movq %%rax,0x10(%%rdi,%%rcx,8)", p + 0x30 - 8 * 5, 0, 0, 5, value());
	DO(TELL("s 0x48 8"), "movq %%rax,(%%rdi,%%rcx)", p + 0x50, 0, 0, -8L, value());
	DO(TELL("s 0x50 2"), "movw %%ax,(%%rdi,%%rsi,2)", p + 0x10, 0x40 / 2, 0, 0, value());
	DO(TELL("s 0x58 4"), "mov %%rdi,%%r8; movl %%eax,(%%r8)", p + 0x58, 0, 0, 0, value());
	DO(TELL("s 0x60 4"), "mov %%rdi,%%r11; movbe %%eax,(%%r11)", p + 0x60, 0, 0, 0, value());
	DO(TELL("s 0x68 8"), "mov %%rdi,%%r9; xor %%r10d,%%r10d; movq %%r9,0x8(%%r9,%%r10,4)", p + 0x60, 0, 0, 0, 0);
	DO(TELL("s 0x70 1"), "cmp %%rdi,%%rdi; setz (%%rdi)", p + 0x70, 0, 0, 0, 0);
	DO(TELL("s 0x72 2"), "mov %%ds,(%%rdi)", p + 0x72, 0, 0, 0, 0);
	DO(TELL("s 0x78 4"), "stmxcsr (%%rdi)", p + 0x78, 0, 0, 0, 0);
	DO(TELL("s 0x7c 2"), "fnstcw (%%rdi)", p + 0x7c, 0, 0, 0, 0);
	DO(TELL("s 0x80 8"), "fld1; fstpl (%%rdi)", p + 0x80, 0, 0, 0, 0);
	DO(TELL("s 0x90 10"), "fldpi; fstpt (%%rdi)", p + 0x90, 0, 0, 0, 0);
	DO(TELL("s 0xa0 8"), "fld1; fistpll (%%rdi)", p + 0xa0, 0, 0, 0, 0);
	DO(TELL("s 0xa8 8"), "movq %%rax,%%mm0; movq %%mm0,(%%rdi); emms", p + 0xa8, 0, 0, 0, value());
	/* The same bytes again, and the same value. */
	DO(TELL("s 0xb0 8"), "movq $77,(%%rdi)", p + 0xb0, 0, 0, 0, 0);
	DO(TELL("s 0xb0 8"), "movq $77,(%%rdi)", p + 0xb0, 0, 0, 0, 0);
	DO(TELL("s 0xb4 4"), "movl $0,(%%rdi)", p + 0xb4, 0, 0, 0, 0);
	/* Loads go untold when they touch something else, and are told here. */
	DO(TELL("r 0xb0 8\ns 0xb8 8"), "movq (%%rdi),%%rcx; movq %%rax,8(%%rdi)", p + 0xb0, 0, 0, 0, value());
	DO(TELL("r 0xb0 1\ns 0xc0 1"), "cmpb $0,(%%rdi); movb $1,0x10(%%rdi)", p + 0xb0, 0, 0, 0, 0);
	/* The red zone below the stack is the program's. */
	DO(TELL("s 0xc8 8"), "movq %%rax,-8(%%rsp); movq %%rax,(%%rdi); cmpq -8(%%rsp),%%rax; je 1f; ud2; 1:", p + 0xc8,
	   0, 0, 0, value());
	end();
	return 0;
}
