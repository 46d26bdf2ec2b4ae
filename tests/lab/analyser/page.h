/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page.h - what a virtual address of the guest means now: its physical address and its PAT slot, from the tables.
 *
 * Remembered for each CPU as the CPU itself may: until an instruction that makes it forget (page_forget). What was
 * looked up was just used by the CPU, so an entry that is not present cannot be met, and is never remembered.
 */
#ifndef ANALYSER_PAGE_H
#define ANALYSER_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#define PAGE_CPUS 8

struct page {
	uint64_t number;	/* virtual address / 4096 */
	uint64_t phys;		/* of its first byte */
	uint8_t slot;		/* PAT index of the entry */
	bool ram;
	bool known;
};

/* NULL when the tables have no such page. Valid until the next call. */
const struct page *page_of(unsigned int cpu, uint64_t address);
uint64_t page_cr3(unsigned int cpu);	/* which tables: without the bits that say how, and which half of a pair */
void page_forget(unsigned int cpu);

#endif
