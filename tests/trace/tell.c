// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tell.c - the live tracer by itself: every event and note as text (wcdiag-events(5), notes as comments), nothing judged.
 *
 *   tell [OPTIONS] FILE [-- PROGRAM ARGS...]
 *     -o OUT       where to (else stderr)       -p PID   attach
 *     -e           each store by the program itself (not through a mapping of the tracer's)
 *     -n           do not stop at system calls  -c       do not follow children
 *     -l N, -d MS  --limit, --duration          -q N, -L N   quiet, learn
 *     -t           totals, as a comment at the end
 *
 * Ends as the program ends; 128 + N when a signal N killed it; 120 when the tracing failed.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe/model_text.h"
#include "probe/trace.h"

struct tell {
	FILE *out;
	struct stat file;
	bool through;
	pid_t *tids; /* by number */
	int n;
	uint64_t stores;
};

static volatile sig_atomic_t stop;

static void on_stop(int sig)
{
	stop = sig;
}

/* Threads by number, in the order in which they are heard of. */
static int number(struct tell *t, pid_t tid)
{
	for (int i = t->n - 1; i >= 0; i--)
		if (t->tids[i] == tid)
			return i;
	t->tids = realloc(t->tids, (size_t)(t->n + 1) * sizeof(*t->tids));
	if (!t->tids)
		abort();
	t->tids[t->n] = tid;
	fprintf(t->out, "# task t=%d tid=%d\n", t->n, tid);
	return t->n++;
}

static void choose(const struct trace_mapping *m, struct trace_choice *c, void *ctx)
{
	struct tell *t = ctx;

	c->trace = m->dev == t->file.st_dev && m->ino == t->file.st_ino;
	c->type = MT_WC;
	c->through = t->through;
}

static int event(const struct trace_event *e, void *ctx)
{
	struct tell *t = ctx;
	int task = number(t, e->tid);
	char text[MODEL_TEXT_LINE];

	model_text_format(&e->e, text, sizeof(text));
	t->stores += e->e.kind == ME_STORE;
	fprintf(t->out, "%s\t# t=%d%s%s", text, task, e->flags & TRACE_ASSUMED ? " assumed" : "",
		e->flags & TRACE_THROUGH ? " through" : "");
	if (e->number >= 0)
		fprintf(t->out, " number=%d", e->number);
	fputc('\n', t->out);
	return 0;
}

static int note(const struct trace_note *n, void *ctx)
{
	struct tell *t = ctx;

	int task = n->tid ? number(t, n->tid) : 0, child = n->kind == TRACE_FORK ? number(t, (pid_t)n->value) : -1;

	fprintf(t->out, "# note %s t=%d", trace_note_name(n->kind), task);
	if (child >= 0)
		fprintf(t->out, " child=%d", child);
	fprintf(t->out, " pid=%d tid=%d ip=0x%" PRIx64 " addr=0x%" PRIx64 " length=0x%" PRIx64 " value=%" PRId64 " %s\n", n->pid,
		n->tid, n->ip, n->addr, n->length, n->value, n->why ? n->why : "");
	return 0;
}

static void totals(FILE *f, const struct trace_totals *s)
{
	fprintf(f,
		"# totals events=%" PRIu64 " stores=%" PRIu64 " assumed=%" PRIu64 " through=%" PRIu64 " stops=%" PRIu64
		" steps=%" PRIu64 " paths=%" PRIu64 " unseen=%" PRIu64 " again=%" PRIu64 " other=%" PRIu64 " syscalls=%" PRIu64
		" ns_syscall=%" PRIu64 " known=%" PRIu64 " ns_known=%" PRIu64 " unsaid=%" PRIu64 " lost=%" PRIu64 "\n",
		s->events, s->stores, s->assumed, s->through, s->stops, s->steps, s->paths, s->unseen, s->again, s->other, s->syscalls,
		s->syscalls ? s->syscall_ns / s->syscalls : 0, s->known_stores, s->known_stores ? s->store_ns / s->known_stores : 0,
		s->unsaid, s->lost);
}

static int failed(const char *what, int err)
{
	fprintf(stderr, "tell: %s: %s\n", what, strerror(-err));
	return 120;
}

int main(int argc, char **argv)
{
	static const struct trace_calls calls = { .choose = choose, .event = event, .note = note };
	struct sigaction sa = { .sa_handler = on_stop };
	struct tell t = { .out = stderr, .through = true };
	struct trace_params p = { 0 };
	struct trace *tr;
	bool want_totals = false;
	int c, err, status;
	pid_t pid = 0;

	while ((c = getopt(argc, argv, "+o:p:encl:d:q:L:t")) != -1)
		switch (c) {
		case 'o':
			t.out = fopen(optarg, "we");
			if (!t.out)
				return failed(optarg, -errno);
			break;
		case 'p':
			pid = atoi(optarg);
			break;
		case 'e':
			t.through = false;
			break;
		case 'n':
			p.no_syscalls = true;
			break;
		case 'c':
			p.no_children = true;
			break;
		case 'l':
			p.limit = strtoull(optarg, NULL, 0);
			break;
		case 'd':
			p.duration_ms = strtoull(optarg, NULL, 0);
			break;
		case 'q':
			p.quiet = (unsigned int)strtoul(optarg, NULL, 0);
			break;
		case 'L':
			p.learn = (unsigned int)strtoul(optarg, NULL, 0);
			break;
		case 't':
			want_totals = true;
			break;
		default:
			return 3;
		}
	if (optind >= argc || (!pid && optind + 1 >= argc))
		return 3;
	if (stat(argv[optind], &t.file))
		return failed(argv[optind], -errno);
	argv += optind + 1;
	if (*argv && !strcmp(*argv, "--"))
		argv++;
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	err = trace_new(&p, &calls, &t, &tr);
	if (err)
		return failed("trace_new", err);
	err = pid ? trace_attach(tr, pid) : trace_start(tr, argv[0], argv, NULL);
	if (err)
		return failed(pid ? "trace_attach" : argv[0], err);
	err = trace_run(tr, &stop);
	if (want_totals)
		totals(t.out, trace_totals(tr));
	c = 0;
	if (err && err != -EINTR)
		c = failed("trace_run", err);
	else if (!pid && trace_ended(tr, &status))
		c = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	trace_free(tr);
	free(t.tids);
	if (fclose(t.out) && !c)
		c = 120;
	return c;
}
