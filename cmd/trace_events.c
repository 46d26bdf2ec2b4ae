/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace_events.c - trace --events FILE: a stream a thread, since the events of a stream are those of one CPU in order.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/trace.h"
#include "probe/model_text.h"

/* Open at once. */
#define FILES 256

struct stream_file {
	pid_t tid, pid;
	FILE *f;
	bool assumed; /* some of what it holds was */
};

struct trace_writer {
	const struct trace_asked *a;
	struct stream_file open[FILES];
	unsigned int n, last;
	size_t files, left;
	int err; /* the first; of file */
	char name[600];
};

int trace_writer_new(const struct trace_asked *a, struct trace_writer **out)
{
	struct trace_writer *w = calloc(1, sizeof(*w));

	*out = w;
	if (!w)
		return cmd_fail_errno(a->c, "--events", ENOMEM, NULL);
	w->a = a;
	/* Whether it can be written is found out before anything is traced. */
	w->open[0].f = fopen(a->events, "we");
	if (!w->open[0].f)
		return cmd_fail_errno(a->c, a->events, errno, "name a file that can be written");
	w->n = 1;
	return 0;
}

static void fail(struct trace_writer *w, const char *name, int err)
{
	if (w->err)
		return;
	w->err = err;
	snprintf(w->name, sizeof(w->name), "%s", name);
}

static void name_of(const struct trace_writer *w, unsigned int i, char *buf, size_t len)
{
	if (i)
		snprintf(buf, len, "%s.%d", w->a->events, w->open[i].tid);
	else
		snprintf(buf, len, "%s", w->a->events);
}

static void shut(struct trace_writer *w, unsigned int i)
{
	char name[600];

	if (!w->open[i].f)
		return;
	name_of(w, i, name, sizeof(name));
	if (fclose(w->open[i].f))
		fail(w, name, errno ? errno : EIO);
	w->open[i].f = NULL;
}

/* The thread's file; begin: it may be made. */
static struct stream_file *file_of(struct trace_writer *w, pid_t tid, pid_t pid, bool begin)
{
	char name[600];
	unsigned int i;

	if (w->last < w->n && w->open[w->last].tid == tid)
		return &w->open[w->last];
	for (i = 0; i < w->n && w->open[i].tid != tid; i++)
		;
	if (i == w->n && !begin)
		return NULL;
	/* The first that stores has the name that was given. */
	if (i == w->n && !w->open[0].tid)
		i = 0;
	if (i == w->n) {
		if (w->n == FILES) {
			w->left++;
			return NULL;
		}
		w->open[i].tid = tid;
		name_of(w, i, name, sizeof(name));
		w->open[i].f = fopen(name, "we");
		if (!w->open[i].f)
			fail(w, name, errno);
		w->n++;
	}
	if (!w->open[i].tid || w->files < w->n) {
		w->open[i].tid = tid;
		w->open[i].pid = pid;
		w->files = w->n;
		if (w->open[i].f)
			fprintf(w->open[i].f, "# thread %d of process %d\n", tid, pid);
	}
	w->last = i;
	return &w->open[i];
}

/* A file that cannot be written on is no reason to end the story: it is said at the end. */
void trace_write(struct trace_writer *w, const struct trace_event *e)
{
	struct stream_file *s = file_of(w, e->tid, e->pid, e->e.kind == ME_STORE);
	char line[MODEL_TEXT_LINE];

	if (!s || !s->f || w->err)
		return;
	s->assumed |= e->flags & TRACE_ASSUMED;
	model_text_format(&e->e, line, sizeof(line));
	if (fprintf(s->f, "%s%s\n", line, e->flags & TRACE_ASSUMED ? " # assumed" : "") < 0)
		fail(w, w->a->events, errno ? errno : EIO);
}

/* In its file; without a thread in those of its process, without a process in all. */
static void unseen(struct trace_writer *w, const struct trace_note *n, bool assumed)
{
	for (unsigned int i = 0; i < w->n; i++) {
		struct stream_file *s = &w->open[i];

		if (s->f && s->tid && (n->tid ? s->tid == n->tid : !n->pid || s->pid == n->pid) &&
		    (!assumed || s->assumed) &&
		    fprintf(s->f, "?%s # %s\n", n->kind == TRACE_GAP || n->kind == TRACE_UNSEEN ? " way" : "",
			    assumed ? "a way was found otherwise: what is marked assumed may not have been so"
				    : trace_note_name(n->kind)) < 0)
			fail(w, w->a->events, errno ? errno : EIO);
	}
}

void trace_write_note(struct trace_writer *w, const struct trace_note *n)
{
	struct stream_file *s = file_of(w, n->tid, n->pid, false);

	switch (n->kind) {
	case TRACE_GAP:
		if (s && s->f && n->value > 0)
			fprintf(s->f, "g %lld\n", (long long)n->value);
		unseen(w, n, false);
		break;
	case TRACE_UNSEEN:
	case TRACE_UNSAID:
	case TRACE_LOST:
	case TRACE_SYSWRITE:
		unseen(w, n, false);
		break;
	case TRACE_PATH:
		unseen(w, &(struct trace_note){ .kind = n->kind }, true);
		break;
	default:
		break;
	}
}

int trace_writer_end(struct trace_writer *w)
{
	for (unsigned int i = 0; i < w->n; i++)
		shut(w, i);
	return w->err ? cmd_fail_errno(w->a->c, w->name, w->err, "the events are not complete: give them room") : 0;
}

size_t trace_writer_files(const struct trace_writer *w)
{
	return w->files;
}

size_t trace_writer_left(const struct trace_writer *w)
{
	return w->left;
}

bool trace_writer_failed(const struct trace_writer *w)
{
	return w->err;
}

void trace_writer_free(struct trace_writer *w)
{
	for (unsigned int i = 0; w && i < w->n; i++)
		if (w->open[i].f)
			fclose(w->open[i].f);
	free(w);
}
