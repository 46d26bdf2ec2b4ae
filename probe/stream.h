/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stream.h - what a stream of stores does with its lines, in the terms of the rules stores-*: events in, one story out.
 * Pure. The TLPs are those of the model (model.h); here it is told why a line did not leave whole.
 *
 * What the program's own instructions do is told apart from what befell it: an interrupt is nobody's fault.
 *
 * Departures of one line whose bytes are disjoint belong together, and what parted them is to blame for all of them:
 * unless an instruction flushed the line and another one was filled before it was stored to again. Then it is the next
 * message (a doorbell beside an old one), and what left before had never been meant to be full.
 */
#ifndef WCDIAG_STREAM_H
#define WCDIAG_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "model.h"

/*
 * What a line suffers from. A line departure that is not full is counted under INTERRUPTED or one of the first five,
 * the first that explains it.
 */
enum stream_what {
	STREAM_FLUSHED,	 /* it left before it was full, and what was missing was stored to it afterwards; both parts */
	STREAM_CAPACITY, /* the same, because its buffer was needed for another line */
	STREAM_MISALIGNED, /* stores without a gap begin inside a line, end inside another and fill neither */
	STREAM_PARTIAL,	   /* never filled: as more TLPs than its bytes need */
	STREAM_SMALL,	   /* never filled, and as few TLPs as its bytes need: a doorbell */
	/* Beside these: */
	STREAM_REPEAT,	    /* bytes stored again before the line left, or when it had just left full */
	STREAM_REP_BYTES,   /* a string instruction that stores single bytes */
	STREAM_NARROW,	    /* a line filled with stores of one or two bytes, not by a string instruction */
	STREAM_GAP,	    /* STREAM_GAP_MANY or more other instructions between two stores to a line */
	STREAM_FIRST_TOUCH, /* a page fault between two stores to a line */
	STREAM_INTERRUPTED, /* an interrupt or a fault made it leave, and what was missing was stored afterwards */
	STREAM_WHATS
};

#define STREAM_GAP_MANY 64

struct stores_run;
struct stores_shape;

struct stream_seen {
	uint64_t lines; /* line departures; beside a line that is torn, each of its parts */
	uint64_t tlps,
		need; /* predicted for those lines; the fewest that their bytes could be, had they left together */
	/*
	 * The first of them: its line, the bytes that left together, the stores behind them. tlps_one and need_one are
	 * of the line with all its parts; MISALIGNED: of both lines, padded.
	 */
	uint64_t line, mask;
	uint64_t tlps_one, need_one;
	uint32_t stores;
	uint64_t first, last, ip_first, ip_last; /* numbers of events, from 0; ips 0 when not known */
	uint64_t by, by_ip;			 /* what made it leave */
	uint8_t kind;				 /* enum model_kind of it */
	uint8_t size;				 /* of its stores: the smallest */
	/*
	 * FLUSHED, INTERRUPTED: how often a line was parted. CAPACITY: lines between two turns of the first.
	 * MISALIGNED: bytes of the first. REPEAT: the same, of which 255 may be more. GAP: the most instructions. Else
	 * 0.
	 */
	uint64_t n;
	/*
	 * FLUSHED, flushed[], CAPACITY, INTERRUPTED: lines that it parted; of these, more TLPs than their bytes need,
	 * surely or only if this CPU cuts as Intel's do; of both, never filled, and each part one TLP: doorbells side
	 * by side, or one message.
	 */
	uint64_t torn, costly, maybe, apart;
	uint64_t again;	 /* PARTIAL, SMALL: of those lines had just left full: bytes stored a second time */
	uint64_t behind; /* MISALIGNED: mask is of the lower line, this of the one where it ends */
	/* FLUSHED, CAPACITY, MISALIGNED: the store that came back to it, or went on over the boundary. */
	uint64_t next_ip;
};

struct stream_story {
	struct model_totals totals;
	unsigned int buffers; /* that the model had */
	struct stream_seen seen[STREAM_WHATS];
	/* STREAM_FLUSHED by what did it: ME_READ a read of the line itself, ME_STORE a direct store, ME_UC any
	 * uncached. */
	struct stream_seen flushed[ME_KINDS];
	bool buffers_matter;   /* with a single buffer other lines would leave: how many there are counts */
	uint64_t rep_uncached; /* single bytes that a string instruction stored to uncached memory */
	uint64_t interrupted;  /* lines that interrupts other than page faults parted */
	uint64_t spared;       /* departures of lines that were parted, and would have needed as many TLPs anyway */
	/*
	 * TLPs more than need be of lines that direct stores fill together, or with a gathered part; the same of lines
	 * that are never filled: doorbells side by side, or one message. ip: of the first that came to such a line.
	 */
	uint64_t direct_beside, direct_apart, direct_ip;
	uint64_t direct_misaligned; /* direct stores off their own boundary */
	bool lost; /* more lines waited for their other half than are remembered: some are counted as PARTIAL */
};

struct stream;

/* Errors as model_new(). cb: each TLP as well, or NULL. */
int stream_new(const struct model_params *p, model_tlp_fn cb, void *ctx, struct stream **out);
void stream_free(struct stream *s); /* NULL is allowed */
/* As model_feed(). */
int stream_feed(struct stream *s, const struct model_event *e);
/* The end of the stream: nothing may be fed any more. The story lives as long as the stream. */
const struct stream_story *stream_end(struct stream *s);

/*
 * The story of a store pattern (stores.h), as if its range began at a line of WC memory, address 0. shape: of a pattern
 * that needs one, else NULL. *out is the caller's: stream_free(). Errors: stream_new()'s and stores_expand()'s.
 */
int stream_of_run(const struct stores_run *run, uint64_t length, const struct stores_shape *shape,
		  const struct model_params *params, struct stream **out, const struct stream_story **story);

/*
 * Lines that were stored to: departures, but those that only an interrupt, or bytes stored again to a line that had
 * just left full, made more of them.
 */
uint64_t stream_lines_meant(const struct stream_story *y);

/* "flushed", "capacity", ... */
const char *stream_what_name(enum stream_what w);

#endif
