/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stream.h - what a stream of stores does with its lines, in the terms of the rules stores-*: events in, one story out.
 * Pure. The TLPs are those of the model (model.h); here it is told why a line did not leave whole.
 *
 * What the program's own instructions do is told apart from what befell it: an interrupt is nobody's fault.
 */
#ifndef WCDIAG_STREAM_H
#define WCDIAG_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "model.h"

/* What a line suffers from. A line departure is counted under one of the first five that explain it, in this order. */
enum stream_what {
	STREAM_FLUSHED,	   /* it left before it was full, and what was missing was stored to it afterwards */
	STREAM_CAPACITY,   /* the same, because its buffer was needed for another line */
	STREAM_MISALIGNED, /* stores without a gap go over a line's boundary and fill neither its line nor the next */
	STREAM_PARTIAL,	   /* never filled: as more TLPs than its bytes need */
	STREAM_SMALL,	   /* never filled, and as few TLPs as its bytes need: a doorbell */
	/* Beside these: */
	STREAM_REPEAT,	    /* bytes stored again before the line left */
	STREAM_REP_BYTES,   /* a string instruction that stores single bytes */
	STREAM_NARROW,	    /* a line filled with stores of one or two bytes, not by a string instruction */
	STREAM_GAP,	    /* STREAM_GAP_MANY or more other instructions between two stores to a line */
	STREAM_FIRST_TOUCH, /* a page fault between two stores to a line */
	STREAM_INTERRUPTED, /* an interrupt made it leave before it was full */
	STREAM_WHATS
};

#define STREAM_GAP_MANY 64

/* One kind of event that STREAM_FLUSHED lines left for has its own count: enum model_kind. */
struct stream_seen {
	uint64_t lines;	     /* line departures, or messages where it says so */
	uint64_t tlps, need; /* predicted for those lines; the fewest that their bytes could be */
	/* The first of them: its line, the bytes that left together, the stores behind them. */
	uint64_t line, mask;
	uint64_t tlps_one, need_one;
	uint32_t stores;
	uint64_t first, last, ip_first, ip_last; /* numbers of events, from 0; ips 0 when not known */
	uint64_t by, by_ip;			 /* what made it leave */
	uint8_t kind;				 /* enum model_kind of it */
	uint8_t size;				 /* of its stores: the smallest */
	uint64_t n;	  /* REPEAT: bytes; GAP: instructions; CAPACITY: lines open at once, else 0 */
	uint64_t next_ip; /* FLUSHED, CAPACITY, MISALIGNED: the store that came back to it, or went on over the boundary
			   */
};

struct stream_story {
	struct model_totals totals;
	unsigned int buffers; /* that the model had */
	struct stream_seen seen[STREAM_WHATS];
	struct stream_seen flushed[ME_KINDS]; /* STREAM_FLUSHED by kind */
	bool lost; /* more lines were waiting for their other half than can be remembered: some are counted as PARTIAL
		    */
};

struct stream;

/* Errors as model_new(). cb: each TLP as well, or NULL. */
int stream_new(const struct model_params *p, model_tlp_fn cb, void *ctx, struct stream **out);
void stream_free(struct stream *s); /* NULL is allowed */
/* As model_feed(). */
int stream_feed(struct stream *s, const struct model_event *e);
/* The end of the stream: nothing may be fed any more. The story lives as long as the stream. */
const struct stream_story *stream_end(struct stream *s);

/* "flushed", "capacity", ... */
const char *stream_what_name(enum stream_what w);

#endif
