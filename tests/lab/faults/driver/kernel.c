// SPDX-License-Identifier: GPL-2.0-only
/* kernel.c - what the driver maps or reserves for itself. */
#include <linux/io.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>

#include "wcfault.h"

bool part_of(const struct wcfault *w, enum part p, resource_size_t *offset, resource_size_t *len)
{
	const struct {
		resource_size_t offset, len;
	} parts[PARTS] = {
		[WHOLE] = { 0, w->size },
		[PAGE0] = { 0, PAGE_SIZE },
		[HALF0] = { 0, w->size / 2 },
		[HALF1] = { w->size / 2, w->size / 2 },
		[LAST] = { w->size - PAGE_SIZE, PAGE_SIZE },
		[BUT_LAST] = { 0, w->size - PAGE_SIZE },
		[WINDOW] = { SZ_64K, SZ_64K },
	};

	if (p <= NOWHERE || p >= PARTS || w->size < SZ_128K)
		return false;
	*offset = parts[p].offset;
	*len = parts[p].len;
	return true;
}

static int take(struct wcfault *w, size_t i)
{
	const struct taken *t = &w->c->taken[i];
	resource_size_t offset, len;

	if (t->take == NOTHING)
		return 0;
	if (!part_of(w, t->part, &offset, &len))
		return -EINVAL;
	if (t->take == RESERVE_WC) {
		int err = arch_io_reserve_memtype_wc(w->start + offset, len);

		w->reserved[i] = !err;
		return err;
	}
	w->mapped[i] = t->take == IOREMAP_WC ? ioremap_wc(w->start + offset, len) : ioremap(w->start + offset, len);
	return w->mapped[i] ? 0 : -ENOMEM;
}

/* What was taken before an error stays for kernel_give_back(). */
int kernel_take(struct wcfault *w)
{
	size_t i;
	int err;

	if (w->c->claims) {
		err = pci_request_region(w->pdev, w->bar, "wcfault");
		if (err)
			return err;
		w->claimed = true;
	}
	for (i = 0; i < ARRAY_SIZE(w->c->taken); i++) {
		err = take(w, i);
		if (err)
			return err;
	}
	return 0;
}

void kernel_give_back(struct wcfault *w)
{
	resource_size_t offset, len;
	size_t i;

	if (w->aside)
		vunmap(w->aside);
	w->aside = NULL;
	if (w->late)
		iounmap(w->late);
	w->late = NULL;
	for (i = 0; i < ARRAY_SIZE(w->c->taken); i++) {
		if (w->mapped[i])
			iounmap(w->mapped[i]);
		w->mapped[i] = NULL;
		if (w->reserved[i] && part_of(w, w->c->taken[i].part, &offset, &len))
			arch_io_free_memtype_wc(w->start + offset, len);
		w->reserved[i] = false;
	}
	if (w->claimed)
		pci_release_region(w->pdev, w->bar);
	w->claimed = false;
}
