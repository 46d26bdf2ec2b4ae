// SPDX-License-Identifier: GPL-2.0-or-later
/* vec.c - vector registers of 16, 32 and 64 bytes; masked ones; scatters. */
#include "prog.h"

PROGRAM(sse, P_TOLD | P_TRUTH, "16 bytes and parts of them, SSE")
{
	static const unsigned char mask[16] = { 0x80, 0, 0x80, 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x80 };

	begin();
	DO(TELL("s 0x0 16"), "movq %%rax,%%xmm0; punpcklqdq %%xmm0,%%xmm0; movaps %%xmm0,(%%rdi)", p, 0, 0, 0, value());
	DO(TELL("s 0x11 16"), "movups %%xmm0,(%%rdi)", p + 0x11, 0, 0, 0, 0);
	DO(TELL("s 0x30 16"), "pcmpeqb %%xmm1,%%xmm1; movdqa %%xmm1,(%%rdi)", p + 0x30, 0, 0, 0, 0);
	DO(TELL("s 0x41 16"), "pxor %%xmm2,%%xmm2; movdqu %%xmm2,(%%rdi)", p + 0x41, 0, 0, 0, 0);
	DO(TELL("s 0x60 8"), "movq %%rax,%%xmm0; movlps %%xmm0,(%%rdi)", p + 0x60, 0, 0, 0, value());
	DO(TELL("s 0x68 8"), "movq %%rax,%%xmm0; punpcklqdq %%xmm0,%%xmm0; movhps %%xmm0,(%%rdi)", p + 0x68, 0, 0, 0,
	   value());
	DO(TELL("s 0x70 4"), "movd %%eax,%%xmm0; movss %%xmm0,(%%rdi)", p + 0x70, 0, 0, 0, value());
	DO(TELL("s 0x78 8"), "movq %%rax,%%xmm0; movsd %%xmm0,(%%rdi)", p + 0x78, 0, 0, 0, value());
	DO(TELL("s 0x80 4"), "movd %%eax,%%xmm0; movd %%xmm0,(%%rdi)", p + 0x80, 0, 0, 0, value());
	DO(TELL("s 0x88 8"), "movq %%rax,%%xmm0; movq %%xmm0,(%%rdi)", p + 0x88, 0, 0, 0, value());
	DO(TELL("s 0x90 16 mask=0x808d"), "movdqu (%%rsi),%%xmm1; pcmpeqb %%xmm0,%%xmm0; maskmovdqu %%xmm1,%%xmm0",
	   p + 0x90, mask, 0, 0, 0);
	if (telling || __builtin_cpu_supports("sse4.1")) {
		DO(TELL("s 0xa0 4"), "movq %%rax,%%xmm0; pextrd $1,%%xmm0,(%%rdi)", p + 0xa0, 0, 0, 0, value());
		DO(TELL("s 0xa8 1"), "movq %%rax,%%xmm0; pextrb $3,%%xmm0,(%%rdi)", p + 0xa8, 0, 0, 0, value());
	}
	end();
	return 0;
}

PROGRAM(avx, P_TOLD | P_TRUTH, "32 bytes, and masked, AVX")
{
	static const int mask[8] = { 0, -1, -1, 0, 0, 0, -1, 0 };

	if (!telling && !__builtin_cpu_supports("avx2"))
		skip("this CPU has no AVX2");
	begin();
	DO(TELL("s 0x0 32"), "vmovq %%rax,%%xmm0; vpbroadcastq %%xmm0,%%ymm0; vmovdqa %%ymm0,(%%rdi)", p, 0, 0, 0, value());
	DO(TELL("s 0x23 32"), "vmovdqu %%ymm0,(%%rdi)", p + 0x23, 0, 0, 0, 0);
	DO(TELL("s 0x60 32"), "vmovaps %%ymm0,(%%rdi)", p + 0x60, 0, 0, 0, 0);
	DO(TELL("s 0x80 16"), "vextractf128 $1,%%ymm0,(%%rdi)", p + 0x80, 0, 0, 0, 0);
	DO(TELL("s 0x90 16"), "vmovups %%xmm0,(%%rdi)", p + 0x90, 0, 0, 0, 0);
	DO(TELL("s 0xa0 32 mask=0xf000ff0"), "vmovdqu (%%rsi),%%ymm1; vpmaskmovd %%ymm0,%%ymm1,(%%rdi)", p + 0xa0, mask, 0,
	   0, 0);
	DO(TELL("s 0xc0 32 mask=0xf000ff0"), "vmovdqu (%%rsi),%%ymm1; vmaskmovps %%ymm0,%%ymm1,(%%rdi)", p + 0xc0, mask, 0,
	   0, 0);
	/* A mask of nothing stores nothing, and faults nowhere. */
	DO((void)0, "vpxor %%ymm1,%%ymm1,%%ymm1; vmaskmovps %%ymm0,%%ymm1,(%%rdi)", p + 0xc0, 0, 0, 0, 0);
	DO(TELL("s 0x100 32"), "vpcmpeqd %%ymm2,%%ymm2,%%ymm2; vmovdqu %%ymm2,(%%rdi); vzeroupper", p + 0x100, 0, 0, 0, 0);
	end();
	return 0;
}

