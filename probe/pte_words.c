/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pte_words.c - what is said about an entry, and why it is not WC. */
#include "pte_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "machine.h"
#include "over.h"
#include "request.h"

void ev_entry(const struct judge_ctx *c, struct finding *f, const struct bar_piece *p)
{
	char words[96];

	ev_hex(f, "address", p->va);
	ev_hex(f, "entry", p->run->raw);
	ev_num(f, "pat_slot", p->slot);
	machine_entry_words(c->m, false, p->slot, p->phys, p->phys + p->len, words, sizeof(words));
	ev_text(f, "entry_type", "%s", words);
	machine_entry_words(c->m, true, p->slot, p->phys, p->phys + p->len, words, sizeof(words));
	ev_text(f, "effective", "%s", words);
}

bool filled_at_mmap(enum map_kind k)
{
	return k != MAP_VFIO && k != MAP_NODE && k != MAP_UIO;
}

void kernel_words(const struct bar_map *b, char *buf, size_t len)
{
	if (b->io)
		snprintf(buf, len, "kernel ioremap by %s%s%s%s", b->io->caller, *b->io->module ? " [" : "",
			 b->io->module, *b->io->module ? "]" : "");
	else
		snprintf(buf, len, "kernel mapping at 0x%" PRIx64 " (not an ioremap that vmallocinfo lists)",
			 b->vstart);
}

void ev_map_of_bar(struct finding *f, const struct map *p)
{
	ev_map(f, p);
	if (!p->phys_known)
		ev_text(f, "mapping", "pages of it");
}

void ev_bar_map(struct finding *f, const struct bar_map *b)
{
	char who[200];

	if (b->map) {
		ev_map_of_bar(f, b->map);
		return;
	}
	kernel_words(b, who, sizeof(who));
	ev_text(f, "holder", "%s", who);
}

/* Is a page that does not combine here write-combining in another mapping of that process (0: of any)? */
static bool same_page_wc(const struct judge_ctx *c, const struct bar_map *b, int pid)
{
	for (size_t i = 0; i < b->npiece; i++)
		if (b->piece[i].combines != TRI_YES &&
		    bar_piece_over(&c->maps, true, pid, b->piece[i].phys, b->piece[i].phys + b->piece[i].len, TRI_YES))
			return true;
	return false;
}

/* Bytes of WC windows: of the same process, or of the others. */
static uint64_t windows(const struct judge_ctx *c, const struct bar_map *b, bool own)
{
	uint64_t wc = 0;

	for (size_t i = 0; i < c->maps.nprocess; i++) {
		const struct bar_map *w = &c->maps.m[i];

		if (w == b || (w->pid == b->pid) != own || !w->map->write || !w->map->shared)
			continue;
		if (w->read)
			wc += w->other ? 0 : w->wc;
		else if (w->map->kind == MAP_SYSFS_WC && w->map->phys_known && b->map->phys_known &&
			 (map_phys_end(w->map) <= b->map->phys || map_phys_end(b->map) <= w->map->phys))
			wc += w->vend - w->vstart;
	}
	return wc;
}

/* Bytes of this BAR that the process can store to and that do not combine: many small mappings are a large one. */
static uint64_t others_of(const struct judge_ctx *c, int pid)
{
	uint64_t other = 0;

	for (size_t i = 0; i < c->maps.nprocess; i++) {
		const struct bar_map *w = &c->maps.m[i];

		if (w->pid == pid && w->map->write && w->map->shared)
			other += w->other;
	}
	return other;
}

/* All of it is the kernel's as well, and not write-combining there either. */
static bool kernels_registers(const struct judge_ctx *c, const struct bar_map *b)
{
	for (size_t i = 0; i < b->npiece; i++) {
		const struct bar_piece *p = &b->piece[i];

		if (!bar_piece_over(&c->maps, false, 0, p->phys, p->phys + p->len, TRI_NO) ||
		    bar_piece_over(&c->maps, false, 0, p->phys, p->phys + p->len, TRI_YES))
			return false;
	}
	return b->npiece > 0;
}

