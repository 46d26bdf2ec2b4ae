/* SPDX-License-Identifier: GPL-2.0-or-later */
/* out_text.c - check for people: one line a layer, then findings, then the verdict and what to run next. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/check_drive.h"
#include "cmd/cmd.h"
#include "cmd/out.h"
#include "cmd/out_maps.h"
#include "cmd/text.h"
#include "probe/machine.h"
#include "probe/rule.h"
#include "probe/src.h"

#define MAX_STEPS   8
#define FIND_INDENT 10

static enum color of_state(enum layer_state s)
{
	static const enum color c[] = { [STATE_OK] = C_GOOD,
					[STATE_SUSPECT] = C_WARN,
					[STATE_UNKNOWN] = C_DUNNO,
					[STATE_BROKEN] = C_BAD,
					[STATE_SKIPPED] = C_DIM };
	return c[s];
}

static enum color of_severity(enum severity s)
{
	static const enum color c[] = {
		[SEV_INFO] = C_DIM, [SEV_SUSPECT] = C_WARN, [SEV_UNKNOWN] = C_DUNNO, [SEV_BROKEN] = C_BAD
	};

	return c[s];
}

static enum color of_verdict(enum verdict v)
{
	static const enum color c[] = {
		[VERDICT_INTACT] = C_GOOD, [VERDICT_UNKNOWN] = C_DUNNO, [VERDICT_BROKEN] = C_BAD
	};

	return c[v];
}

static void evidence_value(const struct evidence *e, char *buf, size_t len)
{
	if (e->type == EV_TEXT)
		snprintf(buf, len, "%s", e->text);
	else
		snprintf(buf, len, e->type == EV_HEX ? "0x%" PRIx64 : "%" PRIu64, e->num);
}

/* What the sentence does not already say; with -v all of it. */
static void print_evidence(const struct common *o, const struct finding *f)
{
	char line[FINDING_EVIDENCE * 256] = "", value[256];
	size_t k = 0;

	for (size_t i = 0; i < f->nev && k < sizeof(line); i++) {
		evidence_value(&f->ev[i], value, sizeof(value));
		if (o->verbose || (!strstr(f->says, value) && !(f->fix && strstr(f->fix, value))))
			k += (size_t)snprintf(line + k, sizeof(line) - k,
					      strchr(value, ' ') ? "%s%s=\"%s\"" : "%s%s=%s", k ? " " : "",
					      f->ev[i].key, value);
	}
	if (!k)
		return;
	printf("%*s%sevidence: ", FIND_INDENT, "", color(o->color, C_DIM));
	wrap(line, FIND_INDENT + 10, FIND_INDENT + 10, text_width());
	printf("%s", color(o->color, C_NONE));
}

static void print_finding(const struct common *o, const struct finding *f)
{
	printf("  %s%-7s%s %s%s%s\n%*s", color(o->color, of_severity(f->sev)), severity_name(f->sev),
	       color(o->color, C_NONE), color(o->color, C_BOLD), f->rule->id, color(o->color, C_NONE), FIND_INDENT, "");
	wrap(f->says, FIND_INDENT, FIND_INDENT, text_width());
	/* A missing fact's sentence is its evidence; an information's is for those who ask. */
	if (f->nev && (o->verbose || (f->sev != SEV_INFO && !finding_evidence(f, "fact"))))
		print_evidence(o, f);
	if (f->fix && (f->sev != SEV_INFO || finding_evidence(f, "fact"))) {
		printf("%*sfix: ", FIND_INDENT, "");
		wrap(f->fix, FIND_INDENT + 5, FIND_INDENT + 5, text_width());
	}
	if (o->verbose)
		printf("%*ssource: %s\n", FIND_INDENT, "", f->rule->source);
}

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
 * A mapping through a file that does not ask for WC: the rule about the file says all that the rule about its entries does,
 * and how to mend it. Programs get both.
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

static void print_findings(const struct report *r, const struct bar_judgement *b)
{
	const struct bar_judgement *machine = b->dev ? &r->j->machine : NULL;
	size_t n = 0;

	for (int s = SEV_BROKEN; s >= SEV_INFO; s--)
		for (size_t i = 0; i < b->findings.n; i++) {
			const struct finding *f = &b->findings.f[i];

			if (f->sev != (enum severity)s || fact_told(b, f) || fact_in(machine, f) || told_by_file(b, f))
				continue;
			/* The layer's line says it already. */
			if (f->sev == SEV_INFO && !r->o->verbose && !strcmp(f->says, b->note[f->rule->layer]))
				continue;
			if (machine ? said(machine, f) : !machine_says(r->j, f) && !finding_evidence(f, "fact"))
				continue;
			if (!n++)
				putchar('\n');
			print_finding(r->o, f);
		}
	putchar('\n');
}

