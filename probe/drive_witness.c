// SPDX-License-Identifier: GPL-2.0-or-later
/* drive_witness.c - who counts what became of a drive's stores. */
#include "drive_witness.h"

#include <errno.h>
#include <string.h>

#include "machine.h"

int drive_witness_add(struct drive_witnesses *l, const char *text, const char **what)
{
	struct drive_witness *w = &l->w[l->n];
	int err;

	if (l->n == DRIVE_WITNESSES)
		return -E2BIG;
	*w = (struct drive_witness){ 0 };
	err = witness_parse(text, &w->spec, what);
	if (err)
		return err;
	witness_spec_name(&w->spec, w->name, sizeof(w->name));
	l->n++;
	return 0;
}

size_t drive_witness_keeps(const struct drive_witnesses *l, int bar, struct drive_keep keep[DRIVE_WITNESSES])
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		if (l->w[i].spec.kind == WITNESS_REG && (int)l->w[i].spec.bar == bar &&
		    l->w[i].spec.offset <= UINT64_MAX - l->w[i].spec.width)
			keep[n++] = (struct drive_keep){ .start = l->w[i].spec.offset,
							 .end = l->w[i].spec.offset + l->w[i].spec.width,
							 .what = l->w[i].name };
	return n;
}

int drive_witness_open(struct drive_witnesses *l, const struct drive_plan *p, const struct src *src,
		       const struct drive_witness **which)
{
	for (size_t i = 0; i < l->n; i++) {
		struct drive_witness *w = &l->w[i];
		int err;

		w->target = (struct witness_target){
			.src = src,
			.cpu = &p->m->cpu,
			.dev = p->dev,
			.bar = (unsigned int)p->bar,
			.scratch_start = p->offset,
			.scratch_end = p->offset + p->length,
			.pinned = p->cpu,
			.emulated = drive_emulated(p->m),
			.idle_ms = 100,
		};
		err = witness_open(&w->spec, &w->target, &w->w, &w->fact);
		if (!err && w->spec.kind == WITNESS_TIMING)
			err = drive_timing_open(p, &w->timing, &w->fact);
		if (err) {
			*which = w;
			return err;
		}
	}
	return 0;
}

void drive_witness_close(struct drive_witnesses *l)
{
	for (size_t i = 0; i < l->n; i++) {
		witness_close(l->w[i].w);
		l->w[i].w = NULL;
		drive_timing_close(l->w[i].timing);
		l->w[i].timing = NULL;
	}
}

unsigned int drive_witness_rounds(const struct drive_witnesses *l)
{
	unsigned int most = 1;

	for (size_t i = 0; i < l->n; i++)
		if (l->w[i].w && witness_rounds(l->w[i].w) > most)
			most = witness_rounds(l->w[i].w);
	return most;
}

void drive_witness_mapped(void *ctx, uint64_t start, uint64_t end)
{
	struct drive_witnesses *l = ctx;

	for (size_t i = 0; i < l->n; i++) {
		l->w[i].target.mapped_start = start;
		l->w[i].target.mapped_end = end;
	}
}

void drive_witness_begin(void *ctx, const struct drive_phase *ph, size_t row, unsigned int run)
{
	struct drive_witnesses *l = ctx;

	(void)run;
	for (size_t i = 0; i < l->n; i++) {
		struct drive_witness *w = &l->w[i];

		w->running = !witness_begin(w->w, &w->fact);
		w->seen[ph->side][ph->row[row].pattern].failed += !w->running;
	}
}

void drive_witness_end(void *ctx, const struct drive_phase *ph, size_t row, unsigned int run, bool complete)
{
	struct drive_witnesses *l = ctx;

	(void)run;
	for (size_t i = l->n; i-- > 0;) {
		struct drive_witness *w = &l->w[i];
		struct drive_seen *seen = &w->seen[ph->side][ph->row[row].pattern];
		struct witness_counts c;

		if (!w->running)
			continue;
		w->running = false;
		if (witness_end(w->w, &c, &w->fact))
			seen->failed++;
		else if (complete)
			witness_add(&seen->sum, &c);
	}
}

void drive_witness_timed(void *ctx, const struct drive_phase *ph, size_t row, const uint32_t *cycles, size_t n)
{
	struct drive_witnesses *l = ctx;

	for (size_t i = 0; i < l->n; i++)
		if (l->w[i].timing)
			drive_timing_take(l->w[i].timing, ph->side, ph->row[row].pattern, cycles, n);
}

static double per_run(const struct witness_counts *c, enum witness_what what)
{
	return c->runs[what] ? (double)c->count[what] / c->runs[what] : 0;
}

/*
 * Lines given up, whole or not, are at least those that were stored, and whole ones at most those: what a PMU counts of
 * others, or misses, makes its rate that of something else. 0 or -ERANGE. A tenth is allowed for what it subtracts and
 * scales.
 */
static int lines_seen(const struct witness_counts *c, double lines)
{
	double all = c->runs[WITNESS_PARTIAL] ? per_run(c, WITNESS_FULL) + per_run(c, WITNESS_PARTIAL)
					      : per_run(c, WITNESS_LINES);

	return all < 0.9 * lines || per_run(c, WITNESS_FULL) > 1.1 * lines ? -ERANGE : 0;
}

int drive_full_rate(const struct witness_counts *c, const struct drive_prediction *each, double *low, double *high)
{
	double tlps, extra, lines = (double)each->full;

	/* What is partial by itself tells nothing. */
	if (!each->known || !each->full || each->full != each->lines)
		return -ENODATA;
	if (!witness_full_rate(c, low)) {
		*high = *low;
		return lines_seen(c, lines);
	}
	if (!c->runs[WITNESS_TLPS])
		return -ENODATA;
	tlps = (double)c->count[WITNESS_TLPS] / c->runs[WITNESS_TLPS];
	extra = tlps - lines;
	if (extra < 0)
		return c->estimate ? -ENODATA : -ERANGE;
	/* One more TLP for a line in two pieces, seven more for one in eight. More than that is no line's doing. */
	*low = extra < lines ? 1 - extra / lines : 0;
	*high = extra / 7 < lines ? 1 - extra / 7 / lines : 0;
	return 0;
}

bool drive_split(const struct drive_witness *w, const struct drive_phase *ph, const struct drive_row *row)
{
	double low, high;

	return wcdiag_store_patterns[row->pattern].role == WCDIAG_STORE_REFERENCE && ph->effective == MT_WC && w->w &&
	       witness_trust_of(w->w) >= TRUST_CPU &&
	       !drive_full_rate(&w->seen[ph->side][row->pattern].sum, &row->each, &low, &high) &&
	       high < DRIVE_FULL_ENOUGH;
}
