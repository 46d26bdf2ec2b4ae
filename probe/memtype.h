/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memtype.h - /sys/kernel/debug/x86/pat_memtype_list: what the kernel reserved, one line a reservation.
 *
 * Two text forms, and in BOTH the end is exclusive although the newer looks like a resource range
 * (Linux arch/x86/mm/pat/memtype.c; commit ef35b0fcee23 changed the form):
 *     write-combining @ 0xd4000000-0xd8000000
 *     PAT: [mem 0x00000000d4000000-0x00000000d8000000] write-combining
 * Equal and overlapping lines are ordinary. RAM is never listed.
 */
#ifndef WCDIAG_MEMTYPE_H
#define WCDIAG_MEMTYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fact.h"
#include "mtype.h"

struct src;

#define MEMTYPE_PATH "/sys/kernel/debug/x86/pat_memtype_list"

struct memtype {
	uint64_t start, end;	/* end exclusive */
	enum mtype type;	/* MT_UNKNOWN for a word we do not know */
	uint32_t line;		/* 1-based */
};

struct memtype_list {
	struct memtype *m;	/* sorted by start, then end; stable */
	uint64_t *maxend;	/* index for overlap search, same length: see memtype_index.c */
	size_t n;
	bool old_form;		/* at least one line in the form before Linux 5.6 */
	struct fact fact;	/* ABSENT: the machine has no such file though debugfs is there (PAT off) */
};

/*
 * Pure. 0, -ENOMEM, or -EBADMSG with *line and *what for the first line that is neither a header, a blank, nor a
 * reservation, or that has end <= start. A last line without newline is accepted only when complete (it may be cut:
 * a cut line is an error, never a shorter range). A text with neither the heading nor a reservation is an error too.
 */
int memtype_parse(const char *text, size_t len, struct memtype_list *out, unsigned int *line, const char **what);
/* 0 when the fact is KNOWN or ABSENT, else negative errno; the fact says more. */
int memtype_read(const struct src *s, struct memtype_list *out);
/* Sort m[] and make maxend[] from it. memtype_parse() does so; for tables made by other means. 0 or -ENOMEM. */
int memtype_index(struct memtype_list *l);
void memtype_free(struct memtype_list *l);

/*
 * Calls fn for each reservation that overlaps [start, end), ascending; a range that only touches does not overlap.
 * fn returning non-zero stops. O(log n) a hit at worst, O(log n + hits) for neighbours.
 * Returns what fn returned, else 0.
 */
int memtype_overlaps(const struct memtype_list *l, uint64_t start, uint64_t end,
		     int (*fn)(const struct memtype *m, void *arg), void *arg);

/* Reservations that overlap another type's of a lower (or equal) start, each counted once; O(n) on the sorted table. */
size_t memtype_conflicts(const struct memtype_list *l);

/* Is every byte of [start, end) under a reservation of type t (MT_UNKNOWN: of any type)? An empty range: no. */
bool memtype_covers(const struct memtype_list *l, uint64_t start, uint64_t end, enum mtype t);

#endif
