/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * circumstances.h - what went on beside a run of stores: interrupts on its CPU, what the sibling thread did, how far
 * the device is. It accuses nobody; it is what a reader needs who finds lines split.
 */
#ifndef WCDIAG_CIRCUMSTANCES_H
#define WCDIAG_CIRCUMSTANCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fact.h"

struct pci_device;
struct src;

struct circumstances {
	unsigned int cpu;
	double seconds;
	struct fact irq_fact; /* /proc/interrupts: this CPU's column, all rows */
	uint64_t irqs;
	char busiest[48]; /* the row with most of them: "LOC", "24 mydev"; "" when there were none */
	uint64_t busiest_irqs;
	struct fact sibling_fact; /* ABSENT: the CPU has none; the busiest of them where there are several */
	unsigned int sibling;
	double sibling_busy;	   /* 0 to 1, /proc/stat; -1: the time was too short for its ticks */
	int cpu_node, device_node; /* -1: not said */
};

struct circumstances_watch;

/* This machine only (src live), cpu: where the stores run; dev may be NULL. 0, -ENOMEM. Missing facts are no error. */
int circumstances_begin(const struct src *s, unsigned int cpu, const struct pci_device *dev,
			struct circumstances_watch **out);
/* Frees the watch. */
void circumstances_end(struct circumstances_watch *w, struct circumstances *out);
/* The same for a watch that is not wanted any more. NULL is allowed. */
void circumstances_drop(struct circumstances_watch *w);

/* One line: "in 0.8 s: 230 interrupts on CPU 3 (200 of them LOC); its sibling CPU 11 was busy 40 % of the time; ..." */
void circumstances_words(const struct circumstances *c, char *buf, size_t len);

#endif
