// SPDX-License-Identifier: GPL-2.0-or-later
/* drive_list.c - the reservations over the scratch range's pages: before a phase, while its mapping lives, after it. */
#include <stdlib.h>
#include <string.h>

#include "drive_int.h"
#include "machine.h"
#include "request.h"
#include "rule.h"

struct hits {
	const struct drive_now *n;
	struct drive_phase *ph;
	size_t seen;
	bool same;
	enum mtype type; /* MT_COUNT: none yet */
};

static int hold(const struct memtype *t, void *arg)
{
	struct hits *h = arg;
	struct judge_ctx jc = { .m = h->n->p->m };
	const struct map *map;
	struct drive_hold *to;

	if (h->ph->nhold++ >= sizeof(h->ph->hold) / sizeof(h->ph->hold[0]))
		return 0;
	to = &h->ph->hold[h->ph->nhold - 1];
	to->t = *t;
	/* By the machine's facts of the start: those who hold it are mostly older than we. */
	holder_of(&jc, t, NULL, to->who, sizeof(to->who), &map);
	return 0;
}

static int compare(const struct memtype *t, void *arg)
{
	struct hits *h = arg;
	const struct memtype *was = &h->ph->hold[h->seen].t;

	if (h->seen < sizeof(h->ph->hold) / sizeof(h->ph->hold[0]) &&
	    (h->seen >= h->ph->nhold || t->start != was->start || t->end != was->end || t->type != was->type))
		h->same = false;
	h->seen++;
	return 0;
}

static int type_of(const struct memtype *t, void *arg)
{
	struct hits *h = arg;

	h->type = h->type == MT_COUNT || h->type == t->type ? t->type : MT_UNKNOWN;
	return h->type == MT_UNKNOWN;
}

static bool look(struct drive_now *n, struct hits *h, int (*fn)(const struct memtype *t, void *arg))
{
	uint64_t at = drive_phys(n->p);
	struct memtype_list l = { 0 };
	bool known = !n->ops->list(n->ctx, &l);

	*h = (struct hits){ .n = n, .ph = n->ph, .same = true, .type = MT_COUNT };
	known = known && l.fact.state == FACT_KNOWN;
	if (known)
		memtype_overlaps(&l, at, at + drive_pages_size(n->p), fn, h);
	memtype_free(&l);
	return known;
}

void drive_list_before(struct drive_now *n)
{
	struct hits h;

	n->ph->list_known = look(n, &h, hold);
}

void drive_list_during(struct drive_now *n)
{
	struct hits h;

	n->ph->reserved = n->ph->list_known && look(n, &h, type_of) && h.type != MT_COUNT ? h.type : MT_UNKNOWN;
}

void drive_list_after(struct drive_now *n)
{
	struct hits h;

	n->ph->list_same = n->ph->list_known && look(n, &h, compare) && h.same && h.seen == n->ph->nhold;
}
