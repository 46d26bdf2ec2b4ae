/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace_store.h - a store to a traced mapping is executed: by the tracer, or by the program with the mapping open. */
#ifndef WCDIAG_TRACE_STORE_H
#define WCDIAG_TRACE_STORE_H

#include "trace_look.h"

enum executed {
	EXECUTED,     /* th is stopped behind it (or, a string instruction, further on in it) */
	NOT_EXECUTED, /* a signal came first, or it faults by itself: th is resumed, or has a status to be looked at */
};

enum executed tr_execute(struct trace *t, struct thread *th, struct look *l);
/* This store as an end of a way. */
uint64_t tr_store_end(const struct thread *th, const struct look *l);
/* PUSHF under a step stored the tracer's trap flag: th stands behind it. */
void tr_clear_pushed(struct thread *th);
/* While a program is served SIGBUS is taken: the tracer's own store may find its page gone. */
void tr_bus_take(void);
void tr_bus_give(void);
void tr_unsaid(struct trace *t, struct thread *th, uint64_t ip, unsigned int bits);

#endif
