/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verify.h - the same entries by both readers, the helper module and kcore: do they agree? Live. */
#ifndef WCDIAG_VERIFY_H
#define WCDIAG_VERIFY_H

#include "reader.h"

struct verify {
	struct reader km, kcore;
	struct fact km_fact, kcore_fact;      /* KNOWN, or why that one cannot read */
	uint64_t entries;		      /* alike in both */
	uint64_t differ;		      /* pieces that stay different, however often they are read */
	uint64_t moved;			      /* pieces that were different at first, or too many to look at again */
	int pid;			      /* of the first that differs: 0 the kernel; */
	uint64_t start, end;		      /* where; */
	bool by_km, by_kcore;		      /* who has an entry there, */
	struct pte_run first_km, first_kcore; /* and which */
};

/* Open both. 0 when both can read, else -ENODEV: the facts say which cannot. */
int verify_open(struct verify *v);
/*
 * A range of a process, or of the kernel (pid 0). flags: KM_DEVICE or 0. 0 (entries, differ and moved grow), or the
 * negative errno of a walk; *who: whose.
 */
int verify_range(struct verify *v, int pid, uint64_t start, uint64_t end, unsigned int flags,
		 const struct reader **who);
void verify_close(struct verify *v);

#endif
