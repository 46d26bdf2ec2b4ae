/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * model_int.h - what the files of the model share. A line's bytes are a 64-bit mask, bit 0 the lowest address.
 */
#ifndef WCDIAG_MODEL_INT_H
#define WCDIAG_MODEL_INT_H

#include "model.h"

#define LINE_OF(a)  ((a) & ~(uint64_t)(MODEL_LINE - 1))
#define FULL_MASK   UINT64_MAX
#define NO_LINE	    1ULL	/* no line begins at an odd address */
#define RANGE_LINES 64		/* more than any CPU is known to hold open, twice */

_Static_assert(RANGE_LINES >= 2 * MODEL_MAX_BUFFERS, "a victim that the default list has not open must exist");

/* A buffer of the default list. */
struct open_line {
	uint64_t mask;
	uint64_t first, last;	/* events */
	uint64_t ip_first, ip_last;
	uint32_t stores, repeat;
};

/*
 * The range, once the default list is no longer the only possible course (model_range.c): best merges as long as it
 * can, worst lets a line go whenever another one is written.
 */
struct range {
	bool open;			/* false: whatever the answers are, the buffers hold what the default list says */
	unsigned int n;			/* entries of best */
	uint64_t tag[RANGE_LINES];
	uint64_t mask[RANGE_LINES];
	uint64_t used[RANGE_LINES];	/* when it was written last */
	bool again[RANGE_LINES];	/* the line was full before, while the range was open */
	uint64_t clock;
	uint64_t was_full[4];		/* lines that were full, by a hash: may say yes too often, never no */
	uint64_t run_line, run_mask;	/* worst */
};

struct model {
	struct model_params par;
	const struct cpu_profile *cpu;
	unsigned int nbuf;		/* of the default list */
	bool known;			/* nbuf is the CPU's own number */
	enum closes closes[ME_KINDS];
	model_tlp_fn cb;
	void *ctx;
	struct model_totals t;
	uint64_t at;			/* index of the event at hand */
	uint64_t at_ip;
	uint64_t groups;

	unsigned int n;			/* lines open */
	unsigned int hit;		/* the slot written last */
	uint64_t tag[MODEL_MAX_BUFFERS];	/* NO_LINE where the slot is free */
	struct open_line slot[MODEL_MAX_BUFFERS];
	uint8_t order[MODEL_MAX_BUFFERS];	/* slots, the one opened first first */

	struct range range;
};

/* How many TLPs a mask can become: least and most, and what the default list makes of it. */
struct cut_count {
	unsigned int best, dflt, worst;
};

/* model_cut.c and here, pure. mask not 0. */
/* Counting bits by adding neighbours: the compiler's own calls a function where the CPU need not have POPCNT. */
static inline unsigned int cut_sum(uint64_t bytes)
{
	return (unsigned int)(bytes * 0x0101010101010101ULL >> 56);
}

/* Bytes. */
static inline unsigned int cut_bytes(uint64_t mask)
{
	mask -= mask >> 1 & 0x5555555555555555ULL;
	mask = (mask & 0x3333333333333333ULL) + (mask >> 2 & 0x3333333333333333ULL);
	return cut_sum((mask + (mask >> 4)) & 0x0f0f0f0f0f0f0f0fULL);
}

/* Doublewords with any byte: each nibble to its lowest bit. */
static inline unsigned int cut_dws(uint64_t mask)
{
	mask |= mask >> 1;
	mask |= mask >> 2;
	mask &= 0x1111111111111111ULL;
	return cut_sum((mask + (mask >> 4)) & 0x0f0f0f0f0f0f0f0fULL);
}

/* 8-byte chunks with any byte. */
static inline unsigned int cut_chunks(uint64_t mask)
{
	mask |= mask >> 1;
	mask |= mask >> 2;
	mask |= mask >> 4;
	return cut_sum(mask & 0x0101010101010101ULL);
}

unsigned int cut_fewest(uint64_t mask);		/* fewest legal TLPs that write these bytes and no others */
bool cut_contiguous(uint64_t mask);
/* Of a line that leaves its buffer. */
static inline struct cut_count cut_line(enum partial_rule r, uint64_t mask)
{
	unsigned int c = mask == FULL_MASK ? 1 : cut_chunks(mask);

	if (mask == FULL_MASK || r == PARTIAL_CHUNK8)
		return (struct cut_count){ c, c, c };
	return (struct cut_count){ cut_fewest(mask), c, cut_dws(mask) };
}

/* A store that combines with nothing. */
enum cut_how {
	CUT_ONE,	/* one transaction, by the manuals: aligned and at most 8 bytes, or MOVDIR64B */
	CUT_ALIGNED,	/* wider, or masked */
	CUT_MISALIGNED,
};
struct cut_count cut_alone(uint64_t mask, enum cut_how how);
/* Fills addr, ndw, fbe, lbe, bytes of a mask's pieces, 8 at most; whole: a contiguous mask is one. Returns how many. */
unsigned int cut_make(uint64_t line, uint64_t mask, bool whole, struct model_tlp *out);

/* model_out.c: one group leaves. */
void out_line(struct model *m, uint64_t line, const struct open_line *l, enum model_reason why, unsigned int tlps);
void out_alone(struct model *m, uint64_t line, const struct open_line *l, enum model_reason why, unsigned int tlps);

/* model_range.c */
void range_fork(struct model *m, unsigned int unknown);
void range_piece(struct model *m, uint64_t line, uint64_t mask);
void range_maybe(struct model *m);	/* an event that may or may not close everything */
void range_close_all(struct model *m);	/* one that does */
void range_close(struct model *m, uint64_t line);
void range_direct(struct model *m, uint64_t line, uint64_t mask, struct cut_count own);
void range_add(struct model *m, struct cut_count c, unsigned int unknown);

/* model_lines.c: the buffers of the default list. */
int lines_find(struct model *m, uint64_t line);		/* slot, or -1 */
void lines_store(struct model *m, uint64_t line, uint64_t mask);
void lines_leave(struct model *m, unsigned int slot, enum model_reason why);
void lines_leave_all(struct model *m, enum model_reason why);

#endif
