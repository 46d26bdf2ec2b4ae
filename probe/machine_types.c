/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine_types.c - which type an access is: the PAT of each CPU and its MTRRs taken together. */
#include <stdio.h>

#include "machine.h"

bool machine_pat_same(const struct machine *m, size_t i)
{
	return m->pat && m->pat[i].known == m->pat[0].known && m->pat[i].raw == m->pat[0].raw;
}

/* A request for a type that no slot encodes is encoded by Linux as UC- (init_cache_modes, WC and WP). */
static enum mtype encoded(const struct machine *m, size_t i, enum mtype t)
{
	if (t != MT_WC && t != MT_WP)
		return t;
	if (m->pat_state == PAT_STATE_OFF)
		return MT_UCMINUS;
	if (m->pat && m->pat[i].known && pat_slot_of(&m->pat[i], t) < 0)
		return MT_UCMINUS;
	return m->pat_state == PAT_STATE_ON ? t : MT_UNKNOWN;
}

#define MAX_SPANS 256

/*
 * Effective types of [start, end) on CPU index i under an entry of type e, one per MTRR span, into out[MAX_SPANS].
 * Returns their number; a range whose type does not hang on MTRRs is one span.
 */
static int effective_spans(const struct machine *m, size_t i, enum mtype e, uint64_t start, uint64_t end,
			   enum mtype *out)
{
	struct mtrr_span span[MAX_SPANS];
	int n;

	out[0] = MT_UNKNOWN;
	if (e == MT_UNKNOWN)
		return 1;
	if (e == MT_WC || e == MT_UC) { /* the whole PAT column agrees */
		out[0] = mtype_effective(m->cpu.vendor, MT_UNKNOWN, e);
		return 1;
	}
	if (m->mtrr_fact.state ==
	    FACT_ABSENT) { /* no MTRRs: the entry alone decides, and UC- has nothing to yield to */
		out[0] = e == MT_UCMINUS ? MT_UC : e;
		return 1;
	}
	if (!m->mtrr)
		return 1;
	n = mtrr_over(&m->mtrr[i], start, end, span, MAX_SPANS);
	for (int k = 0; k < n; k++)
		out[k] = mtype_effective(m->cpu.vendor, span[k].type, e);
	return n > 0 ? n : 1;
}

/* Kinds of CPU to look at; without registers one nameless CPU. */
static size_t kinds(const struct machine *m)
{
	return m->pat ? m->ndistinct : 1;
}

static size_t kind(const struct machine *m, size_t k)
{
	return m->pat ? m->distinct[k] : 0;
}

/* The type that all spans have. */
static enum mtype the_one(const enum mtype *e, int n)
{
	for (int k = 1; k < n; k++)
		if (e[k] != e[0])
			return MT_UNKNOWN;
	return e[0];
}

/* NO as soon as one span surely does not combine; else UNKNOWN as soon as one cannot be told. */
static enum tri all_wc(const enum mtype *e, int n, enum tri so_far)
{
	for (int k = 0; k < n && so_far != TRI_NO; k++) {
		if (e[k] == MT_UNKNOWN || e[k] == MT_UNDEFINED)
			so_far = TRI_UNKNOWN;
		else if (e[k] != MT_WC)
			so_far = TRI_NO;
	}
	return so_far;
}

enum mtype machine_effective(const struct machine *m, size_t i, enum mtype t, uint64_t start, uint64_t end)
{
	enum mtype e[MAX_SPANS];
	int n = effective_spans(m, i, encoded(m, i, t), start, end, e);

	return the_one(e, n);
}

enum tri machine_combines(const struct machine *m, enum mtype t, uint64_t start, uint64_t end)
{
	enum tri all = TRI_YES;
	enum mtype e[MAX_SPANS];

	for (size_t i = 0; i < kinds(m) && all != TRI_NO; i++)
		all = all_wc(e, effective_spans(m, kind(m, i), encoded(m, kind(m, i), t), start, end, e), all);
	return all;
}

