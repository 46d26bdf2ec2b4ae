/* SPDX-License-Identifier: GPL-2.0-or-later */
/* profile.h - which CPU's buffers the model counts with: --profile NAME, auto, or measured. */
#ifndef WCDIAG_CMD_PROFILE_H
#define WCDIAG_CMD_PROFILE_H

#include <stdbool.h>

#include "probe/buffers_take.h"

struct cmd;
struct cpu;
struct hyper;
struct src;

/* Points into itself: no copies. */
struct profile_choice {
	const struct cpu_profile *cpu;
	char chosen[200]; /* "asked for", "chosen by AMD EPYC, family 25 model 17", "measured now on CPU 1" */
	struct buffers_profile measured;
};

/* "auto", "measured", or a name of wcdiag model --profiles. */
bool profile_known(const char *name);

/*
 * s, and the CPU and hypervisor that were read from it; only auto and measured look at them. measured: on this machine
 * it measures now, for 10 ms and up to a third of a second, on the CPU that it runs on; of a snapshot it takes the
 * curves that capture --buffers recorded. 0, or EXIT_FAILED after saying why there is none.
 */
int profile_choose(const struct cmd *c, const struct src *s, const struct cpu *cpu, const struct hyper *hyper,
		   const char *name, struct profile_choice *out);

#endif
