// SPDX-License-Identifier: GPL-2.0-or-later
/* signals.c - handlers that store, storms of signals, ways out of a handler. */
#include <setjmp.h>
#include <sys/time.h>
#include <time.h>

#include "prog.h"

#define STORE(at) DO(TELL("s 0x%x 8", (unsigned int)(at)), "movq %%rax,(%%rdi)", base + (at), 0, 0, 0, value())

static unsigned char *base;
static volatile sig_atomic_t count;
static sigjmp_buf out;
static long me;


#define SEND(sig)                                                                                                      \
	do {                                                                                                           \
		if (!telling)                                                                                          \
			INSN("syscall", me, me, sig, 0, SYS_tgkill);                                                   \
		TELL("y\ni");                                                                                          \
	} while (0)

static void on_usr1(int sig)
{
	(void)sig;
	STORE(0x100);
	STORE(0x108);
}

static void on_usr2(int sig)
{
	(void)sig;
	STORE(0x200);
	SEND(SIGUSR1);
	if (telling)
		on_usr1(0);
	TELL("y");
	STORE(0x208);
}

static void handle(int sig, void (*fn)(int), int flags)
{
	struct sigaction sa = { .sa_handler = fn, .sa_flags = flags };

	if (!telling)
		MUST(!sigaction(sig, &sa, NULL));
}

PROGRAM(signal, P_TOLD | P_TRUTH, "signals whose handlers store, one inside the other, on another stack")
{
	static char other[1 << 16];
	stack_t ss = { .ss_sp = other, .ss_size = sizeof(other) };
	base = p;
	me = getpid();
	handle(SIGUSR1, on_usr1, SA_RESTART);
	MUST(telling || !sigaltstack(&ss, NULL));
	begin();
	STORE(0);
	SEND(SIGUSR1);
	if (telling)
		on_usr1(0);
	TELL("y");
	STORE(8);
	end();
	handle(SIGUSR1, on_usr1, SA_ONSTACK);
	begin();
	STORE(0x10);
	SEND(SIGUSR1);
	if (telling)
		on_usr1(0);
	TELL("y");
	STORE(0x18);
	end();
	return 0;
}

PROGRAM(nested, P_TOLD | P_TRUTH, "a handler that stores and is interrupted by another")
{
	base = p;
	me = getpid();
	handle(SIGUSR1, on_usr1, 0);
	handle(SIGUSR2, on_usr2, 0);
	begin();
	STORE(0);
	SEND(SIGUSR2);
	if (telling)
		on_usr2(0);
	TELL("y");
	STORE(8);
	end();
	return 0;
}

static void on_alarm(int sig)
{
	(void)sig;
	count++;
	STORE(0x1000 + (count & 63) * 64);
}

/* As many stores in the region as were counted; the timer is the program's own. */
PROGRAM(storm, P_LONG, "a timer every 200 us whose handler stores, while the program stores")
{
	struct itimerval every = { { 0, 200 }, { 0, 200 } }, off = { { 0, 0 }, { 0, 0 } };
	unsigned long turns = 0;

	if (telling)
		return 0;
	base = p;
	handle(SIGALRM, on_alarm, SA_RESTART);
	MUST(!setitimer(ITIMER_REAL, &every, NULL));
	while (count < 300) {
		STORE((turns & 63) * 64);
		turns++;
	}
	MUST(!setitimer(ITIMER_REAL, &off, NULL));
	/* What it comes to is written last, so that the content is the same each time. */
	printf("handled 300 or more: %d\n", count >= 300);
	for (size_t i = 0; i < SIZE / 8; i++)
		((volatile uint64_t *)p)[i] = i;
	fprintf(stderr, "stores %lu\n", turns + (unsigned long)count + SIZE / 8);
	return 0;
}

static volatile int last = -1, wrong, got;

static void on_queued(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	if (si->si_value.sival_int != last + 1)
		wrong++;
	last = si->si_value.sival_int;
	got++;
	STORE(0x2000 + (got & 7) * 64);
}

/* Real-time signals that are queued: each comes, once, in order. */
PROGRAM(queued, P_LONG, "2000 queued real-time signals, in order, while the program stores")
{
	struct sigaction sa = { .sa_sigaction = on_queued, .sa_flags = SA_SIGINFO | SA_RESTART };
	sigset_t set;

	if (telling)
		return 0;
	base = p;
	MUST(!sigaction(SIGRTMIN + 3, &sa, NULL));
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 3);
	for (int i = 0; i < 2000;) {
		MUST(!sigprocmask(SIG_BLOCK, &set, NULL));
		for (int k = 0; k < 20; k++, i++)
			MUST(!sigqueue(getpid(), SIGRTMIN + 3, (union sigval){ .sival_int = i }));
		STORE(0x40);
		MUST(!sigprocmask(SIG_UNBLOCK, &set, NULL));
		STORE(0x48);
	}
	printf("got %d wrong %d\n", got, wrong);
	return wrong;
}

static void on_jump(int sig)
{
	STORE(0x80);
	siglongjmp(out, sig);
}

PROGRAM(longjmp, P_TOLD | P_TRUTH, "out of a handler by siglongjmp, with stores before and behind")
{
	volatile int i = 0;

	base = p;
	me = getpid();
	handle(SIGUSR1, on_jump, 0);
	begin();
	for (i = 0; i < 10; i++) {
		STORE(i * 8);
		if (telling) {
			/* sigsetjmp and siglongjmp get and set the mask */
			TELL("y\ny\ni\ns 0x80 8\ny");
			continue;
		}
		if (!sigsetjmp(out, 1))
			INSN("syscall", me, me, SIGUSR1, 0, SYS_tgkill);
	}
	STORE(0x88);
	end();
	return 0;
}

/* Sleeps that are interrupted, or are not, by a handler that stores; what is left over is told by the kernel. */
static void on_tick(int sig)
{
	(void)sig;
	count++;
	STORE(0x300);
}

PROGRAM(sleeps, 0, "sleeps that signals interrupt: EINTR where it must be, none where not")
{
	struct itimerval once = { { 0, 0 }, { 0, 150000 } };
	struct timespec t = { 2, 0 }, left = { 9, 9 };
	int rc;

	if (telling)
		return 0;
	base = p;
	STORE(0);
	handle(SIGALRM, on_tick, 0);
	MUST(!setitimer(ITIMER_REAL, &once, NULL));
	rc = nanosleep(&t, &left);
	printf("interrupted: %d %d\n", rc == -1 && errno == EINTR, left.tv_sec < 2);
	STORE(8);
	/* Not interrupted: nothing is handled meanwhile. */
	t = (struct timespec){ 0, 20000000 };
	rc = nanosleep(&t, NULL);
	printf("slept: %d\n", rc == 0);
	STORE(16);
	printf("ticks %d\n", (int)count);
	return 0;
}
