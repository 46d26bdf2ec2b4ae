/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cpu_profile.h - what is known of a CPU's write-combining buffers: rows of data, each with its source. Pure.
 */
#ifndef WCDIAG_CPU_PROFILE_H
#define WCDIAG_CPU_PROFILE_H

#include <stddef.h>

struct cpu;

/* How far a statement can be trusted. */
enum confidence { CONF_NONE, CONF_LOW, CONF_MEDIUM, CONF_HIGH };

/* How a partial line is cut into transactions. */
enum partial_rule {
	PARTIAL_CHUNK8,		/* one for each 8-byte aligned chunk that has any byte */
	PARTIAL_UNKNOWN,	/* default list: as above; range: from the fewest legal TLPs to one a doubleword */
};

/* Does an event close the buffers? In the default list MAYBE closes them. */
enum closes { CLOSES_NO, CLOSES_YES, CLOSES_MAYBE };

struct profile_events {
	enum closes sfence, mfence, locked, serial, uc, port, interrupt, syscall;
	const char *source;
};

struct cpu_profile {
	const char *name;		/* for --profile: "skylake" */
	const char *title;		/* "Intel Skylake, Cascade Lake" */
	unsigned int buffers;		/* 64-byte lines open at once; 0: not known */
	unsigned int assumed;		/* 0: nothing assumed; else what the default list uses while buffers is 0 */
	enum confidence buffers_conf;
	const char *buffers_source;
	/* Which line leaves when all are in use is documented for no CPU: oldest opened first in the default list. */
	enum partial_rule partial;
	enum confidence partial_conf;
	const char *partial_source;
	const struct profile_events *events;
};

/* The row for a CPU; never NULL: "intel", "amd" or "generic" when no closer one is known. */
const struct cpu_profile *cpu_profile_for(const struct cpu *c);
const struct cpu_profile *cpu_profile_find(const char *name);	/* NULL: no such name */
const struct cpu_profile *cpu_profile_at(size_t i);		/* NULL: past the end; 0 is the reference */
const struct cpu_profile *cpu_profile_reference(void);

const char *confidence_name(enum confidence c);		/* "high", "medium", "low", "none" */

#endif
