/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stream_int.h - what the files of a stream's story share: lines that are open, and what has left of lines that may not
 * be done yet.
 */
#ifndef WCDIAG_STREAM_INT_H
#define WCDIAG_STREAM_INT_H

#include "model_int.h"
#include "stream.h"

/* So many stores of a line make it "filled by" narrow ones, or by a string instruction; fewer are a head or a tail. */
#define STREAM_MANY 8
/* Lines of which a part has left are remembered, so many. */
#define STREAM_LINES 4096
/* The lines that were filled last. */
#define STREAM_FULL 8
/* Lines that direct stores went to last. */
#define STREAM_SHARED 8

/* Stores without a gap, up or down, that no event parted: [lo, hi], hi inclusive for the address space's end. */
struct stretch {
	bool any;
	uint64_t lo, hi;
	uint64_t first; /* event */
};

/* A stretch that goes over a boundary and begins and ends on none: both of its outer lines know of each other. */
struct stretch_of {
	bool any;
	uint64_t other; /* the line at the other end */
	uint64_t lo, hi;
};

/* A line in a buffer: what the model does not tell of the stores to it. */
struct open_info {
	uint64_t line;
	uint64_t opened; /* counts openings */
	uint64_t full;	 /* lines that had left full when it was opened */
	uint64_t others; /* instructions until its last store */
	uint64_t gap;	 /* the most between two */
	uint32_t stores, rep_bytes;
	uint8_t least, most; /* bytes of a store */
	bool rep;	     /* any of a string instruction */
	bool just_full;	     /* it was full a moment before, and nothing has closed the buffers since */
	struct stretch_of of;
};

/* One departure. */
struct part {
	uint64_t mask, opened, full;
	uint64_t first, last, ip_first, ip_last, by, by_ip;
	uint32_t stores;
	uint8_t tlps, reason, kind, size;
	bool fault, again;
};

/* The departures of a line that may belong together: their bytes are disjoint. */
struct group {
	uint64_t line, all;
	unsigned int parts, tlps;
	unsigned int least; /* TLPs, however this CPU cuts */
	unsigned int whats; /* 1 << what, of all that parted it */
	struct part torn;   /* the first part, once there is another */
	uint64_t torn_next, torn_n;
	struct part last; /* not counted yet: what it was depends on what comes */
	struct stretch_of of;
	bool misaligned;       /* the other end was told already that both are */
	enum stream_what tore; /* parts > 1: what parted the last two */
	uint8_t kind;	       /* FLUSHED: the kind */
	enum stream_what tore_first;
	uint8_t kind_first;
	unsigned int kinds;	 /* 1 << kind: what flushed it */
	bool many;		 /* a part of it was more than one TLP */
	bool interrupted;	 /* by no page fault */
	int chain, older, newer; /* of the table */
};

struct lines {
	struct group *g; /* STREAM_LINES */
	int bucket[STREAM_LINES];
	int oldest, newest, free;
};

/* stream_lines.c */
int lines_init(struct lines *l);
void lines_clear(struct lines *l);
struct group *lines_get(struct lines *l, uint64_t line);
struct group *lines_oldest(struct lines *l); /* NULL: there is none */
bool lines_full(const struct lines *l);
/* There is room; the line is not there. All zero but for the line. */
struct group *lines_add(struct lines *l, uint64_t line);
void lines_remove(struct lines *l, struct group *g);

/* A line that a direct store went to, and what else did. */
struct shared {
	uint64_t line, mask, ip, used;
	uint64_t filled; /* lines filled when it was begun */
	unsigned int tlps, gathered;
	bool direct;
};

struct stream {
	struct model *model;
	struct model *narrowest; /* the same stream with one buffer */
	const struct model_totals *t;
	model_tlp_fn cb;
	void *ctx;
	struct stream_story story;
	bool ended;

	/* The event at hand. */
	const struct model_event *e;
	uint64_t at;
	struct piece {
		uint64_t line, mask;
		bool done;
	} piece[2];
	unsigned int npiece;

	/* Lines open: the model's, and for the length of an event one or two more. */
	struct open_info open[MODEL_MAX_BUFFERS + 2];
	unsigned int nopen;
	uint64_t opened, others;
	uint64_t full[STREAM_FULL];
	unsigned int nfull;
	struct stretch stretch;
	struct lines lines;
	uint64_t line_mask; /* of the departure whose TLPs are coming */
	struct shared shared[STREAM_SHARED];
	unsigned int nshared;
	uint64_t direct_whole; /* direct stores of a whole line */
};

/* stream_part.c: a line has left; i: what is known of its stores. */
void part_left(struct stream *s, const struct model_tlp *t, uint64_t mask, const struct open_info *i);
void part_settle_all(struct stream *s);

/* stream_direct.c: a TLP of a direct store, or the last one of a line that left with these bytes. */
void direct_part(struct stream *s, const struct model_tlp *t, uint64_t mask);
void direct_settle_all(struct stream *s);

#endif
