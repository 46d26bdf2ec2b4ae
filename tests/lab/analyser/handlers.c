/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handlers.c - where the guest's handlers of interrupts and exceptions begin (Intel SDM vol 3, 6.14.1).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"
#include "handlers.h"
#include "page.h"

#define GATES 256
/* Linux maps its interrupt table there, with 4 and with 5 levels (arch/x86/include/asm/cpu_entry_area.h). */
#define IDT   UINT64_C(0xfffffe0000000000)

static uint64_t handlers[GATES];	/* ascending */

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

bool handlers_begin(uint64_t address)
{
	return bsearch(&address, handlers, GATES, sizeof(handlers[0]), by_value);
}

bool handlers_find(unsigned int cpu)
{
	const struct page *p = page_of(cpu, IDT);
	uint64_t gate[GATES][2];

	memset(handlers, 0, sizeof(handlers));
	if (!p || !guest_read(p->phys, gate, sizeof(gate))) {
		fprintf(stderr, "analyser: no interrupt table at %" PRIx64 "\n", IDT);
		return false;
	}
	/* Bits 15:0, 31:16 and 63:32 of the address are bits 15:0 and 63:48 of the first half, and 31:0 of the second. */
	for (unsigned int i = 0; i < GATES; i++)
		handlers[i] = (gate[i][0] & 0xffff) | (gate[i][0] >> 32 & 0xffff0000) | gate[i][1] << 32;
	qsort(handlers, GATES, sizeof(handlers[0]), by_value);
	return true;
}