static void print_layers(const struct report *r, const struct bar_judgement *b)
{
	for (int l = 0; l < LAYER_COUNT; l++) {
		printf("  %-8s %s%-8s%s", layer_name((enum layer)l), color(r->o->color, of_state(b->state[l])),
		       state_name(b->state[l]), color(r->o->color, C_NONE));
		wrap(b->note[l], 19, 19, text_width());
	}
}

static void print_unknown(const struct bar_judgement *b)
{
	const char *sep = ": no broken link was found, but ";

	for (int l = 0; l < LAYER_COUNT; l++) {
		if (b->state[l] != STATE_UNKNOWN)
			continue;
		printf("%s%s", sep, layer_name((enum layer)l));
		sep = ", ";
	}
	printf(" could not be judged");
}

static void print_verdict(const struct report *r, const struct bar_judgement *b)
{
	if (!b->dev && b->verdict == VERDICT_INTACT) {
		printf("  %sverdict: no BAR to judge%s; the machine itself is in order\n", color(r->o->color, C_BOLD),
		       color(r->o->color, C_NONE));
		return;
	}
	printf("  %sverdict%s: %s%s", color(r->o->color, of_verdict(b->verdict)), b->dev ? "" : " on the machine alone",
	       verdict_name(b->verdict), color(r->o->color, C_NONE));
	if (b->verdict == VERDICT_BROKEN)
		printf(", the chain breaks at %s", layer_name((enum layer)b->breaks_at));
	else if (b->verdict == VERDICT_UNKNOWN)
		print_unknown(b);
	else if (b->verdict == VERDICT_INTACT && b->judged_to >= 0)
		printf(" as far as asked: to %s", layer_name((enum layer)b->judged_to));
	printf("\n");
}

static void print_bar(const struct report *r, const struct bar_judgement *b)
{
	const struct pci_bar *p = &b->dev->bar[b->bar];
	char size[32];

	printf("%s%s BAR %d%s  %s at 0x%" PRIx64 "\n", color(r->o->color, C_BOLD), b->dev->slot, b->bar,
	       color(r->o->color, C_NONE), p->size ? human_size(p->size, size, sizeof(size)) : "of unknown size",
	       p->addr);
	print_layers(r, b);
	out_maps_text(r->m, b, r->o->verbose);
	if (r->drive)
		check_drive_text(r->drive, b->dev, b->bar);
	print_findings(r, b);
	print_verdict(r, b);
	printf("\n");
}

/* With several BARs the verdicts stand far apart: once more, together. */
static void print_verdicts(const struct report *r)
{
	printf("Verdicts:\n");
	for (size_t i = 0; i < r->j->nbar; i++) {
		const struct bar_judgement *b = &r->j->bar[i];

		printf("  %s BAR %d  %s%s%s", b->dev->slot, b->bar, color(r->o->color, of_verdict(b->verdict)),
		       verdict_name(b->verdict), color(r->o->color, C_NONE));
		if (b->verdict == VERDICT_BROKEN)
			printf(" at %s", layer_name((enum layer)b->breaks_at));
		putchar('\n');
	}
	putchar('\n');
}

