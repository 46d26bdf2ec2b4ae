/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pte.c - page table entries: of a process, of every mapping of a BAR, of the kernel. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/json.h"
#include "cmd/pte.h"
#include "probe/machine.h"
#include "probe/src.h"

/* What the entries are and how many pages, in words: the table has a line a run. */
static void say_pages(struct view *v, const struct pte_found *f)
{
	uint64_t pages[PTE_KINDS] = { 0 };
	char text[256] = "";
	size_t n = 0;

	for (size_t i = 0; i < f->list.n; i++)
		pages[f->list.r[i].kind] += (f->list.r[i].end - f->list.r[i].start) / 4096;
	for (int k = 0; k < PTE_KINDS && n < sizeof(text); k++) {
		static const int order[] = { PTE_PRESENT, PTE_PROTNONE, PTE_OTHER, PTE_NONE };
		struct pte_run r = { .kind = (uint8_t)order[k] };

		if (pages[order[k]])
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%" PRIu64 " %s", n ? ", " : "",
					      pages[order[k]], pte_word_kind(&r));
	}
	view_line(v, "%zu run%s, in pages of 4 KiB: %s; read by %s, %u levels of page tables", f->list.n,
		  f->list.n == 1 ? "" : "s", text, *f->reader ? f->reader : "an unknown reader", f->levels);
}

static void unknown(struct view *v)
{
	if (v->rc < EXIT_UNKNOWN)
		v->rc = EXIT_UNKNOWN;
}

/* Where reader and kernel disagree, nothing of the reading can be believed: that is said of each process, loudly. */
static void say_wrong(struct view *v, const struct pte_who *w)
{
	const struct pagemap_check *c = &w->pagemap;

	unknown(v);
	if (c->differ)
		view_line(v,
			  "WRONG: process %d: %" PRIu64 " of %" PRIu64
			  " RAM pages have another frame in pagemap than in their "
			  "entry, first 0x%" PRIx64 ": entry 0x%" PRIx64 ", pagemap 0x%" PRIx64,
			  w->pid, c->differ, c->pages, c->first, c->first_raw, c->first_pagemap);
	if (c->scan_differ)
		view_line(v, "WRONG: process %d: PAGEMAP_SCAN says otherwise of %" PRIu64 " pages", w->pid,
			  c->scan_differ);
	view_line(v, "believe nothing of this reading, and report it as a fault of wcdiag");
}

/* The kernel's own word about the same pages. */
static void say_pagemap(struct view *v, const struct pte_found *f)
{
	struct pagemap_check sum = { .scanned = true };

	for (size_t i = 0; i < f->nwho; i++) {
		const struct pagemap_check *c = &f->who[i].pagemap;

		if (!f->who[i].checked)
			continue;
		if (c->fact.state == FACT_MISSING)
			view_line(v, "not checked against pagemap: %s: %s", c->fact.where, c->fact.why);
		if (c->differ || c->scan_differ)
			say_wrong(v, &f->who[i]);
		sum.pages += c->pages;
		sum.differ += c->differ + c->scan_differ;
		sum.hidden += c->hidden;
		sum.no_frame += c->no_frame;
		sum.moved += c->moved;
		sum.scanned &= c->scanned;
	}
	if (sum.pages && !sum.differ)
		view_line(v, "checked against pagemap: %" PRIu64 " RAM page%s, all the same%s", sum.pages,
			  sum.pages == 1 ? "" : "s", sum.scanned ? "; PAGEMAP_SCAN agrees" : "");
	if (sum.moved)
		view_line(v, "%" PRIu64 " page%s changed while they were compared", sum.moved,
			  sum.moved == 1 ? "" : "s");
	if (sum.no_frame)
		view_line(v, "pagemap keeps the frames of %" PRIu64 " page%s back (it takes CAP_SYS_ADMIN)",
			  sum.no_frame, sum.no_frame == 1 ? "" : "s");
	if (sum.hidden)
		view_line(v, "pagemap shows nothing of %" PRIu64 " page%s of device memory: it never does", sum.hidden,
			  sum.hidden == 1 ? "" : "s");
}

static void say_nothing_found(struct view *v, const struct pte_target *t, const struct pte_found *f)
{
	if (device_arg_given(&t->bar)) {
		if (v->m->maps.fact.state != FACT_KNOWN)
			return;
		view_line(v,
			  t->pid ? "process %2$d maps nothing of %1$s"
				 : "nobody maps %s: no process and no mapping of the kernel has an entry for it",
			  t->bar.typed, t->pid);
	} else if (!src_is_live(v->m->src)) {
		view_line(v, "the snapshot has no entries there: it holds those of device memory only");
	} else {
		view_line(v,
			  f->holes ? "nothing there is mapped (--all shows what is not)" : "nothing is mapped there");
	}
}

static void say_gone(struct view *v, const struct pte_found *f)
{
	char path[32];

	unknown(v);
	if (v->json)
		return;
	snprintf(path, sizeof(path), "/proc/%d", f->gone);
	if (!src_is_live(v->m->src))
		view_line(v, "process %d ended while the snapshot was taken: its entries are gone", f->gone);
	else if (src_exists(v->m->src, path))
		view_line(v, "process %d is gone: there is nothing to read any more", f->gone);
	else
		view_line(v, "process %d has no memory of its own: a thread of the kernel, or it is just ending",
			  f->gone);
}

