/* SPDX-License-Identifier: GPL-2.0-or-later */
/* messages.c - trace events and notes in, each to its thread; where a burst ends, and what its messages take along. */
#include "messages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "messages_int.h"

int messages_new(const struct messages_params *p, struct messages **out)
{
	struct messages *m;
	struct model *probe;
	int rc;

	*out = NULL;
	rc = model_new(&p->model, NULL, NULL, &probe);
	if (rc)
		return rc;
	model_free(probe);
	m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	m->par = *p;
	m->max = p->patterns ? p->patterns : MESSAGES_PATTERNS;
	memset(m->bucket, -1, sizeof(m->bucket));
	*out = m;
	return 0;
}

void messages_free(struct messages *m)
{
	if (!m)
		return;
	threads_free(m);
	fold_free(m);
	free(m);
}

/* A message of the burst: its events [from, to), of which the last store is one. */
struct cut {
	unsigned int from, to;
	unsigned int turns, turns_to; /* its lines */
};

static unsigned int last_store(const struct burst *b, const struct cut *c)
{
	unsigned int i = c->to;

	while (b->e[--i].e.kind != ME_STORE)
		;
	return i;
}

/*
 * What its own stores leave behind its last one: of each of its lines the bytes that wait in a buffer, 0 when none do.
 * A line that something parted is whole in bytes, and still waits for those of its end.
 */
static void left_open(const struct burst *b, const struct cut *c, unsigned int last, uint64_t *open)
{
	for (unsigned int k = c->turns; k < c->turns_to; k++) {
		const struct turn *t = &b->turns[k];
		uint64_t *o = &open[k - c->turns];

		*o = 0;
		for (unsigned int i = t->first; t->gathers && i <= last; i++) {
			const struct model_event *e = &b->e[i].e;
			int how = closes_lines(e);
			struct bytes w;

			if (how == 2 || (how == 1 && read_of(e, t->line)))
				*o = 0;
			if (e->kind != ME_STORE || how || e->flags & ME_DIRECT || i > t->last)
				continue;
			bytes_of(e, &w);
			for (unsigned int n = 0; n < w.n; n++)
				*o |= w.line[n] == t->line ? w.mask[n] : 0;
			if (*o == FULL_MASK)
				*o = 0;
		}
	}
}

static bool waits(const struct cut *c, const uint64_t *open)
{
	for (unsigned int k = 0; k < c->turns_to - c->turns; k++)
		if (open[k])
			return true;
	return false;
}

static bool read_takes(const struct burst *b, const struct cut *c, const struct model_event *e, uint64_t *open)
{
	bool any = false;

	for (unsigned int i = c->turns; i < c->turns_to; i++) {
		if (!open[i - c->turns] || !read_of(e, b->turns[i].line))
			continue;
		open[i - c->turns] = 0;
		any = true;
	}
	return any;
}

/*
 * What flushed its lines, behind its last store, is part of it; an uncached store that is a message of its own comes as
 * the access that it is. True when a line waited, and part of the way to what flushed it was not seen: then who knows.
 */
static bool take_closers(struct messages *m, const struct burst *b, const struct cut *c, uint64_t *open,
			 unsigned int last, size_t *n)
{
	if (!waits(c, open))
		return false;
	for (unsigned int i = last + 1; i <= b->n; i++) {
		struct trace_event *to = &m->one[*n];
		int how = i < b->n ? closes_lines(&b->e[i].e) : 0;

		if (b->mark[i])
			return true;
		if (how == 2 || (how == 1 && read_takes(b, c, &b->e[i].e, open))) {
			*to = b->e[i];
			++*n;
			if (to->e.kind == ME_STORE)
				to->e = (struct model_event){ .kind = ME_UC, .ip = to->e.ip };
			if (how == 2 || !waits(c, open))
				return false;
		}
	}
	return false;
}

/* Why a burst ends: what came behind it was seen; was not; will never come. */
enum ending { END_SEEN, END_GAP, END_CUT };

