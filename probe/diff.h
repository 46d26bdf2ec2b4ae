/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diff.h - what changed between two states of one host, and whether it matters to write-combining. Pure: two machines
 * and their judgements in, a bounded list of differences out.
 *
 * Devices are matched by what they are, not by where they sit: a renumbered bus moves them. A fact that one side does
 * not know is a difference ("not known"), never "unchanged". Swapping the sides gives the same list with the signs
 * changed.
 */
#ifndef WCDIAG_DIFF_H
#define WCDIAG_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "judge.h"

struct machine;
struct pci;
struct pci_device;
struct rule;

enum diff_weight { DIFF_NOT, DIFF_MAY, DIFF_MATTERS };
/* OTHER: one thing got worse and another better. */
enum diff_turn { DIFF_SAME, DIFF_WORSE, DIFF_BETTER, DIFF_OTHER };

/* What can differ; one row of a table. */
struct diff_row {
	const char *id;	  /* "reserved", "prefetchable", ... for JSON */
	const char *what; /* in words */
	enum layer layer;
	enum diff_weight weight; /* where no rule links it to a verdict */
	const char *why;	 /* why it has this weight */
	const char
		*rules; /* the rules by which it can decide a verdict, separated by blanks; "pte-*" is all of those */
	const char *source;
};
/* NULL past the end. */
const struct diff_row *diff_row_at(size_t i);

/* One side of a difference. Known and empty: there is none. */
struct diff_word {
	bool known;
	char text[240];
	uint64_t hash; /* of all of it: text is cut to fit */
	size_t more;
};

/* A device of A, of B, or of both; an index of pci.dev, -1: not there. */
struct diff_pair {
	int a, b;
};

struct diff_item {
	const struct diff_row *row;
	enum diff_weight weight;
	enum diff_turn turn;
	int pair, bar; /* -1: the machine; -1: the device as a whole */
	char what[64]; /* of which of several: "slot 1", a process's name; "" */
	struct diff_word a, b;
	const struct finding *fa, *fb; /* a finding that came, went, or changed its severity */
	const struct rule *rule;       /* the rule that links it to a verdict; NULL: none */
	int rule_pair, rule_bar;       /* where that rule speaks */
};

/* A BAR that was judged on either side, or the machine itself where there is none (pair -1). */
struct diff_bar {
	int pair, bar;
	const struct bar_judgement *a, *b; /* NULL: not there (or the devices are not known) */
	enum diff_turn turn;
	bool newly_broken;	 /* a link is broken now that was not, or an intact BAR is no longer there */
	bool doubt;		 /* how it is now cannot be told */
	bool unseen_a, unseen_b; /* there is no judgement, and that does not tell that there is no BAR */
};

enum diff_answer { DIFF_NOTHING_WORSE, DIFF_GOT_WORSE, DIFF_CANNOT_TELL };

struct diff_side {
	const struct machine *m;
	const struct judgement *j;
	const char *options; /* boot options that concern us (host_filter_cmdline()); NULL: those of m->host */
};

#define DIFF_ITEMS_MAX 20000

struct diff {
	struct diff_side a, b;
	struct diff_pair *pair;
	size_t npair, nboth;
	struct diff_bar *bar;
	size_t nbar;
	struct diff_item *item; /* machine first, then by pair and BAR, then by layer */
	size_t n, more;		/* more: so many are not in item[] */
	unsigned int neither;	/* bit of enum fact_id: known on neither side, so not compared */
	enum diff_answer answer;
};

/* Pairs in the order of B, those that are gone behind them in the order of A. malloc'ed. 0 or -ENOMEM. */
int diff_match(const struct pci *a, const struct pci *b, struct diff_pair **out, size_t *n);

/*
 * Which BARs both sides must be judged by: those that are plausible on either. malloc'ed, for struct judge_target; none
 * when there are more than DIFF_BOUND_MAX: each side is then judged by its own. 0 or -ENOMEM.
 */
#define DIFF_BOUND_MAX 4096
int diff_bounds(const struct machine *a, const struct machine *b, struct judge_bound **ba, size_t *na,
		struct judge_bound **bb, size_t *nb);

/* 0 or -ENOMEM. Points into both sides, which must outlive it. */
int diff_make(const struct diff_side *a, const struct diff_side *b, struct diff **out);
void diff_free(struct diff *d);

/* "came", "gone", "changed", "not known before", "not known now" */
const char *diff_sign(const struct diff_item *i);
const char *diff_weight_name(enum diff_weight w); /* "matters", "may matter", "does not matter" */
const char *diff_turn_name(enum diff_turn t);	  /* "same", "worse", "better", "other" */

#endif
