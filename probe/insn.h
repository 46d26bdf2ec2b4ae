/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * insn.h - what one instruction does to memory, told from its bytes and the registers before it; and that as events for
 * the model. Pure. 64-bit user mode only.
 *
 * Three steps: insn_decode() needs the bytes alone, so that its answer can be kept for each ip; insn_resolve() puts the
 * registers in; insn_events() keeps what falls into a range. What cannot be known from these is said to be unknown,
 * never guessed: struct insn_effect.unknown.
 *
 * It is told what the instruction does when it is executed to its end: whether it faults (a page, an alignment, a
 * privilege) is for whoever executes it to see. Not told: stores to a shadow stack by CALL, and the kernel's own.
 *
 * Sources: Intel SDM vol 1 and 2; vol 3, 9.3 (serialising instructions); AMD 24594 (CLZERO, MOVNTSS).
 */
#ifndef WCDIAG_INSN_H
#define WCDIAG_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model_text.h"

#define INSN_BYTES 15 /* the longest instruction */
#define INSN_MEMS  4  /* operands in memory */
#define INSN_PARTS 20 /* of an effect: 16 of a scatter are the most that occur */

/* struct insn.flags */
enum {
	INSN_LOCKED = 1 << 0, /* LOCK prefix, or XCHG with memory */
	INSN_SFENCE = 1 << 1,
	INSN_MFENCE = 1 << 2,
	INSN_LFENCE = 1 << 3,
	INSN_SERIAL = 1 << 4,
	INSN_SYSCALL = 1 << 5, /* SYSCALL, SYSENTER, INT n */
	INSN_PORT = 1 << 6,
	INSN_TRAP = 1 << 7,   /* always ends in an exception: INT3, UD2, HLT in user mode, ... */
	INSN_DIRECT = 1 << 8, /* MOVDIRI, MOVDIR64B */
	INSN_NONTEMPORAL = 1 << 9,
	INSN_STRING = 1 << 10,
	INSN_REP = 1 << 11,	  /* repeated by rcx; a single step traps after each iteration */
	INSN_UNTIL = 1 << 12,	  /* REPE, REPNE: it may end before rcx does */
	INSN_FLUSH = 1 << 13,	  /* CLFLUSH, CLFLUSHOPT, CLWB, CLDEMOTE: line[] names it, no store and no read */
	INSN_FLAGS_OUT = 1 << 14, /* PUSHF: stores RFLAGS, a tracer's TF too */
	INSN_FLAGS_IN = 1 << 15,  /* POPF, IRET: loads them */
	INSN_STRANGE = 1 << 16,	  /* touches memory, or orders it, in a way that is not told here */
};

/* One operand in memory; for insn_resolve(). */
struct insn_mem {
	int64_t disp;
	uint16_t size, esize; /* bytes; of an element */
	uint8_t base, index;  /* number of a register */
	uint8_t scale, seg, bits;
	uint8_t how, access;
	uint8_t reg;	  /* the mask's, the bit offset's or the count's */
	uint8_t elements; /* of a gather or scatter */
	uint8_t isize;	  /* bytes of an index */
};

struct insn {
	uint8_t len;
	uint8_t nmem;
	bool vectors; /* needs struct insn_regs.k, .v or .mm: else these need not be read */
	uint32_t flags;
	struct insn_mem mem[INSN_MEMS];
};

/* struct insn_regs.have */
enum {
	INSN_HAVE_K = 1,   /* k */
	INSN_HAVE_XMM = 2, /* the first 16 bytes of v[0..15] */
	INSN_HAVE_YMM = 4, /* the first 32 */
	INSN_HAVE_ZMM = 8, /* all of v */
	INSN_HAVE_MM = 16,
	INSN_IN_MMX = 32, /* the x87 unit is as an MMX instruction leaves it: one more changes only its operand */
};

/* Before the instruction. A register in its initial state is 0. */
struct insn_regs {
	uint64_t gpr[16]; /* as encoded: rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8 .. r15 */
	uint64_t rip, flags;
	uint64_t fs_base, gs_base;
	unsigned int have;
	uint64_t k[8];
	uint64_t mm[8];
	uint8_t v[32][64];
};

