/* SPDX-License-Identifier: GPL-2.0-or-later */
/* observed_int.h - what the readers of the forms share. Each takes the file from where it is. */
#ifndef WCDIAG_OBSERVED_INT_H
#define WCDIAG_OBSERVED_INT_H

#include "observed.h"

#define OBSERVED_LINE 8192u /* the longest line; logic analysers export hundreds of columns */

/* first: the bytes that were read to tell the form. */
struct observed_in {
	FILE *f;
	const struct observed_opts *o;
	observed_fn fn;
	void *ctx;
	struct observed *out;
};

int observed_text(struct observed_in *in);
int observed_csv(struct observed_in *in);
int observed_pcap(struct observed_in *in);

/* Counts it and hands it over. */
int observed_take(struct observed_in *in, const struct tlp *t, uint64_t at);
/* -EBADMSG, with where and what. */
int observed_wrong(struct observed_in *in, uint64_t at, const char *what);

/*
 * A record that begins at s: "end N" or "cut N": 1, and the list is taken to have ended; another one: 0; what cannot be, or
 * anything behind the end: -EBADMSG.
 */
int observed_end(struct observed_in *in, const char *s, uint64_t at);

/*
 * The next line without its end, NUL-terminated: 1; 0 at the end; -EBADMSG: too long, or no text; -EIO. *whole: it had
 * a newline.
 */
int observed_line(struct observed_in *in, char buf[OBSERVED_LINE], uint64_t *at, bool *whole);

#endif