enum mtype machine_entry_type(const struct machine *m, size_t i, unsigned int slot)
{
	/* Without PAT the entry's PAT bit is reserved, and PCD and PWT mean what the power-on layout says: SDM table
	 * 11-6. */
	if (m->cpu.fact.state == FACT_KNOWN && !m->cpu.pat) {
		static const enum mtype nopat[4] = { MT_WB, MT_WT, MT_UCMINUS, MT_UC };

		return nopat[slot & 3];
	}
	if (m->pat && i < m->msrs.ncpu && m->pat[i].known)
		return m->pat[i].reserved_bits ? MT_UNKNOWN : m->pat[i].slot[slot & 7];
	if (!m->pat && m->belief_fact.state == FACT_KNOWN && m->belief.known)
		return m->belief.slot[slot & 7];
	return MT_UNKNOWN;
}

enum mtype machine_entry_effective(const struct machine *m, size_t i, unsigned int slot, uint64_t start, uint64_t end)
{
	enum mtype e[MAX_SPANS];
	int n = effective_spans(m, i, machine_entry_type(m, i, slot), start, end, e);

	return the_one(e, n);
}

enum tri machine_entry_combines(const struct machine *m, unsigned int slot, uint64_t start, uint64_t end)
{
	enum tri all = TRI_YES;
	enum mtype e[MAX_SPANS];

	for (size_t i = 0; i < kinds(m) && all != TRI_NO; i++)
		all = all_wc(e, effective_spans(m, kind(m, i), machine_entry_type(m, kind(m, i), slot), start, end, e),
			     all);
	return all;
}

uint64_t machine_entry_edge(const struct machine *m, unsigned int slot, uint64_t start, uint64_t end)
{
	for (size_t i = 0; m->mtrr && m->mtrr_fact.state == FACT_KNOWN && i < kinds(m); i++) {
		enum mtype t = machine_entry_type(m, kind(m, i), slot);
		struct mtrr_span span[MAX_SPANS];

		if (t != MT_WC && t != MT_UC && mtrr_over(&m->mtrr[kind(m, i)], start, end, span, MAX_SPANS) > 0 &&
		    span[0].end < end)
			end = span[0].end;
	}
	return end;
}

bool machine_slot_differs(const struct machine *m, unsigned int slot)
{
	for (size_t i = 1; i < kinds(m); i++)
		if (machine_entry_type(m, kind(m, i), slot) != machine_entry_type(m, kind(m, 0), slot))
			return true;
	return false;
}

void machine_entry_words(const struct machine *m, bool effective, unsigned int slot, uint64_t start, uint64_t end,
			 char *buf, size_t len)
{
	enum mtype t[4];
	size_t n = kinds(m), shown = n < 4 ? n : 4, k = 0;
	bool same = true;

	for (size_t i = 0; i < shown; i++) {
		t[i] = effective ? machine_entry_effective(m, kind(m, i), slot, start, end)
				 : machine_entry_type(m, kind(m, i), slot);
		same = same && t[i] == t[0];
	}
	if (same && shown == n) {
		/* There is always a first kind. NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage) */
		snprintf(buf, len, "%s", mtype_name(t[0]));
		return;
	}
	for (size_t i = 0; i < shown && k < len; i++)
		k += (size_t)snprintf(buf + k, len - k, "%s%s on CPU %u", i ? ", " : "", mtype_name(t[i]),
				      m->msrs.cpu[kind(m, i)]);
	if (shown < n && k < len)
		snprintf(buf + k, len - k, ", ...");
}

enum tri machine_mtrr_wc(const struct machine *m, uint64_t start, uint64_t end)
{
	struct mtrr_span span[MAX_SPANS];
	enum tri all = TRI_YES;

	if (m->mtrr_fact.state == FACT_ABSENT)
		return TRI_NO;
	if (!m->mtrr || start >= end)
		return TRI_UNKNOWN;
	for (size_t i = 0; i < kinds(m); i++) {
		int n = mtrr_over(&m->mtrr[kind(m, i)], start, end, span, MAX_SPANS);

		if (n <= 0)
			return TRI_UNKNOWN;
		for (int k = 0; k < n; k++) {
			if (span[k].type == MT_UNKNOWN)
				all = TRI_UNKNOWN;
			else if (span[k].type != MT_WC)
				return TRI_NO;
		}
	}
	return all;
}
