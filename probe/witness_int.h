/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * witness_int.h - internal: one kind of witness.
 */
#ifndef WCDIAG_WITNESS_INT_H
#define WCDIAG_WITNESS_INT_H

#include "pmu.h"
#include "witness.h"

struct witness_ops {
	const char *name;
	int (*open)(struct witness *w, struct fact *f);
	int (*begin)(struct witness *w, struct fact *f);
	int (*end)(struct witness *w, struct witness_counts *out, struct fact *f);
	void (*close)(struct witness *w); /* NULL: nothing to do */
};

struct witness {
	const struct witness_ops *ops;
	struct witness_spec spec;
	const struct witness_target *t;
	enum witness_trust trust;
	unsigned int rounds;
	char says[320];
	uint64_t before;    /* REG, CMD */
	struct pmu *pmu;    /* PMU */
	struct fact partly; /* PMU: what could not be had */
};

extern const struct witness_ops witness_reg, witness_cmd, witness_pmu, witness_timing;

/* Pure: what a counter of width bytes counted from before to after, wrapped around at most once. */
uint64_t witness_wrap(uint64_t before, uint64_t after, unsigned int width);

/* Pure: a program's output: one number, decimal or 0x hex, a newline at most after it. 0 or -EBADMSG. */
int witness_cmd_parse(const char *text, size_t len, uint64_t *value);

/* Run it; ms: time limit. 0, or negative errno and f MISSING (-ETIMEDOUT, -EBADMSG, -ECHILD: it failed, ...). */
int witness_cmd_run(const char *program, unsigned int ms, uint64_t *value, struct fact *f);

/* Pure: where a register may not lie, and when it is not read. 0, or as witness_open() has it with f MISSING. */
int witness_reg_check(const struct witness_spec *spec, const struct witness_target *t, struct fact *f);

#endif
