/* SPDX-License-Identifier: GPL-2.0-or-later */
/* out.h - an output format of check is a table of functions over the same judgement. */
#ifndef WCDIAG_OUT_H
#define WCDIAG_OUT_H

#include <stdbool.h>
#include <stdio.h>

struct check_drive;
struct check_watch;
struct common;
struct judgement;
struct machine;

struct report {
	const struct common *o;
	const char *name;		/* of the machine: "live", or the snapshot as typed */
	const struct machine *m;	/* NULL when it could not be read: then error says why */
	const struct judgement *j;
	const char *error;
	size_t index;			/* of several machines: which, from 0 */
	double seconds;			/* that reading and judging took */
	const struct check_drive *drive; /* what was stored, of the one BAR; NULL: nothing */
	const struct check_watch *watch; /* what the kernel decided meanwhile; NULL: not asked for */
};

struct out_ops {
	const char *name;
	bool says_failure;	/* a machine that could not be judged has its place, even when it is the only one */
	void (*begin)(const struct common *o, size_t machines);
	void (*machine)(const struct report *r, size_t machines);
	/*
	 * Of several machines: gets what machine() printed, one machine after the other. NULL: that is printed as it is.
	 */
	void (*take)(const char *text, size_t len);
	/* Ends the output. worst is the exit code. */
	void (*end)(const struct common *o, size_t machines, int worst);
};

extern const struct out_ops out_text, out_json, out_nagios, out_openmetrics, out_table;

/* The exit code of one judgement. */
int out_exit(const struct judgement *j);
/* Of two exit codes the one that decides: failed before broken before unknown before intact. */
int out_worse(int a, int b);
/* What becomes of an exit code with --format nagios. */
int out_nagios_exit(int rc);

#endif
