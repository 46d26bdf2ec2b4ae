// SPDX-License-Identifier: GPL-2.0-or-later
/* drive_witness.c - what the witnesses of "wcdiag drive" counted; and which this machine offers. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/drive.h"
#include "cmd/json.h"
#include "cmd/view.h"
#include "probe/machine.h"
#include "probe/src.h"

static const struct col cols[] = {
	{ "SIDE", COL_TEXT, "who stored" },
	{ "PATTERN", COL_TEXT, "which stores" },
	{ "WITNESS", COL_TEXT, "who counted" },
	{ "RUNS", COL_NUMBER, "in which it counted" },
	{ "TLPS", COL_NUMBER, "write TLPs in them, or what the register or the program counts" },
	{ "FULL", COL_NUMBER, "lines given up whole" },
	{ "PARTIAL", COL_NUMBER, "lines given up with bytes missing" },
	{ "WHOLE", COL_TEXT, "the rate of lines that left whole, where the pattern fills them" },
	{ NULL, 0, NULL },
};

static void count(struct table *t, const struct witness_counts *c, enum witness_what what)
{
	if (c->runs[what])
		table_num(t, c->count[what]);
	else
		table_none(t);
}

static unsigned int most_runs(const struct witness_counts *c)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < WITNESS_WHATS; i++)
		n = c->runs[i] > n ? c->runs[i] : n;
	return n;
}

static void rate(const struct drive_seen *s, const struct drive_row *row, char *buf, size_t len)
{
	double low, high;
	int err = drive_full_rate(&s->sum, &row->each, &low, &high);

	*buf = '\0';
	if (err == -ERANGE)
		snprintf(buf, len, "too few");
	else if (!err && high - low < 0.0005)
		snprintf(buf, len, "%.1f%%", 100 * high);
	else if (!err)
		snprintf(buf, len, "%.1f%%..%.1f%%", 100 * low, 100 * high);
}

static void one_row(struct table *t, const struct drive_witness *w, const struct drive_phase *ph,
		    const struct drive_row *row)
{
	const struct drive_seen *s = &w->seen[ph->side][row->pattern];
	char buf[40];

	table_row(t);
	table_text(t, "%s", drive_side_name(ph->side));
	table_text(t, "%s", wcdiag_store_patterns[row->pattern].name);
	table_text(t, "%s", w->name);
	table_num(t, most_runs(&s->sum));
	count(t, &s->sum, WITNESS_TLPS);
	count(t, &s->sum, WITNESS_FULL);
	count(t, &s->sum, WITNESS_PARTIAL);
	rate(s, row, buf, sizeof(buf));
	table_text(t, "%s", buf);
}

bool drive_witness_counted(const struct drive_out *o)
{
	for (size_t i = 0; i < o->a->witness->n; i++)
		for (int side = 0; side < 2; side++)
			for (unsigned int k = 0; k < WCDIAG_STORE_COUNT; k++)
				if (most_runs(&o->a->witness->w[i].seen[side][k].sum))
					return true;
	return false;
}

bool drive_witness_split(const struct drive_out *o, const struct drive_phase *ph)
{
	for (size_t k = 0; k < ph->nrow; k++)
		for (size_t n = 0; n < o->a->witness->n; n++)
			if (drive_split(&o->a->witness->w[n], ph, &ph->row[k]))
				return true;
	return false;
}

int drive_witness_verdict(const struct drive_out *o)
{
	const struct drive_witnesses *l = o->a->witness;
	int worst = EXIT_INTACT;

	for (size_t i = 0; i < o->nphase; i++)
		for (size_t k = 0; k < o->phase[i].nrow; k++)
			for (size_t n = 0; n < l->n; n++) {
				const struct drive_phase *ph = &o->phase[i];
				const struct drive_row *row = &ph->row[k];
				const struct drive_seen *s = &l->w[n].seen[ph->side][row->pattern];
				double low, high;

				if (drive_split(&l->w[n], ph, row))
					return EXIT_BROKEN;
				if (s->failed || drive_full_rate(&s->sum, &row->each, &low, &high) == -ERANGE)
					worst = EXIT_UNKNOWN;
			}
	return worst;
}

static void show_one(struct view *v, const struct drive_out *o, const struct drive_witness *w)
{
	unsigned int failed = 0;

	for (size_t i = 0; i < o->nphase; i++)
		for (size_t k = 0; k < o->phase[i].nrow; k++) {
			const struct drive_row *row = &o->phase[i].row[k];

			failed += w->seen[o->phase[i].side][row->pattern].failed;
			if (drive_split(w, &o->phase[i], row))
				view_line(v, "%s, %s: split: under %.0f%% of the lines left whole, by %s",
					  drive_side_name(o->phase[i].side), wcdiag_store_patterns[row->pattern].name,
					  100 * DRIVE_FULL_ENOUGH, w->name);
		}
	view_line(v, "%s: %s: %s", w->name, witness_says(w->w), witness_trust_says(witness_trust_of(w->w)));
	if (failed)
		view_line(v, "%s: could not count %u runs: %s: %s%s%s%s", w->name, failed, w->fact.where, w->fact.why,
			  w->fact.remedy ? " (" : "", w->fact.remedy ? w->fact.remedy : "", w->fact.remedy ? ")" : "");
}

/* The clock counts nothing: it has no rows. */
static void show_counts(struct view *v, const struct drive_out *o)
{
	const struct drive_witnesses *l = o->a->witness;
	struct table *t = table_new(cols);

	for (size_t i = 0; t && i < o->nphase; i++)
		for (size_t k = 0; k < o->phase[i].nrow; k++)
			for (size_t n = 0; n < l->n && o->phase[i].row[k].state != DRIVE_SKIPPED &&
					   o->phase[i].state != DRIVE_SKIPPED;
			     n++)
				if (!l->w[n].timing)
					one_row(t, &l->w[n], &o->phase[i], &o->phase[i].row[k]);
	view_table(v, "witnesses", NULL, t);
	view_line(v, "%s", "");
}

