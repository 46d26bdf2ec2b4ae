/* SPDX-License-Identifier: GPL-2.0-or-later */
/* out_table.c - check as a table: a line a BAR, whatever number of machines; each machine's as soon as it is judged. */
#include "cmd/out_table.h"

#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "cmd/text.h"
#include "probe/machine.h"
#include "probe/rule.h"

enum {
	ROOT,
	SLOT,
	BAR,
	ADDRESS,
	SIZE,
	DEVICE,
	DRIVER,
	VERDICT,
	BREAKS_AT,
	JUDGED_TO,
	RULE,
	SAYS,
	FIX,
	STATES,
	KERNEL = STATES + LAYER_COUNT,
	CPU,
	NCOLS
};

const struct col out_table_cols[] = {
	[ROOT] = { "ROOT", COL_TEXT, "the snapshot as it was named; live: this machine" },
	[SLOT] = { "SLOT", COL_TEXT, "device; -: the machine itself, which has no BAR to judge" },
	[BAR] = { "BAR", COL_NUMBER, "number" },
	[ADDRESS] = { "ADDRESS", COL_HEX, "first byte; 0x0: not assigned" },
	[SIZE] = { "SIZE", COL_SIZE, "length" },
	[DEVICE] = { "DEVICE", COL_TEXT, "vendor:device" },
	[DRIVER] = { "DRIVER", COL_TEXT, "bound driver" },
	[VERDICT] = { "VERDICT", COL_TEXT, "intact, broken, unknown; no-bar: nothing to judge; failed: not read" },
	[BREAKS_AT] = { "BREAKS_AT", COL_TEXT, "the first broken layer" },
	[JUDGED_TO] = { "JUDGED_TO", COL_TEXT, "the last layer that was judged" },
	[RULE] = { "RULE", COL_TEXT, "what decided: wcdiag explain RULE" },
	[SAYS] = { "SAYS", COL_TEXT, "its sentence; why the machine was not read" },
	[FIX] = { "FIX", COL_TEXT, "what to change" },
	[STATES + LAYER_HOST] = { "HOST", COL_TEXT, "state of this layer" },
	[STATES + LAYER_PAT] = { "PAT", COL_TEXT, "state of this layer" },
	[STATES + LAYER_MTRR] = { "MTRR", COL_TEXT, "state of this layer" },
	[STATES + LAYER_PCI] = { "PCI", COL_TEXT, "state of this layer" },
	[STATES + LAYER_MEMTYPE] = { "MEMTYPE", COL_TEXT, "state of this layer" },
	[STATES + LAYER_PTE] = { "PTE", COL_TEXT, "state of this layer" },
	[STATES + LAYER_STORES] = { "STORES", COL_TEXT, "state of this layer" },
	[STATES + LAYER_FABRIC] = { "FABRIC", COL_TEXT, "state of this layer" },
	[KERNEL] = { "KERNEL", COL_TEXT, "release of the kernel" },
	[CPU] = { "CPU", COL_TEXT, "model" },
	[NCOLS] = { NULL, 0, NULL },
};
static const char usual[] = "ROOT,SLOT,BAR,SIZE,VERDICT,BREAKS_AT,RULE";

static const struct cmd *owner;
static struct table_args *chosen;
static unsigned int width[NCOLS];

int out_table_choose(const struct cmd *c, const struct common *o, struct table_args *a)
{
	owner = c;
	chosen = a;
	if (!strcmp(o->format, "table"))
		return table_args_finish(c, out_table_cols, usual, a);
	if (!a->list && !a->everything && !a->noheadings && !a->raw && !a->pairs && !a->bytes)
		return 0;
	return cmd_fail(c,
			a->list		? "-o"
			: a->everything ? "--output-all"
					: "-n, -r, -P or -b",
			"chooses how a table looks", "add --format table");
}

static unsigned int longest_rule(void)
{
	const struct rule *r;
	size_t most = 0;

	for (size_t i = 0; (r = rule_at(i)); i++)
		if (strlen(r->id) > most)
			most = strlen(r->id);
	return (unsigned int)most;
}

/*
 * The lines of one machine are printed before those of the next are known, so that every column has its width
 * beforehand; a cell that is longer moves the rest of its line.
 */
