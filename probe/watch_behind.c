/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch_behind.c - may this decision have made what that finding is about? By process and by place. Pure. */
#include <string.h>

#include "machine.h"
#include "scan.h"
#include "watch_judge.h"

static bool overlap(uint64_t a, uint64_t aend, uint64_t b, uint64_t bend)
{
	return a < bend && b < aend;
}

/* "0x400000000-0x400010000", as ev_range() writes it; a mapping may also be "pages of it". */
static bool range_of(const struct finding *f, const char *key, uint64_t *start, uint64_t *end)
{
	const struct evidence *e = finding_evidence(f, key);
	struct scan s = scan_of(e ? e->text : "", e ? strlen(e->text) : 0);

	return e && e->type == EV_TEXT && scan_0x(&s, start) && scan_char(&s, '-') && scan_0x(&s, end) && scan_done(&s);
}

/* The mapping whose entry the finding shows. */
static const struct bar_map *mapping_of(const struct finding *f, const struct bar_maps *b)
{
	const struct evidence *pid = finding_evidence(f, "pid"), *at = finding_evidence(f, "address");

	for (size_t i = 0; pid && at && i < b->nprocess; i++)
		if (b->m[i].pid == (int)pid->num && b->m[i].vstart <= at->num && at->num < b->m[i].vend)
			return &b->m[i];
	return NULL;
}

/* Its pages that do not combine: what a decision has made of the others is another matter. */
static bool bad_page(const struct bar_map *m, const struct watch_event *e)
{
	if (e->vma_end && !overlap(e->vma_start, e->vma_end, m->vstart, m->vend))
		return false;
	for (size_t i = 0; i < m->npiece; i++)
		if (m->piece[i].combines != TRI_YES &&
		    overlap(e->start, e->end, m->piece[i].phys, m->piece[i].phys + m->piece[i].len))
			return true;
	return false;
}

bool watch_behind(const struct watch_event *e, const struct finding *f, const struct bar_maps *b)
{
	const struct evidence *pid = finding_evidence(f, "pid");
	const struct bar_map *m = mapping_of(f, b);
	uint64_t start, end;

	if (pid && e->pid != (int)pid->num)
		return false;
	if (m)
		return bad_page(m, e);
	/* What was asked for, or what is mapped; where neither is known nothing is put behind it. */
	if (!range_of(f, "wanted", &start, &end) && !range_of(f, "mapping", &start, &end))
		return false;
	return overlap(e->start, e->end, start, end);
}
