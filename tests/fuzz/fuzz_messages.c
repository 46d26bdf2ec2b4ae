/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_messages.c - a trace cut into messages: each store is in one message, equal ones are counted together, the
 * careful count is never the better one, and no picture names what is not there. Eight bytes an event, or a note.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probe/messages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sum {
	uint64_t messages, stores, kept;
};

static int each(const struct message *one, void *ctx)
{
	struct sum *s = ctx;

	if (one->number != s->messages++ || !one->n || one->e[0].e.kind != ME_STORE)
		abort();
	s->kept += one->pattern >= 0;
	for (size_t i = 0; i < one->n; i++)
		s->stores += one->e[i].e.kind == ME_STORE;
	return 0;
}

static uint64_t event(struct messages *m, const uint8_t *p)
{
	static const uint8_t types[] = { MT_WC, MT_WC, MT_WC, MT_UC, MT_UCMINUS, MT_WC, MT_WB, MT_WC };
	struct trace_event e = {
		.pid = 1, .tid = 1 + (p[0] >> 6), .place = p[1] >> 7, .flags = p[7] & 1, .number = -1
	};

	e.e.kind = p[0] & 1 ? ME_STORE : (p[0] >> 1 & 31) % ME_KINDS;
	e.e.type = types[p[1] & 7];
	e.e.addr = 64ULL * (p[2] & (p[7] & 0x80 ? 255 : 15)) + (p[3] & 63) + ((uint64_t)e.place << TRACE_PLACE_SHIFT);
	e.e.size = 1u << (p[4] % 7);
	e.e.ip = p[6] & 7;
	e.call = p[6] >> 6;
	if (e.e.kind == ME_GAP)
		e.e.addr = p[3];
	if (e.e.kind == ME_STORE && p[1] & 0x40) {
		e.e.flags = ME_MASKED;
		e.e.mask = p[5] * 0x0101010101010101ULL & (UINT64_MAX >> (64 - e.e.size));
	} else if (e.e.kind != ME_STORE && e.e.kind != ME_READ) {
		e.e.size = e.e.type = 0;
	}
	e.addr = e.e.addr;
	if (model_event_wrong(&e.e))
		return 0;
	if (messages_event(m, &e))
		abort();
	return e.e.kind == ME_STORE;
}

static void note(struct messages *m, const uint8_t *p)
{
	const struct trace_note n = { .kind = p[1] % TRACE_NOTES,
				      .pid = p[2] & 1,
				      .tid = p[2] >> 1 & 7,
				      .ip = p[3] & 7,
				      .addr = p[4] & 7,
				      .value = p[5],
				      .why = p[6] & 1 ? "why" : NULL };

	if (messages_note(m, &n))
		abort();
}

static void look(const struct message_pattern *p)
{
	struct message_line l;

	if (!p->count || !p->story || p->bytes > 64 * p->lines || p->assumed > p->count)
		abort();
	for (size_t i = 0; i < p->n; i++) {
		if (p->e[i].e.kind != ME_STORE)
			continue;
		message_picture(p, p->e[i].e.addr & ~63ULL, &l);
		for (unsigned int k = 0; k < 64; k++)
			if (l.by[k] >= (int)p->n || (l.by[k] >= 0 && p->e[l.by[k]].e.kind != ME_STORE))
				abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sum s = { 0 };
	struct messages_params p = { .each = each, .ctx = &s, .patterns = 32 };
	const struct message_pattern *pattern;
	const struct messages_totals *t;
	uint64_t stores = 0, kept = 0;
	struct messages *m;
	size_t n;

	if (!size || messages_new(&p, &m))
		return 0;
	for (size_t i = 1; i + 8 <= size; i += 8) {
		if (data[i] == 0xfe)
			note(m, data + i);
		else
			stores += event(m, data + i);
	}
	if (messages_end(m))
		abort();
	t = messages_totals(m);
	pattern = messages_patterns(m, &n);
	for (size_t i = 0; i < n; i++) {
		look(&pattern[i]);
		kept += pattern[i].count;
	}
	if (s.stores != stores || t->stores != stores || t->model.stores != stores || s.messages != t->messages ||
	    kept != s.kept || t->other != s.messages - kept || t->full_sure > t->model.full ||
	    t->worst < t->model.worst)
		abort();
	messages_free(m);
	return 0;
}
