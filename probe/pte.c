/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pte.c - a page table entry, taken apart. */
#include "pte.h"

#include <errno.h>
#include <string.h>

#include "km/wcdiag_km.h"
#include "pat.h"

/* One encoding on both sides of the module, so that a run is copied and never translated. */
_Static_assert((int)PTE_NONE == WCDIAG_KM_NONE && (int)PTE_PRESENT == WCDIAG_KM_PRESENT &&
		       (int)PTE_PROTNONE == WCDIAG_KM_PROTNONE && (int)PTE_OTHER == WCDIAG_KM_OTHER,
	       "kinds");
_Static_assert((PTE_A | PTE_D | PTE_SOFT) == WCDIAG_KM_MAY_IGNORE, "bits that may be ignored");

#define BIT(n) (1ULL << (n))

/* Intel SDM vol 3, tables 4-15 (1 GiB), 4-17 (2 MiB), 4-20 (4 KiB); bit 8: Linux pgtable_types.h _PAGE_PROTNONE */
enum { B_P = 0, B_RW = 1, B_US = 2, B_PWT = 3, B_PCD = 4, B_A = 5, B_D = 6, B_PS = 7, B_PAT_4K = 7, B_G = 8,
       B_PROTNONE = 8, B_SOFT_LOW = 9, B_PAT_LARGE = 12, B_SOFT_HIGH = 58, B_NX = 63 };

/* Physical addresses end at bit 51, whatever the CPU has. */
#define FRAME_END BIT(52)

uint64_t pte_size(unsigned int level)
{
	return level >= 1 && level <= 5 ? 4096ULL << 9 * (level - 1) : 0;
}

uint64_t pte_frame_mask(unsigned int level)
{
	return level >= 1 && level <= 3 ? (FRAME_END - 1) & ~(pte_size(level) - 1) : 0;
}

static enum pte_kind kind_of(uint64_t raw)
{
	if (!raw)
		return PTE_NONE;
	if (raw & BIT(B_P))
		return PTE_PRESENT;
	return raw & BIT(B_PROTNONE) ? PTE_PROTNONE : PTE_OTHER;
}

int pte_decode(uint64_t raw, unsigned int level, struct pte *out)
{
	bool large = level > 1;

	*out = (struct pte){ .raw = raw, .level = level, .kind = kind_of(raw), .phys = PTE_NO_PHYS };
	if (level < 1 || level > 3)
		return -EINVAL;
	/* What hardware and PROT_NONE do not define is the kernel's own: a swap entry's bits are no flags. */
	if (out->kind == PTE_NONE || out->kind == PTE_OTHER)
		return 0;
	if (out->kind == PTE_PRESENT && large && !(raw & BIT(B_PS)))
		return -EINVAL;
	out->p = raw & BIT(B_P);
	out->rw = raw & BIT(B_RW);
	out->us = raw & BIT(B_US);
	out->pwt = raw & BIT(B_PWT);
	out->pcd = raw & BIT(B_PCD);
	out->a = raw & BIT(B_A);
	out->d = raw & BIT(B_D);
	out->ps = large && (raw & BIT(B_PS));
	out->g = out->p && (raw & BIT(B_G));
	out->nx = raw & BIT(B_NX);
	out->pat = raw & BIT(large ? B_PAT_LARGE : B_PAT_4K);
	out->soft = (unsigned int)(raw >> B_SOFT_LOW & 7) | (unsigned int)(raw >> B_SOFT_HIGH & 31) << 3;
	out->slot = pat_index(out->pat, out->pcd, out->pwt);
	/* Linux asm/pgtable-invert.h: against L1TF the frame of an entry that is not present stands inverted. */
	out->phys = (out->p ? raw : ~raw) & pte_frame_mask(level);
	return 0;
}

/* Below it no CPU has its C-bit (CPUID 8000_001F: 47 or 51), and every machine has memory. */
#define LOWEST_C_BIT 36

bool pte_maps(uint64_t raw, unsigned int level, uint64_t start, uint64_t phys)
{
	struct pte p;
	uint64_t unlike;

	if (pte_decode(raw, level, &p) || p.phys == PTE_NO_PHYS || ((start ^ phys) & (pte_size(level) - 1)))
		return false;
	unlike = p.phys ^ (phys & ~(pte_size(level) - 1));
	return !(unlike & (unlike - 1)) && !(unlike & (BIT(LOWEST_C_BIT) - 1));
}

void pte_flags(const struct pte *p, char *buf, size_t len)
{
	const struct {
		bool set;
		const char *name;
	} flag[] = {
		{ p->p, "P" },	 { p->rw, "RW" }, { p->us, "US" },   { p->pwt, "PWT" }, { p->pcd, "PCD" }, { p->a, "A" },
		{ p->d, "D" }, { p->pat, "PAT" }, { p->ps, "PS" }, { p->g, "G" },	  { p->nx, "NX" },
	};
	size_t at = 0;

	if (!len)
		return;
	for (size_t i = 0; i < sizeof(flag) / sizeof(flag[0]); i++) {
		size_t n = strlen(flag[i].name), gap = at != 0;

		if (!flag[i].set || at + gap + n >= len)
			continue;
		if (gap)
			buf[at++] = ' ';
		memcpy(buf + at, flag[i].name, n);
		at += n;
	}
	buf[at] = '\0';
}

const char *pte_kind_name(enum pte_kind k)
{
	static const char *const name[PTE_KINDS] = {
		[PTE_NONE] = "none",
		[PTE_PRESENT] = "present",
		[PTE_PROTNONE] = "prot-none",
		[PTE_OTHER] = "other",
	};

	return (unsigned int)k < PTE_KINDS ? name[k] : "unknown";
}
