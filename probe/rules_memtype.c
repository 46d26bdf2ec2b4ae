/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rules_memtype.c - what the kernel reserved for the BAR. The reservation is intent; who came first decides for all. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "alias_driven.h"
#include "over.h"
#include "pte_words.h"
#include "request.h"

#define MAX_HITS 16 /* findings of one rule for one BAR; more say the same */

/* The cure depends on whom there is to talk to. The row's own fix is for a kernel mapping. */
static void set_alias_fix(struct finding *f, enum holder h)
{
	if (!f || h == HELD_BY_KERNEL)
		return;
	f->fix = h == HELD_BY_PROCESS
			 ? (char *)"end process {holder_pid} ({holder_process}), or let it map resourceN_wc as well; "
				   "then map again: the older reservation decides as long as it lives"
			 : (char *)"find who reserved it: boot with debugpat, and the kernel log shows each "
				   "reservation as it is made; a reservation that a split mapping leaked (see "
				   "memtype-stale) goes only with a reboot";
}

/* Has another BAR of this device a WC reservation? Then this one is, by all looks, where the registers are. */
static bool wc_elsewhere(const struct judge_ctx *c)
{
	for (int b = 0; b < 6; b++) {
		const struct pci_bar *x = &c->dev->bar[b];

		if (b != c->bar && x->size && x->addr && (x->flags & RES_MEM) &&
		    over_look(c, x->addr, x->addr + x->size).wc)
			return true;
	}
	return false;
}

static void strange_type(struct judge_ctx *c, const struct memtype *t)
{
	struct finding *f =
		hit_says(c, SEV_UNKNOWN,
			 "line {line} of the list reserves {reserved} of this BAR with a word that wcdiag does "
			 "not know: what it means cannot be told",
			 "report it with the kernel's version: a type that this wcdiag does not know yet");

	ev_range(f, "reserved", t->start, t->end);
	ev_num(f, "line", t->line);
}

/* A node of this device: nothing tells which part of it, or of memory, it maps. */
static bool node_unplaced(const struct judge_ctx *c, const struct map *p)
{
	const struct pte_run *r;
	size_t n;

	if (p->kind != MAP_NODE || p->dev != (int)(c->dev - c->m->pci.dev))
		return false;
	n = entries_of(&c->m->entries, p->pid, p->vstart, p->vend, &r);
	for (size_t k = 0; k < n; k++)
		if (r[k].phys != PTE_NO_PHYS)
			return false;
	return true;
}

/* A process maps a node of this device's driver: what it asked for is not to be seen, but it may well have been WC. */
static const struct map *node_mapper(const struct judge_ctx *c)
{
	for (size_t i = 0; i < c->m->maps.n; i++)
		if (!c->m->maps.m[i].phys_known && node_unplaced(c, &c->m->maps.m[i]))
			return &c->m->maps.m[i];
	return NULL;
}

/*
 * A process's own mapping holds this reservation, and its entries were read: what it has is no guess any more, the
 * layer pte tells it. A kernel mapping of these pages is worth the warning all the same.
 */
static bool told_by_entries(const struct judge_ctx *c, const struct memtype *t)
{
	static const enum tri any[] = { TRI_YES, TRI_NO, TRI_UNKNOWN };
	bool kernel = false, user = false;

	for (size_t i = 0; i < sizeof(any) / sizeof(any[0]); i++) {
		const struct bar_piece *p = bar_piece_over(&c->maps, true, 0, t->start, t->end, any[i]);

		kernel = kernel || bar_piece_over(&c->maps, false, 0, t->start, t->end, any[i]);
		user = user || (p && c->maps.m[p->map].map->write);
	}
	return user && !kernel;
}

