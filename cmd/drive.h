/* SPDX-License-Identifier: GPL-2.0-or-later */
/* drive.h - what the files of "wcdiag drive" share: what the user asked for, and what came of it. */
#ifndef WCDIAG_CMD_DRIVE_H
#define WCDIAG_CMD_DRIVE_H

#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/device.h"
#include "probe/circumstances.h"
#include "probe/drive.h"
#include "probe/drive_witness.h"

struct json_object;
struct view;

struct drive_args {
	const struct cmd *c;
	struct device_arg dev;
	struct drive_plan plan;
	unsigned int pattern[WCDIAG_STORE_COUNT];
	bool list_patterns, list_witnesses;
	struct drive_witnesses *witness;
	struct drive_keep keep[DRIVE_WITNESSES];
	const char *predicted; /* --predicted */
};

extern const struct opt drive_opts[];

/* One option, one positional argument. 0, or EXIT_FAILED after saying why. */
int drive_option(int val, const char *arg, void *ctx);
int drive_positional(struct drive_args *a, const char *arg);
/* What is missing or goes not together; the patterns by default. 0, or EXIT_FAILED after saying why. */
int drive_args_check(struct drive_args *a);

struct drive_out {
	const struct drive_args *a;
	struct drive_phase phase[2];	/* in the order in which they ran */
	struct circumstances during[2]; /* of each of them, warm-up included */
	size_t nphase;
};

/* The one device that was named, into the plan. 0, or EXIT_FAILED after saying why. */
int drive_find_device(struct drive_args *a, const struct machine *m);
/* May this be done at all? 0, or EXIT_FAILED after saying why not. */
int drive_refuse(const struct drive_args *a);
/*
 * The phases asked for, the kernel's first, of a plan that was not refused. mapped: NULL, or called while the user's
 * mapping lives, before anything is stored through it. 0, or EXIT_FAILED after saying why. drive_out_free() in any case:
 * until then the witnesses stay open.
 */
int drive_go(struct drive_args *a, const struct src *src, void (*mapped)(void *ctx), void *ctx, struct drive_out *o);
void drive_out_free(struct drive_out *o);

/* --list-patterns; --predicted: what was stored, as TLPs, into f, which it closes. 0, or EXIT_FAILED after saying why.
 */
int drive_list_patterns(const struct common *o);
int drive_predicted_write(FILE *f, const struct drive_out *o);
/* The words before, for each phase, the table, and what is said behind it. Text, or into v->json. */
void drive_show(struct view *v, const struct drive_out *o);
void drive_json(struct json_object *to, const struct drive_out *o);
/* "resource2_wc", "ioremap_wc": how the phase maps. */
const char *drive_by_words(const struct drive_args *a, const struct drive_phase *ph, char *buf, size_t len);
/* The witnesses: their table and words, their part of a row's JSON, whether they counted at all, and what that says. */
void drive_witness_show(struct view *v, const struct drive_out *o);
struct json_object *drive_witness_json(const struct drive_out *o, const struct drive_phase *ph,
				       const struct drive_row *row);
bool drive_witness_counted(const struct drive_out *o);
/* Did one of them count split lines in this phase (drive_split())? */
bool drive_witness_split(const struct drive_out *o, const struct drive_phase *ph);
int drive_witness_verdict(const struct drive_out *o);
/* --witness timing: its verdict on each side; of a side, NULL when it was not asked for. It counts nothing. */
void drive_timing_show(struct view *v, const struct drive_out *o);
struct json_object *drive_timing_json(const struct drive_out *o, const struct drive_phase *ph);
/* --list-witnesses */
void drive_witness_list(struct view *v, const struct drive_args *a);
/* Lines of 64 bytes that the complete runs of a row touch. */
uint64_t drive_row_lines(const struct drive_args *a, const struct drive_row *row);

#endif
