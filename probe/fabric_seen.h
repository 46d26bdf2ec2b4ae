/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fabric_seen.h - which lines of an experiment should have arrived whole, and how many did, as counted. Pure. */
#ifndef WCDIAG_FABRIC_SEEN_H
#define WCDIAG_FABRIC_SEEN_H

#include "experiment.h"

enum fabric_state {
	FABRIC_NO_LINES,  /* the row did not run to its end, or its lines are not full ones, or nothing combines */
	FABRIC_UNCOUNTED, /* no witness that can tell (TRUST_CPU and better) counted */
	FABRIC_FEWER,	  /* it counted what there cannot be: something else, or not all */
	FABRIC_DISAGREE,  /* two count differently what both should have seen */
	FABRIC_COUNTED,
};

struct fabric_seen {
	enum fabric_state state;
	const struct drive_witness *w;	   /* the most trusted one that was asked; NULL: none */
	const struct drive_witness *other; /* DISAGREE: the one that says something else */
	double low, high;		   /* COUNTED: the part of the lines that arrived whole, as drive_full_rate() */
	unsigned int runs, failed;	   /* in which w counted, and in which it could not */
	uint64_t lines;			   /* of those in which it counted */
};

void fabric_seen(const struct experiment *x, const struct drive_phase *ph, const struct drive_row *row,
		 struct fabric_seen *out);
/* Of any row that ran and was predicted: TLPs a run, by the most trusted witness that counted them. false: by none. */
bool fabric_tlps(const struct experiment *x, const struct drive_phase *ph, const struct drive_row *row,
		 const struct drive_witness **w, double *each);
/* "100.0%", "71.2% to 95.9%". */
void fabric_rate_words(double low, double high, char *buf, size_t len);
/*
 * Of the reference patterns: "user mov8 100.0%, kernel mov8 99.8% of 320000 lines arrived whole, counted by
 * reg:2+0x0:8"; "" for none.
 */
void fabric_words(const struct experiment *x, char *buf, size_t len);

#endif
