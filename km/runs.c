// SPDX-License-Identifier: GPL-2.0-only
/*
 * runs.c - fold entries side by side into runs.
 *
 * Nearly all of the time is spent in same(): a mapping of device memory is millions of entries that differ by their
 * frame.
 */
#include <linux/ioport.h>
#include <linux/pgtable.h>
#include <linux/uaccess.h>

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
 * With page table isolation the kernel's own copy of a root entry that leads to user space has NX, so that the kernel
 * does not run there by accident; the process runs on another copy, without (Linux arch/x86/mm/pti.c,
 * __pti_set_user_pgtbl).
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
		return wcdiag_is_present(raw) ? WCDIAG_KM_PRESENT : WCDIAG_KM_OTHER;
	/* Swap and migration entries of any level have bits 7 and 8 clear (Linux asm/pgtable_64.h). */
	if ((raw & _PAGE_PROTNONE) && wcdiag_is_leaf(raw, level))
		return WCDIAG_KM_PROTNONE;
	return WCDIAG_KM_OTHER;
}

static bool is_page(u8 kind)
{
	return kind == WCDIAG_KM_PRESENT || kind == WCDIAG_KM_PROTNONE;
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

static void upper_of(struct wcdiag_fold *f, const struct wcdiag_place *p, u32 run, u32 level)
{
	u32 i;

	for (i = 0; f->upper && i < ARRAY_SIZE(f->upper->entry); i++)
		f->upper[run].entry[i] = i + 2 > level ? p->entry[i + 2] : 0;
}

static __always_inline void begin(struct wcdiag_fold *f, const struct wcdiag_place *p, const struct leaf *l, u64 addr,
				  u64 end)
{
	struct wcdiag_km_run *r = &f->runs[f->n];

	r->start = addr;
	r->end = end;
	r->entry = l->raw;
	r->phys = l->phys;
	r->differ = 0;
	r->level = l->level;
	r->kind = l->kind;
	r->rights = l->rights;
	r->vma = f->vma;
	r->zero = 0;
	upper_of(f, p, f->n, l->level);
	f->n++;
	f->fresh = false;
}

static bool left_out(struct wcdiag_fold *f, const struct leaf *l)
{
	if (l->kind == WCDIAG_KM_NONE && f->skip_none)
		return true;
	return f->only_device &&
	       (l->phys == WCDIAG_KM_NO_PHYS || !wcdiag_not_ram(&f->ram, l->phys, size_of(l->level)));
}

/* false: no run is left, and f->full. */
static __always_inline bool add(struct wcdiag_fold *f, const struct wcdiag_place *p, const struct leaf *l, u64 addr,
				u64 end)
{
	struct wcdiag_km_run *r = f->runs + f->n - 1;

	if (left_out(f, l))
		return true;
	if (f->n && goes_on(f, r, l, addr)) {
		r->end = end;
		if (l->phys != WCDIAG_KM_NO_PHYS)
			r->differ |= (r->entry ^ l->raw) & f->ignore;
	} else if (f->n < f->max) {
		begin(f, p, l, addr, end);
	} else {
		f->full = true;
		return false;
	}
	return true;
}

/* phys is that of addr, which may lie inside a large page. */
static struct leaf leaf_of(u64 raw, u32 level, u8 upper, u64 addr)
{
	struct leaf l = { .raw = raw, .phys = WCDIAG_KM_NO_PHYS, .level = level, .kind = kind_of(raw, level) };

	if (is_page(l.kind)) {
		l.rights = both_rights(upper, rights_of(raw));
		l.phys = phys_of(raw, level) + (addr & (size_of(level) - 1));
	}
	return l;
}

/* By how much the next page's entry is greater, when its frame is the next one. */
static u64 step_of(u8 kind)
{
	switch (kind) {
	case WCDIAG_KM_PRESENT:		return PAGE_SIZE;
	case WCDIAG_KM_PROTNONE:	return -PAGE_SIZE;
	}
	return 0;
}

/*
 * How many of the entries table[0 .. count) go on where first ended, and in which ignored bits they differ. One that
 * cannot be read ends it: the caller comes to it by itself.
 */
static u32 same(const u64 *table, u32 count, u64 first, u64 step, u64 ignore, u64 *differ)
{
	u64 expected = first + step, all = 0, a, b, c, d;
	u32 i = 0;

	for (; i + 4 <= count; i += 4, expected += 4 * step) {
		__get_kernel_nofault(&a, table + i, u64, end);
		__get_kernel_nofault(&b, table + i + 1, u64, end);
		__get_kernel_nofault(&c, table + i + 2, u64, end);
		__get_kernel_nofault(&d, table + i + 3, u64, end);
		a ^= expected;
		b ^= expected + step;
		c ^= expected + 2 * step;
		d ^= expected + 3 * step;
		a |= b | c | d;
		if (a & ~ignore)
			break;
		all |= a;
	}
	for (; i < count; i++, expected += step) {
		__get_kernel_nofault(&a, table + i, u64, end);
		a ^= expected;
		if (a & ~ignore)
			break;
		all |= a;
	}
end:
	*differ |= all;
	return i;
}

/* Entry i has been added as l: those that go on from there, without a look at each. */
static u32 add_same(struct wcdiag_fold *f, const struct wcdiag_place *p, const struct leaf *l, u32 i)
{
	struct wcdiag_km_run *r = f->runs + f->n - 1;
	u64 ignore = f->ignore, first;
	u32 n;

	if (l->kind == WCDIAG_KM_OTHER || f->only_device)
		return 0;
	if (l->kind == WCDIAG_KM_NONE) {
		u64 none = 0;

		n = same(p->table + i + 1, p->count - i - 1, 0, 0, 0, &none);
		if (f->skip_none)
			return n;
	} else {
		/* Measured against the run's first page, as "differ" is. */
		first = (l->raw & ~ignore) | (r->entry & ignore);
		n = same(p->table + i + 1, p->count - i - 1, first, step_of(l->kind), ignore, &r->differ);
	}
	r->end += (u64)n * PAGE_SIZE;
	return n;
}

/*
 * The worst case: pages with the same bits in frames that lie anywhere, each a run of its own, as a process's memory
 * mostly is. From entry i on, the one before of which is l and has the last run. Returns how many; what is not of
 * this kind ends it.
 */
static u32 add_scattered(struct wcdiag_fold *f, const struct wcdiag_place *p, const struct leaf *l, u32 i, u64 addr)
{
	u64 bits = l->raw & ~frame_mask(1), before = l->raw, raw;
	struct wcdiag_km_run *r = f->runs + f->n - 1;
	u32 first = i, room = f->max - f->n;

	if (l->kind != WCDIAG_KM_PRESENT || f->only_device)
		return 0;
	for (; i < p->count && i - first < room; i++, addr += PAGE_SIZE) {
		__get_kernel_nofault(&raw, p->table + i, u64, end);
		if ((raw & ~frame_mask(1)) != bits || raw == before + PAGE_SIZE)
			break;
		before = raw;
		r[1] = r[0];
		r++;
		r->start = addr;
		r->end = addr + PAGE_SIZE;
		r->entry = raw;
		r->phys = (u64)pte_pfn(native_make_pte(raw)) << PAGE_SHIFT;
		r->differ = 0;
		/* Not as the run before has it: that may have begun in the table before. */
		upper_of(f, p, r - f->runs, 1);
	}
end:
	f->n += i - first;
	return i - first;
}

/* Frames side by side in the entries need not be so in the kernel's eyes: each is translated by itself. */
static bool foreign_frames(void)
{
	return boot_cpu_has(X86_FEATURE_XENPV);
}

static int add_table(struct wcdiag_fold *f, const struct wcdiag_place *p, u8 upper, u64 addr, u64 *next)
{
	struct leaf l = { .kind = WCDIAG_KM_NONE };
	u32 i, n;

	for (i = 0; i < p->count; i++) {
		u64 raw, at = addr + (u64)i * PAGE_SIZE;

		__get_kernel_nofault(&raw, p->table + i, u64, fault);
		if (is_page(l.kind) && !((raw ^ l.raw) & ~frame_mask(1)) && !foreign_frames()) {
			/* As the one before, but for the frame. */
			l.raw = raw;
			l.phys = phys_of(raw, 1);
		} else {
			l = leaf_of(raw, 1, upper, at);
		}
		if (!add(f, p, &l, at, at + PAGE_SIZE))
			break;
		n = foreign_frames() ? 0 : add_same(f, p, &l, i);
		if (!n && !foreign_frames())
			n = add_scattered(f, p, &l, i + 1, at + PAGE_SIZE);
		i += n;
	}
	*next = addr + (u64)i * PAGE_SIZE;
	return 0;
fault:
	return -EAGAIN;
}

int wcdiag_add(struct wcdiag_fold *f, const struct wcdiag_place *p, u64 addr, u64 end, u64 *next)
{
	u8 upper = upper_rights(f, p);
	struct leaf l;
	u64 stop;

	if (p->level == 1)
		return add_table(f, p, upper, addr, next);
	/* Up to the next entry of this level; the sum wraps at the end of the address space. */
	stop = (addr | (size_of(p->level) - 1)) + 1;
	if (stop - 1 > end - 1)
		stop = end;
	l = leaf_of(p->entry[p->level], p->level, upper, addr);
	*next = add(f, p, &l, addr, stop) ? stop : addr;
	return 0;
}

void wcdiag_mark(const struct wcdiag_fold *f, struct wcdiag_mark *m)
{
	m->n = f->n;
	m->fresh = f->fresh;
	m->full = f->full;
	if (f->n)
		m->last = f->runs[f->n - 1];
}

void wcdiag_take_back(struct wcdiag_fold *f, const struct wcdiag_mark *m)
{
	f->n = m->n;
	f->fresh = m->fresh;
	f->full = m->full;
	if (f->n)
		f->runs[f->n - 1] = m->last;
}
