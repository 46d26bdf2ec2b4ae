/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace_paths.h - what was seen on the ways from one stop of a program to the next; pure. A way leads from one end to
 * another, or from an end into a long gap (to: 0). An end is an ip, of a store with where in its line it stores: that
 * parts the way round a loop from the way out of it. Another program's ways, or of other code, are others.
 *
 * A place is stepped from until it was often enough (PATHS_OFTEN ways or PATHS_LONG instructions; more when learn is
 * large) and each way from it that was first taken unstepped was stepped `learn` times; later now and then, the more
 * rarely the longer it takes. One from which a way was found to hold something else is stepped for long.
 */
#ifndef WCDIAG_TRACE_PATHS_H
#define WCDIAG_TRACE_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model.h"

/* code: which program, and which state of its executable mappings: below PATH_CODES. */
#define PATH_END(code, ip, addr) ((uint64_t)(code) << 54 | ((uint64_t)(ip) << 6 & ((1ULL << 54) - 1)) | ((addr)&63))
#define PATH_IP(end)		 ((end) << 10 >> 16)
#define PATH_CODES		 1024

#define PATHS_OFTEN 48
#define PATHS_LONG  1200

/* An instruction of which not all could be told; number: the bits of TRACE_UNSAID. Part of the way like an event. */
#define PATH_UNSAID ME_KINDS

/* An event on a way; a READ's place as when it was stepped last. */
struct path_event {
	struct model_event e;
	uint64_t addr;
	uint8_t place;
	int32_t number;
};

struct path_events {
	struct path_event *e;
	size_t n, cap;
};

struct path {
	struct path *next;
	uint64_t from, to;
	uint64_t stepped; /* times */
	uint64_t unseen;  /* times it was taken unstepped while nothing was known of it */
	uint64_t budget;  /* instructions that may still be spent on seeing it */
	uint32_t steps;	  /* instructions, the last time */
	struct path_events has;
};

struct paths;

enum path_was { PATH_NEW, PATH_SAME, PATH_OTHER };

int paths_new(unsigned int learn, struct paths **out); /* -ENOMEM */
void paths_free(struct paths *p);
/* Shall the way from here be stepped? Counts as a visit. */
bool paths_step(struct paths *p, uint64_t from);
/* A way was stepped, steps instructions. Keeps a copy of has. -ENOMEM, or enum path_was. */
int paths_stepped(struct paths *p, uint64_t from, uint64_t to, uint32_t steps, const struct path_events *has);
/* A way was taken unstepped: what is known of it, NULL: nothing yet, which is remembered. */
const struct path *paths_taken(struct paths *p, uint64_t from, uint64_t to);
/*
 * As paths_taken(), but nothing is remembered. Into a gap: where all ways from that ip lead into one, any of them.
 */
const struct path *paths_known(struct paths *p, uint64_t from, uint64_t to);
uint64_t paths_count(const struct paths *p);
uint64_t paths_again(const struct paths *p); /* known places that were stepped from again */
/* All of it is forgotten: another program. */
void paths_clear(struct paths *p);

int path_events_add(struct path_events *v, const struct path_event *e); /* -ENOMEM */
void path_events_free(struct path_events *v);

#endif
