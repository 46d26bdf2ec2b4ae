/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch_judge.h - what a decision means, and whose doing it is. Pure: events in, findings out.
 *
 * It keeps the reservations that live: those that were there before the watch, and each one seen since, with who made
 * it. The kernel gives the type of the reservation that is there already to everybody who comes later (Linux
 * arch/x86/mm/pat/memtype.c, memtype_check_conflict), so a request that got another type than it asked for was decided
 * by one of those. Rule ids are those of wcdiag-rules(7).
 */
#ifndef WCDIAG_WATCH_JUDGE_H
#define WCDIAG_WATCH_JUDGE_H

#include "barmap.h"
#include "judge.h"
#include "machine.h"
#include "watch.h"

struct watch_judge;

struct watch_finding {
	const char *rule; /* NULL: no rule is broken, but it is worth a sentence */
	enum severity sev;
	char says[600];
	char holder[240];	       /* who had the range before; "" when that is not the cause */
	uint64_t before_ns;	       /* how long before; 0 when not known (from before the watch) */
	uint64_t held_start, held_end; /* what is held; 0, 0 without a holder */
	enum mtype held_as;
	bool again; /* said already: the next page of the same mapping */
};

/* pat: without PAT nothing is reserved, and what is asked for is not what an entry gets: then nothing is judged. */
int watch_judge_new(enum pat_state pat, struct watch_judge **out);
void watch_judge_free(struct watch_judge *j); /* NULL is allowed */

/*
 * A reservation that was there before the watch; holder: who has it, "" when not known. 0 or -ENOMEM. Who cannot tell
 * what was there says so by watch_judge_blind(): then "nothing is reserved there" is never said.
 */
int watch_judge_before(struct watch_judge *j, uint64_t start, uint64_t end, enum mtype type, const char *holder);
void watch_judge_blind(struct watch_judge *j);
/* When the list of those was read: what is seen from before then may stand in it already. */
void watch_judge_known_at(struct watch_judge *j, uint64_t when);
/* Decisions were lost: what is kept may miss some, and hold others that are gone. */
void watch_judge_lost(struct watch_judge *j);

/* 1: *f is filled; 0: nothing to say; -ENOMEM. In the order of time. */
int watch_judge_event(struct watch_judge *j, const struct watch_event *e, struct watch_finding *f);

/*
 * May this decision have made what that finding is about? By process and place: the mapping's pages that do not combine,
 * else what was asked for or is mapped. Where the finding's place is not known: no. b: the mappings of its BAR.
 */
bool watch_behind(const struct watch_event *e, const struct finding *f, const struct bar_maps *b);

/* "ioremap by mydrv_probe+0x63/0x80 [mydrv] (process 412, modprobe)", "process 413 (app), mmap through
 * mydrv_mmap+0x1f". */
const char *watch_who(const struct watch_event *e, char *buf, size_t len);

#endif
