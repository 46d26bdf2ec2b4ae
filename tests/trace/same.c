// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * same.c - are two lists of events (wcdiag-events(5)) the same stream, thread by thread?
 *
 *   same [-t] [-k] [-b] [-s] EXPECTED GOT
 *
 * Compared from each thread's first store to its last one: stores by offset, size, mask, direct and rep; what lies between
 * by its kind. Gaps (g) and types are left aside. Behind `#` stands t=N, the thread by number; and notes: `# note NAME`.
 * A line `# note unsaid` stands for stores that could not be told; `# cut`: what lies between there and the next store is
 * not in the list. `# task t=N tid=T`: threads are compared in the order of their tids.
 *
 *   -t  EXPECTED is of truth.c: no reads in it, masked stores by what they changed, `# area` for several stores of one
 *       instruction; instruction pointers must be equal
 *   -k  ... of truth -k: of a store it may have seen a part
 *   -b  behind a note "gap", "unseen" or "path" what lies between stores may be missing
 *   -s  stores alone
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THREADS 256

struct event {
	char kind; /* s r f l c y i p u; U: unsaid; B: something may be missing here; A: part of an area; C: cut */
	char fence;
	bool direct, rep, masked;
	uint64_t at, size, mask, ip;
	int line;
};
struct list {
	struct event *e;
	size_t n, room, end; /* end: behind the last store */
};

static bool truth, kept, blind, stores;
static int failures;

static void add(struct list *l, struct event e)
{
	if (l->n == l->room) {
		l->e = realloc(l->e, (l->room = 2 * l->room + 64) * sizeof(e));
		if (!l->e)
			abort();
	}
	l->e[l->n++] = e;
}

static uint64_t number(const char *s, const char *word)
{
	const char *p = strstr(s, word);

	return p ? strtoull(p + strlen(word), NULL, 0) : 0;
}

/* A masked store as the bytes that it touches: its first, and the mask from there. */
static void normal(struct event *e)
{
	if (!e->masked)
		e->mask = e->size >= 64 ? ~0ULL : (1ULL << e->size) - 1;
	while (truth && e->mask && !(e->mask & 1)) {
		e->mask >>= 1;
		e->at++;
	}
	if (truth)
		e->size = e->mask ? 64 - (uint64_t)__builtin_clzll(e->mask) : 0;
}

static bool parse(char *s, struct event *e, int *t)
{
	char *comment = strchr(s, '#'), *rest;

	*e = (struct event){ 0 };
	*t = comment ? (int)number(comment, " t=") : 0;
	if (*t < 0 || *t >= THREADS) {
		fprintf(stderr, "same: thread %d: too many\n", *t);
		exit(2);
	}
	if (comment == s) {
		e->ip = number(s, "ip=");
		if (!strncmp(s, "# note unsaid", 13))
			e->kind = 'U';
		else if (!strncmp(s, "# note gap", 10) || !strncmp(s, "# note unseen", 13) || !strncmp(s, "# note path", 11))
			e->kind = 'B';
		else if (!strncmp(s, "# area", 6))
			e->kind = 'A';
		else if (!strncmp(s, "# cut", 5))
			e->kind = 'C';
		else
			return false;
		if (e->kind == 'A' && sscanf(s, "# area %li %lu", (long *)&e->at, &e->size) != 2)
			return false;
		return true;
	}
	if (comment)
		*comment = 0;
	while (*s == ' ' || *s == '\t')
		s++;
	if (!*s || *s == '\n' || *s == 'g')
		return false;
	e->kind = *s;
	e->ip = number(s, "ip=");
	if (*s == 'f')
		e->fence = s[2];
	if (*s == 's' || *s == 'r') {
		e->at = strtoull(s + 1, &rest, 0);
		e->size = strtoull(rest, NULL, 0);
		e->masked = strstr(s, "mask=");
		e->mask = number(s, "mask=");
		e->direct = strstr(s, "direct");
		e->rep = strstr(s, " rep");
		normal(e);
	}
	return true;
}

/* Threads that were heard of in another order than they were made in. */
static long tid_of[THREADS];

static int by_tid(const void *a, const void *b)
{
	long x = tid_of[*(const int *)a], y = tid_of[*(const int *)b];

	/* The numbers may have begun anew since the first. */
	x += x < tid_of[0] ? 1L << 32 : 0;
	y += y < tid_of[0] ? 1L << 32 : 0;
	return x < y ? -1 : x > y;
}

static void reorder(struct list *all, int n)
{
	static struct list as_heard[THREADS];
	int order[THREADS];

	for (int i = 0; i < n; i++)
		order[i] = i;
	qsort(order, (size_t)n, sizeof(*order), by_tid);
	memcpy(as_heard, all, sizeof(as_heard));
	for (int i = 0; i < n; i++)
		all[i] = as_heard[order[i]];
}

static void load(const char *path, struct list *all)
{
	int tasks = 0;
	FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
	char line[1024];
	int n = 0, t;

	if (!f) {
		perror(path);
		exit(2);
	}
	while (fgets(line, sizeof(line), f)) {
		struct event e;

		n++;
		if (sscanf(line, "# task t=%d", &t) == 1 && t == tasks && t < THREADS)
			tid_of[tasks++] = (long)number(line, "tid=");
		if (!parse(line, &e, &t))
			continue;
		e.line = n;
		if (stores && e.kind != 's' && e.kind != 'A' && e.kind != 'U')
			continue;
		if (e.kind == 'C' && (stores || !all[t].n))
			continue;
		if (truth && e.kind == 'r')
			continue;
		if (e.kind == 'B' && !blind)
			e.kind = 'X';
		if (e.kind == 'X')
			continue;
		if (!all[t].n && e.kind != 's' && e.kind != 'A' && e.kind != 'U')
			continue;
		add(&all[t], e);
		if (e.kind == 's' || e.kind == 'A' || e.kind == 'U')
			all[t].end = all[t].n;
	}
	fclose(f);
	for (t = 0; t < THREADS; t++)
		all[t].n = all[t].end;
	reorder(all, tasks);
}

