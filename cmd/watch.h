/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch.h - wcdiag watch: what its files share. */
#ifndef WCDIAG_CMD_WATCH_H
#define WCDIAG_CMD_WATCH_H

#include <sys/types.h>
#include <time.h>

#include "cmd/cmd.h"
#include "cmd/device.h"
#include "probe/watch.h"
#include "probe/watch_judge.h"
#include "probe/watch_line.h"

#define WATCH_ASKED_RANGES 16

struct watch_asked {
	const struct cmd *c;
	struct common o;
	struct device_arg bar; /* bar -1: none */
	struct {
		uint64_t start, end;
	} range[WATCH_ASKED_RANGES]; /* --bar's among them, once the machine was read */
	size_t nrange;
	const char *from, *output;
	uint64_t duration_ms, limit;
	enum watch_way way;
	bool ram;
	char **argv; /* NULL: no command */
};

/* What is counted for the end, and for the exit status. */
struct watch_sums {
	uint64_t seen, lost, shown, ram, elsewhere, downgraded;
	uint64_t unjudged; /* shown, and what was asked for or given is not known */
	/* Of a record: what it says at its end. */
	uint64_t missing; /* seen then, and not in it */
	bool no_end;
	enum verdict recorded;
	enum severity worst;
	enum verdict verdict; /* at the end */
	char why[500];	      /* VERDICT_UNKNOWN: for what reasons */
	double seconds;
	const char *ended_by; /* "the command ended with status 0" */
};

/* One decision, as it is shown. */
struct watch_row {
	const struct watch_event *e;
	const struct watch_finding *f; /* NULL: nothing to say */
	char where[64];		       /* "0000:01:00.0:2+0x1000", "" when in no BAR */
	bool ram;
};

struct watch_out {
	int (*begin)(const struct watch_asked *a, const struct watch_scene *s);
	void (*row)(const struct watch_asked *a, const struct watch_scene *s, const struct watch_row *r);
	void (*lost)(const struct watch_asked *a, uint64_t lost);
	void (*end)(const struct watch_asked *a, const struct watch_scene *s, const struct watch_sums *n);
};
extern const struct watch_out watch_text, watch_json;
struct json_object;
struct json_object *watch_json_finding(const struct watch_finding *f);

/* What judges and shows, for events that come live or from a file. */
struct watch_show {
	const struct watch_asked *a;
	const struct watch_out *out;
	struct watch_scene scene;
	struct watch_judge *judge;
	struct watch_sums n;
};

/* After the scene is filled. 0 or EXIT_FAILED after saying why. */
int watch_show_begin(struct watch_show *w);
/* 0, 1: no more are wanted (--limit), or -ENOMEM. */
int watch_show_event(struct watch_show *w, const struct watch_event *e);
void watch_show_lost(struct watch_show *w, uint64_t lost);
/* So many at least are known to be without what was asked for. */
void watch_show_unjudged(struct watch_show *w, uint64_t n);
/* The exit status. */
int watch_show_end(struct watch_show *w);
void watch_show_free(struct watch_show *w);

int watch_live_do(struct watch_asked *a);
int watch_from_do(struct watch_asked *a);

/* watch_scene.c: what of the machine's facts a watch is judged by. 0 or -ENOMEM. */
struct machine;
int watch_scene_of(const struct machine *m, struct watch_scene *out);
/* Types of the PAT's slots as the kernel believes them. */
void watch_slots(const struct machine *m, enum mtype slot[8]);
/* The scene of a live watch: the machine as read once it runs, and what the watch cannot see. EXIT_FAILED after saying why. */
int watch_scene_begin(const struct cmd *c, struct watch *w, const struct machine *m, struct watch_scene *out);
int64_t watch_wall(void); /* CLOCK_REALTIME minus CLOCK_MONOTONIC, now */
/* The clock on the wall at a decision; returns its second, *us are what goes beyond. */
time_t watch_clock(const struct watch_scene *s, const struct watch_event *e, int *us);
uint64_t watch_now(void);
/* Which way was refused, and why, in the one form of an error. EXIT_FAILED. */
int watch_refused(const struct cmd *c, enum watch_way asked, const struct watch_state *st, int err);

/* watch_child.c: a command that waits until it is told to begin. */
struct watch_child {
	pid_t pid;  /* 0: none */
	int go;	    /* pipe: closed, it gives up; a byte, it begins */
	int failed; /* pipe: the errno of exec */
	bool ended;
	int status;
};
int watch_child_prepare(const struct cmd *c, char **argv, struct watch_child *k);
/* EXIT_FAILED when it could not be started. */
int watch_child_go(const struct cmd *c, char **argv, struct watch_child *k);
bool watch_child_ended(struct watch_child *k);
void watch_child_free(struct watch_child *k);

#endif
