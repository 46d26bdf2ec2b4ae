/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules_pte.c - which type the page table entries really select, for each process and for the kernel.
 *
 * The entry is the truth: what the CPU does with a store hangs on it and on nothing else but the PAT register and the
 * MTRRs. Each mapping of the BAR is judged by its own entries, page by page; where none were read the layer is unknown.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "barmap.h"
#include "machine.h"
#include "over.h"
#include "pte_words.h"
#include "rule.h"

#define MAX_HITS 16
#define PAGE	 4096ULL

static bool on_bar(const struct judge_ctx *c, const struct map *p)
{
	return p->phys_known && p->phys < c->end && c->start < map_phys_end(p);
}

/* A mapping that somebody can store through and whose entries were read. */
static bool storable(const struct bar_map *b)
{
	return b->map && b->read && b->map->write && b->map->shared;
}

static const char *reader(const struct judge_ctx *c)
{
	return c->m->entries.reader;
}

/* Findings of one rule for one BAR: those that change no verdict are counted apart, they must not hide one that does.
 */
struct count {
	size_t grave, light;
};

static bool enough(struct count *n, enum severity sev)
{
	return (sev >= SEV_UNKNOWN ? n->grave++ : n->light++) >= MAX_HITS;
}

static void not_wc_beside(struct judge_ctx *c, const struct bar_map *b, enum window w, enum severity sev)
{
	struct finding *f = hit_says(
		c, sev,
		w == WINDOW_OWN
			? "process {pid} ({process}) maps {pages} pages of it as {effective} through {path}, beside "
			  "a write-combining window of its own: right for registers, wrong for pages that it means "
			  "to fill line by line"
			: "process {pid} ({process}) maps {pages} pages of it as {effective} through {path}; the "
			  "kernel has the same pages so, and another process a write-combining window on others: "
			  "right for registers, wrong for pages that it means to fill line by line",
		"if these pages are to combine as well: vma->vm_page_prot = pgprot_writecombine(vma->vm_page_prot); "
		"for them too");

	ev_bar_map(f, b);
	ev_num(f, "pages", (b->other + b->unknown) / PAGE);
	ev_entry(c, f, b->bad);
	ev_text(f, "reader", "%s", reader(c));
}

static void not_wc(struct judge_ctx *c)
{
	struct count n = { 0, 0 };

	for (size_t i = 0; i < c->maps.nprocess; i++) {
		const struct bar_map *b = &c->maps.m[i];
		enum severity sev = SEV_BROKEN;
		struct finding *f;
		enum window w;
		bool larger;

		/* Both types in one mapping: pte-mixed. */
		if (!storable(b) || !b->other || b->wc)
			continue;
		w = window_beside(c, b, &larger);
		if (w != WINDOW_NONE)
			sev = larger ? SEV_INFO : SEV_SUSPECT;
		if (enough(&n, sev))
			continue;
		if (w != WINDOW_NONE) {
			not_wc_beside(c, b, w, sev);
			continue;
		}
		f = hit(c, SEV_BROKEN);
		ev_bar_map(f, b);
		ev_num(f, "pages", (b->other + b->unknown) / PAGE);
		ev_entry(c, f, b->bad);
		ev_text(f, "reader", "%s", reader(c));
		ev_cause(c, f, b, b->bad);
	}
}

static void mixed(struct judge_ctx *c)
{
	struct count n = { 0, 0 };

	for (size_t i = 0; i < c->maps.nprocess; i++) {
		const struct bar_map *b = &c->maps.m[i];
		struct finding *f;

		if (!storable(b) || !b->other || !b->wc || enough(&n, SEV_BROKEN))
			continue;
		f = hit(c, SEV_BROKEN);
		ev_bar_map(f, b);
		ev_num(f, "pages_wc", b->wc / PAGE);
		ev_num(f, "pages", b->other / PAGE);
		ev_entry(c, f, b->bad);
		ev_text(f, "reader", "%s", reader(c));
		ev_cause(c, f, b, b->bad);
	}
}

/* The first page that the process and the kernel both map, the one write-combining and the other not. */
static const struct bar_piece *sides_differ(const struct judge_ctx *c, const struct bar_map *b, bool user_wc,
					    const struct bar_piece **kernel)
{
	for (size_t i = 0; i < b->npiece; i++) {
		const struct bar_piece *p = &b->piece[i];

		if (p->run->kind != PTE_PRESENT || p->combines != (user_wc ? TRI_YES : TRI_NO))
			continue;
		*kernel = bar_piece_over(&c->maps, false, 0, p->phys, p->phys + p->len, user_wc ? TRI_NO : TRI_YES);
		if (*kernel)
			return p;
	}
	return NULL;
}

