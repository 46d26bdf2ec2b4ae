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

void fabric_seen(const struct experiment *x, const struct drive_phase *ph, const struct drive_row *row,
		 struct fabric_seen *out)
{
	struct drive_prediction each;

	*out = (struct fabric_seen){ .state = FABRIC_NO_LINES };
	if (!whole_lines(ph, row, &each))
		return;
	out->state = FABRIC_UNCOUNTED;
	out->lines = each.full * row->runs;
	for (size_t i = 0; x->witness && i < x->witness->n; i++) {
		const struct drive_witness *w = &x->witness->w[i];
		const struct drive_seen *s = &w->seen[ph->side][row->pattern];
		double low = 0, high = 0;
		int err;

		if (!w->w || witness_trust_of(w->w) < TRUST_CPU ||
		    (out->w && witness_trust_of(w->w) <= witness_trust_of(out->w->w) && out->state == FABRIC_COUNTED))
			continue;
		err = drive_full_rate(&s->sum, &each, &low, &high);
		if (err == -ENODATA && out->w)
			continue;
		out->w = w;
		out->state = !err ? FABRIC_COUNTED : err == -ERANGE ? FABRIC_FEWER : FABRIC_UNCOUNTED;
		out->low = low;
		out->high = high;
	}
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
