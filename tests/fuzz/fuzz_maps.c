/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_maps.c - lines of /proc/PID/maps and the paths in them; the whole input also as a path. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probe/maps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void path(const char *p, size_t len)
{
	struct map_path mp;

	if (!map_path_parse(p, len, &mp))
		return;
	if ((unsigned int)mp.kind >= MAP_KINDS || mp.bar < -1 || mp.bar > 5 || !memchr(mp.slot, 0, sizeof(mp.slot)))
		abort();
	if ((mp.kind == MAP_SYSFS || mp.kind == MAP_SYSFS_WC || mp.kind == MAP_PROC_PCI) && !*mp.slot)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data, *end = p + size;

	path(p, size);
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = nl ? (size_t)(nl - p) : (size_t)(end - p);
		struct map_line l;

		if (!map_line_parse(p, len, &l)) {
			if (l.vend <= l.vstart || l.path < p || l.path + l.pathlen != p + len)
				abort();
			path(l.path, l.pathlen);
		}
		p += len + (nl != NULL);
	}
	return 0;
}
