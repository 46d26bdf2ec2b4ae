/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * drive_timing.h - the clock as a witness of a drive: what stores of two widths cost, against the same instructions
 * over ordinary memory (timing.h).
 *
 * The ordinary memory is stored to by this process, on the CPU that runs everything, before anything is mapped. The
 * same samples stand for both sides: the kernel's instructions are the same ones.
 */
#ifndef WCDIAG_DRIVE_TIMING_H
#define WCDIAG_DRIVE_TIMING_H

#include "drive.h"
#include "fact.h"
#include "timing.h"

/* Shorter batches cost as much to fence and to time as to store. */
#define DRIVE_TIMING_LINES 16

struct drive_timing;

/* Bytes a store of this pattern; 0: it is none of those that are compared. Pure. */
unsigned int drive_timing_width(unsigned int pattern);

/*
 * 0; -EINVAL and f MISSING: the plan's patterns have not two widths on this CPU, or the scratch range is too short for
 * DRIVE_TIMING_LINES, or this process may not run on the plan's CPU; -ENOMEM. In an emulated CPU no reference is taken.
 * The plan has to live as long.
 */
int drive_timing_open(const struct drive_plan *p, struct drive_timing **out, struct fact *f);
void drive_timing_close(struct drive_timing *t); /* NULL is allowed */

/* Cycles of whole batches; what is not to be compared is passed over. */
void drive_timing_take(struct drive_timing *t, enum drive_side side, unsigned int pattern, const uint32_t *cycles,
		       size_t n);

/* What they say of a side. 0, also where that is nothing (too few batches; emulated): out->why says so; -ENOMEM. */
int drive_timing_judge(const struct drive_timing *t, enum drive_side side, struct timing_result *out);

#endif