PROGRAM(avx512, P_TOLD | P_TRUTH, "64 bytes, AVX-512")
{
	if (!telling && !(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")))
		skip("this CPU has no AVX-512");
	begin();
	DO(TELL("s 0x0 64"), "vpbroadcastq %%rax,%%zmm0; vmovdqa64 %%zmm0,(%%rdi)", p, 0, 0, 0, value());
	DO(TELL("s 0x41 64"), "vpbroadcastq %%rax,%%zmm31; vmovdqu64 %%zmm31,(%%rdi)", p + 0x41, 0, 0, 0, value());
	DO(TELL("s 0x90 32"), "vpbroadcastq %%rax,%%ymm17; vmovdqu64 %%ymm17,(%%rdi)", p + 0x90, 0, 0, 0, value());
	DO(TELL("s 0xc0 16"), "vpbroadcastq %%rax,%%xmm16; vmovdqa32 %%xmm16,(%%rdi)", p + 0xc0, 0, 0, 0, value());
	DO(TELL("s 0x100 64"), "vmovaps %%zmm31,(%%rdi)", p + 0x100, 0, 0, 0, 0);
	DO(TELL("s 0x140 32"), "vextracti64x4 $1,%%zmm31,(%%rdi)", p + 0x140, 0, 0, 0, 0);
	DO(TELL("s 0x180 64"), "vpbroadcastq %%rax,%%zmm0; vmovntdq %%zmm0,(%%rdi)", p + 0x180, 0, 0, 0, value());
	/* Narrowed on the way to memory. */
	DO(TELL("s 0x1c0 32"), "vpmovqd %%zmm0,(%%rdi)", p + 0x1c0, 0, 0, 0, 0);
	DO((void)0, "vzeroupper", p, 0, 0, 0, 0);
	end();
	return 0;
}

PROGRAM(masked, P_TOLD | P_TRUTH, "masked stores, AVX-512")
{
	if (!telling && !(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")))
		skip("this CPU has no AVX-512");
	begin();
	DO(TELL("s 0x0 64 mask=0xff"), "kmovq %%rcx,%%k1; vpbroadcastq %%rax,%%zmm0; vmovdqu8 %%zmm0,(%%rdi)%{%%k1%}", p, 0,
	   0, 0xff, value());
	DO(TELL("s 0x40 64 mask=0xffff00000000000f"), "kmovw %%ecx,%%k1; vmovdqu32 %%zmm0,(%%rdi)%{%%k1%}", p + 0x40, 0, 0,
	   0xf001, 0);
	DO(TELL("s 0x80 64 mask=0xff000000000000ff"), "kmovw %%ecx,%%k2; vmovdqu64 %%zmm0,(%%rdi)%{%%k2%}", p + 0x80, 0, 0,
	   0x81, 0);
	DO((void)0, "kmovw %%ecx,%%k1; vmovdqu32 %%zmm0,(%%rdi)%{%%k1%}", p + 0x40, 0, 0, 0, 0);
	DO(TELL("s 0xc0 64 mask=0xffffffffffffffff"), "kmovq %%rcx,%%k7; vmovdqu8 %%zmm0,(%%rdi)%{%%k7%}", p + 0xc0, 0, 0,
	   -1L, 0);
	/* A masked byte on the next page, which is not there, is no fault. */
	DO(TELL("s 0x7fe0 32 mask=0x1"), "kmovq %%rcx,%%k1; vmovdqu8 %%zmm0,(%%rdi)%{%%k1%}", p + 0x7fe0, 0, 0, 1, 0);
	DO(TELL("s 0x140 64 mask=0x8000000000000001"), "kmovq %%rcx,%%k3; vmovdqu8 %%zmm0,(%%rdi)%{%%k3%}; vzeroupper",
	   p + 0x140, 0, 0, 0x8000000000000001, 0);
	end();
	return 0;
}

PROGRAM(scatter, P_TOLD | P_TRUTH, "scatters: several stores of one instruction, AVX-512")
{
	static const int at[16] = { 0x00, 0x40, 0x10, 0x100, 0x200, 0x44, 0x300, 0x1000,
				    0x80, 0x84, 0x88, 0x8c,  0x90,  0x94, 0x98,	 0x9c };

	if (!telling && !__builtin_cpu_supports("avx512f"))
		skip("this CPU has no AVX-512");
	begin();
	if (telling) {
		for (int i = 0; i < 16; i++)
			TELL("s 0x%x 4", at[i]);
	} else {
		INSN("kxnorw %%k1,%%k1,%%k1; vpbroadcastd %%eax,%%zmm0; vmovdqu64 (%%rsi),%%zmm1;"
		     "vpscatterdd %%zmm0,(%%rdi,%%zmm1)%{%%k1%}", p, at, 0, 0, value());
	}
	DO(TELL("s 0x140 8\ns 0x400 8"),
	   "kmovw %%ecx,%%k1; vpbroadcastq %%rax,%%zmm0; vmovdqu (%%rsi),%%ymm1;"
	   "vpscatterdq %%zmm0,0x100(%%rdi,%%ymm1)%{%%k1%}; vzeroupper", p, at, 0, (1 << 1) | (1 << 6), value());
	end();
	return 0;
}