static void alias_advice(struct judge_ctx *c)
{
	struct over o = over_look(c, c->start, c->end);
	const struct map *node = node_mapper(c);
	struct finding *f;

	if (o.types & (1u << MT_UNKNOWN)) {
		strange_type(c, o.strange);
		return;
	}
	/*
	 * A UC- register page beside a WC window is how good drivers look: memtype-two-types mentions it as
	 * information. Only a device that is reserved without any WC gets the warning.
	 */
	if (!o.bad || o.wc || told_by_entries(c, o.bad))
		return;
	f = hit_says(
		c, wc_elsewhere(c) ? SEV_INFO : SEV_SUSPECT,
		node ? "{reserved} is reserved as {type} ({holder}), and process {pid} ({process}) maps this device's "
		       "node {path}: if it asked for write-combining there, it has silently got {type}"
		     : "{reserved} is reserved as {type} ({holder}): nobody is known to have asked for WC there, but "
		       "a WC mapping made now would silently get {type}",
		"if this part is meant to be write-combining: end that mapping, or make it WC (ioremap_wc), "
		"before the first WC mapping; if it holds registers all is well");
	ev_reservation(f, o.bad);
	ev_holder(c, f, o.bad, NULL);
	if (node)
		ev_map(f, node);
	ev_num(f, "reservations", o.n);
}

/* A reservation in the log has no name; an ioremap of exactly its range is most likely the one. */
static const char *logged_by(const struct judge_ctx *c, const struct request *r, char *buf, size_t len)
{
	const struct ioremaps *io = &c->m->ioremaps;

	snprintf(buf, len, "somebody (the kernel log tells no name)");
	for (size_t i = 0; i < io->n; i++)
		if (io->r[i].start == r->start && io->r[i].end == r->end) {
			snprintf(buf, len, "somebody (by its range probably the kernel ioremap by %s%s%s%s)",
				 io->r[i].caller, *io->r[i].module ? " [" : "", io->r[i].module,
				 *io->r[i].module ? "]" : "");
			break;
		}
	return buf;
}

/* What we asked for ourselves in an experiment. */
static bool driven(struct judge_ctx *c)
{
	struct alias_driven a;
	struct finding *f;

	if (!alias_driven(c, &a))
		return false;
	f = hit(c, SEV_BROKEN);
	ev_text(f, "who", "the kernel's side of the experiment (ioremap_wc)");
	ev_range(f, "wanted", a.start, a.end);
	ev_reservation(f, a.older);
	set_alias_fix(f, ev_holder(c, f, a.older, NULL));
	return true;
}

static void alias_wins(struct judge_ctx *c)
{
	char who[260];
	size_t hits = 0;

	/* Without a WC slot the request itself is turned into UC- before it is reserved: nobody came first. */
	if (c->m->pat_state == PAT_STATE_OFF)
		return;
	hits += driven(c);
	for (size_t i = 0; i < c->nreq && hits < MAX_HITS; i++) {
		const struct request *r = &c->req[i];
		struct over o = over_look(c, r->start, r->end);
		const struct bar_map *v;
		struct finding *f;

		if (r->stands == REQUEST_GONE || !o.bad)
			continue;
		/* Where the entries were read, they say what came of the request. */
		v = r->map ? bar_map_of(&c->maps, r->map) : NULL;
		if (v && v->read && !v->other && !v->unknown)
			continue;
		/* A downgrade in the log that a mapping already told: once is enough. */
		if (r->ev && hits)
			continue;
		hits++;
		f = hit(c, o.combines == TRI_NO && r->stands == REQUEST_STANDS ? SEV_BROKEN : SEV_UNKNOWN);
		if (r->map)
			ev_text(f, "who", "process %d (%s)", r->map->pid, r->map->comm);
		else
			ev_text(f, "who", "%s", logged_by(c, r, who, sizeof(who)));
		ev_range(f, "wanted", r->start, r->end);
		ev_reservation(f, o.bad);
		set_alias_fix(f, ev_holder(c, f, o.bad, r->map));
		if (r->map)
			ev_map(f, r->map);
		ev_num(f, "reservations", o.n);
	}
	if (!hits && c->more_requests)
		hit_says(c, SEV_UNKNOWN, "more mappings or log lines ask for WC over this BAR than were looked at",
			 "ask for one BAR and end what is not needed, or give a shorter log: --klog FILE");
	if (!hits)
		alias_advice(c);
}

/* Is this a mapping of the judged BAR whose place is known? */
static bool bar_map(const struct judge_ctx *c, const struct map *p)
{
	return p->phys_known && over_bar(c, p->phys, map_phys_end(p));
}

static bool untracked(const struct judge_ctx *c)
{
	return c->m->memtype.fact.state == FACT_ABSENT;
}

