// SPDX-License-Identifier: GPL-2.0-only
/*
 * ram.c - is a page RAM? Asked for every entry of a kernel walk, millions of times.
 *
 * A page that the page allocator manages is RAM; of the rest (the kernel's own image, firmware tables, BARs) the
 * resource tree decides. PageReserved alone says nothing: the kernel's text is reserved too. Pages of ZONE_DEVICE
 * have a struct page and may be a BAR (peer-to-peer memory).
 */
#include <linux/ioport.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/page-flags.h>

#include "internal.h"

/* Neighbours are asked about together: the tree is a list behind a lock. */
#define CHUNK	SZ_2M

static int in_tree(u64 start, u64 size)
{
	return region_intersects(start, size, IORESOURCE_SYSTEM_RAM, IORES_DESC_NONE);
}

/* Any of [phys, phys + size), which is one page of a size that the tables know. */
bool wcdiag_not_ram(struct wcdiag_ram *c, u64 phys, u64 size)
{
	u64 start = phys & ~(u64)(size - 1);

	if (size == PAGE_SIZE) {
		struct page *page = pfn_to_online_page(phys >> PAGE_SHIFT);

		if (page && !PageReserved(page) && !is_zone_device_page(page))
			return false;
	}
	/* A large page is asked about by itself: what holds for one of 1 GiB need not for each of 2 MiB in it. */
	if (size >= CHUNK)
		return in_tree(start, size) != REGION_INTERSECTS;
	if (start < c->start || start + size > c->end) {
		c->start = start & ~(u64)(CHUNK - 1);
		c->end = c->start + CHUNK;
		c->what = in_tree(c->start, CHUNK);
	}
	/* "Intersects" leaves room for holes: only "disjoint" holds for each page of a chunk. */
	return c->what == REGION_DISJOINT || in_tree(start, size) != REGION_INTERSECTS;
}
