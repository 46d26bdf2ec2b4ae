/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules_memlog.c - what the kernel log tells about reservations of the BAR, weighed against what still stands; and
 * different types side by side, which are in order as long as nobody was refused over them.
 */
#include <stdio.h>
#include <string.h>

#include "over.h"
#include "request.h"

#define MAX_HITS  16  /* findings of one rule for one BAR; more say the same */
#define MAX_LOOKS 512 /* different refused ranges that are looked at; a real log has a handful */

/* A conflict in the log over this BAR: the range somebody was refused. */
static const struct klog_event *refusal_over(const struct judge_ctx *c, size_t from)
{
	for (size_t i = from; i < c->m->klog.n; i++) {
		const struct klog_event *e = &c->m->klog.ev[i];

		if ((e->kind == KLOG_CONFLICT || e->kind == KLOG_EXPECTED || e->kind == KLOG_IOREMAP_REFUSED) &&
		    over_bar(c, e->start, e->end))
			return e;
	}
	return NULL;
}

/* What was asked for when event i was refused: the "memtype_reserve failed" line of the same range beside it. */
static enum mtype refused_request(const struct klog *k, size_t i)
{
	if (k->ev[i].kind != KLOG_CONFLICT)
		return k->ev[i].req;
	for (size_t n = i + 1; n < k->n && n < i + 4; n++)
		if (k->ev[n].kind == KLOG_RESERVE_FAILED && k->ev[n].start == k->ev[i].start &&
		    k->ev[n].end == k->ev[i].end)
			return k->ev[n].req;
	return MT_UNKNOWN;
}

/* The part of a refused range that lies in the judged BAR. */
static struct over look_at_bar(const struct judge_ctx *c, const struct klog_event *e)
{
	return over_look(c, e->start > c->start ? e->start : c->start, e->end < c->end ? e->end : c->end);
}

static void mixed(struct judge_ctx *c)
{
	const struct klog_event *e, *last = NULL;
	struct finding *f;
	size_t looks = 0;
	enum mtype req;

	for (size_t i = 0; (e = refusal_over(c, i)); i = (size_t)(e - c->m->klog.ev) + 1) {
		struct over r;

		if (last && last->start == e->start && last->end == e->end)
			continue;
		last = e;
		if (++looks > MAX_LOOKS) /* memtype-refused-log says that there are more */
			return;
		r = look_at_bar(c, e);
		if (e->kind != KLOG_CONFLICT || over_types(&r) < 2 || !r.first_wc || !r.first_other)
			continue;
		req = refused_request(&c->m->klog, (size_t)(e - c->m->klog.ev));
		f = hit(c, SEV_BROKEN);
		ev_text(f, "asked", "%s", req == MT_UNKNOWN ? "a type the log does not tell" : mtype_name(req));
		ev_text(f, "who", "%s:%d", *e->comm ? e->comm : "somebody", e->pid);
		ev_range(f, "wanted", e->start, e->end);
		ev_range(f, "wc", r.first_wc->start, r.first_wc->end);
		ev_reservation(f, r.first_other);
		ev_holder(c, f, r.first_other, NULL);
		return;
	}
}

static void two_types(struct judge_ctx *c)
{
	struct over o = over_look(c, c->start, c->end);
	struct finding *f;

	for (size_t i = 0; i < c->out->n; i++)
		if (!strcmp(c->out->f[i].rule->id, "memtype-mixed")) /* said already, and not as something in order */
			return;

	if (!o.wc || !o.bad)
		return;
	f = hit(c, SEV_INFO);
	ev_range(f, "wc", o.first_wc->start, o.first_wc->end);
	ev_reservation(f, o.bad);
	ev_holder(c, f, o.bad, NULL);
}

static void downgraded_log(struct judge_ctx *c)
{
	static const char *const words[] = {
		[REQUEST_GONE] = "it is history: that reservation is gone",
		[REQUEST_STANDS] = "it still stands",
		[REQUEST_UNSURE] = "whether it still stands cannot be told from others of the same range",
	};
	static const enum severity sev[] = {
		[REQUEST_GONE] = SEV_INFO,
		[REQUEST_STANDS] = SEV_BROKEN,
		[REQUEST_UNSURE] = SEV_UNKNOWN,
	};

	for (size_t i = 0, told = 0; i < c->nreq; i++) {
		const struct request *r = &c->req[i];
		enum severity s;
		struct finding *f;

		if (!r->ev)
			continue;
		s = sev[r->stands];
		/* A WC MTRR mends it. */
		if (s == SEV_BROKEN && machine_combines(c->m, r->ev->ret, r->start, r->end) == TRI_YES)
			s = SEV_INFO;
		if (s == SEV_INFO && told++ >= MAX_HITS)
			continue;
		f = hit(c, s);
		ev_text(f, "log", "%.*s", (int)(r->ev->textlen < 180 ? r->ev->textlen : 180), r->ev->text);
		ev_range(f, "wanted", r->start, r->end);
		ev_text(f, "got", "%s", mtype_name(r->ev->ret));
		ev_text(f, "stands", "%s", words[r->stands]);
	}
}

