/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace_end.h - the ends of a trace: of one thread, of all. */
#ifndef WCDIAG_TRACE_END_H
#define WCDIAG_TRACE_END_H

#include "trace_int.h"

/* This one is no longer traced: th is gone. Its mappings are the caller's to care for. */
void tr_let_go(struct trace *t, struct thread *th);
/* SIGCHLD's action, which this process may have inherited as ignored: the default meanwhile. */
void tr_take_chld(struct trace *t);
void tr_give_chld(struct trace *t);
/* This thread's signal mask and CPUs while it serves a program, and afterwards. */
void tr_begin_run(struct trace *t);

#endif
