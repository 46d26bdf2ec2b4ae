/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules_pte_unknown.c - what keeps the entries of a BAR from deciding: nobody maps it, no reader is at hand, pages that
 * were never touched, a PAT register that is not known.
 */
#include <inttypes.h>
#include <stdio.h>

#include "barmap.h"
#include "machine.h"
#include "over.h"
#include "pte_words.h"

#define MAX_HITS 16
#define PAGE	 4096ULL

struct found {
	bool judged;	/* entries of a process decide */
	bool kernel_wc; /* the kernel's do */
	const struct bar_map *kernel;
	bool mapped;		  /* a process maps it to store, whatever its entries are */
	size_t hits, told;	  /* findings that change the verdict, and others */
	size_t lookers;		  /* processes that map it without PROT_WRITE */
	const struct map *unread; /* the one whose entry matters most of those that were not read */
	int rank;
	size_t nunread;
};

/* Who asked for WC is the one whose entry matters; then who is known to map this BAR, then a node of the device. */
static void note_unread(struct found *s, const struct map *p)
{
	int rank = p->kind == MAP_SYSFS_WC ? 3 : p->phys_known ? 2 : 1;

	s->nunread++;
	if (rank > s->rank) {
		s->rank = rank;
		s->unread = p;
	}
}

static void ev_reader_missing(struct judge_ctx *c, struct finding *f)
{
	const struct fact *e = &c->m->entries.fact;

	ev_text(f, "file", "%s", e->where);
	ev_text(f, "error", "%s", e->state == FACT_NOT_READ ? "not asked for" : e->why);
	ev_text(f, "remedy", "%s", e->remedy ? e->remedy : "let wcdiag read that process's page tables");
}

/* One sentence for all of them: they want the same remedy. */
static void unread(struct judge_ctx *c, const struct found *s)
{
	const struct map *p = s->unread;
	struct finding *f = hit_says(
		c, SEV_UNKNOWN,
		p->phys_known ? c->rule->says
			      : "process {pid} ({process}) maps this device's node {path} at {address}; whether "
				"that is this BAR, and with which type, cannot be told without the page table entry, "
				"which was not read ({file}: {error})",
		c->rule->fix);

	ev_map(f, p);
	ev_hex(f, "address", p->vstart);
	ev_num(f, "unread", s->nunread);
	if (c->m->entries.fact.state == FACT_KNOWN) {
		/* Walked, and yet this one is not among what was found: it came or went meanwhile. */
		ev_text(f, "file", "/proc/%d/maps", p->pid);
		ev_text(f, "error", "the mapping changed while it was looked at");
		ev_text(f, "remedy", "check again while the program stands still");
		return;
	}
	ev_reader_missing(c, f);
}

static void untouched(struct judge_ctx *c, const struct map *p, enum severity sev)
{
	struct finding *f = hit_says(c, sev,
				     "process {pid} ({process}) maps {path} at {address}, but its pages have no "
				     "entries: they were not touched yet, or the driver took them away; what they "
				     "will be cannot be told",
				     "let the program touch every page, then check again");

	ev_map(f, p);
	ev_hex(f, "address", p->vstart);
	ev_text(f, "reader", "%s", c->m->entries.reader);
}

/* Pages touched later get what is reserved for them. */
static bool rest_will_be_wc(const struct judge_ctx *c, const struct map *p)
{
	uint64_t start = p->phys_known ? p->phys : c->start, end = p->phys_known ? map_phys_end(p) : c->end;

	return c->m->memtype.fact.state == FACT_KNOWN && memtype_covers(&c->m->memtype, start, end, MT_WC);
}

