/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * insn_value.h - the bytes that a store instruction stores, where they are a plain copy of a register or a constant;
 * and such a store done again elsewhere, same width, same kind. The tracer executes stores of known paths by this.
 *
 * Everything that computes (ADD to memory, a locked operation, SETcc, XSAVE, a scatter, a compress), and PUSH and CALL,
 * is not for this: the program executes it itself. Nor is what has another effect than its store: an MMX instruction
 * while the x87 unit is in use (INSN_IN_MMX).
 *
 * Sources: Intel SDM vol 2; AMD 26568 (MOVNTSS, MOVNTSD).
 */
#ifndef WCDIAG_INSN_VALUE_H
#define WCDIAG_INSN_VALUE_H

#include "insn.h"

enum insn_from {
	INSN_FROM_BYTES,  /* bytes[] hold what is stored */
	INSN_FROM_MEMORY, /* MOVS: size bytes at source, in the program; of an iteration */
};

enum insn_put_kind {
	INSN_PUT_PLAIN,
	INSN_PUT_NT,	 /* MOVNTI, MOVNTDQ, MOVNTPS, VMOVNTDQ, ... */
	INSN_PUT_DIRECT, /* MOVDIRI, MOVDIR64B; the latter's bytes are FROM_MEMORY */
};

struct insn_value {
	enum insn_from from;
	enum insn_put_kind kind;
	uint16_t size; /* 1, 2, 4, 8, 16, 32 or 64 */
	bool masked;   /* as struct insn_access: mask counts; only of 16 bytes and more */
	uint64_t mask; /* by byte, of bytes[] too; never 0 */
	bool aligned;  /* it faults off a boundary of size: insn_put() must not be asked then */
	uint64_t source;
	uint8_t bytes[64];
};

/*
 * The value of the one store that in (decoded from these bytes) makes, of its first iteration when it is a string
 * instruction. -EOPNOTSUPP: it is none of these, or it stores nothing now (rcx or the mask is 0); -ENODATA: a register
 * is needed that regs does not have: ask again with INSN_HAVE_*; whether it is asked for depends on the instruction
 * alone (a source in a vector needs them where struct insn.vectors is not set).
 */
int insn_value(const uint8_t *bytes, size_t n, const struct insn *in, const struct insn_regs *regs,
	       struct insn_value *out);

/*
 * Store it to dst, which is writable memory of this process, by one instruction of that width and kind; bytes: those of
 * v or what was read from source, size of them. A masked one by a masked instruction, and nothing else is touched.
 * -EOPNOTSUPP: this CPU has no such instruction, or dst is not aligned as it must be: nothing is stored.
 */
int insn_put(const struct insn_value *v, const void *bytes, void *dst);

/* Is there an instruction for it here? As insn_put(), without storing. */
int insn_put_can(const struct insn_value *v, const void *dst);

#endif
