/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * wcdiag_stores_asm.h - the instructions of the patterns in wcdiag_stores.h, the same text for the module and for user
 * space. Included by one file of each side.
 *
 * One function a pattern, all of it one piece of assembly, so that no compiler can change, merge or reorder a store.
 * All data is in registers before the first store, but for mov4 (half of a line at a time) and the string operations.
 *
 *   rdi to      rsi from (rep: advances, r8 keeps it)      rdx messages left      rbx lines, or no-ops of a gap
 *   rax, rcx, r8 .. r15, xmm0 .. 3: what a pattern names. String operations go up: DF is clear, as in every C function.
 */
#ifndef WCDIAG_STORES_ASM_H
#define WCDIAG_STORES_ASM_H

#include "wcdiag_stores.h"

/* What a pattern takes besides: no more, for a function that saves registers for nothing is slower for short messages. */
#define WCS_NONE  "cc"
#define WCS_LINE  "cc", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"
#define WCS_REP	  "cc", "rcx", "r8"
#define WCS_TURNS WCS_LINE, "rax", "rcx"
/* The kernel is compiled without vector registers: there they can not be named, and need not be. */
#ifdef __KERNEL__
#define WCS_VECTORS "cc"
#else
#define WCS_VECTORS "cc", "xmm0", "xmm1", "xmm2", "xmm3"
#endif

/*
 * A function: "before" once, "message" for each, and at the end the fence that every batch has. The loop begins on a line of
 * the instruction cache: where the compiler puts it otherwise made it up to a third slower, or not.
 */
#define WCS_FUNCTION_(name, before, message, after, inputs, ...)                                                     \
	static __attribute__((__noinline__)) void wcs_##name(const struct wcdiag_store_args *args)                   \
	{                                                                                                            \
		void *to = args->to;                                                                                 \
		const void *from = args->from;                                                                       \
		__u64 left = args->messages;                                                                         \
                                                                                                                     \
		__asm__ volatile(before ".p2align 6\n1:\n\t" message "decq %%rdx\n\t"                                        \
				 "jnz 1b\n\t"                                                                      \
				 after "sfence\n\t"                                                                \
				 : "+D"(to), "+S"(from), "+d"(left)                                                  \
				 : inputs                                                                            \
				 : "memory", __VA_ARGS__);                                                           \
	}
#define WCS_NO_INPUT
#define WCS_FUNCTION(name, before, message, ...) WCS_FUNCTION_(name, before, message, "", WCS_NO_INPUT, __VA_ARGS__)
/* One with lines, or the no-ops of a gap, in rbx. */
#define WCS_FUNCTION_RBX(name, wanted, before, message, ...)                                                         \
	WCS_FUNCTION_(name, before, message, "", "b"(wanted), __VA_ARGS__)
/* After AVX: or every SSE instruction to come pays for the upper halves. */
#define WCS_FUNCTION_AVX(name, before, message)                                                                      \
	WCS_FUNCTION_(name, before, message, "vzeroupper\n\t", WCS_NO_INPUT, WCS_VECTORS)

#define WCS_LOAD8                                                                                                    \
	"movq (%%rsi), %%r8\n\tmovq 8(%%rsi), %%r9\n\tmovq 16(%%rsi), %%r10\n\tmovq 24(%%rsi), %%r11\n\t"            \
	"movq 32(%%rsi), %%r12\n\tmovq 40(%%rsi), %%r13\n\tmovq 48(%%rsi), %%r14\n\tmovq 56(%%rsi), %%r15\n\t"

#define WCS_NEXT(span) "addq $" span ", %%rdi\n\t"

/* Eight stores, upwards from byte "0" .. of the line, "then" after each but the last. */
#define WCS_STORE8(op, then)                                                                                         \
	op " %%r8, (%%rdi)\n\t" then op " %%r9, 8(%%rdi)\n\t" then op " %%r10, 16(%%rdi)\n\t" then                   \
	op " %%r11, 24(%%rdi)\n\t" then op " %%r12, 32(%%rdi)\n\t" then op " %%r13, 40(%%rdi)\n\t" then              \
	op " %%r14, 48(%%rdi)\n\t" then op " %%r15, 56(%%rdi)\n\t"

WCS_FUNCTION(mov8, WCS_LOAD8, WCS_STORE8("movq", "") WCS_NEXT("64"), WCS_LINE)
WCS_FUNCTION(movnti, WCS_LOAD8, WCS_STORE8("movnti", "") WCS_NEXT("64"), WCS_LINE)
WCS_FUNCTION(movdiri, WCS_LOAD8, WCS_STORE8("movdiri", "") WCS_NEXT("64"), WCS_LINE)
WCS_FUNCTION(fenced, WCS_LOAD8, WCS_STORE8("movq", "sfence\n\t") "sfence\n\t" WCS_NEXT("64"), WCS_LINE)

