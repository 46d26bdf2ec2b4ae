/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mtype.h - memory types, their names, and how MTRR and PAT combine.
 *
 * Sources: Intel SDM vol 3 section 11.12.2 (encodings), table 11-7 (MTRR x PAT), table 11-6 (no PAT);
 * AMD: BitVisor core/cache.c pat_mtrr_matrix for the three cells that differ.
 */
#ifndef WCDIAG_MTYPE_H
#define WCDIAG_MTYPE_H

#include <stdbool.h>
#include <stddef.h>

/* 0..7 are the hardware's own encodings (PAT field, MTRR type byte). */
enum mtype {
	MT_UC = 0,
	MT_WC = 1,
	MT_RSVD2 = 2,
	MT_RSVD3 = 3,
	MT_WT = 4,
	MT_WP = 5,
	MT_WB = 6,
	MT_UCMINUS = 7,		/* PAT only; an MTRR never holds it */
	MT_UNKNOWN = 8,		/* the facts do not say */
	MT_UNDEFINED = 9,	/* the manuals leave it undefined (overlapping MTRRs) */
	MT_COUNT
};

/* Whose table decides. VENDOR_OTHER: only cells on which all tables agree are answered. */
enum cpu_vendor { VENDOR_OTHER, VENDOR_INTEL, VENDOR_AMD };

const char *mtype_name(enum mtype t);		/* "WC", "UC-", "reserved 2", "unknown", "undefined" */
const char *mtype_kernel_name(enum mtype t);	/* "write-combining"; NULL when the kernel has no word */

/* The kernel's word (len bytes, not terminated) to a type; MT_UNKNOWN for any other word, "broken" included. */
enum mtype mtype_from_kernel(const char *word, size_t len);

/* enum page_cache_mode as printed by ioremap's and reserve_ram_pages_type's messages; MT_UNKNOWN above 5. */
enum mtype mtype_from_pcm(unsigned long pcm);

/*
 * Effective type of an access: mtrr is the MTRR type of the address, pat the type the page table entry selects.
 * MT_UNKNOWN when either is unknown, reserved, or the vendor's table is not known for that cell. PAT WC and UC are
 * answered whatever the MTRR says (also MT_UNKNOWN/MT_UNDEFINED: every row of the column agrees).
 */
enum mtype mtype_effective(enum cpu_vendor v, enum mtype mtrr, enum mtype pat);
/* Where that answer stands; NULL when there is none. */
const char *mtype_effective_source(enum cpu_vendor v, enum mtype mtrr, enum mtype pat);

/*
 * The same on a CPU without PAT: only PCD and PWT of the entry count (SDM table 11-6). With both set it is UC whatever
 * the MTRR says.
 */
enum mtype mtype_effective_nopat(enum mtype mtrr, bool pcd, bool pwt);

#endif