/* Registers are uncached; a page left write-back is none, and who mapped resourceN_wc asked for WC. */
static bool may_be_registers(const struct judge_ctx *c, const struct bar_map *b)
{
	if (b->map->kind == MAP_SYSFS_WC)
		return false;
	for (size_t i = 0; i < b->npiece; i++) {
		enum mtype t = machine_entry_type(c->m, 0, b->piece[i].slot);

		if (t != MT_UC && t != MT_UCMINUS)
			return false;
	}
	return true;
}

enum window window_beside(const struct judge_ctx *c, const struct bar_map *b, bool *larger)
{
	uint64_t own, others, other = larger ? others_of(c, b->pid) : 0;

	if (!may_be_registers(c, b))
		return WINDOW_NONE;
	own = windows(c, b, true);

	if (larger)
		*larger = own >= other;
	if (own && !same_page_wc(c, b, b->pid))
		return WINDOW_OWN;
	others = own ? 0 : windows(c, b, false);
	if (larger)
		*larger = others >= other;
	return others && kernels_registers(c, b) && !same_page_wc(c, b, 0) ? WINDOW_OTHERS : WINDOW_NONE;
}

/* Does a line of the kernel log say that somebody asked for WC over these pages? */
static bool asked_for_wc(const struct judge_ctx *c, uint64_t phys, uint64_t end)
{
	for (size_t i = 0; i < c->nreq; i++)
		if (c->req[i].ev && c->req[i].start <= phys && end <= c->req[i].end && c->req[i].stands != REQUEST_GONE)
			return true;
	return false;
}

struct cause {
	const char *word, *because, *fix;
};

#define ASK_FOR_WC                                                                                                     \
	"in the driver's mmap handler, before the remap: vma->vm_page_prot = pgprot_writecombine(vma->vm_page_prot);"

static const struct cause
	pat_off = { "pat-off", "PAT has no WC slot here, so a request for WC is encoded as UC-",
		    "bring PAT back (see the layer pat), or lay a WC MTRR over the BAR" },
	both = { "both-pgprots",
		 "its bits are those that pgprot_noncached() and pgprot_writecombine() make together: they add up to "
		 "strong UC (PWT and PCD)",
		 "apply one of them only: delete the pgprot_noncached() line and keep vma->vm_page_prot = "
		 "pgprot_writecombine(vma->vm_page_prot); before the remap" },
	cpus_differ = { "register-rewritten", "the PAT registers of the CPUs hold different types in this slot",
			"see the layer pat: every CPU must hold the same MSR 0x277" },
	rewritten = { "register-rewritten",
		      "the kernel believes that this slot holds WC, but the PAT register of the CPU holds another type",
		      "see the layer pat: find who rewrites MSR 0x277" },
	hard_coded = { "hard-coded",
		       "these bits mean WC only in Linux's own PAT layout, and this machine has another: the driver "
		       "sets _PAGE_PWT by hand",
		       "derive the bits from the PAT: vma->vm_page_prot = pgprot_writecombine(vma->vm_page_prot); "
		       "instead of _PAGE_PWT" },
	no_reservation = { "no-reservation",
			   "nothing is reserved there, and for pages inserted at fault time or by a remap of part of "
			   "the VMA the kernel then picks UC- whatever the handler asked for",
			   "reserve the BAR at probe: arch_io_reserve_memtype_wc(pci_resource_start(pdev, {bar}), "
			   "pci_resource_len(pdev, {bar})); and arch_io_free_memtype_wc() at remove; or map the "
			   "whole VMA by one io_remap_pfn_range()" },
	past_tracking = { "past-tracking",
			  "write-combining is reserved there, so whoever filled the page table did it past the "
			  "kernel's tracking, and with another type",
			  ASK_FOR_WC
			  " and map with io_remap_pfn_range() or vmf_insert_pfn(), which look at the reservation" },
	downgraded = { "downgraded",
		       "the oldest reservation decides, whatever was asked for, and others hold these pages too",
		       "remove the older mapping or make it write-combining (ioremap_wc, resourceN_wc), then map "
		       "again; and the mmap handler has to ask for it: vma->vm_page_prot = "
		       "pgprot_writecombine(vma->vm_page_prot); before the remap" },
	downgraded_file = { "downgraded", "an older reservation decides, whatever was asked for",
			    "remove the older mapping or make it write-combining (ioremap_wc, resourceN_wc), then map "
			    "again" },
	asked_wrong = { "asked-wrong",
			"its own reservation is of that type and nobody else's overlaps: the mmap handler asked for it",
			ASK_FOR_WC " instead of pgprot_noncached()" },
	asked_by_file = { "asked-wrong", "the file that was mapped does not ask for WC",
			  "map /sys/bus/pci/devices/{slot}/resource{bar}_wc instead" },
	left_wb = { "asked-wrong", "the mmap handler left the protection as it was, which is write-back", ASK_FOR_WC },
	not_told = { "asked-wrong", "the reservations do not tell more; the mmap handler asked for it, by all looks",
		     ASK_FOR_WC },
	other = { "asked-wrong", "the type that the entry selects is not one that a request for WC can end in",
		  ASK_FOR_WC };

