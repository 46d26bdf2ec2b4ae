/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules_pte.c - which type the page table entry really selects, as far as it can be told without reading one.
 *
 * A mapping of a whole VMA has the type of its reservation (Linux reserve_pfn_range changes the protection to the type
 * that it got), so mappings through files whose request is known can be judged. All others stay unknown until the entry
 * is read.
 */
#include <inttypes.h>
#include <stdio.h>

#include "machine.h"
#include "rule.h"

#define MAX_HITS 16

static bool on_bar(const struct judge_ctx *c, const struct map *p)
{
	return p->phys_known && p->phys < c->end && c->start < map_phys_end(p);
}

struct seen {
	const struct machine *m;
	size_t n;
	enum tri combines;
	enum mtype type; /* the first that does not combine, else the first */
};

static int see(const struct memtype *t, void *arg)
{
	struct seen *s = arg;
	enum tri x = machine_combines(s->m, t->type, t->start, t->end);

	if (!s->n++)
		s->type = t->type;
	if (x == TRI_YES || s->combines == TRI_NO)
		return 0;
	if (s->combines == TRI_YES || x == TRI_NO) {
		s->combines = x;
		s->type = t->type;
	}
	return x == TRI_NO;
}

/* What a mapping that asks for UC- has got: its reservation's type; without any the kernel's default, UC-. */
static struct seen got(const struct judge_ctx *c, const struct map *p)
{
	struct seen s = { .m = c->m, .combines = TRI_YES, .type = MT_UCMINUS };

	if (c->m->memtype.fact.state == FACT_KNOWN)
		memtype_overlaps(&c->m->memtype, p->phys, map_phys_end(p), see, &s);
	/* Where nothing is reserved the kernel's answer is UC-. */
	if (!s.n || !memtype_covers(&c->m->memtype, p->phys, map_phys_end(p), MT_UNKNOWN)) {
		enum tri bare = machine_combines(c->m, MT_UCMINUS, p->phys, map_phys_end(p));

		if (bare != TRI_YES && s.combines != TRI_NO) {
			s.combines = bare;
			s.type = MT_UCMINUS;
		}
	}
	return s;
}

/*
 * The same process has other pages of this BAR mapped through resourceN_wc: then this one is, by all looks, its
 * register page, which is how good programs map a BAR that has both.
 */
static bool has_wc_window(const struct judge_ctx *c, const struct map *p)
{
	for (size_t i = 0; i < c->m->maps.n; i++) {
		const struct map *w = &c->m->maps.m[i];

		if (w->pid == p->pid && w->kind == MAP_SYSFS_WC && on_bar(c, w) &&
		    (map_phys_end(w) <= p->phys || map_phys_end(p) <= w->phys))
			return true;
	}
	return false;
}

static void judge_maps(struct judge_ctx *c, enum map_kind kind)
{
	bool list = !fact_lacks(&c->m->memtype.fact);
	size_t hits = 0, told = 0;

	for (size_t i = 0; i < c->m->maps.n && hits < MAX_HITS; i++) {
		const struct map *p = &c->m->maps.m[i];
		struct finding *f;
		struct seen s;

		/* Who cannot store is no matter of combining: pte-readonly speaks of that. */
		if (p->kind != kind || !on_bar(c, p) || !p->write)
			continue;
		s = got(c, p);
		/* Without a WC slot it is UC- whatever file it is: that is pat-disabled's to say, and no other file
		 * helps. */
		if (c->m->pat_state == PAT_STATE_OFF && s.combines != TRI_YES)
			continue;
		if (s.combines == TRI_YES && list) {
			if (told++ >= MAX_HITS)
				continue;
			f = hit_says(c, SEV_INFO,
				     "process {pid} ({process}) maps {mapping} through {path}, which does not ask for "
				     "WC, and yet has it ({because})",
				     NULL);
			ev_text(f, "because", "%s",
				s.type == MT_WC ? "an older WC reservation decides" : "a WC MTRR covers it");
		} else if (!list || s.combines == TRI_UNKNOWN) {
			f = hit_says(
				c, SEV_UNKNOWN,
				"process {pid} ({process}) maps {mapping} through {path}, which does not ask for WC; "
				"whether it inherited WC from an older reservation or a WC MTRR cannot be told",
				c->rule->fix);
		} else if (has_wc_window(c, p)) {
			f = hit_says(c, SEV_SUSPECT,
				     "process {pid} ({process}) maps {mapping} through {path} as {type}, beside a "
				     "write-combining window of its own: right for registers, wrong for pages that it "
				     "means to fill line by line",
				     c->rule->fix);
			ev_text(f, "type", "%s", mtype_name(s.type));
		} else {
			f = hit(c, SEV_BROKEN);
			ev_text(f, "type", "%s", mtype_name(s.type));
		}
		ev_map(f, p);
		ev_text(f, "reader", "maps and reservation");
		ev_num(f, "bar", (uint64_t)c->bar);
		ev_text(f, "slot", "%s", c->dev->slot);
		hits += s.combines != TRI_YES || !list;
	}
}