#define WCS_HALF(at0, at1, at2, at3, at4, at5, at6, at7)                                                       \
	"movl " at0 "(%%rsi), %%r8d\n\tmovl " at1 "(%%rsi), %%r9d\n\tmovl " at2 "(%%rsi), %%r10d\n\t"                \
	"movl " at3 "(%%rsi), %%r11d\n\tmovl " at4 "(%%rsi), %%r12d\n\tmovl " at5 "(%%rsi), %%r13d\n\t"              \
	"movl " at6 "(%%rsi), %%r14d\n\tmovl " at7 "(%%rsi), %%r15d\n\t"                                             \
	"movl %%r8d, " at0 "(%%rdi)\n\tmovl %%r9d, " at1 "(%%rdi)\n\tmovl %%r10d, " at2 "(%%rdi)\n\t"                \
	"movl %%r11d, " at3 "(%%rdi)\n\tmovl %%r12d, " at4 "(%%rdi)\n\tmovl %%r13d, " at5 "(%%rdi)\n\t"              \
	"movl %%r14d, " at6 "(%%rdi)\n\tmovl %%r15d, " at7 "(%%rdi)\n\t"

WCS_FUNCTION(mov4, "",
	     WCS_HALF("0", "4", "8", "12", "16", "20", "24", "28")
	     WCS_HALF("32", "36", "40", "44", "48", "52", "56", "60") WCS_NEXT("64"), WCS_LINE)

#define WCS_LOAD_X4                                                                                                  \
	"movaps (%%rsi), %%xmm0\n\tmovaps 16(%%rsi), %%xmm1\n\tmovaps 32(%%rsi), %%xmm2\n\t"                         \
	"movaps 48(%%rsi), %%xmm3\n\t"
#define WCS_STORE_X4(op)                                                                                             \
	op " %%xmm0, (%%rdi)\n\t" op " %%xmm1, 16(%%rdi)\n\t" op " %%xmm2, 32(%%rdi)\n\t" op " %%xmm3, 48(%%rdi)\n\t"

WCS_FUNCTION(sse, WCS_LOAD_X4, WCS_STORE_X4("movaps") WCS_NEXT("64"), WCS_VECTORS)
WCS_FUNCTION(movntdq, WCS_LOAD_X4, WCS_STORE_X4("movntdq") WCS_NEXT("64"), WCS_VECTORS)

#define WCS_LOAD_Y2	 "vmovaps (%%rsi), %%ymm0\n\tvmovaps 32(%%rsi), %%ymm1\n\t"
#define WCS_STORE_Y2(op) op " %%ymm0, (%%rdi)\n\t" op " %%ymm1, 32(%%rdi)\n\t"

WCS_FUNCTION_AVX(avx, WCS_LOAD_Y2, WCS_STORE_Y2("vmovaps") WCS_NEXT("64"))
WCS_FUNCTION_AVX(vmovntdq, WCS_LOAD_Y2, WCS_STORE_Y2("vmovntdq") WCS_NEXT("64"))
WCS_FUNCTION_AVX(avx512, "vmovaps (%%rsi), %%zmm0\n\t", "vmovaps %%zmm0, (%%rdi)\n\t" WCS_NEXT("64"))
WCS_FUNCTION_AVX(vmovntdq512, "vmovaps (%%rsi), %%zmm0\n\t", "vmovntdq %%zmm0, (%%rdi)\n\t" WCS_NEXT("64"))
WCS_FUNCTION(movdir64b, "", "movdir64b (%%rsi), %%rdi\n\t" WCS_NEXT("64"), WCS_NONE)

WCS_FUNCTION_RBX(rep_movsq, args->lines * 8, "movq %%rsi, %%r8\n\t",
	     "movq %%r8, %%rsi\n\tmovq %%rbx, %%rcx\n\trep movsq\n\t", WCS_REP)
WCS_FUNCTION_RBX(rep_movsb, args->lines * 64, "movq %%rsi, %%r8\n\t",
	     "movq %%r8, %%rsi\n\tmovq %%rbx, %%rcx\n\trep movsb\n\t", WCS_REP)

WCS_FUNCTION(misaligned, WCS_LOAD8 "addq $8, %%rdi\n\t", WCS_STORE8("movq", "") WCS_NEXT("128"), WCS_LINE)

