/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live_store.h - the store experiments of wcdiag live: wcdiag drive, run beside the screen, and what it said as rows.
 *
 * Nothing of what drive does is done here: it is started as a program of its own, reads the machine anew, refuses what
 * it always refuses, and its --json is what the pane "stores" shows. So the screen never waits, and what ends badly
 * ends there.
 */
#ifndef WCDIAG_LIVE_STORE_H
#define WCDIAG_LIVE_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/drive.h"
#include "cmd/live_child.h"
#include "cmd/stored.h"

struct live_model;

/* What the user said of the experiments: checked by drive's own words, and kept as typed for its command line. */
#define LIVE_STORE_OPTS 48
struct live_store_args {
	struct drive_args a;
	struct drive_witnesses witnesses;
	struct {
		const char *name, *arg; /* arg NULL: it takes none */
	} opt[LIVE_STORE_OPTS];
	size_t n;
};
void live_store_args_init(struct live_store_args *s, const struct cmd *c);
/* One of drive's options. 0, or EXIT_FAILED after saying why. */
int live_store_option(struct live_store_args *s, int val, const char *arg);
/* What is missing or goes not together; nothing when none was given. 0, or EXIT_FAILED after saying why. */
int live_store_check(struct live_store_args *s, const struct device_arg *dev, bool live, bool once);

#define LIVE_STORE_PAST 9
struct live_store {
	bool given; /* --scratch: there is something to press a key for */
	const struct live_store_args *args;
	char where[96];	    /* "4 KiB at 0x2000 of 0000:02:00.0:2" */
	char command[1200]; /* as a user would type it */
	uint64_t which;	    /* of the device and its BAR's place, as they were last; 0: not seen yet */
	bool other;	    /* another device, or place, than before: what was agreed to is not this one; the caller's */
	char refused[500];  /* why it would not be done, by what was read last; "" */
	bool on;	    /* it runs */
	bool ending;	    /* it was asked to end */
	double began, now;  /* seconds; the caller's */
	char at[12];	    /* the same by the clock on the wall */
	unsigned int runs;  /* begun */
	struct stored last;
	struct { /* those before it, the newest first */
		char at[12], says[200];
		double took;
		enum mood mood;
	} past[LIVE_STORE_PAST];
	size_t npast;
	struct live_child child;
};

void live_store_init(struct live_store *s, const struct live_store_args *args);
/* New facts: which device it is, and whether it would be refused. */
void live_store_facts(struct live_store *s, const struct live_model *v);
/* now: seconds on any clock. What cannot be started is a run that failed. */
void live_store_begin(struct live_store *s, double now);
/* Looks after it. true: there is something new to show. */
bool live_store_tick(struct live_store *s, double now);
void live_store_stop(struct live_store *s);
/* Ends what runs, and waits for that. */
void live_store_free(struct live_store *s);

#endif
