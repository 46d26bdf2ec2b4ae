/* SPDX-License-Identifier: GPL-2.0-or-later */
/* messages_int.h - what the files of the messages share. */
#ifndef WCDIAG_MESSAGES_INT_H
#define WCDIAG_MESSAGES_INT_H

#include "messages.h"
#include "model_int.h"

/* A line as it is filled, once: stored bytes, and the stores (indices of events) between which it is. */
struct turn {
	uint64_t line, mask;
	uint16_t first, last;
	bool gathers; /* a store that waits in a buffer went to it */
};

/* Before an event, or behind the last one. */
enum {
	MARK_WAY = 1,  /* the way was not seen: a fence or a read may be missing */
	MARK_LOST = 2, /* stores may be missing */
};

#define BEGINS 4

/* A burst at hand. */
struct burst {
	struct trace_event *e;
	uint8_t *mark; /* of n + 1 */
	unsigned int n, room, stores;
	unsigned int last;  /* the last store */
	bool closed;	    /* it, or something behind it, closed the buffers */
	struct turn *turns; /* in the order of their first stores */
	unsigned int nturns, room_turns;
	uint64_t begins[BEGINS]; /* the instructions that the last bursts began with */
	unsigned int nbegins;
};

/* messages_burst.c */
int burst_add(struct burst *b, const struct trace_event *e); /* 0 or -ENOMEM, as the others */
int burst_mark(struct burst *b, uint8_t mark);
int burst_drop(struct burst *b, unsigned int n); /* the first n events */
void burst_free(struct burst *b);
/* Does this store, after something closed the buffers, go on with the burst? There is a store in it. */
bool burst_goes_on(const struct burst *b, const struct trace_event *store);
/*
 * Where its messages begin: indices of stores into at[], which has room for MESSAGES_STORES; the number of them. Events
 * before the first store belong to none.
 */
unsigned int burst_cut(const struct burst *b, uint16_t *at);
/* Does a read touch this line? */
bool read_of(const struct model_event *e, uint64_t line);

/* The bytes that a store writes to its lines: one or two. A mask may be 0. */
struct bytes {
	uint64_t line[2], mask[2];
	unsigned int n;
};
void bytes_of(const struct model_event *e, struct bytes *out);
/* Does it make lines leave: 0 none, 1 those it reads, 2 all? */
int closes_lines(const struct model_event *e);

/* What is compared of an event. */
struct canon {
	uint64_t ip, mask;
	int32_t number;
	uint16_t line; /* of the message's own lines, in the order they were touched; LINE_ELSEWHERE */
	uint8_t off, size, kind, type, flags;
	int8_t step; /* a line touched for the first time: 1 or -1 beside the one touched before, 2 elsewhere; else 0 */
	uint16_t line2; /* of a store over a boundary: the other line; else 0 */
	uint16_t pad;
};
#define LINE_ELSEWHERE 0xffff

/* A pattern with what finds it again. */
struct kept {
	struct message_pattern p;
	struct canon *canon;
	size_t ncanon;
	size_t nbody; /* of ncanon: up to the last store */
	uint64_t hash, stores_hash, body_hash;
	int chain;
};

struct thread_at {
	struct message_thread t;
	struct stream *stream; /* NULL: there are too many; plain counts */
	struct model *plain, *careful;
	struct burst burst;
	int listed;		/* index of threads; -1: not */
	bool joined;		/* it ran before it was traced, and no message of it was seen yet */
	struct thread_at *next; /* of those with the same hash */
};

/* Ways that were found otherwise, so many; with more of them every way is in doubt. */
#define CHANGED_MAX 256

#define THREAD_BUCKETS 256
#define FOLD_BUCKETS   2048

struct messages {
	struct messages_params par;
	struct messages_totals t;
	struct kept *kept;
	size_t nkept, room;
	unsigned int max;
	int bucket[FOLD_BUCKETS];
	struct canon canon[MESSAGES_EVENTS + 1]; /* of the message at hand */
	struct trace_event one[MESSAGES_EVENTS + 1];
	struct message_pattern *pattern; /* after the end, sorted */
	struct thread_at *thread[THREAD_BUCKETS];
	struct way {
		uint64_t from, to;
	} changed[CHANGED_MAX];
	unsigned int nchanged;
	unsigned int nstreams;
	struct message_thread *threads;
	size_t nthreads;
	bool ended;
};

/* messages_fold.c: a message is complete. 0, -ENOMEM, or what each() returned. */
int fold(struct messages *m, struct message *one, size_t unsaid_at, bool end_unseen, bool cut);
/* Each pattern's story, and their order. 0 or -ENOMEM. */
int fold_end(struct messages *m);
void fold_free(struct messages *m);

/* messages_picture.c: bytes and fewest. */
void message_sum(struct message_pattern *p);

/* messages_thread.c */
struct thread_at *thread_find(struct messages *m, pid_t tid);
int thread_get(struct messages *m, pid_t pid, pid_t tid, struct thread_at **out); /* found or made; 0 or -ENOMEM */
int thread_feed(struct messages *m, struct thread_at *t, const struct model_event *e);
/* Something that was not seen may have flushed its lines. */
void thread_unsure(struct thread_at *t);
/* Its story; t is gone then. 0 or -ENOMEM. */
int thread_finish(struct messages *m, struct thread_at *t);
void threads_free(struct messages *m);

#endif
