/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dump.c - what the analyser saw, as text on the host.
 */
#include <inttypes.h>
#include <stdio.h>

#include "dump.h"
#include "guest.h"
#include "walk.h"

#define CR4_LA57 (UINT64_C(1) << 12)

struct dump {
	FILE *out;
	uint64_t start, end, count;
};

static void dump_entry(const struct walk *w, const struct walk_entry *e, void *data)
{
	struct dump *d = data;

	/* Nearly all of the kernel's half is RAM, and only asked for by range. */
	if (w->kernel && guest_is_ram(walk_frame(e), walk_size(e->level)) &&
	    (e->address >= d->end || e->address + (walk_size(e->level) - 1) < d->start))
		return;
	fprintf(d->out, "%c %016" PRIx64 " %u %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64 "\n",
		w->kernel ? 'k' : 'u', e->address, e->level, e->raw, e->above[2], e->above[3], e->above[4],
		e->above[5]);
	d->count++;
}

void dump_walk(const char *folder, unsigned int cpu, uint64_t number, uint64_t start, uint64_t end)
{
	struct dump d = { .start = start, .end = end };
	uint64_t cr4 = guest_reg(cpu, GUEST_CR4);
	struct walk w = {
		.cr3 = guest_reg(cpu, GUEST_CR3), .levels = cr4 & CR4_LA57 ? 5 : 4, .entry = dump_entry, .data = &d
	};
	char path[512];

	snprintf(path, sizeof(path), "%s/walk.%" PRIu64, folder, number);
	d.out = fopen(path, "w");
	if (!d.out) {
		perror(path);
		return;
	}
	fprintf(d.out,
		"walk %" PRIu64 " cpu %u cr3 %" PRIx64 " cr4 %" PRIx64 " efer %" PRIx64 " levels %u ram %" PRIu64 "\n",
		number, cpu, w.cr3, cr4, guest_reg(cpu, GUEST_EFER), w.levels, guest_ram_end);
	for (int half = 0; half < 2; half++) {
		w.kernel = half;
		walk(&w);
		if (w.cut)
			fprintf(d.out, "cut\n");
		if (w.bad)
			fprintf(d.out, "bad %" PRIu64 "\n", w.bad);
	}
	fprintf(d.out, "end %" PRIu64 "\n", d.count);
	if (ferror(d.out) | fclose(d.out))
		perror(path);
}
