/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rules_pci.c - is the BAR there, decoded, prefetchable, awake, and who claims it? */
#include <stdio.h>
#include <string.h>

#include "machine.h"
#include "rule.h"

static const struct pci_bar *bar_of(const struct judge_ctx *c)
{
	return &c->dev->bar[c->bar];
}

static void unassigned(struct judge_ctx *c)
{
	const struct pci_bar *b = bar_of(c);
	struct finding *f;

	if (b->addr && !(b->flags & (RES_UNSET | RES_DISABLED))) {
		unsigned int bits = c->m->cpu.fact.state == FACT_KNOWN ? c->m->cpu.phys_bits : 52;

		/* No CPU reaches there: what sysfs says cannot be so. */
		if (!c->end || (c->end - 1) >> bits) {
			f = hit_says(c, SEV_UNKNOWN,
				     "the BAR is said to begin at {address} with {size} bytes, which lies beyond the "
				     "{bits} address bits of this CPU: its place cannot be believed",
				     "compare with lspci -v on that machine; in a snapshot, record it again");
			ev_hex(f, "address", b->addr);
			ev_hex(f, "size", b->size);
			ev_num(f, "bits", bits);
		}
		return;
	}
	f = hit(c, SEV_BROKEN);
	ev_hex(f, "address", b->addr);
	ev_hex(f, "flags", b->flags);
	ev_text(f, "because", "%s",
		pci_bar_unplaced(b)    ? "the device has it, but the kernel found no room for it and dropped it"
		: !b->addr	       ? "its address is 0"
		: b->flags & RES_UNSET ? "the kernel found no room for it (UNSET)"
				       : "it is disabled (DISABLED)");
}

enum { COMMAND_MEMORY = 2 };

static void decode_off(struct judge_ctx *c)
{
	struct finding *f;

	if (c->dev->command >= 0 && !(c->dev->command & COMMAND_MEMORY)) {
		f = hit(c, SEV_BROKEN);
		ev_hex(f, "command", (uint64_t)c->dev->command);
		ev_text(f, "slot", "%s", c->dev->slot);
	}
	/* A bridge above forwards by the same bit of its own command register (PCI-to-PCI Bridge 1.2, 3.2.5.3). */
	for (int up = c->dev->parent, n = 0; up >= 0 && n < 32; up = c->m->pci.dev[up].parent, n++) {
		const struct pci_device *b = &c->m->pci.dev[up];

		if (b->asleep || (b->command >= 0 && (b->command & COMMAND_MEMORY)))
			continue;
		if (b->command >= 0) {
			f = hit_says(c, SEV_BROKEN,
				     "the bridge {slot} above the device forwards no memory accesses (command register "
				     "{command}, bit 1 is 0): stores to the BAR do not get through",
				     c->rule->fix);
			ev_hex(f, "command", (uint64_t)b->command);
		} else {
			f = hit_says(c, SEV_UNKNOWN,
				     "whether the bridge {slot} above the device forwards memory accesses could not be "
				     "read: {file}: {error}",
				     b->config.remedy);
			ev_text(f, "file", "%s", b->config.where);
			ev_text(f, "error", "%s", b->config.why);
		}
		ev_text(f, "slot", "%s", b->slot);
	}
}

/* The device itself, or a bridge above it: nothing gets through a bridge that sleeps. */
static const struct pci_device *sleeper(const struct judge_ctx *c)
{
	const struct pci_device *d = c->dev;

	for (int n = 0; n < 32; n++) {
		if (d->asleep)
			return d;
		if (d->parent < 0)
			break;
		d = &c->m->pci.dev[d->parent];
	}
	return NULL;
}

static void asleep(struct judge_ctx *c)
{
	const struct pci_device *d = sleeper(c);
	struct finding *f;

	if (!d)
		return;
	/*
	 * Runtime PM leaves a device without a driver in D0 (Linux pci_pm_runtime_suspend): "suspended" alone does not
	 * say that it does not answer, and looking would wake it.
	 */
	f = d->power >= PCI_POWER_D1 ? hit(c, SEV_BROKEN)
				     : hit_says(c, SEV_UNKNOWN,
						"runtime PM has suspended {who} (power state {power_state}): whether "
						"it answers cannot be told "
						"without waking it, so its config space was left alone",
						c->rule->fix);
	ev_text(f, "who", d == c->dev ? "the device" : "the bridge above the device, %s,", d->slot);
	ev_text(f, "power_state", "%s", pci_power_name(d->power));
	ev_text(f, "runtime_status", "%s", d->suspended ? "suspended" : "not suspended");
	ev_text(f, "slot", "%s", d->slot);
}

