/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diff_host.c - the machine: kernel, boot options, CPU, hypervisor, and which facts are known. */
#include <stdio.h>
#include <string.h>

#include "diff_int.h"

static void release(struct diff_word *w, const struct diff_side *s)
{
	if (diff_lacks(s->m, F_KERNEL))
		word_unknown(w, NULL);
	else
		word_set(w, "%s", s->m->host.release);
}

static void options(struct diff_word *w, const struct diff_side *s)
{
	if (diff_lacks(s->m, F_CMDLINE))
		word_unknown(w, NULL);
	else
		word_set(w, "%s", s->options ? s->options : s->m->host.options);
}

static void cpu(struct diff_word *w, const struct diff_side *s)
{
	const struct cpu *c = &s->m->cpu;

	if (diff_lacks(s->m, F_CPUID))
		word_unknown(w, NULL);
	else
		word_set(w, "%s (family %u, model %u, stepping %u)%s%s", c->name, c->family, c->model, c->stepping,
			 c->pat ? "" : ", no PAT", c->mtrr ? "" : ", no MTRRs");
}

static void cpus(struct diff_word *w, const struct diff_side *s)
{
	if (s->m->ncpu)
		word_set(w, "%zu", s->m->ncpu);
	else
		word_unknown(w, NULL);
}

static void microcode(struct diff_word *w, const struct diff_side *s)
{
	char words[sizeof(w->text)];

	microcode_words(&s->m->microcode, words, sizeof(words));
	if (fact_lacks(&s->m->microcode.fact))
		word_unknown(w, NULL);
	else
		word_set(w, "%s", words);
}

static void hypervisor(struct diff_word *w, const struct diff_side *s)
{
	const struct hyper *h = &s->m->hyper;

	if (diff_lacks(s->m, F_HYPER))
		word_unknown(w, NULL);
	else if (!h->guest)
		word_set(w, "bare metal");
	else
		word_set(w, "%s", h->kind ? h->kind->name : *h->signature ? h->signature : "unnamed");
}

static void coco(struct diff_word *w, const struct diff_side *s)
{
	word_set(w, "%s", s->m->coco ? s->m->coco : "no");
}

static void lockdown(struct diff_word *w, const struct diff_side *s)
{
	static const char *const n[] = { [LOCKDOWN_NONE] = "none",
					 [LOCKDOWN_INTEGRITY] = "integrity",
					 [LOCKDOWN_CONFIDENTIALITY] = "confidentiality" };

	if (diff_lacks(s->m, F_LOCKDOWN) || s->m->host.lockdown == LOCKDOWN_UNKNOWN)
		word_unknown(w, NULL);
	else
		word_set(w, "%s", n[s->m->host.lockdown]);
}

/* A fact that one side lacks; true: both lack it. */
static bool one_fact(struct diff_work *w, const char *name, const struct fact *fa, const struct fact *fb)
{
	bool la = fact_lacks(fa), lb = fact_lacks(fb);
	struct diff_word a, b;

	if (la == lb)
		return la;
	word_set(&a, "known");
	b = a;
	if (la)
		word_unknown(&a, fa->state == FACT_NOT_READ ? NULL : fa->why);
	else
		word_unknown(&b, fb->state == FACT_NOT_READ ? NULL : fb->why);
	diff_note(w, DIFF_FACT, name, &a, &b);
	return false;
}

/*
 * Whole files, registers and lists that one side could not read. The parts of such a fact are then not compared, and
 * this is what says so.
 */
static void facts(struct diff_work *w)
{
	struct judge_ctx ca = { .m = w->d->a.m }, cb = { .m = w->d->b.m };

	for (unsigned int id = 0; id < F_COUNT; id++) {
		if (one_fact(w, fact_name(id), fact_of(&ca, id), fact_of(&cb, id)))
			w->d->neither |= 1u << id;
	}
	/* Which older snapshots do not hold, and no rule needs: known on neither side it is not worth a word. */
	one_fact(w, "the microcode's revision", &w->d->a.m->microcode.fact, &w->d->b.m->microcode.fact);
}

void diff_host(struct diff_work *w)
{
	static const struct {
		enum diff_id id;
		void (*say)(struct diff_word *w, const struct diff_side *s);
	} table[] = {
		{ DIFF_KERNEL, release },   { DIFF_OPTIONS, options }, { DIFF_CPU, cpu },	    { DIFF_CPUS, cpus },
		{ DIFF_MICROCODE, microcode }, { DIFF_HYPER, hypervisor }, { DIFF_COCO, coco },       { DIFF_LOCKDOWN, lockdown },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct diff_word a, b;

		table[i].say(&a, &w->d->a);
		table[i].say(&b, &w->d->b);
		/* A lost fact is told by facts(), with the reason. */
		if (a.known == b.known)
			diff_note(w, table[i].id, NULL, &a, &b);
	}
	facts(w);
}
