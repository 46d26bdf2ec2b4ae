/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stores_int.h - what the files of stores share.
 */
#ifndef WCDIAG_PROBE_STORES_INT_H
#define WCDIAG_PROBE_STORES_INT_H

#include "probe/stores.h"

/* The function of a pattern, NULL: only the kernel has it. */
wcdiag_store_fn stores_function(unsigned int pattern);

uint64_t stores_clock(void);

/* A run whose parameters are complete, and its way through the range. -EINVAL as stores_check(). */
int stores_begin(const struct stores_run *run, uint64_t length, struct stores_run *full,
		 struct wcdiag_store_walk *walk);

/* As many lines of the run's data as a message can have, aligned to a page: free(). NULL: no memory. */
void *stores_source(const struct stores_run *run);

#endif
