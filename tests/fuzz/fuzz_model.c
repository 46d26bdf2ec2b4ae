/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_model.c - the model of the buffers: no TLP that PCI Express forbids, no byte that nobody wrote, totals that are
 * those of the TLPs, and a list inside its range. Two bytes of parameters, then eight bytes an event.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probe/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	uint64_t tlps, bytes, dws, wire, groups;
	uint64_t left[MR_COUNT];
	unsigned int header;
};

static void look(const struct model_tlp *t, void *ctx)
{
	struct seen *s = ctx;
	uint64_t mask = model_tlp_mask(t->addr, t->ndw, t->fbe, t->lbe);

	if (model_tlp_illegal(t->addr, t->ndw, t->fbe, t->lbe, 128) || !mask || t->addr / 64 * 64 != t->line)
		abort();
	if ((unsigned int)__builtin_popcountll(mask) != t->bytes || t->reason >= MR_COUNT || t->piece >= t->pieces)
		abort();
	if (t->first > t->last || t->last > t->by || !t->stores)
		abort();
	s->tlps++;
	s->bytes += t->bytes;
	s->dws += t->ndw;
	s->wire += model_wire(t->addr, t->ndw, s->header);
	s->groups += !t->piece;
	s->left[t->reason]++;
}

/* Few lines, most events possible; what is not has to be refused. */
static struct model_event event(const uint8_t *p)
{
	static const uint8_t types[] = { MT_WC, MT_WC, MT_WC, MT_UC, MT_UCMINUS, MT_WB, MT_WT, MT_WC };
	struct model_event e = { .kind = p[0] & 1 ? ME_STORE : (p[0] >> 1) % (ME_KINDS + 1), .type = types[p[1] & 7] };

	e.addr = 0xd4000000 + 64ULL * (p[2] & 31) + (p[3] & 63);
	if (p[2] & 0x80)
		e.addr |= 0xffffffffULL << 32;
	if ((p[2] & 0xe0) == 0xe0)
		e.addr = UINT64_MAX - (p[3] & 127);
	e.size = p[4] & 0x80 ? 1u << (p[4] % 7) : p[4] % 66;
	e.flags = p[1] >> 3 & 7 ? 0 : p[1] >> 6;
	if (e.flags & ME_MASKED)
		e.mask = p[5] * 0x0101010101010101ULL & (e.size < 64 ? (1ULL << e.size) - 1 : UINT64_MAX);
	if (p[6] == 0xff)
		e.mask |= 1ULL << (p[7] & 63);
	e.flags |= p[7] == 0xfe ? ME_REP : p[7] == 0xfd ? ME_FAULT : 0;
	e.ip = p[6];
	return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct model_params par = { 0 };
	struct model_totals first;
	const struct model_totals *t;
	struct seen s = { 0 };
	struct model *m;
	size_t rows = 0;

	if (size < 2)
		return 0;
	while (cpu_profile_at(rows))
		rows++;
	par.cpu = cpu_profile_at(data[0] % rows);
	par.buffers = data[1] % (MODEL_MAX_BUFFERS + 1);
	par.header = s.header = data[1] & 0x80 ? 4 : 0;
	for (unsigned int round = 0; round < 2; round++) {
		uint64_t fed = 0;

		if (model_new(&par, round ? NULL : look, &s, &m))
			abort();
		t = model_totals(m);
		for (size_t at = 2; at + 8 <= size; at += 8) {
			struct model_event e = event(data + at);
			int rc = model_feed(m, &e);

			if (rc != (model_event_wrong(&e) ? -22 : 0))
				abort();
			fed += !rc;
		}
		model_end(m);
		if (t->events != fed || t->best > t->tlps || t->tlps > t->worst ||
		    (t->best != t->worst && !t->unknowns))
			abort();
		if (t->bytes > t->store_bytes || t->store_bytes > t->bytes + t->repeat_bytes || t->full > t->lines)
			abort();
		if (!round)
			first = *t;
		else if (memcmp(&first, t, sizeof(first)))
			abort();
		model_free(m);
	}
	if (s.tlps != first.tlps || s.bytes != first.bytes || s.dws != first.dws || s.wire != first.wire)
		abort();
	for (unsigned int r = 0; r < MR_COUNT; r++)
		if (s.left[r] != first.reason_tlps[r])
			abort();
	return 0;
}
