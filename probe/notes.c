/* SPDX-License-Identifier: GPL-2.0-or-later */
/* notes.c - the phrase beside a layer's state: what was seen when all is well, else which rules spoke. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "experiment.h"
#include "fabric_seen.h"
#include "judge_internal.h"

static void note_host(const struct judge_ctx *c, char *buf, size_t len)
{
	const struct machine *m = c->m;

	snprintf(buf, len, "%s, Linux %s, %s%s", *m->cpu.name ? m->cpu.name : "CPU without a name",
		 *m->host.release ? m->host.release : "of unknown version", m->hyper.guest ? "guest of " : "bare metal",
		 !m->hyper.guest ? ""
		 : m->hyper.kind ? m->hyper.kind->name
				 : m->hyper.signature);
}

static void note_pat(const struct judge_ctx *c, char *buf, size_t len)
{
	const struct machine *m = c->m;
	char slots[64];

	if (!m->pat)
		return;
	pat_format(&m->pat[0], slots, sizeof(slots));
	snprintf(buf, len, "%s: WC in slot %d, the same on %s%zu CPU%s", slots, pat_slot_of(&m->pat[0], MT_WC),
		 m->msrs.ncpu > 1 ? "all " : "", m->msrs.ncpu, m->msrs.ncpu == 1 ? "" : "s");
}

#define MAX_SPANS 256

static void note_mtrr(const struct judge_ctx *c, char *buf, size_t len)
{
	const struct machine *m = c->m;
	struct mtrr_span s[MAX_SPANS];
	int n;

	if (m->mtrr_fact.state == FACT_ABSENT || !m->mtrr) {
		snprintf(buf, len, "this machine has no MTRRs");
		return;
	}
	n = c->end ? mtrr_over(&m->mtrr[0], c->start, c->end, s, MAX_SPANS) : 0;
	if (n == 1)
		snprintf(buf, len,
			 "%s over the whole BAR (%s), the same on every CPU; an entry that says WC wins over it",
			 mtype_name(s[0].type), mtrr_origin_name(s[0].origin));
	else if (n > 1)
		snprintf(buf, len,
			 "%d parts of different types, the same on every CPU; an entry that says WC wins over all", n);
	else
		snprintf(buf, len, "%s, default %s, the same on every CPU", m->mtrr[0].enabled ? "enabled" : "disabled",
			 mtype_name(m->mtrr[0].def));
}

static void note_pci(const struct judge_ctx *c, char *buf, size_t len)
{
	const struct pci_bar *b;

	if (!c->dev) {
		snprintf(buf, len, "%zu device%s", c->m->pci.n, c->m->pci.n == 1 ? "" : "s");
		return;
	}
	b = &c->dev->bar[c->bar];
	snprintf(buf, len, "%s%sprefetchable, %s%s, %s%s%s", b->flags & RES_MEM_64 ? "64-bit, " : "32-bit, ",
		 b->flags & RES_PREFETCH ? "" : "not ", b->has_wc ? "resourceN_wc there, " : "",
		 c->dev->virtual_function ? "a virtual function (Linux turns its decoding on when it makes it)"
					  : "memory decoding on",
		 c->dev->power != PCI_POWER_UNKNOWN ? pci_power_name(c->dev->power)
		 : c->dev->power_said		    ? "not asleep"
						    : "whether it sleeps is not known",
		 *c->dev->driver ? ", driver " : ", no driver", c->dev->driver);
}

struct sum {
	unsigned long n[MT_COUNT];
	const struct memtype *only;
};

static int add(const struct memtype *t, void *arg)
{
	struct sum *s = arg;

	s->n[t->type]++;
	s->only = t;
	return 0;
}

static void note_memtype(const struct judge_ctx *c, char *buf, size_t len)
{
	const struct memtype_list *l = &c->m->memtype;
	struct sum s = { .only = NULL };
	unsigned long all = 0;
	size_t k = 0;

	if (!c->dev) {
		snprintf(buf, len, "%zu reservation%s", l->n, l->n == 1 ? "" : "s");
		return;
	}
	if (l->fact.state == FACT_ABSENT) {
		snprintf(buf, len, "PAT is off: the kernel keeps no reservations");
		return;
	}
	memtype_overlaps(l, c->start, c->end, add, &s);
	for (int t = 0; t < MT_COUNT; t++)
		all += s.n[t];
	if (!all) {
		snprintf(buf, len, "nothing is reserved over the BAR: whoever maps it first decides");
	} else if (all == 1) {
		snprintf(buf, len, "reserved %s 0x%" PRIx64 "-0x%" PRIx64,
			 mtype_kernel_name(s.only->type) ? mtype_kernel_name(s.only->type) : "as an unknown type",
			 s.only->start, s.only->end);
	} else {
		k = (size_t)snprintf(buf, len, "%lu reservations over the BAR:", all);
		for (int t = 0; t < MT_COUNT && k < len; t++)
			if (s.n[t])
				k += (size_t)snprintf(buf + k, len - k, " %lu %s", s.n[t], mtype_name((enum mtype)t));
	}
}

static void note_pte(const struct judge_ctx *c, char *buf, size_t len)
{
	const struct bar_map *b = NULL;
	size_t users = 0;
	char words[160];

	for (size_t i = 0; i < c->maps.n; i++) {
		if (c->maps.m[i].map)
			users++;
		if (!b && c->maps.m[i].read && c->maps.m[i].wc)
			b = &c->maps.m[i];
	}
	if (!b)
		return;
	bar_map_words(c->m, b, words, sizeof(words));
	if (b->map)
		snprintf(buf, len, "process %d (%s): %s%s; read by %s", b->pid, b->map->comm, words,
			 users > 1 ? ", and others" : "", c->m->entries.reader);
	else
		snprintf(buf, len, "only the kernel maps it: %s; read by %s", words, c->m->entries.reader);
}

static void note_stores(const struct judge_ctx *c, char *buf, size_t len)
{
	const struct experiment *x = c->exp;

	const struct model_totals *t;
	char what[80];

	if (!x->story)
		return;
	t = &x->story->totals;
	if (t->lines)
		snprintf(what, sizeof(what), "%" PRIu64 " of %" PRIu64 " lines leave full", t->full,
			 stream_lines_meant(x->story));
	else
		snprintf(what, sizeof(what), "%" PRIu64 " direct store%s", t->direct, t->direct == 1 ? "" : "s");
	snprintf(buf, len, "%s: %s, %" PRIu64 " TLP%s predicted%s", x->message, what, t->tlps, t->tlps == 1 ? "" : "s",
		 x->given ? "" : "; your program's own stores were not given");
}

static void note_fabric(const struct judge_ctx *c, char *buf, size_t len)
{
	fabric_words(c->exp, buf, len);
}

static void note_rules(const struct judge_ctx *c, enum layer l, enum layer_state s, char *buf, size_t len)
{
	static const enum severity want[] = {
		[STATE_SUSPECT] = SEV_SUSPECT, [STATE_UNKNOWN] = SEV_UNKNOWN, [STATE_BROKEN] = SEV_BROKEN
	};
	const struct rule *last = NULL;
	const char *unread = NULL; /* the list of files, in buf */
	size_t k = 0;

	for (size_t i = 0; i < c->out->n && k < len; i++) {
		const struct finding *f = &c->out->f[i];

		if (f->rule->layer != l || f->sev != want[s] || f->rule == last || finding_evidence(f, "fact"))
			continue;
		last = f->rule;
		k += (size_t)snprintf(buf + k, len - k, "%s%s", k ? ", " : "", f->rule->id);
	}
	for (size_t i = 0; i < c->out->n && k < len; i++) {
		const struct finding *f = &c->out->f[i];
		const char *file;

		if (f->rule->layer != l || f->sev != want[s] || !finding_evidence(f, "fact"))
			continue;
		file = finding_evidence(f, "file")->text;
		if (unread && strstr(unread, file)) /* two facts of one file */
			continue;
		k += (size_t)snprintf(buf + k, len - k, "%s%s", k ? ", " : "", unread ? "" : "not read: ");
		if (!unread)
			unread = buf + (k < len ? k : len - 1);
		if (k < len)
			k += (size_t)snprintf(buf + k, len - k, "%s", file);
	}
}

void layer_note(const struct judge_ctx *c, enum layer l, enum layer_state s, char *buf, size_t len)
{
	static void (*const ok[LAYER_COUNT])(const struct judge_ctx *, char *, size_t) = {
		[LAYER_HOST] = note_host,     [LAYER_PAT] = note_pat,	      [LAYER_MTRR] = note_mtrr,
		[LAYER_PCI] = note_pci,	      [LAYER_MEMTYPE] = note_memtype, [LAYER_PTE] = note_pte,
		[LAYER_STORES] = note_stores, [LAYER_FABRIC] = note_fabric,
	};

	*buf = '\0';
	if (s == STATE_SKIPPED)
		snprintf(buf, len, "%s",
			 l == LAYER_STORES   ? "not asked for (-- COMMAND, --events, --scratch)"
			 : l == LAYER_FABRIC ? "not asked for: it takes stores to the device (--scratch)"
			 : l > c->until	     ? "not asked for (--until)"
			 : c->dev	     ? "the BAR has no address"
					     : "asked of a BAR, not of the machine");
	else if (s != STATE_OK)
		note_rules(c, l, s, buf, len);
	else if (ok[l])
		ok[l](c, buf, len);
}
