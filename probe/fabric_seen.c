// SPDX-License-Identifier: GPL-2.0-or-later
/* fabric_seen.c - which lines should have arrived whole, and how many did. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "fabric_seen.h"

/*
 * What one run of the row sends when each of its lines arrives whole; false when that is not so by itself, or when
 * nothing was stored. Of the control each store is a line, whatever the type is (SDM vol 2, MOVDIR64B).
 */
static bool whole_lines(const struct drive_phase *ph, const struct drive_row *row, struct drive_prediction *each)
{
	*each = row->each;
	if (!row->runs || !each->known)
		return false;
	if (wcdiag_store_patterns[row->pattern].role == WCDIAG_STORE_CONTROL) {
		each->lines = each->full = each->tlps;
		return each->tlps > 0;
	}
	return ph->effective == MT_WC && each->full && each->full == each->lines;
}

static unsigned int runs_of(const struct witness_counts *c)
{
	unsigned int most = 0;

	for (unsigned int i = 0; i < WITNESS_WHATS; i++)
		most = c->runs[i] > most ? c->runs[i] : most;
	return most;
}

static void ask(const struct drive_witness *w, const struct drive_phase *ph, const struct drive_row *row,
		const struct drive_prediction *each, struct fabric_seen *out)
{
	const struct drive_seen *s = &w->seen[ph->side][row->pattern];
	int err;

	*out = (struct fabric_seen){ .state = FABRIC_UNCOUNTED, .w = w, .failed = s->failed, .runs = runs_of(&s->sum) };
	out->lines = each->full * out->runs;
	err = drive_full_rate(&s->sum, each, &out->low, &out->high);
	if (err == -ERANGE)
		out->state = FABRIC_FEWER;
	else if (!err)
		out->state = FABRIC_COUNTED;
}

/* Which of two answers is worth more: the more trusted witness's; of equals the worse one. */
static bool better(const struct fabric_seen *a, const struct fabric_seen *b)
{
	bool a_told = a->state != FABRIC_UNCOUNTED, b_told = b->state != FABRIC_UNCOUNTED;

	if (!b->w || a_told != b_told)
		return a_told || !b->w;
	if (witness_trust_of(a->w->w) != witness_trust_of(b->w->w))
		return witness_trust_of(a->w->w) > witness_trust_of(b->w->w);
	return a->state < b->state || (a->state == b->state && a->high < b->high);
}

/*
 * A line that left the CPU in pieces does not arrive whole, and two at the same place see the same. That what left
 * whole is split farther on is no contradiction.
 */
static bool contradict(const struct fabric_seen *best, const struct fabric_seen *b)
{
	bool same = witness_trust_of(best->w->w) == witness_trust_of(b->w->w);

	if (best->state != FABRIC_COUNTED || b->state != FABRIC_COUNTED)
		return false;
	return (b->high < DRIVE_FULL_ENOUGH && best->low >= DRIVE_FULL_ENOUGH) ||
	       (same && best->high < DRIVE_FULL_ENOUGH && b->low >= DRIVE_FULL_ENOUGH);
}

void fabric_seen(const struct experiment *x, const struct drive_phase *ph, const struct drive_row *row,
		 struct fabric_seen *out)
{
	struct fabric_seen all[DRIVE_WITNESSES];
	struct drive_prediction each;
	size_t n = 0;

	*out = (struct fabric_seen){ .state = FABRIC_NO_LINES };
	if (!whole_lines(ph, row, &each))
		return;
	out->state = FABRIC_UNCOUNTED;
	for (size_t i = 0; x->witness && i < x->witness->n; i++) {
		const struct drive_witness *w = &x->witness->w[i];

		if (!w->w || witness_trust_of(w->w) < TRUST_CPU)
			continue;
		ask(w, ph, row, &each, &all[n]);
		if (better(&all[n], out))
			*out = all[n];
		n++;
	}
	for (size_t i = 0; i < n && out->state == FABRIC_COUNTED; i++)
		if (contradict(out, &all[i])) {
			out->state = FABRIC_DISAGREE;
			out->other = all[i].w;
		}
}

bool fabric_tlps(const struct experiment *x, const struct drive_phase *ph, const struct drive_row *row,
		 const struct drive_witness **w, double *each)
{
	*w = NULL;
	for (size_t i = 0; x->witness && i < x->witness->n && row->runs && row->each.known; i++) {
		const struct drive_witness *one = &x->witness->w[i];
		const struct witness_counts *c = &one->seen[ph->side][row->pattern].sum;

		if (!one->w || witness_trust_of(one->w) < TRUST_CPU || !c->runs[WITNESS_TLPS] ||
		    (*w && witness_trust_of(one->w) <= witness_trust_of((*w)->w)))
			continue;
		*w = one;
		*each = (double)c->count[WITNESS_TLPS] / c->runs[WITNESS_TLPS];
	}
	return *w;
}

void fabric_rate_words(double low, double high, char *buf, size_t len)
{
	if (high - low < 0.0005)
		snprintf(buf, len, "%.1f%%", 100 * high);
	else
		snprintf(buf, len, "%.1f%% to %.1f%%", 100 * low, 100 * high);
}

void fabric_words(const struct experiment *x, char *buf, size_t len)
{
	const struct drive_witness *by = NULL;
	uint64_t lines = 0;
	size_t k = 0;

	*buf = '\0';
	for (int side = DRIVE_USER; side >= DRIVE_KERNEL; side--) {
		const struct drive_phase *ph = x->phase[side];

		for (size_t i = 0; ph && i < ph->nrow && k < len; i++) {
			struct fabric_seen s;
			char rate[40];

			fabric_seen(x, ph, &ph->row[i], &s);
			if (wcdiag_store_patterns[ph->row[i].pattern].role != WCDIAG_STORE_REFERENCE ||
			    s.state != FABRIC_COUNTED)
				continue;
			fabric_rate_words(s.low, s.high, rate, sizeof(rate));
			k += (size_t)snprintf(buf + k, len - k, "%s%s %s %s", k ? ", " : "", drive_side_name(ph->side),
					      wcdiag_store_patterns[ph->row[i].pattern].name, rate);
			by = s.w;
			lines += s.lines;
		}
	}
	if (by && k < len)
		snprintf(buf + k, len - k, " of %" PRIu64 " lines arrived whole, counted by %s", lines, by->name);
}