static void text(const struct event *e, char *to, size_t n)
{
	if (!e)
		snprintf(to, n, "nothing more");
	else if (e->kind == 's' || e->kind == 'r' || e->kind == 'A')
		snprintf(to, n, "%c 0x%lx %lu mask %lx%s%s ip %lx (line %d)", e->kind, e->at, e->size, e->mask,
			 e->direct ? " direct" : "", e->rep ? " rep" : "", e->ip, e->line);
	else
		snprintf(to, n, "%c %.1s ip %lx (line %d)", e->kind, e->fence ? &e->fence : "", e->ip, e->line);
}

static void differ(int t, size_t at, const struct event *want, const struct event *got)
{
	char a[160], b[160];

	text(want, a, sizeof(a));
	text(got, b, sizeof(b));
	printf("# thread %d, event %zu: must be %s, but is %s\n", t, at, a, b);
	failures++;
}

static bool equal(const struct event *a, const struct event *b)
{
	if (kept && a->kind == 's' && b->kind == 's' && a->rep == b->rep && (!a->ip || !b->ip || a->ip == b->ip))
		return a->at >= b->at && a->at - b->at < 64 && !(a->mask << (a->at - b->at) & ~b->mask);
	if (a->kind != b->kind || a->fence != b->fence || a->at != b->at || a->size != b->size || a->mask != b->mask ||
	    a->direct != b->direct || a->rep != b->rep)
		return false;
	return !truth || !a->ip || !b->ip || a->ip == b->ip;
}

/* Several stores of one instruction: together they are the areas that it changed. */
static bool area(const struct list *want, size_t *i, const struct list *got, size_t *k)
{
	static uint8_t bytes[2][1 << 16];
	uint64_t ip = want->e[*i].ip;

	memset(bytes, 0, sizeof(bytes));
	for (; *i < want->n && want->e[*i].kind == 'A' && want->e[*i].ip == ip; ++*i)
		for (uint64_t b = 0; b < want->e[*i].size; b++)
			bytes[0][(want->e[*i].at + b) & 0xffff] = 1;
	for (; *k < got->n && got->e[*k].kind == 's' && (!got->e[*k].ip || got->e[*k].ip == ip); ++*k) {
		if (!bytes[0][got->e[*k].at & 0xffff])
			break;
		for (uint64_t b = 0; b < 64; b++)
			if (got->e[*k].mask >> b & 1)
				bytes[1][(got->e[*k].at + b) & 0xffff] = 1;
	}
	return !memcmp(bytes[0], bytes[1], sizeof(bytes[0]));
}

static bool is_store(const struct event *e)
{
	return e->kind == 's' || e->kind == 'A' || e->kind == 'U';
}

static void compare(int t, const struct list *want, const struct list *got)
{
	size_t i = 0, k = 0;
	bool missing = false, cut = false;
	size_t skipped = 0;

	while (i < want->n || k < got->n) {
		const struct event *w = i < want->n ? &want->e[i] : NULL, *g = k < got->n ? &got->e[k] : NULL;

		if (w && w->kind == 'C') {
			cut = true;
			i++;
			continue;
		}
		if (cut && g && !is_store(g)) {
			k++;
			continue;
		}
		cut = false;
		if (g && g->kind == 'B') {
			missing = true;
			k++;
			continue;
		}
		/* What could not be told: truth saw it, at that instruction. */
		if (truth && g && g->kind == 'U') {
			uint64_t ip = g->ip ? g->ip : w ? w->ip : 0;

			for (; i < want->n && is_store(&want->e[i]) && want->e[i].ip == ip; i++)
				;
			k++;
			continue;
		}
		if (w && g && w->kind == 'A') {
			if (!area(want, &i, got, &k)) {
				differ(t, k, w, g);
				return;
			}
			continue;
		}
		if (w && g && equal(w, g)) {
			missing &= !is_store(w);
			i++;
			k++;
			continue;
		}
		/* All its bytes were there already. */
		if (kept && g && g->kind == 's' && ++skipped <= got->n / 4) {
			k++;
			continue;
		}
		if (w && missing && !is_store(w)) {
			i++;
			continue;
		}
		differ(t, k, w, g);
		return;
	}
}

int main(int argc, char **argv)
{
	static struct list want[THREADS], got[THREADS];
	size_t n = 0;
	int c;

	while ((c = getopt(argc, argv, "tkbs")) != -1) {
		truth |= c == 't';
		kept |= c == 'k';
		blind |= c == 'b';
		stores |= c == 's';
		if (c == '?')
			return 3;
	}
	if (argc - optind != 2)
		return 3;
	load(argv[optind], want);
	load(argv[optind + 1], got);
	for (int t = 0; t < THREADS; t++) {
		compare(t, &want[t], &got[t]);
		n += want[t].n;
	}
	if (!n) {
		printf("# nothing to compare\n");
		return 1;
	}
	return failures != 0;
}
