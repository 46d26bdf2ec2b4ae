/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * thread.h - whose instruction is this? The program's list holds what a thread's own instructions make of its stores,
 * as if nothing ever came in between: each thread that stores to the range has a model of its own, and only what is its
 * own empties it.
 *
 * Which thread runs is told by CR3 and FS base: in user mode FS base is the thread's pointer (System V ABI, x86-64,
 * 3.4.2), and Linux loads it at each switch. CR3 alone will not do: a kernel thread, and the idle loop, go on with the
 * page tables of whoever ran there before, on several CPUs at once. They have FS base 0.
 *
 * Not its own is
 *   what a handler does     from its first instruction to the IRET that goes back to where it came from: to the same
 *                           mode and the same stack pointer. Other IRETs in between end nothing: those of handlers
 *                           that interrupted this one, and those by which the kernel serialises ("sync_core"). A
 *                           signal's handler is in between likewise: it is entered with another stack pointer.
 *   what the kernel does    while the thread has called nothing since it last ran in user mode. SYSCALL itself empties.
 */
#ifndef ANALYSER_THREAD_H
#define ANALYSER_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "list.h"
#include "wc.h"

struct thread {
	uint64_t cr3, fs;
	bool in_kernel;		/* since it last ran in user mode it called, or stores there */
	bool away;		/* interrupted; where it was: */
	bool away_user;
	uint64_t away_stack;
	struct wc_model model;
	struct list_from from;
};

extern struct thread threads[];
extern unsigned int nthreads;

/* No thread has stored yet; each will have a model like this one, and the list. */
void thread_start(struct list *list, const struct wc_model *like);
/* The thread that stores there now; NULL when there are too many. False in *own when a handler of the kernel's does. */
struct thread *thread_stores(unsigned int cpu, uint64_t ip, bool *own);
/* The one whose own instruction at ip is; NULL when it is nobody's who ever stored. */
struct thread *thread_own(unsigned int cpu, uint64_t ip);
void thread_calls(struct thread *t);	/* SYSCALL, its own */
void thread_handler(unsigned int cpu);	/* before a handler's first instruction: all registers are in memory */
void thread_iret(unsigned int cpu, uint64_t frame);	/* an IRET takes what is there */

#endif
