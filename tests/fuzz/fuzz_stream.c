/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_stream.c - the story of a stream: every departure of a line in exactly one place, TLPs that add up to the
 * model's, examples that can be. Two bytes of parameters, then six bytes an event.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probe/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Few lines and mostly plain stores, so that messages come back to lines. */
static struct model_event event(const uint8_t *p)
{
	static const uint8_t types[] = { MT_WC, MT_WC, MT_WC, MT_UC, MT_WC, MT_WB, MT_WC, MT_WC };
	struct model_event e = { .kind = p[0] & 3 ? ME_STORE : (p[0] >> 2) % ME_KINDS, .type = types[p[1] & 7] };

	if (e.kind == ME_GAP) {
		e.addr = p[2] == 255 ? UINT64_MAX : p[2];
		return e;
	}
	if (e.kind == ME_INTERRUPT)
		e.flags = p[1] & 8 ? ME_FAULT : 0;
	if (e.kind != ME_STORE && e.kind != ME_READ)
		return e;
	e.addr = (p[0] & 0xe0 ? 0xd4000000 : UINT64_MAX - 1023) + 64ULL * (p[2] & 15) + (p[3] & 63);
	e.size = p[4] & 0x80 ? 1u << (p[4] % 7) : p[4] % 66;
	if (e.kind == ME_READ)
		return e;
	e.flags = p[1] >> 4 & 3	   ? 0
		  : p[1] >> 6 == 1 ? ME_DIRECT
		  : p[1] >> 6 == 2 ? ME_MASKED
		  : p[1] >> 6 == 3 ? ME_REP
				   : 0;
	if (e.flags & ME_MASKED)
		e.mask = p[5] * 0x0101010101010101ULL & (e.size < 64 ? (1ULL << e.size) - 1 : UINT64_MAX);
	e.ip = p[5];
	return e;
}

static void check(bool is)
{
	if (!is)
		abort();
}

static void one(const struct stream_story *y, const struct stream_seen *s)
{
	if (!s->lines) {
		check(!s->tlps && !s->n && !s->stores);
		return;
	}
	check(s->mask && s->line % MODEL_LINE == 0 && s->stores && s->first <= s->last && s->last <= s->by &&
	      s->by <= y->totals.events && s->tlps_one >= s->need_one && s->need_one && s->size &&
	      s->size <= MODEL_LINE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct model_params par = { 0 };
	uint64_t parts = 0, tlps = 0, need = 0, kinds = 0, kind_tlps = 0;
	const struct stream_story *y;
	const struct model_totals *t;
	struct stream *s;
	struct model *m;
	size_t rows = 0;

	if (size < 2)
		return 0;
	while (cpu_profile_at(rows))
		rows++;
	par.cpu = cpu_profile_at(data[0] % rows);
	par.buffers = data[1] % (MODEL_MAX_BUFFERS + 1);
	check(!stream_new(&par, NULL, NULL, &s) && !model_new(&par, NULL, NULL, &m));
	for (size_t at = 2; at + 6 <= size; at += 6) {
		struct model_event e = event(data + at);

		check(stream_feed(s, &e) == model_feed(m, &e));
	}
	model_end(m);
	y = stream_end(s);
	t = model_totals(m);
	check(!memcmp(t, &y->totals, sizeof(*t)));
	for (unsigned int w = 0; w < STREAM_WHATS; w++)
		one(y, &y->seen[w]);
	for (unsigned int w = 0; w <= STREAM_INTERRUPTED; w++) {
		if (w > STREAM_SMALL && w != STREAM_INTERRUPTED)
			continue;
		parts += y->seen[w].lines;
		tlps += y->seen[w].tlps;
		need += y->seen[w].need;
	}
	for (unsigned int k = 0; k < ME_KINDS; k++) {
		one(y, &y->flushed[k]);
		kinds += y->flushed[k].lines;
		kind_tlps += y->flushed[k].tlps;
	}
	check(parts == t->lines - t->full && need <= tlps);
	check(tlps + t->full == t->tlps - t->reason_tlps[MR_DIRECT] - t->reason_tlps[MR_UNCACHED]);
	check(kinds == y->seen[STREAM_FLUSHED].lines && kind_tlps == y->seen[STREAM_FLUSHED].tlps);
	check(y->seen[STREAM_MISALIGNED].lines % 2 == 0);
	check(!y->lost || size > 4096);
	stream_free(s);
	model_free(m);
	return 0;
}