static void user_differs(struct judge_ctx *c)
{
	struct count n = { 0, 0 };

	for (size_t i = 0; i < c->maps.nprocess; i++) {
		const struct bar_map *b = &c->maps.m[i];
		const struct bar_piece *user, *k;
		uint64_t lo, hi;
		struct finding *f;
		char words[200];
		bool bad;

		if (!storable(b))
			continue;
		user = sides_differ(c, b, false, &k);
		bad = user;
		if (!bad)
			user = sides_differ(c, b, true, &k);
		if (!user || enough(&n, bad ? SEV_BROKEN : SEV_SUSPECT))
			continue;
		f = bad ? hit(c, SEV_BROKEN)
			: hit_says(
				  c, SEV_SUSPECT,
				  "process {pid} ({process}) has these pages as {effective} through {path}, and its "
				  "stores combine; but the kernel maps the same pages ({both}) as {kernel_effective} "
				  "({holder}): two types on one page are undefined by the manuals",
				  "let the kernel map these pages write-combining as well (ioremap_wc), or not at all");
		ev_bar_map(f, b);
		ev_entry(c, f, user);
		lo = user->phys > k->phys ? user->phys : k->phys;
		hi = user->phys + user->len < k->phys + k->len ? user->phys + user->len : k->phys + k->len;
		ev_range(f, "both", lo, hi);
		machine_entry_words(c->m, true, k->slot, lo, hi, words, sizeof(words));
		ev_text(f, "kernel_effective", "%s", words);
		ev_hex(f, "kernel_entry", k->run->raw);
		ev_hex(f, "kernel_address", k->va + (lo - k->phys));
		kernel_words(&c->maps.m[k->map], words, sizeof(words));
		ev_text(f, "holder", "%s", words);
		ev_text(f, "reader", "%s", reader(c));
	}
}

/* The kernel's own idea of a slot; without it the register's. */
static enum mtype believed(const struct judge_ctx *c, unsigned int slot)
{
	if (c->m->belief_fact.state == FACT_KNOWN && c->m->belief.known)
		return c->m->belief.slot[slot & 7];
	return machine_entry_type(c->m, 0, slot);
}

/* Did the kernel encode one of the types reserved there as this one? A type without a slot is encoded as UC-. */
static bool as_reserved(const struct judge_ctx *c, unsigned int types, enum mtype t)
{
	for (unsigned int r = 0; r < MT_COUNT; r++) {
		bool has_slot = false;

		if (!(types & (1u << r)))
			continue;
		for (unsigned int slot = 0; slot < 8; slot++)
			has_slot = has_slot || believed(c, slot) == (enum mtype)r;
		if ((has_slot ? (enum mtype)r : MT_UCMINUS) == t)
			return true;
	}
	return false;
}

static const struct bar_piece *not_as_reserved(const struct judge_ctx *c, const struct bar_map *b, struct over *o)
{
	for (size_t i = 0; i < b->npiece; i++) {
		const struct bar_piece *p = &b->piece[i];
		enum mtype t = believed(c, p->slot);

		*o = over_look(c, p->phys, p->phys + p->len);
		/* UC- without a reservation is what the kernel gives then: memtype-none's to tell. */
		if (t != MT_UNKNOWN && !(o->n ? as_reserved(c, o->types, t) : t == MT_UCMINUS))
			return p;
	}
	return NULL;
}

static void differs_from_memtype(struct judge_ctx *c)
{
	struct count n = { 0, 0 };

	if (c->m->memtype.fact.state != FACT_KNOWN)
		return;
	for (size_t i = 0; i < c->maps.n; i++) {
		const struct bar_map *b = &c->maps.m[i];
		const struct bar_piece *p;
		struct finding *f;
		char words[180];
		struct over o;

		p = not_as_reserved(c, b, &o);
		if (!p || enough(&n, SEV_SUSPECT))
			continue;
		f = hit(c, SEV_SUSPECT);
		if (b->map)
			ev_text(f, "who", "process %d (%s) through %s", b->pid, b->map->comm, b->map->path);
		else {
			kernel_words(b, words, sizeof(words));
			ev_text(f, "who", "%s", words);
		}
		ev_bar_map(f, b);
		ev_entry(c, f, p);
		ev_range(f, "pages_at", p->phys, p->phys + p->len);
		ev_text(f, "encoded", "%s", mtype_name(believed(c, p->slot)));
		if (o.n)
			ev_text(f, "reserved_as", "is reserved as %s",
				mtype_name(o.first_other ? o.first_other->type : o.first_wc->type));
		else
			ev_text(f, "reserved_as", "has no reservation");
		ev_text(f, "reader", "%s", reader(c));
	}
}

