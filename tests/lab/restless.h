/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * restless.h - makes the machine restless around a program's stores, as RESTLESS in its environment says:
 *
 *   switch    a second process on its CPU, which wakes often and makes the other CPU handle interrupts; there the
 *             kernel's idle loop still uses the program's page tables, for it ran there first
 *   patch     a second process on the other CPU, which makes the kernel patch its own code again and again: each time
 *             both CPUs are interrupted and serialise, by an IRET inside the handler
 *   signal    signals, with a handler that locks and fences
 *   thread    a second thread, on the other CPU, which locks, fences and calls the kernel
 *
 * None of that is an instruction between the program's stores.
 */
#ifndef LAB_RESTLESS_H
#define LAB_RESTLESS_H

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <unistd.h>

static volatile long restless_word;
static volatile sig_atomic_t restless_signals;
static pid_t restless_child;

static void restless_cpu(int n)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(n, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0) {
		perror("restless: sched_setaffinity");
		exit(1);
	}
}

static void restless_flush(void)
{
	__asm__ volatile("lock incq %0\n\tsfence\n\tmfence" : "+m"(restless_word) : : "memory");
}

static void restless_signal(int number)
{
	(void)number;
	restless_flush();
	restless_signals++;
}

static int restless_open(const char *path, int how)
{
	int fd = open(path, how | O_CLOEXEC);

	if (fd < 0) {
		perror(path);
		exit(1);
	}
	return fd;
}

/* To read a register of a CPU interrupts it. */
static void restless_switch(void)
{
	int fd = restless_open("/dev/cpu/1/msr", O_RDONLY);
	char value[8];

	restless_cpu(0);
	while (pread(fd, value, sizeof(value), 0x277) == sizeof(value))
		usleep(300);
}

static void restless_patch(void)
{
	int fd = restless_open("/proc/sys/kernel/sched_schedstats", O_WRONLY);

	restless_cpu(1);
	for (int i = 0; pwrite(fd, i & 1 ? "0" : "1", 1, 0) == 1; i++)
		usleep(2000);
}

static void *restless_thread(void *nothing)
{
	restless_cpu(1);
	for (;;) {
		restless_flush();
		usleep(300);
	}
	return nothing;
}

static void restless_fork(void (*does)(void))
{
	restless_child = fork();
	if (restless_child)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	does();
	perror("restless");
	_exit(1);
}

static void restless_begin(void)
{
	const char *how = getenv("RESTLESS");
	struct itimerval often = { { 0, 1000 }, { 0, 1000 } };
	struct sigaction act = { .sa_handler = restless_signal, .sa_flags = SA_RESTART };
	pthread_t thread;

	if (!how)
		return;
	if (strstr(how, "switch"))
		restless_fork(restless_switch);
	if (strstr(how, "patch"))
		restless_fork(restless_patch);
	if (strstr(how, "thread") && pthread_create(&thread, NULL, restless_thread, NULL)) {
		fprintf(stderr, "restless: no thread\n");
		exit(1);
	}
	if (strstr(how, "signal") && (sigaction(SIGALRM, &act, NULL) || setitimer(ITIMER_REAL, &often, NULL)))
		perror("restless: setitimer");
	/* Here first, so that its page tables are those that this CPU's idle loop goes on with. */
	restless_cpu(1);
	usleep(5000);
	restless_cpu(0);
}

static void restless_end(void)
{
	struct itimerval never = { 0 };

	setitimer(ITIMER_REAL, &never, NULL);
	if (restless_child > 0)
		kill(restless_child, SIGKILL);
}

#endif
