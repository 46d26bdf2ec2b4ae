/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pte_words.h - what rules say about an entry: evidence, and the cause of a type that nobody wanted. For rules only. */
#ifndef WCDIAG_PTE_WORDS_H
#define WCDIAG_PTE_WORDS_H

#include <stdbool.h>

#include "barmap.h"
#include "rule.h"

/*
 * "address" (virtual), "entry" (raw), "level", "pat_slot", "entry_type", "effective" of one run of a mapping, as far as
 * it lies in the BAR.
 */
void ev_entry(const struct judge_ctx *c, struct finding *f, const struct bar_map *b, const struct pte_run *r);
/* ev_map(), and "mapping" is there in any case: a mapping whose pages lie scattered has no range. */
void ev_map_of_bar(struct finding *f, const struct map *p);
/* "pid", "process", "path", "mapping" of a process's mapping; "holder" for the kernel's. */
void ev_bar_map(struct finding *f, const struct bar_map *b);

/* "kernel ioremap by nvme_map+0x1/0x2 [nvme]", "kernel mapping at 0xffff... (not an ioremap)" */
void kernel_words(const struct bar_map *b, char *buf, size_t len);

/*
 * Has the same process write-combining pages of this BAR outside of this mapping? Then this one is, by all looks, its
 * register page, which is how good programs map a BAR that has both. larger (may be NULL): are those more than these?
 */
bool wc_beside(const struct judge_ctx *c, const struct bar_map *b, bool *larger);

/*
 * Why does this run not combine? Puts "cause" (one word, a contract for programs), "because" (the reason in words) and,
 * where a reservation decided, "reserved", "type", "holder" into f, and the fix.
 */
void ev_cause(const struct judge_ctx *c, struct finding *f, const struct bar_map *b, const struct pte_run *r);

/* The test of pte-unknown: what keeps the entries of this BAR from deciding. */
void pte_unknown(struct judge_ctx *c);

#endif
