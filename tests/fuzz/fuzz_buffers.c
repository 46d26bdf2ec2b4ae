/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_buffers.c - recorded curves: what is read is written back the same, and any curve can be decided. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probe/buffers_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decide(const struct buffers_curve *c, enum buffers_sibling sibling, double busy, unsigned int known)
{
	const struct buffers_context x = { .known = known, .sibling = sibling, .sibling_busy = busy };
	struct buffers_answer a;

	if (buffers_decide(c, &x, &a))
		abort();
	if (!(a.confidence >= 0 && a.confidence <= 1) || a.available > a.capacity || a.capacity > c->lines ||
	    a.stable != (a.capacity > 0) || (!a.stable && (a.confidence > 0 || !a.why)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buffers_record *r, *again;
	unsigned int line;
	const char *what = NULL;
	size_t n, m, len;
	char *text;

	if (buffers_records_parse((const char *)data, size, &r, &n, &line, &what)) {
		if (!what)
			abort();
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		decide(&r[i].curve, r[i].sibling, r[i].sibling_busy, i % 2 ? 8 : 0);
	text = buffers_records_format(r, n, &len);
	if (!text || buffers_records_parse(text, len, &again, &m, &line, &what) || m != n)
		abort();
	for (size_t i = 0; i < n; i++)
		if (memcmp(&r[i].curve, &again[i].curve, sizeof(r[i].curve)) || r[i].cpu != again[i].cpu)
			abort();
	free(text);
	free(again);
	free(r);
	return 0;
}