static void resource_not_wc(struct judge_ctx *c)
{
	judge_maps(c, MAP_SYSFS);
}

static void proc_not_wc(struct judge_ctx *c)
{
	judge_maps(c, MAP_PROC_PCI);
}

static void vfio(struct judge_ctx *c)
{
	int dev = (int)(c->dev - c->m->pci.dev);
	size_t hits = 0;

	judge_maps(c, MAP_VFIO);
	/* On Linux 6.12 the mapping does not say which device it is of: then nobody can tell. */
	for (size_t i = 0; i < c->m->maps.n && hits < MAX_HITS; i++) {
		const struct map *p = &c->m->maps.m[i];
		struct finding *f;

		if (p->kind != MAP_VFIO || p->phys_known || (p->dev >= 0 && p->dev != dev) ||
		    (p->bar >= 0 && p->bar != c->bar))
			continue;
		f = hit_says(c, SEV_UNKNOWN,
			     "process {pid} ({process}) maps BAR {bar} of a vfio device, and it cannot be told which: "
			     "if it is this one, it is UC-",
			     c->rule->fix);
		ev_num(f, "pid", (uint64_t)p->pid);
		ev_text(f, "process", "%s", p->comm);
		ev_num(f, "bar", (uint64_t)c->bar);
		ev_text(f, "slot", "%s", c->dev->slot);
		hits++;
	}
}

static void uio(struct judge_ctx *c)
{
	judge_maps(c, MAP_UIO);
}

static void devmem(struct judge_ctx *c)
{
	judge_maps(c, MAP_DEVMEM);
}

static void is_private(struct judge_ctx *c)
{
	for (size_t i = 0, hits = 0; i < c->m->maps.n && hits < MAX_HITS; i++) {
		const struct map *p = &c->m->maps.m[i];
		struct finding *f;

		if (p->shared || !p->write || !on_bar(c, p))
			continue;
		f = hit(c, SEV_BROKEN);
		ev_map(f, p);
		ev_text(f, "reader", "maps");
		hits++;
	}
}

/* The first mapping that may hold the entry in question: one on the BAR, else one of the device's own node. */
static const struct map *mapping_to_read(const struct judge_ctx *c)
{
	int dev = (int)(c->dev - c->m->pci.dev);
	const struct map *node = NULL, *other = NULL;

	for (size_t i = 0; i < c->m->maps.n; i++) {
		const struct map *p = &c->m->maps.m[i];

		/* Who asked for WC is the one whose entry matters. */
		if (on_bar(c, p) && p->kind == MAP_SYSFS_WC)
			return p;
		if (!other && on_bar(c, p))
			other = p;
		if (!node && !p->phys_known && p->dev == dev && (p->bar < 0 || p->bar == c->bar))
			node = p;
	}
	return other ? other : node;
}

static const struct ioremap *kernel_mapping(const struct judge_ctx *c)
{
	for (size_t i = 0; i < c->m->ioremaps.n; i++)
		if (c->m->ioremaps.r[i].start < c->end && c->start < c->m->ioremaps.r[i].end)
			return &c->m->ioremaps.r[i];
	return NULL;
}

static bool node_of_device(const struct judge_ctx *c)
{
	int dev = (int)(c->dev - c->m->pci.dev);

	for (size_t i = 0; i < c->m->maps.n; i++)
		if (c->m->maps.m[i].kind == MAP_NODE && c->m->maps.m[i].dev == dev)
			return true;
	return false;
}

