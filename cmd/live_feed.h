/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live_feed.h - reads the machine again and again, and judges it when something is new.
 *
 * What changes while one looks (reservations, mappings, entries) is read at every refresh, and only compared with what
 * it was. When it differs, it is taken over, and all is judged anew, with the rest as it was read: the CPU, registers,
 * devices, the kernel log. That rest is read again soon after such a change, and every ten seconds in any case; on large
 * machines more seldom.
 */
#ifndef WCDIAG_LIVE_FEED_H
#define WCDIAG_LIVE_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/live_look.h"

struct cmd;
struct device_arg;
struct judgement;
struct machine;
struct src;

#define FEED_ALL_SOON	3.0  /* seconds from one to the next when there were changes, */
#define FEED_ALL_EVERY	10.0 /* when there were none; both at least, */
#define FEED_ALL_SELDOM 60.0 /* at most, */
#define FEED_ALL_SHARE	500  /* and such that it takes 0.2 % of a CPU */

/*
 * Where something changes at so many readings in a row, there are only so many of them that they take a hundredth of a CPU
 * where one a second is asked for, and in proportion.
 */
#define FEED_RESTLESS	 30
#define FEED_MOVING_SHARE 100

struct live_feed {
	const struct cmd *c;
	const struct src *s;
	const struct device_arg *dev;
	struct machine *m;
	struct judgement *j;
	bool *sel;		    /* devices asked for; NULL: all */
	struct live_look look;	    /* what changes, as it was when it was read */
	double all_at, mappings_at; /* when these were read, in seconds */
	double every, soon;	    /* seconds from one reading of all to the next; when something changed meanwhile */
	bool stale;		    /* it did */
	double interval;	    /* seconds between two calls, as the user wants it; 0: never rest */
	unsigned int restless;	    /* readings in a row that found a change */
	double moved_at, rest;	    /* when the last one was, and how long none follows */
	char trouble[256];	    /* why the last reading failed; "" */
};

/*
 * Read what there is. now: seconds on any clock. all: everything, whether something changed or not. When m, j and sel
 * are new, use() is called while the old ones still stand, and only then are these freed. 1: new, 0: nothing changed,
 * or negative errno with trouble[], and what was there still stands.
 */
int live_feed_read(struct live_feed *f, double now, bool all, int (*use)(struct live_feed *f, void *ctx), void *ctx);
void live_feed_free(struct live_feed *f);

#endif
