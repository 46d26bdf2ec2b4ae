/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace.h - wcdiag trace: what was asked, what was seen, and the ways to show that. */
#ifndef WCDIAG_CMD_TRACE_H
#define WCDIAG_CMD_TRACE_H

#include <signal.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/device.h"
#include "cmd/profile.h"
#include "probe/judge.h"
#include "probe/reader.h"
#include "probe/messages.h"
#include "probe/symbols.h"
#include "probe/trace.h"

struct machine;

struct trace_asked {
	const struct cmd *c;
	struct common o;
	struct device_arg bar;
	const char *map, *events, *output, *profile;
	pid_t pid;   /* 0: a command */
	char **argv; /* the command */
	unsigned int buffers;
	enum mtype type; /* what a regular file stands for */
	struct trace_params par;
};

/* What became of a file's mappings; the same for all of them. */
struct trace_file {
	dev_t dev;
	ino_t ino;
	char path[160];
	bool device, traced;
	bool unsure; /* --bar: whether it is of that BAR could not be told */
	enum mtype type;
	bool assumed;  /* the type is */
	char why[240]; /* what says which type, or why it is assumed */
	uint64_t seen; /* mappings */
};
#define TRACE_FILES 32

/* trace_choose.c: which mappings, and of which type. */
struct trace_choose {
	const struct trace_asked *a;
	const struct machine *m; /* NULL: no device is asked for */
	int dev;		 /* --bar: index of m->pci.dev */
	struct reader reader;
	struct fact unread; /* why there is none */
	struct trace_file file[TRACE_FILES];
	size_t nfile;
	uint64_t more; /* mappings of files for which there was no room */
};

int trace_choose_init(struct trace_choose *k, const struct trace_asked *a, const struct machine *m);
void trace_choose_end(struct trace_choose *k);
void trace_choose_mapping(struct trace_choose *k, const struct trace_mapping *m, struct trace_choice *c);
bool trace_same_entry(const struct trace_choose *k, pid_t pid, uint64_t theirs, const void *ours);
const struct trace_file *trace_file_of(const struct trace_choose *k, const struct trace_place *p);

/* trace_ips.c: instructions seen, looked up while the process is there. */
struct trace_ip {
	struct symbol y;
	/* Of an event of a library's function: the call that led to it, struct trace_event.call; 0: not known. */
	uint64_t call;
	struct symbol caller;
};
struct trace_ips;
int trace_ips_new(struct trace_ips **out); /* 0 or -ENOMEM */
void trace_ips_free(struct trace_ips *t);
/* The thread is stopped there: remembered, looked up once. */
void trace_ips_see(struct trace_ips *t, const struct trace_event *e);
/* And, of a function of another file than the program's, the call that led to it this time; 0: it is not to be told. */
uint64_t trace_ips_call(struct trace_ips *t, pid_t pid, pid_t tid, uint64_t ip);
/* Another program is there now. */
void trace_ips_forget(struct trace_ips *t, pid_t pid);
/* Of one that was seen; NULL: it was not, or there was no room. */
const struct symbol *trace_ips_at(const struct trace_ips *t, pid_t pid, uint64_t ip);
/* The same number for the same place in the same file, wherever it lies. */
uint64_t trace_ips_place(const struct trace_ips *t, pid_t pid, uint64_t ip);
const char *trace_ips_why(const struct trace_ips *t); /* why there are no symbols; NULL */

/* trace_events.c: --events FILE, and a file for each thread more. */
struct trace_writer;
int trace_writer_new(const struct trace_asked *a, struct trace_writer **out); /* 0, or EXIT_FAILED after saying why */
void trace_write(struct trace_writer *w, const struct trace_event *e);
void trace_write_note(struct trace_writer *w, const struct trace_note *n);
/* 0, or EXIT_FAILED after saying why. */
int trace_writer_end(struct trace_writer *w);
size_t trace_writer_files(const struct trace_writer *w); /* written */
size_t trace_writer_left(const struct trace_writer *w);	 /* threads for which there was no room */
bool trace_writer_failed(const struct trace_writer *w);
void trace_writer_free(struct trace_writer *w);

/* A pattern with what is shown of it. */
struct trace_pattern {
	const struct message_pattern *p;
	const struct trace_ip *at; /* of each event; function NULL and module NULL: not known */
	struct findings findings;
	enum severity worst;
	uint64_t tlps, need; /* of one message: predicted; the fewest for its bytes */
	bool uncached;	     /* all of it goes to uncached memory */
	bool again;	     /* nothing but whole lines stored once more makes the difference */
};

/* Messages in their order, equal neighbours together. */
struct trace_run {
	int pattern;
	pid_t tid;
	uint64_t from, count;
};
#define TRACE_RUNS 100000

struct trace_mapped {
	pid_t pid;
	uint64_t addr, length;
	unsigned int place;
};
#define TRACE_MAPPED_MAX 16

enum trace_end { TRACE_END_PROGRAM, TRACE_END_LIMIT, TRACE_END_DURATION, TRACE_END_SIGNAL, TRACE_END_FAILED };

/* All that is shown. */
struct trace_story {
	const struct trace_asked *a;
	const struct profile_choice *profile;
	const struct model_params *model;
	const struct trace_choose *choose;
	const struct trace_ips *ips;
	const struct trace_writer *writer;
	const struct trace_place *place;
	size_t nplace;
	struct trace_mapped mapped[TRACE_MAPPED_MAX];
	uint64_t nmapped, refused, processes;
	char refused_why[160], lost_why[160];
	pid_t pid;
	enum trace_end end;
	int signal; /* TRACE_END_SIGNAL */
	bool ended; /* the program */
	int status; /* its wait status then */
	double seconds;
	struct trace_totals cost;
	const struct messages_totals *t;
	struct trace_pattern *pattern; /* the dearest first */
	size_t npattern;
	const struct message_thread *thread;
	size_t nthread;
	struct findings run; /* what no pattern says */
	struct trace_run *order;
	size_t norder;
	uint64_t unordered;
};

/* trace_judge.c: patterns with findings, and the run's; 0 or -ENOMEM. */
int trace_judge(struct trace_story *s, const struct messages *m, struct trace_ip *const *ips);
void trace_judge_free(struct trace_story *s);

/* trace_begin.c: starts the command, or attaches. 0, or EXIT_FAILED after saying why. */
int trace_begin(struct trace *t, const struct trace_asked *a);
/* Why what was traced could not be; err positive. Always EXIT_FAILED. */
int trace_failed(const struct trace_asked *a, const char *what, int err);
/* SIGINT, SIGTERM, SIGHUP and SIGQUIT end the tracing, not the program: the one that came is in trace_stopped. */
void trace_catch_signals(bool on);
extern volatile sig_atomic_t trace_stopped;

/* trace_run.c: does it. 0, or EXIT_FAILED after saying why. */
int trace_do(const struct trace_asked *a);

/* trace_text.c, trace_json.c: to stdout. */
void trace_text(const struct trace_story *s);
void trace_json(const struct trace_story *s);
/* trace_patterns.c: the patterns, and with -v the messages in their order. */
void trace_patterns(const struct trace_story *s);
/* trace_picture.c: the lines of a pattern, and what its letters are. all: whatever there is of it. */
void trace_picture(const struct trace_pattern *p, bool all);
/* "send (msg.c:42)", safe to print. */
const char *trace_where(const struct symbol *y, uint64_t ip, char *buf, size_t len);

#endif
