// SPDX-License-Identifier: GPL-2.0-or-later
/* paths.c - the way from one store to the next: long, changing, the same for a hundred thousand times. */
#include "prog.h"

#define STORE(at) DO(TELL("s 0x%x 8", (unsigned int)(at)), "movq %%rax,(%%rdi)", p + (at), 0, 0, 0, value())

/* 100,000 messages of two stores and a fence. */
PROGRAM(many, P_TOLD | P_LONG, "100,000 equal messages of two stores and a fence")
{
	if (telling) {
		for (int i = 0; i < 100000; i++)
			for (int k = 0, at = i % 64 * 64; k < 3; k++)
				if (k < 2)
					printf("s 0x%x 16\n", at + 16 * k);
				else
					printf("f sfence\n");
		return 0;
	}
	for (int i = 0; i < 100000; i++)
		INSN("movq %%rax,%%xmm0; punpcklqdq %%xmm0,%%xmm0; movups %%xmm0,(%%rdi); movups %%xmm0,16(%%rdi);"
		     "sfence", p + i % 64 * 64, 0, 0, 0, i + 1);
	return 0;
}

/* Every store of a loop one width, one path; every 7th message another one. */
PROGRAM(mixed, P_TOLD | P_LONG, "20,000 messages along three paths in turns")
{
	for (int i = 0; i < 20000; i++) {
		unsigned int at = (unsigned int)(i % 64 * 64);

		STORE(at);
		if (i % 7 == 3)
			DO(TELL("s 0x%x 4\nf sfence", at + 8), "movl %%eax,(%%rdi); sfence", p + at + 8, 0, 0, 0, i);
		else if (i % 11 == 5)
			DO(TELL("s 0x%x 2", at + 8), "movw %%ax,(%%rdi)", p + at + 8, 0, 0, 0, i);
		STORE(at + 16);
	}
	return 0;
}

/* More than a thousand instructions between two stores. */
PROGRAM(gap, P_TOLD | P_TRUTH | P_BLIND, "thousands of instructions between stores: a gap, then the next burst")
{
	begin();
	for (int i = 0; i < 6; i++) {
		STORE(64 * i);
		STORE(64 * i + 8);
		DO((void)0, "mov $1500,%%ecx; 1: dec %%ecx; jnz 1b", 0, 0, 0, 0, 0);
	}
	STORE(0x400);
	end();
	return 0;
}

/*
 * The same two stores, with or without a fence between, without a branch that differs in what is stored. It must be seen
 * that the path is not always the same, sooner or later.
 */
PROGRAM(branch, P_LONG, "a path that changes: the fence comes every other time")
{
	if (telling)
		return 0;
	for (int i = 0; i < 3000; i++)
		INSN("movq %%rax,(%%rdi); test $1,%%cl; jz 1f; sfence; 1: movq %%rax,8(%%rdi)", p + i % 64 * 64, 0, 0, i, i + 1);
	return 0;
}

/* What stands at one address is now this, now that instruction. */
PROGRAM(jit, P_TOLD | P_TRUTH | P_STORES, "code that is written anew at the same address: other widths, another fence")
{
	static const struct {
		unsigned char code[12];
		const char *tells;
	} rows[] = {
		{ { 0x88, 0x07, 0xc3 }, "s 0x%x 1" },			  /* movb %al,(%rdi) */
		{ { 0x66, 0x89, 0x07, 0xc3 }, "s 0x%x 2" },		  /* movw %ax,(%rdi) */
		{ { 0x89, 0x07, 0xc3 }, "s 0x%x 4" },			  /* movl %eax,(%rdi) */
		{ { 0x48, 0x89, 0x07, 0xc3 }, "s 0x%x 8" },		  /* movq %rax,(%rdi) */
		{ { 0x48, 0x89, 0x07, 0x0f, 0xae, 0xf8, 0xc3 }, "s 0x%x 8\nf sfence" },
		{ { 0x48, 0x89, 0x07, 0x0f, 0xae, 0xf0, 0xc3 }, "s 0x%x 8\nf mfence" },
	};
	unsigned char *code =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(code != MAP_FAILED);
	begin();
	for (int i = 0; i < 60; i++) {
		const unsigned int k = (unsigned int)(i * 7 % 6);

		if (telling) {
			char line[64];

			snprintf(line, sizeof(line), rows[k].tells, 16 * i);
			TELL("%s", line);
			continue;
		}
		for (unsigned int b = 0; b < sizeof(rows[k].code); b++)
			((volatile unsigned char *)code)[b] = rows[k].code[b];
		INSN("call *%%rsi", p + 16 * i, code, 0, 0, value());
	}
	STORE(0x7000);
	end();
	return 0;
}
