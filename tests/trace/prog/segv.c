// SPDX-License-Identifier: GPL-2.0-or-later
/* segv.c - programs that live by SIGSEGV and SIGTRAP themselves. */
#include <sys/time.h>
#include <ucontext.h>

#include "prog.h"

#define STORE(at) DO(TELL("s 0x%x 8", (unsigned int)(at)), "movq %%rax,(%%rdi)", base + (at), 0, 0, 0, value())

static unsigned char *base, *guard;
static volatile int faults, codes, elsewhere;

static void handle(int sig, void (*fn)(int, siginfo_t *, void *), int flags)
{
	struct sigaction sa = { .sa_sigaction = fn, .sa_flags = SA_SIGINFO | flags };

	if (!telling)
		MUST(!sigaction(sig, &sa, NULL));
}

/* A guard page of its own, opened in the handler; the handler stores to the region as well. */
static void on_guard(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	faults++;
	codes += si->si_code == SEGV_ACCERR;
	if ((unsigned char *)si->si_addr < guard || (unsigned char *)si->si_addr >= guard + 4096)
		elsewhere++;
	STORE(0x100 + 8 * faults);
	MUST(!mprotect(guard, 4096, PROT_READ | PROT_WRITE));
}

PROGRAM(guard, P_TOLD | P_TRUTH, "a guard page of its own, handled, beside stores to the region")
{
	base = p;
	guard = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(guard != MAP_FAILED);
	handle(SIGSEGV, on_guard, 0);
	begin();
	for (int i = 0; i < 10; i++) {
		STORE(8 * i);
		if (telling)
			TELL("i\ns 0x%x 8\ny\ny\ny", 0x108 + 8 * i);
		else {
			INSN("movl %%eax,(%%rdi)", guard + 8 * i, 0, 0, 0, i);
			INSN("syscall", guard, 4096, PROT_NONE, 0, SYS_mprotect);
		}
		STORE(0x80 + 8 * i);
	}
	end();
	if (!telling)
		printf("faults %d accerr %d elsewhere %d\n", faults, codes, elsewhere);
	return 0;
}

/* A write barrier as garbage collectors have: the program itself write-protects the whole region. */
static void on_barrier(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *u = uc;

	(void)sig;
	faults++;
	codes += si->si_code == SEGV_ACCERR;
	/* bit 1 of the error: a write */
	if ((unsigned char *)si->si_addr < base || (unsigned char *)si->si_addr >= base + SIZE ||
	    !(u->uc_mcontext.gregs[REG_ERR] & 2))
		elsewhere++;
	MUST(!mprotect(base, SIZE, PROT_READ | PROT_WRITE));
}

PROGRAM(barrier, P_TOLD | P_TRUTH, "its own write barrier over the region: protects it, stores, unprotects in its handler")
{
	base = p;
	handle(SIGSEGV, on_barrier, 0);
	begin();
	STORE(0);
	for (int i = 1; i < 10; i++) {
		/* its mprotect, the fault, the handler's mprotect and return */
		TELL("y\ni\ny\ny");
		if (!telling)
			INSN("syscall", base, SIZE, PROT_READ, 0, SYS_mprotect);
		STORE(8 * i);
		STORE(0x80 + 8 * i);
	}
	end();
	if (!telling)
		printf("faults %d accerr %d elsewhere %d\n", faults, codes, elsewhere);
	return 0;
}

/* The handler skips the store: it is never made. */
static void on_skip(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)si;
	faults++;
	((ucontext_t *)uc)->uc_mcontext.gregs[REG_RIP] += 3; /* movq %rax,(%rdi) */
}

PROGRAM(refused, P_TOLD | P_TRUTH, "stores to the region while the program has it read-only: never made, never told")
{
	base = p;
	handle(SIGSEGV, on_skip, 0);
	begin();
	STORE(0);
	TELL("y");
	if (!telling)
		INSN("syscall", base, SIZE, PROT_READ, 0, SYS_mprotect);
	for (int i = 0; i < 5; i++) {
		TELL("i\ny");
		if (!telling)
			INSN("movq %%rax,(%%rdi)", base + 8 * i, 0, 0, 0, value());
	}
	TELL("y");
	if (!telling)
		INSN("syscall", base, SIZE, PROT_READ | PROT_WRITE, 0, SYS_mprotect);
	STORE(0x40);
	end();
	if (!telling)
		printf("faults %d\n", faults);
	return 0;
}

/* Debuggers inside programs: breakpoints, and the single-step flag set by POPF. */
static void on_trap(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	faults++;
	if (si->si_code == TRAP_TRACE) {
		codes++;
		/* enough of it */
		if (codes >= 20)
			((ucontext_t *)uc)->uc_mcontext.gregs[REG_EFL] &= ~0x100L;
	}
}

/* Nor for truth: a step inside the handler, where SIGTRAP is blocked, makes the kernel forget the handler. */
PROGRAM(int3, P_TOLD, "breakpoints of its own between stores")
{
	base = p;
	handle(SIGTRAP, on_trap, 0);
	begin();
	for (int i = 0; i < 5; i++) {
		STORE(8 * i);
		TELL("i\ny");
		if (!telling)
			INSN("int3", 0, 0, 0, 0, 0);
		STORE(0x80 + 8 * i);
	}
	end();
	if (!telling)
		printf("traps %d\n", faults);
	return 0;
}