static const char *claimed_by(const struct judge_ctx *c)
{
	return *c->dev->driver ? c->dev->driver : NULL;
}

static void gone(struct judge_ctx *c)
{
	size_t hits = 0;

	for (size_t i = 0; i < c->maps.nprocess && hits < MAX_HITS; i++) {
		const struct bar_map *b = &c->maps.m[i];
		struct finding *f;

		if (!b->read || !b->none || !filled_at_mmap(b->map->kind))
			continue;
		f = hit(c, SEV_BROKEN);
		ev_bar_map(f, b);
		ev_num(f, "pages", b->none / PAGE);
		ev_num(f, "of", (b->vend - b->vstart) / PAGE);
		ev_text(f, "because", claimed_by(c) ? "driver %s holds the device" : "no driver holds the device now%s",
			claimed_by(c) ? claimed_by(c) : "");
		ev_text(f, "reader", "%s", reader(c));
		hits++;
	}
}

static size_t plausible_bars(const struct judge_ctx *c)
{
	size_t n = 0;

	for (int b = 0; b < 6; b++)
		n += judge_plausible(c->m, c->dev, b);
	return n;
}

/*
 * A private mapping of a node of this device whose pages are all copies already: nothing points into a BAR any more.
 * That it was one shows in the copies' entries, which keep the type bits of what they were made from; memory that a
 * driver hands out has none.
 */
static bool copies_of_device(const struct judge_ctx *c, const struct map *p)
{
	const struct pte_run *r;
	size_t n;

	if (p->phys_known || p->dev != (int)(c->dev - c->m->pci.dev) || (p->bar >= 0 && p->bar != c->bar))
		return false;
	n = entries_of(&c->m->entries, p->pid, p->vstart, p->vend, &r);
	for (size_t i = 0; i < n; i++)
		if (r[i].phys != PTE_NO_PHYS && run_slot(&r[i]) && (r[i].vma & (PTE_VMA_PFNMAP | PTE_VMA_IO)))
			return true;
	return false;
}

static void is_private(struct judge_ctx *c)
{
	for (size_t i = 0, hits = 0; i < c->m->maps.n && hits < MAX_HITS; i++) {
		const struct map *p = &c->m->maps.m[i];
		const struct bar_map *b = bar_map_of(&c->maps, p);
		struct finding *f;

		if (p->shared || !p->write)
			continue;
		if (on_bar(c, p) || b)
			f = hit(c, SEV_BROKEN);
		else if (copies_of_device(c, p))
			f = hit_says(c, plausible_bars(c) > 1 ? SEV_UNKNOWN : SEV_BROKEN,
				     plausible_bars(c) > 1
					     ? "process {pid} ({process}) maps a BAR of this device MAP_PRIVATE "
					       "through {path}, and all its pages are copies in RAM by now: if it is "
					       "this BAR, the device never sees a store of it"
					     : "process {pid} ({process}) maps this device MAP_PRIVATE through "
					       "{path}, and all its pages are copies in RAM by now: the device never "
					       "sees a store of it",
				     c->rule->fix);
		else
			continue;
		ev_map_of_bar(f, p);
		if (b && b->ram)
			ev_num(f, "copied", b->ram / PAGE);
		ev_text(f, "reader", "%s", !b || b->read ? reader(c) : "maps");
		hits++;
	}
}

static const struct ioremap *kernel_mapping(const struct judge_ctx *c)
{
	for (size_t i = 0; i < c->m->ioremaps.n; i++)
		if (c->m->ioremaps.r[i].start < c->end && c->start < c->m->ioremaps.r[i].end)
			return &c->m->ioremaps.r[i];
	return NULL;
}

/* Another mapping of a node of this device, writable, and of whose place nothing is known: it may be the one that
 * stores. */
