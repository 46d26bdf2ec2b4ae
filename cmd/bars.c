/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bars.c - the memory BARs: address, flags, power, who claims them and which processes map them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/device.h"
#include "cmd/text.h"
#include "cmd/view.h"
#include "probe/machine.h"

static const struct col cols[] = {
	{ "SLOT", COL_TEXT, "device" },
	{ "BAR", COL_NUMBER, "number" },
	{ "ADDRESS", COL_HEX, "first byte; 0x0: not assigned" },
	{ "SIZE", COL_SIZE, "length" },
	{ "PREFETCH", COL_BOOL, "prefetchable: sysfs offers resourceN_wc" },
	{ "64BIT", COL_BOOL, "64-bit BAR" },
	{ "WC_FILE", COL_BOOL, "resourceN_wc exists" },
	{ "DECODE", COL_TEXT, "memory decoding in the command register" },
	{ "POWER", COL_TEXT, "power state" },
	{ "DRIVER", COL_TEXT, "bound driver" },
	{ "CLAIMED", COL_TEXT, "who requested the region (/proc/iomem)" },
	{ "MAPPED_BY", COL_TEXT, "processes that map it; ?: the device's node, perhaps this BAR" },
	{ NULL, 0, NULL },
};

struct args {
	struct device_arg dev;
	const struct cmd *c;
};

static const struct opt opts[] = { DEVICE_OPTS, { 0, NULL, NULL, NULL } };

static void mapped_by(const struct machine *m, int dev, int bar, const struct pci_bar *b, char *buf, size_t len)
{
	struct items t;

	items_begin(&t, buf, len);
	for (size_t i = 0; i < m->maps.n; i++) {
		const struct map *p = &m->maps.m[i];
		uint64_t end = p->phys + (p->vend - p->vstart);
		/* A driver's node, or vfio: which BAR it is may not be known. */
		bool maybe = !p->phys_known && p->dev == dev && (p->bar < 0 || p->bar == bar);

		if (maybe || (p->phys_known && b->addr && p->phys < b->addr + b->size && b->addr < end))
			items_add(&t, 1, " ", "%d(%s,%s%s)", p->pid, p->comm, map_kind_name(p->kind),
				  maybe && p->bar < 0 ? "?" : "");
	}
	items_end(&t);
}

static void claimed_by(const struct machine *m, const struct pci_device *d, const struct pci_bar *b, char *buf,
		       size_t len)
{
	const struct iomem_res *claim[4];
	int n = b->addr ? iomem_claims(&m->iomem, d->slot, b->addr, b->addr + b->size, claim, 4) : 0;
	struct items t;

	items_begin(&t, buf, len);
	for (int i = 0; i < n && i < 4; i++)
		items_add(&t, 1, ", ", "%s", claim[i]->name);
	items_end(&t);
}

static void add_bar(struct view *v, struct table *t, size_t dev, int bar)
{
	const struct pci_device *d = &v->m->pci.dev[dev];
	const struct pci_bar *b = &d->bar[bar];
	char text[4096];
	/* A table that can still be read; a program gets more. */
	size_t len = v->json ? sizeof(text) : 200;

	table_row(t);
	table_text(t, "%s", d->slot);
	table_num(t, (uint64_t)bar);
	table_num(t, b->addr);
	if (b->size)
		table_num(t, b->size);
	else
		table_none(t);
	table_num(t, !!(b->flags & RES_PREFETCH));
	table_num(t, !!(b->flags & RES_MEM_64));
	table_num(t, b->has_wc);
	table_text(t, "%s",
		   d->asleep		 ? "asleep, not read"
		   : d->virtual_function ? "by its PF"
		   : d->command < 0	 ? "not read"
		   : d->command & 2	 ? "on"
					 : "off");
	table_text(t, "%s%s",
		   d->power != PCI_POWER_UNKNOWN || d->asleep ? pci_power_name(d->power)
		   : d->power_said			      ? "not asleep"
							      : "not known",
		   d->suspended ? " (suspended)" : "");
	table_text(t, "%s", d->driver);
	claimed_by(v->m, d, b, text, len);
	table_text(t, "%s", text);
	mapped_by(v->m, (int)dev, bar, b, text, len);
	table_text(t, "%s", text);
}

static void show(struct view *v, void *ctx)
{
	struct table *t = table_new(cols);
	struct args *a = ctx;
	bool *sel = NULL;

	if (device_select(v->c, v->m, &a->dev, &sel, NULL, 0)) {
		v->rc = EXIT_FAILED;
		sel = NULL;
	}
	for (size_t d = 0; t && v->rc != EXIT_FAILED && d < v->m->pci.n; d++)
		for (int b = 0; b < 6; b++) {
			const struct pci_bar *p = &v->m->pci.dev[d].bar[b];

			if ((!sel || sel[d]) && (a->dev.bar < 0 || a->dev.bar == b) &&
			    (p->size || pci_bar_unplaced(p)) && (p->flags & RES_MEM))
				add_bar(v, t, d, b);
		}
	view_table(v, "bars", NULL, t);
	view_fact(v, "devices", &v->m->pci.fact);
	view_fact(v, "claims", &v->m->iomem.fact);
	view_fact(v, "mappings", &v->m->maps.fact);
	free(sel);
}

static int own(int val, const char *arg, void *ctx)
{
	struct args *a = ctx;

	return device_arg_opt(a->c, val, arg, &a->dev);
}

static int positional(const struct cmd *c, const char *arg, void *ctx)
{
	return device_arg_parse(c, arg, &((struct args *)ctx)->dev);
}

static int run(const struct cmd *c, int argc, char **argv)
{
	struct args a = { .c = c, .dev = { .bar = -1 } };

	return view_run(c, argc, argv, READ_PCI | READ_IOMEM | READ_MAPS | READ_ENTRIES, own, &a, positional, show);
}

const struct cmd cmd_bars = {
	.name = "bars",
	.args = "[DEVICE[:BAR]]",
	.help = "memory BARs: address, flags, power, who claims and who maps them",
	.more = "A sleeping device is not woken: its config space is then not read.\n"
		"Exit status: 0 read, 2 something could not be read (which is said), 3 usage or failure.",
	.opts = opts,
	.common = OPT_ROOT | OPT_JSON,
	.run = run,
};
