/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * buffers_record.h - measured curves as text: what a snapshot keeps (wcdiag/buffers.txt), so that they are decided
 * anew where they are replayed.
 *
 *	cpu NUMBER KIND SIBLING BUSY	"1 uniform hidden -", "4 core sibling 3": busy in per cent; then its rounds
 *	lines NUMBER			1 to so many lines were interleaved
 *	round LEAST MIDDLE CHAIN	no-ops, and additions that wait for each other
 *	least|second|middle TICKS ...	for 1 to NUMBER lines: ticks for 64 lines
 *	# comment
 */
#ifndef WCDIAG_BUFFERS_RECORD_H
#define WCDIAG_BUFFERS_RECORD_H

#include "buffers.h"

#define BUFFERS_PATH "/wcdiag/buffers.txt"

enum { BUFFERS_RECORDS = 16 /* the most of one text */ };

/* Hybrid CPUs have cores of several kinds, each with buffers of its own. */
enum buffers_kind { BUFFERS_UNIFORM, BUFFERS_CORE, BUFFERS_ATOM };

struct buffers_record {
	unsigned int cpu;
	enum buffers_kind kind;
	enum buffers_sibling sibling;
	double sibling_busy; /* 0 to 1; negative: not known */
	struct buffers_curve curve;
};

/* Pure. 0; -EBADMSG with *line and *what; -ENOMEM. At least one record, each with a round; free() *out. */
int buffers_records_parse(const char *text, size_t len, struct buffers_record **out, size_t *n, unsigned int *line,
			  const char **what);

/* malloc'ed, terminated; NULL: no memory. */
char *buffers_records_format(const struct buffers_record *r, size_t n, size_t *len);

const char *buffers_kind_name(enum buffers_kind k);	  /* "uniform", "core", "atom" */
const char *buffers_sibling_name(enum buffers_sibling s); /* "alone", "sibling", "hidden" */

#endif
