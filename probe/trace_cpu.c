/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace_cpu.c - which CPU the tracer and a thread run on. On one CPU a stop costs a quarter of what it costs across
 * two.
 *
 * The tracer moves to where the thread is. That alone does not last: when the thread goes on, the tracer still runs on
 * its CPU, and the scheduler wakes it on an idle one. So a thread whose stops follow each other closely is held on its
 * CPU, and is given its own set of CPUs back when they no longer do, before it asks for that set or hands it on, and
 * when it is detached. Now and then it is given back for a moment, so that the scheduler can find a better place.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trace_int.h"

#define SOON_NS 500000u	  /* so soon does a stop follow another one */
#define CLOSELY 16u	  /* after so many of these a thread is held */
#define AGAIN	16384u	  /* so many later it is given back for a moment */
#define COLD_NS 50000000u /* no stop for so long: given back */
#define LOOK	128u	  /* while nobody is held the tracer follows every so many stops */

/* proc(5): the 39th field of stat; behind the name comes the third. -1: cannot be told. */
static int cpu_of(const struct thread *th)
{
	char path[64], text[1024], *p;
	ssize_t n;
	int fd, field;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", th->p->pid, th->tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	p = strrchr(text, ')');
	for (field = 2; p && field < 39; field++)
		p = strchr(p + 1, ' ');
	return p ? atoi(p) : -1;
}

static bool follow(struct trace *t, int cpu)
{
	cpu_set_t one;

	if (cpu < 0 || cpu >= CPU_SETSIZE)
		return false;
	if (cpu == t->on_cpu)
		return true;
	CPU_ZERO(&one);
	CPU_SET((size_t)cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		return false;
	t->on_cpu = cpu;
	return true;
}

static void hold(struct trace *t, struct thread *th)
{
	int cpu = t->nheld ? t->on_cpu : cpu_of(th);

	if (sched_getaffinity(th->tid, sizeof(th->cpus), &th->cpus) || !follow(t, cpu))
		return;
	CPU_ZERO(&th->held_to);
	CPU_SET((size_t)cpu, &th->held_to);
	/* It may have this one alone already. */
	th->held = CPU_ISSET((size_t)cpu, &th->cpus) &&
		   (CPU_COUNT(&th->cpus) == 1 || !sched_setaffinity(th->tid, sizeof(th->held_to), &th->held_to));
	t->nheld += th->held;
}

void tr_cpu_give_back(struct trace *t, struct thread *th)
{
	cpu_set_t now;

	th->close = 0;
	if (!th->held)
		return;
	th->held = false;
	t->nheld--;
	/* Unless somebody else has set it since. */
	if (CPU_COUNT(&th->cpus) > 1 && !sched_getaffinity(th->tid, sizeof(now), &now) && CPU_EQUAL(&now, &th->held_to))
		sched_setaffinity(th->tid, sizeof(th->cpus), &th->cpus);
}

void tr_cpu_give_back_all(struct trace *t, uint64_t cold_since)
{
	for (struct thread *th = trace_next(t, NULL); th; th = trace_next(t, th))
		if (th->stopped_ns <= cold_since)
			tr_cpu_give_back(t, th);
}

void tr_cpu_child(const struct thread *th, pid_t child)
{
	if (th->held)
		sched_setaffinity(child, sizeof(th->cpus), &th->cpus);
}

void tr_cpu_tick(struct trace *t)
{
	tr_cpu_give_back_all(t, trace_now() - COLD_NS);
}

void tr_cpu_stop(struct trace *t, struct thread *th)
{
	const uint64_t now = trace_now();

	th->close = now - th->stopped_ns < SOON_NS ? th->close + 1 : 0;
	th->stopped_ns = now;
	if (th->held && th->close >= AGAIN)
		tr_cpu_give_back(t, th);
	/* Who asks for its CPUs is only seen where system calls are. */
	else if (!th->held && !t->p.no_syscalls && th->close >= CLOSELY)
		hold(t, th);
	if (!(t->totals.stops % LOOK)) {
		if (!t->nheld)
			follow(t, cpu_of(th));
		else
			tr_cpu_tick(t);
	}
}
