/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * insn_truth_asm.h - pieces of code that store, for test_insn_truth.c: rdi points to the start of a page of memory full
 * of 0xa5 with a page before and two behind, below 4 GiB; before all that lies a page of other bytes. rsi points to 64
 * bytes none of which is 0xa5. After each instruction the memory is 0xa5 again: nothing that is stored can be loaded.
 * They change every byte that they store to, but for those marked loose.
 */
#ifndef INSN_TRUTH_ASM_H
#define INSN_TRUTH_ASM_H

enum {
	LOOSE = 1, AVX2 = 2, AVX512 = 4, CLZERO = 8, XSAVEC = 16, VBMI2 = 32, FSGS = 64, MOVDIRI = 128, MOVDIR64B = 256,
	SSE4A = 512
};

/* The stack lies in the memory. */
#define STACK(code) "mov %rsp,%r11; lea 0x100(%rdi),%rsp;" code "; mov %r11,%rsp"
#define ZMM	    "vmovdqu64 (%rsi),%zmm0; vmovdqu64 (%rsi),%zmm17; mov $0x5a5a0f0fc33c9669,%rax; kmovq %rax,%k1;"
#define MASKS	    "movdqu (%rsi),%xmm0; mov $0x80ff008000ff8001,%rax; movq %rax,%xmm1; punpcklqdq %xmm1,%xmm1;"
#define YMASKS	    MASKS "vinserti128 $1,%xmm1,%ymm1,%ymm1; vmovdqu (%rsi),%ymm0;"
/* Indices in zmm2: 0, 9, -7, 40, .. as qwords; the same as dwords in zmm3. */
#define INDICES													\
	ZMM "mov $-200,%rax; vpbroadcastq %rax,%zmm4; vpmovzxbq (%rsi),%zmm2; vpsllq $6,%zmm2,%zmm2;"		\
	    "vpaddq %zmm4,%zmm2,%zmm2; vpmovzxbd (%rsi),%zmm3; vpslld $5,%zmm3,%zmm3; vpaddd %zmm4,%zmm3,%zmm3;"

