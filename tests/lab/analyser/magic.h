/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * magic.h - how a program inside the guest calls the analyser: one long no-op that nobody else uses. For both sides.
 *
 * On a machine without the analyser nothing happens. The jump before it ends QEMU's translation block, so that all
 * registers are in memory when the analyser reads them.
 */
#ifndef ANALYSER_MAGIC_H
#define ANALYSER_MAGIC_H

#include <stdint.h>

/* nopl 0x57434c42(%rax,%rax,1) */
#define MAGIC_BYTES	0x0f, 0x1f, 0x84, 0x00, 0x42, 0x4c, 0x43, 0x57
#define MAGIC_SIZE	8

/* RAX: what to do */
enum {
	/* Write the caller's page tables to walk.RCX; RSI to RDI: a range of the kernel's half that is wanted with its RAM. */
	MAGIC_WALK = 1,
	/*
	 * Measure stores to RDI bytes of physical memory from RSI on into bus.RCX (bus.h). RDX: PAT register; R8: buffers; R9
	 * and R10: which lines the CPU gives up, and after how many stores (wc.h).
	 */
	MAGIC_BUS_START = 2,
	MAGIC_BUS_STOP = 3,
	/* The same, if one runs, and the guest is fast again: to be ready for the next one has its price (plugin.c). */
	MAGIC_BUS_REST = 4,
};

static inline void magic_walk(uint64_t number, uint64_t start, uint64_t end)
{
	__asm__ volatile("jmp 1f\n1:\t.byte 0x0f, 0x1f, 0x84, 0x00, 0x42, 0x4c, 0x43, 0x57"
			 : : "a"((uint64_t)MAGIC_WALK), "c"(number), "S"(start), "D"(end) : "memory");
}

/* The jump behind it: from the next block on all code is translated anew. */
static inline void magic_bus_start(uint64_t number, uint64_t start, uint64_t length, uint64_t pat, uint64_t buffers,
				   uint64_t evict, uint64_t after)
{
	register uint64_t r8 __asm__("r8") = buffers;
	register uint64_t r9 __asm__("r9") = evict;
	register uint64_t r10 __asm__("r10") = after;

	__asm__ volatile("jmp 1f\n1:\t.byte 0x0f, 0x1f, 0x84, 0x00, 0x42, 0x4c, 0x43, 0x57\n\tjmp 2f\n2:"
			 : : "a"((uint64_t)MAGIC_BUS_START), "c"(number), "S"(start), "D"(length), "d"(pat), "r"(r8), "r"(r9), "r"(r10)
			 : "memory");
}

static inline void magic_bus_end(uint64_t how)
{
	__asm__ volatile("jmp 1f\n1:\t.byte 0x0f, 0x1f, 0x84, 0x00, 0x42, 0x4c, 0x43, 0x57\n\tjmp 2f\n2:"
			 : : "a"(how) : "memory");
}

#endif
