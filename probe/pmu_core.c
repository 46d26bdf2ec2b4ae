/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pmu_core.c - which of a CPU's core PMUs counts for the CPU that a thread is pinned to.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cpu.h"
#include "msr.h"
#include "pmu_int.h"
#include "src.h"

/* 1: CPU pinned is in the PMU's list, 0: it is not, -ENOENT: no such PMU, or what reading it gave. */
static int holds(const struct src *s, const char *pmu, int pinned)
{
	unsigned int *cpu;
	struct blob text;
	char path[120];
	size_t n, len;
	int found = 0, err;

	snprintf(path, sizeof(path), PMU_DEVICES "/%s/cpus", pmu);
	err = src_read(s, path, &text);
	if (err)
		return err == -ENODATA ? -ENOENT : err;
	len = text.len && text.data[text.len - 1] == '\n' ? text.len - 1 : text.len;
	err = cpulist_parse(text.data, len, &cpu, &n);
	blob_free(&text);
	if (err)
		return err;
	for (size_t i = 0; i < n; i++)
		found |= pinned >= 0 && cpu[i] == (unsigned int)pinned;
	free(cpu);
	return found;
}

static bool hybrid(enum pmu_gen gen)
{
	return gen == PMU_ADL || gen == PMU_MTL || gen == PMU_LNL || gen == PMU_ARL || gen == PMU_PTL;
}

int pmu_core_of(const struct src *s, const struct cpu *cpu, int pinned, const char **kind, const char **name,
		struct fact *f)
{
	int big = holds(s, "cpu_core", pinned), small = holds(s, "cpu_atom", pinned);

	if (big == -ENOENT && small == -ENOENT) {
		*kind = *name = "cpu";
		/* Of a hybrid generation without hybrid PMUs only one kind of core is there; N-series has small ones.
		 */
		if (hybrid(pmu_gen_of(cpu)))
			*kind = cpu->model == 0xbe ? "cpu_atom" : "cpu_core";
		return 0;
	}
	if (big == 1 || small == 1) {
		*kind = *name = big == 1 ? "cpu_core" : "cpu_atom";
		return 0;
	}
	if (big < 0 && big != -ENOENT)
		fact_missing(f, s, PMU_DEVICES "/cpu_core/cpus", -big, NULL);
	else if (small < 0 && small != -ENOENT)
		fact_missing(f, s, PMU_DEVICES "/cpu_atom/cpus", -small, NULL);
	else
		fact_missing(f, NULL, PMU_DEVICES "/cpu_core/cpus", EINVAL, "pin the stores to one CPU (--cpu)");
	if (f->err == EINVAL)
		snprintf(f->why, sizeof(f->why), "this CPU has two kinds of cores, and the stores may run on either");
	return -f->err;
}
