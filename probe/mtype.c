/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mtype.c - names of memory types, and the tables that combine MTRR and PAT.
 */
#include <string.h>

#include "mtype.h"

static const char *const names[MT_COUNT] = {
	[MT_UC] = "UC",
	[MT_WC] = "WC",
	[MT_RSVD2] = "reserved 2",
	[MT_RSVD3] = "reserved 3",
	[MT_WT] = "WT",
	[MT_WP] = "WP",
	[MT_WB] = "WB",
	[MT_UCMINUS] = "UC-",
	[MT_UNKNOWN] = "unknown",
	[MT_UNDEFINED] = "undefined",
};

/* Linux arch/x86/mm/pat/memtype.h, cattr_name(); "broken" is its word for anything else and names no type. */
static const char *const kernel_names[MT_COUNT] = {
	[MT_UC] = "uncached",
	[MT_WC] = "write-combining",
	[MT_WT] = "write-through",
	[MT_WP] = "write-protected",
	[MT_WB] = "write-back",
	[MT_UCMINUS] = "uncached-minus",
};

/* Linux arch/x86/include/asm/pgtable_types.h, enum page_cache_mode */
static const enum mtype pcm_types[] = {
	[0] = MT_WB,
	[1] = MT_WC,
	[2] = MT_UCMINUS,
	[3] = MT_UC,
	[4] = MT_WT,
	[5] = MT_WP,
};

/* One cell of a combining table. A cell without a source is a hole: it answers nothing. */
struct cell {
	enum mtype type;
	const char *source;
};

#define SDM_PAT	  "Intel SDM vol 3 table 11-7; Xen xen/arch/x86/hvm/mtrr.c mm_type_tbl"
#define SDM_NOPAT "Intel SDM vol 3 table 11-6"
#define AMD_PAT	  "BitVisor core/cache.c pat_mtrr_matrix (cell marked AMD: UC); AMD64 APM vol 2 calls the type CD"

/* [MTRR type][PAT type] on Intel CPUs */
static const struct cell intel[8][8] = {
	[MT_UC][MT_UC] = { MT_UC, SDM_PAT },
	[MT_UC][MT_UCMINUS] = { MT_UC, SDM_PAT },
	[MT_UC][MT_WC] = { MT_WC, SDM_PAT },
	[MT_UC][MT_WT] = { MT_UC, SDM_PAT },
	[MT_UC][MT_WB] = { MT_UC, SDM_PAT },
	[MT_UC][MT_WP] = { MT_UC, SDM_PAT },

	[MT_WC][MT_UC] = { MT_UC, SDM_PAT },
	[MT_WC][MT_UCMINUS] = { MT_WC, SDM_PAT },
	[MT_WC][MT_WC] = { MT_WC, SDM_PAT },
	[MT_WC][MT_WT] = { MT_UC, SDM_PAT },
	[MT_WC][MT_WB] = { MT_WC, SDM_PAT },
	[MT_WC][MT_WP] = { MT_UC, SDM_PAT },

	[MT_WT][MT_UC] = { MT_UC, SDM_PAT },
	[MT_WT][MT_UCMINUS] = { MT_UC, SDM_PAT },
	[MT_WT][MT_WC] = { MT_WC, SDM_PAT },
	[MT_WT][MT_WT] = { MT_WT, SDM_PAT },
	[MT_WT][MT_WB] = { MT_WT, SDM_PAT },
	[MT_WT][MT_WP] = { MT_WP, SDM_PAT },

	[MT_WB][MT_UC] = { MT_UC, SDM_PAT },
	[MT_WB][MT_UCMINUS] = { MT_UC, SDM_PAT },
	[MT_WB][MT_WC] = { MT_WC, SDM_PAT },
	[MT_WB][MT_WT] = { MT_WT, SDM_PAT },
	[MT_WB][MT_WB] = { MT_WB, SDM_PAT },
	[MT_WB][MT_WP] = { MT_WP, SDM_PAT },

	[MT_WP][MT_UC] = { MT_UC, SDM_PAT },
	[MT_WP][MT_UCMINUS] = { MT_WC, SDM_PAT },
	[MT_WP][MT_WC] = { MT_WC, SDM_PAT },
	[MT_WP][MT_WT] = { MT_WT, SDM_PAT },
	[MT_WP][MT_WB] = { MT_WP, SDM_PAT },
	[MT_WP][MT_WP] = { MT_WP, SDM_PAT },
};

