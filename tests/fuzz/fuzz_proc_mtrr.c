/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_proc_mtrr.c - /proc/mtrr: what is accepted is a range that does not wrap, of a type that an MTRR can have. */
#include <stdlib.h>

#include "probe/mtrr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct proc_mtrr p;
	const char *what;
	unsigned int line;

	if (proc_mtrr_parse((const char *)data, size, &p, &line, &what)) {
		if (!what || !line)
			abort();
		return 0;
	}
	for (size_t i = 0; i < p.n; i++)
		if (p.row[i].base + p.row[i].size < p.row[i].base || p.row[i].type == MT_UCMINUS || p.row[i].reg > 255)
			abort();
	proc_mtrr_free(&p);
	return 0;
}
