// SPDX-License-Identifier: GPL-2.0-or-later
/* cpus.c - the CPUs that a program may run on, after stops that come so close that the tracer holds it on one of them. */
#include <pthread.h>
#include <sched.h>

#include "prog.h"

#define TIMES 100

static void stores(unsigned char *p, int page)
{
	begin();
	for (int i = 0; i < TIMES; i++)
		DO(TELL("s 0x%x 8", page * 0x1000 + 8 * i), "movq %%rax,(%%rdi)", p + page * 0x1000 + 8 * i, 0, 0, 0,
		   value());
	end();
}

static void show(const char *who)
{
	unsigned long set[128] = { 0 }, many = 0;
	long n = syscall(SYS_sched_getaffinity, 0, sizeof(set), set);

	MUST(n > 0);
	for (unsigned int i = 0; i < sizeof(set) / sizeof(set[0]); i++)
		many += (unsigned long)__builtin_popcountl(set[i]);
	printf("%s: %lu CPUs\n", who, many);
	fflush(stdout);
}

static void *thread(void *arg)
{
	(void)arg;
	show("thread");
	return NULL;
}

/* Who is held asks itself last: then it is given its own set back. */
PROGRAM(cpus, P_TOLD, "the CPUs that it, its threads and its children may run on are as untraced")
{
	pthread_t id;
	pid_t child;

	stores(p, 0);
	if (!telling) {
		child = fork();
		MUST(child >= 0);
		if (!child) {
			show("child");
			_exit(0);
		}
		MUST(waitpid(child, NULL, 0) == child);
	}
	stores(p, 1);
	if (!telling) {
		MUST(!pthread_create(&id, NULL, thread, NULL));
		MUST(!pthread_join(id, NULL));
	}
	stores(p, 2);
	if (!telling)
		show("itself");
	return 0;
}
