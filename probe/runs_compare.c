// SPDX-License-Identifier: GPL-2.0-or-later
/* runs_compare.c - two lists of runs, piece by piece. */
#include "runs_compare.h"

#include <string.h>

#define BY_CPU (PTE_A | PTE_D)

void run_skip(struct pte_run *r, uint64_t bytes)
{
	uint64_t frame = pte_frame_mask(r->level), page = pte_size(r->level), whole;

	if (!bytes)
		return;
	r->start += bytes;
	memset(r->upper, 0, sizeof(r->upper));
	if (r->kind != PTE_PRESENT && r->kind != PTE_PROTNONE)
		return;
	whole = ((r->phys + bytes) & ~(page - 1)) - (r->phys & ~(page - 1));
	r->raw = (r->raw & ~frame) | ((r->kind == PTE_PRESENT ? r->raw + whole : r->raw - whole) & frame);
	r->phys += bytes;
}

/* Both cut to the same piece. */
static bool alike(const struct pte_run *a, const struct pte_run *b)
{
	if (a->level != b->level || a->kind != b->kind || a->rights != b->rights || a->vma != b->vma ||
	    a->phys != b->phys || ((a->raw ^ b->raw) & ~(a->kind == PTE_OTHER ? 0 : BY_CPU)))
		return false;
	/* Of a run that goes on from an earlier table what stood above is not known any more. */
	for (int i = 0; i < 4; i++)
		if (a->upper[i] && b->upper[i] && ((a->upper[i] ^ b->upper[i]) & ~BY_CPU))
			return false;
	return true;
}

static uint64_t entries_in(const struct pte_run *r)
{
	uint64_t size = pte_size(r->level);

	return ((r->end + size - 1) & ~(size - 1)) / size - r->start / size;
}

void runs_compare(const struct runs *a, const struct runs *b,
		  void (*fn)(uint64_t start, uint64_t end, const struct pte_run *a, const struct pte_run *b, void *arg),
		  void *arg, struct runs_compared *out)
{
	size_t i = 0, j = 0;
	uint64_t at = 0;

	*out = (struct runs_compared){ 0 };
	while (i < a->n || j < b->n) {
		const struct pte_run *x = i < a->n ? &a->r[i] : NULL, *y = j < b->n ? &b->r[j] : NULL;
		uint64_t xs = x ? x->start : UINT64_MAX, ys = y ? y->start : UINT64_MAX, to;
		struct pte_run px, py;
		bool in_x, in_y;

		at = at > (xs < ys ? xs : ys) ? at : xs < ys ? xs : ys;
		in_x = xs <= at;
		in_y = ys <= at;
		to = in_x ? x->end : xs;
		if ((in_y ? y->end : ys) < to)
			to = in_y ? y->end : ys;
		if (in_x) {
			px = *x;
			run_skip(&px, at - px.start);
			px.end = to;
		}
		if (in_y) {
			py = *y;
			run_skip(&py, at - py.start);
			py.end = to;
		}
		if (in_x && in_y && alike(&px, &py)) {
			out->same += entries_in(&px);
		} else {
			out->pieces++;
			if (fn)
				fn(at, to, in_x ? &px : NULL, in_y ? &py : NULL, arg);
		}
		at = to;
		i += in_x && x->end == to;
		j += in_y && y->end == to;
	}
}
