/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_pte.c - a level and raw entries: whatever they are, what is said of them holds together. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probe/pagemap.h"
#include "probe/pte.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void one(uint64_t raw, unsigned int level)
{
	char flags[64];
	struct pte p;
	int rc = pte_decode(raw, level, &p);
	bool leaf = p.kind == PTE_PRESENT || p.kind == PTE_PROTNONE;

	if (rc) {
		if (rc != -EINVAL || (level >= 1 && level <= 3 && p.kind != PTE_PRESENT))
			abort();
		return;
	}
	if (p.raw != raw || p.level != level || p.slot > 7 || p.soft > 255 || (unsigned int)p.kind >= PTE_KINDS)
		abort();
	if (leaf != (p.phys != PTE_NO_PHYS) || (leaf && p.phys & (pte_size(level) - 1)) || (leaf && p.phys >> 52))
		abort();
	if (p.kind == PTE_PRESENT && (raw & pte_frame_mask(level)) != p.phys)
		abort();
	if (p.kind == PTE_PROTNONE && ((raw ^ p.phys) & pte_frame_mask(level)) != pte_frame_mask(level))
		abort();
	pte_flags(&p, flags, sizeof(flags));
	if ((leaf && p.p != (raw & 1)) || strlen(flags) >= sizeof(flags) || (!leaf && *flags))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t raw;

	if (!size)
		return 0;
	for (size_t i = 1; i + sizeof(raw) <= size; i += sizeof(raw)) {
		struct pagemap_bits b;

		memcpy(&raw, data + i, sizeof(raw));
		one(raw, data[0] % 6);
		b = pagemap_decode(raw);
		if (b.pfn >> 55 || (b.pfn && !b.present))
			abort();
	}
	return 0;
}