static bool another_node(const struct judge_ctx *c, const struct map * not )
{
	int dev = (int)(c->dev - c->m->pci.dev);

	for (size_t i = 0; i < c->m->maps.n; i++) {
		const struct map *p = &c->m->maps.m[i];
		const struct pte_run *r;
		size_t n, placed = 0;

		if (p == not || p->kind != MAP_NODE || p->dev != dev || !p->write || p->phys_known)
			continue;
		n = entries_of(&c->m->entries, p->pid, p->vstart, p->vend, &r);
		for (size_t k = 0; k < n; k++)
			placed += r[k].phys != PTE_NO_PHYS;
		if (!placed)
			return true;
	}
	return false;
}

/* A writable mapping whose entries do not allow stores: the first store to each page is a fault, inside the line. */
static void entries_readonly(struct judge_ctx *c)
{
	size_t hits = 0;

	for (size_t i = 0; i < c->maps.n && hits < MAX_HITS; i++) {
		const struct bar_map *b = &c->maps.m[i];
		struct finding *f;

		if (!storable(b) || !(b->readonly + b->protnone))
			continue;
		f = hit_says(
			c, SEV_SUSPECT,
			"process {pid} ({process}) maps {path} writable, but the entries of {pages} pages do not allow "
			"stores: the first store to each of them is a page fault",
			"touch each page once before the first message that counts");
		ev_bar_map(f, b);
		ev_num(f, "pages", (b->readonly + b->protnone) / PAGE);
		ev_text(f, "reader", "%s", reader(c));
		hits++;
	}
}

/* Nobody can store through a mapping without PROT_WRITE; beside a writable one it is somebody who only looks. */
static void read_only(struct judge_ctx *c)
{
	bool kernel = kernel_mapping(c);
	size_t writable = 0, hits = 0;

	for (size_t i = 0; i < c->m->maps.n; i++)
		writable += (on_bar(c, &c->m->maps.m[i]) || bar_map_of(&c->maps, &c->m->maps.m[i])) &&
			    c->m->maps.m[i].write;
	for (size_t i = 0; i < c->m->maps.n && hits < MAX_HITS; i++) {
		const struct map *p = &c->m->maps.m[i];
		struct finding *f;

		if (p->write || !(on_bar(c, p) || bar_map_of(&c->maps, p)))
			continue;
		f = writable ? hit(c, SEV_INFO)
		    : kernel || another_node(c, p)
			    ? hit_says(c, SEV_SUSPECT,
				       "process {pid} ({process}) maps {mapping} through {path} without PROT_WRITE: "
				       "it only looks; whoever stores does it through the kernel's mapping or the "
				       "driver's node",
				       c->rule->fix)
			    : hit(c, SEV_BROKEN);
		ev_map_of_bar(f, p);
		ev_text(f, "reader", "maps");
		hits++;
	}
	entries_readonly(c);
}

