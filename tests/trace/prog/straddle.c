// SPDX-License-Identifier: GPL-2.0-or-later
/* straddle.c - stores over the end of a line, of a page, of the mapping. */
#include "prog.h"

PROGRAM(straddle, P_TOLD | P_TRUTH, "stores over the end of a line and of a page, each width")
{
	begin();
	DO(TELL("s 0x3f 2"), "movw %%ax,(%%rdi)", p + 0x3f, 0, 0, 0, value());
	DO(TELL("s 0x7d 4"), "movl %%eax,(%%rdi)", p + 0x7d, 0, 0, 0, value());
	DO(TELL("s 0xbc 8"), "movq %%rax,(%%rdi)", p + 0xbc, 0, 0, 0, value());
	DO(TELL("s 0xf1 16"), "movq %%rax,%%xmm0; punpcklqdq %%xmm0,%%xmm0; movups %%xmm0,(%%rdi)", p + 0xf1, 0, 0, 0,
	   value());
	DO(TELL("s 0xfff 2"), "movw %%ax,(%%rdi)", p + 0xfff, 0, 0, 0, value());
	DO(TELL("s 0x1ffd 4"), "movl %%eax,(%%rdi)", p + 0x1ffd, 0, 0, 0, value());
	DO(TELL("s 0x2ff9 8"), "movq %%rax,(%%rdi)", p + 0x2ff9, 0, 0, 0, value());
	DO(TELL("s 0x3ff8 16"), "movups %%xmm0,(%%rdi)", p + 0x3ff8, 0, 0, 0, 0);
	if (telling || __builtin_cpu_supports("avx2")) {
		DO(TELL("s 0x121 32"), "vmovq %%rax,%%xmm0; vpbroadcastq %%xmm0,%%ymm0; vmovdqu %%ymm0,(%%rdi)", p + 0x121,
		   0, 0, 0, value());
		DO(TELL("s 0x4fe1 32"), "vmovdqu %%ymm0,(%%rdi); vzeroupper", p + 0x4fe1, 0, 0, 0, 0);
	}
	DO(TELL("r 0x5ffc 8\ns 0x5ffc 8"), "notq (%%rdi)", p + 0x5ffc, 0, 0, 0, 0);
	end();
	return 0;
}

/* A page of memory behind the region's last, and one before its first: a store that lies in both is cut. */
PROGRAM(edge, P_TOLD | P_TRUTH, "stores half in the mapping, half in memory before and behind it")
{
	unsigned char *q = p;

	if (!telling) {
		q = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		MUST(q != MAP_FAILED);
		MUST(mmap(q + 4096, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, prog_fd, 0x2000) == q + 4096);
	}
	memset(q, 0, 4096);
	begin();
	DO(TELL("s 0x2000 8"), "movq %%rax,(%%rdi)", q + 0x1000, 0, 0, 0, value());
	DO(TELL("s 0x2000 3"), "movq %%rax,(%%rdi)", q + 0x1000 - 5, 0, 0, 0, value());
	DO(TELL("s 0x2ffd 3"), "movq %%rax,(%%rdi)", q + 0x2000 - 3, 0, 0, 0, value());
	DO(TELL("s 0x2ffe 2"), "movq %%rax,%%xmm0; punpcklqdq %%xmm0,%%xmm0; movups %%xmm0,(%%rdi)", q + 0x2000 - 2, 0, 0,
	   0, value());
	DO((void)0, "movq %%rax,(%%rdi)", q + 0x2000, 0, 0, 0, value());
	DO((void)0, "movq %%rax,(%%rdi)", q + 0x1000 - 8, 0, 0, 0, value());
	DO(TELL("s 0x2ff8 8"), "movq %%rax,(%%rdi)", q + 0x2000 - 8, 0, 0, 0, value());
	end();
	if (!telling)
		printf("beside %lx %lx\n", *(unsigned long *)(q + 0x2000), *(unsigned long *)(q + 0x1000 - 8));
	return 0;
}
