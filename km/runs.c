// SPDX-License-Identifier: GPL-2.0-only
/*
 * runs.c - fold entries side by side into runs. Touches no page table.
 */
#include <linux/ioport.h>
#include <linux/pgtable.h>
#include <linux/string.h>

#include "internal.h"

/* What an entry says by itself; its address in the range is the caller's. */
struct leaf {
	u64 raw, phys;
	u8 level, kind, rights;
};

/* R/W and U/S are bits 1 and 2, NX is bit 63: moved to WCDIAG_KM_WRITE, USER and NX. */
static u8 rights_of(u64 raw)
{
	return (raw >> 1 & (WCDIAG_KM_WRITE | WCDIAG_KM_USER)) | (raw >> 61 & WCDIAG_KM_NX);
}

static u8 both_rights(u8 a, u8 b)
{
	return (a & b & (WCDIAG_KM_WRITE | WCDIAG_KM_USER)) | ((a | b) & WCDIAG_KM_NX);
}

/*
 * With page table isolation the kernel's own copy of a root entry that leads to user space has NX, so that the kernel does
 * not run there by accident; the process runs on another copy, without (Linux arch/x86/mm/pti.c, __pti_set_user_pgtbl).
 */
static u8 upper_rights(const struct wcdiag_fold *f, const struct wcdiag_place *p)
{
	u8 rights = WCDIAG_KM_WRITE | WCDIAG_KM_USER;
	u32 l, top = wcdiag_levels();

	for (l = top; l > p->level; l--) {
		u64 raw = p->entry[l];

		if (l == top && f->user && boot_cpu_has(X86_FEATURE_PTI))
			raw &= ~(u64)_PAGE_NX;
		rights = both_rights(rights, rights_of(raw));
	}
	return rights;
}

static u8 kind_of(u64 raw, u32 level)
{
	/* Not zero for some CPUs: an erratum sets A and D of empty entries (Linux _PAGE_KNL_ERRATUM_MASK). */
	if (!(raw & ~(u64)_PAGE_KNL_ERRATUM_MASK))
		return WCDIAG_KM_NONE;
	if (raw & _PAGE_PRESENT)
		return WCDIAG_KM_PRESENT;
	/* Swap and migration entries of any level have bits 7 and 8 clear (Linux asm/pgtable_64.h). */
	if ((raw & _PAGE_PROTNONE) && wcdiag_is_leaf(raw, level))
		return WCDIAG_KM_PROTNONE;
	return WCDIAG_KM_OTHER;
}

static u64 frame_mask(u32 level)
{
	switch (level) {
	case 1: return PTE_PFN_MASK;
	case 2: return PHYSICAL_PMD_PAGE_MASK;
	case 3: return PHYSICAL_PUD_PAGE_MASK;
	}
	return 0;
}

/* The kernel's own inlines undo the inversion of PROT_NONE and leave out the encryption bit. */
static u64 phys_of(u64 raw, u32 level)
{
	switch (level) {
	case 1: return (u64)pte_pfn(native_make_pte(raw)) << PAGE_SHIFT;
	case 2: return (u64)pmd_pfn(native_make_pmd(raw)) << PAGE_SHIFT;
	case 3: return (u64)pud_pfn(native_make_pud(raw)) << PAGE_SHIFT;
	}
	return WCDIAG_KM_NO_PHYS;
}

static u64 size_of(u32 level)
{
	return 1ULL << (PAGE_SHIFT + 9 * (level - 1));
}

/* The bits that must be equal within a run. What is not an entry of a page is equal as a whole or not at all. */
static u64 compared(const struct wcdiag_fold *f, const struct leaf *l)
{
	switch (l->kind) {
	case WCDIAG_KM_NONE:	return 0;
	case WCDIAG_KM_OTHER:	return ~0ULL;
	}
	return ~(frame_mask(l->level) | f->ignore);
}

static bool goes_on(const struct wcdiag_fold *f, const struct wcdiag_km_run *r, const struct leaf *l, u64 addr)
{
	if (f->fresh || r->end != addr || r->level != l->level || r->kind != l->kind || r->rights != l->rights)
		return false;
	if ((r->entry ^ l->raw) & compared(f, l))
		return false;
	return l->phys == WCDIAG_KM_NO_PHYS || r->phys + (addr - r->start) == l->phys;
}

/* false: no run is left, and f->full. */
static bool add(struct wcdiag_fold *f, const struct wcdiag_place *p, const struct leaf *l, u64 addr, u64 end)
{
	struct wcdiag_km_run *r = f->runs + f->n - 1;
	u32 i;

	if (l->kind == WCDIAG_KM_NONE && f->skip_none)
		return true;
	if (f->only_device && (l->phys == WCDIAG_KM_NO_PHYS || !wcdiag_not_ram(&f->ram, l->phys, size_of(l->level))))
		return true;
	if (f->n && goes_on(f, r, l, addr)) {
		r->end = end;
		if (l->phys != WCDIAG_KM_NO_PHYS)
			r->differ |= (r->entry ^ l->raw) & f->ignore;
		return true;
	}
	if (f->n == f->max) {
		f->full = true;
		return false;
	}
	*++r = (struct wcdiag_km_run) {
		.start = addr,
		.end = end,
		.entry = l->raw,
		.phys = l->phys,
		.level = l->level,
		.kind = l->kind,
		.rights = l->rights,
		.vma = f->vma,
	};
	if (f->upper)
		for (i = 0; i < ARRAY_SIZE(f->upper->entry); i++)
			f->upper[f->n].entry[i] = i + 2 > l->level ? p->entry[i + 2] : 0;
	f->n++;
	f->fresh = false;
	return true;
}

/* phys is that of addr, which may lie inside a large page. */
static struct leaf leaf_of(u64 raw, u32 level, u8 upper, u64 addr)
{
	struct leaf l = { .raw = raw, .phys = WCDIAG_KM_NO_PHYS, .level = level, .kind = kind_of(raw, level) };

	if (l.kind == WCDIAG_KM_PRESENT || l.kind == WCDIAG_KM_PROTNONE) {
		l.rights = both_rights(upper, rights_of(raw));
		l.phys = phys_of(raw, level) + (addr & (size_of(level) - 1));
	}
	return l;
}

u64 wcdiag_add(struct wcdiag_fold *f, const struct wcdiag_place *p, u64 addr, u64 end)
{
	u8 upper = upper_rights(f, p);
	struct leaf l;
	u32 i;

	if (p->level > 1) {
		/* Up to the next entry of this level; the sum wraps at the end of the address space. */
		u64 stop = (addr | (size_of(p->level) - 1)) + 1;

		if (stop - 1 > end - 1)
			stop = end;
		l = leaf_of(p->entry[p->level], p->level, upper, addr);
		return add(f, p, &l, addr, stop) ? stop : addr;
	}
	for (i = 0; i < p->count; i++, addr += PAGE_SIZE) {
		l = leaf_of(p->table[i], 1, upper, addr);
		if (!add(f, p, &l, addr, addr + PAGE_SIZE))
			break;
	}
	return addr;
}
