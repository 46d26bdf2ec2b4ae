/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live_draw_regs.c - the pane of PAT and MTRRs, a part for each kind of CPU. */
#include <inttypes.h>
#include <stdio.h>

#include "cmd/live_draw.h"
#include "cmd/text.h"
#include "probe/machine.h"

#define SPANS 32

/* "0-3,8": the CPUs whose registers are those of CPU index i. */
static void like(const struct machine *m, size_t i, char *buf, size_t len)
{
	struct items t;

	items_begin(&t, buf, len);
	for (size_t k = i; k < m->msrs.ncpu; k++) {
		size_t a = k;

		if (m->pat[k].raw != m->pat[i].raw || mtrr_differ(&m->mtrr[k], &m->mtrr[i], 0, 0))
			continue;
		while (k + 1 < m->msrs.ncpu && m->msrs.cpu[k + 1] == m->msrs.cpu[k] + 1 &&
		       m->pat[k + 1].raw == m->pat[i].raw && !mtrr_differ(&m->mtrr[k + 1], &m->mtrr[i], 0, 0))
			k++;
		items_add(&t, k - a + 1, ",", a == k ? "%u" : "%u-%u", m->msrs.cpu[a], m->msrs.cpu[k]);
	}
	items_end(&t);
}

static void missing(struct canvas_pen *p, const char *what, const struct fact *f)
{
	char line[700];

	snprintf(line, sizeof(line), "%s not read: %s: %s%s%s", what, f->where, f->why, f->remedy ? "; " : "",
		 f->remedy ? f->remedy : "");
	pen_wrap(p, 0, 6, LS_DUNNO, line);
}

static void draw_variable(struct canvas_pen *p, const struct mtrr *r)
{
	char line[200], size[40];

	for (unsigned int i = 0; i < r->vcnt && i < MTRR_MAX_VAR; i++) {
		const struct mtrr_var *x = &r->var[i];

		if (!x->valid)
			continue;
		if (x->odd)
			snprintf(line, sizeof(line), "        range %u  not contiguous (mask 0x%" PRIx64 ")  %s", i,
				 x->mask_raw, mtype_name(x->type));
		else
			snprintf(line, sizeof(line), "        range %u  0x%" PRIx64 "-0x%" PRIx64 "  %s  %s", i,
				 x->start, x->end, mtype_name(x->type),
				 human_size(x->end - x->start, size, sizeof(size)));
		pen_line(p, LS_NORMAL, line);
	}
}

static void draw_over(struct canvas_pen *p, const struct mtrr *r, const struct live_row *row)
{
	struct mtrr_span span[SPANS];
	char line[200];
	int n = row && row->start && row->end > row->start ? mtrr_over(r, row->start, row->end, span, SPANS) : 0;

	for (int i = 0; i < n; i++) {
		snprintf(line, sizeof(line), "        over this BAR  0x%" PRIx64 "-0x%" PRIx64 "  %s (%s)",
			 span[i].start, span[i].end, mtype_name(span[i].type), mtrr_origin_name(span[i].origin));
		pen_line(p, LS_BOLD, line);
	}
	if (n < 0)
		pen_line(p, LS_DUNNO, "        over this BAR  too many parts to show; see wcdiag mtrr");
}

static void draw_kind(struct canvas_pen *p, const struct machine *m, size_t i, const struct live_row *row)
{
	char line[400], cpus[160], slots[64];
	const struct mtrr *r = &m->mtrr[i];
	const char *layout;

	like(m, i, cpus, sizeof(cpus));
	snprintf(line, sizeof(line), "CPU %s", cpus);
	pen_wrap(p, 0, 4, LS_BOLD, line);
	if (m->pat[i].known) {
		layout = pat_layout_name(m->pat[i].raw);
		pat_format(&m->pat[i], slots, sizeof(slots));
		snprintf(line, sizeof(line), "  PAT   %s  (0x%016" PRIx64 "%s%s)", slots, m->pat[i].raw,
			 layout ? ", " : "", layout ? layout : "");
		pen_line(p, pat_slot_of(&m->pat[i], MT_WC) >= 0 ? LS_GOOD : LS_BAD, line);
	} else {
		pen_line(p, LS_DUNNO, "  PAT   not read");
	}
	if (!r->present) {
		pen_line(p, LS_DUNNO, "  MTRR  not read");
		return;
	}
	snprintf(line, sizeof(line), "  MTRR  %s, default %s, %u variable ranges, fixed ranges %s%s",
		 r->enabled ? "on" : "off", mtype_name(r->def), r->vcnt, r->fixed_enabled ? "on" : "off",
		 r->incomplete ? ", not all read" : "");
	pen_line(p, r->incomplete ? LS_DUNNO : LS_NORMAL, line);
	draw_over(p, r, row);
	draw_variable(p, r);
}

void live_draw_registers(struct canvas_pen *p, const struct live_scene *sc, const struct live_row *row)
{
	const struct machine *m = sc->v->m;
	char line[400], slots[64];

	snprintf(line, sizeof(line), "PAT is %s: %s",
		 m->pat_state == PAT_STATE_ON	 ? "on"
		 : m->pat_state == PAT_STATE_OFF ? "off"
						 : "not known",
		 m->pat_why ? m->pat_why : "");
	pen_wrap(p, 0, 6, m->pat_state == PAT_STATE_ON ? LS_NORMAL : LS_DUNNO, line);
	if (m->belief_fact.state == FACT_KNOWN) {
		pat_format(&m->belief, slots, sizeof(slots));
		snprintf(line, sizeof(line), "the kernel believes in %s (%s)", slots, m->belief_fact.where);
		pen_wrap(p, 0, 6, LS_NORMAL, line);
	}
	if (m->msrs.fact.state != FACT_KNOWN)
		missing(p, "PAT", &m->msrs.fact);
	if (m->mtrr_fact.state == FACT_ABSENT)
		pen_line(p, LS_NORMAL, "this CPU has no MTRRs");
	else if (m->mtrr_fact.state != FACT_KNOWN)
		missing(p, "MTRRs", &m->mtrr_fact);
	if (m->ndistinct > 1) {
		snprintf(line, sizeof(line), "%zu kinds of CPU: they must all be the same", m->ndistinct);
		pen_line(p, LS_BAD, line);
	}
	for (size_t k = 0; k < m->ndistinct; k++)
		draw_kind(p, m, m->distinct[k], row);
}
