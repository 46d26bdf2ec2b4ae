/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expect_bus.c - truths of which the bus analyser is the witness; tests/lab/guest/bus.sh explains the words.
 *
 * tlps TAG N [KEY=N...]
 * stores TAG N [size=N] [type=TYPE] [at=OFFSET+LENGTH] [by=user|kernel]
 * reads TAG N
 * tlps-are TAG FILE LEAST      FILE is in the scenario's results
 * untouched TAG OFFSET+LENGTH...
 * stored-as TAG FILE [lines], memory-as TAG OTHER: expect_traced.c
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "expect_bus.h"

/* A truth is judged first and explained below its line, by judging it again. */
static bool silent;
#define tell(...) (silent ? (void)0 : say(__VA_ARGS__))

static void describe(char *what, size_t len, char **word, int n)
{
	size_t at = (size_t)snprintf(what, len, "%s: %s", word[1], word[0]);

	for (int i = 2; i < n && at < len; i++)
		at += (size_t)snprintf(what + at, len - at, " %s", word[i]);
}

/* "KEY=" of a word, and what follows it. */
static const char *value(const char *word, const char *key)
{
	size_t len = strlen(key);

	return !strncmp(word, key, len) && word[len] == '=' ? word + len + 1 : NULL;
}

static unsigned int enabled(const struct btlp *t)
{
	return (unsigned int)__builtin_popcount(t->first) + (unsigned int)__builtin_popcount(t->last) +
	       (t->dws > 2 ? (t->dws - 2) * 4 : 0);
}

/* Of one TLP, what it adds to KEY. UINT64_MAX: no such key. */
static uint64_t adds(const struct btlp *t, const char *key)
{
	if (!strcmp(key, "full"))
		return !strcmp(t->reason, "full");
	if (!strcmp(key, "uc"))
		return !strcmp(t->reason, "uc-store");
	if (!strcmp(key, "partial"))
		return strcmp(t->reason, "full") && strcmp(t->reason, "uc-store");
	if (!strcmp(key, "bytes"))
		return enabled(t);
	if (!strcmp(key, "dws"))
		return t->dws;
	if (!strncmp(key, "reason:", 7))
		return !strcmp(t->reason, key + 7);
	return UINT64_MAX;
}

static void show(const struct bus *b, size_t from)
{
	for (size_t i = from; i < b->n && i < from + 12; i++)
		tell("tlp +0x%" PRIx64 " %u %x %x (%s, flush %" PRIu64 ")", b->tlp[i].address - b->start, b->tlp[i].dws,
		    b->tlp[i].first, b->tlp[i].last, b->tlp[i].reason, b->tlp[i].flush);
	if (b->n > from + 12)
		tell("... and %zu more", b->n - from - 12);
}

static bool tlps(const struct bus *b, char **word, int n)
{
	bool ok = b->n == strtoull(word[0], NULL, 0);

	for (int k = 1; k < n; k++) {
		char *equals = strchr(word[k], '=');
		uint64_t sum = 0;

		if (!equals)
			return false;
		*equals = '\0';
		for (size_t i = 0; i < b->n; i++) {
			uint64_t more = adds(&b->tlp[i], word[k]);

			if (more == UINT64_MAX) {
				tell("there is no '%s'", word[k]);
				*equals = '=';
				return false;
			}
			sum += more;
		}
		*equals = '=';
		if (sum != strtoull(equals + 1, NULL, 0)) {
			tell("%s is %" PRIu64, word[k], sum);
			ok = false;
		}
	}
	if (!ok) {
		tell("there are %zu:", b->n);
		show(b, 0);
	}
	return ok;
}

struct counted {
	const struct bus *bus;
	char **word;
	int n;
	char what;
	uint64_t fits, shown;
};

/* "0x40+64" */
static bool inside(const char *range, uint64_t at)
{
	char *plus;
	uint64_t offset = strtoull(range, &plus, 0);

	return *plus == '+' && at >= offset && at - offset < strtoull(plus + 1, NULL, 0);
}

static void count_access(const struct baccess *a, void *data)
{
	struct counted *c = data;
	bool fits = a->what == c->what;

	for (int i = 0; i < c->n && fits; i++) {
		const char *v;

		if ((v = value(c->word[i], "size")))
			fits = a->size == strtoul(v, NULL, 0);
		else if ((v = value(c->word[i], "type")))
			fits = one_of(a->type, v);
		else if ((v = value(c->word[i], "at")))
			fits = inside(v, a->phys - c->bus->start);
		else if ((v = value(c->word[i], "by")))
			fits = (a->ip >> 63) == !strcmp(v, "kernel");
		else
			fits = false;
	}
	c->fits += fits;
}

static void show_access(const struct baccess *a, void *data)
{
	struct counted *c = data;

	if (a->what == c->what && c->shown++ < 8)
		tell("%c +0x%" PRIx64 " %u %s, by 0x%" PRIx64, a->what, a->phys - c->bus->start, a->size, a->type, a->ip);
}

static bool accesses(const struct bus *b, char what, char **word, int n)
{
	struct counted c = { .bus = b, .word = word + 1, .n = n - 1, .what = what };
	uint64_t wanted = strtoull(word[0], NULL, 0);

	if (bus_each(b, count_access, &c) && c.fits == wanted)
		return true;
	tell("there are %" PRIu64 " such; the first of all:", c.fits);
	bus_each(b, show_access, &c);
	return false;
}

