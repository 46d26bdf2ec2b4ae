/* SPDX-License-Identifier: GPL-2.0-or-later */
/* drive_int.h - what the files of drive share. */
#ifndef WCDIAG_DRIVE_INT_H
#define WCDIAG_DRIVE_INT_H

#include <sched.h>
#include <signal.h>

#include "drive.h"
#include "entries.h"

#define DRIVE_PAGE    4096ULL
#define DRIVE_SAMPLES 65536U

/* The pages that the scratch range lies in, in the BAR. */
static inline uint64_t drive_first_page(const struct drive_plan *p)
{
	return p->offset & ~(DRIVE_PAGE - 1);
}

static inline uint64_t drive_pages_size(const struct drive_plan *p)
{
	return ((p->offset + p->length + DRIVE_PAGE - 1) & ~(DRIVE_PAGE - 1)) - drive_first_page(p);
}

/* This thread on the plan's CPU, or the one at hand, which is returned. *before: to go back to, where *pinned. */
unsigned int drive_pin(const struct drive_plan *p, cpu_set_t *before, bool *pinned);

/* The physical address of the first of them. */
uint64_t drive_phys(const struct drive_plan *p);

/* One phase while it goes on. */
struct drive_now {
	const struct drive_plan *p;
	const struct drive_ops *ops;
	void *ctx;
	const struct drive_watch *watch;
	struct drive_phase *ph;
	void *at;	   /* user: the mapping */
	uint32_t *samples; /* DRIVE_SAMPLES */
	size_t nsamples;   /* of the row */
};

/*
 * Maps are checked page by page: exactly these pages, writable. Fills ph's entry; false with ph->why when they are not.
 * Pure, but for what it writes.
 */
bool drive_entries_fit(const struct drive_plan *p, const struct runs *l, uint64_t at, struct drive_phase *ph);
/* ph->type and ->effective from ->slot, for ph->cpu. */
void drive_types(const struct drive_plan *p, struct drive_phase *ph);

/* The reservations over the pages, in order. before: NULL: into it; else compare. */
void drive_list_before(struct drive_now *n);
void drive_list_during(struct drive_now *n);
void drive_list_after(struct drive_now *n);

/* NULL, or how the C library copies, for a pattern that leaves it to it. */
const struct stores_shape *drive_shape(const struct drive_phase *ph, unsigned int pattern);

/* All messages of one run (or of the warm-up) on this side. *done says how many it were. 0 or -errno. */
int drive_user_run(struct drive_now *n, const struct stores_run *run, uint64_t *done);
int drive_kernel_run(struct drive_now *n, const struct stores_run *run, uint64_t *done);

/*
 * Takes SIGBUS for [at, at + size) until it is given back. lost: it came; ordinary memory of our own has taken the
 * whole mapping's place, so that the batch at hand ends nowhere.
 */
int drive_bus_take(void *at, uint64_t size);
bool drive_bus_lost(void);
void drive_bus_give_back(void);
/* For stores_run(): asked to stop, or lost. */
const volatile sig_atomic_t *drive_halt(void);

#endif
