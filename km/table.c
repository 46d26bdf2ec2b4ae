// SPDX-License-Identifier: GPL-2.0-only
/*
 * table.c - walk down the page tables to one address and have what lies at the end added to the runs.
 *
 * Tables are freed while we look:
 *  - a process's by munmap(), exit() and, for memory without a file, khugepaged, with mmap_lock held for writing or
 *    the last reference of the mm gone: not while the caller holds it for reading and a reference.
 *  - a process's by khugepaged and MADV_COLLAPSE for files (since Linux 6.6 without mmap_lock), and by MADV_DONTNEED
 *    where PT_RECLAIM is configured: after an RCU grace period, or an interrupt on every CPU. rcu_read_lock() and
 *    interrupts off keep these away.
 *  - a process's tables of hugetlb that are shared with another process and cease to be: that interrupts only CPUs that
 *    run the process, so not this one.
 *  - the kernel's, when a large ioremap or vmap takes the place of an empty table, or when the attributes of the direct
 *    map change: after an interrupt on every CPU (flush_tlb_kernel_range), but where the flush is broadcast (AMD
 *    INVLPGB, Linux 6.15 on) there is none.
 * In the last two a table may really go. Two things make that harmless: a pointer is followed only after the entry
 * above it has been read again and stands unchanged, so that what is followed was a table at that moment, that is RAM
 * and never a device; and every read may fault, should the page have left the direct map since.
 *
 * What was read counts only when all entries above it stand unchanged afterwards; else it is taken back and the walk
 * begins anew. Entries are folded where they stand: a copy of each table would cost more than all the rest. Only
 * where each entry means a look into the resource tree (kernel, only_device) they are copied, and folded with
 * interrupts on.
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

/*
 * Under Xen PV an entry holds a machine frame; of one that is not this kernel's (the hypervisor's own part of the
 * root) pte_val() takes the present bit away and the frame with it. Everywhere else both tests are the same.
 */
bool wcdiag_is_present(u64 raw)
{
	return (raw & _PAGE_PRESENT) && (pte_val(native_make_pte(raw)) & _PAGE_PRESENT);
}

static bool is_table(u64 raw, u32 level)
{
	return wcdiag_is_present(raw) && !wcdiag_is_leaf(raw, level);
}

/*
 * Entries of all levels hold the next frame in the same bits; pte_pfn() knows memory encryption and Xen's own frames.
 */
static const void *table_of(u64 raw)
{
	return __va((phys_addr_t)pte_pfn(native_make_pte(raw)) << PAGE_SHIFT);
}

/* It has been read before, by the function that also looks at the address. */
static bool changed(const u64 *entry, u64 seen)
{
	u64 now;

	__get_kernel_nofault(&now, entry, u64, gone);
	return (now ^ seen) & ~(u64)BY_CPU;
gone:
	return true;
}

static int descend(struct wcdiag_place *p, const void *table, u64 addr, u64 last)
{
	u32 top = wcdiag_levels(), level;
	u64 raw;

	memset(p->entry, 0, sizeof(p->entry));
	p->count = 0;
	for (level = top; ; level--) {
		p->at[level] = entry_at(table, addr, level);
		/* At level 1 it only shows that the table can be read. */
		if (copy_from_kernel_nofault(&raw, p->at[level], sizeof(raw)))
			return -EAGAIN;
		if (level < top && changed(p->at[level + 1], p->entry[level + 1]))
			return -EAGAIN;
		p->level = level;
		if (level == 1)
			break;
		p->entry[level] = raw;
		if (!is_table(raw, level))
			return 0;
		table = table_of(raw);
	}
	p->table = p->at[1];
	p->count = min_t(u64, (last >> PAGE_SHIFT) - (addr >> PAGE_SHIFT) + 1,
			 WCDIAG_ENTRIES - (p->table - (const u64 *)table));
	return 0;
}

static int copy_table(struct wcdiag_place *p)
{
	if (p->level > 1)
		return 0;
	if (copy_from_kernel_nofault(p->copy, p->table, p->count * sizeof(*p->table)))
		return -EAGAIN;
	p->table = p->copy;
	return 0;
}

static int still_so(const struct wcdiag_place *p)
{
	u32 l;

	for (l = wcdiag_levels(); l > p->level; l--)
		if (changed(p->at[l], p->entry[l]))
			return -EAGAIN;
	return 0;
}

static int try_step(struct wcdiag_fold *f, struct wcdiag_place *p, const void *root, u64 addr, u64 end, u64 *next)
{
	unsigned long flags;
	int err;

	local_irq_save(flags);
	rcu_read_lock();
	err = descend(p, root, addr, end - 1);
	if (!err)
		err = f->only_device ? copy_table(p) : wcdiag_add(f, p, addr, end, next);
	if (!err)
		err = still_so(p);
	rcu_read_unlock();
	local_irq_restore(flags);
	if (!err && f->only_device)
		err = wcdiag_add(f, p, addr, end, next);
	return err;
}

int wcdiag_step(struct wcdiag_fold *f, struct wcdiag_place *p, const void *root, u64 addr, u64 end, u64 *next)
{
	struct wcdiag_mark mark;
	int err, tries = TRIES;

	wcdiag_mark(f, &mark);
	do {
		err = try_step(f, p, root, addr, end, next);
		if (err)
			wcdiag_take_back(f, &mark);
	} while (err && --tries);
	return err;
}
