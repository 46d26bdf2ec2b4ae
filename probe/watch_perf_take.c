/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch_perf_take.c - the records of perf's rings: samples into decisions, names of processes as they change. READ. */
#include <asm/perf_regs.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "watch_perf_int.h"

/* n bytes at offset at of the ring, which may go round its end. */
static void from_ring(const struct ring *r, size_t bytes, uint64_t at, void *to, size_t n)
{
	const char *data = (const char *)r->page + r->page->data_offset;
	const size_t begin = (size_t)(at & (bytes - 1)), whole = bytes - begin < n ? bytes - begin : n;

	memcpy(to, data + begin, whole);
	memcpy((char *)to + whole, data, n - whole);
}

/* Of who was there before: the kernel tells of new names only. Who has ended since has none. */
static const char *name_of(struct by_perf *b, int pid)
{
	const char *known = pid_names_get(&b->names, pid);
	char path[40], comm[16];
	ssize_t n;
	int fd;

	if (known)
		return known;
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, comm, sizeof(comm) - 1);
	if (fd >= 0)
		close(fd);
	comm[n > 0 ? n : 0] = 0;
	comm[strcspn(comm, "\n")] = 0;
	if (*comm)
		pid_names_set(&b->names, pid, comm);
	known = pid_names_get(&b->names, pid);
	return known ? known : "";
}

static void from_registers(const struct probed *p, const uint64_t reg[REGS], struct watch_record *o)
{
	o->kind = (uint16_t)p->kind;
	switch (p->kind) {
	case WATCH_RAW_RESERVE:
		o->start = reg[DI];
		o->end = reg[SI];
		o->asked = (uint32_t)reg[DX];
		o->flags = WATCH_RAW_ASKED;
		break;
	case WATCH_RAW_FREE:
		o->start = reg[DI];
		o->end = reg[SI];
		break;
	case WATCH_RAW_INSERT:
		o->start = (reg[DX] & ((1ULL << 52) - 1)) << 12;
		o->end = o->start + 4096;
		break;
	default:
		o->start = reg[DI] << 12;
		o->end = o->start + reg[SI];
		break;
	}
}

/* A sample: identifier, pid and tid, time, the callchain with its length, the registers behind their kind. */
static bool decode(const struct ring *r, const uint64_t *word, size_t n, struct watch_record *o)
{
	size_t at = 3, frames;

	if (n < 4)
		return false;
	*o = (struct watch_record){ .pid = (uint32_t)word[1], .tid = (uint32_t)(word[1] >> 32), .when = word[2] };
	frames = word[at++];
	if (frames > n - at)
		return false;
	for (size_t i = 0; i < frames; i++)
		/* Marks between kernel and user addresses; no address lies there. */
		if (word[at + i] < (uint64_t)PERF_CONTEXT_MAX && o->frames < WATCH_FRAMES)
			o->stack[o->frames++] = word[at + i];
	at += frames;
	if (n - at < 1 + REGS || word[at] != PERF_SAMPLE_REGS_ABI_64)
		return false;
	for (size_t i = 0; i < PERF_PROBED; i++)
		if (r->fd[i] >= 0 && r->id[i] == word[0]) {
			from_registers(&perf_probed[i], word + at + 1, o);
			return true;
		}
	return false;
}

static int keep(struct by_perf *b, const struct noted *o)
{
	if (b->nbatch == b->cap) {
		size_t cap = b->cap ? b->cap * 2 : 256;
		struct noted *more = realloc(b->batch, cap * sizeof(*more));

		if (!more)
			return -ENOMEM;
		b->batch = more;
		b->cap = cap;
	}
	b->batch[b->nbatch++] = *o;
	return 0;
}

/* FORK and EXIT: pid, ppid, tid, ptid, time. COMM: pid, tid, the name. Behind each its time and identifier. */
static bool decode_task(const struct perf_event_header *h, const uint64_t *word, size_t bytes, struct noted *o)
{
	const uint32_t *id = (const uint32_t *)word;

	*o = (struct noted){ .what = NOTED_NAME };
	if (bytes < 24)
		return false;
	o->r.pid = id[0];
	o->r.when = word[bytes / 8 - 2];
	if (h->type == PERF_RECORD_COMM) {
		/* Of a process, not of one of its threads. */
		snprintf(o->r.comm, sizeof(o->r.comm), "%.*s", (int)sizeof(o->r.comm) - 1, (const char *)&id[2]);
		return id[0] == id[1];
	}
	if (bytes < 40 || id[0] != id[2])
		return false;
	o->what = h->type == PERF_RECORD_FORK ? NOTED_CHILD : NOTED_END;
	o->r.tid = id[1];
	return true;
}

