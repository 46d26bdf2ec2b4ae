/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * store.h - what the files of STORE share.
 */
#ifndef WCDIAG_KM_STORE_H
#define WCDIAG_KM_STORE_H

#include "internal.h"
#include "wcdiag_stores.h"

/* One call. */
struct wcdiag_store {
	struct wcdiag_km_store req;
	u32 lines, gap;			/* what counts, where the request says 0 */
	struct wcdiag_store_walk walk;
	u64 phys, size;			/* of the pages that the range lies in */
	u32 inside;			/* the range's start in the first of them */
	void __iomem *mapping;
	void *from;			/* a page of the data */
	u32 *samples;
	bool stop;			/* the device goes, or a driver comes */

	/* For the look at the mapping's own entries. */
	struct wcdiag_place place;
	struct wcdiag_fold fold;
	struct wcdiag_km_run runs[8];
};

/* store_asm.c. NULL: only user space has it. Whether this machine has what it needs, of the CPU and of the kernel. */
wcdiag_store_fn wcdiag_store_function(u32 pattern);
bool wcdiag_store_cpu_has(u32 pattern);
u64 wcdiag_store_clock(void);

/* store_map.c: map the pages of the range, and say which entries they have got. Unmapped by iounmap(). */
int wcdiag_store_map(struct wcdiag_store *s);

/* store_run.c */
void wcdiag_store_run(struct wcdiag_store *s);

#endif
