// SPDX-License-Identifier: GPL-2.0-or-later
/* spoil.c - what lies between two stores to a line and makes it leave. */
#include <cpuid.h>

#include "prog.h"

#define STORE(at) DO(TELL("s 0x%x 8", at), "movq %%rax,(%%rdi)", p + (at), 0, 0, 0, value())
#define BETWEEN(tells, ...)                                                                                            \
	do {                                                                                                           \
		STORE(n);                                                                                              \
		DO(tells, __VA_ARGS__);                                                                                \
		STORE(n + 8);                                                                                          \
		n += 0x40;                                                                                             \
	} while (0)

PROGRAM(spoilers, P_TOLD | P_TRUTH, "fences, locked operations elsewhere, cpuid, system calls, reads of the region, between stores")
{
	static unsigned long elsewhere;
	unsigned int a = 0, b = 0, c = 0, d = 0;
	int n = 0;

	begin();
	BETWEEN((void)0, "nop", 0, 0, 0, 0, 0);
	BETWEEN(TELL("f sfence"), "sfence", 0, 0, 0, 0, 0);
	BETWEEN(TELL("f mfence"), "mfence", 0, 0, 0, 0, 0);
	BETWEEN(TELL("f lfence"), "lfence", 0, 0, 0, 0, 0);
	BETWEEN(TELL("l"), "lock incq (%%rdi)", &elsewhere, 0, 0, 0, 0);
	BETWEEN(TELL("l"), "xchgq %%rax,(%%rdi)", &elsewhere, 0, 0, 0, 5);
	BETWEEN(TELL("l"), "lock orl $0,-4(%%rsp)", 0, 0, 0, 0, 0);
	BETWEEN(TELL("c cpuid"), "mov %%rbx,%%r8; cpuid; mov %%r8,%%rbx", 0, 0, 0, 0, 0);
	BETWEEN(TELL("y"), "syscall", 0, 0, 0, 0, SYS_getppid);
	BETWEEN(TELL("y\ny\ny"), "syscall; mov $110,%%eax; syscall; mov $110,%%eax; syscall", 0, 0, 0, 0, SYS_getppid);
	BETWEEN(TELL("r 0x%x 8", n), "movq (%%rdi),%%rax", p + n, 0, 0, 0, 0);
	BETWEEN(TELL("r 0x7000 1"), "testb $1,(%%rdi)", p + 0x7000, 0, 0, 0, 0);
	BETWEEN(TELL("r 0x%x 16", n), "movups (%%rdi),%%xmm0", p + n, 0, 0, 0, 0);
	BETWEEN(TELL("f sfence\nl\nf mfence\nc cpuid"),
		"sfence; lock incq (%%rdi); mfence; xor %%eax,%%eax; mov %%rbx,%%r8; cpuid; mov %%r8,%%rbx", &elsewhere, 0, 0,
		0, 0);
	/* An interrupt's way back, done by the program itself. */
	BETWEEN(TELL("c iret"),
		"mov %%rsp,%%r8; mov %%ss,%%eax; push %%rax; push %%r8; pushfq; mov %%cs,%%eax; push %%rax;"
		"lea 1f(%%rip),%%rax; push %%rax; iretq; 1:", 0, 0, 0, 0, 0);
	BETWEEN((void)0, "rdtsc; pause; clflush (%%rdi)", &elsewhere, 0, 0, 0, 0);
	BETWEEN((void)0, "xor %%ecx,%%ecx; xgetbv", 0, 0, 0, 0, 0);
	/* Many others. */
	BETWEEN((void)0, "mov $100,%%ecx; 1: dec %%ecx; jnz 1b", 0, 0, 0, 0, 0);
	__get_cpuid_count(7, 0, &a, &b, &c, &d);
	if (!telling && d & 1U << 14)
		printf("this CPU has serialize\n");
	end();
	return 0;
}