static void begin(const struct common *o, size_t machines)
{
	static const unsigned int least[NCOLS] = {
		[SLOT] = 12, [ADDRESS] = 14, [SIZE] = 8, [DEVICE] = 9, [DRIVER] = 9, [VERDICT] = 7,
	};
	size_t root = 4;

	if (machines < 2)
		return;
	for (size_t i = 0; i < o->nroot; i++)
		if (strlen(o->root[i]) > root && strlen(o->root[i]) <= 60)
			root = strlen(o->root[i]);
	for (size_t i = 0; i < NCOLS; i++) {
		width[i] = (unsigned int)strlen(out_table_cols[i].name);
		if (least[i] > width[i])
			width[i] = least[i];
		if (i >= STATES && i < STATES + LAYER_COUNT && width[i] < 7) /* "unknown", "suspect", "skipped" */
			width[i] = 7;
	}
	width[ROOT] = (unsigned int)root;
	width[RULE] = longest_rule();
	chosen->width = width;
}

static const struct finding *decided(const struct bar_judgement *b)
{
	for (size_t i = 0; i < b->findings.n; i++) {
		const struct finding *f = &b->findings.f[i];

		if (b->verdict == VERDICT_BROKEN ? f->sev == SEV_BROKEN && (int)f->rule->layer == b->breaks_at
						 : b->verdict == VERDICT_UNKNOWN && f->sev == SEV_UNKNOWN)
			return f;
	}
	return NULL;
}

static void add_row(struct table *t, const struct report *r, const struct bar_judgement *b)
{
	const struct pci_bar *p = b->dev ? &b->dev->bar[b->bar] : NULL;
	const struct finding *f = decided(b);

	table_row(t);
	table_text(t, "%s", r->name);
	table_text(t, "%s", p ? b->dev->slot : "");
	if (p) {
		table_num(t, (uint64_t)b->bar);
		table_num(t, p->addr);
	} else {
		table_none(t);
		table_none(t);
	}
	if (p && p->size)
		table_num(t, p->size);
	else
		table_none(t);
	table_text(t, "%s", p ? b->dev->name : "");
	table_text(t, "%s", p ? b->dev->driver : "");
	table_text(t, "%s", !p && b->verdict == VERDICT_INTACT ? "no-bar" : verdict_name(b->verdict));
	table_text(t, "%s", b->breaks_at < 0 ? "" : layer_name((enum layer)b->breaks_at));
	table_text(t, "%s", b->judged_to < 0 ? "" : layer_name((enum layer)b->judged_to));
	table_text(t, "%s", f ? f->rule->id : "");
	table_text(t, "%s", f ? f->says : "");
	table_text(t, "%s", f && f->fix ? f->fix : "");
	for (int l = 0; l < LAYER_COUNT; l++)
		table_text(t, "%s", state_name(b->state[l]));
	table_text(t, "%s", r->m->host.release);
	table_text(t, "%s", r->m->cpu.name);
}

static void add_failed(struct table *t, const struct report *r)
{
	table_row(t);
	for (int i = 0; i < NCOLS; i++)
		if (i == ROOT || i == VERDICT || i == SAYS)
			table_text(t, "%s", i == ROOT ? r->name : i == SAYS ? r->error : "failed");
		else
			table_none(t);
}

static void machine(const struct report *r, size_t machines)
{
	struct table *t = table_new(out_table_cols);
	struct table_args args = *chosen;

	(void)machines;
	args.noheadings = args.noheadings || r->index;
	if (t) {
		table_choose(t, &args);
		if (r->error)
			add_failed(t, r);
		else if (!r->j->nbar)
			add_row(t, r, &r->j->machine);
		for (size_t i = 0; !r->error && i < r->j->nbar; i++)
			add_row(t, r, &r->j->bar[i]);
	}
	if (!t || table_print(t))
		cmd_fail(owner, r->name, "no memory left for the table", NULL);
}

static void end(const struct common *o, size_t machines, int worst)
{
	(void)o;
	(void)machines;
	(void)worst;
}

const struct out_ops out_table = {
	.name = "table", .says_failure = true, .begin = begin, .machine = machine, .end = end
};