PROGRAM(owntrap, 0, "sets the single-step flag itself, and stores meanwhile: counts its own traps")
{
	if (telling)
		return 0;
	base = p;
	handle(SIGTRAP, on_trap, 0);
	STORE(0);
	INSN("pushfq; orl $0x100,(%%rsp); popfq; nop; nop; movq %%rax,(%%rdi); nop; movq %%rax,8(%%rdi); nop;"
	     "mov $40,%%ecx; 1: dec %%ecx; jnz 1b", base + 0x40, 0, 0, 0, 0x1234567);
	STORE(8);
	printf("traps %d steps %d\n", faults, codes);
	return 0;
}

/* A stepper by PTRACE_SINGLESTEP alone does not hide its flag: not for truth. */
PROGRAM(flags, P_TOLD, "pushf and popf beside stores: the single-step flag is never seen, the others stay")
{
	unsigned long seen = 0;

	base = p;
	begin();
	for (int i = 0; i < 20; i++) {
		unsigned long f = 0;

		STORE(8 * i);
		if (!telling)
			__asm__ volatile("pushfq; pop %0" : "=r"(f));
		seen |= f;
		DO(TELL("s 0x%x 8", 0x100 + 8 * i), "pushfq; popfq; movq %%rax,(%%rdi); pushfq; popfq", base + 0x100 + 8 * i,
		   0, 0, 0, value());
		/* carry, and back */
		DO(TELL("s 0x%x 1", 0x200 + i), "stc; pushfq; clc; popfq; setc (%%rdi); mov $0,%%eax", base + 0x200 + i, 0, 0,
		   0, 0);
		if (!telling)
			__asm__ volatile("mov %%eax,%%eax; pushfq; pop %%r11; test $0x100,%%r11d; jz 1f; ud2; 1:"
					 :
					 :
					 : "r11", "cc", "memory");
		STORE(0x300 + 8 * i);
		/* With the stack in the region: the flags are stored there. */
		DO(TELL("s 0x%x 8\nr 0x%x 4\ns 0x%x 8", 0x2ff8 - 0x40 * i, 0x2ff8 - 0x40 * i, 0x2ff8 - 0x40 * i),
		   "mov %%rsp,%%r10; mov %%rdi,%%rsp; pushfq; testl $0x100,(%%rsp); jz 1f; ud2; 1: mov %%r10,%%rsp;"
		   "movq %%rax,-8(%%rdi)", base + 0x3000 - 0x40 * i, 0, 0, 0, value());
	}
	end();
	/* syscall leaves the flags in r11. */
	if (!telling) {
		unsigned long r11 = 0;
		long rc;

		__asm__ volatile("syscall; mov %%r11,%1" : "=a"(rc), "=r"(r11) : "0"(SYS_getppid) : "rcx", "r11", "memory");
		seen |= r11;
		printf("single-step flag %d\n", !!(seen & 0x100));
	}
	return 0;
}

/* Inside its handler of SIGSEGV, where that is blocked, other handlers store to the region. */
static long me;

static void on_usr1(int sig, siginfo_t *si, void *uc)
{
	(void)si;
	(void)uc;
	codes += sig == SIGUSR1;
	STORE(0x200);
	STORE(0x208);
}

static void on_outer(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)si;
	(void)uc;
	faults++;
	if (!telling)
		INSN("syscall", me, me, SIGUSR1, 0, SYS_tgkill);
	STORE(0x300);
	MUST(!mprotect(guard, 4096, PROT_READ | PROT_WRITE));
}

PROGRAM(inner, P_TOLD | P_TRUTH, "a signal inside the program's own SIGSEGV handler: both handlers store")
{
	base = p;
	me = getpid();
	guard = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(guard != MAP_FAILED);
	handle(SIGSEGV, on_outer, 0);
	handle(SIGUSR1, on_usr1, 0);
	begin();
	for (int i = 0; i < 20; i++) {
		STORE(8 * i);
		if (telling)
			TELL("i\ny\ni\ns 0x200 8\ns 0x208 8\ny\ns 0x300 8\ny\ny\ny");
		else {
			INSN("movl %%eax,(%%rdi)", guard + 8 * i, 0, 0, 0, i);
			INSN("syscall", guard, 4096, PROT_NONE, 0, SYS_mprotect);
		}
	}
	STORE(0x400);
	end();
	if (!telling)
		printf("faults %d inner %d\n", faults, codes);
	return 0;
}

static void on_tick(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)si;
	(void)uc;
	STORE(0x500);
	codes++;
}

static void on_fault(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	elsewhere += (unsigned char *)si->si_addr < guard || (unsigned char *)si->si_addr >= guard + 4096;
	faults++;
	mprotect(guard, 4096, PROT_READ | PROT_WRITE);
}

/* The same at any moment: in, before and behind the handler, in system calls, between them. */
PROGRAM(faultstorm, P_LONG, "own faults, handled, under a timer whose handler stores")
{
	struct itimerval every = { { 0, 500 }, { 0, 500 } }, off = { { 0, 0 }, { 0, 0 } };
	int n;

	if (telling)
		return 0;
	base = p;
	guard = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(guard != MAP_FAILED);
	handle(SIGSEGV, on_fault, 0);
	handle(SIGALRM, on_tick, SA_RESTART);
	MUST(!setitimer(ITIMER_REAL, &every, NULL));
	for (n = 0; n < 1000 || codes < 50; n++) {
		mprotect(guard, 4096, PROT_NONE);
		*(volatile int *)(guard + 8 * (n % 100)) = n;
		STORE(n % 32 * 8);
	}
	MUST(!setitimer(ITIMER_REAL, &off, NULL));
	printf("faults %d elsewhere %d\n", faults == n, elsewhere);
	for (size_t i = 0; i < SIZE / 8; i++)
		((volatile uint64_t *)p)[i] = i;
	return 0;
}
