/* SPDX-License-Identifier: GPL-2.0-or-later */
/* msr_int.h - what msr.c and msr_read.c share: filling the table of registers. */
#ifndef WCDIAG_MSR_INT_H
#define WCDIAG_MSR_INT_H

#include "msr.h"

/* Append; *room is the number of rows that there is memory for. 0 or -ENOMEM. */
int msrs_add(struct msrs *m, size_t *room, unsigned int cpu, uint32_t msr, uint64_t value);

/* Sort, and of rows for the same register keep the last. 0 or -ENOMEM. */
int msrs_finish(struct msrs *m);

#endif
