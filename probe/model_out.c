/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model_out.c - bytes leave: counted, and shown to whoever wants to see each TLP. */
#include "model_int.h"

/* The pieces of one line, to the callback. */
static void show(struct model *m, uint64_t line, const struct open_line *l, enum model_reason why, bool whole)
{
	struct model_tlp t[8];
	unsigned int n = cut_make(line, l->mask, whole, t);

	for (unsigned int i = 0; i < n; i++) {
		t[i].piece = (uint8_t)i;
		t[i].pieces = (uint8_t)n;
		t[i].reason = (uint8_t)why;
		t[i].repeat = l->repeat > UINT8_MAX ? UINT8_MAX : (uint8_t)l->repeat;
		t[i].line = line;
		t[i].group = m->groups;
		t[i].first = l->first;
		t[i].last = l->last;
		t[i].stores = l->stores;
		t[i].ip_first = l->ip_first;
		t[i].ip_last = l->ip_last;
		t[i].by = m->at;
		t[i].by_ip = m->at_ip;
		m->cb(&t[i], m->ctx);
	}
}

/* tlps pieces, which share no doubleword: so the doublewords can be counted without cutting. */
static void leave(struct model *m, uint64_t line, const struct open_line *l, enum model_reason why, unsigned int tlps,
		  bool whole)
{
	unsigned int dws = cut_dws(l->mask);

	if (m->cb)
		show(m, line, l, why, whole);
	m->groups++;
	m->t.tlps += tlps;
	m->t.bytes += cut_bytes(l->mask);
	m->t.dws += dws;
	m->t.wire += tlps * model_wire(line, 0, m->par.header) + 4 * dws;
	m->t.reason_tlps[why] += tlps;
	m->t.reason_lines[why]++;
}

void out_line(struct model *m, uint64_t line, const struct open_line *l, enum model_reason why, unsigned int tlps)
{
	m->t.lines++;
	m->t.full += l->mask == FULL_MASK;
	leave(m, line, l, why, tlps, false);
}

void out_alone(struct model *m, uint64_t line, const struct open_line *l, enum model_reason why, unsigned int tlps)
{
	leave(m, line, l, why, tlps, true);
}