static void partly_touched(struct judge_ctx *c, const struct bar_map *b)
{
	bool wc = rest_will_be_wc(c, b->map);
	struct finding *f = hit_says(c, wc ? SEV_INFO : SEV_SUSPECT,
				     wc ? "process {pid} ({process}) maps {path}: {pages} of its {of} pages have no "
					  "entry; when they come with an access they are write-combining, as they "
					  "are reserved"
					: "process {pid} ({process}) maps {path}: {pages} of its {of} pages have no "
					  "entry; when they come with an access, no WC reservation says that they "
					  "will be write-combining",
				     wc ? NULL : "let the program touch every page, then check again");

	ev_map(f, b->map);
	ev_num(f, "pages", b->none / PAGE);
	ev_num(f, "of", (b->vend - b->vstart) / PAGE);
	ev_text(f, "reader", "%s", c->m->entries.reader);
}

static void unknown_type(struct judge_ctx *c, const struct bar_map *b)
{
	const struct fact *f0 = c->m->msrs.fact.state == FACT_KNOWN ? &c->m->mtrr_fact : &c->m->msrs.fact;
	struct finding *f = hit_says(c, SEV_UNKNOWN,
				     "the entries of process {pid} ({process}) through {path} select PAT slot "
				     "{pat_slot}; which type that is, with the MTRRs, cannot be told on every CPU",
				     f0->remedy ? "{remedy}" : NULL);

	ev_bar_map(f, b);
	ev_entry(c, f, b->bad);
	ev_text(f, "reader", "%s", c->m->entries.reader);
	if (f0->state != FACT_KNOWN && f0->state != FACT_ABSENT) {
		ev_text(f, "file", "%s", f0->where);
		ev_text(f, "error", "%s", f0->state == FACT_NOT_READ ? "not asked for" : f0->why);
		if (f0->remedy)
			ev_text(f, "remedy", "%s", f0->remedy);
	} else {
		ev_text(f, "remedy", "look at wcdiag pat and wcdiag mtrr");
	}
}

/* vfio over a reservation that does not combine: map-vfio knows what its pages will be. */
static bool surely_not_wc(const struct judge_ctx *c, const struct map *p)
{
	struct over o;

	if (p->kind != MAP_VFIO || !p->phys_known || c->m->memtype.fact.state != FACT_KNOWN)
		return false;
	o = over_look(c, p->phys, map_phys_end(p));
	return o.bad ? o.combines == TRI_NO
		     : !o.n && machine_combines(c->m, MT_UCMINUS, p->phys, map_phys_end(p)) == TRI_NO;
}

static void elsewhere(struct judge_ctx *c, const struct bar_map *b)
{
	struct finding *f =
		hit_says(c, SEV_UNKNOWN,
			 "process {pid} ({process}) maps this BAR by what its file {path} says, and yet none of "
			 "its entries points into it: what it maps cannot be told",
			 "look at the entries: wcdiag pte --pid {pid}");

	ev_bar_map(f, b);
	ev_hex(f, "address", b->vstart);
	ev_text(f, "reader", "%s", c->m->entries.reader);
}

static void partly_seen(struct judge_ctx *c, const struct bar_map *b)
{
	struct finding *f = hit_says(c, SEV_UNKNOWN,
				     "process {pid} ({process}) maps {path}, and the reader saw only {pages} of its "
				     "{of} pages: of the others nothing is known, for the mapping changed while it was "
				     "looked at or the record is not whole",
				     "check again while the program stands still");

	ev_bar_map(f, b);
	ev_num(f, "pages", (b->vend - b->vstart - b->unseen) / PAGE);
	ev_num(f, "of", (b->vend - b->vstart) / PAGE);
	ev_text(f, "reader", "%s", c->m->entries.reader);
}

