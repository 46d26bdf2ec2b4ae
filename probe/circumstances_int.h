/* SPDX-License-Identifier: GPL-2.0-or-later */
/* circumstances_int.h - internal: the texts that circumstances are taken from. Pure. */
#ifndef WCDIAG_CIRCUMSTANCES_INT_H
#define WCDIAG_CIRCUMSTANCES_INT_H

#include <stddef.h>
#include <stdint.h>

/* A row of /proc/interrupts, as far as one CPU is concerned. */
struct irq_row {
	char label[24]; /* "24", "LOC" */
	char name[24];	/* who asked for it: "mydev"; "" where the label says it all */
	uint64_t n;
};

/*
 * The whole text; rows that have no column for each CPU (ERR, MIS) are left out, for they belong to none. *row sorted
 * by label, free() it. -ENODEV: this CPU has no column, it is offline; -EBADMSG with *line and *what; -ENOMEM.
 */
int irq_parse(const char *text, size_t len, unsigned int cpu, struct irq_row **row, size_t *n, unsigned int *line,
	      const char **what);

/*
 * How many came between two readings, over all rows; *busiest: the row with most of them, "" and 0 when there were
 * none. A row that was not there before began at 0, and so did one that begins anew.
 */
uint64_t irq_between(const struct irq_row *before, size_t nbefore, const struct irq_row *after, size_t nafter,
		     char *busiest, size_t len, uint64_t *most);

/*
 * A CPU's line of /proc/stat, in ticks: what it did, and what it did nothing in. Time that a hypervisor took away is
 * neither. -ENODEV: no line, it is offline; -EBADMSG.
 */
int cpu_ticks_parse(const char *text, size_t len, unsigned int cpu, uint64_t *busy, uint64_t *idle);

/* The part of the time between two readings that it was busy, 0 to 1; -1: too few ticks for that. */
double cpu_ticks_busy(const uint64_t before[2], const uint64_t after[2]);

#endif
