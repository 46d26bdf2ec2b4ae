/* SPDX-License-Identifier: GPL-2.0-or-later */
/* observed_sum.h - memory writes counted: by size, by address, by byte enables, and what they cost. Pure. */
#ifndef WCDIAG_OBSERVED_SUM_H
#define WCDIAG_OBSERVED_SUM_H

#include "tlp.h"

#define SUM_PAGES 4096u /* pages of 4 KiB that are kept apart */

enum sum_enables {
	SE_ALL,	  /* every byte */
	SE_FIRST, /* some of the first doubleword */
	SE_LAST,  /* some of the last */
	SE_BOTH,
	SE_NONE, /* no byte: it flushes what is under way */
	SE_KINDS
};

struct sum_range {
	uint64_t start, end; /* of pages that follow each other */
	uint64_t tlps, bytes;
};

struct observed_sum {
	uint64_t tlps, bytes, wire;
	uint64_t size[1025];  /* by doublewords */
	uint64_t whole_lines; /* 64 bytes, aligned, every byte */
	uint64_t enables[SE_KINDS];
	uint64_t illegal; /* by PCI Express; what is wrong with the first of them, and where it is */
	const char *wrong;
	uint64_t wrong_at;
	uint64_t more; /* TLPs to still other pages */
	struct sum_range page[SUM_PAGES];
	uint32_t slot[2 * SUM_PAGES];
	size_t n;
};

/* *s is zero before the first. mps as for model_tlp_illegal(). */
void observed_sum_add(struct observed_sum *s, const struct tlp *t, uint64_t at, unsigned int mps);
/* Pages that follow each other become one: s->page, s->n. Afterwards nothing can be added. */
void observed_sum_end(struct observed_sum *s);
const char *observed_enables_says(enum sum_enables e);

#endif
