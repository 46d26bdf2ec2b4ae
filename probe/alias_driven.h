/* SPDX-License-Identifier: GPL-2.0-or-later */
/* alias_driven.h - an experiment's own request for write-combining that an older reservation turned into something else. */
#ifndef WCDIAG_ALIAS_DRIVEN_H
#define WCDIAG_ALIAS_DRIVEN_H

#include "memtype.h"
#include "rule.h"

struct alias_driven {
	const struct memtype *older; /* the reservation that was there before */
	uint64_t start, end;	     /* what was asked for, physical */
};

/*
 * The kernel's side asked for WC with ioremap_wc() and got entries that do not combine, because something else was reserved
 * there before. Of the user's side it is not known what a driver's mmap handler asks for.
 */
bool alias_driven(const struct judge_ctx *c, struct alias_driven *out);

#endif
