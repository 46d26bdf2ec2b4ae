// SPDX-License-Identifier: GPL-2.0-or-later
/* drive_entry.c - are the entries of a mapping exactly the scratch range's pages, and which type do they select? Pure.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "drive_int.h"
#include "machine.h"

uint64_t drive_phys(const struct drive_plan *p)
{
	return p->dev->bar[p->bar].addr + drive_first_page(p);
}

static bool no(struct drive_phase *ph, const char *remedy, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static bool no(struct drive_phase *ph, const char *remedy, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ph->why, sizeof(ph->why), fmt, ap);
	va_end(ap);
	ph->remedy = remedy;
	return false;
}

static bool run_fits(struct drive_phase *ph, const struct pte_run *r, uint64_t inside, uint64_t want)
{
	static const char elsewhere[] =
		"--map FILE@OFFSET: OFFSET is where the page of the scratch range's first byte is in the file";

	if (r->kind == PTE_NONE)
		return no(ph, "map it in a way that fills the entries at once",
			  "no entry at +0x%" PRIx64
			  ": the driver makes it at the first touch, and before it is known where it points nothing is "
			  "stored",
			  inside);
	if (r->kind != PTE_PRESENT || r->phys == PTE_NO_PHYS)
		return no(ph, NULL, "the entry at +0x%" PRIx64 " maps nothing (%s)", inside, pte_kind_name(r->kind));
	if (r->phys != want)
		return no(ph, elsewhere,
			  "the entry at +0x%" PRIx64 " points to 0x%" PRIx64 ", the scratch range is at 0x%" PRIx64
			  ": nothing was stored",
			  inside, r->phys, want);
	if (!(r->rights & PTE_CAN_WRITE))
		return no(ph, "a mapping that may be written", "the entry at +0x%" PRIx64 " does not allow stores",
			  inside);
	return true;
}

bool drive_entries_fit(const struct drive_plan *p, const struct runs *l, uint64_t at, struct drive_phase *ph)
{
	uint64_t size = drive_pages_size(p), seen = 0;
	struct pte e;

	for (size_t i = 0; i < l->n; i++) {
		const struct pte_run *r = &l->r[i];

		if (r->start != at + seen || r->end <= r->start || r->end > at + size)
			return no(ph, NULL, "the entries of the mapping were not read one after the other");
		if (!run_fits(ph, r, seen, drive_phys(p) + seen))
			return false;
		if (pte_decode(r->raw, r->level, &e))
			return no(ph, NULL, "the entry at +0x%" PRIx64 " is none", seen);
		if (!seen) {
			ph->entry = r->raw;
			ph->level = r->level;
			ph->slot = e.slot;
		} else if (e.slot != ph->slot) {
			ph->mixed = true;
		}
		seen += r->end - r->start;
	}
	if (seen != size)
		return no(ph, NULL, "only 0x%" PRIx64 " of 0x%" PRIx64 " bytes of the mapping have entries", seen,
			  size);
	ph->entry_known = true;
	return true;
}

void drive_types(const struct drive_plan *p, struct drive_phase *ph)
{
	const struct machine *m = p->m;
	uint64_t at = drive_phys(p);
	size_t i = 0;

	ph->type = ph->effective = MT_UNKNOWN;
	if (!ph->entry_known || ph->mixed)
		return;
	while (i < m->msrs.ncpu && m->msrs.cpu[i] != ph->cpu)
		i++;
	if (i == m->msrs.ncpu)
		i = 0;
	ph->type = machine_entry_type(m, i, ph->slot);
	ph->effective = machine_entry_effective(m, i, ph->slot, at, at + drive_pages_size(p));
}
