/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_events.c - streams of events as text: the pieces a file comes in change nothing; what is read is written back
 * the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probe/model_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A sum over the events, the order of which counts. */
struct sum {
	uint64_t h;
	size_t n;
};

static void mix(struct sum *s, uint64_t v)
{
	s->h = (s->h ^ v) * 0x100000001b3ULL;
}

static int take(const struct model_event *e, void *ctx)
{
	struct model_event again;
	char buf[MODEL_TEXT_LINE];
	const char *what;
	struct sum *s = ctx;

	if (model_event_wrong(e))
		abort();
	model_text_format(e, buf, sizeof(buf));
	if (model_text_line(buf, strlen(buf), MT_WC, &again, &what) != 1)
		abort();
	if (again.addr != e->addr || again.mask != e->mask || again.ip != e->ip || again.kind != e->kind ||
	    again.size != e->size || again.type != e->type || again.flags != e->flags)
		abort();
	mix(s, e->addr);
	mix(s, e->mask);
	mix(s, e->ip);
	mix(s, (uint64_t)e->kind << 24 | (uint64_t)e->size << 16 | (uint64_t)e->type << 8 | e->flags);
	s->n++;
	return 0;
}

static int whole(const uint8_t *data, size_t size, size_t piece, struct sum *s, unsigned long *line)
{
	static struct model_text t;
	int rc = 0;

	*s = (struct sum){ 0 };
	model_text_begin(&t, MT_UC);
	for (size_t at = 0; at < size && !rc; at += piece)
		rc = model_text_feed(&t, (const char *)data + at, size - at < piece ? size - at : piece, take, s);
	if (!rc)
		rc = model_text_end(&t, take, s);
	if (rc && !t.what)
		abort();
	*line = t.line;
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t pieces[] = { 1, 7, 511, 512, 513 };
	unsigned long line, again;
	struct sum a, b;
	int rc = whole(data, size, size ? size : 1, &a, &line);

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		if (whole(data, size, pieces[i], &b, &again) != rc || a.h != b.h || a.n != b.n || line != again)
			abort();
	}
	return 0;
}
