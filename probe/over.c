/* SPDX-License-Identifier: GPL-2.0-or-later */
/* over.c - the reservations over a range, sorted out. */
#include "over.h"

#include "request.h"

static int see_over(const struct memtype *t, void *arg)
{
	struct over *o = arg;
	enum tri x;

	o->n++;
	o->types |= 1u << t->type;
	if (t->type == MT_WC) {
		o->wc++;
		if (!o->first_wc)
			o->first_wc = t;
		return 0;
	}
	o->other++;
	if (!o->first_other)
		o->first_other = t;
	if (t->type == MT_UNKNOWN)
		o->strange = t;
	if (o->combines == TRI_NO) /* already decided: what follows only needs counting */
		return 0;
	x = machine_combines(o->c->m, t->type, t->start, t->end);
	if (x != TRI_YES && (!o->bad || x == TRI_NO)) {
		o->combines = x;
		o->bad = t;
	}
	return 0;
}

struct over over_look(const struct judge_ctx *c, uint64_t start, uint64_t end)
{
	struct over o = { .c = c, .combines = TRI_YES };

	memtype_overlaps(&c->m->memtype, start, end, see_over, &o);
	return o;
}

unsigned int over_types(const struct over *o)
{
	return (unsigned int)__builtin_popcount(o->types);
}

bool over_bar(const struct judge_ctx *c, uint64_t start, uint64_t end)
{
	return start < c->end && c->start < end;
}

void ev_reservation(struct finding *f, const struct memtype *t)
{
	const char *word = mtype_kernel_name(t->type);

	ev_range(f, "reserved", t->start, t->end);
	ev_text(f, "type", "%s", word ? word : "a type wcdiag does not know");
}

enum holder ev_holder(const struct judge_ctx *c, struct finding *f, const struct memtype *t, const struct map *skip)
{
	const struct map *hm;
	char who[180];
	size_t n = holder_of(c, t, skip, who, sizeof(who), &hm);

	ev_text(f, "holder", "%s", who);
	if (!hm)
		return n ? HELD_BY_KERNEL : HELD_BY_NOBODY;
	ev_num(f, "holder_pid", (uint64_t)hm->pid);
	ev_text(f, "holder_process", "%s", hm->comm);
	return HELD_BY_PROCESS;
}
