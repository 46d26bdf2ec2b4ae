/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_memtype.c - pat_memtype_list: what is accepted is in order; a search finds what looking at all lines finds. */
#include <stdint.h>
#include <stdlib.h>

#include "probe/memtype.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int count(const struct memtype *m, void *arg)
{
	(void)m;
	++*(size_t *)arg;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memtype_list l;
	unsigned int line;
	const char *what;
	size_t i, k;

	if (memtype_parse((const char *)data, size, &l, &line, &what)) {
		if (l.n || !what)
			abort();
		return 0;
	}
	for (i = 0; i < l.n; i++) {
		if (l.m[i].end <= l.m[i].start || (i && l.m[i].start < l.m[i - 1].start))
			abort();
		if (!memtype_covers(&l, l.m[i].start, l.m[i].end, l.m[i].type))
			abort();
	}
	for (i = 0; i < l.n && i < 8; i++) {
		size_t found = 0, want = 0;

		memtype_overlaps(&l, l.m[i].start, l.m[i].end, count, &found);
		for (k = 0; k < l.n; k++)
			want += l.m[k].start < l.m[i].end && l.m[k].end > l.m[i].start;
		if (found != want)
			abort();
	}
	if (memtype_conflicts(&l) > l.n)
		abort();
	memtype_free(&l);
	return 0;
}
