// SPDX-License-Identifier: GPL-2.0-or-later
/* loops.c - volatile loops; built at -O0 and at -O2, LEVEL. */
#include "prog.h"

#define NAME2(level) loops##level
#define NAME(level)  NAME2(level)
#define PROGRAM2(id, marks, what) PROGRAM(id, marks, what)

#define LOOP(type, from, n)                                                                                            \
	for (int i = 0; i < (n); i++)                                                                                  \
		if (!TELL("s 0x%zx %zu", (from) + (size_t)i * sizeof(type), sizeof(type)))                             \
			((volatile type *)(p + (from)))[i] = (type)(0x1111111111111111UL * (unsigned int)(i + 1));

PROGRAM2(NAME(LEVEL), P_TOLD | P_TRUTH | P_CHOICE, "volatile loops of 1, 2, 4, 8 bytes")
{
	begin();
	LOOP(uint8_t, 0x00, 70)
	LOOP(uint16_t, 0x80, 40)
	LOOP(uint32_t, 0x100, 40)
	LOOP(uint64_t, 0x200, 40)
	for (int i = 15; i >= 0; i--)
		if (!TELL("s 0x%x 4", 0x1000 + 4 * i))
			((volatile uint32_t *)(p + 0x1000))[i] = (uint32_t)i;
	for (int i = 0; i < 8; i++)
		if (!TELL("s 0x%x 8", 0x2000 + 0x88 * i))
			*(volatile uint64_t *)(p + 0x2000 + 0x88 * i) = ~(uint64_t)i;
	end();
	return 0;
}