static int emit_one(struct messages *m, struct thread_at *t, const struct cut *c, enum ending how)
{
	const struct burst *b = &t->burst;
	unsigned int last = last_store(b, c);
	uint64_t lines[2 * MESSAGES_STORES];
	struct message one = { .pid = t->t.pid, .tid = t->t.tid, .e = m->one };
	bool end_unseen, open, cut = false;
	size_t unsaid_at = 0;

	left_open(b, c, last, lines);
	open = waits(c, lines);
	for (unsigned int i = c->from; i <= c->to; i++) {
		/* What is lost may have been part of it on either side. */
		bool inside = i > c->from && i <= last;

		if (b->mark[i] & (inside ? MARK_WAY | MARK_LOST : MARK_LOST) && !one.unsaid) {
			one.unsaid = true;
			unsaid_at = (i <= last ? i : last + 1) - c->from;
		}
		if (i <= last) {
			m->one[one.n++] = b->e[i];
			one.assumed |= b->e[i].flags & TRACE_ASSUMED;
		}
	}
	end_unseen = take_closers(m, b, c, lines, last, &one.n);
	if (open && one.n == last - c->from + 1) {
		end_unseen |= how == END_GAP;
		cut = how == END_CUT && c->to == b->n;
	}
	/* Lines that are whole are so whatever was before. */
	if (open && t->joined && !one.unsaid) {
		cut = true;
		unsaid_at = 0;
	} else if (cut && !one.unsaid) {
		unsaid_at = one.n;
	}
	t->joined = false;
	one.unsaid |= cut;
	one.number = m->t.messages++;
	t->t.messages++;
	return fold(m, &one, unsaid_at, end_unseen, cut);
}

/* The messages of the burst; keep: its last one may go on. Then as much of it stays. */
static int emit(struct messages *m, struct thread_at *t, bool keep, enum ending how)
{
	struct burst *b = &t->burst;
	uint16_t at[MESSAGES_STORES + 1];
	unsigned int n, turn = 0;
	int rc = 0;

	if (!b->stores)
		return 0;
	n = burst_cut(b, at);
	keep = keep && n > 1;
	at[n] = (uint16_t)b->n;
	for (unsigned int k = 0; k < n - keep && !rc; k++) {
		struct cut c = { .from = at[k], .to = at[k + 1], .turns = turn };

		while (turn < b->nturns && b->turns[turn].first < c.to)
			turn++;
		c.turns_to = turn;
		rc = emit_one(m, t, &c, how);
	}
	return rc ? rc : burst_drop(b, keep ? at[n - 1] : b->n);
}

/* There is room for so many stores only: a long stream is parted between two lines, if it comes to one. */
static bool nearly_all(const struct burst *b)
{
	return b->stores >= MESSAGES_STORES - MODEL_LINE || b->n >= MESSAGES_EVENTS - 2 * MODEL_LINE;
}

static bool begins_line(const struct burst *b, const struct trace_event *e)
{
	size_t i = b->n;

	if (e->e.addr % MODEL_LINE)
		return false;
	while (i && b->e[i - 1].e.kind != ME_STORE)
		i--;
	return i && !((b->e[i - 1].e.addr + b->e[i - 1].e.size) % MODEL_LINE);
}

static int store(struct messages *m, struct thread_at *t, const struct trace_event *e)
{
	struct burst *b = &t->burst;
	int rc = 0;

	m->t.stores++;
	t->t.stores++;
	if (b->stores && b->closed && !burst_goes_on(b, e))
		rc = emit(m, t, false, END_SEEN);
	else if (b->stores == MESSAGES_STORES || b->n >= MESSAGES_EVENTS - 2 || (nearly_all(b) && begins_line(b, e)))
		rc = emit(m, t, true, END_SEEN);
	return rc ? rc : burst_add(b, e);
}

/* The way was not seen, or stores on it may be missing. */
static int unsure(struct thread_at *t, uint8_t mark)
{
	thread_unsure(t);
	return burst_mark(&t->burst, mark);
}

int messages_event(struct messages *m, const struct trace_event *e)
{
	struct thread_at *t = thread_find(m, e->tid);
	int rc = 0;

	if (m->ended)
		return -EINVAL;
	m->t.assumed += (e->flags & TRACE_ASSUMED) != 0;
	if (!t && e->e.kind != ME_STORE)
		return 0;
	if (!t)
		rc = thread_get(m, e->pid, e->tid, &t);
	if (rc)
		return rc;
	if (model_event_wrong(&e->e)) {
		m->t.refused++;
		return unsure(t, MARK_LOST);
	}
	rc = thread_feed(m, t, &e->e);
	if (rc)
		return rc;
	if (e->e.kind == ME_STORE)
		return store(m, t, e);
	if (!t->burst.stores)
		return 0;
	/* Much between two stores, none of it a store: what comes is another message. */
	if (t->burst.n >= MESSAGES_EVENTS - 2)
		return emit(m, t, false, END_GAP);
	return burst_add(&t->burst, e);
}

