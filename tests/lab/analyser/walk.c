/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walk.c - the analyser's own walk of the guest's page tables.
 */
#include "guest.h"
#include "walk.h"

#define TABLES_MAX 200000 /* of 4 KiB: tables for 400 GiB in small pages */

#define BIT(n)	(UINT64_C(1) << (n))
#define PRESENT BIT(0)
#define LARGE	BIT(7)
#define FRAME	(BIT(52) - BIT(12))

uint64_t walk_size(unsigned int level)
{
	return BIT(12 + 9 * (level - 1));
}

uint64_t walk_frame(const struct walk_entry *e)
{
	return e->raw & FRAME & ~(walk_size(e->level) - 1);
}

/* Level 2 and 3 entries can be leaves; above, the bit is reserved. */
static bool leads_on(uint64_t raw, unsigned int level)
{
	return (raw & PRESENT) && level > 1 && !((raw & LARGE) && level <= 3);
}

/* Recursion ends at level 1, five calls deep at most. */
static void walk_table(struct walk *w, uint64_t table, unsigned int level, uint64_t base, struct walk_entry *e)
{
	unsigned int first = 0, last = 512;
	uint64_t raw[512];

	if (w->tables >= TABLES_MAX) {
		w->cut = true;
		return;
	}
	w->tables++;
	if (!guest_read(table, raw, sizeof(raw))) {
		w->bad++;
		return;
	}
	if (level == w->levels) {
		first = w->kernel ? 256 : 0;
		last = w->kernel ? 512 : 256;
	}
	for (unsigned int i = first; i < last; i++) {
		uint64_t address = base + i * walk_size(level);

		if (!raw[i])
			continue;
		if (leads_on(raw[i], level)) {
			e->above[level] = raw[i];
			walk_table(w, raw[i] & FRAME, level - 1, address, e);
			e->above[level] = 0;
			continue;
		}
		e->address = address;
		e->level = level;
		e->raw = raw[i];
		w->entry(w, e, w->data);
	}
}

void walk(struct walk *w)
{
	struct walk_entry e = { 0 };
	/* The upper half's addresses carry the top bit of the top table's index in all bits above. */
	uint64_t base = w->kernel ? -(walk_size(w->levels) * 512) : 0;

	w->tables = w->bad = 0;
	w->cut = false;
	walk_table(w, w->cr3 & FRAME, w->levels, base, &e);
}
