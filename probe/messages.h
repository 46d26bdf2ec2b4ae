/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * messages.h - what a traced program does with its lines: its stores cut into messages, equal messages folded into one
 * pattern, each pattern with what the model says of it. Pure: trace events and notes in (trace.h), a story out.
 *
 * A message is what one thread stores in one go. It ends where
 *  - a long gap begins, the thread ends, or another process or mapping goes on;
 *  - something closed the buffers (fence, locked operation, system call, ...) and the next store does not go on in a
 *    line that was not full then: a fence inside a message is what one wants to see, one behind it ends it;
 *  - the next store begins where the message began (the same instruction), and all lines of it are full, or it writes
 *    bytes again that this message wrote;
 *  - it holds MESSAGES_STORES stores.
 * Two messages are of one pattern when their events are the same instructions with the same sizes, kinds, masks, at the
 * same places relative to the first line.
 *
 * The rates are of the whole run, from one stream a thread (stream.h), not of the patterns: what one message leaves open
 * the next may fill.
 */
#ifndef WCDIAG_MESSAGES_H
#define WCDIAG_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stream.h"
#include "trace.h"

#define MESSAGES_STORES	  512 /* of a message */
#define MESSAGES_PATTERNS 1024 /* more are counted, not kept */

struct messages_params {
	struct model_params model;
	unsigned int patterns; /* keep at most so many; 0: MESSAGES_PATTERNS */
};

struct message_pattern {
	uint64_t count;	       /* messages of this pattern */
	uint64_t assumed;      /* of them: with events that were assumed, not seen */
	pid_t pid, tid;	       /* of the first */
	uint64_t first;	       /* place in the run of its first message: number of messages before it */
	struct trace_event *e; /* the first message's own events; addresses are those */
	size_t n;
	uint64_t line;	 /* its first line, as e.addr */
	unsigned int lines; /* distinct lines stored to */
	bool unsaid;	 /* something in it could not be told: the picture may lack stores */
	/* This message alone, from empty buffers, then nothing more. */
	struct stream *stream;
	const struct stream_story *story;
	struct model_tlp *tlps; /* as the model lets them leave */
	size_t ntlps;
};

/* A thread that stored. */
struct message_thread {
	pid_t pid, tid;
	uint64_t stores, messages;
	struct stream *stream;
	const struct stream_story *story; /* after messages_end() */
};

struct messages_totals {
	uint64_t messages, stores;
	uint64_t lines, full; /* of all threads: line departures, full ones; as struct model_totals */
	uint64_t tlps, best, worst;
	uint64_t other; /* messages of patterns that were not kept */
	uint64_t gaps, unseen, lost, unsaid, syswrites; /* notes */
};

struct messages;

int messages_new(const struct messages_params *p, struct messages **out); /* -EINVAL, -ENOMEM */
void messages_free(struct messages *m); /* NULL is allowed */
/* In the order of trace.h's calls. 0 or -ENOMEM. */
int messages_event(struct messages *m, const struct trace_event *e);
int messages_note(struct messages *m, const struct trace_note *n);
/* The end: nothing may be fed any more. 0 or -ENOMEM. */
int messages_end(struct messages *m);

const struct messages_totals *messages_totals(const struct messages *m);
/* The most frequent first; equally frequent: in order of appearance. After messages_end(). */
const struct message_pattern *messages_patterns(const struct messages *m, size_t *n);
const struct message_thread *messages_threads(const struct messages *m, size_t *n);

/*
 * One line of a pattern as a picture: for each of its 64 bytes the number of the event (index into pattern->e) that
 * stored it last, -1: never; again: a bit for each byte stored more than once; departure: the group (struct model_tlp)
 * with which it left, -1: did not.
 */
struct message_line {
	uint64_t line;
	int16_t by[64];
	int16_t departure[64];
	uint64_t again;
};
void message_picture(const struct message_pattern *p, uint64_t line, struct message_line *out);

#endif
