// SPDX-License-Identifier: GPL-2.0-or-later
/* threads.c - threads that store at once: the order in each, none lost. */
#include <pthread.h>
#include <sched.h>

#include "prog.h"

#define MANY  8
#define TIMES 30

struct job {
	unsigned char *p;
	int t, page, times;
	uint64_t seed;
};

static pthread_barrier_t ready;

/* Its own page: 8, 4, 2, 1 bytes and 16; every third turn a locked operation elsewhere. */
static void turns(struct job *j)
{
	static unsigned long elsewhere;
	int at = j->page * 0x1000;

	for (int i = 0; i < j->times; i++, at = j->page * 0x1000 + i % 64 * 64) {
		unsigned long v = (j->seed = j->seed * 6364136223846793005UL + 99);

		if (telling) {
			tell_of(j->t, "s 0x%x 8\ns 0x%x 4", at, at + 8);
			if (i % 3 == 0)
				tell_of(j->t, "l");
			tell_of(j->t, "s 0x%x 2\ns 0x%x 1\ns 0x%x 16", at + 12, at + 14, at + 16);
			continue;
		}
		INSN("movq %%rax,(%%rdi); movl %%eax,8(%%rdi)", j->p + at, 0, 0, 0, v);
		if (i % 3 == 0)
			INSN("lock incq (%%rdi)", &elsewhere, 0, 0, 0, 0);
		INSN("movw %%ax,12(%%rdi); movb %%al,14(%%rdi); movq %%rax,%%xmm0; punpcklqdq %%xmm0,%%xmm0;"
		     "movups %%xmm0,16(%%rdi)", j->p + at, 0, 0, 0, v);
	}
}

static void *thread(void *arg)
{
	struct job *j = arg;

	pthread_barrier_wait(&ready);
	begin();
	turns(j);
	end();
	return NULL;
}

static int threads(unsigned char *p, int n, int times)
{
	struct job jobs[MANY] = { 0 };
	pthread_t id[MANY];

	MUST(telling || !pthread_barrier_init(&ready, NULL, (unsigned int)n));
	for (int t = 0; t < n; t++) {
		jobs[t] = (struct job){ .p = p, .t = t, .page = t, .times = times, .seed = (uint64_t)t };
		if (telling)
			turns(&jobs[t]);
		else if (t)
			MUST(!pthread_create(&id[t], NULL, thread, &jobs[t]));
	}
	if (telling)
		return 0;
	thread(&jobs[0]);
	for (int t = 1; t < n; t++)
		MUST(!pthread_join(id[t], NULL));
	return 0;
}

PROGRAM(threads2, P_TOLD | P_TRUTH, "two threads that store at once")
{
	return threads(p, 2, TIMES);
}

PROGRAM(threads8, P_TOLD | P_TRUTH, "eight threads that store at once")
{
	return threads(p, 8, TIMES);
}

/* Started and ended while others store; the last of them outlives the first thread. */
static void *brief(void *arg)
{
	struct job *j = arg;

	begin();
	turns(j);
	end();
	return NULL;
}

PROGRAM(churn, P_TOLD | P_TRUTH, "threads that come and go")
{
	struct job jobs[6 * 7] = { 0 };
	pthread_t id[8];

	for (int round = 0; round < 6; round++) {
		for (int i = 0; i < 7; i++) {
			struct job *j = &jobs[round * 7 + i];

			*j = (struct job){ .p = p, .t = round * 7 + i + 1, .page = i, .times = 5, .seed = (uint64_t)i };
			if (telling)
				turns(j);
			else
				MUST(!pthread_create(&id[i], NULL, brief, j));
		}
		for (int i = 0; i < 7 && !telling; i++)
			MUST(!pthread_join(id[i], NULL));
	}
	return 0;
}

