// SPDX-License-Identifier: GPL-2.0-or-later
/* drive_out.c - what "wcdiag drive" shows for people: each phase's circumstances, one table, what it does not prove. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/drive.h"
#include "cmd/text.h"
#include "cmd/view.h"
#include "probe/machine.h"

static const struct col cols[] = {
	{ "SIDE", COL_TEXT, "who stores: kernel, user" },
	{ "PATTERN", COL_TEXT, "which stores: --list-patterns" },
	{ "TYPE", COL_TEXT, "the entry's effective type" },
	{ "LINES", COL_NUMBER, "lines of 64 bytes stored to in the complete runs" },
	{ "TLPS", COL_NUMBER, "predicted: write TLPs of them" },
	{ "BEST", COL_NUMBER, "the fewest that the manuals leave possible" },
	{ "WORST", COL_NUMBER, "the most" },
	{ "MIN", COL_TEXT, "cycles a line, of whole batches" },
	{ "MEDIAN", COL_TEXT, "the same" },
	{ "P99", COL_TEXT, "the same" },
	{ NULL, 0, NULL },
};

const char *drive_by_words(const struct drive_args *a, const struct drive_phase *ph, char *buf, size_t len)
{
	if (ph->side == DRIVE_KERNEL)
		return ph->by == DRIVE_BY_UC || ph->by == DRIVE_BY_MODULE_UC ? "ioremap" : "ioremap_wc";
	switch (ph->by) {
	case DRIVE_BY_MODULE:
		return "the module, WC asked for";
	case DRIVE_BY_MODULE_UC:
		return "the module, UC- asked for";
	case DRIVE_BY_FILE:
		snprintf(buf, len, "%s at 0x%" PRIx64, a->plan.file, a->plan.file_offset);
		return buf;
	default:
		snprintf(buf, len, "resource%d%s", a->plan.bar, ph->by == DRIVE_BY_WC ? "_wc" : "");
		return buf;
	}
}

uint64_t drive_row_lines(const struct drive_args *a, const struct drive_row *row)
{
	const struct wcdiag_store_pattern *w = &wcdiag_store_patterns[row->pattern];
	uint64_t lines = w->lines ? (a->plan.lines ? a->plan.lines : w->lines) : 1;

	return row->runs * a->plan.messages * w->span * lines / WCDIAG_STORE_LINE;
}

static const char *type_words(const struct drive_phase *ph, char *buf, size_t len)
{
	if (ph->effective != MT_UNKNOWN)
		return mtype_name(ph->effective);
	if (ph->mixed)
		return "mixed";
	/* Reserved is what the kernel intended; the entry was not read. */
	if (!ph->entry_known && ph->reserved != MT_UNKNOWN) {
		snprintf(buf, len, "%s?", mtype_name(ph->reserved));
		return buf;
	}
	return "unknown";
}

static void cell_cycles(struct table *t, const struct drive_row *row, double v)
{
	if (row->timed)
		table_text(t, "%.1f", v);
	else
		table_none(t);
}

static void cell_count(struct table *t, bool known, uint64_t v)
{
	if (known)
		table_num(t, v);
	else
		table_none(t);
}

static void one_row(struct table *t, const struct drive_out *o, const struct drive_phase *ph,
		    const struct drive_row *row)
{
	const struct drive_prediction *e = &row->each;
	char buf[32];

	table_row(t);
	table_text(t, "%s", drive_side_name(ph->side));
	table_text(t, "%s%s", wcdiag_store_patterns[row->pattern].name,
		   row->state == DRIVE_DONE ? "" : " (ended early)");
	table_text(t, "%s", type_words(ph, buf, sizeof(buf)));
	table_num(t, drive_row_lines(o->a, row));
	cell_count(t, e->known, e->tlps * row->runs);
	cell_count(t, e->known, e->best * row->runs);
	cell_count(t, e->known, e->worst * row->runs);
	cell_cycles(t, row, row->time.min);
	cell_cycles(t, row, row->time.median);
	cell_cycles(t, row, row->time.p99);
}

static void show_holds(struct view *v, const struct drive_phase *ph)
{
	if (!ph->list_known) {
		view_line(v, "  before: not known what others have reserved: the list could not be read");
		return;
	}
	if (!ph->nhold)
		view_line(v, "  before: nothing reserved by others");
	for (size_t i = 0; i < ph->nhold && i < sizeof(ph->hold) / sizeof(ph->hold[0]); i++)
		view_line(v, "  before: %s 0x%" PRIx64 "-0x%" PRIx64 " is reserved, by %s: that decides the type",
			  mtype_kernel_name(ph->hold[i].t.type) ? mtype_kernel_name(ph->hold[i].t.type)
								: "a type not known",
			  ph->hold[i].t.start, ph->hold[i].t.end, ph->hold[i].who);
	if (ph->nhold > sizeof(ph->hold) / sizeof(ph->hold[0]))
		view_line(v, "  before: ... and %zu more", ph->nhold - sizeof(ph->hold) / sizeof(ph->hold[0]));
}

static void show_entry(struct view *v, const struct drive_phase *ph)
{
	static const char *const sizes[] = { "", "4 KiB", "2 MiB", "1 GiB" };

	if (ph->mixed)
		view_line(v, "  entries: of different types: nothing is predicted");
	else if (ph->entry_known)
		view_line(v, "  entries: 0x%" PRIx64 ", pages of %s, PAT slot %u: %s, effective %s on CPU %u",
			  ph->entry, sizes[ph->level & 3], ph->slot, mtype_name(ph->type), mtype_name(ph->effective),
			  ph->cpu);
	else if (*ph->entry_why)
		view_line(v, "  entries: not read: %s%s%s%s", ph->entry_why,
			  ph->reserved != MT_UNKNOWN ? " (reserved: " : "",
			  ph->reserved != MT_UNKNOWN ? mtype_name(ph->reserved) : "",
			  ph->reserved != MT_UNKNOWN ? ")" : "");
}

