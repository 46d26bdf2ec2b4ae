// SPDX-License-Identifier: GPL-2.0-or-later
/* stack.c - the stack pointer inside the region: push, call, enter. No signal comes meanwhile. */
#include "prog.h"

#define ON(code) "mov %%rsp,%%r10; mov %%rdi,%%rsp; " code " mov %%r10,%%rsp"

PROGRAM(stack, P_TOLD | P_TRUTH | P_LATER, "push, call, enter and leave with the stack in the region")
{
	begin();
	DO(TELL("s 0xff8 8"), ON("push %%rax;"), p + 0x1000, 0, 0, 0, value());
	DO(TELL("s 0xffe 2"), ON("pushw %%ax;"), p + 0x1000, 0, 0, 0, value());
	DO(TELL("s 0xff0 8\ns 0xfe8 8\nr 0xfe8 8"), ON("push $5; push $-6; pop %%rax;"), p + 0xff8, 0, 0, 0, 0);
	/* The address that a call stores is the program's own: the value is not the same in every build. */
	DO(TELL("s 0xef8 8\nr 0xef8 8"), ON("call 1f; jmp 2f; 1: ret; 2:"), p + 0xf00, 0, 0, 0, 0);
	DO(TELL("s 0xdf8 8\nr 0xdf8 8"), ON("mov %%rbp,%%r9; enter $0x40,$0; leave; mov %%r9,%%rbp;"), p + 0xe00, 0, 0, 0,
	   0);
	DO(TELL("r 0x100 8\ns 0xcf8 8"), ON("pushq (%%rsi);"), p + 0xd00, p + 0x100, 0, 0, 0);
	DO(TELL("r 0xcf8 8\ns 0x108 8"), ON("popq (%%rsi);"), p + 0xcf8, p + 0x108, 0, 0, 0);
	DO(TELL("s 0x200 8"), "movq %%rax,(%%rdi)", p + 0x200, 0, 0, 0, value());
	/* What depends on the build goes. */
	DO(TELL("s 0xef8 8"), "movq %%rax,(%%rdi)", p + 0xef8, 0, 0, 0, value());
	DO(TELL("s 0xdf8 8"), "movq %%rax,(%%rdi)", p + 0xdf8, 0, 0, 0, value());
	end();
	return 0;
}
