/* SPDX-License-Identifier: GPL-2.0-or-later */
/* align_int.h - what the files of the comparison share. */
#ifndef WCDIAG_ALIGN_INT_H
#define WCDIAG_ALIGN_INT_H

#include "align.h"

/* Sums up to each TLP, one more than there are TLPs: of their hashes, of the hashes of their bytes, of their bytes. */
struct align_sums {
	uint64_t *tlp, *bytes, *n;
};

#define LINE_OF(x) ((x) & ~(uint64_t)(MODEL_LINE - 1))

struct align {
	struct align_tlp *p;
	size_t np, roomp;
	struct align_seen *o;
	size_t no, roomo;
	bool ranged;
	uint64_t start, end; /* end 0: to the end of the address space */
	struct align_totals t;

	/* align_run() only. Of the observed ones those count here that touch a line which was predicted. */
	uint32_t *set; /* the first TLP of each set, and behind the last */
	size_t nset;
	uint32_t *at; /* which of o; behind the last: no */
	size_t n;
	uint32_t *foreign;	   /* the others */
	size_t nforeign, foreigns; /* foreigns: how many of them were told */
	struct align_sums ps, os;
	uint64_t effort;
	align_fn fn;
	void *ctx;
};

/* A TLP of either list. */
struct align_one {
	uint64_t addr, last; /* its first byte; its last line */
	uint32_t form;	     /* length and enables */
	uint32_t i;	     /* from the beginning of the stretch */
	bool seen;
};

/*
 * The class of a case from the bytes of its n TLPs, which touch so many lines. hash: the sum of the predicted bytes'
 * hashes less that of the observed ones; np and no bytes. 0 or -ENOMEM.
 */
int align_judge(struct align_case *c, const struct align_one *x, size_t n, uint64_t lines, uint64_t hash, uint64_t np,
		uint64_t no);

/* nset sets from s against n observed ones from o: each to its class. 0, -ENOMEM, or what fn returned. */
int align_cases(struct align *a, size_t s, size_t nset, size_t o, size_t n);

#endif
