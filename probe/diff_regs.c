/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diff_regs.c - PAT by slot and CPU, and the MTRRs as far as they concern no BAR in particular. */
#include <stdio.h>
#include <string.h>

#include "diff_int.h"

static void pat_on(struct diff_word *w, const struct machine *m)
{
	if (m->pat_state == PAT_STATE_UNKNOWN)
		word_unknown(w, NULL);
	else
		word_set(w, "%s", m->pat_state == PAT_STATE_ON ? "on" : "off");
}

/* Which CPUs hold type t in the slot, as "0-3,7". */
static void on_cpus(const struct machine *m, unsigned int slot, enum mtype t, char *buf, size_t len)
{
	size_t k = 0;

	*buf = '\0';
	for (size_t i = 0; i < m->msrs.ncpu && k + 24 < len; i++) {
		size_t last = i;

		if (m->pat[i].slot[slot] != t)
			continue;
		while (last + 1 < m->msrs.ncpu && m->pat[last + 1].slot[slot] == t)
			last++;
		k += (size_t)snprintf(buf + k, len - k, last == i ? "%s%u" : "%s%u-%u", k ? "," : "", m->msrs.cpu[i],
				      m->msrs.cpu[last]);
		i = last;
	}
}

/* "WC", or where CPUs disagree "WC on CPU 0-3, UC on CPU 4". */
static void slot_word(struct diff_word *w, const struct machine *m, unsigned int slot)
{
	unsigned int types = 0;
	char cpus[160];

	for (size_t i = 0; i < m->msrs.ncpu; i++)
		types |= 1u << m->pat[i].slot[slot];
	if (!(types & (types - 1))) {
		word_set(w, "%s", mtype_name(m->pat[0].slot[slot]));
		return;
	}
	word_begin(w);
	for (unsigned int t = 0; t < MT_COUNT; t++) {
		if (!(types & (1u << t)))
			continue;
		on_cpus(m, slot, t, cpus, sizeof(cpus));
		word_add(w, "%s on CPU %s", mtype_name(t), cpus);
	}
	word_end(w);
}

static bool pat_known(const struct machine *m)
{
	if (diff_lacks(m, F_MSR) || !m->pat || !m->msrs.ncpu)
		return false;
	for (size_t i = 0; i < m->msrs.ncpu; i++)
		if (!m->pat[i].known)
			return false;
	return true;
}

static void mtrr_on(struct diff_word *w, const struct machine *m)
{
	if (diff_lacks(m, F_MTRR))
		word_unknown(w, NULL);
	else if (m->mtrr_fact.state == FACT_ABSENT || !m->mtrr)
		word_set(w, "none");
	else if (!m->mtrr[0].enabled)
		word_set(w, "disabled");
	else
		word_set(w, "enabled, default %s%s", mtype_name(m->mtrr[0].def),
			 m->mtrr[0].wc_supported ? "" : ", WC not supported");
}

void diff_regs(struct diff_work *w)
{
	const struct machine *ma = w->d->a.m, *mb = w->d->b.m;
	struct diff_word a, b;
	struct diff_item *it;
	char what[16];

	pat_on(&a, ma);
	pat_on(&b, mb);
	diff_note(w, DIFF_PAT_ON, NULL, &a, &b);
	for (unsigned int s = 0; s < 8 && pat_known(ma) && pat_known(mb); s++) {
		slot_word(&a, ma, s);
		slot_word(&b, mb, s);
		snprintf(what, sizeof(what), "slot %u", s);
		it = diff_note(w, DIFF_PAT_SLOT, what, &a, &b);
		if (it && !strstr(a.text, "WC") && !strstr(b.text, "WC"))
			it->weight = DIFF_NOT;
	}
	if (!diff_both(w, F_MTRR))
		return;
	mtrr_on(&a, ma);
	mtrr_on(&b, mb);
	diff_note(w, DIFF_MTRR_ON, NULL, &a, &b);
}
