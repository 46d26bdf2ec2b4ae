/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace_table.c - who is traced: threads, processes, address spaces. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "trace_int.h"

static struct thread **slot(struct trace *t, pid_t tid)
{
	struct thread **at = &t->threads[(unsigned int)tid % THREADS];

	while (*at && (*at)->tid != tid)
		at = &(*at)->next;
	return at;
}

struct thread *trace_find(struct trace *t, pid_t tid)
{
	return *slot(t, tid);
}

struct thread *trace_next(struct trace *t, const struct thread *th)
{
	unsigned int i = 0;

	if (th) {
		if (th->next)
			return th->next;
		i = (unsigned int)th->tid % THREADS + 1;
	}
	for (; i < THREADS; i++)
		if (t->threads[i])
			return t->threads[i];
	return NULL;
}

struct proc *trace_proc(struct trace *t, pid_t pid)
{
	struct proc *p = t->procs;

	while (p && p->pid != pid)
		p = p->next;
	return p;
}

struct space *trace_space_new(void)
{
	struct space *s = calloc(1, sizeof(*s));

	if (s) {
		s->refs = 1;
		s->mem = -1;
	}
	return s;
}

void trace_space_put(struct trace *t, struct space *s)
{
	(void)t;
	if (!s || --s->refs)
		return;
	for (size_t i = 0; i < s->n; i++)
		tr_ours_drop(&s->r[i]);
	if (s->mem >= 0)
		close(s->mem);
	free(s->r);
	free(s);
}

struct proc *trace_add_proc(struct trace *t, pid_t pid, struct space *share)
{
	struct proc *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->pid = pid;
	p->space = share ? share : trace_space_new();
	if (!p->space) {
		free(p);
		return NULL;
	}
	if (share)
		share->refs++;
	p->next = t->procs;
	t->procs = p;
	return p;
}

struct thread *trace_add_thread(struct trace *t, struct proc *p, pid_t tid)
{
	struct thread **at = slot(t, tid), *th = calloc(1, sizeof(*th));

	if (!th)
		return NULL;
	th->tid = tid;
	th->sets_act = -1;
	th->p = p;
	*at = th;
	p->threads++;
	t->nthreads++;
	return th;
}

static void del_proc(struct trace *t, struct proc *p)
{
	struct proc **at = &t->procs;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	trace_space_put(t, p->space);
	free(p);
}

void trace_del_thread(struct trace *t, struct thread *th)
{
	struct proc *p = th->p;

	*slot(t, th->tid) = th->next;
	t->nstatus -= th->have_status;
	t->nheld -= th->held;
	path_events_free(&th->way);
	path_events_free(&th->told);
	free(th);
	t->nthreads--;
	if (!--p->threads)
		del_proc(t, p);
}

void trace_clear(struct trace *t)
{
	struct thread *th;

	while ((th = trace_next(t, NULL)))
		trace_del_thread(t, th);
	/* One whose threads could not be traced. */
	while (t->procs)
		del_proc(t, t->procs);
}