static void one(struct judge_ctx *c, const struct bar_map *b, struct found *s)
{
	if (!b->map) {
		/* A kernel mapping that combines is one that exists and was judged. */
		s->kernel_wc = s->kernel_wc || (b->wc && !b->other && !b->unknown);
		if (!s->kernel)
			s->kernel = b;
		return;
	}
	/* Who cannot store tells nothing about stores; of a private mapping's pte-private has all to say. */
	if (!b->map->write) {
		s->lookers++;
		return;
	}
	s->mapped = true;
	if (b->wc + b->other || !b->map->shared)
		s->judged = true;
	if (s->hits >= MAX_HITS)
		return;
	if (b->read && b->unseen && b->map->shared) {
		partly_seen(c, b);
		s->hits++;
	}
	if (!b->read) {
		note_unread(s, b->map);
	} else if (b->unknown && !b->other) {
		unknown_type(c, b);
		s->hits++;
	} else if (!filled_at_mmap(b->map->kind) && b->none) {
		if (b->wc + b->other) {
			if (s->told++ < MAX_HITS)
				partly_touched(c, b);
		} else if (!surely_not_wc(c, b->map)) {
			untouched(c, b->map, SEV_UNKNOWN);
			s->hits++;
		}
	} else if (!(b->wc + b->other + b->none) && b->map->shared) {
		elsewhere(c, b);
		s->hits++;
	}
}

/* Pages of a mapping by what its runs say of them. */
struct pages {
	uint64_t placed, empty; /* with a physical address; without an entry */
	size_t runs;
};

static struct pages pages_of(const struct judge_ctx *c, const struct map *p)
{
	struct pages x = { 0 };
	const struct pte_run *r;

	x.runs = entries_of(&c->m->entries, p->pid, p->vstart, p->vend, &r);
	for (size_t i = 0; i < x.runs; i++) {
		uint64_t lo = r[i].start > p->vstart ? r[i].start : p->vstart,
			 hi = r[i].end < p->vend ? r[i].end : p->vend;

		*(r[i].phys == PTE_NO_PHYS ? &x.empty : &x.placed) += hi > lo ? (hi - lo) / PAGE : 0;
	}
	return x;
}

/*
 * What a fault fills in later may be this BAR's pages as well: of a file that nothing ties to a device, and of a node of
 * this device that maps something else so far. Where all of the BAR is reserved WC they are write-combining then.
 */
static void may_come(struct judge_ctx *c, const struct found *s)
{
	int dev = (int)(c->dev - c->m->pci.dev);
	const struct map *first = NULL;
	struct pages of_first = { 0 };
	struct finding *f;
	size_t n = 0;

	if (!s->judged || s->hits)
		return;
	for (size_t i = 0; i < c->m->maps.n; i++) {
		const struct map *p = &c->m->maps.m[i];
		struct pages x;

		if (p->kind != MAP_NODE || p->phys_known || !p->write || !p->shared || bar_map_of(&c->maps, p) ||
		    (p->dev >= 0 && p->dev != dev) || (p->bar >= 0 && p->bar != c->bar))
			continue;
		x = pages_of(c, p);
		/* Memory that a file without a device hands out page by page is no BAR's. */
		if (!x.empty || (x.placed ? p->dev < 0 : p->dev >= 0) || rest_will_be_wc(c, p))
			continue;
		if (!n++) {
			first = p;
			of_first = x;
		}
	}
	if (!n)
		return;
	f = hit_says(c, SEV_SUSPECT,
		     "process {pid} ({process}) maps {path}: {pages} of its pages have no entry; should a fault bring "
		     "pages of this BAR there, no WC reservation says that they will be write-combining",
		     "let the program touch every page, then check again");
	ev_map(f, first);
	ev_num(f, "pages", of_first.empty);
	ev_num(f, "mappings", n);
	ev_text(f, "reader", "%s", c->m->entries.reader);
}

/* A node of this device whose place on it nothing tells: this BAR's, another's, or memory. */
static void nodes(struct judge_ctx *c, struct found *s)
{
	int dev = (int)(c->dev - c->m->pci.dev);

	for (size_t i = 0; i < c->m->maps.n && s->hits < MAX_HITS; i++) {
		const struct map *p = &c->m->maps.m[i];
		struct pages x;

		if (p->phys_known || p->dev != dev || (p->bar >= 0 && p->bar != c->bar))
			continue;
		x = pages_of(c, p);
		if (x.placed) /* what it maps is known, or may_come() */
			continue;
		if (!x.runs) {
			note_unread(s, p);
			continue;
		}
		if (!s->judged || !rest_will_be_wc(c, p)) {
			untouched(c, p, SEV_UNKNOWN);
			s->hits++;
		} else if (s->told++ < MAX_HITS) {
			untouched(c, p, SEV_INFO);
		}
	}
}