void drive_witness_show(struct view *v, const struct drive_out *o)
{
	const struct drive_witnesses *l = o->a->witness;
	bool counters = false;

	for (size_t n = 0; n < l->n; n++)
		counters = counters || !l->w[n].timing;
	if (counters)
		show_counts(v, o);
	for (size_t n = 0; n < l->n; n++)
		show_one(v, o, &l->w[n]);
	drive_timing_show(v, o);
}

static void js_count(struct json_object *o, const char *key, const struct witness_counts *c, enum witness_what what)
{
	if (c->runs[what])
		js_num(o, key, c->count[what]);
	else
		js_str(o, key, NULL);
}

struct json_object *drive_witness_json(const struct drive_out *o, const struct drive_phase *ph,
				       const struct drive_row *row)
{
	static const char *const trust[] = { "nothing", "hint", "cpu", "port", "device" };
	struct json_object *all = json_object_new_array();

	for (size_t n = 0; n < o->a->witness->n; n++) {
		const struct drive_witness *w = &o->a->witness->w[n];
		const struct drive_seen *s = &w->seen[ph->side][row->pattern];
		struct json_object *j;
		double low, high;
		int err = drive_full_rate(&s->sum, &row->each, &low, &high);

		if (w->timing)
			continue;
		j = json_object_new_object();
		js_str(j, "witness", w->name);
		js_str(j, "trust", w->w ? trust[witness_trust_of(w->w)] : NULL);
		js_num(j, "runs", most_runs(&s->sum));
		js_num(j, "failed", s->failed);
		js_count(j, "tlps", &s->sum, WITNESS_TLPS);
		js_count(j, "full", &s->sum, WITNESS_FULL);
		js_count(j, "partial", &s->sum, WITNESS_PARTIAL);
		js_count(j, "bytes", &s->sum, WITNESS_BYTES);
		js_bool(j, "estimate", s->sum.estimate);
		json_object_object_add(j, "whole_low", err ? NULL : json_object_new_double(low));
		json_object_object_add(j, "whole_high", err ? NULL : json_object_new_double(high));
		js_bool(j, "split", drive_split(w, ph, row));
		json_object_array_add(all, j);
	}
	return all;
}

static const struct col offer_cols[] = {
	{ "WITNESS", COL_TEXT, "as --witness takes it" },
	{ "HERE", COL_TEXT, "yes; name it: only you know which; no" },
	{ "TRUST", COL_TEXT, "how far it can be trusted" },
	{ "COUNTS", COL_TEXT, "what it counts, or why not and what would make it" },
	{ NULL, 0, NULL },
};

void drive_witness_list(struct view *v, const struct drive_args *a)
{
	static const char *const kinds[] = { "reg:BAR+OFFSET:WIDTH", "cmd:PROGRAM", "pmu", "timing" };
	static const char *const here[] = { "yes", "name it", "no" };
	struct witness_offer offer[WITNESS_KINDS] = { 0 };
	struct witness_target target = {
		.cpu = &v->m->cpu,
		.dev = a->plan.dev,
		.src = v->m->src,
		.pinned = -1,
		.emulated = drive_emulated(v->m),
	};
	struct table *t = table_new(offer_cols);

	witness_list(&target, offer);
	for (unsigned int i = 0; t && i < WITNESS_KINDS; i++) {
		const struct witness_offer *f = &offer[i];
		const struct fact *why = f->state == WITNESS_NOT_HERE ? &f->fact : &f->partly;

		table_row(t);
		table_text(t, "%s", kinds[f->kind]);
		table_text(t, "%s", here[f->state]);
		table_text(t, "%s", witness_trust_says(f->trust));
		if (why->state == FACT_MISSING)
			table_text(t, "%s%s%s: %s%s%s%s", f->state == WITNESS_NOT_HERE ? "" : f->says,
				   f->state == WITNESS_NOT_HERE ? "" : "; ", why->where, why->why,
				   why->remedy ? " (" : "", why->remedy ? why->remedy : "", why->remedy ? ")" : "");
		else
			table_text(t, "%s", f->says);
	}
	view_table(v, "witnesses", NULL, t);
}
