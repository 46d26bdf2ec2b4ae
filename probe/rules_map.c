/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules_map.c - mappings made through a file that does not ask for write-combining.
 *
 * What such a mapping got is told by its page table entries; where those were not read, by its reservation: a mapping
 * of a whole VMA has the type of its reservation (Linux reserve_pfn_range changes the protection to the type that it
 * got).
 */
#include <stdio.h>
#include <string.h>

#include "barmap.h"
#include "experiment.h"
#include "machine.h"
#include "pte_words.h"
#include "rule.h"

#define MAX_HITS 16

struct seen {
	const struct machine *m;
	size_t n;
	enum tri combines;
	enum mtype type;	    /* the first that does not combine, else the first */
	const struct bar_piece *at; /* its entry; NULL: told by the reservation */
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

/* What the entries of a mapping say; false: they were not read. */
static bool got_entries(const struct bar_map *b, struct seen *s)
{
	if (!b->read || !(b->wc + b->other + b->unknown))
		return false;
	s->n = 1;
	s->combines = b->other ? TRI_NO : b->unknown ? TRI_UNKNOWN : TRI_YES;
	s->at = b->bad ? b->bad : b->good;
	s->type = machine_entry_type(s->m, 0, s->at->slot);
	return true;
}

/* What a mapping that asks for UC- has got: its entries', else its reservation's type; without any UC-, the default. */
static struct seen got(const struct judge_ctx *c, const struct bar_map *b)
{
	struct seen s = { .m = c->m, .combines = TRI_YES, .type = MT_UCMINUS };
	const struct map *p = b->map;

