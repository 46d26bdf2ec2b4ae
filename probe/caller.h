/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * caller.h - who called the function that a stopped thread is in. READ: it reads a traced thread's registers and stack.
 *
 * No unwinding: a copy routine of the C library is a leaf, its return address lies on top of the stack; of a function
 * that has pushed something it is the first word that stands behind a call of that very function. Where neither is so
 * there is no answer.
 */
#ifndef WCDIAG_CALLER_H
#define WCDIAG_CALLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Do these n bytes end in a call? Its target, where the instruction itself names it, else 0: through a register, a
 * table. at: the address behind them. Pure.
 */
bool caller_is_call(const uint8_t *bytes, size_t n, uint64_t at, uint64_t *target);

struct caller {
	uint64_t call, behind; /* the call, and the address behind it */
	unsigned int at;       /* the word of the stack that holds this, counted from its top */
};

/*
 * The call that led into the function that begins at begin (0: not known). The thread is stopped, and traced by the
 * calling one. 0; -ENOENT: not to be told; or the errno of reading it.
 */
int caller_of(pid_t tid, uint64_t begin, struct caller *out);
/* Is it that one still, of a thread that is stopped at the same instruction? Cheaper than asking anew. */
bool caller_still(pid_t tid, const struct caller *c);

#endif
