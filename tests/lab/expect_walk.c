/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expect_walk.c - truths of which the analyser is the witness: so many pages, of such a type.
 *
 * walk TAG user|kernel|virtual START END PAGES TYPE [FLAG...] WORDS
 *     user, kernel: the entries of that half whose physical page is in [START, END); virtual: the user's entries in
 * that range. some TAG LEAST TYPE [FLAG...] WORDS at least so many entries of the user's half are such.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "walkfile.h"

/* How far the entry lies in the range, in pages of 4 KiB. */
static uint64_t overlap(const struct wentry *e, uint64_t at, uint64_t start, uint64_t end)
{
	uint64_t last = at + wentry_size(e->level);

	if (at < start)
		at = start;
	if (last > end)
		last = end;
	return last > at ? (last - at) / 4096 : 0;
}

static bool is_type(const struct walkfile *w, const struct wentry *e, const char *type)
{
	if (!strcmp(type, "any"))
		return true;
	if (!strcmp(type, "ram"))
		return wentry_ram(w, e);
	if (!strcmp(type, "device"))
		return wentry_maps(e) && !wentry_ram(w, e);
	if (!wentry_maps(e))
		return false;
	if (!strncmp(type, "slot", 4))
		return (unsigned int)atoi(type + 4) == wentry_slot(e);
	return one_of(wentry_type(w, e), type);
}

static bool has_flag(const struct wentry *e, const char *flag)
{
	if (!strcmp(flag, "rw"))
		return wentry_writes(e);
	if (!strcmp(flag, "ro"))
		return !wentry_writes(e);
	if (!strcmp(flag, "present"))
		return e->raw & W_P;
	if (!strcmp(flag, "protnone"))
		return !(e->raw & W_P) && (e->raw & W_G);
	if (!strncmp(flag, "level", 5))
		return (unsigned int)atoi(flag + 5) == e->level;
	return false;
}

static bool is_all(const struct walkfile *w, const struct wentry *e, char **word, int n)
{
	if (!is_type(w, e, word[0]))
		return false;
	for (int i = 1; i < n; i++)
		if (!has_flag(e, word[i]))
			return false;
	return true;
}

/* The first and the last of those that were looked at and do not fit. */
static void show(const struct walkfile *w, const struct wentry *e)
{
	say("%016" PRIx64 " level %u raw %016" PRIx64 ": %s page at %" PRIx64 ", slot %u (%s)%s", e->address, e->level,
	    e->raw,
	    wentry_ram(w, e) ? "RAM"
	    : wentry_maps(e) ? "device"
			     : "no",
	    wentry_phys(e), wentry_slot(e), wentry_type(w, e), e->raw & W_P ? "" : ", not present");
}

/* "SAID N WORD...", the words that stand between and the last one, which says whose. */
static void describe(char *what, size_t len, char **word, int from, int n)
{
	size_t at = (size_t)snprintf(what, len, "%s %s pages,", word[n - 1], word[from]);

	for (int i = from + 1; i < n - 1 && at < len; i++)
		at += (size_t)snprintf(what + at, len - at, " %s", word[i]);
}

void do_some(const char *folder, char **word, int n)
{
	uint64_t least, found = 0;
	struct walkfile w;
	char what[400];

	if (n < 5) {
		report(false, "a truth about a walk is cut", NULL);
		return;
	}
	describe(what, sizeof(what), word, 2, n);
	least = strtoull(word[2], NULL, 0);
	if (!walkfile_load(&w, folder, word[1])) {
		report(false, what, NULL);
		return;
	}
	for (size_t i = 0; i < w.n; i++)
		found += !w.e[i].kernel && is_all(&w, &w.e[i], word + 3, n - 4);
	report(least && found >= least, what, NULL);
	if (found < least)
		say("there are %" PRIu64, found);
	walkfile_free(&w);
}

void do_walk(const char *folder, char **word, int n)
{
	uint64_t start, end, wanted, pages = 0, wrong = 0;
	const struct wentry *first = NULL;
	bool virtual, kernel;
	struct walkfile w;
	char what[400];

	if (n < 8) {
		report(false, "a truth about a walk is cut", NULL);
		return;
	}
	describe(what, sizeof(what), word, 5, n);
	if (!walkfile_load(&w, folder, word[1])) {
		report(false, what, NULL);
		return;
	}
	kernel = !strcmp(word[2], "kernel");
	virtual = !strcmp(word[2], "virtual");
	start = strtoull(word[3], NULL, 0);
	end = strtoull(word[4], NULL, 0);
	wanted = strtoull(word[5], NULL, 0);
	for (size_t i = 0; i < w.n; i++) {
		const struct wentry *e = &w.e[i];
		uint64_t here;

		if (e->kernel != kernel || (!virtual && !wentry_maps(e)))
			continue;
		here = overlap(e, virtual ? e->address : wentry_phys(e), start, end);
		pages += here;
		if (here && !is_all(&w, e, word + 6, n - 7)) {
			wrong += here;
			first = first ? first : e;
		}
	}
	report(pages == wanted && !wrong, what, NULL);
	if (pages != wanted)
		say("%" PRIu64 " pages have an entry there, not %" PRIu64, pages, wanted);
	if (wrong) {
		say("%" PRIu64 " of them are something else, the first:", wrong);
		show(&w, first);
	}
	walkfile_free(&w);
}