/*
 * Does anybody visible hold exactly this reservation, or what is left of it? A split mapping shows as several pieces
 * inside it. A mapping that reaches beyond it has a reservation of its own and does not hold this one.
 */
static bool held(const struct judge_ctx *c, const struct memtype *t)
{
	const struct machine *m = c->m;

	for (size_t i = 0; i < m->ioremaps.n; i++)
		if (m->ioremaps.r[i].start >= t->start && m->ioremaps.r[i].end <= t->end)
			return true;
	for (size_t i = 0; i < m->maps.n; i++) {
		const struct map *p = &m->maps.m[i];

		if (p->phys_known && p->phys >= t->start && map_phys_end(p) <= t->end)
			return true;
	}
	return false;
}

static int see_unexplained(const struct memtype *t, void *arg)
{
	return !held(arg, t);
}

/*
 * Does a driver's node hold a reservation somewhere else on its device? Then that explains the mapping, and nothing is
 * to be concluded about this BAR.
 */
static bool node_explained(const struct judge_ctx *c)
{
	for (int b = 0; b < 6; b++) {
		const struct pci_bar *x = &c->dev->bar[b];

		if (b != c->bar && x->size && x->addr &&
		    memtype_overlaps(&c->m->memtype, x->addr, x->addr + x->size, see_unexplained, (void *)c))
			return true;
	}
	return false;
}

/* Of a mapping whose place only its entries tell: does a page that does not combine lie outside of all reservations? */
static bool entries_unreserved(const struct judge_ctx *c, const struct bar_map *v)
{
	for (size_t k = 0; v && k < v->npiece; k++)
		if (v->piece[k].combines == TRI_NO &&
		    !over_look(c, v->piece[k].phys, v->piece[k].phys + v->piece[k].len).n)
			return true;
	return false;
}

/* Every page of it was read, is there, and combines. */
static bool all_wc(const struct bar_map *v)
{
	return v && v->read && v->wc && !(v->other + v->unknown + v->none + v->ram);
}

/* Of a mapping without a reservation: what its entries are, there and not WC, makes it a break. */
static struct finding *unreserved(struct judge_ctx *c, const struct map *p, const struct bar_map *v)
{
	struct finding *f =
		!all_wc(v) ? hit(c, v && v->other ? SEV_BROKEN : SEV_SUSPECT)
			   : hit_says(c, SEV_SUSPECT,
				      "{who}, but the kernel has no reservation there; its entries are "
				      "write-combining all the same, filled past the kernel's tracking: a later "
				      "mapping may get another type",
				      c->rule->fix);

	ev_map(f, p);
	if (v && v->bad)
		ev_entry(c, f, v->bad);
	if (v && v->read)
		ev_text(f, "reader", "%s", c->m->entries.reader);
	return f;
}

static void none(struct judge_ctx *c)
{
	size_t hits = 0;
	int unreserved_bar = -1; /* not yet looked */

	if (untracked(c)) /* PAT is off: the kernel reserves nothing for anybody */
		return;
	for (size_t i = 0; i < c->m->maps.n && hits < MAX_HITS; i++) {
		const struct map *p = &c->m->maps.m[i];
		const struct bar_map *v = bar_map_of(&c->maps, p);

		if (bar_map(c, p)) {
			/* A mapping whose entries were taken away lost its reservation with them: pte-gone tells it. */
			if (over_look(c, p->phys, map_phys_end(p)).n ||
			    (v && v->read && !(v->wc + v->other + v->unknown) && filled_at_mmap(p->kind)))
				continue;
			ev_text(unreserved(c, p, v), "who", "process %d (%s) maps 0x%" PRIx64 "-0x%" PRIx64, p->pid,
				p->comm, p->phys, map_phys_end(p));
			hits++;
		} else if (entries_unreserved(c, v)) {
			ev_text(unreserved(c, p, v), "who", "process %d (%s) maps pages of it through %s", p->pid,
				p->comm, p->path);
			hits++;
		} else if (!v && !hits && node_unplaced(c, p)) {
			if (unreserved_bar < 0)
				unreserved_bar = !over_look(c, c->start, c->end).n && !node_explained(c);
			if (!unreserved_bar)
				continue;
			ev_text(unreserved(c, p, NULL), "who", "process %d (%s) maps this device's node %s", p->pid,
				p->comm, p->path);
			hits++;
		}
	}
}

