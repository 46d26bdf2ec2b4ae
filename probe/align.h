/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * align.h - TLPs that were predicted against TLPs that were observed: which are the same, and what became of the
 * others. Pure; both lists are held, each TLP once.
 *
 * Order: predicted TLPs that leave by the same event are one set, within which any order is as predicted. Otherwise
 * order counts.
 *
 * How: as long as the next set and the next TLPs observed are the same, they are taken. Where they differ, the shortest
 * stretches of both lists are looked for that write the same bytes (then they were cut in another way, or came in
 * another order), or behind which both go on alike (then something is missing, or more than was predicted). Inside such
 * a stretch TLPs that touch the same 64-byte lines belong together, and are one case.
 *
 * Time is bounded: ALIGN_WINDOW TLPs are searched at each difference, and ALIGN_EFFORT steps in all for long gaps. What
 * is found nowhere within that is still classified, by its lines, but further apart things may be called missing and
 * foreign that are one: tired says so. Sets are compared by sums of 64-bit hashes.
 */
#ifndef WCDIAG_ALIGN_H
#define WCDIAG_ALIGN_H

#include "model.h"
#include "tlp.h"

#define ALIGN_MAX    (1u << 22) /* TLPs of each list; 70 bytes each of the predicted, 60 of the observed */
#define ALIGN_WINDOW 256u
#define ALIGN_EFFORT (200u * 1000 * 1000)

enum align_class {
	AC_AS,	      /* as predicted: what splits there is the code's */
	AC_MORE,      /* the same bytes in more TLPs: the hardware split them */
	AC_FEWER,     /* in fewer */
	AC_OTHERWISE, /* in as many, cut in other places */
	AC_REORDERED, /* the same TLP, earlier or later than its set */
	AC_MISSING,   /* bytes that were predicted did not come, or not as often */
	AC_FOREIGN,   /* bytes that were not predicted */
	AC_CLASSES
};

/* What is kept of a predicted TLP. */
struct align_tlp {
	uint64_t addr;
	uint16_t ndw;
	uint8_t fbe, lbe;
	uint8_t reason;	 /* enum model_reason */
	uint64_t by, ip; /* the event that made it leave; the instruction of the last store behind it */
};

struct align_seen {
	uint64_t addr;
	uint64_t at; /* line or packet */
	uint16_t ndw;
	uint8_t fbe, lbe;
};

/* One difference. Indices count from 0: of predicted TLPs as they were added, of compared observed ones likewise. */
struct align_case {
	uint8_t class;		      /* not AC_AS */
	bool unseen;		      /* missing at the end of the observed: a capture that was cut may lack it */
	uint32_t predicted, observed; /* TLPs of each that belong to it */
	uint64_t at_predicted;	      /* the first of them, or before which the foreign ones came */
	uint64_t at_observed;	      /* the first of them, or before which the missing ones are missed */
	uint64_t missing, extra;      /* bytes */
	uint64_t addr;		      /* the lowest */
};

struct align_totals {
	uint64_t predicted, observed; /* compared TLPs */
	uint64_t elsewhere;	      /* observed writes outside the range: not compared */
	uint64_t cases[AC_CLASSES];   /* AC_AS: sets */
	uint64_t predicted_tlps[AC_CLASSES], observed_tlps[AC_CLASSES];
	uint64_t missing_bytes, extra_bytes;
	uint64_t unseen; /* cases that are such */
	bool full;	 /* a list was longer than ALIGN_MAX: the rest was not compared */
	bool tired;	 /* ALIGN_EFFORT was used up */
};

struct align;

/* -ENOMEM */
int align_new(struct align **out);
void align_free(struct align *a);
/*
 * 0, -ENOMEM; beyond ALIGN_MAX they are dropped, and full is set. move, a multiple of 4, is added to the address, which
 * may wrap; -EINVAL: then the TLP runs past the end of the address space.
 */
int align_predicted(struct align *a, const struct model_tlp *t, uint64_t move);
/*
 * Which observed writes are compared: those that touch [start, end). Call it before the first observed one; without it
 * it is the 4 KiB pages from the first to the last that was predicted.
 */
void align_range(struct align *a, uint64_t start, uint64_t end);
/* Memory writes only. 0, -ENOMEM. */
int align_observed(struct align *a, const struct tlp *t, uint64_t at);

/* A case, in order of place: 0 to go on; anything else ends it, and is returned. */
typedef int (*align_fn)(const struct align_case *c, void *ctx);
/* Once. 0, -ENOMEM, or what fn returned. */
int align_run(struct align *a, align_fn fn, void *ctx, struct align_totals *out);

/* NULL: there is none of that number. */
const struct align_tlp *align_tlp_at(const struct align *a, uint64_t i);
const struct align_seen *align_seen_at(const struct align *a, uint64_t i);
void align_get_range(const struct align *a, uint64_t *start, uint64_t *end);

const char *align_class_id(enum align_class c);	  /* "as_predicted", "more", ... */
const char *align_class_says(enum align_class c); /* "more TLPs than predicted: the hardware split them" */

#endif
