/* SPDX-License-Identifier: GPL-2.0-or-later */
/* out_words.h - which findings are told to people, and the sentences that more than one output has. */
#ifndef WCDIAG_OUT_WORDS_H
#define WCDIAG_OUT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct bar_judgement;
struct finding;
struct machine;
struct report;

/* Is it to be told with this BAR (or the machine), or is it said elsewhere already? Programs get every finding. */
bool out_tells(const struct report *r, const struct bar_judgement *b, const struct finding *f);
/* What follows the verdict's name: ", the chain breaks at pte"; "" when nothing does. */
void out_verdict_words(const struct bar_judgement *b, char *buf, size_t len);
/* "CPU, Linux 6.1, 12 CPUs, bare metal, snapshot". Not yet safe to print. */
void out_machine_words(const struct machine *m, char *buf, size_t len);
/* Which BARs were left alone; false: none. */
bool out_not_judged_words(const struct report *r, char *buf, size_t len);

#endif