/* Of the CPU that executes it. 0: not known. */
struct insn_cpu {
	uint32_t xsave;	 /* bytes of an XSAVE area for what XCR0 enables: CPUID.(EAX=0DH,ECX=0):EBX */
	uint32_t xsavec; /* the same, compacted, with IA32_XSS: CPUID.(EAX=0DH,ECX=1):EBX */
};

/* Where an XSAVE area, not compacted, has its parts: CPUID.(EAX=0DH,ECX=n):EBX. 0: has none. */
struct insn_xlayout {
	uint32_t ymm, k, zmm_high, zmm_more; /* n: 2, 5, 6, 7 */
};

/* struct insn_effect.unknown: why something is not known. */
enum {
	INSN_NO_REGS = 1,  /* mask or index registers were not given */
	INSN_AREA = 2,	   /* which bytes of an area: XSAVE, FXSAVE, FNSAVE, ENTER with levels */
	INSN_MAYBE = 4,	   /* whether it is touched at all: a shift by 0; a read under a mask */
	INSN_NOT_TOLD = 8, /* INSN_STRANGE */
	INSN_FAULTS = 16,  /* so it faults: past the end of the address space, MOVDIR64B off its line; left out */
	INSN_SIZE = 32,	   /* how large the area is: struct insn_cpu */
	INSN_EDGE = 64,	   /* insn_events(): a direct store that lies in the range only in part */
	INSN_UNKNOWNS = 7
};

struct insn_access {
	uint64_t addr;
	uint64_t mask; /* masked: bit i: byte addr + i, never 0 and no bit at or above size */
	uint32_t size;
	bool masked;
	bool sure; /* else: at most these bytes */
};

struct insn_effect {
	unsigned int unknown;
	bool stores_anywhere, reads_anywhere; /* where is not known: it may be anywhere */
	unsigned int nstores, nreads;
	struct insn_access stores[INSN_PARTS], reads[INSN_PARTS]; /* in the order they are made; all reads first */
	/*
	 * A string instruction: iteration i touches addr + i * step of each access. count: iterations that rcx asks
	 * for, at most those with INSN_UNTIL; all others: 1.
	 */
	uint64_t count;
	int step;
	uint64_t line; /* INSN_FLUSH: an address in it */
};

/* 0; -ENODATA: the bytes end before the instruction does; -EBADMSG: no instruction, or none that is known. */
int insn_decode(const uint8_t *bytes, size_t n, struct insn *out);

/*
 * The mask and vector registers of an XSAVE area as ptrace gives it (NT_X86_XSTATE), into k, v, mm and have; the rest
 * of regs is left alone. -EBADMSG: it is too short, or compacted. Parts that it does not reach are not had.
 */
int insn_xstate(const uint8_t *area, size_t n, const struct insn_xlayout *layout, struct insn_regs *regs);

/* cpu: NULL where nothing is known. */
void insn_resolve(const struct insn *in, const struct insn_regs *regs, const struct insn_cpu *cpu,
		  struct insn_effect *out);

struct insn_range {
	uint64_t addr, size;
	enum mtype type; /* of the memory there */
};

/*
 * What the instruction means to the model, seen from a range: reads and stores inside it, cut to it, and what orders or
 * flushes, wherever it is. done: iterations of a string instruction that were executed (when single-stepped: 1), else
 * 1; 0: it was not executed, no event. A locked instruction that stores to the range closes the buffers before its
 * store and after it. Returns 0, or what fn returned when that was not 0. *unsaid: INSN_* bits of why something that
 * may have touched the range is missing from the events; 0: they are complete.
 */
int insn_events(const struct insn *in, const struct insn_effect *e, uint64_t ip, uint64_t done,
		const struct insn_range *range, model_event_fn fn, void *ctx, unsigned int *unsaid);

/* bit: one of struct insn_effect.unknown. A phrase. */
const char *insn_unknown_says(unsigned int bit);

#endif
