/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_cpuid.c - libcpuid's raw form, and libcpuid itself on the registers that came out of it. */
#include <stdlib.h>
#include <string.h>

#include "probe/cpu.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cpu c;
	const char *what;
	unsigned int line;

	if (cpu_parse((const char *)data, size, &c, &line, &what)) {
		if (!what)
			abort();
		return 0;
	}
	if (strlen(c.vendor_str) != 12 || strnlen(c.name, sizeof(c.name)) > 48 ||
	    strnlen(c.codename, sizeof(c.codename)) == sizeof(c.codename))
		abort();
	return 0;
}
