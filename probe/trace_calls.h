/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace_calls.h - system calls as a tracer of mappings sees them; pure. */
#ifndef WCDIAG_TRACE_CALLS_H
#define WCDIAG_TRACE_CALLS_H

#include <stdint.h>

/* What a call may do to mappings or masks. */
enum {
	CALL_MAPS = 1,	   /* makes, moves or takes away mappings */
	CALL_OPEN = 2,	   /* changes protections: the mapping has to be as the program left it */
	CALL_MASK = 4,	   /* may leave another signal mask behind */
	CALL_INDIRECT = 8, /* the buffers written to are named in memory that an argument points to */
	CALL_LATER = 16,   /* the kernel may write to memory long after it returned: io_uring, aio */
	CALL_ACTION = 32,
};

struct call {
	uint16_t nr;
	uint8_t writes; /* arguments (bit i: the i-th) that point to what the kernel may write */
	uint8_t what;
};

/* Never NULL: an unknown call may write through all of them. */
const struct call *call_of(uint64_t nr);

#endif