/* The process that stores to this BAR through its sysfs file and has no WC there by other means, if any. */
static const struct map *sysfs_mapper(const struct judge_ctx *c)
{
	int dev = (int)(c->dev - c->m->pci.dev);

	for (size_t i = 0; i < c->m->maps.n; i++) {
		const struct map *p = &c->m->maps.m[i];

		if (p->kind == MAP_SYSFS && p->dev == dev && p->bar == c->bar && p->write && p->phys_known &&
		    !memtype_covers(&c->m->memtype, p->phys, map_phys_end(p), MT_WC) &&
		    machine_mtrr_wc(c->m, p->phys, map_phys_end(p)) != TRI_YES)
			return p;
	}
	return NULL;
}

static void not_prefetchable(struct judge_ctx *c)
{
	const struct map *p = sysfs_mapper(c);
	struct finding *f;

	if (bar_of(c)->flags & RES_PREFETCH)
		return;
	f = hit(c, p ? SEV_BROKEN : SEV_SUSPECT);
	ev_hex(f, "flags", bar_of(c)->flags);
	ev_text(f, "so", "%s",
		p ? "the process that maps it through sysfs can only have UC-"
		  : "only a driver's own mapping can ask for WC");
	if (p) {
		ev_num(f, "pid", (uint64_t)p->pid);
		ev_text(f, "process", "%s", p->comm);
		ev_text(f, "path", "%s", p->path);
	}
}

enum { LIKELY_PREFETCH_SIZE = 1 << 20 };

/*
 * "Likely": real devices make their large 64-bit BARs prefetchable, because a bridge has no other window above 4 GiB.
 * Virtual devices are known not to care.
 */
static void lost_prefetch(struct judge_ctx *c)
{
	const struct pci_bar *b = bar_of(c);
	struct finding *f;

	if (!c->m->hyper.guest || (b->flags & RES_PREFETCH) || !(b->flags & RES_MEM_64) ||
	    b->size < LIKELY_PREFETCH_SIZE)
		return;
	if (c->dev->vendor == 0x1af4 || c->dev->vendor == 0x1b36 || c->dev->vendor == 0x1234)
		return;
	f = hit(c, SEV_SUSPECT);
	ev_hex(f, "flags", b->flags);
	ev_hex(f, "size", b->size);
}

static void bridge_window(struct judge_ctx *c)
{
	const struct pci *p = &c->m->pci;

	if (!(bar_of(c)->flags & RES_PREFETCH) || !c->end)
		return;
	/* parent is always the index of a lower device or -1, but do not trust a loop in a snapshot */
	for (int up = c->dev->parent, n = 0; up >= 0 && n < 32; up = p->dev[up].parent, n++) {
		const struct pci_device *br = &p->dev[up];

		for (unsigned int w = 0; w < br->nwindow; w++) {
			const struct pci_window *x = &br->window[w];
			struct finding *f;

			if (x->io || x->prefetch || x->start >= x->end || c->start < x->start || c->end > x->end)
				continue;
			f = hit(c, SEV_INFO);
			ev_text(f, "bridge", "%s", br->slot);
			ev_range(f, "window", x->start, x->end);
			return;
		}
	}
}

static void claimed(struct judge_ctx *c)
{
	const struct iomem_res *claim[8];
	struct finding *f;
	char names[160] = "";
	size_t k = 0;
	int n;

	if (!c->end)
		return;
	n = iomem_claims(&c->m->iomem, c->dev->slot, c->start, c->end, claim, 8);
	if (n <= 0)
		return;
	for (int i = 0; i < n && i < 8 && k < sizeof(names) - 70; i++)
		k += (size_t)snprintf(names + k, sizeof(names) - k, "%s%s", i ? ", " : "", claim[i]->name);
	f = hit(c, SEV_INFO);
	ev_text(f, "holder", "%s", names);
	ev_range(f, "range", claim[0]->start, claim[0]->end);
	ev_text(f, "so", "%s",
		c->m->host.iomem_relaxed ? "this kernel was booted with iomem=relaxed, so mapping it through sysfs or "
					   "/dev/mem still works"
					 : "on kernels with CONFIG_IO_STRICT_DEVMEM, mapping it through sysfs fails "
					   "with EINVAL and through /dev/mem with EPERM");
}

