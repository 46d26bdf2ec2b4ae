/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * next.c - what to do next, most useful first: fill the gaps that hide the answer, mend the first break, then follow
 * the chain to the layers that were not judged.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge_internal.h"
#include "src.h"

struct steps {
	char **step;
	size_t n, max;
	bool nomem;
};

static void step(struct steps *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void step(struct steps *s, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	if (s->n >= s->max || s->nomem)
		return;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (!text) {
		s->nomem = true;
		return;
	}
	for (size_t i = 0; i < s->n; i++) /* twenty BARs may want the same */
		if (!strcmp(s->step[i], text)) {
			free(text);
			return;
		}
	s->step[s->n++] = text;
}

/* The first break of a BAR: what comes after it is hidden by it. */
static void first_fix(struct steps *s, const struct bar_judgement *b)
{
	for (size_t i = 0; i < b->findings.n; i++) {
		const struct finding *f = &b->findings.f[i];

		if (f->sev == SEV_BROKEN && f->fix && f->rule->layer == (enum layer)b->breaks_at) {
			step(s, "mend the first break: %s (%s)", f->fix, f->rule->id);
			return;
		}
	}
}

/* One step for each remedy, with the files that it makes readable. */
#define MAX_REMEDIES 8
struct remedies {
	struct {
		const char *text;
		char files[300];
		size_t len;
	} r[MAX_REMEDIES];
	size_t n;
};

static void add_remedy(struct remedies *rs, const char *text, const char *file)
{
	size_t i = 0;

	while (i < rs->n && strcmp(rs->r[i].text, text))
		i++;
	if (i == MAX_REMEDIES)
		return;
	if (i == rs->n) {
		rs->r[i].text = text;
		rs->r[i].files[0] = '\0';
		rs->r[i].len = 0;
		rs->n++;
	}
	if (!strstr(rs->r[i].files, file) && rs->r[i].len < sizeof(rs->r[i].files))
		rs->r[i].len += (size_t)snprintf(rs->r[i].files + rs->r[i].len, sizeof(rs->r[i].files) - rs->r[i].len,
						 "%s%s", rs->r[i].len ? ", " : "", file);
}

static void add_missing(struct remedies *rs, const struct bar_judgement *b)
{
	for (size_t i = 0; i < b->findings.n; i++) {
		const struct finding *f = &b->findings.f[i];
		const struct evidence *r = finding_evidence(f, "remedy"), *file = finding_evidence(f, "file");

		if (f->sev == SEV_UNKNOWN && r && file)
			add_remedy(rs, r->text, file->text);
	}
}

static void fill_gaps(struct steps *s, const struct judgement *j)
{
	struct remedies rs = { .n = 0 };

	add_missing(&rs, &j->machine);
	for (size_t b = 0; b < j->nbar; b++)
		add_missing(&rs, &j->bar[b]);
	for (size_t i = 0; i < rs.n; i++)
		step(s, "%s, for %s", rs.r[i].text, rs.r[i].files);
}

static bool has(const struct judgement *j, const char *id, enum severity sev)
{
	for (size_t b = 0; b < j->nbar; b++)
		for (size_t i = 0; i < j->bar[b].findings.n; i++)
			if (j->bar[b].findings.f[i].sev == sev && !strcmp(j->bar[b].findings.f[i].rule->id, id))
				return true;
	return false;
}

/* One step for all entries to read, and none for a BAR that is broken before. */
static void entry_steps(struct steps *s, const struct machine *m, const struct judgement *j)
{
	char list[400] = "";
	bool unmapped = false;
	size_t k = 0;

	for (size_t b = 0; b < j->nbar; b++) {
		const struct bar_judgement *x = &j->bar[b];

		for (size_t i = 0; i < x->findings.n && x->verdict != VERDICT_BROKEN; i++) {
			const struct finding *f = &x->findings.f[i];
			const struct evidence *pid = finding_evidence(f, "pid"), *at = finding_evidence(f, "address");
			char one[64];

			if (strcmp(f->rule->id, "pte-unknown") || f->sev != SEV_UNKNOWN || finding_evidence(f, "fact"))
				continue;
			if (!pid || !at) {
				unmapped = unmapped || !finding_evidence(f, "remedy");
				continue;
			}
			if (!finding_evidence(f, "error")) /* a reader was there; it is not what is missing */
				continue;
			snprintf(one, sizeof(one), "wcdiag pte --pid %" PRIu64 " 0x%" PRIx64, pid->num, at->num);
			if (!strstr(list, one) && k < sizeof(list))
				k += (size_t)snprintf(list + k, sizeof(list) - k, "%s%s", k ? "; " : "", one);
		}
	}
	if (k && m->src && !src_is_live(m->src))
		step(s, "or look at the entry itself on that machine, as root: %s", list);
	if (unmapped)
		step(s, !m->src || src_is_live(m->src)
				? "start the program that maps the BAR, and run wcdiag check again while it runs; or "
				  "have it started: wcdiag check -- YOUR-PROGRAM"
				: "on that machine, start the program that maps the BAR, and run wcdiag check or "
				  "wcdiag capture while it runs");
}

/* The chain goes on where this check ended. */
static void beyond_pte(struct steps *s, const struct machine *m, const struct judgement *j)
{
	bool live = !m->src || src_is_live(m->src), stores = false, driven = false;

	if (!j->nbar || j->verdict == VERDICT_BROKEN || j->until < LAYER_PTE)
		return;
	for (size_t b = 0; b < j->nbar; b++) {
		stores = stores || j->bar[b].given;
		driven = driven || j->bar[b].driven;
	}
	if (!stores)
		step(s,
		     live ? "see what your program really stores: wcdiag check %s:%d -- YOUR-PROGRAM starts it and "
			    "judges "
			    "its mapping and its stores together (one that runs already: wcdiag trace -p PID); stores "
			    "that you write down or name: --events FILE, --pattern NAME"
			  : "see what your program really stores: on that machine, wcdiag check %s:%d -- YOUR-PROGRAM "
			    "starts it and judges its mapping and its stores together (one that runs already: wcdiag "
			    "trace -p PID); here, stores that you write down or name: --events FILE, --pattern NAME",
		     j->bar[0].dev->slot, j->bar[0].bar);
	if (!driven)
		step(s,
		     "count what arrives%s: wcdiag check %s:%d --scratch OFFSET+LENGTH --witness reg:BAR+OFFSET:8, "
		     "where OFFSET+LENGTH are bytes of the BAR that may be overwritten and the register counts write "
		     "TLPs; or a bus analyser: full lines are one TLP of 16 DW",
		     live ? "" : " on that machine", j->bar[0].dev->slot, j->bar[0].bar);
}

int judge_next(const struct machine *m, const struct judgement *j, char **out, size_t max)
{
	struct steps s = { .step = out, .max = max };

	/* A break that is certain comes first; then what hides the rest. */
	if (!j->nbar)
		first_fix(&s, &j->machine);
	for (size_t b = 0; b < j->nbar; b++)
		first_fix(&s, &j->bar[b]);
	fill_gaps(&s, j);
	entry_steps(&s, m, j);
	beyond_pte(&s, m, j);
	if (j->nbar && j->verdict == VERDICT_INTACT && j->until < LAYER_PTE)
		step(&s,
		     "the entry itself was not asked for: run without --until while your program has the BAR mapped");
	if (has(j, "memtype-alias-wins", SEV_SUSPECT))
		step(&s, "before you map a BAR write-combining, see who holds it: wcdiag memtype");
	if (s.nomem) {
		for (size_t i = 0; i < s.n; i++)
			free(out[i]);
		return -ENOMEM;
	}
	return (int)s.n;
}
