/* SPDX-License-Identifier: GPL-2.0-or-later */
/* observed_csv.h - the two halves of the CSV reader: lines and columns; and a TLP from its cells. */
#ifndef WCDIAG_OBSERVED_CSV_H
#define WCDIAG_OBSERVED_CSV_H

#include "observed_int.h"

#define CSV_CELLS 1024

struct csv {
	const struct observed_opts *o;
	char sep;
	int cells;
	int at[OC_COUNT];    /* which cell; -1: there is none */
	int radix[OC_COUNT]; /* 0: not said */
};

/* Letters and digits of a name, in lower case; see there. */
void observed_fold(const char *name, char *buf, size_t len);
/* 1 and *out; 0: the line holds none; -1 and *what. */
int csv_tlp(const struct csv *v, char *const cell[], int n, struct tlp *out, const char **what);

#endif