static void partial(struct judge_ctx *c)
{
	size_t hits = 0;

	for (size_t i = 0; i < c->m->maps.n && hits < MAX_HITS; i++) {
		const struct map *p = &c->m->maps.m[i];
		const struct bar_map *v;
		struct finding *f;
		struct over o;

		if (!bar_map(c, p))
			continue;
		o = over_look(c, p->phys, map_phys_end(p));
		/* Only a gap counts: a part of another type is alias-wins' or mixed's to tell. */
		if (!o.wc || memtype_covers(&c->m->memtype, p->phys, map_phys_end(p), MT_UNKNOWN))
			continue;
		v = bar_map_of(&c->maps, p);
		f = !all_wc(v) ? hit(c, SEV_BROKEN)
			       : hit_says(c, SEV_SUSPECT,
					  "the WC reservation {wc} does not cover the whole mapping {mapping} of "
					  "process {pid} "
					  "({process}); its entries are write-combining all the same, filled past the "
					  "kernel's tracking: a later mapping may get another type",
					  c->rule->fix);
		ev_range(f, "wc", o.first_wc->start, o.first_wc->end);
		ev_map(f, p);
		ev_text(f, "reader", "%s", v && v->read ? c->m->entries.reader : "maps and reservation");
		hits++;
	}
}

struct stale {
	struct judge_ctx *c;
	size_t hits, seen;
};

#define MAX_STALE_LOOKS                                                                                                \
	8192 /* each look costs a search for holders; more reservations over one BAR are no real machine's */

static bool freed_badly(const struct machine *m, const struct memtype *t)
{
	for (size_t i = 0; i < m->klog.n; i++)
		if (m->klog.ev[i].kind == KLOG_FREE_INVALID && m->klog.ev[i].start < t->end &&
		    t->start < m->klog.ev[i].end)
			return true;
	return false;
}

/* A driver's node maps memory whose place maps does not show: it may be the holder of anything on its device. */
static bool hidden_holder(const struct judge_ctx *c)
{
	int dev = (int)(c->dev - c->m->pci.dev);

	for (size_t i = 0; i < c->m->maps.n; i++)
		if (!c->m->maps.m[i].phys_known && (c->m->maps.m[i].dev == dev || c->m->maps.m[i].dev < 0))
			return true;
	return false;
}

static int see_stale(const struct memtype *t, void *arg)
{
	struct stale *s = arg;
	struct finding *f;
	bool leaked;

	if (++s->seen > MAX_STALE_LOOKS)
		return 1;
	leaked = freed_badly(s->c->m, t);
	/* arch_io_reserve_memtype_wc() leaves no other trace: with a driver bound, a WC reservation may well be its
	 * own. */
	if ((!leaked && *s->c->dev->driver) || held(s->c, t))
		return 0;
	f = hit(s->c, SEV_SUSPECT);
	ev_reservation(f, t);
	ev_text(f, "because", "%s",
		leaked ? "the kernel log says \"freeing invalid memtype\" over it"
		       : "no process maps it, no ioremap covers it, no driver is bound");
	ev_num(f, "line", t->line);
	return ++s->hits >= MAX_HITS;
}

static void stale(struct judge_ctx *c)
{
	struct stale s = { c, 0, 0 };

	if (!hidden_holder(c))
		memtype_overlaps(&c->m->memtype, c->start, c->end, see_stale, &s);
}

static void off(struct judge_ctx *c)
{
	if (untracked(c))
		ev_text(hit(c, SEV_INFO), "because", "%s", c->m->pat_why);
}

