// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * buffers_asm.c - the stores. Each function is one piece of assembly: no compiler may change, merge or move a store.
 *
 *   rdi line 0 of the group    rsi groups left    rdx lines    r9 end    r10 gap    r11 what to load
 *   rax line    rcx lines left    r8 byte in the line    r12 no-ops left
 */
#include "probe/buffers_int.h"

#define TURNS(name, width, store, turn, after)                                                                         \
	void buffers_##name(const struct buffers_job *job)                                                             \
	{                                                                                                              \
		char *to = job->to;                                                                                    \
		uint64_t groups = job->groups;                                                                         \
		const char *from = job->from;                                                                          \
		register uint64_t end __asm__("r9") = job->end;                                                        \
		register uint64_t gap __asm__("r10") = job->gap;                                                       \
		register const char *load __asm__("r11") = from;                                                       \
                                                                                                                       \
		__asm__ volatile("1:\n\txorl %%r8d, %%r8d\n\t"                                                         \
				 "2:\n\tleaq (%%rdi,%%r8), %%rax\n\tmovq %%rdx, %%rcx\n\t" turn "3:\n\t" store         \
				 "addq $64, %%rax\n\tdecq %%rcx\n\tjnz 3b\n\t"                                         \
				 "addq $" width ", %%r8\n\tcmpq %%r9, %%r8\n\tjb 2b\n\t"                               \
				 "movq %%rdx, %%rax\n\tshlq $6, %%rax\n\taddq %%rax, %%rdi\n\t"                        \
				 "decq %%rsi\n\tjnz 1b\n\tsfence\n\t" after                                            \
				 : "+D"(to), "+S"(groups), "+r"(load)                                                  \
				 : "d"(job->lines), "r"(end), "r"(gap)                                                 \
				 : "rax", "rcx", "r8", "r12", "xmm0", "memory", "cc");                                 \
	}

#define NOPS   "movq %%r10, %%r12\n4:\n\tnop\n\tdecq %%r12\n\tjnz 4b\n\t"
#define LOAD   "movq (%%r11), %%r12\n\taddq $4160, %%r11\n\t"
#define STORE8 "movnti %%r8, (%%rax)\n\t"

_Static_assert(BUFFERS_MISS_STRIDE == 4160, "LOAD");

TURNS(store4, "4", "movnti %%r8d, (%%rax)\n\t", "", "")
TURNS(store8, "8", STORE8, "", "")
TURNS(store16, "16", "movntps %%xmm0, (%%rax)\n\t", "", "")
/* After AVX: or every SSE instruction to come pays for the upper halves. */
TURNS(store32, "32", "vmovntps %%ymm0, (%%rax)\n\t", "", "vzeroupper\n\t")
TURNS(store64, "64", "vmovntps %%zmm0, (%%rax)\n\t", "", "vzeroupper\n\t")
TURNS(fenced, "8", STORE8 "sfence\n\t", "", "")
TURNS(gap, "8", STORE8 NOPS, "", "")
TURNS(miss, "8", STORE8, LOAD, "")
TURNS(gap_alone, "8", NOPS, "", "")
TURNS(miss_alone, "8", "", LOAD, "")

void buffers_part(char *at, uint64_t lines, uint64_t from, uint64_t end)
{
	for (; from < end; from += 8)
		for (uint64_t n = 0; n < lines; n++)
			__asm__ volatile("movnti %1, (%0)" : : "r"(at + 64 * n + from), "r"(from) : "memory");
}

void buffers_sfence(void)
{
	__asm__ volatile("sfence" : : : "memory");
}

void buffers_pace(void)
{
	uint64_t turns = 256;

	/* Long enough for a counter that ticks in steps of 26, and short beside the time between two interrupts. */
	__asm__ volatile("1:\n\t.rept 64\n\tnop\n\t.endr\n\tdecq %0\n\tjnz 1b\n\t" : "+r"(turns) : : "cc");
}

void buffers_chain(void)
{
	uint64_t turns = 32, sum = 0;

	/* Of registers: some cores add a constant while they rename. */
	__asm__ volatile("1:\n\t.rept 64\n\taddq %0, %1\n\t.endr\n\tdecq %0\n\tjnz 1b\n\t"
			 : "+r"(turns), "+r"(sum)
			 :
			 : "cc");
}

uint64_t buffers_clock(void)
{
	uint32_t low, high;

	__asm__ volatile("mfence\n\tlfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

uint64_t buffers_clock_now(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}
