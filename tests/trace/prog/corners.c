// SPDX-License-Identifier: GPL-2.0-or-later
/* corners.c - what a tracer may forget: registers, odd stacks, the last byte of a page, files that shrink or vanish. */
#include <asm/prctl.h>
#include <setjmp.h>
#include <spawn.h>
#include <sys/time.h>

#include "prog.h"

#define STORE(at) DO(TELL("s 0x%x 8", (unsigned int)(at)), "movq %%rax,(%%rdi)", p + (at), 0, 0, 0, value())

/* Each general register and flag, two vectors, with a stack pointer that points nowhere while it stores. */
PROGRAM(registers, P_TOLD | P_TRUTH, "all registers are as before behind a store; the stack pointer is no address")
{
	begin();
	for (int i = 0; i < 12; i++) {
		const unsigned int at = (unsigned int)(64 * i);
		unsigned long bad = 0;

		if (TELL("s 0x%x 8\ns 0x%x 8\ns 0x%x 4", at, at + 8, at + 0x20))
			continue;
		__asm__ volatile("push %%rbp; push %%rbx; mov %%rdi,%%r15; movq %%rsp,%%mm7;"
				 "mov $0x1001,%%ebx; mov $0x1002,%%ecx; mov $0x1003,%%edx; mov $0x1004,%%esi; mov $0x1005,%%ebp;"
				 "mov $0x1006,%%r8d; mov $0x1007,%%r9d; mov $0x1008,%%r10d; mov $0x1009,%%r11d;"
				 "mov $0x100a,%%r12d; mov $0x100b,%%r13d; mov $0x100c,%%r14d; mov $16,%%esp;"
				 "movq %%rdi,%%xmm5; pcmpeqb %%xmm6,%%xmm6; mov $0x1234567,%%eax; stc;"
				 "movq %%rax,(%%r15); movq %%rax,8(%%r15); movl %%eax,0x20(%%r15);"
				 "movq %%mm7,%%rsp; emms; pushfq; pop %%rax; and $0x8d5,%%eax; lea -1(%%rax),%%rdi; test $1,%%al; jz 9f;"
				 "cmp $0x1001,%%ebx; jne 9f; cmp $0x1002,%%ecx; jne 9f; cmp $0x1003,%%edx; jne 9f;"
				 "cmp $0x1004,%%esi; jne 9f; cmp $0x1005,%%ebp; jne 9f; cmp $0x1006,%%r8d; jne 9f;"
				 "cmp $0x1007,%%r9d; jne 9f; cmp $0x1008,%%r10d; jne 9f; cmp $0x1009,%%r11d; jne 9f;"
				 "cmp $0x100a,%%r12d; jne 9f; cmp $0x100b,%%r13d; jne 9f; cmp $0x100c,%%r14d; jne 9f;"
				 "movq %%xmm5,%%rax; cmp %%r15,%%rax; jne 9f; pmovmskb %%xmm6,%%eax; cmp $0xffff,%%eax; jne 9f;"
				 "xor %%eax,%%eax; jmp 8f; 9: mov $1,%%eax; 8: pop %%rbx; pop %%rbp"
				 : "=a"(bad), "+D"((unsigned long){ (unsigned long)(p + at) })
				 :
				 : "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm5", "xmm6",
				   "memory", "cc");
		if (bad) {
			printf("registers changed in turn %d\n", i);
			return 1;
		}
	}
	end();
	return 0;
}

PROGRAM(segment, P_TOLD | P_TRUTH, "through the GS base, and by 32-bit addresses")
{
	unsigned char *low = p;

	if (!telling) {
		MUST(!syscall(SYS_arch_prctl, ARCH_SET_GS, p));
		low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_32BIT, prog_fd, 0x3000);
		MUST(low != MAP_FAILED);
	}
	begin();
	DO(TELL("s 0x10 8"), "movq %%rax,%%gs:0x10", 0, 0, 0, 0, value());
	DO(TELL("s 0x48 4"), "movl %%eax,%%gs:8(%%rdi)", 0x40, 0, 0, 0, value());
	DO(TELL("s 0x3010 8"), "movq %%rax,0x10(%%edi)", low, 0, 0, 0, value());
	DO(TELL("s 0x3020 4"), "movl %%eax,(%%esi,%%edi,4)", 8, low, 0, 0, value());
	end();
	return 0;
}

/* The store's successor is the last byte that can be fetched: an instruction's bytes end where the page does. */
PROGRAM(pageend, P_TOLD | P_TRUTH, "code that ends with its page")
{
	unsigned char *code = mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(code != MAP_FAILED);
	memcpy(code + 4096 - 4, "\x48\x89\x07\xc3", 4); /* movq %rax,(%rdi); ret */
	MUST(!munmap(code + 4096, 4096));
	begin();
	for (int i = 0; i < 10; i++)
		DO(TELL("s 0x%x 8", 8 * i), "call *%%rsi", p + 8 * i, code + 4096 - 4, 0, 0, value());
	end();
	return 0;
}

