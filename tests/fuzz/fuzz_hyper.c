/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_hyper.c - recorded hypervisor leaves: a signature always ends and prints, and a kind implies a guest. */
#include <stdlib.h>
#include <string.h>

#include "probe/cpu.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hyper h;
	const char *what;
	unsigned int line;

	if (hyper_parse((const char *)data, size, &h, &line, &what)) {
		if (!what || !line || h.guest)
			abort();
		return 0;
	}
	if (strnlen(h.signature, sizeof(h.signature)) == sizeof(h.signature) || (h.kind && !h.guest))
		abort();
	for (const char *p = h.signature; *p; p++)
		if (*p < 0x20 || *p > 0x7e)
			abort();
	return 0;
}
