// SPDX-License-Identifier: GPL-2.0-or-later
/* out_words.c - which findings are told to people, and the sentences that more than one output has. */
#include "cmd/out_words.h"

#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "probe/machine.h"
#include "probe/rule.h"
#include "probe/src.h"

/* Said once for the machine, not again for each of its BARs. */
static bool same(const struct finding *a, const struct finding *b)
{
	return a->rule == b->rule && a->sev == b->sev && !strcmp(a->says, b->says);
}

static bool said(const struct bar_judgement *machine, const struct finding *f)
{
	for (size_t i = 0; i < machine->findings.n; i++)
		if (same(&machine->findings.f[i], f))
			return true;
	return false;
}

/*
 * The machine's own list holds what is so for every BAR, and what no BAR mentions at all: a rule that speaks of a BAR
 * in other words (host-no-pat is only suspect where a WC MTRR helps) is said there.
 */
static bool machine_says(const struct judgement *j, const struct finding *f)
{
	bool all = true, mentioned = false;

	for (size_t b = 0; b < j->nbar; b++) {
		all = all && said(&j->bar[b], f);
		for (size_t i = 0; i < j->bar[b].findings.n; i++)
			mentioned = mentioned || j->bar[b].findings.f[i].rule == f->rule;
	}
	return all || !mentioned;
}

/* The same missing fact hides several layers; the layers' lines name it, its remedy is wanted once. */
static bool fact_told(const struct bar_judgement *b, const struct finding *f)
{
	const struct evidence *fact = finding_evidence(f, "fact"), *e;

	for (size_t i = 0; fact && i < b->findings.n; i++) {
		const struct finding *g = &b->findings.f[i];

		e = finding_evidence(g, "fact");
		if (g == f)
			return false;
		if (e && !strcmp(e->text, fact->text) && g->sev >= f->sev)
			return true;
	}
	return false;
}

/*
 * A mapping through a file that does not ask for WC: the rule about the file says all that the rule about its entries
 * does, and how to mend it. Programs get both.
 */
static bool told_by_file(const struct bar_judgement *b, const struct finding *f)
{
	const struct evidence *at = finding_evidence(f, "address"), *pid = finding_evidence(f, "pid");

	if (strcmp(f->rule->id, "pte-not-wc") || !at || !pid)
		return false;
	for (size_t i = 0; i < b->findings.n; i++) {
		const struct finding *g = &b->findings.f[i];
		const struct evidence *a = finding_evidence(g, "address"), *p = finding_evidence(g, "pid");

		if (!strncmp(g->rule->id, "map-", 4) && g->sev >= f->sev && a && p && a->num == at->num &&
		    p->num == pid->num)
			return true;
	}
	return false;
}

static bool fact_in(const struct bar_judgement *b, const struct finding *f)
{
	const struct evidence *fact = finding_evidence(f, "fact"), *e;

	for (size_t i = 0; b && fact && i < b->findings.n; i++) {
		e = finding_evidence(&b->findings.f[i], "fact");
		if (e && !strcmp(e->text, fact->text) && b->findings.f[i].sev >= f->sev)
			return true;
	}
	return false;
}

bool out_tells(const struct report *r, const struct bar_judgement *b, const struct finding *f)
{
	const struct bar_judgement *machine = b->dev ? &r->j->machine : NULL;

	if (fact_told(b, f) || fact_in(machine, f) || told_by_file(b, f))
		return false;
	/* The layer's line says it already. */
	if (f->sev == SEV_INFO && !r->o->verbose && !strcmp(f->says, b->note[f->rule->layer]))
		return false;
	return machine ? !said(machine, f) : machine_says(r->j, f) || finding_evidence(f, "fact");
}

static void unknown_words(const struct bar_judgement *b, char *buf, size_t len)
{
	const char *sep = ": no broken link was found, but ";
	size_t n = 0;

	for (int l = 0; l < LAYER_COUNT && n < len; l++) {
		if (b->state[l] != STATE_UNKNOWN)
			continue;
		n += (size_t)snprintf(buf + n, len - n, "%s%s", sep, layer_name((enum layer)l));
		sep = ", ";
	}
	if (n < len)
		snprintf(buf + n, len - n, " could not be judged");
}

void out_verdict_words(const struct bar_judgement *b, char *buf, size_t len)
{
	*buf = '\0';
	if (b->verdict == VERDICT_BROKEN)
		snprintf(buf, len, ", the chain breaks at %s", layer_name((enum layer)b->breaks_at));
	else if (b->verdict == VERDICT_UNKNOWN)
		unknown_words(b, buf, len);
	else if (b->judged_to >= 0)
		snprintf(buf, len, " as far as asked: to %s", layer_name((enum layer)b->judged_to));
}

void out_machine_words(const struct machine *m, char *buf, size_t len)
{
	char cpus[40] = "CPUs not counted";

	if (m->ncpu)
		snprintf(cpus, sizeof(cpus), "%zu CPU%s", m->ncpu, m->ncpu == 1 ? "" : "s");
	snprintf(buf, len, "%s, Linux %s, %s, %s%s%s", *m->cpu.name ? m->cpu.name : "CPU not known",
		 *m->host.release ? m->host.release : "version not known", cpus,
		 m->hyper.guest			       ? "guest of "
		 : m->hyper.fact.state == FACT_MISSING ? "hypervisor not known"
						       : "bare metal",
		 !m->hyper.guest       ? ""
		 : m->hyper.kind       ? m->hyper.kind->name
		 : *m->hyper.signature ? m->hyper.signature
				       : "unknown",
		 src_is_live(m->src) ? "" : ", snapshot");
}

#define NAME_AT_MOST 4

static bool is_mapped(const struct machine *m, const struct judge_bar *b)
{
	const struct pci_bar *p = &b->dev->bar[b->bar];

	for (size_t i = 0; i < m->maps.n; i++) {
		const struct map *x = &m->maps.m[i];

		if (x->phys_known && x->phys < p->addr + p->size && p->addr < x->phys + (x->vend - x->vstart))
			return true;
	}
	return false;
}

bool out_not_judged_words(const struct report *r, char *line, size_t len)
{
	size_t n = judge_passed_over(r->m, r->j, NULL, 0), k;
	struct judge_bar bar[NAME_AT_MOST];

	if (!n)
		return false;
	k = (size_t)snprintf(line, len, "not judged: %zu memory BAR%s that %s not prefetchable", n, n == 1 ? "" : "s",
			     n == 1 ? "is" : "are");
	if (n <= NAME_AT_MOST) {
		judge_passed_over(r->m, r->j, bar, NAME_AT_MOST);
		for (size_t i = 0; i < n && k < len; i++)
			k += (size_t)snprintf(line + k, len - k, "%s%s:%d%s", i ? ", " : " (", bar[i].dev->slot,
					      bar[i].bar,
					      is_mapped(r->m, &bar[i]) ? " although a process maps it" : "");
		if (k < len)
			k += (size_t)snprintf(line + k, len - k, ")");
	}
	if (k < len)
		snprintf(line + k, len - k, "; name a DEVICE to judge its own, wcdiag bars lists all");
	return true;
}
