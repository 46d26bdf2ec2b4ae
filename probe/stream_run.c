/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stream_run.c - the story of a store pattern: its stores, fences and no-ops as events. Pure. */
#include "stores.h"
#include "stream.h"

struct feeding {
	struct stream *s;
	uint8_t flags;
	bool library;
};

static int feed(void *ctx, const struct stores_event *e)
{
	const struct feeding *f = ctx;
	struct model_event m = { 0 };

	switch (e->kind) {
	case STORES_STORE:
		m.kind = ME_STORE;
		m.addr = e->offset;
		m.size = (uint8_t)e->size;
		m.type = MT_WC;
		m.flags = f->flags;
		/* No C library copies lines byte by byte but by a string instruction, which is recorded in its steps.
		 */
		if (f->library && e->size == 1)
			m.flags |= ME_REP;
		break;
	case STORES_FENCE:
		m.kind = ME_SFENCE;
		break;
	case STORES_GAP:
		m.kind = ME_GAP;
		m.addr = e->size;
		break;
	}
	return stream_feed(f->s, &m);
}

int stream_of_run(const struct stores_run *run, uint64_t length, const struct stores_shape *shape,
		  const struct model_params *params, struct stream **out, const struct stream_story **story)
{
	struct feeding f = { 0 };
	int err;

	*out = NULL;
	*story = NULL;
	if (run->pattern < WCDIAG_STORE_COUNT) {
		unsigned int flags = wcdiag_store_patterns[run->pattern].flags;

		f.flags = flags & WCDIAG_STORE_DIRECT ? ME_DIRECT : flags & WCDIAG_STORE_REP ? ME_REP : 0;
		f.library = flags & WCDIAG_STORE_LIBRARY;
	}
	err = stream_new(params, NULL, NULL, &f.s);
	if (err)
		return err;
	err = stores_expand(run, length, shape, feed, &f);
	if (err) {
		stream_free(f.s);
		return err;
	}
	*out = f.s;
	*story = stream_end(f.s);
	return 0;
}
