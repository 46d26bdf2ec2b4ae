/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules_stores_sides.c - the same instructions, the same bytes: from the kernel they combined, from user space they did
 * not. By the types of the two entries it is certain; by count where the types are the same.
 */
#include "fabric_seen.h"
#include "rules_stores.h"

/* Ran to its end, with stores that obey the memory type. */
static const struct drive_row *ran(const struct drive_phase *ph, unsigned int pattern)
{
	const struct wcdiag_store_pattern *w = &wcdiag_store_patterns[pattern];

	if (w->role != WCDIAG_STORE_REFERENCE || w->flags & WCDIAG_STORE_DIRECT)
		return NULL;
	for (size_t i = 0; i < ph->nrow; i++)
		if (ph->row[i].pattern == pattern && ph->row[i].state == DRIVE_DONE && ph->row[i].runs)
			return &ph->row[i];
	return NULL;
}

/* TLPs of one run, counted. */
static bool counted(const struct drive_witness *w, enum drive_side side, unsigned int pattern, double *tlps)
{
	const struct witness_counts *s = &w->seen[side][pattern].sum;

	if (!w->w || witness_trust_of(w->w) < TRUST_CPU || !s->runs[WITNESS_TLPS])
		return false;
	*tlps = (double)s->count[WITNESS_TLPS] / s->runs[WITNESS_TLPS];
	return true;
}

static const struct drive_witness *counted_both(const struct experiment *x, unsigned int pattern, double tlps[2])
{
	for (size_t i = 0; x->witness && i < x->witness->n; i++)
		if (counted(&x->witness->w[i], DRIVE_KERNEL, pattern, &tlps[DRIVE_KERNEL]) &&
		    counted(&x->witness->w[i], DRIVE_USER, pattern, &tlps[DRIVE_USER]))
			return &x->witness->w[i];
	return NULL;
}

struct sides {
	const struct drive_row *kernel, *user;
	const struct drive_witness *by; /* NULL: predicted */
	double tlps[2];			/* of a line */
	enum severity sev;
};

/* Both types known, the kernel's WC and the user's uncached: what a witness counts can only make it doubtful. */
static bool differ_by_type(const struct judge_ctx *c, struct sides *s)
{
	const struct drive_prediction *k = &s->kernel->each, *u = &s->user->each;
	const struct experiment *x = c->exp;
	enum mtype type = x->phase[DRIVE_USER]->effective;

	if (x->phase[DRIVE_KERNEL]->effective != MT_WC || (type != MT_UC && type != MT_UCMINUS) || !k->known ||
	    !u->known || !k->lines)
		return false;
	s->sev = SEV_BROKEN;
	s->by = counted_both(x, s->kernel->pattern, s->tlps);
	if (s->by && s->tlps[DRIVE_USER] < 1.5 * s->tlps[DRIVE_KERNEL]) {
		/* In an emulated CPU nothing combines on either side: no word against the entries. */
		if (drive_emulated(c->m))
			s->by = NULL;
		else
			s->sev = SEV_SUSPECT;
	}
	if (!s->by) {
		s->tlps[DRIVE_KERNEL] = (double)k->tlps;
		s->tlps[DRIVE_USER] = (double)u->tlps;
	}
	for (int i = 0; i < 2; i++)
		s->tlps[i] /= (double)k->lines;
	return true;
}

