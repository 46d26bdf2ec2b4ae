/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * model.h - the write-combining buffers: store events in, predicted TLPs out. Pure; one event at a time.
 *
 * The default list is one definite behaviour: that of struct cpu_profile, open questions answered as said there. Beside
 * it two counts are kept that hold whatever the answers are: best <= default <= worst. Where they differ, unknowns says
 * why. The range does NOT cover that a CPU may evict any buffer at any time (SDM vol 3, 11.3.1), for a sibling thread
 * or a cache miss: the model counts what the stream itself makes necessary. And best takes it that a line has left once
 * 64 others were written and it was not (no CPU is known to have more than 16 buffers).
 *
 * Sources: Intel SDM vol 3, 11.3 and 11.3.1 (what closes a buffer, 8-byte partial writes), vol 2 MOVDIRI; AMD 25112
 * appendix B (completion events); PCI Express Base Specification 2.2.5 (byte enables), 2.2.7 (4 KiB).
 */
#ifndef WCDIAG_MODEL_H
#define WCDIAG_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu_profile.h"
#include "mtype.h"

#define MODEL_LINE 64u

/* Kinds of event. */
enum model_kind {
	ME_STORE,	/* addr, size, type; mask and direct where they apply */
	ME_READ,	/* addr, size, type: a load from the device */
	ME_SFENCE,
	ME_MFENCE,
	ME_LFENCE,	/* closes no buffer; there so that a stream can hold it */
	ME_LOCKED,
	ME_SERIAL,	/* CPUID, MOV CR, WRMSR, IRET, ... */
	ME_UC,		/* read or write of UC memory elsewhere */
	ME_PORT,	/* IN, OUT */
	ME_INTERRUPT,	/* or an exception */
	ME_SYSCALL,
	ME_GAP,		/* addr: so many other instructions, none of which touches anything of this; closes nothing */
	ME_UNSEEN,	/* what came here is not known: stores may be missing, or something that closes; ME_WAY: only that */
	ME_KINDS
};

enum {
	ME_DIRECT = 1,	/* MOVDIRI (4 or 8 bytes) or MOVDIR64B (64 bytes, aligned): WC protocol whatever the type */
	ME_MASKED = 2,	/* mask says which bytes are written; without it all size bytes are */
	/* What the model does not ask for, but stream.h does: */
	ME_REP = 4,	/* STORE: one of a string instruction, REP MOVS or STOS: 1, 2, 4 or 8 bytes */
	ME_FAULT = 8,	/* INTERRUPT: a page fault */
	ME_WAY = 16,	/* UNSEEN: no store is missing: what may have closed is in the range */
};

struct model_event {
	uint64_t addr;
	uint64_t mask;		/* ME_MASKED: bit i: byte addr + i; no bit at or above size; 0 writes nothing */
	uint64_t ip;		/* 0: not known */
	uint8_t kind;		/* enum model_kind */
	uint8_t size;		/* STORE, READ: 1..64 */
	uint8_t type;		/* STORE, READ: MT_WC, MT_UC, MT_UCMINUS or MT_WB: the effective type */
	uint8_t flags;		/* STORE: ME_DIRECT, ME_MASKED, ME_REP; INTERRUPT: ME_FAULT */
};

/* Why a TLP left. */
enum model_reason {
	MR_FULL,	/* the line was full */
	MR_CAPACITY,	/* its buffer was needed for another line */
	MR_SFENCE,
	MR_MFENCE,
	MR_LOCKED,
	MR_SERIAL,
	MR_UC,		/* an uncached access */
	MR_READ,	/* a read of the line itself */
	MR_PORT,
	MR_INTERRUPT,
	MR_SYSCALL,
	MR_OVERTAKEN,	/* a direct store to the same line */
	MR_DIRECT,	/* is a direct store */
	MR_UNCACHED,	/* is a store to UC or UC- memory */
	MR_END,		/* the stream ended while the line was open */
	MR_COUNT
};

/* What is not known; bits of struct model_totals.unknowns. */
enum {
	MU_PARTIAL = 1,		/* how a partial line is cut */
	MU_BUFFERS = 2,		/* how many buffers there are */
	MU_POLICY = 4,		/* which line leaves when all are in use */
	MU_EVENT = 8,		/* whether an event closes the buffers; which: maybe_kinds */
	MU_UNCACHED = 16,	/* how a wide, misaligned or masked store to UC memory is cut */
	MU_DIRECT = 32,		/* whether an older store to the line joins a direct one; how a misaligned one is cut */
	MU_UNSEEN = 64,		/* what the stream itself does not say: then best and worst hold for the stores that it has */
	MU_BITS = 7
};

