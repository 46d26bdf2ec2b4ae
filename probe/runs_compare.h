/* SPDX-License-Identifier: GPL-2.0-or-later */
/* runs_compare.h - two readings of the same entries: where do they not say the same? Pure. */
#ifndef WCDIAG_RUNS_COMPARE_H
#define WCDIAG_RUNS_COMPARE_H

#include "entries.h"

/* Entries (not pages: one of 1 GiB is one) that both have alike, and pieces of the address space where they are not. */
struct runs_compared {
	uint64_t same, pieces;
};

/*
 * Both by address, without overlap, of one process, read with KM_SKIP_NONE and KM_UPPER. Alike: level, kind, rights,
 * VMA, physical address, the raw entry and all above it, but for accessed and dirty. Where they are not fn is called,
 * with the run of each that covers the piece, as far as that lies in it; NULL: it has none.
 */
void runs_compare(const struct runs *a, const struct runs *b,
		  void (*fn)(uint64_t start, uint64_t end, const struct pte_run *a, const struct pte_run *b, void *arg),
		  void *arg, struct runs_compared *out);

/* The run without its first bytes: its entry is then that of the page that the rest begins in; upper[] goes. */
void run_skip(struct pte_run *r, uint64_t bytes);

#endif
