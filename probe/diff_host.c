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

/*
 * Whole files, registers and lists that one side could not read. The parts of such a fact are then not compared, and
 * this is what says so.
 */
static void facts(struct diff_work *w)
{
	struct judge_ctx ca = { .m = w->d->a.m }, cb = { .m = w->d->b.m };

	for (unsigned int id = 0; id < F_COUNT; id++) {
		const struct fact *fa = fact_of(&ca, id), *fb = fact_of(&cb, id);
		bool la = fact_lacks(fa), lb = fact_lacks(fb);
		struct diff_word a, b;

		if (la && lb)
			w->d->neither |= 1u << id;
		if (la == lb)
			continue;
		word_set(&a, "known");
		b = a;
		if (la)
			word_unknown(&a, fa->state == FACT_NOT_READ ? NULL : fa->why);
		else
			word_unknown(&b, fb->state == FACT_NOT_READ ? NULL : fb->why);
		diff_note(w, DIFF_FACT, fact_name(id), &a, &b);
	}
}

void diff_host(struct diff_work *w)
{
	static const struct {
		enum diff_id id;
		void (*say)(struct diff_word *w, const struct diff_side *s);
	} table[] = {
		{ DIFF_KERNEL, release },   { DIFF_OPTIONS, options }, { DIFF_CPU, cpu },	    { DIFF_CPUS, cpus },
		{ DIFF_HYPER, hypervisor }, { DIFF_COCO, coco },       { DIFF_LOCKDOWN, lockdown },
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
