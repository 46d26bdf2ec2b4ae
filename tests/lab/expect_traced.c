/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expect_traced.c - what "wcdiag trace" tells of a program's stores, against what the bus analyser saw on the way to the
 * device, and what a traced program leaves there, against an untraced one.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "expect_bus.h"

struct stored {
	uint64_t at, ip; /* at: offset in the BAR */
	uint64_t mask;	 /* of size bytes, those that are stored; all ones: all */
	unsigned int size;
	size_t order;
};

struct stores {
	struct stored *s;
	size_t n;
	uint64_t start;
	bool failed;
};

static void add(struct stores *l, uint64_t at, unsigned int size, uint64_t mask, uint64_t ip)
{
	/* Powers of two. */
	if (!(l->n & (l->n - 1))) {
		struct stored *more = realloc(l->s, (l->n ? l->n * 2 : 1) * sizeof(*more));

		l->failed = l->failed || !more;
		if (!more)
			return;
		l->s = more;
	}
	l->s[l->n] = (struct stored){ .at = at, .ip = ip, .mask = mask, .size = size, .order = l->n };
	l->n++;
}

/* The kernel's own are another matter. */
static void seen(const struct baccess *a, void *data)
{
	struct stores *l = data;

	if (a->what == 's' && !(a->ip >> 63) && !l->failed)
		add(l, a->phys - l->start, a->size, UINT64_MAX, a->ip);
}

/*
 * The emulator makes 16 and 32 bytes in pieces of 8. When a piece in the next page faults, those before it are made once
 * more with the whole, which a CPU does not do: they are left out.
 */
static void without_attempts(struct stores *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++) {
		const struct stored *a = &l->s[i], *b = i + 1 < l->n ? &l->s[i + 1] : a;

		if (b != a && b->at == a->at && b->ip == a->ip && b->size > a->size &&
		    a->at / 4096 != (b->at + b->size - 1) / 4096)
			continue;
		l->s[n++] = *a;
	}
	l->n = n;
}

static bool told(struct stores *l, const char *folder, const char *name)
{
	char path[512], line[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f)) {
		char *comment = strchr(line, '#'), *ip, *mask;
		unsigned int size;
		uint64_t at;

		if (comment)
			*comment = '\0';
		if (sscanf(line, " s %" SCNx64 " %u", &at, &size) != 2)
			continue;
		ip = strstr(line, "ip=");
		mask = strstr(line, "mask=");
		/* Of sysfs's files the kernel calls the bus address the offset; else it is one from the BAR's begin. */
		add(l, at >= l->start ? at - l->start : at, size, mask ? strtoull(mask + 5, NULL, 0) : UINT64_MAX,
		    ip ? strtoull(ip + 3, NULL, 0) : 0);
	}
	if (!f)
		return false;
	fclose(f);
	return !l->failed;
}

static int by_line(const void *x, const void *y)
{
	const struct stored *a = x, *b = y;

	if (a->at / 64 != b->at / 64)
		return a->at / 64 < b->at / 64 ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* A static program lies low; the tracer, which executes some in its stead, does not. */
static bool own(uint64_t ip)
{
	return ip < 1ull << 32;
}

/* How many of the n that were seen from s on are what was told: the emulator stores what is masked bit by bit. 0: none is. */
static size_t same(const struct stored *s, size_t n, const struct stored *told)
{
	uint64_t left = told->mask;
	size_t i = 0;

	if (told->mask == UINT64_MAX)
		return n && s->at == told->at && s->size == told->size && (!own(s->ip) || s->ip == told->ip);
	for (; left && i < n; i++) {
		uint64_t at = s[i].at - told->at, bits = (1ull << s[i].size) - 1;

		if (s[i].at < told->at || at + s[i].size > told->size || s[i].size > 32 || (own(s[i].ip) && s[i].ip != told->ip) ||
		    (left >> at & bits) != bits)
			return 0;
		left &= ~(bits << at);
	}
	return left ? 0 : i;
}

bool stored_as(const struct bus *b, char **word, int n, bool silent)
{
	struct stores bus = { .start = b->start }, events = { .start = b->start };
	bool ok = n >= 1 && bus_each(b, seen, &bus) && !bus.failed && told(&events, b->folder, word[0]);

	if (!ok && !silent)
		say("%s cannot be read", word[0]);
	without_attempts(&bus);
	if (ok && n > 1) {
		qsort(bus.s, bus.n, sizeof(*bus.s), by_line);
		qsort(events.s, events.n, sizeof(*events.s), by_line);
	}
	for (size_t i = 0, k = 0; ok && (i < bus.n || k < events.n); k++) {
		const struct stored *s = &bus.s[i], *e = &events.s[k];
		size_t many = k < events.n ? same(s, bus.n - i, e) : 0;

		i += many;
		ok = many;
		if (ok || silent)
			continue;
		say("the analyser saw %zu stores, %zu were told; what differs first:", bus.n, events.n);
		if (i < bus.n)
			say("seen, number %zu: +0x%" PRIx64 " %u, by 0x%" PRIx64, i + 1, s->at, s->size, s->ip);
		if (k < events.n)
			say("told, number %zu: +0x%" PRIx64 " %u mask 0x%" PRIx64 ", by 0x%" PRIx64, k + 1, e->at, e->size, e->mask,
			    e->ip);
	}
	/* None at all proves nothing. */
	ok = ok && bus.n;
	free(bus.s);
	free(events.s);
	return ok;
}

bool memory_as(const struct bus *b, char **word, int n, bool silent)
{
	char path[2][512];
	struct bus other;
	uint64_t at = 0;
	FILE *f, *g;

	if (n != 1 || !bus_find(&other, b->folder, word[0]))
		return false;
	snprintf(path[0], sizeof(path[0]), "%s/../../mem.%u.after", b->folder, b->number);
	snprintf(path[1], sizeof(path[1]), "%s/../../mem.%u.after", b->folder, other.number);
	f = fopen(path[0], "r");
	g = fopen(path[1], "r");
	for (int c = 0; f && g && at < b->length - 4096; at++) {
		c = getc(f);
		if (c == EOF || c != getc(g))
			break;
	}
	if (f)
		fclose(f);
	if (g)
		fclose(g);
	if (at != b->length - 4096 && !silent)
		say("the byte at +0x%" PRIx64 " is another one, or was not kept", at);
	return at == b->length - 4096;
}