static int end_thread(struct messages *m, struct thread_at *t, enum ending how)
{
	int rc = emit(m, t, false, how);

	return rc ? rc : thread_finish(m, t);
}

/* All threads of a process; 0: of all. */
static int end_process(struct messages *m, pid_t pid, enum ending how)
{
	int rc = 0;

	for (unsigned int i = 0; i < THREAD_BUCKETS; i++)
		for (struct thread_at *t = m->thread[i], *next; t && !rc; t = next) {
			next = t->next;
			if (!pid || t->t.pid == pid)
				rc = end_thread(m, t, how);
		}
	return rc;
}

/* Of a thread that has not stored yet the next message is in doubt; without a thread, all of the process. */
static int lost(struct messages *m, const struct trace_note *n)
{
	struct thread_at *t;
	int rc = 0;

	if (n->tid) {
		rc = thread_get(m, n->pid, n->tid, &t);
		return rc ? rc : unsure(t, MARK_LOST);
	}
	for (unsigned int i = 0; i < THREAD_BUCKETS; i++)
		for (t = m->thread[i]; t && !rc; t = t->next)
			if (!n->pid || t->t.pid == n->pid)
				rc = unsure(t, MARK_LOST);
	return rc;
}

/* Found at attaching: what it stores first may be the rest of a message. */
static int joined(struct messages *m, const struct trace_note *n)
{
	struct thread_at *t;
	int rc = n->why ? thread_get(m, n->pid, n->tid, &t) : 0;

	if (!rc && n->why)
		t->joined = true;
	return rc;
}

static int gap(struct messages *m, struct thread_at *t, const struct trace_note *n)
{
	const struct model_event e = { .kind = ME_GAP, .addr = n->value > 0 ? (uint64_t)n->value : 0, .ip = n->ip };
	int rc = emit(m, t, false, END_GAP);

	thread_unsure(t);
	return rc ? rc : thread_feed(m, t, &e);
}

static void way_changed(struct messages *m, const struct trace_note *n)
{
	for (unsigned int i = 0; i < m->nchanged; i++)
		if (m->changed[i].from == n->ip && m->changed[i].to == n->addr)
			return;
	if (m->nchanged < CHANGED_MAX)
		m->changed[m->nchanged++] = (struct way){ n->ip, n->addr };
}

int messages_note(struct messages *m, const struct trace_note *n)
{
	struct thread_at *t = thread_find(m, n->tid);

	if (m->ended)
		return -EINVAL;
	switch (n->kind) {
	case TRACE_GAP:
		m->t.gaps++;
		return t ? gap(m, t, n) : 0;
	case TRACE_UNSEEN:
		m->t.unseen++;
		return t ? unsure(t, MARK_WAY) : 0;
	case TRACE_SYSWRITE:
		m->t.syswrites++;
		return t ? unsure(t, MARK_WAY) : 0;
	case TRACE_UNSAID:
		m->t.unsaid++;
		return lost(m, n);
	case TRACE_LOST:
		m->t.lost++;
		return lost(m, n);
	case TRACE_PATH:
		m->t.paths++;
		way_changed(m, n);
		return 0;
	case TRACE_THREAD_END:
		return t ? end_thread(m, t, END_SEEN) : 0;
	case TRACE_THREAD:
		return joined(m, n);
	case TRACE_EXEC:
		return end_process(m, n->pid, END_SEEN);
	case TRACE_EXIT:
		return end_process(m, n->pid, WIFSIGNALED(n->value) ? END_CUT : END_SEEN);
	case TRACE_DETACHED:
		return end_process(m, n->pid, END_CUT);
	default:
		return 0;
	}
}

int messages_end(struct messages *m)
{
	int rc;

	if (m->ended)
		return 0;
	rc = end_process(m, 0, END_SEEN);
	if (!rc)
		rc = fold_end(m);
	m->ended = !rc;
	return rc;
}

const struct messages_totals *messages_totals(const struct messages *m)
{
	return &m->t;
}

const struct message_pattern *messages_patterns(const struct messages *m, size_t *n)
{
	*n = m->ended ? m->nkept : 0;
	return m->pattern;
}

const struct message_thread *messages_threads(const struct messages *m, size_t *n)
{
	*n = m->ended ? m->nthreads : 0;
	return m->threads;
}