static sigjmp_buf out;
static volatile int buses;

static void on_bus(int sig)
{
	(void)sig;
	buses++;
	siglongjmp(out, 1);
}

/* A known path, and then the page is gone from the file: the program's SIGBUS, not the tracer's. */
PROGRAM(shrinks, P_TOLD | P_STORES, "the file is cut shorter under a path that is known: SIGBUS is the program's")
{
	struct sigaction sa = { .sa_handler = on_bus };
	volatile int n = 0, i;

	for (i = 0; i < 40; i++) {
		if (telling) {
			if (i < 30 || i >= 35)
				TELL("s 0x5000 8");
			continue;
		}
		if (i == 30)
			MUST(!sigaction(SIGBUS, &sa, NULL) && !ftruncate(prog_fd, 0x2000));
		if (i == 35)
			MUST(!ftruncate(prog_fd, SIZE));
		if (!sigsetjmp(out, 1)) {
			INSN("movq %%rax,(%%rdi)", p + 0x5000, 0, 0, 0, value());
			n++;
		}
	}
	if (!telling)
		printf("stored %d buses %d\n", n, buses);
	return 0;
}

PROGRAM(unlinked, P_TOLD | P_TRUTH, "the file loses its name, and is mapped again")
{
	unsigned char *q = p;
	char other[4096];

	if (!telling) {
		snprintf(other, sizeof(other), "%s.other", prog_argv[0]);
		MUST(!link(prog_argv[0], other) && !unlink(prog_argv[0]));
		q = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, prog_fd, 0);
		MUST(q != MAP_FAILED);
	}
	begin();
	for (int i = 0; i < 10; i++) {
		STORE(16 * i);
		DO(TELL("s 0x%x 8", 16 * i + 8), "movq %%rax,(%%rdi)", q + 16 * i + 8, 0, 0, 0, value());
	}
	end();
	MUST(telling || !rename(other, prog_argv[0]));
	return 0;
}

PROGRAM(spawns, P_TOLD, "posix_spawn and system(), with stores between")
{
	extern char **environ;
	char *args[] = { (char *)"progs", (char *)"runs", telling ? NULL : prog_argv[0], NULL };
	int status;
	pid_t child;

	STORE(0);
	TELL("# cut");
	tell_of(1, "s 0x5000 8\ns 0x5008 8\ns 0x5010 8");
	if (!telling) {
		fflush(stdout);
		MUST(!posix_spawn(&child, "/proc/self/exe", NULL, NULL, args, environ));
		MUST(waitpid(child, &status, 0) == child);
		printf("spawned %d\n", status);
	}
	STORE(8);
	TELL("# cut");
	if (!telling) {
		fflush(stdout);
		printf("system %d\n", system("exit 3"));
	}
	STORE(16);
	return 0;
}

/* Sent by kill(): the program's own business, whoever else uses these signals. */
static volatile int users;
static long me;

static void on_sent(int sig, siginfo_t *si, void *uc)
{
	(void)uc;
	users += si->si_code == SI_USER && si->si_pid == me && (sig == SIGSEGV || sig == SIGTRAP);
}

PROGRAM(sent, P_TOLD, "SIGSEGV and SIGTRAP sent by kill() arrive as such, with their sender")
{
	struct sigaction sa = { .sa_sigaction = on_sent, .sa_flags = SA_SIGINFO };

	MUST(telling || (!sigaction(SIGSEGV, &sa, NULL) && !sigaction(SIGTRAP, &sa, NULL)));
	me = getpid();
	for (int i = 0; i < 8; i++) {
		STORE(8 * i);
		if (TELL("y\ni\ny"))
			continue;
		INSN("syscall", me, i & 1 ? SIGSEGV : SIGTRAP, 0, 0, SYS_kill);
	}
	STORE(0x100);
	if (!telling)
		printf("sent %d\n", users);
	return 0;
}

static volatile int ticks;

static void on_alarm(int sig)
{
	(void)sig;
	ticks++;
}

/* A string instruction is interrupted between any two iterations: each is made once. */
PROGRAM(repticks, P_TOLD | P_STORES, "rep movs under a timer: each iteration once")
{
	struct itimerval every = { { 0, 300 }, { 0, 300 } }, off = { { 0, 0 }, { 0, 0 } };
	static unsigned char from[512];
	struct sigaction sa = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };

	for (int i = 0; i < 512; i++)
		from[i] = (unsigned char)(value() >> 40);
	if (!telling)
		MUST(!sigaction(SIGALRM, &sa, NULL) && !setitimer(ITIMER_REAL, &every, NULL));
	for (int k = 0; k < 6; k++) {
		if (telling) {
			for (int i = 0; i < 512; i++)
				TELL("s 0x%x 1 rep", k * 0x400 + i);
			continue;
		}
		INSN("rep movsb", p + k * 0x400, from, 0, 512, 0);
		MUST(!memcmp(p + k * 0x400, from, 512));
	}
	MUST(telling || !setitimer(ITIMER_REAL, &off, NULL));
	return 0;
}
