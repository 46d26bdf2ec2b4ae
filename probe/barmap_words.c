/* SPDX-License-Identifier: GPL-2.0-or-later */
/* barmap_words.c - what the entries of one mapping say, in a phrase. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "barmap.h"
#include "machine.h"

struct phrase {
	char *buf;
	size_t len, at;
};

static void put(struct phrase *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void put(struct phrase *p, const char *fmt, ...)
{
	va_list ap;

	if (p->at >= p->len)
		return;
	va_start(ap, fmt);
	p->at += (size_t)vsnprintf(p->buf + p->at, p->len - p->at, fmt, ap);
	va_end(ap);
}

static void pages(struct phrase *p, uint64_t bytes, const char *what)
{
	uint64_t n = bytes / 4096;

	if (n)
		put(p, "%s%" PRIu64 " page%s %s", p->at ? ", " : "", n, n == 1 ? "" : "s", what);
}

static void type(struct phrase *p, const struct machine *m, const struct bar_piece *r, uint64_t bytes)
{
	char entry[64], effective[64], what[192];

	machine_entry_words(m, false, r->slot, r->phys, r->phys + r->len, entry, sizeof(entry));
	machine_entry_words(m, true, r->slot, r->phys, r->phys + r->len, effective, sizeof(effective));
	/* UC- under any MTRR but WC is UC: nothing that a reader needs twice. */
	if (r->combines == TRI_YES && machine_entry_type(m, 0, r->slot) != MT_WC)
		snprintf(what, sizeof(what), "%s (PAT slot %u), effectively %s", entry, r->slot, effective);
	else
		snprintf(what, sizeof(what), "%s (PAT slot %u)",
			 strcmp(entry, mtype_name(MT_UNKNOWN)) ? entry : "of unknown type", r->slot);
	pages(p, bytes, what);
}

/* Of those that combine, or of the others: each slot by its first piece. */
static void types(struct phrase *p, const struct machine *m, const struct bar_map *b, bool wc)
{
	const struct bar_piece *first[8] = { NULL };
	uint64_t bytes[8] = { 0 };

	for (size_t i = 0; i < b->npiece; i++) {
		const struct bar_piece *r = &b->piece[i];

		if ((r->combines == TRI_YES) != wc)
			continue;
		if (!first[r->slot & 7])
			first[r->slot & 7] = r;
		bytes[r->slot & 7] += r->len;
	}
	for (int i = 0; i < 8; i++)
		if (first[i])
			type(p, m, first[i], bytes[i]);
}

void bar_map_words(const struct machine *m, const struct bar_map *b, char *buf, size_t len)
{
	struct phrase p = { buf, len, 0 };

	*buf = '\0';
	if (!b->read) {
		put(&p, "entries not read");
		return;
	}
	types(&p, m, b, true);
	types(&p, m, b, false);
	pages(&p, b->ram, b->map && b->map->shared ? "of something else" : "copied to RAM");
	pages(&p, b->none, "without an entry");
	if (b->protnone)
		pages(&p, b->protnone, "of these under PROT_NONE");
	if (b->readonly)
		pages(&p, b->readonly, "of these read-only");
	if (b->levels & ~2u)
		put(&p, ", in large pages%s", b->levels & 2u ? " in part" : "");
}
