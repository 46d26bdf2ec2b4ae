/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walk.h - the analyser's own walk of the guest's page tables, in physical memory. Written from the manual (Intel SDM
 * vol 3, 4.5), and sharing nothing with probe/ and km/: two writings that must agree.
 */
#ifndef ANALYSER_WALK_H
#define ANALYSER_WALK_H

#include <stdbool.h>
#include <stdint.h>

/* An entry that is not zero and leads no further: a leaf, or one that is not present. */
struct walk_entry {
	uint64_t address;	/* virtual, canonical */
	unsigned int level;	/* 1: 4 KiB .. 5 */
	uint64_t raw;
	uint64_t above[6];	/* [2..5]: raw entries that led here; 0 where there is none */
};

struct walk {
	uint64_t cr3;
	unsigned int levels;	/* 4 or 5 */
	bool kernel;		/* the upper half, not the lower */
	void (*entry)(const struct walk *w, const struct walk_entry *e, void *data);
	void *data;
	uint64_t tables;	/* out: how many were read */
	uint64_t bad;		/* out: tables that are not in RAM */
	bool cut;		/* out: there were more tables than a sane guest has */
};

void walk(struct walk *w);

uint64_t walk_size(unsigned int level);		/* bytes that an entry of that level maps */
uint64_t walk_frame(const struct walk_entry *e);	/* physical address of a leaf */

#endif
