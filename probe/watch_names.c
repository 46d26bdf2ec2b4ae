/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch_names.c - the kernel's symbols while modules come and go. READ.
 *
 * Reading them all takes some 50 ms: only when a module was loaded or unloaded since, and a stack needs one. A module
 * is listed in /proc/modules before its init function runs, so that what its probe does can be named at once; of one
 * that has gone meanwhile the table from before still has the names.
 */
#include <string.h>
#include <time.h>

#include "src.h"
#include "watch_int.h"
#include "watch_record.h"

#define MODULES_PATH "/proc/modules"
/* Modules do not come and go more often than that, and a burst of decisions must not wait for it. */
#define LOOK_AGAIN_NS 20000000ULL

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

/* Name and address of each (the first and the sixth word): use counts and states change all the time. 0: not readable.
 */
static uint64_t modules_hash(const struct src *s)
{
	uint64_t h = 14695981039346656037ULL;
	unsigned int word = 0;
	struct blob text;

	if (src_read(s, MODULES_PATH, &text))
		return 0;
	for (size_t i = 0; i < text.len; i++) {
		const char c = text.data[i];

		if (c == ' ')
			word++;
		else if (c == '\n')
			word = 0;
		if (!word || word == 5)
			h = (h ^ (unsigned char)c) * 1099511628211ULL;
	}
	blob_free(&text);
	return h | 1;
}

int watch_symbols_open(struct watch_symbols *y, const struct src *s)
{
	*y = (struct watch_symbols){ .s = s };
	/* First the modules: one that comes in between makes the next look find a difference. */
	y->modules = modules_hash(s);
	y->looked = now_ns();
	return kallsyms_read(s, &y->table[0]);
}

void watch_symbols_close(struct watch_symbols *y)
{
	kallsyms_free(&y->table[0]);
	kallsyms_free(&y->table[1]);
}

/* Does the stack hold anything that is not the kernel's own text? */
static bool of_module(const struct kallsyms *k, const struct watch_record *r)
{
	struct kallsym y;

	for (size_t i = 0; i < r->frames && i < WATCH_FRAMES; i++)
		if (!kallsyms_by_addr(k, r->stack[i], true, &y) || *y.module)
			return true;
	return false;
}

bool watch_symbols_refresh(struct watch_symbols *y, const struct watch_record *r)
{
	const uint64_t now = now_ns();
	struct kallsyms fresh;
	uint64_t modules;

	/* A decision from before the last look was made with what was loaded then, or is of what has gone. */
	if (y->table[y->now].hidden || r->when < y->looked || now - y->looked < LOOK_AGAIN_NS ||
	    !of_module(&y->table[y->now], r))
		return false;
	modules = modules_hash(y->s);
	y->looked = now;
	if (modules == y->modules || kallsyms_read(y->s, &fresh))
		return false;
	y->modules = modules;
	y->now = !y->now;
	kallsyms_free(&y->table[y->now]);
	y->table[y->now] = fresh;
	y->have_before = true;
	return true;
}
