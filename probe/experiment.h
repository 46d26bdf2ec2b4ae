/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * experiment.h - what the rules of the layers stores and fabric are judged by: the stream of a message, and what became
 * of the stores of a drive. Facts only; nothing here stores.
 */
#ifndef WCDIAG_EXPERIMENT_H
#define WCDIAG_EXPERIMENT_H

#include <stdbool.h>

#include "circumstances.h"
#include "drive.h"
#include "drive_witness.h"
#include "stream.h"

/* From this part of whole lines on nothing is said; below it some are split, below DRIVE_FULL_ENOUGH too many are. */
#define EXPERIMENT_NEARLY_ALL 0.99
/* Fewer runs than this, each of which lasts an instant, prove no rule: a split is then suspect only. */
#define EXPERIMENT_RUNS 3

struct experiment {
	/* What was judged as the program's own stores. */
	const struct stream_story *story; /* NULL: not to be had (story_why), or nothing was asked */
	const char *story_why;		  /* one phrase */
	/* What the story may lack, one phrase: then it is not known whole, and never fine. NULL: nothing. */
	const char *lacks;
	const char *message; /* "the pattern misaligned", "the stream msg.events": whose stores these are */
	/* Where an instruction is, "send (msg.c:42)", into buf; NULL: not known, its address is all there is. */
	const char *(*where)(uint64_t ip, void *ctx, char *buf, size_t len);
	void *ctx;
	bool given;	     /* the user named it; else it is the reference pattern */
	bool numbered;	     /* its events have numbers that the user can look up: a stream that was given */

	/* A file that was mapped as the program does, and nothing stored (check --map); NULL: none. */
	const char *file;
	int file_err; /* it could not be mapped: positive errno */
	int pid;      /* whose mapping it was: ours */

	/* What was driven; all NULL when nothing was. */
	const struct drive_plan *plan;
	const struct drive_phase *phase[2]; /* by enum drive_side; NULL: not asked for */
	const struct drive_witnesses *witness;
	const struct circumstances *during[2]; /* the same; NULL: not known */
};

#endif
