/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diff.h - what the files of wcdiag diff share. */
#ifndef WCDIAG_CMD_DIFF_H
#define WCDIAG_CMD_DIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "probe/diff.h"

struct common;

struct diff_view {
	const struct common *o;
	const char *name_a, *name_b;
	const struct diff *d;
	const char *doubt; /* these may be two hosts: why; NULL */
};

/* The answer in one or two sentences; malloc'ed, NULL when memory ran out. Printable bytes only. */
char *diff_says(const struct diff_view *v);
/* "0000:01:00.0", its slot now, or the one it had. */
const char *diff_slot(const struct diff *d, int pair);
/* "intact", "broken at memtype", "unknown (pte)"; without a judgement "not there", or "not known". */
void diff_verdict(const struct bar_judgement *b, bool unseen, char *buf, size_t len);

void diff_text(const struct diff_view *v);
void diff_json(const struct diff_view *v);

#endif
