// SPDX-License-Identifier: GPL-2.0-or-later
/* forks.c - children that share the mapping, programs that become others. */
#include <pthread.h>
#include <sched.h>

#include "prog.h"

#define STORE(at) DO(TELL("s 0x%x 8", (unsigned int)(at)), "movq %%rax,(%%rdi)", p + (at), 0, 0, 0, value())

static void stores(unsigned char *p, int t, int page)
{
	for (int i = 0; i < 40; i++)
		if (telling)
			tell_of(t, "s 0x%x 8\ns 0x%x 8", page * 0x1000 + 16 * i, page * 0x1000 + 16 * i + 8);
		else
			INSN("movq %%rax,(%%rdi); movq %%rax,8(%%rdi)", p + page * 0x1000 + 16 * i, 0, 0, 0, value());
}

PROGRAM(forks, P_TOLD | P_TRUTH, "fork: parent and children store to the mapping they share")
{
	pid_t child[3];
	int status;

	for (int i = 0; i < 3; i++) {
		if (telling) {
			stores(p, i + 1, i + 1);
			continue;
		}
		child[i] = fork();
		MUST(child[i] >= 0);
		if (!child[i]) {
			begin();
			stores(p, i + 1, i + 1);
			end();
			_exit(i + 10);
		}
	}
	begin();
	stores(p, 0, 0);
	end();
	for (int i = 0; i < 3 && !telling; i++) {
		MUST(waitpid(child[i], &status, 0) == child[i]);
		printf("child %d\n", WEXITSTATUS(status));
	}
	return 0;
}

/* Of a process that stores no more: nothing to tell, but it must run on. */
PROGRAM(orphan, P_TOLD, "the parent ends first, the child stores on")
{
	int ends[2];
	char c;
	pid_t child;

	if (telling) {
		stores(p, 0, 0);
		stores(p, 1, 1);
		return 0;
	}
	MUST(!pipe(ends));
	fflush(stdout);
	child = fork();
	MUST(child >= 0);
	if (!child) {
		close(ends[1]);
		MUST(read(ends[0], &c, 1) == 0); /* the parent has closed its end by ending */
		stores(p, 1, 1);
		_exit(0);
	}
	stores(p, 0, 0);
	return 0;
}

/* The program that is run by the three below: maps the file again, and stores. */
PROGRAM(runs, P_TOLD | P_TRUTH, "is run by others: a few stores")
{
	begin();
	STORE(0x5000);
	STORE(0x5008);
	STORE(0x5010);
	end();
	if (!telling)
		printf("ran\n");
	return 0;
}

static void tell_runs(int t)
{
	tell_of(t, "s 0x5000 8\ns 0x5008 8\ns 0x5010 8");
}

static char *const *runs_argv(void)
{
	static char *v[4];

	v[0] = (char *)"progs";
	v[1] = (char *)"runs";
	v[2] = prog_argv[0];
	return v;
}

PROGRAM(vforks, P_TOLD | P_TRUTH, "vfork and exec of a program that stores, stores before and behind")
{
	int status = 0;
	pid_t child;

	begin();
	STORE(0);
	STORE(8);
	end();
	if (telling) {
		tell_runs(1);
	} else {
		fflush(stdout);
		child = vfork();
		MUST(child >= 0);
		if (!child) {
			execv("/proc/self/exe", runs_argv());
			_exit(98);
		}
		MUST(waitpid(child, &status, 0) == child);
		printf("child %d\n", status);
	}
	begin();
	STORE(16);
	STORE(24);
	end();
	return 0;
}

PROGRAM(execself, P_TOLD | P_TRUTH, "exec of itself as another program")
{
	begin();
	STORE(0);
	STORE(8);
	end();
	tell_runs(0);
	if (telling)
		return 0;
	fflush(stdout);
	execv("/proc/self/exe", runs_argv());
	return 98;
}

/* A child of vfork() stores to the region before it is another program: its memory is the parent's. */
PROGRAM(vforkstores, P_TOLD | P_TRUTH, "a child of vfork stores, then ends: the parent goes on with the same mapping")
{
	pid_t child;

	begin();
	STORE(0);
	end();
	if (telling) {
		tell_of(1, "s 0x40 8\ns 0x48 8");
	} else {
		child = vfork();
		MUST(child >= 0);
		if (!child) {
			begin();
			INSN("movq %%rax,(%%rdi); movq %%rax,8(%%rdi)", p + 0x40, 0, 0, 0, 5);
			end();
			_exit(0);
		}
		MUST(waitpid(child, NULL, 0) == child);
	}
	begin();
	STORE(8);
	STORE(16);
	end();
	return 0;
}

