/* SPDX-License-Identifier: GPL-2.0-or-later */
/* messages_thread.c - the stream of each thread: the rates of the run, whatever its messages are. */
#include <errno.h>
#include <stdlib.h>

#include "messages_int.h"

static struct thread_at **bucket(struct messages *m, pid_t tid)
{
	return &m->thread[(unsigned int)tid * 2654435761U >> 24];
}

struct thread_at *thread_find(struct messages *m, pid_t tid)
{
	struct thread_at *t = *bucket(m, tid);

	while (t && t->t.tid != tid)
		t = t->next;
	return t;
}

static void thread_free(struct thread_at *t)
{
	stream_free(t->stream);
	model_free(t->plain);
	model_free(t->careful);
	burst_free(&t->burst);
	free(t);
}

/* Followed to a story, while there are not too many of them; else counted. */
static int open_streams(struct messages *m, struct thread_at *t)
{
	int rc = model_new(&m->par.model, NULL, NULL, &t->careful);

	if (rc)
		return rc;
	if (m->nstreams == MESSAGES_STREAMS)
		return model_new(&m->par.model, NULL, NULL, &t->plain);
	rc = stream_new(&m->par.model, NULL, NULL, &t->stream);
	m->nstreams += !rc;
	return rc;
}

int thread_get(struct messages *m, pid_t pid, pid_t tid, struct thread_at **out)
{
	struct thread_at **at = bucket(m, tid), *t = thread_find(m, tid);

	*out = t;
	if (t)
		return 0;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->t.pid = pid;
	t->t.tid = tid;
	t->listed = -1;
	t->next = *at;
	*at = *out = t;
	return 0;
}

/* It stores for the first time: a line of the list is its own. */
static int list(struct messages *m, struct thread_at *t)
{
	int rc = open_streams(m, t);

	if (rc)
		return rc;
	if (!m->threads)
		m->threads = calloc(MESSAGES_THREADS, sizeof(*m->threads));
	if (!m->threads)
		return -ENOMEM;
	m->t.threads++;
	if (m->nthreads < MESSAGES_THREADS)
		t->listed = (int)m->nthreads++;
	return 0;
}

int thread_feed(struct messages *m, struct thread_at *t, const struct model_event *e)
{
	int rc = 0;

	if (!t->careful && e->kind != ME_STORE)
		return 0;
	if (!t->careful)
		rc = list(m, t);
	if (rc)
		return rc;
	model_feed(t->careful, e);
	return t->stream ? stream_feed(t->stream, e) : model_feed(t->plain, e);
}

void thread_unsure(struct thread_at *t)
{
	static const struct model_event flush = { .kind = ME_MFENCE };

	if (t->careful)
		model_feed(t->careful, &flush);
}

static void add(struct model_totals *to, const struct model_totals *t)
{
	/* Each thread has one of the two models. NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
	to->events += t->events;
	to->stores += t->stores;
	to->wc += t->wc;
	to->uc += t->uc;
	to->direct += t->direct;
	to->wb += t->wb;
	to->reads += t->reads;
	to->closing += t->closing;
	to->unseen += t->unseen;
	to->store_bytes += t->store_bytes;
	to->repeat_bytes += t->repeat_bytes;
	to->straddling += t->straddling;
	to->lines += t->lines;
	to->full += t->full;
	to->tlps += t->tlps;
	to->best += t->best;
	to->worst += t->worst;
	to->bytes += t->bytes;
	to->wire += t->wire;
	to->dws += t->dws;
	for (unsigned int i = 0; i < MR_COUNT; i++) {
		to->reason_tlps[i] += t->reason_tlps[i];
		to->reason_lines[i] += t->reason_lines[i];
	}
	if (t->open_max > to->open_max)
		to->open_max = t->open_max;
	to->unknowns |= t->unknowns;
	to->maybe_kinds |= t->maybe_kinds;
}

/* Its totals, and its story where there is a line for it. */
static int count(struct messages *m, struct thread_at *t)
{
	const struct model_totals *sure = model_totals(t->careful), *own;
	const struct stream_story *y = NULL;
	struct stream_story *copy = NULL;

	model_end(t->careful);
	if (t->stream) {
		y = stream_end(t->stream);
		own = &y->totals;
		m->nstreams--;
	} else {
		model_end(t->plain);
		own = model_totals(t->plain);
	}
	if (y && t->listed >= 0) {
		copy = malloc(sizeof(*copy));
		if (!copy)
			return -ENOMEM;
		*copy = *y;
	}
	m->t.storyless += !copy;
	add(&m->t.model, own);
	m->t.full_sure += sure->full < own->full ? sure->full : own->full;
	m->t.worst += sure->worst > own->worst ? sure->worst : own->worst;
	t->t.totals = *own;
	t->t.story = copy;
	if (t->listed >= 0)
		m->threads[t->listed] = t->t;
	return 0;
}

int thread_finish(struct messages *m, struct thread_at *t)
{
	struct thread_at **p = bucket(m, t->t.tid);
	int rc = t->careful ? count(m, t) : 0;

	if (rc)
		return rc;
	while (*p != t)
		p = &(*p)->next;
	*p = t->next;
	thread_free(t);
	return 0;
}

void threads_free(struct messages *m)
{
	for (unsigned int i = 0; i < THREAD_BUCKETS; i++)
		while (m->thread[i]) {
			struct thread_at *t = m->thread[i];

			m->thread[i] = t->next;
			thread_free(t);
		}
	for (size_t i = 0; i < m->nthreads; i++)
		free((void *)m->threads[i].story);
	free(m->threads);
}
