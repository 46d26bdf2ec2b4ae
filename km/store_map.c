// SPDX-License-Identifier: GPL-2.0-only
/*
 * store_map.c - the mapping of one STORE call, and what its page table entries really are.
 */
#include <linux/io.h>
#include <linux/pgtable.h>
#include <linux/sched.h>

#include "store.h"

/* Bits 3 and 4, and the third at 7 or, in a large page, 12 (Intel SDM vol 3, 4.9.2). */
static u8 slot_of(const struct wcdiag_km_run *r)
{
	u32 pat = r->level == 1 ? 7 : 12;

	return (r->entry >> 3 & 3) | (r->entry >> pat & 1) << 2;
}

/* false: these pages are not what was asked for. */
static bool note(struct wcdiag_store *s, const struct wcdiag_km_run *r)
{
	struct wcdiag_km_store *q = &s->req;
	u64 first = (unsigned long)s->mapping;

	if (r->kind != WCDIAG_KM_PRESENT || r->phys != s->phys + (r->start - first))
		return false;
	if (r->start == first) {
		q->entry = r->entry;
		q->phys = r->phys;
		q->level = r->level;
		q->slot = slot_of(r);
	} else if (slot_of(r) != q->slot) {
		q->other += (r->end - r->start) >> PAGE_SHIFT;
	}
	return true;
}

static int look(struct wcdiag_store *s)
{
	u64 at = (unsigned long)s->mapping, end = at + s->size, next;
	u32 i;

	if (!current->mm)
		return -ESRCH;
	for (; at < end; at = next) {
		int err;

		s->fold = (struct wcdiag_fold) {
			.runs = s->runs,
			.max = ARRAY_SIZE(s->runs),
			.ignore = WCDIAG_KM_MAY_IGNORE,
		};
		err = wcdiag_step(&s->fold, &s->place, current->mm->pgd, at, end, &next);
		if (err)
			return err;
		for (i = 0; i < s->fold.n; i++)
			if (!note(s, &s->runs[i]))
				return -EIO;
		cond_resched();
	}
	return 0;
}

int wcdiag_store_map(struct wcdiag_store *s)
{
	int err;

	s->mapping = s->req.type == WCDIAG_KM_WC ? ioremap_wc(s->phys, s->size) : ioremap(s->phys, s->size);
	if (!s->mapping)
		return -EBUSY;
	err = look(s);
	if (err)
		iounmap(s->mapping);
	return err;
}
