/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_iomem.c - /proc/iomem, and the search for claims. */
#include <stdint.h>
#include <stdlib.h>

#include "probe/iomem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct iomem_res *claim[4];
	struct iomem m;
	unsigned int line;
	const char *what;
	size_t i;

	if (iomem_parse((const char *)data, size, &m, &line, &what)) {
		if (m.n || !what)
			abort();
		return 0;
	}
	for (i = 0; i < m.n; i++)
		if (m.r[i].end < m.r[i].start)
			abort();
	for (i = 0; i < m.n && i < 8; i++) {
		int n = iomem_claims(&m, m.r[i].name, m.r[i].start, m.r[i].end, claim, 4), k;

		for (k = 0; k < n && k < 4; k++)
			if (claim[k] <= m.r || claim[k] >= m.r + m.n || claim[k]->depth == 0)
				abort();
	}
	iomem_free(&m);
	return 0;
}
