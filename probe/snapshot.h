/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snapshot.h - record what wcdiag reads of a machine, and nothing else, so that --root can judge it elsewhere.
 *
 * What is recorded is a table, one row a file or family of files, with the reason beside it; the form is documented in
 * wcdiag-snapshot(5). Whatever could not be read is recorded too (wcdiag/errors.txt), so that replaying gives the same
 * reason as the machine did.
 */
#ifndef WCDIAG_SNAPSHOT_H
#define WCDIAG_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>

#include "sink.h"

struct src;

#define SNAPSHOT_MARKER "wcdiag-snapshot"	/* first line "wcdiag-snapshot 1" */
#define SNAPSHOT_FORMAT 1
#define SNAPSHOT_ERRORS "wcdiag/errors.txt"

struct snapshot_opts {
	bool all;		/* whole command line, kernel log, /proc/iomem and config space */
	bool buffers;		/* measure the write-combining buffers: takes up to half a second, a live machine only */
	const char *klog_file;	/* take the kernel log from here; NULL: the machine's own */
	const char *by;		/* "wcdiag 1.0.0" */
	const char *taken;	/* "2026-11-22T14:30:00Z"; when s is a snapshot, its own date is kept */
};

/* Something that should be there and could not be read. */
struct snapshot_miss {
	char *path;
	int err;		/* positive */
	const char *remedy;	/* static; NULL when nothing helps */
	bool echo;		/* the failure of the row before, under the name that a replay asks for */
};

struct snapshot_report {
	struct snapshot_miss *miss;
	size_t nmiss;
	char **absent;		/* paths this machine has not: an answer, not a gap */
	size_t nabsent;
	char **left_out;	/* one sentence each: what was not recorded on purpose */
	size_t nleft_out;
};

/*
 * Writes everything into k; the caller commits or aborts it. s is usually the live machine, but any source will do.
 * 0, or negative errno of writing (k's sentence says more); what cannot be read is no error but a row of the report.
 */
int snapshot_take(const struct src *s, const struct snapshot_opts *o, struct sink *k, struct snapshot_report *r);
void snapshot_report_free(struct snapshot_report *r);

/* The table, for "capture --list" and for the test that the manual page has every row. Ended by path NULL. */
struct snapshot_what {
	const char *path;	/* as in the manual page: "proc/PID/maps" */
	const char *keeps;	/* "whole", or which part */
	const char *all;	/* what --all changes, or NULL */
	const char *reason;
};
const struct snapshot_what *snapshot_table(void);

#endif