/* No reader: what is missing, what it would add, how to get it. */
static void say_missing(struct view *v, const struct pte_found *f)
{
	const struct fact *k = &f->fact;

	unknown(v);
	view_line(v, "not read: %s: %s%s%s%s", k->where, k->why, k->remedy ? " (" : "", k->remedy ? k->remedy : "",
		  k->remedy ? ")" : "");
	view_line(v, "without the entries only the type that was reserved is known, not the one that the CPU uses: "
		     "wcdiag memtype");
}

static void show(struct view *v, void *ctx)
{
	const struct pte_target *t = ctx;
	struct table_args try = t->table;
	struct pte_found f;

	if (table_args_finish(v->c, pte_cols, pte_usual, &try) || pte_find(v, t, &f)) {
		v->rc = EXIT_FAILED;
		return;
	}
	if (v->json)
		pte_json(v, &f);
	else if (f.list.n)
		pte_rows(v, t, &f);
	if (f.list.n && v->rc != EXIT_FAILED)
		say_pages(v, &f);
	if (f.nwho == 1 && t->pid && f.who[0].pid != t->pid)
		view_line(v, "the main thread of process %d has ended: read through its thread %d", t->pid, f.who[0].pid);
	if (v->rc != EXIT_FAILED)
		say_pagemap(v, &f);
	if (f.gone)
		say_gone(v, &f);
	if (f.fact.state != FACT_KNOWN)
		say_missing(v, &f);
	else if (!f.list.n && !f.gone)
		say_nothing_found(v, t, &f);
	if (v->json)
		js_fact(v->json, "entries", &f.fact);
	if (f.list.n || v->json) {
		view_fact(v, "registers", &v->m->msrs.fact);
		if (v->m->msrs.fact.state == FACT_KNOWN)
			view_fact(v, "mtrrs", &v->m->mtrr_fact);
		view_fact(v, "reservations", &v->m->memtype.fact);
	}
	if (device_arg_given(&t->bar)) {
		view_fact(v, "mappings", &v->m->maps.fact);
		view_fact(v, "ioremaps", &v->m->ioremaps.fact);
	}
	pte_found_free(&f);
}

/* What has to be read depends on what was asked: one process is walked alone. */
static unsigned int to_read(const struct pte_target *t, const struct src *s)
{
	unsigned int what = READ_MSR | READ_KLOG | READ_LIST | READ_PCI;

	if (device_arg_given(&t->bar))
		return what | READ_VMALLOC | READ_MAPS | READ_ENTRIES;
	if (t->kernel)
		what |= READ_VMALLOC;
	return src_is_live(s) ? what : what | READ_MAPS | READ_ENTRIES;
}

static int run(const struct cmd *c, int argc, char **argv)
{
	struct pte_target t = { .c = c, .bar = { .bar = -1 } };
	struct view v = { .c = c };
	struct src *s = NULL;
	int at, rc = common_parse(c, argc, argv, &v.o, pte_option, &t, &at);

	if (rc >= 0)
		return rc;
	for (rc = 0; at < argc && !rc; at++)
		rc = pte_positional(&t, argv[at]);
	if (!rc)
		rc = pte_target_check(&t, !v.o.nroot);
	if (!rc)
		rc = common_open(&v.o, &s);
	v.rows_only = t.table.raw || t.table.pairs || t.table.noheadings;
	if (!rc)
		rc = view_show(&v, s, to_read(&t, s), t.verify ? pte_verify : show, &t);
	src_close(s);
	common_free(&v.o);
	return rc;
}

const struct cmd cmd_pte = {
	.name = "pte",
	.args = "[ADDR[+LEN]]",
	.help = "page table entries: which type the CPU really uses, page by page",
	.more = "wcdiag pte --pid PID [ADDR[+LEN]]     a process, all of it or a range\n"
		"wcdiag pte --bar SLOT:N [--pid PID]   every mapping of a BAR, or those of one process\n"
		"wcdiag pte --kernel ADDR[+LEN]        the kernel\n"
		"wcdiag pte --self [ADDR[+LEN]]        wcdiag itself: tests the reader\n\n"
		"ADDR is 0x7f12345000 or decimal, LEN takes K, M, G, T. Neighbouring pages with equal entries are one\n"
		"line. Live the helper module reads them, or, where it is not loaded, /proc/kcore does, for root. It reads no\n"
		"device and changes nothing. With -n, -r or -P all but the rows goes to stderr.\n\n"
		"Exit status: 0 read, 2 something could not be read, or pagemap disagrees (it says which),\n"
		"3 usage error or failure. --verify: 0 both say the same, 1 they differ, 2 one of them cannot read.",
	.opts = pte_opts,
	.common = OPT_ROOT | OPT_JSON | OPT_READER,
	.cols = pte_cols,
	.run = run,
};
