/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dump.h - what the analyser saw, as text on the host.
 *
 * OUT/walk.N:
 *     walk N cpu C cr3 X cr4 X efer X levels 4|5 ram BYTES
 *     u|k ADDRESS LEVEL RAW ABOVE2 ABOVE3 ABOVE4 ABOVE5      user's or kernel's half; hex without 0x; ascending
 *     end COUNT
 * Without the last line, or with "cut" or "bad" before it, the walk is worth nothing.
 */
#ifndef ANALYSER_DUMP_H
#define ANALYSER_DUMP_H

#include <stdint.h>

/* The tables of the process that this CPU runs; of the kernel's half what is no RAM, and all in [start, end). */
void dump_walk(const char *folder, unsigned int cpu, uint64_t number, uint64_t start, uint64_t end);

#endif
