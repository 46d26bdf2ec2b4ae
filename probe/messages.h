/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * messages.h - what a traced program does with its lines: its stores cut into messages, equal messages folded into one
 * pattern, each pattern with what the model says of it. Pure: trace events and notes in (trace.h), a story out.
 *
 * First bursts. A burst is what one thread stores until
 *  - a long gap begins, the thread ends, or its process executes another program;
 *  - something closed the buffers (fence, locked operation, system call, ...) and the next store does not go on in a
 *    line of the burst that was not full then: a fence inside a message is what one wants to see, one behind it ends
 *    it. A store by the message's first instruction, at the message's own offset or in another line than its first,
 *    does not go on: it is the next slot of a row of slots that are off their lines;
 *  - it holds MESSAGES_STORES stores or MESSAGES_EVENTS events.
 * A burst is cut into messages where a store is by the instruction that the message, or one of the last bursts, began
 * with, or goes to another mapping, or comes after STREAM_GAP_MANY other instructions, and no line is filled across:
 * none that was stored to before gets bytes of its own after. Nor where it goes on byte beside byte from a line that is
 * not full. A line whose bytes are stored again is a line anew. What closed the buffers behind a burst belongs to each
 * of its messages that has a line open, for it flushed it.
 *
 * Two messages are of one pattern when their events are the same instructions, called from the same place where that is
 * known, with the same sizes, kinds, masks, at the same places relative to the first line. How many other instructions
 * lie between does not matter below STREAM_GAP_MANY.
 *
 * The rates are of the whole run, from one stream a thread (stream.h), not of the patterns: what one message leaves
 * open the next may fill.
 */
#ifndef WCDIAG_MESSAGES_H
#define WCDIAG_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stream.h"
#include "trace.h"

#define MESSAGES_STORES	  512  /* of a message */
#define MESSAGES_EVENTS	  1024 /* of a message, its stores with them */
#define MESSAGES_PATTERNS 1024 /* more are counted, not kept */
#define MESSAGES_THREADS  256  /* kept one by one; of more the totals only */
#define MESSAGES_STREAMS  64   /* threads at once whose lines are followed to a story; of more the totals only */

struct message {
	uint64_t number; /* of the run, from 0 */
	int pattern;	 /* struct message_pattern.id; -1: it is not kept */
	pid_t pid, tid;
	const struct trace_event *e;
	size_t n;
	bool unsaid, assumed;
};

struct messages_params {
	struct model_params model;
	unsigned int patterns; /* keep at most so many; 0: MESSAGES_PATTERNS */
	/* What stands for an instruction where two are compared (a program that runs again lies elsewhere); NULL: ip.
	 */
	uint64_t (*place)(pid_t pid, uint64_t ip, void *ctx);
	/* Each message when it is complete; of a thread in its order. 0, or what messages_*() shall return. NULL: none.
	 */
	int (*each)(const struct message *m, void *ctx);
	void *ctx;
};

struct message_pattern {
	int id;		       /* in order of appearance, from 0 */
	uint64_t count;	       /* messages of this pattern */
	uint64_t assumed;      /* of them: with events that were assumed, not seen */
	pid_t pid, tid;	       /* of the first */
	uint64_t first;	       /* place in the run of its first message: number of messages before it */
	struct trace_event *e; /* the first message's own events; addresses are those */
	size_t n;
	uint64_t line;	    /* its first line, as e.addr */
	unsigned int lines; /* distinct lines stored to */
	unsigned int bytes; /* distinct bytes */
	/* The fewest TLPs that its bytes could be, each line leaving once; uncached and direct stores are one each. */
	unsigned int fewest;
	bool unsaid;	  /* something in it could not be told: the picture may lack stores, or what flushes */
	size_t unsaid_at; /* ... before this event, the first time */
	bool cut;	  /* unsaid, because the tracing began or ended in it, or its process was killed there */
	/* At least once what came behind it was not seen, while a line was open: whether something flushed it. */
	bool end_unseen;
	bool doubtful; /* it relies on a way that was found to hold something else another time (TRACE_PATH) */
	/* Of one that is unsaid or end_unseen: id of the first that is neither, with the same stores; or -1. */
	int same_stores;
	/* Id of the most frequent other one that is the same up to its last store: only what flushes it differs; or -1.
	 */
	int same_body;
	/* This message alone, from empty buffers, then nothing more. NULL before messages_end(). */
	const struct stream_story *story;
	struct model_tlp *tlps; /* as the model lets them leave */
	size_t ntlps;
};

/* A thread that stored. */
struct message_thread {
	pid_t pid, tid;
	uint64_t stores, messages;
	struct model_totals totals;
	/* After messages_end(). NULL: too many threads stored at once. */
	const struct stream_story *story;
};

struct messages_totals {
	uint64_t messages, stores, assumed; /* assumed: events */
	uint64_t threads;		    /* that stored */
	uint64_t storyless;		    /* of them: without a story */
	struct model_totals model;	    /* of all threads; open_max: the most of one. After messages_end() */
	/*
	 * The same once more, as if something had flushed all lines wherever a way was not seen: full is between
	 * full_sure and model.full, and the TLPs are between model.best and worst.
	 */
	uint64_t full_sure, worst;
	/* Of messages on ways that were found otherwise another time: taken from full_sure, and added to worst. */
	uint64_t doubtful, full_doubt, worst_doubt;
	uint64_t patterns;				       /* kept */
	uint64_t other;					       /* messages of patterns that were not kept */
	uint64_t gaps, unseen, lost, unsaid, syswrites, paths; /* notes */
	uint64_t refused; /* events that the model could not take: none, if the tracer is right */
};

struct messages;

int messages_new(const struct messages_params *p, struct messages **out); /* -EINVAL, -ENOMEM */
void messages_free(struct messages *m);					  /* NULL is allowed */
/* In the order of trace.h's calls. 0, -ENOMEM, or what each() returned. */
int messages_event(struct messages *m, const struct trace_event *e);
int messages_note(struct messages *m, const struct trace_note *n);
/* The end: nothing may be fed any more. 0 or -ENOMEM, or what each() returned. */
int messages_end(struct messages *m);

const struct messages_totals *messages_totals(const struct messages *m);
/* The most frequent first; equally frequent: in order of appearance. After messages_end(). */
const struct message_pattern *messages_patterns(const struct messages *m, size_t *n);
/* In order of appearance. After messages_end(). */
const struct message_thread *messages_threads(const struct messages *m, size_t *n);

/*
 * One line of a pattern as a picture: for each of its 64 bytes the number of the event (index into pattern->e) that
 * stored it last, -1: never; again: a bit for each byte stored more than once; departure: the group (struct model_tlp)
 * with which it left last, -1: did not.
 */
struct message_line {
	uint64_t line;
	int16_t by[64];
	int16_t departure[64];
	uint64_t again;
};
void message_picture(const struct message_pattern *p, uint64_t line, struct message_line *out);

#endif