static void print_next(const struct report *r)
{
	char *step[MAX_STEPS];
	int n = judge_next(r->m, r->j, step, MAX_STEPS);

	if (n <= 0)
		return;
	printf("What to do next:\n");
	for (int i = 0; i < n; i++) {
		char clean[4096];

		printf("  %d. ", i + 1);
		wrap(safe_text(step[i], clean, sizeof(clean)), 5, 5, text_width());
		free(step[i]);
	}
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

/* "Intact" must not be read into a BAR that was not looked at: say which were left alone. */
static void print_not_judged(const struct report *r)
{
	size_t n = judge_passed_over(r->m, r->j, NULL, 0);
	struct judge_bar bar[NAME_AT_MOST];
	char line[480];
	size_t k;

	if (!r->j->nbar)
		printf("         no BAR is judged: none is plausible for write-combining (memory, prefetchable, 4 KiB "
		       "or more)\n");
	if (!n)
		return;
	k = (size_t)snprintf(line, sizeof(line), "not judged: %zu memory BAR%s that %s not prefetchable", n,
			     n == 1 ? "" : "s", n == 1 ? "is" : "are");
	if (n <= NAME_AT_MOST) {
		judge_passed_over(r->m, r->j, bar, NAME_AT_MOST);
		for (size_t i = 0; i < n && k < sizeof(line); i++)
			k += (size_t)snprintf(line + k, sizeof(line) - k, "%s%s:%d%s", i ? ", " : " (",
					      bar[i].dev->slot, bar[i].bar,
					      is_mapped(r->m, &bar[i]) ? " although a process maps it" : "");
		if (k < sizeof(line))
			k += (size_t)snprintf(line + k, sizeof(line) - k, ")");
	}
	if (k < sizeof(line))
		snprintf(line + k, sizeof(line) - k, "; name a DEVICE to judge its own, wcdiag bars lists all");
	printf("         ");
	wrap(line, 9, 9, text_width());
}

static void print_machine(const struct report *r)
{
	const struct machine *m = r->m;
	char name[300], line[400], clean[400], cpus[40] = "CPUs not counted";

	if (m->ncpu)
		snprintf(cpus, sizeof(cpus), "%zu CPU%s", m->ncpu, m->ncpu == 1 ? "" : "s");
	snprintf(line, sizeof(line), "%s, Linux %s, %s, %s%s%s", *m->cpu.name ? m->cpu.name : "CPU not known",
		 *m->host.release ? m->host.release : "version not known", cpus,
		 m->hyper.guest			       ? "guest of "
		 : m->hyper.fact.state == FACT_MISSING ? "hypervisor not known"
						       : "bare metal",
		 !m->hyper.guest       ? ""
		 : m->hyper.kind       ? m->hyper.kind->name
		 : *m->hyper.signature ? m->hyper.signature
				       : "unknown",
		 src_is_live(m->src) ? "" : ", snapshot");
	printf("%sMachine%s  ", color(r->o->color, C_BOLD), color(r->o->color, C_NONE));
	wrap(safe_text(line, clean, sizeof(clean)), 9, 9, text_width());
	if (!src_is_live(m->src))
		printf("         %s\n", safe_text(r->name, name, sizeof(name)));
	print_not_judged(r);
	if (!r->j->nbar)
		print_layers(r, &r->j->machine);
	print_findings(r, &r->j->machine);
	if (!r->j->nbar) {
		print_verdict(r, &r->j->machine);
		putchar('\n');
	}
}

static void summary(const struct report *r)
{
	size_t n[3] = { 0, 0, 0 };
	const struct bar_judgement *at = NULL;
	char name[300];

	printf("%-40s ", safe_text(r->name, name, sizeof(name)));
	if (r->error) {
		printf("%sfailed%s   %s\n", color(r->o->color, C_BAD), color(r->o->color, C_NONE),
		       safe_text(r->error, name, sizeof(name)));
		return;
	}
	for (size_t i = 0; i < r->j->nbar; i++) {
		n[r->j->bar[i].verdict]++;
		if (!at && r->j->bar[i].verdict == r->j->verdict)
			at = &r->j->bar[i];
	}
	if (!at)
		at = &r->j->machine;
	if (!r->j->nbar && r->j->verdict == VERDICT_INTACT) {
		printf("no BAR   the machine itself is in order\n");
		return;
	}
	printf("%s%-8s%s %zu intact, %zu broken, %zu unknown", color(r->o->color, of_verdict(r->j->verdict)),
	       verdict_name(r->j->verdict), color(r->o->color, C_NONE), n[VERDICT_INTACT], n[VERDICT_BROKEN],
	       n[VERDICT_UNKNOWN]);
	if (r->j->verdict == VERDICT_BROKEN && at->dev)
		printf("; %s BAR %d breaks at %s", at->dev->slot, at->bar, layer_name((enum layer)at->breaks_at));
	else if (r->j->verdict == VERDICT_BROKEN)
		printf("; the machine breaks at %s", layer_name((enum layer)at->breaks_at));
	printf("\n");
}

static void begin(const struct common *o, size_t machines)
{
	(void)o;
	(void)machines;
}

static void machine(const struct report *r, size_t machines)
{
	if (machines > 1) {
		summary(r);
		return;
	}
	print_machine(r);
	for (size_t i = 0; i < r->j->nbar; i++)
		print_bar(r, &r->j->bar[i]);
	if (r->j->nbar > 1)
		print_verdicts(r);
	print_next(r);
}

static void end(const struct common *o, size_t machines, int worst)
{
	(void)o;
	(void)machines;
	(void)worst;
}

const struct out_ops out_text = { .name = "text", .begin = begin, .machine = machine, .end = end };