const struct rule rules_memtype[] = {
	{ .id = "memtype-unknown",
	  .layer = LAYER_MEMTYPE,
	  .sev = SEV_UNKNOWN,
	  .other = "info when the fact only improves the answer",
	  .when = "the reservation list, the mappings or the kernel log could not be read",
	  .says = "{fact} could not be read: {file}: {error}",
	  .fix = "{remedy}",
	  .source = "wcdiag-rules(7): a missing fact never reads as ok" },
	{ .id = "memtype-alias-wins",
	  .layer = LAYER_MEMTYPE,
	  .sev = SEV_BROKEN,
	  .needs = F(LIST) | F(MAPS),
	  .uses = F(VMALLOC) | F(KLOG),
	  .per_bar = true,
	  .other = "suspect when nobody is known to have asked for WC (advice), info when another BAR of the device is "
		   "WC already; unknown when the effective type or the request cannot be told",
	  .test = alias_wins,
	  .when = "an earlier UC or UC- reservation overlaps a request for WC: the kernel silently gives the older "
		  "type",
	  .says = "{who} asked for write-combining over {wanted}, but {reserved} is reserved as {type}: the first "
		  "reservation decides for everybody, silently. Held by: {holder}",
	  .fix = "remove the older mapping, or make it write-combining too: in the driver replace ioremap(start, len) "
		 "or pci_iomap() of this BAR by ioremap_wc(start, len) / pci_iomap_wc(pdev, bar, len), or do not map "
		 "these pages; then map again",
	  .source = "Linux arch/x86/mm/pat/memtype.c memtype_check_conflict; https://github.com/Xilinx/XRT/pull/7227" },
	{ .id = "memtype-none",
	  .layer = LAYER_MEMTYPE,
	  .needs = F(LIST) | F(MAPS),
	  .per_bar = true,
	  .sev = SEV_BROKEN,
	  .other = "suspect while its entries were not read, are not there yet, or are WC all the same",
	  .test = none,
	  .when = "the BAR is mapped, but no reservation covers the mapping (fault-time insertion, partial remap): the "
		  "kernel then picks UC-",
	  .says = "{who}, but the kernel has no reservation there: pages inserted at fault time, or by a remap of part "
		  "of the VMA, then get UC- whatever the handler asked for",
	  .fix = "reserve the BAR at probe: arch_io_reserve_memtype_wc(pci_resource_start(pdev, bar), "
		 "pci_resource_len(pdev, bar)); (and arch_io_free_memtype_wc() at remove); or map the whole VMA by one "
		 "io_remap_pfn_range()",
	  .source = "Linux arch/x86/mm/pat/memtype.c lookup_memtype, track_pfn_insert" },
	{ .id = "memtype-partial",
	  .layer = LAYER_MEMTYPE,
	  .sev = SEV_BROKEN,
	  .needs = F(LIST) | F(MAPS),
	  .per_bar = true,
	  .other = "suspect when the entries of the whole mapping were read and are WC all the same",
	  .test = partial,
	  .when = "the WC reservation ends inside a mapping; a mapping that is itself whole, but shorter than the BAR, "
		  "is no fault",
	  .says = "the WC reservation {wc} does not cover the whole mapping {mapping} of process {pid} ({process}): "
		  "the rest is UC-",
	  .fix = "reserve all of it: arch_io_reserve_memtype_wc() over the whole BAR, or one remap for the whole VMA",
	  .source = "Linux arch/x86/mm/pat/memtype.c lookup_memtype (UC- where nothing is reserved)" },
	{ .id = "memtype-stale",
	  .layer = LAYER_MEMTYPE,
	  .sev = SEV_SUSPECT,
	  .needs = F(LIST) | F(MAPS) | F(KLOG),
	  .uses = F(VMALLOC),
	  .per_bar = true,
	  .test = stale,
	  .when = "a reservation that nobody holds any more: kernels up to 6.12 leak it when part of a BAR mapping is "
		  "unmapped or mprotected",
	  .says = "{reserved} is reserved as {type}, but nobody visible holds it ({because}): it decides over every "
		  "later mapping until the next boot",
	  .fix = "reboot to clear it; never munmap or mprotect a part of a BAR mapping (Linux up to 6.12 leaks the "
		 "reservation)",
	  .source = "Linux 6.12 arch/x86/mm/pat/memtype.c untrack_pfn; seen on 6.1 and 6.12" },
	{ .id = "memtype-untracked",
	  .layer = LAYER_MEMTYPE,
	  .sev = SEV_INFO,
	  .needs = F(LIST),
	  .per_bar = true,
	  .test = off,
	  .when = "PAT is off, so the kernel keeps no reservations",
	  .says = "the kernel keeps no reservations ({because}): nothing is downgraded here, MTRRs alone decide",
	  .fix = NULL,
	  .source = "Linux arch/x86/mm/pat/memtype.c memtype_reserve (returns early when !pat_enabled())" },
	{ .id = NULL },
};