/* One memory write TLP. Those with the same group are the pieces of one line. */
struct model_tlp {
	uint64_t addr;		/* of the first DW, a multiple of 4 */
	uint8_t ndw;		/* length, 1..16 */
	uint8_t fbe, lbe;	/* first and last byte enables, bit 0 the lowest byte; lbe 0 when ndw is 1 */
	uint8_t bytes;		/* enabled bytes */
	uint8_t piece, pieces;	/* piece is 0..pieces - 1 */
	uint8_t reason;		/* enum model_reason */
	uint8_t repeat;		/* 0..255: bytes of the line written again while it was open, 255: or more */
	uint64_t line;		/* its 64-byte line */
	uint64_t group;		/* counts lines as they leave, from 0 */
	/* The stores behind the line: events are counted from 0 in the order fed. */
	uint64_t first, last;
	uint32_t stores;	/* stops at UINT32_MAX */
	uint64_t ip_first, ip_last;
	/* The event that made it leave (a full line: the last store), and its ip. At the end: the count of events. */
	uint64_t by, by_ip;
};

struct model_params {
	const struct cpu_profile *cpu;	/* NULL: the reference profile */
	unsigned int buffers;		/* 0: the profile's; 1..MODEL_MAX_BUFFERS: this many, known */
	unsigned int mps;		/* Max_Payload_Size: 128, 256, .. 4096; 0: 128 */
	unsigned int header;		/* 3 or 4 DW; 0: 4 from address 4 GiB up */
};

struct model_totals {
	uint64_t events;
	uint64_t stores;		/* all store events */
	uint64_t wc, uc, direct, wb;	/* ... of which; wb reach no device as stores */
	uint64_t reads, closing;	/* read events; events that close buffers, uncached stores among them */
	uint64_t unseen;		/* UNSEEN events where stores may be missing */
	uint64_t store_bytes;		/* bytes the wc, uc and direct stores wrote */
	uint64_t repeat_bytes;		/* bytes written again while they were in a buffer */
	uint64_t straddling;		/* stores that crossed a line */
	uint64_t lines, full;		/* times that a WC line left; ... full */
	uint64_t tlps, best, worst;	/* the default list; and the range */
	uint64_t bytes;			/* enabled bytes of the default list */
	uint64_t wire;			/* bytes on the wire of the default list: model_wire() */
	uint64_t dws;
	uint64_t reason_tlps[MR_COUNT];
	uint64_t reason_lines[MR_COUNT];	/* lines, or stores where the reason is DIRECT or UNCACHED */
	unsigned int open_max;		/* most lines open at once */
	unsigned int unknowns;		/* MU_* that came up in this stream */
	unsigned int maybe_kinds;	/* MU_EVENT: 1 << enum model_kind */
};

#define MODEL_MAX_BUFFERS 32

typedef void (*model_tlp_fn)(const struct model_tlp *t, void *ctx);

struct model;

/*
 * cb may be NULL: totals only. -EINVAL when a parameter is out of its range, -ENOMEM. Nothing is allocated later,
 * however long the stream. The profile must live as long.
 */
int model_new(const struct model_params *p, model_tlp_fn cb, void *ctx, struct model **out);
void model_free(struct model *m);
/* As after model_new(). */
void model_reset(struct model *m);

/* 0, or -EINVAL for an event that cannot be (model_event_wrong() says why): then nothing has changed. */
int model_feed(struct model *m, const struct model_event *e);
/* Lets go of what is still open: the totals are complete then. Feeding may go on: a new stretch of the same stream. */
void model_end(struct model *m);
const struct model_totals *model_totals(const struct model *m);

/* Why an event cannot be: a sentence; NULL when it can. */
const char *model_event_wrong(const struct model_event *e);
/* The number of buffers that the default list is made with. */
unsigned int model_buffers(const struct model *m);

const char *model_kind_name(enum model_kind k);		/* "store", "sfence", ... */
const char *model_reason_name(enum model_reason r);	/* "line full", "capacity", ... */
const char *model_reason_id(enum model_reason r);	/* for programs: "full", "capacity", ... */
/* bit: one of MU_*. A phrase: "how this CPU cuts a partial line"; the short word of it: "partial". */
const char *model_unknown_says(unsigned int bit);
const char *model_unknown_id(unsigned int bit);

/* Bytes on the wire of a TLP without ECRC: framing and sequence, header (3 or 4 DW, 0: by address), payload, LCRC. */
unsigned int model_wire(uint64_t addr, unsigned int ndw, unsigned int header);
/* Which rule of PCI Express a memory write breaks: a sentence, or NULL for none. mps 0: 128. Any TLP, not only ours. */
const char *model_tlp_illegal(uint64_t addr, unsigned int ndw, unsigned int fbe, unsigned int lbe, unsigned int mps);
/* The bytes that it writes, as a mask of its line; only for a legal TLP that stays inside one line, else 0. */
uint64_t model_tlp_mask(uint64_t addr, unsigned int ndw, unsigned int fbe, unsigned int lbe);

#endif
