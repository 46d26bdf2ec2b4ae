/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace_run.c - wcdiag trace: from the first stop of the program to the story. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmd/trace.h"
#include "probe/machine.h"
#include "probe/src.h"

struct tracing {
	const struct trace_asked *a;
	struct trace *t;
	struct messages *m;
	struct trace_choose choose;
	struct trace_ips *ips;
	struct trace_writer *writer; /* NULL: not asked for */
	struct trace_ip **ips_of;    /* of each pattern's events, by its id */
	size_t nips;
	struct trace_story s;
};

static void choose(const struct trace_mapping *m, struct trace_choice *c, void *ctx)
{
	struct tracing *r = ctx;

	trace_choose_mapping(&r->choose, m, c);
}

static bool same_entry(pid_t pid, uint64_t theirs, const void *ours, void *ctx)
{
	return trace_same_entry(&((struct tracing *)ctx)->choose, pid, theirs, ours);
}

static uint64_t place(pid_t pid, uint64_t ip, void *ctx)
{
	return trace_ips_place(((struct tracing *)ctx)->ips, pid, ip);
}

static int event(const struct trace_event *e, void *ctx)
{
	struct trace_event one = *e;
	struct tracing *r = ctx;

	trace_ips_see(r->ips, e);
	/* Of what is assumed the thread is elsewhere by now. */
	if (e->e.kind == ME_STORE && !(e->flags & TRACE_ASSUMED))
		one.call = trace_ips_call(r->ips, e->pid, e->tid, e->e.ip);
	if (r->writer)
		trace_write(r->writer, e);
	return messages_event(r->m, &one);
}

static void mapped(struct trace_story *s, const struct trace_note *n)
{
	struct trace_mapped one = { n->pid, n->addr, n->length, (unsigned int)n->value };

	if (s->nmapped < TRACE_MAPPED_MAX)
		s->mapped[s->nmapped] = one;
	s->nmapped++;
}

static void remember(char *to, size_t len, const char *why)
{
	if (!*to && why)
		safe_text(why, to, len);
}

static int note(const struct trace_note *n, void *ctx)
{
	struct tracing *r = ctx;
	int rc = messages_note(r->m, n);

	if (r->writer)
		trace_write_note(r->writer, n);
	switch (n->kind) {
	case TRACE_MAPPED:
		mapped(&r->s, n);
		break;
	case TRACE_REFUSED:
		r->s.refused++;
		remember(r->s.refused_why, sizeof(r->s.refused_why), n->why ? n->why : strerror((int)n->value));
		break;
	case TRACE_LOST:
		remember(r->s.lost_why, sizeof(r->s.lost_why), n->why);
		break;
	case TRACE_EXEC:
		/* Its messages are done; what was known of the old program is of no use to the new one. */
		trace_ips_forget(r->ips, n->pid);
		break;
	case TRACE_EXIT:
		r->s.processes++;
		break;
	default:
		break;
	}
	return rc;
}

/* Who stored, while it is known: a program may be another one later. */
static int remember_symbols(struct tracing *r, const struct message *one)
{
	struct trace_ip **p = realloc(r->ips_of, (r->nips + 1) * sizeof(*p));

	if (!p)
		return -ENOMEM;
	r->ips_of = p;
	p[r->nips] = calloc(one->n, sizeof(**p));
	if (!p[r->nips])
		return -ENOMEM;
	for (size_t i = 0; i < one->n; i++) {
		const struct symbol *y = trace_ips_at(r->ips, one->pid, one->e[i].e.ip),
				    *by = trace_ips_at(r->ips, one->pid, one->e[i].call);

		if (y)
			p[r->nips][i].y = *y;
		if (by) {
			p[r->nips][i].call = one->e[i].call;
			p[r->nips][i].caller = *by;
		}
	}
	r->nips++;
	return 0;
}

