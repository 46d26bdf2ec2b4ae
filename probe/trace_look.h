/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace_look.h - the instruction that a stopped thread executes next, and what it would do to the mappings. */
#ifndef WCDIAG_TRACE_LOOK_H
#define WCDIAG_TRACE_LOOK_H

#include "trace_int.h"

struct look {
	const struct decoded *d;
	struct insn_effect e;
	bool quiet;	     /* touches no memory, orders nothing: e is not filled */
	bool stores;	     /* to a range, for certain or perhaps */
	struct range *range; /* the first that is stored to */
};

/* th's registers are there. Never fails: what cannot be known is said in d->err and by tr_tellings(). */
void tr_look(struct trace *t, struct thread *th, struct look *l);
/* The vector registers into t->regs as well. 0 or negative errno. */
int tr_look_vectors(struct trace *t, struct thread *th);
/* What it means, executed once (done iterations), into *out; bits of why something is missing into *unsaid. */
int tr_tellings(struct trace *t, struct thread *th, const struct look *l, uint64_t done, struct path_events *out,
		unsigned int *unsaid);

#endif
