/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page.c - what a virtual address of the guest means now.
 */
#include <string.h>

#include "guest.h"
#include "page.h"
#include "walk.h"

#define REMEMBERED 1024	/* a power of two */
#define CR4_LA57   (UINT64_C(1) << 12)

#define BIT(n)	(UINT64_C(1) << (n))
#define PRESENT BIT(0)
#define LARGE	BIT(7)
#define FRAME	(BIT(52) - BIT(12))

static struct cpu {
	bool known;
	uint64_t cr3;
	unsigned int levels;
	struct page page[REMEMBERED];
} cpus[PAGE_CPUS];

void page_forget(unsigned int cpu)
{
	if (!cpus[cpu].known)
		return;
	cpus[cpu].known = false;
	memset(cpus[cpu].page, 0, sizeof(cpus[cpu].page));
}

static struct cpu *look(unsigned int n)
{
	struct cpu *c = &cpus[n];

	if (!c->known) {
		c->cr3 = guest_reg(n, GUEST_CR3);
		c->levels = guest_reg(n, GUEST_CR4) & CR4_LA57 ? 5 : 4;
		c->known = true;
	}
	return c;
}

uint64_t page_cr3(unsigned int cpu)
{
	/* Bit 12 tells the two halves of a pair apart where the kernel isolates its tables; below are flags. */
	return look(cpu)->cr3 & FRAME & ~BIT(12);
}

/* PAT is bit 7 in a small page's entry, bit 12 in a large one's. */
static uint8_t slot(uint64_t raw, unsigned int level)
{
	return (raw >> (level == 1 ? 7 : 12) & 1) << 2 | (raw >> 3 & 3);
}

static bool translate(const struct cpu *c, uint64_t address, struct page *p)
{
	uint64_t table = c->cr3 & FRAME, raw, size;

	for (unsigned int level = c->levels; level; level--) {
		if (!guest_read(table + (address >> (12 + 9 * (level - 1)) & 511) * 8, &raw, sizeof(raw)) || !(raw & PRESENT))
			return false;
		if (level > 1 && !((raw & LARGE) && level <= 3)) {
			table = raw & FRAME;
			continue;
		}
		size = walk_size(level);
		p->phys = (raw & FRAME & ~(size - 1)) + (address & (size - 1) & ~UINT64_C(4095));
		p->slot = slot(raw, level);
		return true;
	}
	return false;
}

const struct page *page_of(unsigned int cpu, uint64_t address)
{
	struct cpu *c = look(cpu);
	struct page *p = &c->page[address / 4096 % REMEMBERED];

	if (p->known && p->number == address / 4096)
		return p;
	p->known = translate(c, address, p);
	p->number = address / 4096;
	p->ram = p->known && guest_is_ram(p->phys, 4096);
	return p->known ? p : NULL;
}
