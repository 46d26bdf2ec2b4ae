/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pte_words.c - what is said about an entry, and why it is not WC. */
#include "pte_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "machine.h"
#include "over.h"
#include "request.h"

void ev_entry(const struct judge_ctx *c, struct finding *f, const struct bar_map *b, const struct pte_run *r)
{
	unsigned int slot = run_slot(r);
	uint64_t phys, len;
	char words[96];

	(void)b;
	if (!run_clip(r, c->start & ~4095ULL, (c->end + 4095) & ~4095ULL, &phys, &len))
		return;
	ev_hex(f, "address", r->start + (phys - r->phys));
	ev_hex(f, "entry", r->raw);
	ev_num(f, "pat_slot", slot);
	machine_entry_words(c->m, false, slot, phys, phys + len, words, sizeof(words));
	ev_text(f, "entry_type", "%s", words);
	machine_entry_words(c->m, true, slot, phys, phys + len, words, sizeof(words));
	ev_text(f, "effective", "%s", words);
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

bool wc_beside(const struct judge_ctx *c, const struct bar_map *b, bool *larger)
{
	uint64_t wc = 0;

	for (size_t i = 0; i < c->maps.n; i++) {
		const struct bar_map *w = &c->maps.m[i];

		if (w == b || !w->map || w->pid != b->pid || !w->map->write)
			continue;
		if (w->read)
			wc += w->other ? 0 : w->wc;
		else if (w->map->kind == MAP_SYSFS_WC && b->map && w->map->phys_known && b->map->phys_known &&
			 (map_phys_end(w->map) <= b->map->phys || map_phys_end(b->map) <= w->map->phys))
			wc += w->vend - w->vstart;
	}
	if (larger)
		*larger = wc >= b->other;
	return wc > 0;
}

/* Does a line of the kernel log say that somebody asked for WC over these pages? */
static bool asked_for_wc(const struct judge_ctx *c, uint64_t phys, uint64_t end)
{
	for (size_t i = 0; i < c->nreq; i++)
		if (c->req[i].ev && c->req[i].start <= phys && end <= c->req[i].end && c->req[i].stands != REQUEST_GONE)
			return true;
	return false;
}

/* A kernel mapping that holds these pages with another type than WC: its reservation decides for the process too. */
static const struct bar_map *kernel_alias(const struct judge_ctx *c, uint64_t phys, uint64_t end)
{
	for (size_t i = 0; i < c->maps.n; i++) {
		const struct bar_map *k = &c->maps.m[i];
		uint64_t p, len;

		for (size_t n = 0; !k->map && k->other && n < k->nrun; n++)
			if (run_clip(&k->run[n], phys, end, &p, &len))
				return k;
	}
	return NULL;
}

struct cause {
	const char *word, *because, *fix;
};

static const struct cause
	pat_off = { "pat-off", "PAT has no WC slot here, so a request for WC is encoded as UC-", NULL },
	both = { "both-pgprots",
		 "its bits are those that pgprot_noncached() and pgprot_writecombine() make together: they add up to "
		 "strong "
		 "UC (PWT and PCD)",
		 "apply one of them only: delete the pgprot_noncached() line and keep vma->vm_page_prot = "
		 "pgprot_writecombine(vma->vm_page_prot); before the remap" },
	rewritten = { "register-rewritten",
		      "the kernel believes that this slot holds WC, but the PAT register of the CPU holds another type",
		      "see the layer pat: find who rewrites MSR 0x277" },
	hard_coded = { "hard-coded",
		       "these bits mean WC only in Linux's own PAT layout, and this machine has another: the driver "
		       "sets _PAGE_PWT by hand",
		       "derive the bits from the PAT: vma->vm_page_prot = pgprot_writecombine(vma->vm_page_prot); "
		       "instead of "
		       "_PAGE_PWT" },
	no_reservation = { "no-reservation",
			   "nothing is reserved there, and for pages inserted at fault time or by a remap of part of "
			   "the VMA "
			   "the kernel then picks UC- whatever the handler asked for",
			   "reserve the BAR at probe: arch_io_reserve_memtype_wc(pci_resource_start(pdev, {bar}), "
			   "pci_resource_len(pdev, {bar})); and arch_io_free_memtype_wc() at remove; or map the whole "
			   "VMA by "
			   "one io_remap_pfn_range()" },
	downgraded = { "downgraded", "an older reservation decides, whatever was asked for",
		       "remove the older mapping or make it write-combining (ioremap_wc, resourceN_wc), then map "
		       "again; and "
		       "the mmap handler has to ask for it: vma->vm_page_prot = "
		       "pgprot_writecombine(vma->vm_page_prot); "
		       "before the remap" },
	downgraded_file = { "downgraded", "an older reservation decides, whatever was asked for",
			    "remove the older mapping or make it write-combining (ioremap_wc, resourceN_wc), then map "
			    "again" },
	asked_wrong = { "asked-wrong",
			"its own reservation is of that type and nobody else's overlaps: the mmap handler asked for it",
			"in the driver's mmap handler, before the remap: vma->vm_page_prot = "
			"pgprot_writecombine(vma->vm_page_prot); instead of pgprot_noncached()" },
	asked_by_file = { "asked-wrong", "the file that was mapped does not ask for WC",
			  "map /sys/bus/pci/devices/{slot}/resource{bar}_wc instead" },
	left_wb = { "asked-wrong", "the mmap handler left the protection as it was, which is write-back",
		    "in the driver's mmap handler, before the remap: vma->vm_page_prot = "
		    "pgprot_writecombine(vma->vm_page_prot);" },
	other = { "asked-wrong", "the type that the entry selects is not one that a request for WC can end in",
		  "in the driver's mmap handler, before the remap: vma->vm_page_prot = "
		  "pgprot_writecombine(vma->vm_page_prot);" };

static const struct cause *ucminus_cause(const struct judge_ctx *c, const struct bar_map *b, uint64_t phys,
					 uint64_t end, const struct over *o)
{
	bool list = c->m->memtype.fact.state == FACT_KNOWN;

	if (list && !o->n)
		return &no_reservation;
	if (b->map && b->map->kind == MAP_SYSFS_WC)
		return &downgraded_file;
	if (asked_for_wc(c, phys, end) || kernel_alias(c, phys, end))
		return &downgraded;
	if (b->map && b->map->kind != MAP_NODE)
		return &asked_by_file;
	return &asked_wrong;
}

static const struct cause *cause_of(const struct judge_ctx *c, const struct bar_map *b, const struct pte_run *r,
				    uint64_t phys, uint64_t end, const struct over *o)
{
	enum mtype type = machine_entry_type(c->m, 0, run_slot(r));
	const struct machine *m = c->m;

	/* The bits of Linux's WC, and yet it is none: either the kernel is wrong about its register, or the driver. */
	if (run_slot(r) == 1 && type != MT_WC)
		return m->belief_fact.state == FACT_KNOWN && m->belief.slot[1] == MT_WC ? &rewritten : &hard_coded;
	if (m->pat_state == PAT_STATE_OFF && (type == MT_UCMINUS || type == MT_UC))
		return &pat_off;
	if (type == MT_UCMINUS)
		return ucminus_cause(c, b, phys, end, o);
	if (type == MT_UC && run_slot(r) == 3)
		return o->types & (1u << MT_UC) && kernel_alias(c, phys, end) ? &downgraded : &both;
	return type == MT_WB ? &left_wb : &other;
}

void ev_cause(const struct judge_ctx *c, struct finding *f, const struct bar_map *b, const struct pte_run *r)
{
	const struct cause *why;
	uint64_t phys, len;
	struct over o;

	if (!f || !run_clip(r, c->start & ~4095ULL, (c->end + 4095) & ~4095ULL, &phys, &len))
		return;
	o = over_look(c, phys, phys + len);
	why = cause_of(c, b, r, phys, phys + len, &o);
	ev_text(f, "cause", "%s", why->word);
	if (why->fix)
		f->fix = (char *)why->fix;
	if ((why == &downgraded || why == &downgraded_file) && o.first_other) {
		const struct evidence *holder;

		ev_reservation(f, o.first_other);
		ev_holder(c, f, o.first_other, b->map);
		holder = finding_evidence(f, "holder");
		ev_text(f, "because", "%s (%s)", why->because, holder ? holder->text : "nobody visible");
	} else {
		ev_text(f, "because", "%s", why->because);
	}
	if (f->fix && strstr(f->fix, "{bar}"))
		ev_num(f, "bar", (uint64_t)c->bar);
	if (f->fix && strstr(f->fix, "{slot}"))
		ev_text(f, "slot", "%s", c->dev->slot);
}
