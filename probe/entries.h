/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * entries.h - the page table entries that map device memory, of every process and of the kernel, folded into runs.
 *
 * Live they come from the helper module (km.h); a snapshot holds them in wcdiag/entries.txt, one run a line:
 *     reader wcdiag_km 0.1.0
 *     levels 5
 *     runs NUMBER
 *     gone PID
 *     PID START END LEVEL KIND RIGHTS VMA PHYS RAW DIFFER [L2 L3 L4 L5]
 * "runs" may be missing; where it is there it must be true. PID 0 is the kernel; numbers decimal (PID, LEVEL) or 0x hex; KIND none, present, prot-none, other; RIGHTS letters of
 * "wux" (write, user, no-execute) or "-"; VMA letters of "pmiswh" (pfnmap, mixedmap, io, shared, write, hugetlb), "v" for a
 * VMA with none of these, "-" for none; PHYS "-" when there is none; # comments. Runs stand by PID, then address, and do
 * not overlap. A line of wcdiag/errors.txt about this file says that not everything could be walked, and why.
 */
#ifndef WCDIAG_ENTRIES_H
#define WCDIAG_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fact.h"
#include "pte.h"

struct src;

#define ENTRIES_PATH "/wcdiag/entries.txt"

/* All levels of the walk taken together. */
enum { PTE_CAN_WRITE = 1, PTE_CAN_USER = 2, PTE_CANNOT_EXEC = 4 };
/* What the VMA says; 0: there is none (kernel). The numbers are those of km/wcdiag_km.h. */
enum {
	PTE_VMA = 1,
	PTE_VMA_PFNMAP = 2,
	PTE_VMA_MIXEDMAP = 4,
	PTE_VMA_IO = 8,
	PTE_VMA_SHARED = 16,
	PTE_VMA_WRITE = 32,
	PTE_VMA_HUGETLB = 64
};

/* Pages side by side with equal entries, see km/wcdiag_km.h. */
struct pte_run {
	int pid;		/* 0: the kernel */
	uint64_t start, end;	/* virtual, end exclusive */
	uint64_t raw;		/* the first page's entry */
	uint64_t phys;		/* of start; PTE_NO_PHYS when the entry names none */
	uint64_t differ;	/* bits of A, D and software that are not the same in the whole run */
	uint64_t upper[4];	/* raw entries above the leaf: level 2..5; 0 where there is none or it was not asked for */
	uint8_t level;		/* of the leaf; where the walk ended when there is none */
	uint8_t kind;		/* enum pte_kind */
	uint8_t rights;		/* PTE_CAN_* */
	uint8_t vma;		/* PTE_VMA_* */
};

static inline uint64_t run_phys_end(const struct pte_run *r)
{
	return r->phys + (r->end - r->start);
}

/* A growing list of runs. */
struct runs {
	struct pte_run *r;
	size_t n, max;
};
/* Append as a run of its own. 0 or -ENOMEM. */
int runs_push(struct runs *l, const struct pte_run *r);
/*
 * Append, or make the last run longer when this one goes on where it ended and is equal in all else but the bits to
 * ignore (of A, D and software; differ tells which are not equal). The module folds by the same rule. 0 or -ENOMEM.
 */
int runs_join(struct runs *l, const struct pte_run *r, uint64_t ignore);
void runs_free(struct runs *l);

struct entries {
	struct runs list;	/* by pid, then address; only device mappings */
	int *gone;		/* processes that ended while they were walked, ascending */
	size_t ngone;
	char reader[64];	/* "wcdiag_km 0.1.0": who read them */
	unsigned int levels;	/* of page tables: 4 or 5; 0 not known */
	/*
	 * KNOWN: every process and the kernel were walked. MISSING: no reader (remedy says how to get one), refused, or
	 * a process could not be walked for another reason than its end; what was read stays in list.
	 */
	struct fact fact;
};

/* Pure. 0, -ENOMEM, or -EBADMSG with *line (1-based) and *what. The fact is left alone. */
int entries_parse(const char *text, size_t len, struct entries *out, unsigned int *line, const char **what);
/* malloc'ed and terminated; 0 or -ENOMEM. */
int entries_format(const struct entries *e, char **text, size_t *len);

/* Live: all processes' device mappings and the kernel's; else the snapshot's. 0 when the fact is KNOWN, else negative errno. */
int entries_read(const struct src *s, struct entries *out);
void entries_free(struct entries *e);

/*
 * The runs of one process (0: the kernel) that overlap the virtual range, ascending: *first and their number.
 * O(log n + hits).
 */
size_t entries_of(const struct entries *e, int pid, uint64_t start, uint64_t end, const struct pte_run **first);
/* Did this process end during the walk? */
bool entries_gone(const struct entries *e, int pid);

#endif
