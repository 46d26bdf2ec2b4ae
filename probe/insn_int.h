/* SPDX-License-Identifier: GPL-2.0-or-later */
/* insn_int.h - internal: how operands in memory are kept between decoding and resolving. */
#ifndef WCDIAG_INSN_INT_H
#define WCDIAG_INSN_INT_H

#include "insn.h"

enum { INSN_RAX, INSN_RCX, INSN_RDX, INSN_RBX, INSN_RSP, INSN_RBP, INSN_RSI, INSN_RDI, INSN_RIP = 16, INSN_NONE = 255 };

enum { INSN_SEG_NONE, INSN_SEG_FS, INSN_SEG_GS };

/* struct insn_mem.access */
enum { INSN_READS = 1, INSN_WRITES = 2 };

/* struct insn_mem.how: which bytes of the operand it is. */
enum insn_how {
	HOW_PLAIN,
	HOW_NONE,     /* a row of the table only: names memory and does not touch it */
	HOW_ALWAYS,   /* a row of the table only: all of it, though Zydis says that it depends */
	HOW_MAYBE,    /* at most these bytes: not known */
	HOW_AREA,     /* an area: at most these bytes */
	HOW_XSAVE,    /* an area as large as struct insn_cpu says */
	HOW_XSAVEC,   /* ... compacted */
	HOW_KMASK,    /* elements by k[reg] */
	HOW_COMPRESS, /* as many elements as k[reg] has bits */
	HOW_VMASK,    /* elements by their top bits in v[reg] */
	HOW_MMASK,    /* bytes by their top bits in mm[reg] */
	HOW_SPREAD_K, /* gather, scatter: elements by k[reg] */
	HOW_SPREAD_V, /* ... by their top bits in v[reg] */
	HOW_BIT,      /* reg holds a bit offset */
	HOW_COUNT,    /* a shift by the count in reg */
	HOW_XLAT,     /* al is added */
	HOW_LINE,     /* the 64-byte line of it */
	HOW_DIRECT64, /* has to be aligned */
	HOW_FLUSH,    /* no access: the line of a cache instruction */
};

/* What Zydis does not say of an instruction; NULL: nothing. */
struct insn_row {
	uint16_t mnemonic;
	uint32_t flags;
	uint8_t writes, reads; /* enum insn_how */
	uint8_t isize;	       /* bytes of an index */
};

const struct insn_row *insn_row(unsigned int mnemonic);

/* The first bytes of a vector register; NULL: so many were not given. */
const uint8_t *insn_vector(const struct insn_regs *regs, unsigned int n, unsigned int bytes);

#endif