static int order(const void *x, const void *y)
{
	const struct btlp *a = x, *b = y;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	if (a->dws != b->dws)
		return a->dws < b->dws ? -1 : 1;
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return a->last == b->last ? 0 : a->last < b->last ? -1 : 1;
}

static bool same(const struct btlp *a, const struct btlp *b)
{
	return !order(a, b);
}

/* Flush by flush; within one, as sets. */
static bool agree(struct btlp *seen, size_t n, struct btlp *said, const struct bus *b)
{
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && seen[end].flush == seen[i].flush; end++)
			;
		qsort(seen + i, end - i, sizeof(*seen), order);
		qsort(said + i, end - i, sizeof(*said), order);
		for (size_t k = i; k < end; k++) {
			if (same(&seen[k], &said[k]))
				continue;
			tell("number %zu: the analyser has tlp +0x%" PRIx64 " %u %x %x (%s), the list tlp +0x%" PRIx64 " %u %x %x",
			    k + 1, seen[k].address - b->start, seen[k].dws, seen[k].first, seen[k].last, seen[k].reason,
			    said[k].address - b->start, said[k].dws, said[k].first, said[k].last);
			return false;
		}
	}
	return true;
}

static bool tlps_are(const struct bus *b, char **word, int n)
{
	struct btlp *said = NULL;
	char path[512];
	size_t nsaid = 0;
	bool ok;
	FILE *f;

	if (n != 2)
		return false;
	snprintf(path, sizeof(path), "%s/%s", b->folder, word[0]);
	f = fopen(path, "r");
	ok = f && bus_list(b, f, true, &said, &nsaid);
	if (!ok)
		tell("%s cannot be read as a list of TLPs", word[0]);
	if (f)
		fclose(f);
	if (ok && (nsaid != b->n || nsaid < strtoull(word[1], NULL, 0))) {
		tell("%s has %zu, the analyser %zu:", word[0], nsaid, b->n);
		show(b, 0);
		ok = false;
	}
	ok = ok && agree(b->tlp, b->n, said, b);
	free(said);
	return ok;
}

static bool differs(FILE *f, FILE *g, bool *end)
{
	int a = getc(f), b = getc(g);

	*end = a == EOF && b == EOF;
	return a != b;
}

static bool touchable(const struct bus *b, uint64_t at, char **word, int n)
{
	if (at >= b->length - 4096)
		return true;
	for (int i = 0; i < n; i++)
		if (inside(word[i], at))
			return true;
	return false;
}

static bool memory_same(const struct bus *b, char **word, int n)
{
	uint64_t at = 0, wrong = 0;
	char path[2][512];
	bool end = false;
	FILE *f, *g;

	snprintf(path[0], sizeof(path[0]), "%s/../../mem.%u.before", b->folder, b->number);
	snprintf(path[1], sizeof(path[1]), "%s/../../mem.%u.after", b->folder, b->number);
	f = fopen(path[0], "r");
	g = fopen(path[1], "r");
	for (; f && g; at++) {
		bool other = differs(f, g, &end);

		if (end)
			break;
		if (other && !touchable(b, at, word, n) && !wrong++)
			tell("the byte at +0x%" PRIx64 " is another one", at);
	}
	if (f)
		fclose(f);
	if (g)
		fclose(g);
	if (at != b->length)
		tell("its memory was not kept: %" PRIu64 " bytes of %" PRIu64, at, b->length);
	return end && at == b->length && !wrong;
}

static bool untouched(const struct bus *b, char **word, int n)
{
	bool ok = memory_same(b, word, n);

	for (size_t i = 0; i < b->n; i++) {
		uint64_t at = b->tlp[i].address - b->start;

		if (touchable(b, at, word, n) && touchable(b, at + b->tlp[i].dws * 4 - 1, word, n) && at < b->length - 4096)
			continue;
		tell("a TLP went to +0x%" PRIx64, at);
		return false;
	}
	return ok;
}

static bool judge(const struct bus *b, char **word, int n)
{
	if (!strcmp(word[0], "tlps"))
		return tlps(b, word + 2, n - 2);
	if (!strcmp(word[0], "stores"))
		return accesses(b, 's', word + 2, n - 2);
	if (!strcmp(word[0], "reads"))
		return accesses(b, 'r', word + 2, n - 2);
	if (!strcmp(word[0], "tlps-are"))
		return tlps_are(b, word + 2, n - 2);
	if (!strcmp(word[0], "stored-as"))
		return stored_as(b, word + 2, n - 2, silent);
	if (!strcmp(word[0], "memory-as"))
		return memory_as(b, word + 2, n - 2, silent);
	return untouched(b, word + 2, n - 2);
}

void do_bus(const char *folder, char **word, int n)
{
	char what[400];
	struct bus b;
	bool ok;

	if (n < 3) {
		report(false, "a truth about a measurement is cut", NULL);
		return;
	}
	describe(what, sizeof(what), word, n);
	if (!bus_load(&b, folder, word[1])) {
		report(false, what, NULL);
		return;
	}
	silent = true;
	ok = judge(&b, word, n);
	silent = false;
	report(ok, what, NULL);
	if (!ok)
		judge(&b, word, n);
	bus_free(&b);
}
