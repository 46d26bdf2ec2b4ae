/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mtrr.c - MTRR registers of one CPU taken apart. Pure; mtrr_over.c says what they mean for a range.
 */
#include <string.h>

#include "msr.h"
#include "mtrr.h"

/* Intel SDM vol 3 section 11.11.2.1 */
#define DEF_FE	   (1ULL << 10)
#define DEF_E	   (1ULL << 11)
/* Section 11.11.2.3 */
#define MASK_VALID (1ULL << 11)
/* Linux arch/x86/kernel/cpu/mtrr/{amd,cleanup}.c: SYSCFG MtrrTom2En and Tom2ForceMemTypeWB, TOP_MEM2 bits 51:23 */
#define TOM2_EN	   (1ULL << 21)
#define TOM2_WB	   (1ULL << 22)
#define TOM2_ADDR  0xfffffff800000ULL
/* RdMem and WrMem beside the type of an AMD fixed range (AMD64 APM vol 2, notes on MtrrFixDramModEn) */
#define AMD_RDWR   0x18

/* Intel SDM vol 3 table 11-9: which registers make up fixed[], in the order of addresses. */
static const struct {
	uint32_t msr;
	unsigned int count;
} fixed_regs[] = {
	{ MSR_MTRR_FIX64K_00000, 1 },
	{ MSR_MTRR_FIX16K_80000, 2 },
	{ MSR_MTRR_FIX4K_C0000, 8 },
};

static enum mtype type_of(unsigned int byte)
{
	return byte < 8 ? (enum mtype)byte : MT_UNKNOWN;
}

static void decode_var(struct mtrr_var *v, unsigned int phys_bits)
{
	uint64_t space = 1ULL << phys_bits;
	uint64_t mask = v->mask_raw & (space - 1) & ~0xfffULL;

	v->type = type_of(v->base_raw & 0xff);
	if (!mask) {	/* compares no bit: everything matches */
		v->end = space;
		return;
	}
	v->start = v->base_raw & mask;
	v->end = v->start + (mask & -mask);
	/* A plain mask has every bit from its lowest up to the highest that an address can have. */
	v->odd = mask != space - (mask & -mask);
}

static void decode_vars(const struct msrs *m, unsigned int cpu, uint64_t cap, struct mtrr *out)
{
	out->vcnt = cap & MTRRCAP_VCNT;
	out->var_unread = out->vcnt > MTRR_MAX_VAR;
	for (unsigned int i = 0; i < mtrr_var_count(cap); i++) {
		struct mtrr_var *v = &out->var[i];
		bool base = msrs_get(m, cpu, MSR_MTRR_PHYSBASE0 + 2 * i, &v->base_raw);
		bool mask = msrs_get(m, cpu, MSR_MTRR_PHYSBASE0 + 2 * i + 1, &v->mask_raw);

		out->incomplete |= !base || !mask;
		v->valid = mask && (v->mask_raw & MASK_VALID);
		if (!mask || (v->valid && !base)) {
			v->valid = false;
			out->var_unread = true;
			continue;
		}
		decode_var(v, out->phys_bits);
	}
	out->incomplete |= out->var_unread;
}

static void decode_fixed(const struct msrs *m, unsigned int cpu, struct mtrr *out)
{
	unsigned int n = 0;

	out->fixed_known = true;
	for (size_t i = 0; i < sizeof(fixed_regs) / sizeof(fixed_regs[0]); i++)
		for (uint32_t k = 0; k < fixed_regs[i].count; k++) {
			uint64_t v = 0;

			if (!msrs_get(m, cpu, fixed_regs[i].msr + k, &v))
				out->fixed_known = false;
			for (unsigned int b = 0; b < 64; b += 8) {
				unsigned int byte = v >> b & 0xff;

				out->fixed[n++] = type_of(out->amd_known ? byte & ~AMD_RDWR : byte);
			}
		}
	out->incomplete |= !out->fixed_known;
}

static void decode_amd(const struct msrs *m, unsigned int cpu, struct mtrr *out)
{
	bool counts;

	out->amd_known = msrs_get(m, cpu, MSR_AMD_SYSCFG, &out->syscfg);
	counts = out->amd_known && (out->syscfg & TOM2_EN) && (out->syscfg & TOM2_WB) && out->enabled;
	msrs_get(m, cpu, MSR_AMD_TOP_MEM, &out->top_mem);
	if (msrs_get(m, cpu, MSR_AMD_TOP_MEM2, &out->top_mem2))
		out->top_mem2 &= TOM2_ADDR;
	else
		out->tom2_unread = counts;
	out->tom2_wb = counts && !out->tom2_unread;
	out->incomplete |= out->tom2_unread;
}

void mtrr_decode(const struct msrs *m, unsigned int cpu, unsigned int phys_bits, struct mtrr *out)
{
	uint64_t cap, def;

	memset(out, 0, sizeof(*out));
	out->def = MT_UNKNOWN;
	/* No CPU has fewer than 32 or, by the layout of its page table entries, more than 52. */
	out->phys_bits = phys_bits < 32 ? 32 : phys_bits > 52 ? 52 : phys_bits;
	if (!msrs_get(m, cpu, MSR_MTRRCAP, &cap) || !msrs_get(m, cpu, MSR_MTRR_DEF_TYPE, &def))
		return;
	out->present = true;
	out->enabled = def & DEF_E;
	out->fixed_enabled = def & DEF_FE;
	out->def = type_of(def & 0xff);
	out->wc_supported = cap & MTRRCAP_WC;
	decode_amd(m, cpu, out);
	decode_vars(m, cpu, cap, out);
	if (cap & MTRRCAP_FIX)
		decode_fixed(m, cpu, out);
	else
		out->fixed_enabled = false;	/* a reserved bit where there are no fixed ranges */
}
