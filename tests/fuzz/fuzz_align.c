/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_align.c - two lists against each other: each TLP is told once, in one class; equal lists are as predicted. */
#include <stdint.h>
#include <stdlib.h>

#include "probe/align.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sum {
	uint64_t predicted, observed, at;
};

static int told(const struct align_case *c, void *ctx)
{
	struct sum *s = ctx;

	if (c->class == AC_AS || c->class >= AC_CLASSES || (!c->predicted && !c->observed))
		abort();
	s->predicted += c->predicted;
	s->observed += c->observed;
	return 0;
}

/* Three bytes a TLP: which list, a new set or not; where; length and enables. */
static void one(const uint8_t *d, struct align *a, struct align *b, uint64_t *by, uint64_t at)
{
	unsigned int dw = d[1] & 63, ndw = 1 + (d[2] & 15);
	struct model_tlp m = { .addr = 0x1000 + 4 * dw, .fbe = 15, .lbe = 15 };
	struct tlp t = { .kind = TLP_MWR, .addr = m.addr, .ndw = (uint16_t)ndw, .fbe = 15, .lbe = 15 };

	if (ndw > 16 - dw % 16)
		ndw = 16 - dw % 16;
	m.ndw = (uint8_t)ndw;
	if (ndw == 1) {
		m.lbe = 0;
		m.fbe = d[2] >> 4;
	}
	*by += d[0] >> 1 & 1;
	m.by = *by;
	if (d[0] & 1) {
		if (align_predicted(a, &m, 0) || align_predicted(b, &m, 0))
			abort();
		t.ndw = m.ndw;
		t.fbe = m.fbe;
		t.lbe = m.lbe;
		if (align_observed(b, &t, at))
			abort();
	}
	if (d[0] & 4) {
		if (t.ndw == 1)
			t.lbe = 0;
		if (align_observed(a, &t, at))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct align_totals t;
	struct align *a, *b;
	struct sum s = { 0 };
	uint64_t by = 0;

	if (align_new(&a) || align_new(&b))
		abort();
	align_range(a, 0x1000, 0x1000 + 40 * 64);
	align_range(b, 0, 0);
	for (size_t i = 0; i + 3 <= size; i += 3)
		one(data + i, a, b, &by, i + 1);
	if (align_run(a, told, &s, &t))
		abort();
	if (s.predicted + t.predicted_tlps[AC_AS] != t.predicted || s.observed + t.observed_tlps[AC_AS] != t.observed)
		abort();
	s = (struct sum){ 0 };
	if (align_run(b, told, &s, &t) || s.predicted || s.observed || t.predicted_tlps[AC_AS] != t.predicted)
		abort();
	align_free(a);
	align_free(b);
	return 0;
}
