/* SPDX-License-Identifier: GPL-2.0-or-later */
/* truth.h - the parts of the stepper that shares nothing with probe/: what it records, and how it names an instruction. */
#ifndef TRACE_TRUTH_H
#define TRACE_TRUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define MOST 0x8000 /* bytes of the file */

/* What an instruction is, by its own bytes. */
enum {
	T_LOCKED = 1,
	T_SFENCE = 2,
	T_MFENCE = 4,
	T_LFENCE = 8,
	T_SERIAL = 16,
	T_SYSCALL = 32,
	T_REP = 64,
	T_DIRECT = 128,
	T_SIGNAL = 256, /* no instruction: a signal that a handler took */
	T_CUT = 1024,   /* no instruction: the end of a stretch */
	T_KERNEL = 512, /* what changed was changed by the kernel */
};
unsigned int truth_class(const uint8_t *b, size_t n);

/* Bytes that one instruction changed: runs of [from, to). */
struct run {
	uint32_t from, to;
};
struct step {
	int task;
	uint64_t n, ip; /* of the task's steps; where */
	unsigned int is;
	size_t nruns;
	struct run *runs;
};
struct steps {
	struct step *s;
	size_t n, room;
};
void steps_add(struct steps *l, struct step s);
void runs_add(struct step *s, uint32_t from, uint32_t to);
/* b's into a: the same steps, with what either of them saw. NULL, or what is not the same. */
const char *steps_join(struct steps *a, const struct steps *b);
void steps_print(const struct steps *l, FILE *f);

#endif
