/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pmu_int.h - internal: the system calls behind pmu.c (tests put their own in place), and its arithmetic.
 */
#ifndef WCDIAG_PMU_INT_H
#define WCDIAG_PMU_INT_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fact.h"
#include "host.h"
#include "pmu_format.h"

struct cpu;
struct src;
struct pmu_where;

/* What read() gives with PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING. Times in ns. */
struct pmu_reading {
	uint64_t value, enabled, running;
};

/* All return a negative errno, never set errno for the caller. */
struct pmu_ops {
	bool real; /* of this machine: a snapshot's numbers mean nothing to it */
	int (*open)(struct perf_event_attr *attr, pid_t tid, int cpu); /* a descriptor */
	int (*run)(int fd, bool on);
	int (*read)(int fd, struct pmu_reading *r);
	void (*close)(int fd);
	void (*wait)(unsigned int ms);
};
extern const struct pmu_ops *pmu_ops;

/*
 * Pure: what was counted between two readings, scaled up where the kernel had the counter off the hardware for a part
 * of the time (*scaled is then set, never cleared). -ENODATA: enabled and never on the hardware; -EPROTO: a reading
 * that went backwards, or ran longer than it was enabled.
 */
int pmu_delta(const struct pmu_reading *before, const struct pmu_reading *after, double *count, bool *scaled);

/* Pure: count without what rate (a count per ns) makes in ns; *idle is what was taken off, never more than there is. */
uint64_t pmu_less_idle(double count, double rate, double ns, uint64_t *idle);

/* What a failed open depends on besides its errno. */
struct pmu_limits {
	int paranoid; /* kernel.perf_event_paranoid; -2 when it cannot be read */
	enum lockdown lockdown;
	bool guest; /* a virtual machine */
};
void pmu_limits_read(const struct src *s, const struct cpu *cpu, struct pmu_limits *out);

/* Fill f for perf_event_open() of e on that PMU failing with err (positive). Pure. */
void pmu_open_why(struct fact *f, const struct pmu_event *e, const char *pmu, int err, const struct pmu_limits *l);
/* ... for a PMU that is not there (err ENOENT), or whose format cannot take the term at. Pure. */
void pmu_encode_why(struct fact *f, const struct pmu_event *e, const char *pmu, int err, const char *at);
void pmu_absent_why(struct fact *f, const struct pmu_event *e, const struct pmu_limits *l);

/*
 * The core PMU that counts for where->cpu: kind as rows have it ("cpu", "cpu_core", "cpu_atom"), name as sysfs has it.
 * 0, or negative errno and f MISSING: a hybrid CPU and no pinned CPU, or one of neither kind.
 */
int pmu_core_of(const struct src *s, const struct cpu *cpu, int pinned, const char **kind, const char **name,
		struct fact *f);

#endif
