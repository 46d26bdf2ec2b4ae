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
#include "memtype.h"
#include "mtype.h"

struct ioremap;
struct machine;
struct map;

/* Does it combine, everywhere in the range and on every CPU? NO as soon as one part on one CPU surely does not. */
enum tri { TRI_UNKNOWN, TRI_NO, TRI_YES };

/* A part of a run that lies in the mapping and in the BAR, cut where the MTRRs make another type of it. */
struct bar_piece {
	const struct pte_run *run;
	uint64_t va, phys, len;
	unsigned int slot;	/* PAT slot that its entries select */
	enum tri combines;
	size_t map;		/* index of its bar_map */
};

struct bar_map {
	const struct map *map;		/* NULL: the kernel's */
	const struct ioremap *io;	/* the kernel's: the ioremap of exactly that range; NULL when vmallocinfo has none */
	int pid;			/* 0: the kernel */
	uint64_t vstart, vend;
	bool read;			/* its entries were looked at */

	const struct bar_piece *piece;	/* by virtual address */
	size_t npiece;
	const struct bar_piece *bad;	/* the first that does not combine, else the first that may not; or NULL */
	const struct bar_piece *good;	/* the first that does */

	/* Bytes of this BAR in it, by what a store through the entry does on every CPU. */
	uint64_t wc, other, unknown;
	uint64_t unseen;		/* of the VMA, in no run: it was mapped otherwise when the reader looked */
	uint64_t none;			/* without an entry; could be another BAR's when the mapping's place is not known */
	uint64_t ram;			/* entries that point to RAM, or to swap: copies of a MAP_PRIVATE mapping */
	uint64_t readonly;		/* of those present: the entry, or a level above, does not allow stores */
	uint64_t protnone;
	unsigned int slots;		/* bit n: an entry selects slot n */
	unsigned int levels;		/* bit n: a leaf of level n */
};

struct bar_maps {
	uint64_t start, end;		/* the BAR's pages */
	struct bar_map *m;		/* processes by pid and address, then the kernel's by address */
	size_t n, nprocess;
	bool more;			/* there are more than were looked at */
	int orphan;			/* a process whose entries point here and whose maps do not tell of it; 0: none */
	struct bar_piece *piece;
	size_t npiece;
	struct memtype_list users, kernel;	/* pieces by physical range: line is the index into piece[] */
};

#define BAR_MAPS_MAX	4096
#define BAR_PIECES_MAX	(1u << 20)

/* [start, end) is the BAR. 0 or -ENOMEM. */
int bar_maps_find(const struct machine *m, uint64_t start, uint64_t end, struct bar_maps *out);
void bar_maps_free(struct bar_maps *b);

/* The view of a process's mapping; NULL when it is none of this BAR's. O(log n). */
const struct bar_map *bar_map_of(const struct bar_maps *b, const struct map *p);

/*
 * The first piece of the kernel (users: of a process, pid or any with pid 0) over a physical range that combines, does not,
 * or may not (want); NULL: none.
 */
const struct bar_piece *bar_piece_over(const struct bar_maps *b, bool users, int pid, uint64_t start, uint64_t end,
				       enum tri want);

/*
 * What its entries say: "3 pages WC (PAT slot 1), 13 pages UC- (PAT slot 2)", "16 pages without an entry", "entries not
 * read".
 */
void bar_map_words(const struct machine *m, const struct bar_map *b, char *buf, size_t len);

/* PAT slot that a run's entry selects; only for those with a physical address. */
unsigned int run_slot(const struct pte_run *r);

#endif
