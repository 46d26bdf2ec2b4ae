/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge.h - the causal chain: layers, rules, findings, verdicts. Pure: facts in, findings out.
 *
 * A rule is a row (rule.h). For each BAR every rule of every layer asked for is tried; a fact that a rule needs and
 * that is missing makes its layer "unknown" and is named in a finding. Missing never reads as "ok".
 */
#ifndef WCDIAG_JUDGE_H
#define WCDIAG_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "barmap.h"

struct experiment;
struct machine;
struct pci_device;
struct rule;

/* Contract: names and order (design, section 1). */
enum layer {
	LAYER_HOST,
	LAYER_PAT,
	LAYER_MTRR,
	LAYER_PCI,
	LAYER_MEMTYPE,
	LAYER_PTE,
	LAYER_STORES,
	LAYER_FABRIC,
	LAYER_COUNT
};
enum layer_state { STATE_OK, STATE_SUSPECT, STATE_UNKNOWN, STATE_BROKEN, STATE_SKIPPED };
enum severity { SEV_INFO, SEV_SUSPECT, SEV_UNKNOWN, SEV_BROKEN };
enum verdict { VERDICT_INTACT, VERDICT_UNKNOWN, VERDICT_BROKEN };

const char *layer_name(enum layer l);
const char *layer_question(enum layer l);
int layer_from_name(const char *name); /* -1 when it is none */
const char *state_name(enum layer_state s);
const char *severity_name(enum severity s);
const char *verdict_name(enum verdict v);

enum ev_type { EV_TEXT, EV_NUMBER, EV_HEX };
struct evidence {
	const char *key; /* static, snake_case */
	enum ev_type type;
	uint64_t num;
	char text[200]; /* EV_TEXT; printable bytes only */
};

#define FINDING_EVIDENCE 32

struct finding {
	const struct rule *rule;
	enum severity sev;
	struct evidence ev[FINDING_EVIDENCE];
	size_t nev;
	char *says, *fix; /* filled in from the rule's sentences; fix may be NULL */
};

struct findings {
	struct finding *f;
	size_t n;
	int err; /* -ENOMEM once it happened: the judgement is then refused as a whole */
};

struct bar_judgement {
	const struct pci_device *dev; /* NULL: the machine itself */
	int bar;		      /* -1: the machine itself */
	enum layer_state state[LAYER_COUNT];
	char note[LAYER_COUNT][200]; /* one phrase for the reader: what was seen, or why skipped */
	enum verdict verdict;
	int breaks_at;		  /* enum layer, -1: nowhere */
	int judged_to;		  /* last layer really judged, -1: none */
	struct findings findings; /* in the order of the layers */
	struct bar_maps maps;	  /* who maps it, and what the entries say */
	bool given, driven;	  /* the program's own stores were given; the device was driven */
};

struct judgement {
	struct bar_judgement machine; /* the machine's own facts */
	struct bar_judgement *bar;
	size_t nbar;
	enum layer_state layers[LAYER_COUNT]; /* worst over the BARs; for the reader */
	enum verdict verdict;
	enum layer until;
	bool whole_machine; /* no device was named */
};

/* What one BAR's layer stores is judged by, when a program stores to several. */
struct judge_bound {
	size_t dev; /* index of pci.dev */
	int bar;
	const struct experiment *exp;
};

/* Which BARs: one (device index, BAR index), the plausible ones of one device, of a selection, or of the machine. */
struct judge_target {
	const bool *selected; /* per pci.dev, NULL: every device */
	int bar;	      /* -1: the plausible ones */
	bool explicit_device; /* the user named the device: when none of its BARs is plausible judge all memory BARs */
	/* What the layers stores and fabric are judged by; NULL: they are skipped. Where it was driven it is one BAR's. */
	const struct experiment *exp;
	/* A program's own mappings: each BAR by its own, and without a device named these BARs, plausible or not. */
	const struct judge_bound *bound;
	size_t nbound;
};

/* 0, or -ENOMEM. The judgement points into m, which must outlive it. */
int judge(const struct machine *m, const struct judge_target *t, enum layer until, struct judgement **out);
void judgement_free(struct judgement *j);

/*
 * The layer stores alone, by the story of a stream, without a machine. 0, or -ENOMEM. findings_free() in any case; they
 * hold no pointer into the experiment.
 */
int judge_stores(const struct experiment *exp, struct findings *out);
void findings_free(struct findings *f);

/* Is WC plausible for this BAR: memory, at least 4 KiB, and prefetchable or already reserved WC? */
bool judge_plausible(const struct machine *m, const struct pci_device *d, int bar);

/* Memory BARs of at least 4 KiB that were not judged because nothing makes WC plausible for them. */
struct judge_bar {
	const struct pci_device *dev;
	int bar;
};
/* Their number when the whole machine was asked for (0 when devices were named); at most max are stored. */
size_t judge_passed_over(const struct machine *m, const struct judgement *j, struct judge_bar *out, size_t max);

/* Text of evidence by key, NULL when not there. num may be NULL. */
const struct evidence *finding_evidence(const struct finding *f, const char *key);

/*
 * What to do next, most useful first: fills step[] with at most max malloc'ed sentences, returns their number or
 * -ENOMEM.
 */
int judge_next(const struct machine *m, const struct judgement *j, char **step, size_t max);

#endif