static void refused_one(struct judge_ctx *c, const struct klog_event *e, size_t *told)
{
	/* Only what lies over this BAR: a neighbour's reservation is the neighbour's. */
	struct over o = look_at_bar(c, e);
	enum mtype req = refused_request(&c->m->klog, (size_t)(e - c->m->klog.ev));
	/* Two types in the range refuse any request; one other type only turns a request for WC into itself. */
	bool stands = over_types(&o) > 1 || (o.bad && (req == MT_WC || req == MT_UNKNOWN));
	struct finding *f;

	/* History is told a few times; what stands always. */
	if (!stands && (*told)++ >= MAX_HITS)
		return;
	f = hit(c, !stands ? SEV_INFO : o.combines == TRI_UNKNOWN ? SEV_UNKNOWN : SEV_BROKEN);
	ev_text(f, "log", "%.*s", (int)(e->textlen < 180 ? e->textlen : 180), e->text);
	ev_range(f, "wanted", e->start, e->end);
	if (req != MT_UNKNOWN)
		ev_text(f, "asked", "%s", mtype_name(req));
	if (*e->comm)
		ev_text(f, "process", "%s", e->comm);
	if (e->pid)
		ev_num(f, "pid", (uint64_t)e->pid);
	ev_text(f, "stands", "%s",
		stands ? "what was in its way still stands"
		       : "it is history: nothing conflicting is reserved any more");
	if (stands && o.bad) {
		ev_reservation(f, o.bad);
		ev_holder(c, f, o.bad, NULL);
	}
}

static void refused_log(struct judge_ctx *c)
{
	const struct klog_event *e, *last = NULL;
	size_t told = 0, from = c->out->n, looks = 0;

	for (size_t i = 0; (e = refusal_over(c, i)); i = (size_t)(e - c->m->klog.ev) + 1) {
		/* Programs retry: the same refusal again is no news. */
		if (last && last->start == e->start && last->end == e->end && last->kind == e->kind)
			continue;
		last = e;
		if (++looks > MAX_LOOKS || c->out->n - from > 2 * MAX_HITS) {
			hit_says(c, SEV_UNKNOWN, "the kernel log holds more refusals over this BAR than were looked at",
				 "give a shorter log: wcdiag check --klog FILE");
			return;
		}
		refused_one(c, e, &told);
	}
}

static void log_cut(struct judge_ctx *c)
{
	if (c->m->klog.start_lost)
		hit(c, SEV_INFO);
}

const struct rule rules_memlog[] = {
	{ .id = "memtype-mixed",
	  .layer = LAYER_MEMTYPE,
	  .sev = SEV_BROKEN,
	  .needs = F(LIST) | F(KLOG),
	  .uses = F(MAPS) | F(VMALLOC),
	  .per_bar = true,
	  .test = mixed,
	  .when = "reservations of different types lie inside a range that somebody wants to map: mmap fails with "
		  "EINVAL",
	  .says = "{who} wanted to map {wanted} as {asked}, but part of it is reserved write-combining ({wc}) and part "
		  "{type} ({reserved}, {holder}): such a mapping is refused",
	  .fix = "one type for the whole range, or one mapping for each part: mmap the WC window and the register page "
		 "apart",
	  .source = "Linux arch/x86/mm/pat/memtype_interval.c (conflicting memory types); "
		    "https://github.com/billfarrow/pcimem/issues/16" },
	{ .id = "memtype-two-types",
	  .layer = LAYER_MEMTYPE,
	  .sev = SEV_INFO,
	  .needs = F(LIST),
	  .uses = F(MAPS) | F(VMALLOC),
	  .per_bar = true,
	  .test = two_types,
	  .when = "parts of the BAR are reserved with different types, and no mapping over both is known to be wanted",
	  .says = "part of the BAR is reserved write-combining ({wc}) and part {type} ({reserved}, {holder}): a "
		  "register page beside a WC window is in order; one mapping over both would be refused",
	  .fix = NULL,
	  .source = "Linux arch/x86/mm/pat/memtype_interval.c (conflicting memory types)" },
	{ .id = "memtype-downgraded-log",
	  .layer = LAYER_MEMTYPE,
	  .sev = SEV_BROKEN,
	  .needs = F(LIST) | F(KLOG),
	  .uses = F(MAPS) | F(VMALLOC),
	  .per_bar = true,
	  .other = "info when that reservation is gone; unknown when it cannot be told from others of the same range",
	  .test = downgraded_log,
	  .when = "the log of a kernel booted with debugpat shows \"req write-combining, ret\" something else for this "
		  "BAR",
	  .says = "the kernel logged that write-combining was asked for over {wanted} and {got} was given; {stands}",
	  .fix = "as memtype-alias-wins: find the earlier reservation of these pages and make it WC or end it",
	  .source = "Linux arch/x86/mm/pat/memtype.c memtype_reserve (debugpat)" },
	{ .id = "memtype-refused-log",
	  .layer = LAYER_MEMTYPE,
	  .sev = SEV_BROKEN,
	  .needs = F(LIST) | F(KLOG),
	  .uses = F(MAPS) | F(VMALLOC),
	  .per_bar = true,
	  .other = "info when nothing conflicting is reserved any more, or the request was not for WC",
	  .test = refused_log,
	  .when = "the log shows \"conflicting memory types\", \"map pfn expected mapping type\" or a refused ioremap "
		  "for this BAR",
	  .says = "the kernel refused a mapping of {wanted} because of conflicting types; {stands}",
	  .fix = "one type for the whole range: see who holds what with wcdiag memtype",
	  .source = "Linux arch/x86/mm/pat/memtype_interval.c, memtype.c, arch/x86/mm/ioremap.c" },
	{ .id = "memtype-log-cut",
	  .layer = LAYER_MEMTYPE,
	  .sev = SEV_INFO,
	  .needs = F(KLOG),
	  .per_bar = true,
	  .test = log_cut,
	  .when = "the ring buffer of the kernel log has lost its start",
	  .says = "the kernel log has lost its start: downgrades and refusals that were logged earlier are not seen "
		  "here",
	  .fix = "give an older log: wcdiag check --klog FILE (journalctl -k -b > FILE)",
	  .source = "Linux kernel/printk (ring buffer, first sequence number)" },
	{ .id = NULL },
};
