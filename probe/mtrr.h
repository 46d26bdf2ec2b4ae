/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mtrr.h - MTRRs of one CPU: default, fixed and variable ranges, AMD's TOP_MEM2, and what they say of a range.
 *
 * Sources: Intel SDM vol 3 section 11.11 (fields, overlap rules 11.11.4.1); AMD SYSCFG bits: Linux
 * arch/x86/kernel/cpu/mtrr/{amd,cleanup}.c. All ends are exclusive.
 */
#ifndef WCDIAG_MTRR_H
#define WCDIAG_MTRR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fact.h"
#include "mtype.h"

struct msrs;
struct src;

#define MTRR_MAX_VAR 32		/* VCNT is 8 bits wide, but 0x200 + 2*40 would run into the fixed ones */
#define MTRR_FIXED 88

/* How many variable ranges of MTRRcap are looked at. */
static inline unsigned int mtrr_var_count(uint64_t cap)
{
	unsigned int n = cap & 0xff;

	return n < MTRR_MAX_VAR ? n : MTRR_MAX_VAR;
}

struct mtrr_var {
	uint64_t base_raw, mask_raw;
	bool valid;
	bool odd;		/* discontinuous mask: legal, discouraged; start and end are meaningless then */
	enum mtype type;	/* reserved ones (2, 3, 7) are kept as found; MT_UNKNOWN above 7 */
	uint64_t start, end;
};

struct mtrr {
	bool present;		/* MTRRcap and DEF_TYPE were readable */
	bool enabled, fixed_enabled;	/* DEF_TYPE.E, .FE */
	bool wc_supported;	/* MTRRcap.WC */
	unsigned int vcnt;	/* as MTRRcap says; var[] holds min(vcnt, MTRR_MAX_VAR) */
	enum mtype def;
	unsigned int phys_bits;	/* 32..52, whatever CPUID claimed */
	struct mtrr_var var[MTRR_MAX_VAR];
	bool fixed_known;
	uint8_t fixed[MTRR_FIXED];	/* 8 x 64K, 16 x 16K, 64 x 4K: types as in var; AMD RdMem/WrMem masked off */
	bool amd_known;			/* SYSCFG was readable */
	uint64_t syscfg, top_mem, top_mem2;
	bool tom2_wb;			/* 4 GiB .. top_mem2 defaults to WB: SYSCFG bits 21 and 22, DEF_TYPE.E */
	bool incomplete;		/* a register that should be there was not read */
	bool var_unread;		/* ... a variable range: it could cover anything */
	bool tom2_unread;		/* ... TOP_MEM2, although SYSCFG says that it counts */
};

/* Why a span has its type. */
enum mtrr_origin {
	MTRR_BY_DISABLED,
	MTRR_BY_DEFAULT,
	MTRR_BY_FIXED,
	MTRR_BY_VARIABLE,
	MTRR_BY_TOM2,
	MTRR_BY_UNKNOWN,	/* registers not read, or an address beyond phys_bits: always MT_UNKNOWN */
};

struct mtrr_span {
	uint64_t start, end;
	enum mtype type;	/* MT_UNDEFINED: a mix without a rule; MT_UNKNOWN: an odd mask, a missing register */
	enum mtrr_origin origin;
	uint32_t vars;		/* bit n: variable range n covers it; 0 where variable ranges do not count */
};

/* Pure: gather one CPU's MTRRs from its registers. phys_bits from CPUID 0x80000008 (36 when not known). */
void mtrr_decode(const struct msrs *m, unsigned int cpu, unsigned int phys_bits, struct mtrr *out);

/*
 * Type of each part of [start, end): at most max spans, ascending, without gaps, neighbours of equal type, origin and
 * vars merged. Returns the number of spans, or -E2BIG when max does not suffice, -EINVAL when start >= end.
 */
int mtrr_over(const struct mtrr *t, uint64_t start, uint64_t end, struct mtrr_span *span, size_t max);

/* The one type of the whole range; MT_UNKNOWN when it has several or cannot be told. */
enum mtype mtrr_type(const struct mtrr *t, uint64_t start, uint64_t end);

/*
 * Do the two CPUs say different things: in the type of any part of [start, end) or, with start == end == 0, in any
 * register? What was not read on one of them is no difference: look at present and incomplete first.
 */
bool mtrr_differ(const struct mtrr *a, const struct mtrr *b, uint64_t start, uint64_t end);

const char *mtrr_origin_name(enum mtrr_origin o);	/* "variable range", "default type", "MTRRs disabled", ... */

/* /proc/mtrr: a second, weaker source (variable ranges of the boot CPU only). */
struct proc_mtrr_row {
	unsigned int reg;
	uint64_t base, size;
	unsigned long count;
	enum mtype type;
};
struct proc_mtrr {
	struct proc_mtrr_row *row;
	size_t n;
	struct fact fact;	/* ABSENT when the machine has no /proc/mtrr */
};
int proc_mtrr_parse(const char *text, size_t len, struct proc_mtrr *out, unsigned int *line, const char **what);
int proc_mtrr_read(const struct src *s, struct proc_mtrr *out);
void proc_mtrr_free(struct proc_mtrr *p);

#endif
