/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch_int.h - shared by watch.c and the two ways only. */
#ifndef WCDIAG_WATCH_INT_H
#define WCDIAG_WATCH_INT_H

#include "kallsyms.h"
#include "watch.h"
#include "watch_record.h"

/* The symbols, read again when modules came or went: see watch_names.c. */
struct watch_symbols {
	const struct src *s;
	struct kallsyms table[2];
	unsigned int now; /* which of the two */
	bool have_before;
	uint64_t modules; /* hash of what /proc/modules said then */
	uint64_t looked;  /* when that was, ns */
};

int watch_symbols_open(struct watch_symbols *y, const struct src *s);
void watch_symbols_close(struct watch_symbols *y);
/* Before a record is decoded: is what is known still what is loaded? True: the tables have changed. */
bool watch_symbols_refresh(struct watch_symbols *y, const struct watch_record *r);

struct watch_ops {
	enum watch_way way;
	/* 0, or a negative errno and the fact says why. */
	int (*open)(struct watch *w, struct fact *why);
	void (*close)(struct watch *w);
	int (*fd)(const struct watch *w);
	int (*take)(struct watch *w); /* watch_hand_over() for each; what that returned, or 0 */
	void (*counts)(struct watch *w);
};
extern const struct watch_ops watch_by_bpf, watch_by_perf;

struct watch_memo {
	bool valid;
	unsigned int frames;
	uint64_t stack[WATCH_FRAMES];
	struct watch_event event; /* its stack[] is the memo's */
};

struct watch {
	struct watch_params p;
	struct watch_state state;
	struct watch_symbols symbols;
	const struct watch_ops *ops; /* NULL: neither */
	void *way;		     /* its own */
	int (*fn)(const struct watch_event *e, void *ctx);
	void *ctx;
	int taken;
	bool last; /* nothing is kept for a later call */
	struct watch_memo memo[WATCH_RAW_SETUP + 1];
	uint64_t garbled; /* records that were none */
};

/* Decode it and hand it to the user: 0, what the user returned, or -ENOMEM. */
int watch_hand_over(struct watch *w, const struct watch_record *r);
/*
 * Why the kernel refused, err positive: by lockdown, for want of root, or otherwise (then remedy). Returns -err. Under
 * lockdown BPF's answer is EINVAL: a helper that reads kernel memory is none then.
 */
int watch_refusal(const struct watch *w, struct fact *f, const char *where, int err, const char *remedy);
/* Remember a phrase of static life. */
void watch_lacks(struct watch *w, const char *what);

#endif
