/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pte_words.h - what rules say about an entry: evidence, and the cause of a type that nobody wanted. For rules only. */
#ifndef WCDIAG_PTE_WORDS_H
#define WCDIAG_PTE_WORDS_H

#include <stdbool.h>

#include "barmap.h"
#include "maps.h"
#include "rule.h"

/* "address" (virtual), "entry" (raw), "pat_slot", "entry_type", "effective" of one piece of a mapping. */
void ev_entry(const struct judge_ctx *c, struct finding *f, const struct bar_piece *p);
/* ev_map(), and "mapping" is there in any case: a mapping whose pages lie scattered has no range. */
void ev_map_of_bar(struct finding *f, const struct map *p);
/* "pid", "process", "path", "mapping" of a process's mapping; "holder" for the kernel's. */
void ev_bar_map(struct finding *f, const struct bar_map *b);

/* "kernel ioremap by nvme_map+0x1/0x2 [nvme]", "kernel mapping at 0xffff... (not an ioremap that vmallocinfo lists)" */
void kernel_words(const struct bar_map *b, char *buf, size_t len);

/*
 * A mapping of which nothing combines: is it, by all looks, a page of registers beside a window? WINDOW_OWN: the same process
 * has write-combining pages of this BAR, and none of them is among these. WINDOW_OTHERS: another process has, and the
 * kernel, too, holds these pages as registers. That is how good drivers look. larger (may be NULL): is the window the larger
 * part?
 */
enum window { WINDOW_NONE, WINDOW_OWN, WINDOW_OTHERS };
enum window window_beside(const struct judge_ctx *c, const struct bar_map *b, bool *larger);

/*
 * Why does this piece not combine? Puts "cause" (one word, a contract for programs), "because" (the reason in words) and,
 * where a reservation decided, "reserved", "type", "holder" into f, and the fix.
 */
void ev_cause(const struct judge_ctx *c, struct finding *f, const struct bar_map *b, const struct bar_piece *p);

/* Has a mapping of this kind all its entries from mmap on? Those of a driver's own handlers may come with the first access. */
bool filled_at_mmap(enum map_kind k);

/* The test of pte-unknown: what keeps the entries of this BAR from deciding. */
void pte_unknown(struct judge_ctx *c);

#endif
