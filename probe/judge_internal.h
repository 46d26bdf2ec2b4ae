/* SPDX-License-Identifier: GPL-2.0-or-later */
/* judge_internal.h - shared by judge.c and its helpers only. */
#ifndef WCDIAG_JUDGE_INTERNAL_H
#define WCDIAG_JUDGE_INTERNAL_H

#include "machine.h"
#include "rule.h"

/* finding.c: fill in the sentences of findings from index "from" on. 0 or -ENOMEM. */
int findings_finish(struct findings *o, size_t from);

/* notes.c: the phrase beside a layer's state. */
void layer_note(const struct judge_ctx *c, enum layer l, enum layer_state s, char *buf, size_t len);


#endif
