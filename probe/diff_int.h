/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diff_int.h - what the files of diff share. */
#ifndef WCDIAG_DIFF_INT_H
#define WCDIAG_DIFF_INT_H

#include "diff.h"
#include "machine.h"
#include "rule.h"

enum diff_id {
	DIFF_KERNEL,
	DIFF_OPTIONS,
	DIFF_CPU,
	DIFF_CPUS,
	DIFF_MICROCODE,
	DIFF_HYPER,
	DIFF_COCO,
	DIFF_LOCKDOWN,
	DIFF_PAT_ON,
	DIFF_PAT_SLOT,
	DIFF_MTRR_ON,
	DIFF_MTRR,
	DIFF_DEVICE,
	DIFF_MOVED,
	DIFF_DRIVER,
	DIFF_POWER,
	DIFF_DECODE,
	DIFF_PAYLOAD,
	DIFF_WINDOW,
	DIFF_BAR,
	DIFF_SIZE,
	DIFF_ADDRESS,
	DIFF_PREFETCH,
	DIFF_WIDTH,
	DIFF_WC_FILE,
	DIFF_CLAIM,
	DIFF_RESERVED,
	DIFF_HOLDER,
	DIFF_MAPPING,
	DIFF_ENTRY,
	DIFF_FACT,
	DIFF_FINDING,
	DIFF_IDS
};
extern const struct diff_row diff_rows[DIFF_IDS];

struct diff_work {
	struct diff *d;
	int pair, bar; /* what is compared now */
	size_t max;
	uint64_t spent; /* steps of searches that a hostile snapshot could make quadratic */
	int err;
};

/* A word is begun, added to, ended. */
void word_begin(struct diff_word *w);
void word_add(struct diff_word *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void word_end(struct diff_word *w);
/* All three. */
void word_set(struct diff_word *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Not known; why: one phrase, or NULL. */
void word_unknown(struct diff_word *w, const char *why);

/*
 * Note a difference of the current place when there is one; what may be NULL. Returns it, or NULL: equal, known on
 * neither side, or no room.
 */
struct diff_item *diff_note(struct diff_work *w, enum diff_id id, const char *what, const struct diff_word *a,
			    const struct diff_word *b);

/* One step; false when all are spent: what is looked for is then not known. */
bool diff_spend(struct diff_work *w);

/* Is the fact, as a whole, known on both sides? */
bool diff_both(const struct diff_work *w, enum fact_id id);
bool diff_lacks(const struct machine *m, enum fact_id id);

void diff_host(struct diff_work *w); /* machine: CPU, kernel, PAT, MTRRs, facts */
void diff_regs(struct diff_work *w);
void diff_pci(struct diff_work *w, const struct pci_device *a, const struct pci_device *b);
void diff_over(struct diff_work *w, const struct bar_judgement *a, const struct bar_judgement *b);
void diff_maps(struct diff_work *w, const struct bar_judgement *a, const struct bar_judgement *b);
void diff_findings(struct diff_work *w, const struct bar_judgement *a, const struct bar_judgement *b);
void diff_link(struct diff *d);

#endif
