/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busmem.c - the memory behind the range that is measured.
 */
#include "busmem.h"
#include "guest.h"

#define KEPT_MAX (UINT64_C(64) << 20)

static const char *folder;
static struct bus_start bus;
static bool memory;

static void keep(const char *ending)
{
	uint8_t page[4096];
	FILE *f;

	if (!memory || bus.length > KEPT_MAX)
		return;
	f = list_file(folder, "mem", bus.number, ending);
	if (!f)
		return;
	for (uint64_t at = 0; at < bus.length; at += sizeof(page)) {
		guest_device_memory(bus.start + at, page, sizeof(page), false);
		fwrite(page, 1, sizeof(page), f);
	}
	if (ferror(f) | fclose(f))
		perror("analyser: mem");
}

void busmem_start(const char *out, const struct bus_start *how)
{
	folder = out;
	bus = *how;
	memory = bus.length >= 4096 && bus.length % 4096 == 0 && guest_has_memory(bus.start) &&
		 guest_has_memory(bus.start + bus.length - 4096);
	keep(".before");
}

void busmem_counters(unsigned int offset, const struct list_counts *c)
{
	uint64_t page[BUS_END / 8] = {
		[BUS_TLPS / 8] = c->tlps, [BUS_FULL / 8] = c->full, [BUS_BYTES / 8] = c->bytes,
		[BUS_DWS / 8] = c->dws,	  [BUS_UC / 8] = c->uc,	    [BUS_STORES / 8] = c->stores,
	};

	if (memory)
		guest_device_memory(bus.start + bus.length - 4096 + offset, page, sizeof(page), true);
}

void busmem_stop(void)
{
	keep(".after");
}
