/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decode.h - which instructions empty a CPU's write-combining buffers, told by their bytes (Intel SDM vol 2 appendix A,
 * vol 3 8.3 and 11.3; 64-bit mode).
 */
#ifndef ANALYSER_DECODE_H
#define ANALYSER_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum insn_kind {
	INSN_OTHER,
	INSN_SFENCE,
	INSN_MFENCE,
	INSN_LFENCE,	/* empties nothing: only told */
	INSN_LOCK,	/* the prefix, or exchange with memory */
	INSN_SERIAL,
	INSN_TLB,	/* serialising, and afterwards addresses may mean something else */
	INSN_IRET,	/* serialising, and the end of an interrupt */
	INSN_IO,
	INSN_SYSCALL,	/* from user mode: no interrupt is under way */
	INSN_INTERRUPT,	/* no instruction: the first one of a handler */
	INSN_KINDS
};

struct insn {
	enum insn_kind kind;
	/* QEMU may make several stores of one that it executes: vectors, x87. Never so for a string instruction. */
	bool joins;
};

struct insn insn_decode(const uint8_t *byte, size_t size);

extern const char *const insn_name[INSN_KINDS];

#endif
