/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compare.h - wcdiag compare: what was asked, what came of it, and the ways to show that. */
#ifndef WCDIAG_CMD_COMPARE_H
#define WCDIAG_CMD_COMPARE_H

#include "cmd/cmd.h"
#include "probe/align.h"
#include "probe/cpu_profile.h"
#include "probe/model.h"
#include "probe/observed.h"

struct compare_view {
	const char *events, *file;
	const struct cpu_profile *cpu;
	const char *chosen;
	const struct model_totals *model;
	const struct observed *seen;
	const struct align *a;
	const struct align_totals *t;
	const struct align_case *cases; /* the first ncases of them */
	size_t ncases;
	const char *verdict; /* "as_predicted", "differs", "cannot_tell" */
	const char *why;
	bool json;
};

/* Prints; 0 or EXIT_FAILED. */
int compare_out(const struct compare_view *v);

/* --show: one file, as far as [start, end) goes (end 0: all). The exit status. */
int compare_show(const struct cmd *c, const char *name, FILE *f, const struct observed_opts *o, uint64_t start,
		 uint64_t end, unsigned int mps, bool json);

/* As observed_read(), but says what is wrong: 0 or EXIT_FAILED. */
int compare_read(const struct cmd *c, const char *name, FILE *f, const struct observed_opts *o, observed_fn fn,
		 void *ctx, struct observed *out);

/* What the capture lacks, as a phrase: "the list was cut", ...; NULL: nothing that is known. */
const char *compare_lacks(const struct observed *o);
/* The lines about the capture itself, and the object in JSON. */
struct json_object;
void compare_capture_text(const char *name, const struct observed *o);
struct json_object *compare_capture_json(const char *name, const struct observed *o);

#endif
