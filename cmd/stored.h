/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stored.h - what wcdiag drive --json printed, as rows for people: for the live view and for the report page. */
#ifndef WCDIAG_STORED_H
#define WCDIAG_STORED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mood { MOOD_PLAIN, MOOD_GOOD, MOOD_BAD, MOOD_DUNNO };

/* One pattern from one side, by one witness; or a side that did not run: then pattern is "". */
struct stored_row {
	char side[8], pattern[24], type[12], predicted[44], counted[64], witness[48], says[400];
	enum mood mood;
};

/* One run. */
struct stored {
	struct stored_row *row;
	size_t n;
	char says[700]; /* all of it in a sentence */
	enum mood mood;
	char of[160];	 /* "0000:02:00.0 BAR 2, scratch 0x2000+4096" */
	bool understood; /* it is an answer of wcdiag drive; else there are no rows */
	bool emulated;	 /* the CPU was */
	char at[12];	 /* when it began: "12:03:04" */
	double took;	 /* seconds */
};

/*
 * Pure: what wcdiag drive --json printed (text; may be NULL), wrote to stderr (said), and how it ended (as of
 * waitpid(2)). Always leaves something to show. 0 or -ENOMEM. stored_free() in any case.
 */
int stored_read(const char *text, const char *said, int status, struct stored *out);
void stored_free(struct stored *s);

#endif
