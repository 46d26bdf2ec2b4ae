// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kcore_mem.c - kernel memory through /proc/kcore, which gives zeros for what it will not or cannot show.
 *
 * That are pages that are offline, poisoned by a memory error, or lent to the hypervisor, and such as fault when they
 * are read (Linux fs/proc/kcore.c). It does so page by page. So a read that is not all zeros was delivered; one that
 * is, is believed only when /proc/kpageflags says of that page that none of this holds.
 */
#include <errno.h>
#include <string.h>

#include "kcore_int.h"

/* Linux include/uapi/linux/kernel-page-flags.h */
#define FLAG_HWPOISON (1ULL << 19)
#define FLAG_NOPAGE   (1ULL << 20)
#define FLAG_OFFLINE  (1ULL << 23)

static const struct kcore_seg *seg_of(const struct kcore_mem *m, uint64_t addr, bool phys)
{
	for (size_t i = 0; i < m->image->n; i++) {
		const struct kcore_seg *s = &m->image->seg[i];
		uint64_t base = phys ? s->paddr : s->vaddr;

		if (s->paddr != KCORE_NO_PADDR && addr >= base && addr - base < s->size)
			return s;
	}
	return NULL;
}

static bool all_zero(const uint8_t *p, size_t len)
{
	return !len || (!*p && !memcmp(p, p + 1, len - 1));
}

static int from_seg(const struct kcore_mem *m, const struct kcore_seg *s, uint64_t at, void *buf, size_t len)
{
	uint64_t flags;
	int err;

	if (len > s->size - at || (s->paddr + at) % KCORE_PAGE + len > KCORE_PAGE)
		return -EFAULT;
	err = m->read(m->ctx, buf, len, s->offset + at);
	if (err || !all_zero(buf, len))
		return err;
	err = m->page_flags(m->ctx, (s->paddr + at) / KCORE_PAGE, &flags);
	return err || flags & (FLAG_HWPOISON | FLAG_NOPAGE | FLAG_OFFLINE) ? -EIO : 0;
}

int kcore_virt(const struct kcore_mem *m, uint64_t addr, void *buf, size_t len)
{
	const struct kcore_seg *s = seg_of(m, addr, false);

	return s ? from_seg(m, s, addr - s->vaddr, buf, len) : -EFAULT;
}

int kcore_phys(const struct kcore_mem *m, uint64_t phys, void *buf, size_t len)
{
	const struct kcore_seg *s = seg_of(m, phys, true);

	return s ? from_seg(m, s, phys - s->paddr, buf, len) : -EFAULT;
}

bool kcore_to_phys(const struct kcore_mem *m, uint64_t addr, uint64_t *phys)
{
	const struct kcore_seg *s = seg_of(m, addr, false);

	if (s)
		*phys = s->paddr + (addr - s->vaddr);
	return s;
}
