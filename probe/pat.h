/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pat.h - IA32_PAT (MSR 0x277): eight slots that page table entries select from.
 *
 * Source: Intel SDM vol 3 section 11.12; layouts: Linux arch/x86/mm/pat/memtype.c, Xen xen/arch/x86 (XEN_MSR_PAT).
 */
#ifndef WCDIAG_PAT_H
#define WCDIAG_PAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mtype.h"

#define PAT_RESET	0x0007040600070406ULL	/* power-on, also what nopat leaves: no WC slot */
#define PAT_LINUX	0x0407050600070106ULL	/* WB WC UC- UC WB WP UC- WT */
#define PAT_LINUX_ERRATA 0x0007010600070106ULL	/* WB WC UC- UC twice: old Intel, PAT bit unused */
#define PAT_LINUX_4	0x0407010600070106ULL	/* WB WC UC- UC WB WC UC- WT: between the two, before WP got a slot */
#define PAT_XEN		0x0000050100070406ULL	/* WB WT UC- UC WC WP UC UC */

struct pat {
	bool known;		/* pat_decode() filled it; an element that nobody read says nothing, least of all "UC" */
	uint64_t raw;
	enum mtype slot[8];	/* MT_RSVD2/3 for reserved encodings */
	bool reserved_bits;	/* any of the upper 5 bits of a field set: raw is shown, nothing is guessed */
};

/* A layout somebody is known to write; ended by name NULL. */
struct pat_layout {
	uint64_t raw;
	const char *name;	/* "Linux", "power-on", ... */
	const char *source;
};
extern const struct pat_layout pat_layouts[];

void pat_decode(uint64_t raw, struct pat *out);
/* First slot of that type, or -1. */
int pat_slot_of(const struct pat *p, enum mtype t);
/* "WB WC UC- UC WB WP UC- WT" into buf (64 bytes suffice). */
void pat_format(const struct pat *p, char *buf, size_t len);
const char *pat_layout_name(uint64_t raw);	/* NULL when nobody known writes it */
/* Slot index that the three bits of an entry select. Where bit PAT sits depends on the level: the caller knows. */
unsigned int pat_index(bool pat, bool pcd, bool pwt);

#endif