/* Where AMD's table differs from Intel's; every hole means "as Intel". */
static const struct cell amd[8][8] = {
	[MT_WP][MT_WT] = { MT_UC, AMD_PAT },
	[MT_WT][MT_WP] = { MT_UC, AMD_PAT },
	[MT_WP][MT_UCMINUS] = { MT_UC, AMD_PAT },
};

/* [MTRR type][PCD << 1 | PWT] on a CPU without PAT */
static const struct cell nopat[8][4] = {
	[MT_UC][0] = { MT_UC, SDM_NOPAT },
	[MT_UC][1] = { MT_UC, SDM_NOPAT },
	[MT_UC][2] = { MT_UC, SDM_NOPAT },
	[MT_UC][3] = { MT_UC, SDM_NOPAT },

	[MT_WC][0] = { MT_WC, SDM_NOPAT },
	[MT_WC][1] = { MT_WC, SDM_NOPAT },
	[MT_WC][2] = { MT_WC, SDM_NOPAT },
	[MT_WC][3] = { MT_UC, SDM_NOPAT },

	[MT_WT][0] = { MT_WT, SDM_NOPAT },
	[MT_WT][1] = { MT_WT, SDM_NOPAT },
	[MT_WT][2] = { MT_UC, SDM_NOPAT },
	[MT_WT][3] = { MT_UC, SDM_NOPAT },

	[MT_WP][0] = { MT_WP, SDM_NOPAT },
	[MT_WP][1] = { MT_WP, SDM_NOPAT },
	[MT_WP][2] = { MT_WC, SDM_NOPAT },
	[MT_WP][3] = { MT_UC, SDM_NOPAT },

	[MT_WB][0] = { MT_WB, SDM_NOPAT },
	[MT_WB][1] = { MT_WT, SDM_NOPAT },
	[MT_WB][2] = { MT_UC, SDM_NOPAT },
	[MT_WB][3] = { MT_UC, SDM_NOPAT },
};

const char *mtype_name(enum mtype t)
{
	return (unsigned int)t < MT_COUNT ? names[t] : names[MT_UNKNOWN];
}

const char *mtype_kernel_name(enum mtype t)
{
	return (unsigned int)t < MT_COUNT ? kernel_names[t] : NULL;
}

enum mtype mtype_from_kernel(const char *word, size_t len)
{
	for (unsigned int t = 0; t < MT_COUNT; t++)
		if (kernel_names[t] && strlen(kernel_names[t]) == len && !memcmp(kernel_names[t], word, len))
			return t;
	return MT_UNKNOWN;
}

enum mtype mtype_from_pcm(unsigned long pcm)
{
	return pcm < sizeof(pcm_types) / sizeof(pcm_types[0]) ? pcm_types[pcm] : MT_UNKNOWN;
}

static const struct cell *cell_of(enum cpu_vendor v, enum mtype mtrr, enum mtype pat)
{
	const struct cell *on_intel, *on_amd;

	if ((unsigned int)mtrr >= 8 || (unsigned int)pat >= 8 || !intel[mtrr][pat].source)
		return NULL;
	on_intel = &intel[mtrr][pat];
	on_amd = amd[mtrr][pat].source ? &amd[mtrr][pat] : on_intel;
	if (v == VENDOR_INTEL)
		return on_intel;
	if (v == VENDOR_AMD)
		return on_amd;
	return on_intel->type == on_amd->type ? on_intel : NULL;
}

enum mtype mtype_effective(enum cpu_vendor v, enum mtype mtrr, enum mtype pat)
{
	const struct cell *c;

	/* Whole columns that no MTRR changes: so they hold for an MTRR that nobody knows, too. */
	if (pat == MT_WC || pat == MT_UC)
		return pat;
	c = cell_of(v, mtrr, pat);
	return c ? c->type : MT_UNKNOWN;
}

const char *mtype_effective_source(enum cpu_vendor v, enum mtype mtrr, enum mtype pat)
{
	const struct cell *c;

	if (pat == MT_WC || pat == MT_UC)
		return SDM_PAT;
	c = cell_of(v, mtrr, pat);
	return c ? c->source : NULL;
}

enum mtype mtype_effective_nopat(enum mtype mtrr, bool pcd, bool pwt)
{
	unsigned int bits = (unsigned int)pcd << 1 | pwt;

	/* Again a column on which every row agrees. */
	if (pcd && pwt)
		return MT_UC;
	if ((unsigned int)mtrr >= 8 || !nopat[mtrr][bits].source)
		return MT_UNKNOWN;
	return nopat[mtrr][bits].type;
}