/* Nobody can store through a mapping without PROT_WRITE; beside a writable one it is somebody who only looks. */
static void read_only(struct judge_ctx *c)
{
	bool others = kernel_mapping(c) || node_of_device(c);
	size_t writable = 0, hits = 0;

	for (size_t i = 0; i < c->m->maps.n; i++)
		writable += on_bar(c, &c->m->maps.m[i]) && c->m->maps.m[i].write;
	for (size_t i = 0; i < c->m->maps.n && hits < MAX_HITS; i++) {
		const struct map *p = &c->m->maps.m[i];
		struct finding *f;

		if (p->write || !on_bar(c, p))
			continue;
		f = writable ? hit(c, SEV_INFO)
		    : others ? hit_says(c, SEV_SUSPECT,
					"process {pid} ({process}) maps {mapping} through {path} without PROT_WRITE: "
					"it only looks; whoever stores does it through the kernel's mapping or the "
					"driver's node",
					c->rule->fix)
			     : hit(c, SEV_BROKEN);
		ev_map(f, p);
		ev_text(f, "reader", "maps");
		hits++;
	}
}

static void unread(struct judge_ctx *c)
{
	const struct map *p = mapping_to_read(c);
	const struct ioremap *k = kernel_mapping(c);
	struct finding *f;

	if (!p && k && c->m->maps.fact.state == FACT_KNOWN) {
		f = hit_says(c, SEV_UNKNOWN,
			     "no process is seen to map this BAR; the kernel itself does ({holder}), but this version "
			     "of wcdiag has no reader for entries",
			     "if a program of yours is to map it, start it and check again while it runs; or ask for "
			     "less: --until memtype");
		ev_text(f, "holder", "ioremap of 0x%" PRIx64 "-0x%" PRIx64 " by %s%s%s%s", k->start, k->end, k->caller,
			*k->module ? " [" : "", k->module, *k->module ? "]" : "");
		return;
	}
	if (!p) {
		f = hit_says(
			c, SEV_UNKNOWN,
			c->m->maps.fact.state == FACT_KNOWN
				? "no mapping: no process is seen to map this BAR, so there is no entry to judge"
				: "no mapping of this BAR was seen, but not every process could be looked at: {why}",
			"start your program and check again while it runs; or ask for less: --until memtype");
		if (c->m->maps.fact.state != FACT_KNOWN)
			ev_text(f, "why", "%s: %s", c->m->maps.fact.where, c->m->maps.fact.why);
		return;
	}
	f = hit_says(c, SEV_UNKNOWN,
		     p->phys_known ? c->rule->says
				   : "process {pid} ({process}) maps this device's node {path} at {address}; whether "
				     "that is this BAR cannot be told without the page table entry, and this version "
				     "of wcdiag has no reader for entries",
		     c->rule->fix);
	ev_map(f, p);
	ev_hex(f, "address", p->vstart);
}