static int each(const struct message *one, void *ctx)
{
	struct tracing *r = ctx;
	struct trace_story *s = &r->s;
	struct trace_run *last = s->norder ? &s->order[s->norder - 1] : NULL;

	if (one->pattern == (int)r->nips && remember_symbols(r, one))
		return -ENOMEM;
	if (!r->a->o.verbose)
		return 0;
	if (last && last->pattern == one->pattern && last->tid == one->tid && last->from + last->count == one->number) {
		last->count++;
	} else if (s->norder == TRACE_RUNS) {
		s->unordered++;
	} else {
		if (!s->order)
			s->order = malloc(TRACE_RUNS * sizeof(*s->order));
		if (!s->order)
			return -ENOMEM;
		s->order[s->norder++] = (struct trace_run){ one->pattern, one->tid, one->number, 1 };
	}
	return 0;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static enum trace_end how_it_ended(const struct tracing *r)
{
	const struct trace_story *s = &r->s;

	if (trace_stopped)
		return TRACE_END_SIGNAL;
	if (r->a->par.limit && s->cost.stores >= r->a->par.limit)
		return TRACE_END_LIMIT;
	if (r->a->par.duration_ms && s->seconds * 1000 >= (double)r->a->par.duration_ms)
		return TRACE_END_DURATION;
	return TRACE_END_PROGRAM;
}

/* Traces, to the end of it. A failure on the way leaves what was seen until then. */
static int serve(struct tracing *r)
{
	static const struct trace_calls calls = { choose, event, note, same_entry };
	const struct trace_asked *a = r->a;
	double from = now();
	int rc = trace_new(&a->par, &calls, r, &r->t);

	if (rc)
		return trace_failed(a, "the tracer", -rc);
	trace_catch_signals(true);
	rc = trace_begin(r->t, a);
	if (!rc) {
		rc = trace_run(r->t, &trace_stopped);
		r->s.seconds = now() - from;
		r->s.cost = *trace_totals(r->t);
		r->s.pid = trace_pid(r->t);
		r->s.ended = trace_ended(r->t, &r->s.status);
		r->s.signal = trace_stopped;
		r->s.place = trace_places(r->t, &r->s.nplace);
		r->s.end = rc && rc != -EINTR ? TRACE_END_FAILED : how_it_ended(r);
		rc = r->s.end != TRACE_END_FAILED ? 0 : trace_failed(a, "tracing", -rc);
	}
	trace_catch_signals(false);
	return rc;
}

/* To -o, once the program has no more to say. */
static int redirect(const struct trace_asked *a, int fd)
{
	if (fd < 0)
		return 0;
	fflush(stdout);
	return dup2(fd, STDOUT_FILENO) < 0 ? cmd_fail_errno(a->c, a->output, errno, NULL) : 0;
}

static int tell(struct tracing *r, const struct model_params *par, const struct profile_choice *p, int fd)
{
	struct trace_story *s = &r->s;
	int rc = messages_end(r->m);

	if (!rc) {
		s->a = r->a;
		s->profile = p;
		s->model = par;
		s->choose = &r->choose;
		s->ips = r->ips;
		s->writer = r->writer;
		s->t = messages_totals(r->m);
		rc = trace_judge(s, r->m, r->ips_of);
	}
	if (rc)
		rc = cmd_fail_errno(r->a->c, "the story", -rc, NULL);
	else if (!(rc = redirect(r->a, fd)))
		(strcmp(r->a->o.format, "json") ? trace_text : trace_json)(s);
	trace_judge_free(s);
	return rc;
}

static int with_model(struct tracing *r, const struct model_params *par, const struct profile_choice *p, int fd)
{
	const struct trace_asked *a = r->a;
	const struct messages_params mp = { .model = *par, .place = place, .each = each, .ctx = r };
	int rc = messages_new(&mp, &r->m), end = 0;

	if (!rc)
		rc = trace_ips_new(&r->ips);
	if (rc)
		return cmd_fail_errno(a->c, "the story", -rc, NULL);
	if (a->events)
		rc = trace_writer_new(a, &r->writer);
	if (!rc)
		rc = serve(r);
	if (r->writer && r->t)
		end = trace_writer_end(r->writer);
	/* What was seen before it failed is told all the same. */
	if (r->t && (!rc || messages_totals(r->m)->stores))
		end |= tell(r, par, p, fd);
	return rc ? rc : end;
}

static void clean(struct tracing *r)
{
	trace_free(r->t);
	messages_free(r->m);
	trace_writer_free(r->writer);
	trace_ips_free(r->ips);
	for (size_t i = 0; i < r->nips; i++)
		free(r->ips_of[i]);
	free(r->ips_of);
	free(r->s.order);
}

/* An ordinary file needs no facts of the machine but the CPU. What is not there yet may be anything. */
static bool device_asked(const struct trace_asked *a)
{
	struct statfs fs;
	struct stat st;

	return !a->map || stat(a->map, &st) || !S_ISREG(st.st_mode) || statfs(a->map, &fs) ||
	       fs.f_type == SYSFS_MAGIC || fs.f_type == PROC_SUPER_MAGIC;
}

static int with_facts(struct tracing *r, const struct src *src, int fd)
{
	const struct trace_asked *a = r->a;
	struct profile_choice p = { 0 };
	struct model_params par = { .buffers = a->buffers };
	struct machine *m = NULL;
	struct hyper h = { 0 };
	struct cpu cpu;
	int rc = cpu_read(src, &cpu);

	if (rc && (!strcmp(a->profile, "auto") || !strcmp(a->profile, "measured")))
		return cmd_fail_errno(a->c, "the CPU", -rc, "name it: --profile, see wcdiag model --profiles");
	if (!rc)
		hyper_read(src, &cpu, &h);
	rc = profile_choose(a->c, src, &cpu, &h, a->profile, &p);
	par.cpu = p.cpu;
	if (!rc && device_asked(a) && (rc = machine_read(src, READ_MSR | READ_PROC_MTRR | READ_PCI, NULL, &m)))
		rc = cmd_fail_errno(a->c, "this machine", -rc, NULL);
	if (!rc)
		rc = trace_choose_init(&r->choose, a, m);
	if (!rc) {
		rc = with_model(r, &par, &p, fd);
		trace_choose_end(&r->choose);
	}
	machine_free(m);
	return rc;
}

int trace_do(const struct trace_asked *a)
{
	struct tracing *r = calloc(1, sizeof(*r));
	struct src *src;
	int fd = -1, rc;

	if (!r)
		return cmd_fail_errno(a->c, "the story", ENOMEM, NULL);
	r->a = a;
	if (a->output) {
		fd = open(a->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
		if (fd < 0) {
			free(r);
			return cmd_fail_errno(a->c, a->output, errno, "name a file that can be written");
		}
	}
	rc = common_open(&a->o, &src);
	if (!rc) {
		rc = with_facts(r, src, fd);
		src_close(src);
	}
	clean(r);
	free(r);
	if (fd >= 0)
		close(fd);
	return rc;
}
