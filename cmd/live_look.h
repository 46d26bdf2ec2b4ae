/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live_look.h - has anything changed of what changes while one looks: reservations, mappings, entries?
 *
 * Compared by a number that stands for all of it. Reservations and mappings are looked at each time; the page table
 * entries, which are dear to read without the module, so often that it takes 0.2 % of a CPU.
 */
#ifndef WCDIAG_LIVE_LOOK_H
#define WCDIAG_LIVE_LOOK_H

#include <stdbool.h>
#include <stdint.h>

struct machine;

#define LOOK_SHARE 500

struct live_look {
	uint64_t quick, entries;	  /* what stands for reservations and mappings; for the entries */
	uint64_t now;			  /* quick, as live_look_changed() found it */
	double entries_at, entries_every; /* seconds */
};

/* Is it another than at the last live_look_note()? now: seconds on any clock. */
bool live_look_changed(struct live_look *l, const struct machine *m, double now);
/* Reservations and mappings, before all is read. */
void live_look_before(struct live_look *l, const struct machine *m);
/* This is what m has, read since live_look_changed() or live_look_before(). What changed meanwhile is a change at the
 * next look. */
void live_look_note(struct live_look *l, const struct machine *m, double now);

/* Seconds of CPU that this program has taken. */
double live_cpu_time(void);

#endif
