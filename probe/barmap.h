/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * barmap.h - every mapping of one BAR, by processes and by the kernel, with what its page table entries say.
 *
 * A mapping is one when maps names the BAR, or when an entry of it points into the BAR. Without a reader of entries those
 * that maps names are listed all the same, with read = false: then nothing about types is known.
 */
#ifndef WCDIAG_BARMAP_H
#define WCDIAG_BARMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "entries.h"
#include "mtype.h"

struct ioremap;
struct machine;
struct map;

struct bar_map {
	const struct map *map;		/* NULL: the kernel's */
	const struct ioremap *io;	/* the kernel's: the ioremap of exactly that range; NULL when vmallocinfo has none */
	int pid;			/* 0: the kernel */
	uint64_t vstart, vend;
	const struct pte_run *run;	/* all of the mapping, other BARs' pages included */
	size_t nrun;
	bool read;			/* its entries were looked at */
	bool gone;			/* its process ended meanwhile */

	/* Bytes of this BAR in it, by what a store through the entry does on every CPU. */
	uint64_t wc, other, unknown;
	uint64_t none;			/* without an entry; could be another BAR's when the mapping's place is not known */
	uint64_t ram;			/* entries that point to RAM: copies of a MAP_PRIVATE mapping */
	uint64_t readonly;		/* of those present: the entry, or a level above, does not allow stores */
	uint64_t protnone;
	unsigned int slots;		/* bit n: an entry selects slot n */
	unsigned int levels;		/* bit n: a leaf of level n */
	const struct pte_run *bad;	/* the first run that does not combine, else the first that may not; or NULL */
	const struct pte_run *good;	/* the first that does */
};

struct bar_maps {
	struct bar_map *m;		/* processes by pid and address, then the kernel's by address */
	size_t n;
	bool more;			/* there are more than were looked at */
};

#define BAR_MAPS_MAX 4096

/* [start, end) is the BAR. 0 or -ENOMEM. */
int bar_maps_find(const struct machine *m, uint64_t start, uint64_t end, struct bar_maps *out);
void bar_maps_free(struct bar_maps *b);

/* What its entries say, in words: "16 pages WC (PAT slot 1)", "3 pages WC and 13 UC-", "no entry yet", "not read". */
void bar_map_words(const struct machine *m, const struct bar_map *b, char *buf, size_t len);

/* PAT slot that a run's entry selects; only for those with a physical address. */
unsigned int run_slot(const struct pte_run *r);

/* The part of a run that lies in [start, end): its first byte's physical address and length; false: none. */
bool run_clip(const struct pte_run *r, uint64_t start, uint64_t end, uint64_t *phys, uint64_t *len);

#endif