/* Counted, by what may be believed of both: the kernel's lines arrived whole, the user's did not. */
static bool differ_by_count(const struct experiment *x, struct sides *s)
{
	unsigned int pattern = s->kernel->pattern;
	struct fabric_seen seen[2];

	fabric_seen(x, x->phase[DRIVE_KERNEL], s->kernel, &seen[DRIVE_KERNEL]);
	fabric_seen(x, x->phase[DRIVE_USER], s->user, &seen[DRIVE_USER]);
	if (seen[DRIVE_KERNEL].state != FABRIC_COUNTED || seen[DRIVE_USER].state != FABRIC_COUNTED ||
	    seen[DRIVE_KERNEL].w != seen[DRIVE_USER].w || seen[DRIVE_KERNEL].low < EXPERIMENT_NEARLY_ALL ||
	    seen[DRIVE_USER].high >= DRIVE_FULL_ENOUGH)
		return false;
	s->by = seen[DRIVE_USER].w;
	s->sev = seen[DRIVE_KERNEL].runs >= EXPERIMENT_RUNS && seen[DRIVE_USER].runs >= EXPERIMENT_RUNS ? SEV_BROKEN
													: SEV_SUSPECT;
	/* Where only full and partial lines are counted, a partial one is taken as two TLPs at least. */
	for (int side = 0; side < 2; side++)
		s->tlps[side] = counted(s->by, side, pattern, &s->tlps[side])
					? s->tlps[side] / (double)s->kernel->each.lines
					: 2 - seen[side].high;
	return true;
}

static void type_words(const struct drive_phase *ph, struct finding *f, const char *key)
{
	ev_text(f, key, "%s%s", ph->effective == MT_UNKNOWN ? "unknown" : mtype_name(ph->effective),
		ph->mixed ? " (the first page; others differ)" : "");
}

void stores_sides(struct judge_ctx *c)
{
	const struct experiment *x = c->exp;
	const struct drive_phase *k, *u;
	struct sides s, first = { 0 };
	struct finding *f;
	size_t n = 0;

	if (!x || !x->phase[DRIVE_KERNEL] || !x->phase[DRIVE_USER])
		return;
	k = x->phase[DRIVE_KERNEL];
	u = x->phase[DRIVE_USER];
	for (unsigned int p = 0; p < WCDIAG_STORE_COUNT; p++) {
		s = (struct sides){ .kernel = ran(k, p), .user = ran(u, p) };
		if (!s.kernel || !s.user || !(differ_by_type(c, &s) || differ_by_count(x, &s)))
			continue;
		if (!n++ || s.sev > first.sev)
			first = s;
	}
	if (!n)
		return;
	/* With one type on both sides no mapping is to mend. */
	f = k->effective != u->effective
		    ? hit(c, first.sev)
		    : hit_says(c, first.sev, c->rule->says,
			       "keep interrupts and the sibling thread away from the CPU that stores (isolcpus=, "
			       "irqaffinity=, nosmt), and run it again");
	ev_text(f, "pattern", "%s", wcdiag_store_patterns[first.kernel->pattern].name);
	ev_num(f, "patterns", n);
	ev_text(f, "kernel_tlps_per_line", "%.2f", first.tlps[DRIVE_KERNEL]);
	ev_text(f, "user_tlps_per_line", "%.2f", first.tlps[DRIVE_USER]);
	ev_text(f, "known_by", "%s", first.by ? "counted" : "predicted");
	ev_text(f, "witness", "%s", first.by ? first.by->name : "none");
	ev_text(f, "by", first.by ? "counted by %s" : "predicted from the entries%s", first.by ? first.by->name : "");
	type_words(k, f, "kernel_type");
	type_words(u, f, "user_type");
	if (k->entry_known)
		ev_hex(f, "kernel_entry", k->entry);
	if (u->entry_known)
		ev_hex(f, "user_entry", u->entry);
	ev_num(f, "kernel_runs", first.kernel->runs);
	ev_num(f, "user_runs", first.user->runs);
	ev_text(f, "points_at", "%s", k->effective != u->effective ? "pte" : "fabric");
	ev_text(f, "look", "%s",
		k->effective != u->effective && first.sev != SEV_BROKEN
			? "by its entry the user's mapping does not combine, and what was counted says that it does: "
			  "one of the two is wrong"
		: k->effective != u->effective
			? "the entry of the user's mapping is what is wrong, see pte"
			: "the types are the same, so the entry is not it: see what went on beside the user's run");
}