WCS_FUNCTION(partial, WCS_LOAD8,
	     "movq %%r8, (%%rdi)\n\tmovq %%r9, 8(%%rdi)\n\tmovq %%r10, 16(%%rdi)\n\tmovq %%r11, 24(%%rdi)\n\t"
	     "movq %%r12, 32(%%rdi)\n\tmovq %%r13, 40(%%rdi)\n\tmovq %%r14, 48(%%rdi)\n\t" WCS_NEXT("64"), WCS_LINE)

WCS_FUNCTION(descending, WCS_LOAD8,
	     "movq %%r15, 56(%%rdi)\n\tmovq %%r14, 48(%%rdi)\n\tmovq %%r13, 40(%%rdi)\n\tmovq %%r12, 32(%%rdi)\n\t"
	     "movq %%r11, 24(%%rdi)\n\tmovq %%r10, 16(%%rdi)\n\tmovq %%r9, 8(%%rdi)\n\tmovq %%r8, (%%rdi)\n\t"
	     WCS_NEXT("64"), WCS_LINE)

WCS_FUNCTION(overlap, WCS_LOAD8, WCS_STORE8("movq", "") "movq %%r15, 56(%%rdi)\n\t" WCS_NEXT("64"), WCS_LINE)

/* "gap" no-ops, each a turn of a loop: rbx holds how many. */
#define WCS_NOPS "movq %%rbx, %%rcx\n2:\n\tnop\n\tdecq %%rcx\n\tjnz 2b\n\t"
WCS_FUNCTION_RBX(gap, args->gap, WCS_LOAD8, WCS_STORE8("movq", WCS_NOPS) WCS_NEXT("64"), WCS_TURNS)

/* One store to the same place of all lines of the message. */
#define WCS_TURN(reg, at)                                                                                            \
	"movq %%rdi, %%rax\n\tmovq %%rbx, %%rcx\n2:\n\tmovq %%" reg ", " at "(%%rax)\n\taddq $64, %%rax\n\t"         \
	"decq %%rcx\n\tjnz 2b\n\t"
WCS_FUNCTION_RBX(interleaved, args->lines, WCS_LOAD8,
	     WCS_TURN("r8", "0") WCS_TURN("r9", "8") WCS_TURN("r10", "16") WCS_TURN("r11", "24")
	     WCS_TURN("r12", "32") WCS_TURN("r13", "40") WCS_TURN("r14", "48") WCS_TURN("r15", "56")
	     "movq %%rax, %%rdi\n\t", WCS_TURNS)

/* The fence at the end of a batch, for the two sides' own functions. */
static inline void wcs_fence(void)
{
	__asm__ volatile("sfence" : : : "memory");
}

/*
 * The time-stamp counter when everything before is done, all stores globally visible: Intel SDM vol 2, RDTSC. (AMD:
 * where LFENCE is serialising, as Linux makes it.)
 */
static inline __u64 wcs_clock(void)
{
	__u32 low, high;

	__asm__ volatile("mfence\n\tlfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
	return (__u64)high << 32 | low;
}

#define WCS_OWN_FUNCTIONS                                                                                            \
	[WCDIAG_STORE_MOV8] = wcs_mov8, [WCDIAG_STORE_MOV4] = wcs_mov4, [WCDIAG_STORE_SSE] = wcs_sse,                \
	[WCDIAG_STORE_AVX] = wcs_avx, [WCDIAG_STORE_AVX512] = wcs_avx512, [WCDIAG_STORE_MOVNTI] = wcs_movnti,        \
	[WCDIAG_STORE_MOVNTDQ] = wcs_movntdq, [WCDIAG_STORE_VMOVNTDQ] = wcs_vmovntdq,                                \
	[WCDIAG_STORE_VMOVNTDQ512] = wcs_vmovntdq512,                                                                \
	[WCDIAG_STORE_REP_MOVSQ] = wcs_rep_movsq, [WCDIAG_STORE_REP_MOVSB] = wcs_rep_movsb,                          \
	[WCDIAG_STORE_MOVDIRI] = wcs_movdiri, [WCDIAG_STORE_MOVDIR64B] = wcs_movdir64b,                              \
	[WCDIAG_STORE_MISALIGNED] = wcs_misaligned, [WCDIAG_STORE_PARTIAL] = wcs_partial,                            \
	[WCDIAG_STORE_FENCED] = wcs_fenced, [WCDIAG_STORE_INTERLEAVED] = wcs_interleaved,                            \
	[WCDIAG_STORE_GAP] = wcs_gap, [WCDIAG_STORE_DESCENDING] = wcs_descending, [WCDIAG_STORE_OVERLAP] = wcs_overlap

#endif
