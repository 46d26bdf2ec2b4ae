/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_kallsyms.c - /proc/kallsyms: in order, and what is found by name is found by address. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probe/kallsyms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kallsyms k;
	struct kallsym y;
	unsigned int line;
	const char *what;
	char buf[64];

	if (kallsyms_parse((const char *)data, size, &k, &line, &what)) {
		if (k.n || !what)
			abort();
		return 0;
	}
	if (kallsyms_by_name(&k, "memtype_reserve", NULL, 0, &y)) {
		if (strcmp(y.name, "memtype_reserve") || (k.hidden && y.addr))
			abort();
		kallsyms_words(&k, y.addr, buf, sizeof(buf));
		if (kallsyms_by_addr(&k, y.addr, false, &y) && y.end && y.end <= y.addr)
			abort();
	}
	kallsyms_free(&k);
	return 0;
}
