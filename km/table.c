// SPDX-License-Identifier: GPL-2.0-only
/*
 * table.c - walk down the page tables to one address and copy what lies at the end.
 *
 * Tables are freed while we look. mmap_lock, held for reading, only keeps the tables of munmap() and exit() for the VMA
 * at hand; others go without it:
 *  - a process's, by khugepaged and MADV_COLLAPSE (since Linux 6.6 without mmap_lock), by the sharing of hugetlb tables,
 *    and where PT_RECLAIM is configured by MADV_DONTNEED. All of these wait for an RCU grace period, or for an interrupt on
 *    every CPU, before the page is reused: it is the promise that get_user_pages_fast() lives by. Interrupts off and
 *    rcu_read_lock() from the root to the last byte copied give the same promise here (Linux mm/gup.c, "Fast GUP").
 *  - the kernel's, when a large ioremap or vmap takes the place of an empty table, or when the attributes of the direct map
 *    change. An interrupt on every CPU (flush_tlb_kernel_range) comes before the free, except on machines that broadcast
 *    the flush (AMD INVLPGB, Linux 6.15 on). There a table may really go. Two things make that harmless: a pointer is only
 *    followed after the entry above it has been read again and stands unchanged, so that what is followed was a table at
 *    that moment, that is RAM, never a device; and every read may fault (copy_from_kernel_nofault), should the page have
 *    left the direct map.
 *
 * What was copied counts only when all entries above it stand unchanged afterwards; else the walk begins anew.
 */
#include <linux/irqflags.h>
#include <linux/pgtable.h>
#include <linux/rcupdate.h>
#include <linux/uaccess.h>

#include "internal.h"

/* Sixteen times in a row something changed within microseconds: not seen yet, and no reason to hang. */
#define TRIES	16

/* The CPU sets these in its own time. */
#define BY_CPU	(_PAGE_ACCESSED | _PAGE_DIRTY)

u32 wcdiag_levels(void)
{
	return pgtable_l5_enabled() ? 5 : 4;
}

static u32 shift_of(u32 level)
{
	return PAGE_SHIFT + 9 * (level - 1);
}

static const u64 *entry_at(const void *table, u64 addr, u32 level)
{
	return (const u64 *)table + (addr >> shift_of(level)) % WCDIAG_ENTRIES;
}

/* Bit 7 is PS at levels 2 and 3; above it must be zero, at level 1 it belongs to the type. */
bool wcdiag_is_leaf(u64 raw, u32 level)
{
	return level == 1 || (level <= 3 && (raw & _PAGE_PSE));
}

static bool is_table(u64 raw, u32 level)
{
	return (raw & _PAGE_PRESENT) && !wcdiag_is_leaf(raw, level);
}

/* Entries of all levels hold the next frame in the same bits; pte_pfn() knows memory encryption and Xen's own frames. */
static const void *table_of(u64 raw)
{
	return __va((phys_addr_t)pte_pfn(native_make_pte(raw)) << PAGE_SHIFT);
}

static bool changed(const u64 *entry, u64 seen)
{
	u64 now;

	return copy_from_kernel_nofault(&now, entry, sizeof(now)) || ((now ^ seen) & ~(u64)BY_CPU);
}

static int descend(const void *root, u64 addr, u64 last, struct wcdiag_place *p)
{
	const u64 *at[WCDIAG_LEVELS + 2];
	const void *table = root;
	u32 top = wcdiag_levels(), level, l;
	u64 raw;

	for (level = top; level > 1; level--) {
		at[level] = entry_at(table, addr, level);
		if (copy_from_kernel_nofault(&raw, at[level], sizeof(raw)))
			return -EAGAIN;
		if (level < top && changed(at[level + 1], p->entry[level + 1]))
			return -EAGAIN;
		p->entry[level] = raw;
		if (!is_table(raw, level))
			break;
		table = table_of(raw);
	}
	p->level = level;
	if (level == 1) {
		u64 left = (last >> PAGE_SHIFT) - (addr >> PAGE_SHIFT) + 1;
		const u64 *first = entry_at(table, addr, 1);

		p->count = min_t(u64, left, WCDIAG_ENTRIES - (first - (const u64 *)table));
		if (copy_from_kernel_nofault(p->table, first, p->count * sizeof(*first)))
			return -EAGAIN;
	}
	for (l = top; l > level; l--)
		if (changed(at[l], p->entry[l]))
			return -EAGAIN;
	return 0;
}

int wcdiag_read(const void *root, u64 addr, u64 last, struct wcdiag_place *p)
{
	int err, tries = TRIES;
	unsigned long flags;

	do {
		memset(p->entry, 0, sizeof(p->entry));
		p->count = 0;
		local_irq_save(flags);
		rcu_read_lock();
		err = descend(root, addr, last, p);
		rcu_read_unlock();
		local_irq_restore(flags);
	} while (err && --tries);
	return err;
}