static void *outlives(void *arg)
{
	unsigned char *p = arg;

	/* The first thread is gone, its process is not. */
	while (!telling && syscall(SYS_tgkill, getpid(), getpid(), 0) == 0) {
		char path[64], state = 0;
		FILE *f;

		snprintf(path, sizeof(path), "/proc/self/task/%d/stat", getpid());
		f = fopen(path, "re");
		if (!f || fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
			state = 'X';
		if (f)
			fclose(f);
		if (state == 'Z' || state == 'X')
			break;
		sched_yield();
	}
	begin();
	for (int i = 0; i < 16; i++)
		if (telling)
			tell_of(1, "s 0x%x 8", 8 * i);
		else
			INSN("movq %%rax,(%%rdi)", p + 8 * i, 0, 0, 0, value());
	end();
	if (!telling) {
		puts("outlived");
		fflush(stdout);
		_exit(5);
	}
	return NULL;
}

PROGRAM(leader, P_TOLD | P_TRUTH | P_DIES, "the first thread ends, another one goes on storing")
{
	pthread_t id;

	if (telling) {
		outlives(p);
		return 0;
	}
	MUST(!pthread_create(&id, NULL, outlives, p));
	pthread_exit(NULL);
}

/* All signals blocked: a store must stop it all the same, and nothing may be left pending. */
static void *deaf(void *arg)
{
	unsigned char *p = arg;
	sigset_t all, now;

	if (!telling) {
		sigfillset(&all);
		MUST(!pthread_sigmask(SIG_SETMASK, &all, NULL));
	}
	begin();
	for (int i = 0; i < 32; i++)
		if (telling)
			tell_of(1, "s 0x%x 8", 16 * i);
		else
			INSN("movq %%rax,(%%rdi)", p + 16 * i, 0, 0, 0, value());
	end();
	if (telling)
		return NULL;
	MUST(!sigpending(&now) && !sigismember(&now, SIGSEGV) && !sigismember(&now, SIGTRAP));
	MUST(!pthread_sigmask(SIG_SETMASK, NULL, &now));
	MUST(sigismember(&now, SIGSEGV) == 1 && sigismember(&now, SIGTRAP) == 1 && sigismember(&now, SIGUSR1) == 1);
	return NULL;
}

PROGRAM(blocked, P_TOLD | P_TRUTH, "a thread that has every signal blocked stores")
{
	struct sigaction is, ignore = { .sa_handler = SIG_IGN };
	pthread_t id;

	if (telling) {
		deaf(p);
		return 0;
	}
	MUST(!sigaction(SIGSEGV, &ignore, NULL) && !sigaction(SIGTRAP, &ignore, NULL));
	MUST(!pthread_create(&id, NULL, deaf, p) && !pthread_join(id, NULL));
	MUST(!sigaction(SIGSEGV, NULL, &is) && is.sa_handler == SIG_IGN);
	MUST(!sigaction(SIGTRAP, NULL, &is) && is.sa_handler == SIG_IGN);
	return 0;
}

/* One of several threads dies of a signal: all end, with that status. */
static void *dies(void *arg)
{
	INSN("movq %%rax,(%%rdi)", arg, 0, 0, 0, 1);
	INSN("movq %%rax,(%%rdi)", 16, 0, 0, 0, 1);
	return NULL;
}

static void *stores_on(void *arg)
{
	for (;;)
		*(volatile uint64_t *)arg = 5;
	return NULL;
}

PROGRAM(deadly, P_DIES, "a thread dies of SIGSEGV while another one stores")
{
	pthread_t id;

	if (telling)
		return 0;
	*(volatile uint64_t *)(p + 64) = 5;
	MUST(!pthread_create(&id, NULL, stores_on, p + 64) && !pthread_create(&id, NULL, dies, p));
	for (;;)
		pause();
}

/* One thread with all signals blocked stores; what its faults do to the actions of SIGSEGV another one would notice. */
static unsigned char *guard;
static volatile int enough, faults, strange;

static void on_segv(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	strange += (unsigned char *)si->si_addr < guard || (unsigned char *)si->si_addr >= guard + 4096;
	faults++;
	mprotect(guard, 4096, PROT_READ | PROT_WRITE);
}

static void *deaf_stores(void *arg)
{
	volatile uint64_t *p = arg;
	sigset_t all, is;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	for (unsigned int i = 0; !enough; i++) {
		p[i % 64] = i;
		if (i % 16 == 0)
			syscall(SYS_getppid);
		if (i % 64 == 0) {
			pthread_sigmask(SIG_SETMASK, NULL, &is);
			strange += !sigismember(&is, SIGSEGV) || !sigismember(&is, SIGTRAP);
		}
	}
	return NULL;
}

PROGRAM(deafguard, P_LONG, "a thread with all signals blocked stores while another one lives by its own SIGSEGV")
{
	struct sigaction sa = { .sa_sigaction = on_segv, .sa_flags = SA_SIGINFO };
	pthread_t id;
	int n;

	if (telling)
		return 0;
	guard = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(guard != MAP_FAILED && !sigaction(SIGSEGV, &sa, NULL)); signal(SIGTRAP, SIG_IGN);
	MUST(!pthread_create(&id, NULL, deaf_stores, p));
	for (n = 0; n < 1500; n++) {
		mprotect(guard, 4096, PROT_NONE);
		*(volatile int *)(guard + 8 * (n % 100)) = n;
		((volatile uint64_t *)p)[0x100 + n % 64] = (uint64_t)n;
	}
	enough = 1;
	MUST(!pthread_join(id, NULL));
	printf("faults %d strange %d\n", faults, strange);
	for (size_t i = 0; i < SIZE / 8; i++)
		((volatile uint64_t *)p)[i] = i;
	return 0;
}
