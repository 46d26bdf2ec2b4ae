/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sources.h - what can be read without root, by root, and under either of the kernel's lockdowns: a table, each cell of
 * which the lab tries (tests/lab/scenarios/sources). wcdiag-sources(7) and "wcdiag explain sources" are made from it.
 */
#ifndef WCDIAG_SOURCES_H
#define WCDIAG_SOURCES_H

#include <stddef.h>

enum source_who {
	SOURCE_ANYONE,		/* an ordinary user */
	SOURCE_ROOT,		/* on the host, nothing locked */
	SOURCE_INTEGRITY,	/* root, lockdown=integrity: what Secure Boot means on most distributions */
	SOURCE_CONFIDENTIALITY,	/* root, lockdown=confidentiality */
	SOURCE_WHOS
};

enum source_can {
	SOURCE_NO,
	SOURCE_YES,
	SOURCE_PARTLY,	/* the row's note says when */
};

struct source_row {
	const char *id;		/* a word, for scripts */
	const char *fact;	/* what it tells */
	const char *from;	/* the file, or the call */
	enum source_can can[SOURCE_WHOS];
	const char *note;	/* NULL: the words say all */
	const char *source;	/* where the kernel decides so */
};

const struct source_row *source_at(size_t i);	/* NULL: there are no more */
const char *source_who_name(enum source_who w);	/* "no root", "root", "integrity", "confidentiality" */
const char *source_can_name(enum source_can c);	/* "no", "yes", "partly" */

#endif
