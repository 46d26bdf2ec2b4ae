// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kcore_ram.c - what is RAM, by /proc/iomem. The helper module asks the same tree with region_intersects(): some RAM
 * and nothing else is RAM; some RAM and something else (MIXED) is not.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "iomem.h"
#include "kcore_int.h"

static bool is_ram(const struct iomem_res *r)
{
	static const char name[] = "System RAM"; /* also "System RAM (kmem)" */

	return !strncmp(r->name, name, sizeof(name) - 1);
}

static int by_start(const void *a, const void *b)
{
	const struct kcore_range *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

/* RAM may stand below another line (memory of CXL devices): then that line is not something else. */
static bool has_ram_below(const struct iomem *m, size_t top)
{
	for (size_t i = top + 1; i < m->n && m->r[i].depth; i++)
		if (is_ram(&m->r[i]))
			return true;
	return false;
}

int kcore_ram_from(const struct iomem *m, struct kcore_ram *out)
{
	*out = (struct kcore_ram){ .ram = calloc(m->n + 1, sizeof(*out->ram)),
				   .other = calloc(m->n + 1, sizeof(*out->other)) };
	if (!out->ram || !out->other) {
		kcore_ram_free(out);
		return -ENOMEM;
	}
	for (size_t i = 0; i < m->n; i++) {
		const struct iomem_res *r = &m->r[i];
		struct kcore_range range = { r->start, r->end };

		if (is_ram(r))
			out->ram[out->nram++] = range;
		else if (!r->depth && !has_ram_below(m, i))
			out->other[out->nother++] = range;
	}
	qsort(out->ram, out->nram, sizeof(*out->ram), by_start);
	qsort(out->other, out->nother, sizeof(*out->other), by_start);
	return 0;
}

void kcore_ram_free(struct kcore_ram *r)
{
	free(r->ram);
	free(r->other);
	*r = (struct kcore_ram){ 0 };
}

/* The ranges of one list do not overlap each other. */
static bool hits(const struct kcore_range *r, size_t n, uint64_t start, uint64_t end)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (r[mid].end <= start)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && r[lo].start < end;
}

bool kcore_is_ram(const struct kcore_ram *r, uint64_t phys, uint64_t size)
{
	return hits(r->ram, r->nram, phys, phys + size) && !hits(r->other, r->nother, phys, phys + size);
}
