/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fact.h - was a fact available, and if not, why not and how to get it.
 *
 * Every reader fills one of these. A missing fact is never silently taken for "fine": the judge turns it into
 * the layer state "unknown" and prints where, why and remedy.
 */
#ifndef WCDIAG_FACT_H
#define WCDIAG_FACT_H

#include <stddef.h>

struct src;

enum fact_state {
	FACT_NOT_READ,	/* nobody asked for it */
	FACT_KNOWN,	/* read and decoded */
	FACT_ABSENT,	/* looked for, and the machine really has none (that is an answer, not a gap) */
	FACT_MISSING,	/* could not be read or not be decoded; err, where, why and remedy say more */
};

struct fact {
	enum fact_state state;
	int err;		/* positive errno; 0 unless state is FACT_MISSING */
	char where[160];	/* path or register, as the user would type it: "/dev/cpu/3/msr" */
	char why[200];		/* one phrase: "Permission denied", "not in the snapshot", "line 3: no type" */
	const char *remedy;	/* static string, imperative: "run as root"; NULL when nothing helps */
};

/* All return nothing and cannot fail; "where" and "why" are cut to fit. */
void fact_known(struct fact *f, const char *where);
void fact_absent(struct fact *f, const char *where);

/*
 * err: positive errno. The phrase is taken from err and from what the source knows of the path
 * (src_why()); remedy is replaced by "record it with ..." when src is a snapshot. s may be NULL.
 */
void fact_missing(struct fact *f, const struct src *s, const char *where, int err, const char *remedy);

/* Missing because the text could not be understood: why is printf-like. err becomes EBADMSG; the remedy is to report it. */
void fact_garbled(struct fact *f, const char *where, const char *why, ...) __attribute__((format(printf, 3, 4)));

#endif