	if (got_entries(b, &s))
		return s;

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

static void judge_maps(struct judge_ctx *c, enum map_kind kind)
{
	bool list_known = !fact_lacks(&c->m->memtype.fact);
	size_t hits = 0, told = 0, beside = 0;

	for (size_t i = 0; i < c->maps.n && hits < MAX_HITS; i++) {
		const struct bar_map *b = &c->maps.m[i];
		const struct map *p = b->map;
		struct finding *f;
		struct seen s;
		bool list, larger;

		/* Who cannot store is no matter of combining: pte-readonly speaks of that. */
		if (!p || p->kind != kind || !p->write)
			continue;
		/* Entries that are gone are pte-gone's to tell. vfio's may come with the first touch: as its
		 * reservation. */
		if (b->read && !(b->wc + b->other + b->unknown) && !(kind == MAP_VFIO && p->phys_known))
			continue;
		s = got(c, b);
		if (b->other && b->wc) /* one mapping, two types: pte-mixed */
			continue;
		/* Without a WC slot it is UC- whatever file it is: that is pat-disabled's to say, and no other file
		 * helps. */
		if (c->m->pat_state == PAT_STATE_OFF && s.combines != TRI_YES)
			continue;
		list = list_known || s.at; /* what an entry says needs no list */
		if (s.combines == TRI_YES && list) {
			if (told++ >= MAX_HITS)
				continue;
			f = hit_says(c, SEV_INFO,
				     "process {pid} ({process}) maps {mapping} through {path}, which does not ask for "
				     "WC, and yet gets it ({because})",
				     NULL);
			ev_text(f, "because", "%s",
				s.type != MT_WC ? "a WC MTRR covers it"
				: kind == MAP_UIO
					? "an older WC reservation decides, or the driver's own mmap asked for it"
					: "an older WC reservation decides");
		} else if (!list || s.combines == TRI_UNKNOWN) {
			f = hit_says(
				c, SEV_UNKNOWN,
				"process {pid} ({process}) maps {mapping} through {path}, which does not ask for WC; "
				"whether it has WC all the same, from an older reservation or a WC MTRR, cannot be "
				"told",
				c->rule->fix);
		} else if (window_beside(c, b, &larger) == WINDOW_OWN) {
			if (beside++ >= MAX_HITS)
				continue;
			f = hit_says(c, larger && s.at ? SEV_INFO : SEV_SUSPECT,
				     "process {pid} ({process}) maps {mapping} through {path} as {type}, beside a "
				     "write-combining window of its own: right for registers, wrong for pages that it "
				     "means to fill line by line",
				     c->rule->fix);
			ev_text(f, "type", "%s", mtype_name(s.type));
		} else {
			f = hit(c, SEV_BROKEN);
			ev_text(f, "type", "%s", mtype_name(s.type));
		}
		ev_map_of_bar(f, p);
		if (s.at)
			ev_entry(c, f, s.at);
		ev_text(f, "reader", "%s", s.at ? c->m->entries.reader : "maps and reservation");
		ev_num(f, "bar", (uint64_t)c->bar);
		ev_text(f, "slot", "%s", c->dev->slot);
		hits += f && f->sev >= SEV_UNKNOWN; /* what changes no verdict must not hide what does */
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
		const struct pte_run *run;
		struct finding *f;

		/* Where entries were read those of this BAR are known, and those without any are pte-unknown's. */
		if (entries_of(&c->m->entries, p->pid, p->vstart, p->vend, &run))
			continue;
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

/* check --map: the mapping that was to be judged has to be among those that are. */
static void not_there(struct judge_ctx *c)
{
	const struct experiment *x = c->exp;
	struct finding *f;

	if (!x || !x->file)
		return;
	for (size_t i = 0; i < c->maps.nprocess && !x->file_err; i++)
		if (c->maps.m[i].pid == x->pid && c->maps.m[i].map)
			return;
	/* Where not every mapping could be looked at, pte is unknown for that. */
	if (!x->file_err && fact_lacks(fact_of(c, F_MAPS)))
		return;
	if (x->file_err) {
		f = hit_says(c, SEV_UNKNOWN,
			     "{path} could not be mapped: {why}: what your program gets of it is not judged",
			     "see what the kernel says (dmesg, wcdiag memtype); a mapping at another place: --map "
			     "FILE@OFFSET");
		ev_text(f, "why", "%s", strerrordesc_np(x->file_err) ? strerrordesc_np(x->file_err) : "unknown error");
	} else {
		f = hit(c, SEV_UNKNOWN);
	}
	ev_text(f, "path", "%s", x->file);
}

const struct rule rules_map[] = {
	{ .id = "map-not-there",
	  .layer = LAYER_PTE,
	  .sev = SEV_UNKNOWN,
	  .per_bar = true,
	  .test = not_there,
	  .when = "check --map: the file could not be mapped, or its mapping is not seen to lie in this BAR",
	  .says = "{path} was mapped, but its mapping is not seen to lie in this BAR: another file or offset, entries "
		  "that come at the first touch, or no reader of entries at hand",
	  .fix = "name the place as the program does: --map FILE@OFFSET; and run as root, so that the entries can "
		 "be read",
	  .source = "mmap(2); /proc/PID/maps does not tell where a driver's node leads" },
	{ .id = "map-resource-not-wc",
	  .layer = LAYER_PTE,
	  .sev = SEV_BROKEN,
	  .needs = F(MAPS),
	  .per_bar = true,
	  .other = "info when it has WC all the same (older WC reservation, WC MTRR); unknown when that cannot be "
		   "told; suspect or info when the same process has a WC window on other pages of the BAR",
	  .test = resource_not_wc,
	  .when = "a process maps resourceN instead of resourceN_wc",
	  .says = "process {pid} ({process}) maps {path}, which asks for UC-, and has {type}: its "
		  "stores do not combine",
	  .fix = "open /sys/bus/pci/devices/{slot}/resource{bar}_wc instead of resource{bar}",
	  .source = "Linux drivers/pci/mmap.c (pgprot_device is UC-)" },
	{ .id = "map-proc-not-wc",
	  .layer = LAYER_PTE,
	  .sev = SEV_BROKEN,
	  .needs = F(MAPS),
	  .per_bar = true,
	  .other = "info when it has WC; unknown when that cannot be told; suspect or info when the same process has a "
		   "WC window on other pages of the BAR",
	  .test = proc_not_wc,
	  .when = "a process maps the BAR through /proc/bus/pci and did not get WC",
	  .says = "process {pid} ({process}) maps the BAR through {path}, and has {type}: its stores do "
		  "not combine",
	  .fix = "before mmap: ioctl(fd, PCIIOC_MMAP_IS_MEM, 0); ioctl(fd, PCIIOC_WRITE_COMBINE, 1); the BAR must be "
		 "prefetchable; or map resource{bar}_wc",
	  .source = "Linux drivers/pci/proc.c proc_bus_pci_mmap" },
	{ .id = "map-vfio",
	  .layer = LAYER_PTE,
	  .sev = SEV_BROKEN,
	  .needs = F(MAPS),
	  .per_bar = true,
	  .other = "info when it has WC all the same; unknown when the mapping cannot be tied to a device; suspect or "
		   "info when the same process has a WC window on other pages of the BAR",
	  .test = vfio,
	  .when = "a process maps the BAR through vfio-pci",
	  .says = "process {pid} ({process}) maps the BAR through vfio-pci, which maps UC- on every kernel up to 6.18; "
		  "it has {type}",
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
		   "told; suspect or info when the same process has a WC window on other pages of the BAR",
	  .test = uio,
	  .when = "a process maps the BAR through /dev/uioN",
	  .says = "process {pid} ({process}) maps the BAR through {path}: uio maps physical regions noncached, and its "
		  "type is {type}",
	  .fix = "map /sys/bus/pci/devices/{slot}/resource{bar}_wc; or give the uio driver its own info->mmap with "
		 "pgprot_writecombine()",
	  .source = "Linux drivers/uio/uio.c uio_mmap_physical" },
	{ .id = "map-devmem",
	  .layer = LAYER_PTE,
	  .sev = SEV_BROKEN,
	  .needs = F(MAPS),
	  .per_bar = true,
	  .other = "info when it inherited WC; unknown when that cannot be told; suspect or info when the same process "
		   "has a WC window on other pages of the BAR",
	  .test = devmem,
	  .when = "a process maps the BAR through /dev/mem, which cannot ask for WC",
	  .says = "process {pid} ({process}) maps the BAR through /dev/mem, which cannot ask for write-combining; its "
		  "type is {type}",
	  .fix = "map /sys/bus/pci/devices/{slot}/resource{bar}_wc",
	  .source = "Linux drivers/char/mem.c, arch/x86/mm/pat/memtype.c phys_mem_access_prot_allowed" },
	{ .id = NULL },
};