const struct rule rules_pte[] = {
	{ .id = "pte-unknown",
	  .layer = LAYER_PTE,
	  .sev = SEV_UNKNOWN,
	  .other = "info when the fact only improves the answer",
	  .per_bar = true,
	  .uses = 0,
	  .test = unread,
	  .when = "no page table entry of the BAR was read: nobody maps it, or no reader is at hand",
	  .says = "process {pid} ({process}) maps it at {address} ({path}), but no page table entry was read: this "
		  "version of wcdiag has no reader for entries, and the reservation is only what the kernel intended",
	  .fix = "read the entry by hand with crash and the kernel's debug symbols: crash> vtop -c {pid} {address}; "
		 "bits 3 (PWT), 4 (PCD) and 7 (PAT, in a 4 KiB entry) select the slot that wcdiag pat shows; or ask "
		 "for less: --until memtype",
	  .source = "Intel SDM vol 3, 11.12.3; Linux mm/pagewalk.c: /proc/PID/pagemap shows nothing for a BAR" },
	{ .id = "pte-private",
	  .layer = LAYER_PTE,
	  .sev = SEV_BROKEN,
	  .needs = F(MAPS),
	  .per_bar = true,
	  .test = is_private,
	  .when = "a process maps the BAR MAP_PRIVATE and writable: its stores go to a copy in RAM",
	  .says = "process {pid} ({process}) maps {mapping} MAP_PRIVATE through {path}: the first store to each page "
		  "makes a copy in RAM, and the device never sees any of them",
	  .fix = "mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset)",
	  .source = "Linux mm/memory.c (copy on write of a private pfn mapping); seen on 6.1 and 6.12" },
	{ .id = "pte-readonly",
	  .layer = LAYER_PTE,
	  .sev = SEV_BROKEN,
	  .needs = F(MAPS),
	  .per_bar = true,
	  .other = "info when another mapping of the BAR is writable, suspect when the kernel or a node of the driver "
		   "maps it: then this one only looks",
	  .test = read_only,
	  .when = "a process maps the BAR without PROT_WRITE",
	  .says = "process {pid} ({process}) maps {mapping} through {path} without PROT_WRITE: it cannot store to the "
		  "device at all",
	  .fix = "open(path, O_RDWR), then mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset)",
	  .source = "mmap(2); Linux fs/proc/task_mmu.c (the w of the permissions)" },
	{ .id = "map-resource-not-wc",
	  .layer = LAYER_PTE,
	  .sev = SEV_BROKEN,
	  .needs = F(MAPS),
	  .per_bar = true,
	  .other = "info when it has WC all the same (older WC reservation, WC MTRR); unknown when that cannot be "
		   "told; suspect when the same process has a WC window on other pages of the BAR",
	  .test = resource_not_wc,
	  .when = "a process maps resourceN instead of resourceN_wc",
	  .says = "process {pid} ({process}) maps {path}, which asks for UC-, and its reservation is {type}: its "
		  "stores do not combine",
	  .fix = "open /sys/bus/pci/devices/{slot}/resource{bar}_wc instead of resource{bar}",
	  .source = "Linux drivers/pci/mmap.c (pgprot_device is UC-)" },
	{ .id = "map-proc-not-wc",
	  .layer = LAYER_PTE,
	  .sev = SEV_BROKEN,
	  .needs = F(MAPS),
	  .per_bar = true,
	  .other = "info when it has WC; unknown when that cannot be told",
	  .test = proc_not_wc,
	  .when = "a process maps the BAR through /proc/bus/pci and did not get WC",
	  .says = "process {pid} ({process}) maps the BAR through {path}, and its reservation is {type}: its stores do "
		  "not combine",
	  .fix = "before mmap: ioctl(fd, PCIIOC_MMAP_IS_MEM, 0); ioctl(fd, PCIIOC_WRITE_COMBINE, 1); the BAR must be "
		 "prefetchable; or map resource{bar}_wc",
	  .source = "Linux drivers/pci/proc.c proc_bus_pci_mmap" },
	{ .id = "map-vfio",
	  .layer = LAYER_PTE,
	  .sev = SEV_BROKEN,
	  .needs = F(MAPS),
	  .per_bar = true,
	  .other = "info when it has WC all the same; unknown when the mapping cannot be tied to a device",
	  .test = vfio,
	  .when = "a process maps the BAR through vfio-pci",
	  .says = "process {pid} ({process}) maps the BAR through vfio-pci, which maps UC- on every kernel up to 6.18; "
		  "its reservation is {type}",
	  .fix = "map /sys/bus/pci/devices/{slot}/resource{bar}_wc (without vfio holding the device), or a kernel "
		 "whose vfio offers write-combining",
	  .source = "Linux drivers/vfio/pci/vfio_pci_core.c (pgprot_noncached); "
		    "https://github.com/amzn/amzn-drivers/issues/348" },
	{ .id = "map-uio",
	  .layer = LAYER_PTE,
	  .sev = SEV_BROKEN,
	  .needs = F(MAPS),
	  .per_bar = true,
	  .other = "info when it has WC (the driver's own mmap, or an older reservation); unknown when that cannot be "
		   "told",
	  .test = uio,
	  .when = "a process maps the BAR through /dev/uioN",
	  .says = "process {pid} ({process}) maps the BAR through {path}: uio maps physical regions noncached, and its "
		  "reservation is {type}",
	  .fix = "map /sys/bus/pci/devices/{slot}/resource{bar}_wc; or give the uio driver its own info->mmap with "
		 "pgprot_writecombine()",
	  .source = "Linux drivers/uio/uio.c uio_mmap_physical" },
	{ .id = "map-devmem",
	  .layer = LAYER_PTE,
	  .sev = SEV_BROKEN,
	  .needs = F(MAPS),
	  .per_bar = true,
	  .other = "info when it inherited WC; unknown when that cannot be told",
	  .test = devmem,
	  .when = "a process maps the BAR through /dev/mem, which cannot ask for WC",
	  .says = "process {pid} ({process}) maps the BAR through /dev/mem, which cannot ask for write-combining; its "
		  "reservation is {type}",
	  .fix = "map /sys/bus/pci/devices/{slot}/resource{bar}_wc",
	  .source = "Linux drivers/char/mem.c, arch/x86/mm/pat/memtype.c phys_mem_access_prot_allowed" },
	{ .id = NULL },
};
