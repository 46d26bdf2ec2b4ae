/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * model_text.h - streams of store events as text, wcdiag-events(5), one event a line. Pure; takes a file in pieces of any
 * size and keeps no more than one line.
 */
#ifndef WCDIAG_MODEL_TEXT_H
#define WCDIAG_MODEL_TEXT_H

#include "model.h"

#define MODEL_TEXT_LINE 512	/* the longest line, with its comment */

struct model_text {
	enum mtype type;	/* of stores and reads that name none */
	char part[MODEL_TEXT_LINE];
	size_t have;
	/* Where the reader is, from 1; and, after -EBADMSG, what is wrong there. */
	unsigned long line;
	const char *what;
};

/* An event: 0 to go on; anything else ends the reading, which then returns it. */
typedef int (*model_event_fn)(const struct model_event *e, void *ctx);

void model_text_begin(struct model_text *t, enum mtype type);
/* The next bytes. 0, -EBADMSG (line and what are set; the events before it were handed over), or what fn returned. */
int model_text_feed(struct model_text *t, const char *bytes, size_t len, model_event_fn fn, void *ctx);
/* The end: a last line without a newline counts. */
int model_text_end(struct model_text *t, model_event_fn fn, void *ctx);

/* One line without its newline: 1 and *out, 0 for a blank line or a comment, -EBADMSG and *what. */
int model_text_line(const char *s, size_t len, enum mtype type, struct model_event *out, const char **what);

/* An event as a line, without a newline, that reads back as the same; MODEL_TEXT_LINE bytes suffice. */
void model_text_format(const struct model_event *e, char *buf, size_t len);

/* A TLP as a line, "tlp 0xd4000000 16 f f": address, length in DW, byte enables; 64 bytes suffice. */
void model_text_tlp(const struct model_tlp *t, char *buf, size_t len);

#endif
