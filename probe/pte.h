/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pte.h - a page table entry, taken apart. Pure.
 *
 * Sources: Intel SDM vol 3, tables 4-14 to 4-20 (bits), 11.12.3 (which PAT slot the bits select); Linux
 * arch/x86/include/asm/pgtable_types.h (software bits, PROT_NONE) and pgtable-invert.h (inverted frame).
 */
#ifndef WCDIAG_PTE_H
#define WCDIAG_PTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an entry is. The numbers are those of km/wcdiag_km.h. */
enum pte_kind {
	PTE_NONE,	/* zero: nothing is there */
	PTE_PRESENT,
	PTE_PROTNONE,	/* bit 0 clear, bit 8 set: PROT_NONE; the frame stands inverted, PWT, PCD and PAT do not */
	PTE_OTHER,	/* swapped, migrating, ...: only the raw value means something */
	PTE_KINDS
};

#define PTE_NO_PHYS UINT64_MAX

/* Accessed, dirty and the software bits: what may differ among pages that are otherwise alike. */
#define PTE_A		(1ULL << 5)
#define PTE_D		(1ULL << 6)
#define PTE_SOFT	(0xe00ULL | 0x7c00000000000000ULL)

struct pte {
	uint64_t raw;
	unsigned int level;	/* 1: 4 KiB, 2: 2 MiB, 3: 1 GiB leaf */
	enum pte_kind kind;
	bool p, rw, us, pwt, pcd, a, d, ps, g, nx;
	bool pat;		/* bit 7 of a 4 KiB entry, bit 12 of a large one */
	unsigned int soft;	/* bits 9..11 in 0..2, bits 58..62 in 3..7, as they stand */
	unsigned int slot;	/* PAT << 2 | PCD << 1 | PWT; of PRESENT and PROTNONE */
	uint64_t phys;		/* of the page; PTE_NO_PHYS unless PRESENT or PROTNONE */
};

/*
 * level 1..3 (a leaf). Without memory encryption phys is exact; with it (AMD C-bit inside the frame) the reader of
 * the entry knows better. -EINVAL for another level. A level 2 or 3 entry whose PS bit is clear is no leaf: -EINVAL, unless
 * it is not present.
 */
int pte_decode(uint64_t raw, unsigned int level, struct pte *out);

/* Bytes that one leaf of that level maps: 4 KiB, 2 MiB, 1 GiB (level 4: 512 GiB, 5: 256 TiB). 0 for others. */
uint64_t pte_size(unsigned int level);
/* The bits of such a leaf (level 1..3) that hold the page frame; 0 for others. */
uint64_t pte_frame_mask(unsigned int level);

/*
 * Can this be the entry of a leaf that maps start to phys? Large pages are aligned on both sides, and the entry's frame is
 * phys's but for one bit at the most: the one that stands for memory encryption (AMD APM vol 2, 7.10.4: the C-bit).
 */
bool pte_maps(uint64_t raw, unsigned int level, uint64_t start, uint64_t phys);

/* "P RW US PWT - A D - G NX" as one word without blanks where a bit is clear: "P RW US PWT A D NX". 64 bytes suffice. */
void pte_flags(const struct pte *p, char *buf, size_t len);

const char *pte_kind_name(enum pte_kind k);	/* "none", "present", "prot-none", "other" */

#endif
