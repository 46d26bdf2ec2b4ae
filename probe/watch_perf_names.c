/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch_perf_names.c - pid to name, by open addressing. Pure. */
#include "watch_perf_names.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t place(const struct pid_names *t, int pid)
{
	return ((uint32_t)pid * 2654435761U) & (t->n - 1);
}

static struct pid_name *find(const struct pid_names *t, int pid)
{
	size_t at;

	if (!t->n)
		return NULL;
	for (at = place(t, pid); t->slot[at].pid && t->slot[at].pid != pid;)
		at = (at + 1) & (t->n - 1);
	return &t->slot[at];
}

static int grow(struct pid_names *t)
{
	struct pid_names more = { .n = t->n ? t->n * 2 : 1024 };

	more.slot = calloc(more.n, sizeof(*more.slot));
	if (!more.slot)
		return -ENOMEM;
	for (size_t i = 0; i < t->n; i++)
		if (t->slot[i].pid) {
			*find(&more, t->slot[i].pid) = t->slot[i];
			more.used++;
		}
	free(t->slot);
	*t = more;
	return 0;
}

int pid_names_set(struct pid_names *t, int pid, const char *comm)
{
	struct pid_name *s;
	int rc;

	if (pid <= 0)
		return 0;
	if (t->used * 2 >= t->n && (rc = grow(t)))
		return rc;
	s = find(t, pid);
	t->used += !s->pid;
	s->pid = pid;
	/* comm may be s's own: a child of nobody else. */
	memmove(s->comm, comm, strnlen(comm, sizeof(s->comm) - 1));
	s->comm[strnlen(comm, sizeof(s->comm) - 1)] = 0;
	return 0;
}

const char *pid_names_get(const struct pid_names *t, int pid)
{
	const struct pid_name *s = find(t, pid);

	return s && s->pid ? s->comm : NULL;
}

/* Who stands behind it in the same run of taken places is put in anew, so that no search ends before it. */
void pid_names_drop(struct pid_names *t, int pid)
{
	struct pid_name *s = find(t, pid);
	size_t at;

	if (!s || !s->pid)
		return;
	s->pid = 0;
	t->used--;
	for (at = ((size_t)(s - t->slot) + 1) & (t->n - 1); t->slot[at].pid; at = (at + 1) & (t->n - 1)) {
		struct pid_name moved = t->slot[at];

		t->slot[at].pid = 0;
		*find(t, moved.pid) = moved;
	}
}

void pid_names_free(struct pid_names *t)
{
	free(t->slot);
	*t = (struct pid_names){ 0 };
}
