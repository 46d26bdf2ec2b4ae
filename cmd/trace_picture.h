/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace_picture.h - the parts of which a pattern's picture is made, for those that draw it otherwise than as text. */
#ifndef WCDIAG_CMD_TRACE_PICTURE_H
#define WCDIAG_CMD_TRACE_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/messages.h"

#define LETTERS	  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define NLETTERS  52u
#define NO_LETTER '*'

/* An instruction of the pattern, with its letter. Where instructions are not known each event is one. */
struct letter {
	uint64_t ip;
	size_t event; /* the first */
	unsigned int stores;
};

struct legend {
	struct letter at[NLETTERS];
	unsigned int n;
	bool more;
};

void trace_legend(const struct message_pattern *p, struct legend *l);
char trace_letter(const struct legend *l, const struct message_pattern *p, size_t event);
/* "8 x 8 bytes", "32 bytes direct", "sfence" */
void trace_letter_words(const struct message_pattern *p, const struct letter *x, char *buf, size_t len);

/* Addresses of the lines that were stored to, in their order: at most max. Their number. */
size_t trace_lines_of(const struct message_pattern *p, uint64_t *out, size_t max);

/* A line as it is shown: so that equal ones are shown once. */
struct line_shown {
	char bytes[64 + 8]; /* a letter a byte, '.' for none, a blank before each eighth */
	char again[64 + 8]; /* '^' below bytes that were stored again */
	char leaves[1200];  /* "leaves as 1 TLP, full" */
};
void trace_line_show(const struct message_pattern *p, const struct legend *l, uint64_t line, struct line_shown *out);

#endif