const struct rule rules_pte[] = {
	{ .id = "pte-not-wc",
	  .layer = LAYER_PTE,
	  .sev = SEV_BROKEN,
	  .needs = F(MAPS),
	  .uses = 0,
	  .per_bar = true,
	  .other = "info or suspect (by which part is larger) when the same process has a write-combining window on other "
		   "pages of the BAR, or another process has and the kernel holds these pages uncached as well",
	  .test = not_wc,
	  .when = "the page table entries of a process's mapping select another type than WC, and the effective type "
		  "is not WC either",
	  .says = "process {pid} ({process}) maps {pages} pages of it through {path} with entries that select PAT slot "
		  "{pat_slot} = {entry_type}, effectively {effective}: its stores do not combine, because {because}",
	  .fix = "vma->vm_page_prot = pgprot_writecombine(vma->vm_page_prot); before the remap, and nobody else may "
		 "hold the pages with another type",
	  .source = "Intel SDM vol 3, 11.12.3 and table 11-7; Linux arch/x86/mm/pat/memtype.c" },
	{ .id = "pte-user-differs-from-kernel",
	  .layer = LAYER_PTE,
	  .sev = SEV_BROKEN,
	  .needs = F(MAPS),
	  .uses = 0,
	  .per_bar = true,
	  .other = "suspect when the process's entries are WC and only the kernel's are not",
	  .test = user_differs,
	  .when = "the same pages are write-combining in the kernel's mapping and not in the process's",
	  .says = "the kernel maps {both} as {kernel_effective} ({holder}), and process {pid} ({process}) maps the "
		  "same pages through {path} as {effective}: the kernel's stores combine, the process's do not",
	  .fix = "in the driver's mmap handler: vma->vm_page_prot = pgprot_writecombine(vma->vm_page_prot); before "
		 "io_remap_pfn_range() over the whole VMA",
	  .source = "Intel SDM vol 3, 11.12.4 (two types for one page are undefined); the founding case" },
	{ .id = "pte-mixed",
	  .layer = LAYER_PTE,
	  .sev = SEV_BROKEN,
	  .needs = F(MAPS),
	  .uses = 0,
	  .per_bar = true,
	  .test = mixed,
	  .when = "pages of one mapping have different types",
	  .says = "process {pid} ({process}) maps {path} with {pages_wc} pages write-combining and {pages} pages "
		  "{effective} in one mapping, the first of those at {address}: stores to these do not combine, "
		  "because {because}",
	  .fix = "one io_remap_pfn_range() of one type over the whole VMA; registers in a mapping of their own",
	  .source = "Linux arch/x86/mm/pat/memtype.c lookup_memtype; seen on 6.1 and 6.12" },
	{ .id = "pte-differs-from-memtype",
	  .layer = LAYER_PTE,
	  .sev = SEV_SUSPECT,
	  .needs = F(MAPS),
	  .uses = F(LIST),
	  .per_bar = true,
	  .test = differs_from_memtype,
	  .when = "an entry holds another type than what the kernel reserved for its pages",
	  .says = "{who}: the entry at {address} is {encoded}, but {pages_at} {reserved_as}: somebody filled the "
		  "page table past the kernel's tracking, and a later mapping may get another type",
	  .fix = "map with io_remap_pfn_range() or vmf_insert_pfn() after arch_io_reserve_memtype_wc(), which keep "
		 "both the same",
	  .source = "Linux arch/x86/mm/pat/memtype.c (vmap_pfn, apply_to_page_range are not tracked)" },
	{ .id = "pte-gone",
	  .layer = LAYER_PTE,
	  .sev = SEV_BROKEN,
	  .needs = F(MAPS),
	  .uses = 0,
	  .per_bar = true,
	  .test = gone,
	  .when = "a mapping exists, but its entries have been taken away (a driver requested the region)",
	  .says = "process {pid} ({process}) maps {path}, but {pages} of its {of} pages have no page table entry any "
		  "more ({because}): the next store there is a SIGBUS, not a TLP",
	  .fix = "unmap and map again, after the driver has let go of the region; a driver that calls "
		 "pci_request_region() takes every user's mapping away",
	  .source =
		  "Linux kernel/resource.c revoke_iomem; drivers/pci/mmap.c (no fault handler); seen on 6.1 and 6.12" },
	{ .id = "pte-unknown",
	  .layer = LAYER_PTE,
	  .sev = SEV_UNKNOWN,
	  .other = "info when the fact only improves the answer; suspect or info when some pages have entries that combine "
		   "and the others have none yet",
	  .per_bar = true,
	  .uses = 0,
	  .test = pte_unknown,
	  .when = "page table entries of the BAR were not read, or do not decide: no reader at hand, nobody maps it, "
		  "not touched yet, the PAT register is not known",
	  .says = "process {pid} ({process}) maps it at {address} ({path}), but its page table entry was not read "
		  "({file}: {error}): the reservation is only what the kernel intended, the entry is what the CPU does",
	  .fix = "{remedy}; or ask for less: --until memtype",
	  .source = "Intel SDM vol 3, 11.12.3; Linux mm/pagewalk.c: /proc/PID/pagemap shows nothing for a BAR" },
	{ .id = "pte-private",
	  .layer = LAYER_PTE,
	  .sev = SEV_BROKEN,
	  .needs = F(MAPS),
	  .per_bar = true,
	  .other = "unknown when all its pages are copies already and the device has several BARs that it could be of",
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
		   "maps it: then this one only looks; suspect when the mapping is writable and only its "
		   "entries are not",
	  .test = read_only,
	  .when = "a process maps the BAR without PROT_WRITE, or its entries do not allow stores",
	  .says = "process {pid} ({process}) maps {mapping} through {path} without PROT_WRITE: it cannot store to the "
		  "device at all",
	  .fix = "open(path, O_RDWR), then mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset)",
	  .source = "mmap(2); Linux fs/proc/task_mmu.c (the w of the permissions)" },
	{ .id = NULL },
};
