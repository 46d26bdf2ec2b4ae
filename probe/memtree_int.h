/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memtree_int.h - internal: the tree itself. */
#ifndef WCDIAG_MEMTREE_INT_H
#define WCDIAG_MEMTREE_INT_H

#include "memtree.h"

struct memtree {
	struct memnode *top;
	void *names;	    /* of tsearch(3): all but the top, by directory and name */
	uint64_t held;	    /* bytes in memory */
	int spill;	    /* the file without a name, or -1 */
	uint64_t spill_end; /* what is written to lies behind this */
};

#endif
