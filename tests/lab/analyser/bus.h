/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bus.h - a measurement: every store to one range of physical addresses, and the TLPs that a CPU would make of them.
 *
 * Two models see the stores (wc.h):
 *   the program's   one for each thread, whichever CPU runs it. Interrupts and exceptions, signals, and what their
 *                   handlers do, are not there (thread.h): the same program gives the same TLPs each time. This is the
 *                   list tlp.N.
 *   the CPU's       one for each CPU, flushed by all that it executes, interrupts too. This is the list tlp-cpu.N.
 *
 * OUT/bus.N, raw, numbers in hex without 0x but for ORDER, CPU, SIZE:
 *     bus N start X length X pat X buffers B evict N after N
 *     s ORDER CPU CR3 IP VIRTUAL PHYSICAL SIZE TYPE     a store; what QEMU makes in pieces of 8 bytes is joined
 *     r ORDER CPU CR3 IP VIRTUAL PHYSICAL SIZE TYPE     a read
 *     e ORDER CPU CR3 IP WHAT                           the first event since the last store or read on that CPU
 *     end STORES READS EVENTS LEFTOUT WRONG     LEFTOUT: lines too many; WRONG: not understood; 0 in a
 *                                               measurement that is worth something
 * OUT/tlp.N.csv and OUT/tlp-cpu.N.csv: a header, then a TLP a line; FLUSH numbers those that left together.
 * OUT/tlp.N: "tlp 0xADDRESS DWS FIRST LAST" a line.
 * The last line of each list is "end COUNT", or "cut COUNT" when there were more than it holds.
 * OUT/mem.N.before and .after: the range's memory at both ends, where it has any, at most 64 MiB.
 *
 * Counters, 8 bytes each, little-endian, in the last page of the range where it has memory: see enum bus_counter. What
 * a flush would send now is counted already, for to read a register flushes the buffers.
 */
#ifndef ANALYSER_BUS_H
#define ANALYSER_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include "decode.h"

/* Offsets in the last page. The CPU's list has the same ones at BUS_CPU_OFFSET. */
enum bus_counter {
	BUS_TLPS   = 0x00,	/* write TLPs */
	BUS_FULL   = 0x08,	/* of them, whole lines that were combined */
	BUS_BYTES  = 0x10,	/* enabled bytes */
	BUS_DWS    = 0x18,	/* double words: what a device calls beats */
	BUS_UC     = 0x20,	/* of the TLPs, those of uncached stores */
	BUS_STORES = 0x28,	/* the instructions' own stores */
	BUS_END	   = 0x30,
	BUS_CPU_OFFSET = 0x100
};

struct bus_start {
	uint64_t number, start, length, pat;
	unsigned int buffers, evict, evict_after;	/* wc.h */
};

extern bool bus_running;

void bus_start(unsigned int cpu, const char *folder, const struct bus_start *how);
void bus_stop(void);
/* Only while it runs: */
/* An access that was made: the physical address of the first byte when that is in the range, else 0. */
uint64_t bus_access(unsigned int cpu, uint64_t virtual, unsigned int size, bool store, uint64_t ip, bool joins);
void bus_qemu_says(uint64_t ours, uint64_t theirs);	/* two ways to a physical address must agree */
void bus_insn(unsigned int cpu, enum insn_kind kind, uint64_t ip);
void bus_next(unsigned int cpu);	/* an instruction whose stores may be joined begins */

#endif
