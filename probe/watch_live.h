/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch_live.h - the reservations that live, as far as a watch has seen: internal to watch_judge.c and its tests. Pure.
 */
#ifndef WCDIAG_WATCH_LIVE_H
#define WCDIAG_WATCH_LIVE_H

#include "watch.h"

struct watch_held {
	uint64_t start, end, when; /* when 0: from before the watch */
	enum mtype type, asked;	   /* type MT_UNKNOWN: not seen */
	int pid;
	bool kernel;
	char module[56];
	char *who;
};

struct watch_live {
	struct watch_held *h; /* in the order of time */
	size_t n, cap;
	bool full; /* more than are kept: what comes later is not known */
};

/* 0 or -ENOMEM; who is copied. */
int watch_live_add(struct watch_live *l, const struct watch_held *h, const char *who);
/*
 * What this release takes away: a reservation of just this range, of the same process or module before others, or the
 * end of a longer one (a mapping whose end was unmapped), as the kernel looks for it. False: none, nothing is changed.
 */
bool watch_live_remove(struct watch_live *l, const struct watch_event *e);
/* One of those from before the watch with just this range and type is known better now. */
void watch_live_forget_before(struct watch_live *l, uint64_t start, uint64_t end, enum mtype t);
/* The oldest one that overlaps and has this type (MT_UNKNOWN: any); NULL. */
const struct watch_held *watch_live_first(const struct watch_live *l, uint64_t start, uint64_t end, enum mtype t);
/* Two that overlap and differ in type; of one or none *b or both are NULL. */
void watch_live_two(const struct watch_live *l, uint64_t start, uint64_t end, const struct watch_held **a,
		    const struct watch_held **b);
/*
 * The type that the kernel gives: that of those that overlap, else asked. -EBUSY: they differ, and it refuses.
 * MT_UNKNOWN: of one that overlaps it is not known.
 */
int watch_live_predict(const struct watch_live *l, uint64_t start, uint64_t end, enum mtype asked, enum mtype *got);
void watch_live_free(struct watch_live *l);

#endif
