// SPDX-License-Identifier: GPL-2.0-only
/* act.c - what a driver does later, when somebody has the BAR mapped already. */
#include <linux/io.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "wcfault.h"

/* Takes the region: a kernel with IO_STRICT_DEVMEM then takes the entries of resourceN and resourceN_wc away. */
static int act_claim(struct wcfault *w)
{
	int err;

	if (w->claimed)
		return -EBUSY;
	err = pci_request_region(w->pdev, w->bar, "wcfault");
	w->claimed = !err;
	return err;
}

static int late(struct wcfault *w, void __iomem *(*map)(resource_size_t, unsigned long))
{
	if (w->late)
		return -EBUSY;
	w->late = map(w->start, w->size);
	return w->late ? 0 : -ENOMEM;
}

static int act_ioremap(struct wcfault *w)
{
	return late(w, ioremap);
}

static int act_ioremap_wc(struct wcfault *w)
{
	return late(w, ioremap_wc);
}

/* A kernel mapping past the tracking, as i915 makes them: the protection is used as it is given. */
static int aside(struct wcfault *w, pgprot_t prot)
{
	unsigned long i, n = w->size >> PAGE_SHIFT, *pfns;

	if (w->aside)
		return -EBUSY;
	if (n > 1024)
		return -EFBIG;
	pfns = kmalloc_array(n, sizeof(*pfns), GFP_KERNEL);
	if (!pfns)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		pfns[i] = (w->start >> PAGE_SHIFT) + i;
	w->aside = vmap_pfn(pfns, n, prot);
	kfree(pfns);
	return w->aside ? 0 : -ENOMEM;
}

static int act_vmap_uc(struct wcfault *w)
{
	return aside(w, pgprot_noncached(PAGE_KERNEL));
}

static int act_vmap_wc(struct wcfault *w)
{
	return aside(w, pgprot_writecombine(PAGE_KERNEL));
}

/* Takes the entries of the node's mappings away, as drivers do before a reset. */
static int act_zap(struct wcfault *w)
{
	if (!w->mapping)
		return -ENXIO;
	unmap_mapping_range(w->mapping, 0, 0, 1);
	return 0;
}

static const struct {
	const char *name;
	int (*does)(struct wcfault *w);
} acts[] = {
	{ "claim", act_claim },
	{ "ioremap", act_ioremap },
	{ "ioremap-wc", act_ioremap_wc },
	{ "vmap-uc", act_vmap_uc },
	{ "vmap-wc", act_vmap_wc },
	{ "zap", act_zap },
};

int act(struct wcfault *w, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(acts); i++)
		if (strlen(acts[i].name) == len && !memcmp(acts[i].name, name, len))
			return acts[i].does(w);
	return -EINVAL;
}
