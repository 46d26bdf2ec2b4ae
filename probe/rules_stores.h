/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rules_stores.h - shared by the files of the rules stores-*. */
#ifndef WCDIAG_RULES_STORES_H
#define WCDIAG_RULES_STORES_H

#include "experiment.h"
#include "rule.h"

/* NULL: there is none. */
const struct stream_story *stores_story(const struct judge_ctx *c);
/* NULL: no line suffers from that. */
const struct stream_seen *stores_seen(const struct judge_ctx *c, enum stream_what w);
const char *stores_whose(const struct judge_ctx *c);
const char *stores_plural(uint64_t n); /* "s", or "" for one */
/* cost: "8 TLPs where 1 would do"; and_so: " (20 such lines)", or "" for one. */
void ev_stores_cost(const struct judge_ctx *c, struct finding *f, const struct stream_seen *s, uint64_t times,
		    const char *what);
/* Where it was, the first time. */
void ev_stores_first(struct judge_ctx *c, struct finding *f, const struct stream_seen *s);

/* rules_stores_direct.c */
void stores_direct_beside(struct judge_ctx *c, const struct stream_story *y);
void stores_direct_misaligned(struct judge_ctx *c, const struct stream_story *y);

/* rules_stores_lines.c */
void stores_misaligned(struct judge_ctx *c);
void stores_partial_line(struct judge_ctx *c);
void stores_flushed_inside(struct judge_ctx *c);
void stores_capacity(struct judge_ctx *c);
/* rules_stores_sides.c: the same pattern combined from the kernel and not from user space. */
void stores_sides(struct judge_ctx *c);

#endif
