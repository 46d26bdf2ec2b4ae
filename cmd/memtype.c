/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memtype.c - the kernel's reservations, with the BAR each lies in and who holds it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/device.h"
#include "cmd/text.h"
#include "cmd/view.h"
#include "probe/machine.h"
#include "probe/request.h"
#include "probe/rule.h"

static const struct col cols[] = {
	{ "START", COL_HEX, "first byte" },
	{ "END", COL_HEX, "first byte after it (exclusive)" },
	{ "SIZE", COL_SIZE, "length" },
	{ "TYPE", COL_TEXT, "reserved type" },
	{ "BAR", COL_TEXT, "BAR that it overlaps" },
	{ "HOLDER", COL_TEXT, "who holds it, as far as vmallocinfo and maps tell" },
	{ NULL, 0, NULL },
};

struct args {
	struct device_arg dev;
	const struct cmd *c;
	bool all;
};

static const struct opt opts[] = { DEVICE_OPTS,
				   { 'a', "all", NULL, "reservations outside of BARs too" },
				   { 0, NULL, NULL, NULL } };

/* The first BAR that a reservation overlaps. */
static const struct pci_device *bar_at(const struct machine *m, const bool *sel, int only, const struct memtype *t,
				       int *bar)
{
	for (size_t d = 0; d < m->pci.n; d++)
		for (int b = 0; b < 6; b++) {
			const struct pci_bar *p = &m->pci.dev[d].bar[b];

			if ((sel && !sel[d]) || (only >= 0 && b != only))
				continue;
			if (p->size && (p->flags & RES_MEM) && p->addr < t->end && t->start < p->addr + p->size) {
				*bar = b;
				return &m->pci.dev[d];
			}
		}
	return NULL;
}

/* The next holder in holder_of()'s list; NULL: that was the last. */
static const char *next_holder(const char *s)
{
	const char *a = strstr(s, ", process "), *b = strstr(s, ", kernel ioremap by ");

	return !a || (b && b < a) ? b : a;
}

/* holder_of()'s list, in which no name is cut. A program gets more of it than a table can hold. */
static void holders(const struct judge_ctx *jc, const struct memtype *r, char *buf, size_t len)
{
	static char all[65536];
	const struct map *hm;
	const char *next;
	struct items t;
	bool cut;

	holder_of(jc, r, NULL, all, sizeof(all), &hm);
	cut = strlen(all) == sizeof(all) - 1;
	items_begin(&t, buf, len);
	for (const char *s = all; s; s = next ? next + 2 : NULL) {
		next = next_holder(s);
		/* What the buffer's end cut is one more, at least. */
		if (!next && cut)
			t.more++;
		else
			items_add(&t, 1, ", ", "%.*s", next ? (int)(next - s) : (int)strlen(s), s);
	}
	items_end(&t);
}

static void show(struct view *v, void *ctx)
{
	struct table *t = table_new(cols);
	const struct machine *m = v->m;
	struct args *a = ctx;
	struct judge_ctx jc = { .m = m };
	size_t conflicts, hidden = 0;
	bool *sel = NULL;

	if (device_select(v->c, m, &a->dev, &sel, NULL, 0)) {
		v->rc = EXIT_FAILED;
		sel = NULL;
	}
	for (size_t i = 0; t && v->rc != EXIT_FAILED && i < m->memtype.n; i++) {
		const struct memtype *r = &m->memtype.m[i];
		const struct pci_device *d;
		char who[8192];
		int bar = -1;

		d = bar_at(m, sel, a->dev.bar, r, &bar);
		if (!d && (sel || !a->all)) {
			hidden++;
			continue;
		}
		holders(&jc, r, who, v->json ? sizeof(who) : 480);
		table_row(t);
		table_num(t, r->start);
		table_num(t, r->end);
		table_num(t, r->end - r->start);
		table_text(t, "%s", mtype_kernel_name(r->type) ? mtype_kernel_name(r->type) : "not known");
		if (d)
			table_text(t, "%s:%d", d->slot, bar);
		else
			table_none(t);
		table_text(t, "%s", who);
	}
	view_table(v, "reservations", NULL, t);
	view_fact(v, "list", &m->memtype.fact);
	if (m->memtype.fact.state == FACT_KNOWN && v->rc != EXIT_FAILED) {
		conflicts = memtype_conflicts(&m->memtype);
		view_line(v, "%zu reservation%s, %zu not shown%s; %zu overlap with another type", m->memtype.n,
			  m->memtype.n == 1 ? "" : "s", hidden,
			  hidden && !sel ? " (outside of BARs: --all shows them)" : "", conflicts);
	}
	view_fact(v, "mappings", &m->maps.fact);
	view_fact(v, "ioremaps", &m->ioremaps.fact);
	free(sel);
}

static int own(int val, const char *arg, void *ctx)
{
	struct args *a = ctx;

	if (val == 'a') {
		a->all = true;
		return 0;
	}
	return device_arg_opt(a->c, val, arg, &a->dev);
}

static int positional(const struct cmd *c, const char *arg, void *ctx)
{
	return device_arg_parse(c, arg, &((struct args *)ctx)->dev);
}

static int run(const struct cmd *c, int argc, char **argv)
{
	struct args a = { .c = c, .dev = { .bar = -1 } };

	return view_run(c, argc, argv,
			READ_PCI | READ_LIST | READ_MAPS | READ_VMALLOC | READ_KLOG | READ_MSR | READ_ENTRIES, own, &a,
			positional, show);
}

const struct cmd cmd_memtype = {
	.name = "memtype",
	.args = "[DEVICE[:BAR]]",
	.help = "which types the kernel reserved, for which BAR, and who holds them",
	.more = "Ends are exclusive, as in the kernel's own list: a reservation that ends where a BAR begins does not "
		"touch it.\n"
		"Exit status: 0 read, 2 something could not be read (which is said), 3 usage or failure.",
	.opts = opts,
	.common = OPT_ROOT | OPT_JSON,
	.run = run,
};
