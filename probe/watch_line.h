/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch_line.h - a watch on paper: one JSON object a line, written by wcdiag watch --json and read by --from. DECODE.
 *
 * The first line ("event": "begin") is the scene: the machine as far as decisions are judged by it. Then a line a
 * decision, "lost" where some had no room, "end". wcdiag-watch(1) has the members. What a line does not have is not
 * known; members that are not known to this version are passed over, so that an older one reads a newer one's.
 */
#ifndef WCDIAG_WATCH_LINE_H
#define WCDIAG_WATCH_LINE_H

#include "machine.h"
#include "watch.h"

struct json_object;

struct watch_range {
	uint64_t start, end;
	enum mtype type; /* of a reservation */
	char name[240];	 /* "0000:01:00.0:2"; who holds it */
};

struct watch_ranges {
	struct watch_range *r;
	size_t n, cap;
};
/* 0 or -ENOMEM. */
int watch_ranges_add(struct watch_ranges *l, uint64_t start, uint64_t end, enum mtype type, const char *name);

struct watch_scene {
	char kernel[100], way[8], wcdiag[64];
	int64_t wall; /* CLOCK_REALTIME minus CLOCK_MONOTONIC, ns */
	enum pat_state pat;
	struct watch_ranges bars, ram, before;
	bool before_known;    /* the list of reservations was read */
	uint64_t before_when; /* when */
	char before_why[400]; /* why not */
	size_t nlacks;
	char lacks[12][120];
};
void watch_scene_free(struct watch_scene *s);

enum watch_line_kind { WATCH_LINE_OTHER, WATCH_LINE_BEGIN, WATCH_LINE_EVENT, WATCH_LINE_LOST, WATCH_LINE_END };

struct watch_line {
	enum watch_line_kind kind;
	struct watch_scene scene; /* BEGIN */
	struct watch_event event; /* EVENT */
	uint64_t lost;		  /* LOST, END: decisions lost until here */
	/* END */
	uint64_t seen, left_out; /* left out: RAM, and what was not asked for */
	uint64_t unjudged;
	char verdict[12]; /* "" none */
};

/*
 * One line without its newline. 0, -ENOMEM, or -EBADMSG with *what (static). On 0 watch_line_drop() is due. Ranges
 * whose end is not above their start are an error, and so is what is there and no number where one belongs.
 */
int watch_line_parse(const char *text, size_t len, struct watch_line *out, const char **what);
void watch_line_drop(struct watch_line *l);

/* NULL: no memory. The caller owns it, and may add members. */
struct json_object *watch_line_of_event(const struct watch_event *e);
struct json_object *watch_line_of_scene(const struct watch_scene *s);

#endif
