/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live_rates.h - what the CPU's counters say a second, with some history; or why there is no counter.
 *
 * Only counters that see every core serve a spectator: those of a core follow one thread, and that would be wcdiag's
 * own. A register of the device is not read: mapping its page each second could decide the memory type of a program
 * that maps the same page next, which is the fault that wcdiag looks for.
 */
#ifndef WCDIAG_LIVE_RATES_H
#define WCDIAG_LIVE_RATES_H

#include <stdbool.h>
#include <stddef.h>

#define RATES_KEPT 512
#define RATES_MAX  6

struct pmu;
struct pmu_counts;
struct machine;

struct live_rate {
	const char *name; /* static: "full lines" */
	bool bytes;
	int role;      /* enum pmu_role */
	char why[400]; /* it is not counted: why, and what would make it; "": it is */
	double past[RATES_KEPT]; /* a ring, at[] is the next place */
	size_t n, at;
};

struct live_rates {
	struct live_rate rate[RATES_MAX]; /* full and partial lines and UC stores, counted or not; ports where they are */
	size_t n;			  /* 0: no counter at all */
	char says[200];			  /* what counts */
	char why[500];			  /* no counter at all: why, and what would make it; "" */
	struct pmu *pmu;
	double began; /* when counting began, in seconds */
	bool running;
};

/* Open what this machine has. A snapshot has none. Always leaves something to show. */
void live_rates_open(struct live_rates *r, const struct machine *m);
/* Once a refresh: end the count, note the rates, begin the next. */
void live_rates_tick(struct live_rates *r, double now);
/* Counts no more until the next tick: another needs the counters. */
void live_rates_rest(struct live_rates *r);
void live_rates_close(struct live_rates *r);

/* Pure: one value more; the i-th newest (0: the last). */
void live_rate_add(struct live_rate *r, double value);
double live_rate_past(const struct live_rate *r, size_t i);

#endif
