/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diff_text.c - wcdiag diff for people: the answer, then what changed by device, what does not matter only counted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/diff.h"
#include "cmd/text.h"
#include "probe/machine.h"
#include "probe/rule.h"
#include "probe/src.h"

#define INDENT 14

static int width(void)
{
	int w = text_width();

	return w > 100 ? 100 : w;
}

static void say(const char *text, int at, int indent)
{
	char clean[4096];

	wrap(safe_text(text, clean, sizeof(clean)), at, indent, width());
}

static void side(const struct diff_view *v, const char *title, const char *name, const struct machine *m)
{
	char line[600];

	snprintf(line, sizeof(line), "%s: %s, Linux %s", src_is_live(m->src) ? "this machine" : name,
		 *m->cpu.name ? m->cpu.name : "CPU not known",
		 *m->host.release ? m->host.release : "version not known");
	printf("%s%-8s%s", color(v->o->color, C_BOLD), title, color(v->o->color, C_NONE));
	say(line, 8, 8);
}

static enum color of_weight(const struct diff_item *i)
{
	if (i->weight != DIFF_MATTERS)
		return i->weight == DIFF_MAY ? C_WARN : C_DIM;
	return i->turn == DIFF_BETTER ? C_GOOD : C_BAD;
}

static void value(const struct diff_word *w, char *buf, size_t len)
{
	if (w->known)
		snprintf(buf, len, "%s", *w->text ? w->text : "none");
	else
		snprintf(buf, len, "not known%s%s%s", *w->text ? " (" : "", w->text, *w->text ? ")" : "");
}

static void finding(const struct diff_view *v, const struct diff_item *i)
{
	const struct finding *f = i->fb ? i->fb : i->fa;
	char line[600];

	if (i->fa && i->fb)
		snprintf(line, sizeof(line), "%s: was %s, is %s", f->rule->id, severity_name(i->fa->sev),
			 severity_name(i->fb->sev));
	else
		snprintf(line, sizeof(line), "%s %s: %s", i->fb ? "now" : "no longer", severity_name(f->sev),
			 f->rule->id);
	say(line, INDENT, INDENT);
	printf("%*s", INDENT, "");
	say(f->says, INDENT, INDENT);
	if (i->fb && f->fix && f->sev != SEV_INFO) {
		printf("%*sfix: ", INDENT, "");
		say(f->fix, INDENT + 5, INDENT + 5);
	}
	if (v->o->verbose) {
		printf("%*ssource: ", INDENT, "");
		say(f->rule->source, INDENT + 8, INDENT + 8);
	}
}

static void rule_of(const struct diff *d, const struct diff_item *i, char *buf, size_t len)
{
	if (i->rule_pair >= 0 && (i->pair != i->rule_pair || i->bar != i->rule_bar))
		snprintf(buf, len, "%s of %s BAR %d: ", i->rule->id, diff_slot(d, i->rule_pair), i->rule_bar);
	else
		snprintf(buf, len, "%s: ", i->rule->id);
}

/* before: the item shown above it, which may have given the same reason already; NULL: none. */
static void item(const struct diff_view *v, const struct diff_item *i, const struct diff_item *before)
{
	char was[300], is[300], line[1000];
	size_t k = 0;

	printf("  %s%-*s%s", color(v->o->color, of_weight(i)), INDENT - 2,
	       i->weight == DIFF_MATTERS ? "matters"
	       : i->weight == DIFF_MAY	 ? "may matter"
					 : "does not",
	       color(v->o->color, C_NONE));
	if (i->fa || i->fb) {
		finding(v, i);
		return;
	}
	value(&i->a, was, sizeof(was));
	value(&i->b, is, sizeof(is));
	snprintf(line, sizeof(line), "%s%s%s: %s -> %s", i->row->what, *i->what ? " " : "", i->what, was, is);
	say(line, INDENT, INDENT);
	if (before && before->row == i->row && before->rule == i->rule && before->rule_bar == i->rule_bar)
		return;
	if (i->rule)
		rule_of(v->d, i, line, sizeof(line));
	else
		*line = '\0';
	k = strlen(line);
	snprintf(line + k, sizeof(line) - k, "%s", i->row->why);
	printf("%*s%s", INDENT, "", color(v->o->color, C_DIM));
	say(line, INDENT, INDENT);
	if (v->o->verbose) {
		printf("%*ssource: ", INDENT, "");
		say(i->row->source, INDENT + 8, INDENT + 8);
	}
	printf("%s", color(v->o->color, C_NONE));
}

/* Of what is no longer there its findings are of no interest. */
static enum diff_weight weight(const struct diff_view *v, const struct diff_item *i)
{
	return i->pair >= 0 && v->d->pair[i->pair].b < 0 && i->fa ? DIFF_NOT : i->weight;
}

/* Those of one place, the weightiest first. */
static void items(const struct diff_view *v, size_t from, size_t end, int bar)
{
	const struct diff_item *before = NULL;

	for (int w = DIFF_MATTERS; w >= (v->o->verbose ? DIFF_NOT : DIFF_MAY); w--)
		for (size_t i = from; i < end; i++)
			if (v->d->item[i].bar == bar && weight(v, &v->d->item[i]) == (enum diff_weight)w) {
				item(v, &v->d->item[i], before);
				before = &v->d->item[i];
			}
}