static void *execs(void *arg)
{
	(void)arg;
	execv("/proc/self/exe", runs_argv());
	return NULL;
}

static void *spins(void *arg)
{
	volatile uint64_t *p = arg;

	for (unsigned int i = 0;; i++)
		p[i & 7] = 7;
	return NULL;
}

PROGRAM(threadexec, P_DIES, "a thread that is not the first becomes another program, while a third one stores")
{
	pthread_t id;

	if (telling)
		return 0;
	fflush(stdout);
	MUST(!pthread_create(&id, NULL, spins, p + 0x6000));
	while (((volatile uint64_t *)(p + 0x6000))[7] != 7)
		usleep(1000);
	MUST(!pthread_create(&id, NULL, execs, NULL));
	for (;;)
		pause();
}

/* One memory, two processes, no thread: clone(CLONE_VM). */
static int cloned(void *arg)
{
	begin();
	stores(arg, 1, 1);
	end();
	return 7;
}

PROGRAM(clonevm, P_TOLD | P_TRUTH, "another process in the same memory (CLONE_VM)")
{
	static char stack[1 << 16] __attribute__((aligned(16)));
	int status = 0;
	pid_t child;

	if (telling) {
		stores(p, 0, 0);
		stores(p, 1, 1);
		return 0;
	}
	child = clone(cloned, stack + sizeof(stack), CLONE_VM | SIGCHLD, p);
	MUST(child > 0);
	/* value() is not for two at once */
	MUST(waitpid(child, &status, 0) == child);
	printf("child %d\n", WEXITSTATUS(status));
	begin();
	stores(p, 0, 0);
	end();
	return 0;
}

/* A program that waits for stops of its child, and lets it go on: job control goes through a tracer. */
PROGRAM(jobs, P_TOLD, "SIGSTOP and SIGCONT of a child that stores; its parent sees each stop")
{
	int status;
	pid_t child;

	if (telling) {
		for (int i = 0; i < 3; i++)
			tell_of(1, "s 0x%x 8\ny", 0x1000 + 8 * i);
		tell_of(1, "s 0x1100 8");
		return 0;
	}
	fflush(stdout);
	child = fork();
	MUST(child >= 0);
	if (!child) {
		pid_t me = getpid();

		for (int i = 0; i < 3; i++)
			INSN("movq %%rax,(%%rdi); mov %%rsi,%%rdi; mov $19,%%esi; mov $62,%%eax; syscall", p + 0x1000 + 8 * i, me,
			     0, 0, value());
		INSN("movq %%rax,(%%rdi)", p + 0x1100, 0, 0, 0, 1);
		_exit(3);
	}
	for (int i = 0; i < 3; i++) {
		MUST(waitpid(child, &status, WUNTRACED) == child);
		printf("stopped %d\n", WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
		MUST(!kill(child, SIGCONT));
	}
	MUST(waitpid(child, &status, 0) == child);
	printf("ended %d\n", WEXITSTATUS(status));
	return 0;
}

/* Forked by a thread while others store: the child has one thread, and its own copy of everything but the mapping. */
static volatile bool enough;

static void *goes_round(void *arg)
{
	volatile uint64_t *p = arg;

	for (unsigned int i = 0; !enough; i++)
		p[i & 7] = 3;
	for (int i = 0; i < 8; i++)
		p[i] = 9;
	return NULL;
}

PROGRAM(forkthread, 0, "fork while other threads store, eight times")
{
	pthread_t id[2];
	int status;

	if (telling)
		return 0;
	for (int i = 0; i < 2; i++)
		MUST(!pthread_create(&id[i], NULL, goes_round, p + 0x1000 * i));
	for (int k = 0; k < 8; k++) {
		pid_t child = fork();

		MUST(child >= 0);
		if (!child) {
			for (int i = 0; i < 20; i++)
				((volatile uint64_t *)(p + 0x4000))[i] = (uint64_t)(k * 100 + i);
			_exit(k + 1);
		}
		MUST(waitpid(child, &status, 0) == child);
		printf("child %d\n", WEXITSTATUS(status));
	}
	enough = true;
	for (int i = 0; i < 2; i++)
		MUST(!pthread_join(id[i], NULL));
	return 0;
}
