// SPDX-License-Identifier: GPL-2.0-or-later
/* nt.c - stores past the cache, direct stores. */
#include <cpuid.h>

#include "prog.h"

PROGRAM(nontemporal, P_TOLD | P_TRUTH, "movnti, movntdq, movntps, vmovntdq, movntq")
{
	begin();
	DO(TELL("s 0x0 4"), "movnti %%eax,(%%rdi)", p, 0, 0, 0, value());
	DO(TELL("s 0x8 8"), "movnti %%rax,(%%rdi)", p + 8, 0, 0, 0, value());
	DO(TELL("s 0x10 16"), "movq %%rax,%%xmm0; punpcklqdq %%xmm0,%%xmm0; movntdq %%xmm0,(%%rdi)", p + 0x10, 0, 0, 0,
	   value());
	DO(TELL("s 0x20 16"), "movntps %%xmm0,(%%rdi)", p + 0x20, 0, 0, 0, 0);
	DO(TELL("s 0x30 16"), "movntpd %%xmm0,(%%rdi)", p + 0x30, 0, 0, 0, 0);
	DO(TELL("s 0x40 8"), "movq %%rax,%%mm1; movntq %%mm1,(%%rdi); emms", p + 0x40, 0, 0, 0, value());
	for (int i = 0; i < 4; i++)
		DO(TELL("s 0x%x 16", 0x80 + 16 * i), "movntdq %%xmm0,(%%rdi)", p + 0x80 + 16 * i, 0, 0, 0, 0);
	DO(TELL("f sfence\ns 0xc0 4"), "sfence; movnti %%eax,(%%rdi)", p + 0xc0, 0, 0, 0, value());
	if (telling || __builtin_cpu_supports("avx2")) {
		DO(TELL("s 0x100 32"), "vmovq %%rax,%%xmm0; vpbroadcastq %%xmm0,%%ymm0; vmovntdq %%ymm0,(%%rdi)", p + 0x100,
		   0, 0, 0, value());
		DO(TELL("s 0x120 32"), "vmovntps %%ymm0,(%%rdi); vzeroupper", p + 0x120, 0, 0, 0, 0);
	}
	end();
	return 0;
}

PROGRAM(direct, P_TOLD | P_TRUTH, "movdiri, movdir64b")
{
	unsigned int a = 0, b = 0, c = 0, d = 0;
	static unsigned char from[64] __attribute__((aligned(64)));

	if (!telling) {
		__get_cpuid_count(7, 0, &a, &b, &c, &d);
		if (!(c & 1U << 27) || !(c & 1U << 28))
			skip("this CPU has no MOVDIRI or no MOVDIR64B");
	}
	for (size_t i = 0; i < sizeof(from); i++)
		from[i] = (unsigned char)(3 * i + 1);
	begin();
	DO(TELL("s 0x0 4 direct"), ".byte 0x0f,0x38,0xf9,0x07", p, 0, 0, 0, value());
	DO(TELL("s 0x8 8 direct"), ".byte 0x48,0x0f,0x38,0xf9,0x07", p + 8, 0, 0, 0, value());
	DO(TELL("s 0x40 64 direct"), ".byte 0x66,0x0f,0x38,0xf8,0x3e", p + 0x40, from, 0, 0, 0);
	DO(TELL("s 0x100 8"), "movq %%rax,(%%rdi)", p + 0x100, 0, 0, 0, value());
	end();
	return 0;
}
