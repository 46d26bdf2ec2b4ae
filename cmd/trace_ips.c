/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace_ips.c - instructions that were seen, each looked up once, while its process is there. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/trace.h"
#include "probe/caller.h"

/* Programs have few instructions that matter here; one that makes code as it runs may have any number. */
#define IPS_MAX (1U << 16)

struct seen {
	pid_t pid; /* 0: free; -1: of a program that is no more */
	uint64_t ip, place;
	struct symbol y;
	struct caller caller; /* the last one; call 0: it is not asked for */
};

struct trace_ips {
	struct symbols *symbols;
	struct seen *at;
	size_t n, room; /* a power of two, at most three quarters full */
};

int trace_ips_new(struct trace_ips **out)
{
	struct trace_ips *t = calloc(1, sizeof(*t));

	*out = NULL;
	if (!t)
		return -ENOMEM;
	t->room = 256;
	t->at = calloc(t->room, sizeof(*t->at));
	if (!t->at || symbols_new(&t->symbols)) {
		trace_ips_free(t);
		return -ENOMEM;
	}
	*out = t;
	return 0;
}

void trace_ips_free(struct trace_ips *t)
{
	if (!t)
		return;
	symbols_free(t->symbols);
	free(t->at);
	free(t);
}

static size_t home(const struct trace_ips *t, pid_t pid, uint64_t ip)
{
	return (size_t)((ip ^ (uint64_t)pid << 40) * 0x9e3779b97f4a7c15ULL >> 32) & (t->room - 1);
}

/* Its own, or the free one where it goes. */
static struct seen *slot(const struct trace_ips *t, pid_t pid, uint64_t ip)
{
	size_t i = home(t, pid, ip);

	while (t->at[i].pid && (t->at[i].pid != pid || t->at[i].ip != ip))
		i = (i + 1) & (t->room - 1);
	return &t->at[i];
}

static bool grow(struct trace_ips *t)
{
	struct trace_ips more = { .room = 2 * t->room };

	if (t->room >= IPS_MAX)
		return false;
	more.at = calloc(more.room, sizeof(*more.at));
	if (!more.at)
		return false;
	for (size_t i = 0; i < t->room; i++)
		if (t->at[i].pid > 0) {
			*slot(&more, t->at[i].pid, t->at[i].ip) = t->at[i];
			more.n++;
		}
	free(t->at);
	t->at = more.at;
	t->room = more.room;
	t->n = more.n;
	return true;
}

static uint64_t place_of(const struct symbol *y, uint64_t ip)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	if (!y->module)
		return ip;
	for (const char *p = y->module; *p; p++)
		h = (h ^ (unsigned char)*p) * 0x100000001b3ULL;
	return (h ^ y->offset) * 0x100000001b3ULL;
}

static struct seen *see(struct trace_ips *t, pid_t pid, uint64_t ip, bool near, bool *fresh)
{
	struct seen *s = slot(t, pid, ip);

	*fresh = false;
	if (s->pid || !ip)
		return s->pid ? s : NULL;
	if (4 * (t->n + 1) > 3 * t->room) {
		if (!grow(t))
			return NULL;
		s = slot(t, pid, ip);
	}
	s->pid = pid;
	s->ip = ip;
	(near ? symbols_near : symbols_at)(t->symbols, pid, ip, &s->y);
	s->place = place_of(&s->y, ip);
	t->n++;
	*fresh = true;
	return s;
}

/* Of a library's copy routine one wants to know who called it: from another file. */
static uint64_t ask(struct trace_ips *t, struct seen *s, pid_t tid)
{
	pid_t pid = s->pid;
	uint64_t ip = s->ip;
	struct caller c;
	struct seen *by;
	bool fresh;

	if (!s->y.module || caller_of(tid, s->y.function ? ip - s->y.in : 0, &c))
		return 0;
	by = see(t, pid, c.call, false, &fresh);
	s = slot(t, pid, ip); /* the table may have grown */
	if (!by || !by->y.module || !strcmp(by->y.module, s->y.module))
		return 0;
	s->caller = c;
	return c.call;
}

void trace_ips_see(struct trace_ips *t, const struct trace_event *e)
{
	const pid_t pid = e->pid, tid = e->tid;
	bool fresh;
	struct seen *s = see(t, pid, e->e.ip, e->e.kind == ME_SYSCALL, &fresh);

	if (s && fresh && e->e.kind == ME_STORE)
		ask(t, s, tid);
}

uint64_t trace_ips_call(struct trace_ips *t, pid_t pid, pid_t tid, uint64_t ip)
{
	struct seen *s = slot(t, pid, ip);

	/* What was called from its own file the first time is no library's copy routine. */
	if (!s->pid || !s->caller.call)
		return 0;
	return caller_still(tid, &s->caller) ? s->caller.call : ask(t, s, tid);
}

void trace_ips_forget(struct trace_ips *t, pid_t pid)
{
	for (size_t i = 0; i < t->room; i++)
		if (t->at[i].pid == pid)
			t->at[i].pid = -1;
	symbols_forget(t->symbols, pid);
}

const struct symbol *trace_ips_at(const struct trace_ips *t, pid_t pid, uint64_t ip)
{
	const struct seen *s = slot(t, pid, ip);

	return s->pid ? &s->y : NULL;
}

uint64_t trace_ips_place(const struct trace_ips *t, pid_t pid, uint64_t ip)
{
	const struct seen *s = slot(t, pid, ip);

	return s->pid ? s->place : ip;
}

const char *trace_ips_why(const struct trace_ips *t)
{
	return symbols_why(t->symbols);
}