const struct rule rules_pci[] = {
	{ .id = "pci-unknown",
	  .layer = LAYER_PCI,
	  .sev = SEV_UNKNOWN,
	  .other = "info when the fact only improves the answer",
	  .when = "the PCI devices or a device's command register could not be read",
	  .says = "{fact} could not be read: {file}: {error}",
	  .fix = "{remedy}",
	  .source = "wcdiag-rules(7): a missing fact never reads as ok" },
	{ .id = "bar-unassigned",
	  .layer = LAYER_PCI,
	  .sev = SEV_BROKEN,
	  .needs = F(PCI),
	  .per_bar = true,
	  .other = "unknown when its address lies beyond what the CPU can address",
	  .test = unassigned,
	  .when = "the BAR has a size but no address",
	  .says = "the BAR has no address: {because}",
	  .fix = "BIOS: enable \"Above 4G decoding\"; or boot with pci=realloc; see dmesg for \"can't assign\"",
	  .source = "Linux include/linux/ioport.h (IORESOURCE_UNSET), drivers/pci/setup-res.c" },
	{ .id = "bar-decode-off",
	  .layer = LAYER_PCI,
	  .sev = SEV_BROKEN,
	  .needs = F(PCI) | F(CONFIG),
	  .per_bar = true,
	  .other = "unknown when the command register of a bridge above could not be read",
	  .test = decode_off,
	  .when = "memory decoding is off in the command register of the device, or of a bridge above it",
	  .says = "the device does not decode memory (command register {command}, bit 1 is 0): stores to the BAR go "
		  "nowhere",
	  .fix = "a driver calls pci_enable_device_mem(pdev); by hand, as root: echo 1 > "
		 "/sys/bus/pci/devices/{slot}/enable",
	  .source = "PCI Local Bus 3.0, 6.2.2 (Command register)" },
	{ .id = "bar-asleep",
	  .layer = LAYER_PCI,
	  .sev = SEV_BROKEN,
	  .needs = F(PCI),
	  .per_bar = true,
	  .other = "unknown when runtime PM has suspended it, but it is not known to have left D0",
	  .test = asleep,
	  .when = "the device is suspended or in a low-power state; its config space is then not read, because reading "
		  "would wake it",
	  .says = "{who} is asleep (power state {power_state}, runtime PM: {runtime_status}): no store arrives; the "
		  "config space was left alone so as not to wake it",
	  .fix = "keep it awake while you use it: pm_runtime_get_sync() in the driver; by hand, as root: echo on > "
		 "/sys/bus/pci/devices/{slot}/power/control",
	  .source = "PCI PM 1.2; Linux Documentation/power/pci.rst" },
	{ .id = "bar-not-prefetchable",
	  .layer = LAYER_PCI,
	  .sev = SEV_BROKEN,
	  .needs = F(PCI),
	  .uses = F(MAPS),
	  .per_bar = true,
	  .other = "suspect unless a process maps it through sysfs",
	  .test = not_prefetchable,
	  .when = "the BAR is not prefetchable: there is no resourceN_wc, and libraries silently fall back to UC-",
	  .says = "the BAR is not prefetchable, so there is no resourceN_wc file: {so}",
	  .fix = "make the BAR prefetchable in the device (reads without side effects); or map it by a driver: "
		 "vma->vm_page_prot = pgprot_writecombine(vma->vm_page_prot); io_remap_pfn_range(vma, vma->vm_start, "
		 "pci_resource_start(pdev, bar) >> PAGE_SHIFT, len, vma->vm_page_prot);",
	  .source = "Linux drivers/pci/pci-sysfs.c; https://github.com/Microsemi/switchtec-kernel/pull/63" },
	{ .id = "bar-lost-prefetch-in-guest",
	  .layer = LAYER_PCI,
	  .sev = SEV_SUSPECT,
	  .needs = F(PCI) | F(HYPER),
	  .per_bar = true,
	  .test = lost_prefetch,
	  .when = "guest, and a large 64-bit BAR of a real device shows as not prefetchable",
	  .says = "a 64-bit BAR of {size} bytes that is not prefetchable is unusual for a real device: the hypervisor "
		  "may have lost the flag",
	  .fix = "compare with lspci -v on the host; update the VMM",
	  .source = "https://github.com/cloud-hypervisor/cloud-hypervisor/issues/4451" },
	{ .id = "bridge-window-nonprefetchable",
	  .layer = LAYER_PCI,
	  .sev = SEV_INFO,
	  .needs = F(PCI),
	  .per_bar = true,
	  .test = bridge_window,
	  .when = "a prefetchable BAR lies in a non-prefetchable window of a bridge above it",
	  .says = "the BAR lies in the non-prefetchable window {window} of bridge {bridge}: that does not touch how "
		  "the CPU combines writes",
	  .fix = NULL,
	  .source = "PCI-to-PCI Bridge 1.2, 4.5; combining happens in the CPU" },
	{ .id = "bar-claimed",
	  .layer = LAYER_PCI,
	  .sev = SEV_UNKNOWN,
	  .needs = F(PCI) | F(IOMEM),
	  .uses = F(CMDLINE),
	  .per_bar = true,
	  .other = "info when it is known who claims the BAR",
	  .test = claimed,
	  .when = "a driver holds the BAR's region (info); or it could not be read who does (unknown)",
	  .says = "the region is claimed by {holder}: {so}",
	  .fix = "map it through the driver's own node; or unbind the driver; or boot with iomem=relaxed",
	  .source = "Linux kernel/resource.c iomem_is_exclusive, drivers/pci/mmap.c" },
	{ .id = NULL },
};