static const struct ioremap *ioremap_over(const struct judge_ctx *c)
{
	for (size_t i = 0; i < c->m->ioremaps.n; i++)
		if (c->m->ioremaps.r[i].start < c->end && c->start < c->m->ioremaps.r[i].end)
			return &c->m->ioremaps.r[i];
	return NULL;
}

static void nobody(struct judge_ctx *c, const struct found *s)
{
	static const char cure[] = "start your program and check again while it runs; or ask for less: --until memtype";
	const struct ioremap *io = ioremap_over(c);
	bool seen = c->m->maps.fact.state == FACT_KNOWN;
	struct finding *f;
	char words[200];

	if (s->kernel) {
		f = hit_says(c, SEV_UNKNOWN,
			     "no process maps this BAR to store to it; the kernel does ({holder}), and its entries "
			     "are {effective}: whether anything here is meant to be write-combining cannot be told",
			     cure);
		ev_bar_map(f, s->kernel);
		if (s->kernel->bad)
			ev_entry(c, f, s->kernel->bad);
		else
			ev_text(f, "effective", "not known");
		ev_text(f, "reader", "%s", c->m->entries.reader);
	} else if (io && seen) {
		f = hit_says(
			c, SEV_UNKNOWN,
			"no process is seen to map this BAR; the kernel itself does ({holder}), but its page table "
			"entries were not read ({file}: {error})",
			"{remedy}; if a program of yours is to map it, start it and check again while it runs; or ask "
			"for less: --until memtype");
		snprintf(words, sizeof(words), "ioremap of 0x%" PRIx64 "-0x%" PRIx64 " by %s%s%s%s", io->start, io->end,
			 io->caller, *io->module ? " [" : "", io->module, *io->module ? "]" : "");
		ev_text(f, "holder", "%s", words);
		ev_reader_missing(c, f);
	} else {
		f = hit_says(
			c, SEV_UNKNOWN,
			seen && s->lookers
				? "no process maps this BAR to store to it, only to look: there is no entry to judge"
			: seen ? "no mapping: no process is seen to map this BAR, so there is no entry to judge"
			       : "no mapping of this BAR was seen, but not every process could be looked at: {why}",
			cure);
		if (!seen)
			ev_text(f, "why", "%s: %s", c->m->maps.fact.where, c->m->maps.fact.why);
	}
}

void pte_unknown(struct judge_ctx *c)
{
	const struct fact *e = &c->m->entries.fact;
	struct found s = { .hits = 0 };
	struct finding *f;

	for (size_t i = 0; i < c->maps.n; i++)
		one(c, &c->maps.m[i], &s);
	nodes(c, &s);
	may_come(c, &s);
	if (s.unread) {
		unread(c, &s);
		s.hits++;
	}
	if (c->maps.orphan) {
		f = hit_says(
			c, SEV_UNKNOWN,
			"process {pid} has entries that point into this BAR, and its list of mappings does not tell of "
			"them: it changed while it was looked at, or could not be read",
			"check again while the program stands still; or look at the entries: wcdiag pte --pid {pid}");
		ev_num(f, "pid", (uint64_t)c->maps.orphan);
		ev_text(f, "reader", "%s", c->m->entries.reader);
		s.hits++;
	}
	if (c->maps.more) {
		hit_says(c, SEV_UNKNOWN, "more mappings of this BAR exist than were looked at", "end those not needed");
		s.hits++;
	}
	/* A reader that could not see everything: what it missed may map this BAR as well. */
	if ((*c->m->entries.reader || c->m->entries.list.n) && e->state != FACT_KNOWN && !s.hits) {
		f = hit_says(c, SEV_UNKNOWN, "not all page tables could be read ({file}: {error})", "{remedy}");
		ev_reader_missing(c, f);
		s.hits++;
	}
	if (!s.mapped && !s.hits && !s.kernel_wc)
		nobody(c, &s);
}