static int take_record(struct by_perf *b, struct ring *r, const struct perf_event_header *h, uint64_t at)
{
	uint64_t word[16 + WATCH_FRAMES * 2] = { 0 };
	const size_t bytes = h->size - sizeof(*h);
	struct noted o = { .what = NOTED_DECISION };

	if (h->type == PERF_RECORD_SAMPLE)
		b->seen++;
	if (bytes > sizeof(word)) {
		b->lost += h->type == PERF_RECORD_SAMPLE;
		return 0;
	}
	from_ring(r, b->bytes, at, word, bytes);
	switch (h->type) {
	case PERF_RECORD_LOST:
		b->lost += word[1];
		b->seen += word[1];
		return 0;
	case PERF_RECORD_SAMPLE:
		if (decode(r, word, bytes / 8, &o.r))
			return keep(b, &o);
		b->lost++;
		return 0;
	case PERF_RECORD_COMM:
	case PERF_RECORD_FORK:
	case PERF_RECORD_EXIT:
		return decode_task(h, word, bytes, &o) ? keep(b, &o) : 0;
	default:
		return 0;
	}
}

static int read_ring(struct by_perf *b, struct ring *r)
{
	const uint64_t head = __atomic_load_n(&r->page->data_head, __ATOMIC_ACQUIRE);
	uint64_t tail = r->page->data_tail;
	int rc = 0;

	while (tail < head && !rc) {
		struct perf_event_header h;

		from_ring(r, b->bytes, tail, &h, sizeof(h));
		if (h.size < sizeof(h) || h.size > head - tail)
			break;
		rc = take_record(b, r, &h, tail + sizeof(h));
		tail += h.size;
	}
	__atomic_store_n(&r->page->data_tail, tail, __ATOMIC_RELEASE);
	return rc;
}

static int by_time(const void *x, const void *y)
{
	const struct noted *a = x, *b = y;

	return a->r.when < b->r.when ? -1 : a->r.when > b->r.when;
}

static int take_one(struct watch *w, struct by_perf *b, struct noted *o)
{
	const char *parent;

	switch (o->what) {
	case NOTED_NAME:
		return pid_names_set(&b->names, (int)o->r.pid, o->r.comm);
	case NOTED_CHILD:
		parent = pid_names_get(&b->names, (int)o->r.tid);
		if (parent)
			snprintf(o->r.comm, sizeof(o->r.comm), "%s", parent);
		return parent ? pid_names_set(&b->names, (int)o->r.pid, o->r.comm) : 0;
	case NOTED_END:
		/* It gives its memory back after it was said to have ended: the name is kept for a while. */
		pid_names_drop(&b->names, b->ended[b->nended % PERF_ENDED]);
		b->ended[b->nended++ % PERF_ENDED] = (int)o->r.pid;
		return 0;
	default:
		snprintf(o->r.comm, sizeof(o->r.comm), "%s", name_of(b, (int)o->r.pid));
		return watch_hand_over(w, &o->r);
	}
}

/*
 * Until when every ring has everything, once it is read now. The time of a record is taken a little before the record
 * stands in its ring: so much is waited.
 */
static uint64_t settled(void)
{
	const struct timespec a_little = { .tv_nsec = 1000000 };
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	nanosleep(&a_little, NULL);
	return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

/*
 * The rings are read one after the other: while the second is, something may come into the first that is older than
 * what the second has. What is younger than the first look waits for the next.
 */
int watch_perf_take(struct watch *w)
{
	struct by_perf *b = w->way;
	const uint64_t until = w->last ? UINT64_MAX : settled();
	size_t done = 0;
	int rc = 0;

	for (size_t i = 0; i < b->n && !rc; i++)
		rc = read_ring(b, &b->ring[i]);
	qsort(b->batch, b->nbatch, sizeof(*b->batch), by_time);
	while (done < b->nbatch && b->batch[done].r.when <= until && !rc)
		rc = take_one(w, b, &b->batch[done++]);
	b->nbatch -= done;
	if (b->nbatch)
		memmove(b->batch, b->batch + done, b->nbatch * sizeof(*b->batch));
	return rc;
}