#define PIECES(X)												\
	X(mov1, 0, "movb $1,(%rdi)")										\
	X(mov2, 0, "movw $0x101,63(%rdi)")									\
	X(mov4_page, 0, "movl $0x01020304,-2(%rdi)")								\
	X(mov8_index, 0, "mov $-3,%rcx; movq $-1,(%rdi,%rcx,8); movq $1,5(%rdi,%rcx,1)")			\
	X(mov_addr32, 0, "mov $0x1234500000000,%rax; or %rax,%rdi; movl $1,8(%edi)")				\
	X(mov_addr32_wraps, 0, "lea 0x10(%rdi),%rdi; mov $-16,%rax; movl $1,(%edi,%eax)")			\
	X(mov_gs, FSGS, "mov $0x40,%eax; wrgsbase %rdi; movl $1,%gs:(%rax); movl $1,%gs:-8; xor %eax,%eax;"	\
			"wrgsbase %rax")									\
	X(movnti, 0, "mov (%rsi),%rax; movnti %eax,(%rdi); movnti %rax,12(%rdi)")				\
	X(movbe, 0, "mov (%rsi),%rax; movbe %eax,3(%rdi); movbe %ax,60(%rdi)")					\
	X(setcc, 0, "cmp %rax,%rax; sete (%rdi); setne 9(%rdi)")						\
	X(not_neg, 0, "notl (%rdi); notq -4(%rdi); negb 20(%rdi)")						\
	X(xchg, 0, "mov (%rsi),%rax; xchg %eax,(%rdi); mov (%rsi),%rax; xchg %rax,60(%rdi)")			\
	X(lock_add, 0, "lock addl $0x01010101,(%rdi); lock xorq $-1,62(%rdi)")					\
	X(lock_xadd, 0, "mov $0x01010101,%eax; lock xadd %eax,(%rdi)")						\
	X(lock_inc, LOOSE, "lock incl (%rdi); lock decq 8(%rdi)")						\
	X(cmpxchg, 0, "mov $0xa5a5a5a5,%eax; mov (%rsi),%ecx; lock cmpxchg %ecx,(%rdi); mov $0xa5,%eax;"	\
		      "cmpxchg %cl,7(%rdi)")									\
	X(cmpxchg_fails, LOOSE, "xor %eax,%eax; lock cmpxchg %ecx,(%rdi)")					\
	X(cmpxchg16, 0, "push %rbx; mov $0xa5a5a5a5a5a5a5a5,%rax; mov %rax,%rdx; mov (%rsi),%rbx; mov 8(%rsi),%rcx;" \
			"lock cmpxchg16b 16(%rdi); mov $0xa5a5a5a5,%eax; mov %eax,%edx; cmpxchg8b 8(%rdi); pop %rbx") \
	X(bits, LOOSE, "mov $-9,%rax; btcq %rax,(%rdi); btcl %eax,(%rdi); btcw %ax,(%rdi); mov $1000,%eax;"	\
		       "lock btcl %eax,(%rdi); btcl $40,(%rdi)")						\
	X(shifts, LOOSE, "mov $3,%ecx; shll %cl,(%rdi); shrq (%rdi); rorb $5,9(%rdi); shldl $3,%eax,(%rdi)")	\
	X(shifts_by_0, LOOSE, "xor %ecx,%ecx; shll %cl,(%rdi); shldl %cl,%eax,(%rdi)")				\
	X(push, 0, STACK("push (%rsi); pushw $5; push $-1; push 8(%rsi); push %fs; pushf"))			\
	X(pop, 0, "push $1; pop (%rdi); pushw $1; popw 63(%rdi); mov %rsp,%r11; lea -4104(%rdi),%rsp; pop 8(%rsp);" \
		  "lea -4104(%rdi),%rsp; popw 8(%rsp); lea -4104(%rdi),%rsp; pop (%rsp); mov %r11,%rsp")	\
	X(call, LOOSE, STACK("call 3f; 3: lea 4f(%rip),%rax; call *%rax; 4:"))					\
	X(enter, LOOSE, "push %rbp;" STACK("lea 0x80(%rdi),%rbp; enter $16,$0; lea 0x80(%rdi),%rbp; enter $0,$3;" \
					   "lea 0x80(%rdi),%rbp; enter $0,$1") "; pop %rbp")			\
	X(stos, 0, "mov (%rsi),%rax; stosb; stosw; stosl; stosq")						\
	X(movs, 0, "movsb; movsw; movsl; movsq")								\
	X(rep_stos, 0, "mov (%rsi),%rax; mov $9,%ecx; rep stosb; mov $3,%ecx; rep stosw; mov $9,%ecx; rep stosq;" \
		       "rep stosl")										\
	X(rep_movs, 0, "mov $9,%ecx; rep movsb; mov $5,%ecx; rep movsq; mov $1,%ecx; rep movsl")		\
	X(repne_movs, 0, "mov $4,%ecx; .byte 0xf2; movsb")							\
	X(rep_down, 0, "std; lea 48(%rsi),%rsi; mov (%rsi),%rax; mov $9,%ecx; rep movsb; mov $5,%ecx; rep stosq;" \
		       "mov $2,%ecx; rep movsw; stosl; cld")							\
	X(rep_addr32, 0, "mov (%rsi),%rax; mov $0x100000003,%rcx; addr32 rep stosl")				\
	X(rep_compare, 0, "mov $5,%ecx; repe cmpsb; mov $5,%ecx; mov $0xa5,%al; repe scasb; lodsw")		\
	X(sse, 0, "movdqu (%rsi),%xmm0; movaps %xmm0,(%rdi); movups %xmm0,-9(%rdi); movntdq %xmm0,64(%rdi);"	\
		  "movntps %xmm0,96(%rdi); movhps %xmm0,5(%rdi); movlpd %xmm0,61(%rdi); movss %xmm0,(%rdi);"	\
		  "movd %xmm0,7(%rdi); movq %xmm0,30(%rdi)")							\
	X(sse4, 0, "movdqu (%rsi),%xmm0; pextrb $3,%xmm0,(%rdi); pextrw $1,%xmm0,63(%rdi); pextrd $1,%xmm0,(%rdi);" \
		   "pextrq $1,%xmm0,-4(%rdi); extractps $2,%xmm0,(%rdi)")					\
	X(mmx, 0, "movq (%rsi),%mm0; movq %mm0,(%rdi); movd %mm0,9(%rdi); movntq %mm0,64(%rdi); emms")		\
	X(maskmov, 0, MASKS "maskmovdqu %xmm1,%xmm0; addr32 maskmovdqu %xmm1,%xmm0; movq (%rsi),%mm0;"		\
			    "movdq2q %xmm1,%mm3; add $4091,%rdi; maskmovq %mm3,%mm0; emms")			\
	X(maskmov_none, 0, "pxor %xmm1,%xmm1; maskmovdqu %xmm1,%xmm0")						\
	X(maskmov_x87, 0, "fninit; fld1; fldpi; maskmovq %mm6,%mm7; emms")					\
	X(x87, 0, "fninit; fld1; fstpt 3(%rdi); fld1; fstpl (%rdi); fld1; fstps (%rdi); fld1; fistpll (%rdi); fld1;" \
		  "fistps 8(%rdi); fnstcw (%rdi); fnstsw 2(%rdi); stmxcsr 60(%rdi)")				\
	X(areas, LOOSE, "fninit; fnstenv (%rdi); fnsave (%rdi); fxsave (%rdi); fxsave64 (%rdi)")		\
	X(xsave, LOOSE, "mov $-1,%eax; mov %eax,%edx; xsave (%rdi); xsave64 (%rdi)")				\
	X(xsavec, LOOSE | XSAVEC, "mov $-1,%eax; mov %eax,%edx; xsavec (%rdi); xsaveopt 4096(%rdi)")		\
	X(clzero, CLZERO, "lea 77(%rdi),%rax; clzero")								\
	X(avx, AVX2, "vmovdqu (%rsi),%ymm0; vmovaps %ymm0,(%rdi); vmovups %ymm0,-7(%rdi); vmovntdq %ymm0,64(%rdi);" \
		     "vextracti128 $1,%ymm0,33(%rdi); vmovlps %xmm0,(%rdi); vpextrd $1,%xmm0,(%rdi); vzeroupper") \
	X(vmaskmov, AVX2, YMASKS "vmaskmovps %ymm0,%ymm1,(%rdi); vmaskmovpd %ymm0,%ymm1,60(%rdi);"		\
				 "vpmaskmovd %xmm0,%xmm1,-3(%rdi); vpmaskmovq %ymm0,%ymm1,(%rdi);"		\
				 "vmaskmovdqu %xmm1,%xmm0; vmaskmovps (%rdi),%ymm1,%ymm0; vzeroupper")		\
	X(zmm, AVX512, ZMM "vmovdqa64 %zmm0,(%rdi); vmovdqu64 %zmm17,-33(%rdi); vmovntps %zmm17,(%rdi);"	\
			   "vextracti64x4 $1,%zmm17,(%rdi); vzeroupper")					\
	X(kmasks, AVX512, ZMM "vmovdqu8 %zmm17,-31(%rdi){%k1}; vmovdqu16 %zmm0,(%rdi){%k1};"			\
			      "vmovdqu32 %zmm0,1(%rdi){%k1}; vmovdqa64 %zmm17,(%rdi){%k1};"	\
			      "vmovups %ymm17,(%rdi){%k1};"							\
			      "vmovupd %xmm17,2(%rdi){%k1}; vmovss %xmm0,(%rdi){%k1};"			\
			      "vextractf32x4 $1,%zmm0,(%rdi){%k1};"						\
			      "vpmovdb %zmm0,(%rdi){%k1}; vpmovqw %zmm17,(%rdi){%k1}; kxorq %k2,%k2,%k2;"	\
			      "vmovdqu8 %zmm0,(%rdi){%k2}; kmovq %k1,(%rdi); kmovb %k1,9(%rdi); vzeroupper")	\
	X(vcvtps2ph, AVX512, ZMM "vcvtps2ph $0,%zmm0,(%rdi); vcvtps2ph $0,%zmm17,(%rdi){%k1}; vzeroupper")	\
	X(compress, AVX512, ZMM "vpcompressd %zmm17,3(%rdi){%k1}; vcompresspd %ymm0,(%rdi){%k1};"		\
				"vpcompressq %zmm0,(%rdi); vzeroupper")						\
	X(compress_bytes, VBMI2, ZMM "vpcompressb %zmm17,3(%rdi){%k1}; vpcompressw %ymm0,(%rdi){%k1}; vzeroupper") \
	X(scatter, AVX512, INDICES										\
	  "kmovw %k1,%k2; vpscatterdd %zmm0,(%rdi,%zmm3,1){%k2}; kmovw %k1,%k2;"				\
	  "vpscatterdd %xmm0,4(%rdi,%xmm3,2){%k2}; kmovw %k1,%k2; vpscatterdq %zmm17,(%rdi,%ymm3,1){%k2};"	\
	  "kmovw %k1,%k2; vpscatterqd %ymm17,-9(%rdi,%zmm2,1){%k2}; kmovw %k1,%k2;"				\
	  "vscatterqpd %zmm0,(%rdi,%zmm2,2){%k2}; kmovw %k1,%k2; vpscatterqq %xmm17,(%rdi,%xmm2,1){%k2}; vzeroupper") \
	X(gather, AVX512, INDICES "kmovw %k1,%k2; vpgatherdd (%rdi,%zmm3,1),%zmm5{%k2}; vzeroupper")		\
	X(values, 0, "mov (%rsi),%rax; mov 8(%rsi),%rcx; mov 16(%rsi),%rdx; push %rbx; mov 24(%rsi),%rbx; mov 32(%rsi),%r8;" \
		     "mov 40(%rsi),%r11; movb %ah,(%rdi); movb %ch,1(%rdi); movb %dh,7(%rdi); movb %bh,9(%rdi);"	\
		     "movb %sil,(%rdi); movb %dil,3(%rdi); movb %spl,4(%rdi); movb %bpl,5(%rdi); movb %r8b,(%rdi);"	\
		     "movw %r11w,(%rdi); movl %r11d,(%rdi); movq %r8,(%rdi); movw $-2,(%rdi); movl $-3,5(%rdi);"	\
		     "movq $-4,61(%rdi); movq $0x12345678,(%rdi); movbe %rax,(%rdi); movbe %r11d,(%rdi); pop %rbx")	\
	X(values_movabs, 0, "mov (%rsi),%rax; mov $0x40000000,%ecx; cmp %rcx,%rdi; movb %al,(%rdi); mov %rsp,(%rdi);"	\
			    "mov %rbp,8(%rdi); mov %esi,(%rdi); mov %di,(%rdi)")					\
	X(values_movs, FSGS, "mov $0x40,%eax; wrgsbase %rsi; xor %esi,%esi; gs movsq; gs movsb; lea 4(%esi),%esi;"	\
			     "mov $3,%ecx; rep gs movsw; mov $2,%ecx; std; lea 20(%esi),%esi; rep gs movsl; cld;"	\
			     "xor %eax,%eax; wrgsbase %rax")							\
	X(values_nothing, 0, "xor %ecx,%ecx; rep stosb; rep movsq; mov $0x100000000,%rcx; addr32 rep stosl")		\
	X(values_sse, 0, "movdqu (%rsi),%xmm0; movdqu 16(%rsi),%xmm9; movdqu 32(%rsi),%xmm15; movd %xmm9,(%rdi);"	\
			 "movq %xmm15,(%rdi); .byte 0x66,0x48,0x0f,0x7e,0x07; movsd %xmm9,3(%rdi); movhpd %xmm15,(%rdi);" \
			 "movhps %xmm9,(%rdi); movlps %xmm9,(%rdi); movupd %xmm15,3(%rdi); movapd %xmm9,(%rdi);"	\
			 "movdqa %xmm15,32(%rdi); movdqu %xmm9,-3(%rdi); movntpd %xmm15,48(%rdi); movntdq %xmm9,(%rdi)") \
	X(values_sse4a, SSE4A, "movdqu (%rsi),%xmm0; movntss %xmm0,(%rdi); movntsd %xmm0,9(%rdi)")			\
	X(values_x87, 0, "fninit; fld1; fldpi; movq (%rsi),%mm5; movq %mm5,(%rdi); fninit; fld1; fldpi; fldl2e; fldz;"	\
			 "movq %mm4,(%rdi); movq %mm7,(%rdi); emms; fninit; fldpi; fld1; fstp %st(0); movq %mm7,(%rdi); emms") \
	X(values_vex, AVX2, "vmovdqu (%rsi),%ymm0; vmovdqu 32(%rsi),%ymm13; vmovd %xmm13,(%rdi); vmovq %xmm13,(%rdi);"	\
			    "vmovss %xmm13,3(%rdi); vmovsd %xmm13,(%rdi); vmovlpd %xmm13,(%rdi); vmovhps %xmm13,(%rdi);" \
			    "vmovhpd %xmm0,5(%rdi); vmovups %xmm13,(%rdi); vmovupd %ymm13,7(%rdi); vmovaps %xmm13,(%rdi);" \
			    "vmovapd %ymm13,(%rdi); vmovdqa %ymm13,32(%rdi); vmovdqu %xmm13,(%rdi); vmovntps %ymm13,(%rdi);" \
			    "vmovntpd %xmm13,(%rdi); vmovntdq %ymm13,(%rdi); vmovntdq %xmm13,(%rdi); vpextrb $9,%xmm13,(%rdi);" \
			    "vpextrw $7,%xmm13,(%rdi); vpextrq $1,%xmm13,(%rdi); vextractps $3,%xmm13,(%rdi);"		\
			    "vextractf128 $1,%ymm13,(%rdi); vextracti128 $0,%ymm13,(%rdi); vzeroupper")			\
	X(values_evex, AVX512, ZMM "vmovdqu64 (%rsi),%zmm31; vpermq $0x1b,%zmm31,%zmm30; vmovd %xmm31,(%rdi);"	\
			       "vmovq %xmm30,(%rdi); vmovss %xmm31,(%rdi); vmovsd %xmm30,9(%rdi); vmovhps %xmm30,(%rdi);" \
			       "vmovlpd %xmm31,(%rdi); vmovups %xmm30,(%rdi); vmovups %ymm30,9(%rdi);"			\
			       "vmovupd %zmm30,63(%rdi); vmovaps %zmm31,(%rdi); vmovapd %ymm30,32(%rdi);"		\
			       "vmovdqa32 %xmm30,16(%rdi); vmovdqa64 %zmm30,64(%rdi); vmovdqu8 %ymm31,1(%rdi);"		\
			       "vmovdqu16 %zmm31,1(%rdi); vmovntdq %zmm30,(%rdi); vmovntdq %xmm30,16(%rdi);"		\
			       "vmovntpd %zmm30,(%rdi); vmovntps %ymm30,(%rdi); vextractf32x4 $3,%zmm30,(%rdi);"	\
			       "vextracti32x8 $1,%zmm30,(%rdi); vextractf64x2 $1,%ymm30,(%rdi); vextracti64x4 $0,%zmm30,(%rdi);" \
			       "vpextrb $5,%xmm30,(%rdi); vpextrd $2,%xmm30,(%rdi); vextractps $1,%xmm31,(%rdi);"	\
			       "kmovw %k1,(%rdi); kmovd %k1,(%rdi); kmovb %k1,(%rdi); vzeroupper")			\
	X(values_masked, AVX512, ZMM "vmovdqu64 (%rsi),%zmm31; vmovaps %zmm31,(%rdi){%k1}; vmovapd %ymm31,(%rdi){%k1};"	\
				 "vmovdqa32 %zmm31,(%rdi){%k1}; vmovdqu8 %xmm31,3(%rdi){%k1}; vmovdqu8 %ymm31,(%rdi){%k1};" \
				 "vmovdqu16 %ymm31,(%rdi){%k1}; vmovdqu32 %xmm31,(%rdi){%k1}; vmovdqu32 %ymm31,(%rdi){%k1};" \
				 "vextracti64x4 $1,%zmm31,(%rdi){%k1}; vmovsd %xmm31,(%rdi){%k1}; kxnorq %k3,%k3,%k3;"	\
				 "vmovdqu8 %zmm31,(%rdi){%k3}; vmovdqu64 %ymm31,(%rdi){%k3}; vzeroupper")		\
	X(values_movdiri, MOVDIRI, "mov (%rsi),%rax; movdiri %eax,(%rdi); movdiri %rax,9(%rdi); mov %rax,%r9;"		\
				   "movdiri %r9,64(%rdi)")								\
	X(values_movdir64b, MOVDIR64B, "movdir64b (%rsi),%rdi; lea 64(%rdi),%rax; movdir64b -5(%rsi),%rax;"		\
				       "addr32 movdir64b (%esi),%edi")							\
	X(nothing, 0, "clflush (%rdi); prefetcht0 (%rdi); nopl (%rdi); lea (%rdi),%rax; sfence; mfence; lfence")

#endif