/* It accuses nobody; who finds lines split wants to know. */
static void show_during(struct view *v, const struct drive_out *o, size_t i)
{
	char buf[600];

	if (o->phase[i].state == DRIVE_SKIPPED || (!v->o.verbose && !drive_witness_split(o, &o->phase[i])))
		return;
	circumstances_words(&o->during[i], buf, sizeof(buf));
	view_line(v, "  during: %s", buf);
}

static void show_phase(struct view *v, const struct drive_out *o, size_t i)
{
	const struct drive_phase *ph = &o->phase[i];
	char buf[600];

	view_line(v, "%s, by %s", drive_side_name(ph->side), drive_by_words(o->a, ph, buf, sizeof(buf)));
	if (ph->state != DRIVE_SKIPPED || ph->list_known)
		show_holds(v, ph);
	show_entry(v, ph);
	if (ph->state != DRIVE_DONE)
		view_line(v, "  %s: %s%s%s%s", drive_state_name(ph->state), ph->why, ph->remedy ? " (" : "",
			  ph->remedy ? ph->remedy : "", ph->remedy ? ")" : "");
	show_during(v, o, i);
	if (ph->list_known && !ph->list_same)
		view_line(v, "  after: the reservations are not as before: see wcdiag memtype");
}

/* Rows that did not run, their names behind each reason. */
static void show_skipped(struct view *v, const struct drive_phase *ph)
{
	for (size_t i = 0; i < ph->nrow; i++) {
		const struct drive_row *r = &ph->row[i];
		char names[400];
		size_t n = 0;
		bool said = false;

		if (r->state != DRIVE_SKIPPED || ph->state == DRIVE_SKIPPED)
			continue;
		for (size_t k = 0; k < i && !said; k++)
			said = ph->row[k].state == DRIVE_SKIPPED && !strcmp(ph->row[k].why, r->why);
		if (said)
			continue;
		for (size_t k = i; k < ph->nrow && n < sizeof(names); k++)
			if (ph->row[k].state == DRIVE_SKIPPED && !strcmp(ph->row[k].why, r->why))
				n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", n ? ", " : "",
						      wcdiag_store_patterns[ph->row[k].pattern].name);
		view_line(v, "%s: not run: %s: %s", drive_side_name(ph->side), names, r->why);
	}
}

static void show_unknowns(struct view *v, const struct drive_out *o)
{
	unsigned int bits = 0;

	for (size_t i = 0; i < o->nphase; i++)
		for (size_t k = 0; k < o->phase[i].nrow; k++)
			if (o->phase[i].row[k].each.best != o->phase[i].row[k].each.worst)
				bits |= o->phase[i].row[k].each.unknowns;
	for (unsigned int b = 0; b < MU_BITS; b++)
		if (bits & 1U << b)
			view_line(v, "best and worst differ: not documented: %s", model_unknown_says(1U << b));
	for (size_t i = 0; i < o->nphase; i++)
		for (size_t k = 0; k < o->phase[i].nrow; k++) {
			const struct drive_row *r = &o->phase[i].row[k];

			if (r->state != DRIVE_SKIPPED && !r->each.known && *r->each.why)
				view_line(v, "%s, %s: not predicted: %s", drive_side_name(o->phase[i].side),
					  wcdiag_store_patterns[r->pattern].name, r->each.why);
		}
}

void drive_show(struct view *v, const struct drive_out *o)
{
	const struct drive_plan *p = &o->a->plan;
	struct table *t = table_new(cols);
	uint64_t at = p->dev->bar[p->bar].addr + p->offset;
	bool stored = false;

	if (!t) {
		v->rc = cmd_fail_errno(v->c, "the table", ENOMEM, NULL);
		return;
	}
	view_line(v, "%s BAR %d, scratch 0x%" PRIx64 "+0x%" PRIx64 " (physical 0x%" PRIx64 ")", p->dev->slot, p->bar,
		  p->offset, p->length, at);
	for (size_t i = 0; i < o->nphase; i++) {
		show_phase(v, o, i);
		for (size_t k = 0; k < o->phase[i].nrow; k++)
			if (o->phase[i].state != DRIVE_SKIPPED && o->phase[i].row[k].state != DRIVE_SKIPPED) {
				const struct drive_row *row = &o->phase[i].row[k];

				one_row(t, o, &o->phase[i], row);
				stored = stored || row->warmed || row->runs || row->part;
			}
	}
	if (stored)
		view_line(v, "%s", "");
	view_table(v, "rows", NULL, t);
	if (stored)
		view_line(v, "%s", "");
	if (stored)
		drive_witness_show(v, o);
	for (size_t i = 0; i < o->nphase; i++)
		show_skipped(v, &o->phase[i]);
	show_unknowns(v, o);
	if (!stores_cpu_has(WCDIAG_STORE_MOVDIR64B))
		view_line(v, "no control on this CPU: without movdir64b nothing clears or accuses what is behind it");
	if (stored && drive_emulated(v->m))
		view_line(v, "the CPU is emulated: nothing combines here, and the cycles prove nothing; the TLPs are "
			     "those of "
			     "the reference model");
	if (stored && !drive_witness_counted(o))
		view_line(v, "the TLPs are predicted, not counted: nobody has counted what arrives (--list-witnesses)");
	view_line(v, stored ? "the scratch range was overwritten; nothing is restored" : "nothing was stored");
}