static bool shown(const struct diff_view *v, size_t from, size_t end, int bar)
{
	for (size_t i = from; i < end; i++)
		if ((bar < -1 || v->d->item[i].bar == bar) && (v->o->verbose || weight(v, &v->d->item[i]) != DIFF_NOT))
			return true;
	return false;
}

static void device_title(const struct diff_view *v, int pair)
{
	const struct diff *d = v->d;
	const struct diff_pair *p = &d->pair[pair];
	const struct pci_device *x = p->a < 0 ? NULL : &d->a.m->pci.dev[p->a];
	const struct pci_device *y = p->b < 0 ? NULL : &d->b.m->pci.dev[p->b];
	const struct pci_device *any = y ? y : x;
	bool known = d->a.m->pci.fact.state == FACT_KNOWN && d->b.m->pci.fact.state == FACT_KNOWN;

	/* A pair has a side. NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
	printf("\n%s%s%s  %04x:%04x", color(v->o->color, C_BOLD), any->slot, color(v->o->color, C_NONE), any->vendor,
	       any->device);
	if (x && y && strcmp(x->slot, y->slot) != 0)
		printf(", was %s", x->slot);
	else if (!x)
		printf(known ? ", new" : ", not known before");
	else if (!y)
		printf(known ? ", gone" : ", not known now");
	putchar('\n');
}

static void bar_title(const struct diff_view *v, int bar, const struct diff_bar *t)
{
	char was[120], is[120];

	printf(" %sBAR %d%s", color(v->o->color, C_BOLD), bar, color(v->o->color, C_NONE));
	if (!t) {
		putchar('\n');
		return;
	}
	diff_verdict(t->a, t->unseen_a, was, sizeof(was));
	diff_verdict(t->b, t->unseen_b, is, sizeof(is));
	if (!strcmp(was, is))
		printf("  %s, as before\n", is);
	else
		printf("  was %s, is %s%s%s\n", was,
		       color(v->o->color, t->newly_broken	   ? C_BAD
					  : t->turn == DIFF_BETTER ? C_GOOD
								   : C_WARN),
		       is, color(v->o->color, C_NONE));
}

static void device(const struct diff_view *v, int pair, size_t from, size_t end, size_t bar, size_t bars)
{
	bool title = false;

	if (shown(v, from, end, -1)) {
		device_title(v, pair);
		title = true;
		items(v, from, end, -1);
	}
	for (int b = 0; b < 6; b++) {
		const struct diff_bar *t = NULL;

		while (bar < bars && v->d->bar[bar].bar < b)
			bar++;
		if (bar < bars && v->d->bar[bar].bar == b)
			t = &v->d->bar[bar];
		if (!shown(v, from, end, b) && !(t && t->turn != DIFF_SAME))
			continue;
		if (!title)
			device_title(v, pair);
		title = true;
		bar_title(v, b, t);
		items(v, from, end, b);
	}
}

static void rest(const struct diff_view *v)
{
	const struct diff *d = v->d;
	char line[1200];
	size_t n = 0, k = 0;

	for (size_t i = 0; i < d->n; i++)
		n += weight(v, &d->item[i]) == DIFF_NOT;
	putchar('\n');
	if (n && !v->o->verbose)
		printf("%zu difference%s not matter to write-combining (-v shows %s)\n", n,
		       n == 1 ? " that does" : "s that do", n == 1 ? "it" : "them");
	if (d->more)
		printf("%zu more differences are not shown\n", d->more);
	for (unsigned int i = 0; i < F_COUNT && k < sizeof(line); i++)
		if (d->neither & (1u << i))
			k += (size_t)snprintf(line + k, sizeof(line) - k, "%s%s",
					      k ? ", " : "known on neither side, so not compared: ", fact_name(i));
	if (k)
		say(line, 0, 2);
}

void diff_text(const struct diff_view *v)
{
	const struct diff *d = v->d;
	size_t i = 0, b = 0, end, bars;
	char *says = diff_says(v);

	side(v, "Before", v->name_a, d->a.m);
	side(v, "After", v->name_b, d->b.m);
	putchar('\n');
	if (says)
		say(says, 0, 0);
	free(says);
	if (v->doubt)
		say(v->doubt, 0, 0);
	while (i < d->n && d->item[i].pair < 0)
		i++;
	if (shown(v, 0, i, -1)) {
		printf("\n%sThe machine%s\n", color(v->o->color, C_BOLD), color(v->o->color, C_NONE));
		items(v, 0, i, -1);
	}
	for (int p = 0; p < (int)d->npair; p++, i = end, b = bars) {
		for (end = i; end < d->n && d->item[end].pair == p; end++)
			;
		for (bars = b; bars < d->nbar && d->bar[bars].pair == p; bars++)
			;
		device(v, p, i, end, b, bars);
	}
	rest(v);
}
