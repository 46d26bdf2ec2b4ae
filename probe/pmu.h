/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pmu.h - full and partial lines counted by the CPU's own counters, through perf_event_open(2).
 *
 * Events of boxes (uncore) count every core's traffic of the package, so what the machine does anyhow is measured
 * first (pmu_idle) and subtracted. Events of a core follow one thread. Where full and partial lines share a filter
 * register they take turns: each pmu_begin() counts the next one, so the caller does the same work an even number of
 * times, and adds up (pmu_add). The kernel's own rotation is never relied on: it turns every few milliseconds, and a
 * run of a thousand lines ends before.
 */
#ifndef WCDIAG_PMU_H
#define WCDIAG_PMU_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "fact.h"
#include "pmu_events.h"

struct cpu;
struct src;
struct pmu;

struct pmu_where {
	pid_t tid; /* the thread that will store, 0: the caller; only events of a core follow it */
	int cpu;   /* the CPU it is pinned to; -1: not pinned (then a hybrid CPU cannot be counted) */
	bool watch; /* nobody in particular: what every core stores, stores to UC memory as well (pmu_choose_watch()) */
};

struct pmu_counts {
	bool have[PMU_ROLES];
	unsigned int runs[PMU_ROLES]; /* how many begin/end pairs that role was counted in */
	uint64_t count[PMU_ROLES];    /* over those; PMU_R_BYTES is in bytes; the idle rate is subtracted */
	uint64_t idle[PMU_ROLES];     /* what was subtracted */
	bool scaled;		      /* the kernel had taken some counter away for a while: an estimate */
};

/*
 * Choose the events for this CPU and open them, disabled. 0 when at least one role is counted (pmu_roles() says which),
 * else negative errno, and f MISSING with the reason and what would make it. Needs the live machine (-EOPNOTSUPP with
 * a snapshot). On success f is KNOWN; when some role could not be opened, partly (may be NULL) is MISSING with its
 * reason.
 */
int pmu_open(const struct src *s, const struct cpu *cpu, const struct pmu_where *where, struct pmu **out,
	     struct fact *f, struct fact *partly);
void pmu_close(struct pmu *p); /* NULL is allowed */

/* What is counted: the choice with have[] as it was opened, and the number of counters (one a box and package). */
const struct pmu_choice *pmu_chosen(const struct pmu *p);
unsigned int pmu_ncounters(const struct pmu *p);
unsigned int pmu_turns(const struct pmu *p); /* 2: full and partial take turns; 3: UC stores as well */

/* Count for ms milliseconds a turn while nothing is done, as the rate that pmu_end() subtracts. 0 or negative errno. */
int pmu_idle(struct pmu *p, unsigned int ms);

/*
 * 0 or negative errno; after a failure of begin nothing runs. end: -ENODATA when no counter ran at all (all were taken
 * by other users); a role whose counters did not all run is not in out->have.
 */
int pmu_begin(struct pmu *p);
int pmu_end(struct pmu *p, struct pmu_counts *out);

/* Pure: sum of runs. */
void pmu_add(struct pmu_counts *sum, const struct pmu_counts *one);

#endif
