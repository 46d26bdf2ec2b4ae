/* SPDX-License-Identifier: GPL-2.0-or-later */
/* out_text.c - check for people: one line a layer, then findings, then the verdict and what to run next. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/check_drive.h"
#include "cmd/check_watch.h"
#include "cmd/cmd.h"
#include "cmd/out.h"
#include "cmd/out_maps.h"
#include "cmd/out_words.h"
#include "cmd/sources.h"
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

static void print_findings(const struct report *r, const struct bar_judgement *b)
{
	size_t n = 0;

	for (int s = SEV_BROKEN; s >= SEV_INFO; s--)
		for (size_t i = 0; i < b->findings.n; i++) {
			const struct finding *f = &b->findings.f[i];

			if (f->sev != (enum severity)s || !out_tells(r, b, f))
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

static void print_verdict(const struct report *r, const struct bar_judgement *b)
{
	char rest[200];

	if (!b->dev && b->verdict == VERDICT_INTACT) {
		printf("  %sverdict: no BAR to judge%s; the machine itself is in order\n", color(r->o->color, C_BOLD),
		       color(r->o->color, C_NONE));
		return;
	}
	out_verdict_words(b, rest, sizeof(rest));
	printf("  %sverdict%s: %s%s%s\n", color(r->o->color, of_verdict(b->verdict)),
	       b->dev ? "" : " on the machine alone", verdict_name(b->verdict), color(r->o->color, C_NONE), rest);
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
	if (r->watch)
		check_watch_text(r->watch, b->dev, b->bar);
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

/* "Intact" must not be read into a BAR that was not looked at: say which were left alone. */
static void print_not_judged(const struct report *r)
{
	char line[480];

	if (!r->j->nbar)
		printf("         no BAR is judged: none is plausible for write-combining (memory, prefetchable, 4 KiB "
		       "or more)\n");
	if (!out_not_judged_words(r, line, sizeof(line)))
		return;
	printf("         ");
	wrap(line, 9, 9, text_width());
}

static void print_machine(const struct report *r)
{
	const struct machine *m = r->m;
	char name[300], line[400], clean[400];

	out_machine_words(m, line, sizeof(line));
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
	if (r->o->verbose && src_is_live(r->m->src))
		sources_short(r->m);
}

static void end(const struct common *o, size_t machines, int worst)
{
	(void)o;
	(void)machines;
	(void)worst;
}

const struct out_ops out_text = { .name = "text", .begin = begin, .machine = machine, .end = end };
