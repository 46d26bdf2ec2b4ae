/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_vmalloc.c - /proc/vmallocinfo: what is kept is in order and has a size. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probe/vmalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ioremaps m;
	unsigned int line;
	const char *what;
	size_t i;

	if (vmalloc_parse((const char *)data, size, &m, &line, &what)) {
		if (m.n || !what)
			abort();
		return 0;
	}
	for (i = 0; i < m.n; i++) {
		const struct ioremap *r = &m.r[i];

		if (r->end <= r->start || (i && r->start < r[-1].start))
			abort();
		if (!memchr(r->caller, 0, sizeof(r->caller)) || !memchr(r->module, 0, sizeof(r->module)))
			abort();
	}
	vmalloc_free(&m);
	return 0;
}