/* The kernel maps these pages with another type than WC: its reservation decides for the process too. */
static bool kernel_alias(const struct judge_ctx *c, const struct bar_piece *p)
{
	return bar_piece_over(&c->maps, false, 0, p->phys, p->phys + p->len, TRI_NO);
}

/* Somebody else than this mapping holds a reservation over these pages. */
static bool others_hold(const struct judge_ctx *c, const struct bar_map *b, const struct over *o)
{
	const struct map *hm;
	char who[180];

	return o->n > 1 && o->first_other && holder_of(c, o->first_other, b->map, who, sizeof(who), &hm) > 0;
}

static const struct cause *ucminus_cause(const struct judge_ctx *c, const struct bar_map *b, const struct bar_piece *p,
					 const struct over *o)
{
	bool list = c->m->memtype.fact.state == FACT_KNOWN;

	if (list && !o->n)
		return &no_reservation;
	if (list && !o->other)
		return &past_tracking;
	if (b->map->kind == MAP_SYSFS_WC)
		return &downgraded_file;
	if (b->map->kind != MAP_NODE)
		return &asked_by_file;
	if (asked_for_wc(c, p->phys, p->phys + p->len) || kernel_alias(c, p) || others_hold(c, b, o))
		return &downgraded;
	if (!list)
		return &not_told;
	return &asked_wrong;
}

static const struct cause *cause_of(const struct judge_ctx *c, const struct bar_map *b, const struct bar_piece *p,
				    const struct over *o)
{
	const struct machine *m = c->m;
	enum mtype type = machine_entry_type(m, 0, p->slot);

	if (machine_slot_differs(m, p->slot))
		return &cpus_differ;
	/* The bits of Linux's WC, and yet it is none: either the kernel is wrong about its register, or the driver. */
	if (p->slot == 1 && type != MT_WC)
		return m->belief_fact.state == FACT_KNOWN && m->belief.slot[1] == MT_WC ? &rewritten : &hard_coded;
	if (m->pat_state == PAT_STATE_OFF && (type == MT_UCMINUS || type == MT_UC))
		return &pat_off;
	if (type == MT_UCMINUS)
		return ucminus_cause(c, b, p, o);
	if (type == MT_UC && p->slot == 3)
		return o->types & (1u << MT_UC) && kernel_alias(c, p) ? &downgraded : &both;
	return type == MT_WB ? &left_wb : &other;
}

void ev_cause(const struct judge_ctx *c, struct finding *f, const struct bar_map *b, const struct bar_piece *p)
{
	struct over o = over_look(c, p->phys, p->phys + p->len);
	const struct cause *why = cause_of(c, b, p, &o);

	if (!f)
		return;
	ev_text(f, "cause", "%s", why->word);
	f->fix = (char *)why->fix;
	if ((why == &downgraded || why == &downgraded_file) && o.first_other) {
		const struct evidence *holder;

		ev_reservation(f, o.first_other);
		ev_holder(c, f, o.first_other, b->map);
		holder = finding_evidence(f, "holder");
		ev_text(f, "because", "%s (%.90s%s)", why->because, holder ? holder->text : "nobody visible",
			holder && strlen(holder->text) > 90 ? "..." : "");
	} else {
		ev_text(f, "because", "%s", why->because);
	}
	if (strstr(f->fix, "{bar}"))
		ev_num(f, "bar", (uint64_t)c->bar);
	if (strstr(f->fix, "{slot}"))
		ev_text(f, "slot", "%s", c->dev->slot);
}
