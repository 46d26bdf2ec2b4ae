/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_cmdline.c - the command line, what capture keeps of it, the release and the lockdown file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probe/host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct host h = {0}, again = {0};
	char kept[4096], twice[4096], *text;

	host_parse_cmdline((const char *)data, size, &h);
	if (!memchr(h.options, 0, sizeof(h.options)))
		abort();
	host_filter_cmdline((const char *)data, size, kept, sizeof(kept));
	/* What was kept says the same, and keeping it again changes nothing. */
	if (size < sizeof(kept)) {
		host_filter_cmdline(kept, strlen(kept), twice, sizeof(twice));
		host_parse_cmdline(kept, strlen(kept), &again);
		if (strcmp(kept, twice) || h.nopat != again.nopat || h.debugpat != again.debugpat ||
		    h.iomem_relaxed != again.iomem_relaxed || h.disable_mtrr != again.disable_mtrr)
			abort();
	}
	host_parse_lockdown((const char *)data, size);
	text = malloc(size + 1);
	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	host_parse_release(text);
	free(text);
	return 0;
}
