/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live_words.c - a cell of wcdiag live in words: which types are reserved, what the entries select, who maps the BAR.
 */
#include <stdio.h>
#include <string.h>

#include "cmd/live_model.h"
#include "cmd/text.h"
#include "probe/judge.h"
#include "probe/machine.h"

static bool lacks(const struct fact *f)
{
	return f->state != FACT_KNOWN && f->state != FACT_ABSENT;
}

static int see(const struct memtype *t, void *arg)
{
	unsigned int *seen = arg;

	*seen |= 1u << t->type;
	return 0;
}

/* "WC", "WC UC-", "WC in part"; never empty. */
void live_reserved_words(const struct machine *m, uint64_t start, uint64_t end, char *buf, size_t len)
{
	unsigned int seen = 0;
	struct items t;

	if (lacks(&m->memtype.fact)) {
		snprintf(buf, len, "not read");
		return;
	}
	if (start && end > start)
		memtype_overlaps(&m->memtype, start, end, see, &seen);
	if (!seen) {
		snprintf(buf, len, "none");
		return;
	}
	items_begin(&t, buf, len);
	for (int i = 0; i < MT_COUNT; i++)
		if (seen & 1u << i)
			items_add(&t, 1, " ", "%s", mtype_name((enum mtype)i));
	items_end(&t);
	if (!(seen & (seen - 1)) && !memtype_covers(&m->memtype, start, end, MT_UNKNOWN) && t.at + 9 < len)
		snprintf(buf + t.at, len - t.at, " in part");
}

static const char *slot_word(const struct machine *m, unsigned int slot)
{
	return machine_slot_differs(m, slot)
		       ? "CPUs differ"
		       : mtype_name(machine_entry_type(m, m->ndistinct ? m->distinct[0] : 0, slot));
}

/* Without a reader "not read"; with one, what the entries of all mappings select together. */
void live_entries_words(const struct machine *m, const struct bar_judgement *j, char *buf, size_t len)
{
	bool unread = false, empty = false, twice;
	unsigned int slots = 0;
	struct items t;

	for (size_t i = 0; j && i < j->maps.n; i++) {
		slots |= j->maps.m[i].slots;
		unread = unread || !j->maps.m[i].read;
		empty = empty || (j->maps.m[i].read && j->maps.m[i].none);
	}
	if (!j || (!j->maps.n && lacks(&m->entries.fact))) {
		snprintf(buf, len, "%s", j ? "not read" : "-");
		return;
	}
	items_begin(&t, buf, len);
	for (unsigned int s = 0; s < 8; s++) {
		twice = false;
		for (unsigned int k = 0; k < s; k++)
			twice = twice || ((slots & 1u << k) && !strcmp(slot_word(m, k), slot_word(m, s)));
		if ((slots & 1u << s) && !twice)
			items_add(&t, 1, " ", "%s", slot_word(m, s));
	}
	if (unread)
		items_add(&t, 1, " ", slots ? "+not read" : "not read");
	else if (empty)
		items_add(&t, 1, " ", slots ? "+holes" : "no entry");
	else if (!slots)
		items_add(&t, 1, " ", "none");
	items_end(&t);
}

/* A driver's node tells the device only: "?" behind the name, as in wcdiag bars. */
static bool maps_it(const struct live_row *r, const struct map *p, bool *unsure)
{
	*unsure = !p->phys_known && p->dev == (int)r->dev && p->bar < 0;
	return *unsure || (!p->phys_known && p->dev == (int)r->dev && p->bar == r->bar) ||
	       (p->phys_known && r->start && p->phys < r->end && r->start < map_phys_end(p));
}

static bool of_another(const struct bar_judgement *j, int pid)
{
	for (size_t i = 0; j && i < j->maps.nprocess; i++)
		if (j->maps.m[i].pid == pid)
			return false;
	return true;
}

void live_mapped_words(const struct machine *m, const struct live_row *r, char *buf, size_t len)
{
	const struct bar_judgement *j = r->j;
	struct items t;
	bool unsure;
	int last = 0;

	items_begin(&t, buf, len);
	for (size_t i = 0; j && i < j->maps.nprocess; i++) {
		const struct bar_map *b = &j->maps.m[i];

		if (b->pid != last)
			items_add(&t, 1, ", ", "%d %s", b->pid, b->map ? b->map->comm : "");
		last = b->pid;
	}
	last = 0;
	for (size_t i = 0; i < m->maps.n; i++) {
		const struct map *p = &m->maps.m[i];

		if (p->pid == last || !maps_it(r, p, &unsure) || !of_another(j, p->pid))
			continue;
		items_add(&t, 1, ", ", "%d %s%s", p->pid, p->comm, unsure ? "?" : "");
		last = p->pid;
	}
	items_end(&t);
	if (!t.at && !t.more)
		snprintf(buf, len, "%s", lacks(&m->maps.fact) ? "not all read" : "nobody");
}
