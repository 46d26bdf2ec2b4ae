/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench_memtype.c - what a memtype list costs: parse and index, conflicts, overlap searches.
 *
 *   bench_memtype --write FILE [LINES]   make a list as a kernel prints it (a million lines, 62 MB)
 *   bench_memtype FILE [WC_MS]           best of five; with the time of wc -l on the same file, also as ratios
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "probe/memtype.h"

#define RUNS 5
#define QUERIES 10000

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* The same numbers on every machine. */
static uint64_t step(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static int write_list(const char *path, unsigned long lines)
{
	static const char *const type[] = {"uncached-minus", "write-combining", "write-back", "uncached"};
	FILE *f = fopen(path, "w");
	uint64_t at = 0x80000000, seed = 88172645463325252ULL;
	unsigned long i;

	if (!f) {
		perror(path);
		return 1;
	}
	fputs("PAT memtype list:\n", f);
	for (i = 0; i < lines; i++) {
		uint64_t r = step(&seed), size = 0x1000 << (r & 3);

		/* one in eight begins where the line before began, one in a thousand spans many after it */
		if (r & 0x700)
			at += 0x8000;
		if (r % 1009 == 0)
			size = 0x400000;
		fprintf(f, "PAT: [mem 0x%016llx-0x%016llx] %s\n", (unsigned long long)at,
			(unsigned long long)(at + size), type[r >> 16 & 3]);
	}
	if (fclose(f)) {
		perror(path);
		return 1;
	}
	return 0;
}

static char *slurp(const char *path, size_t *len)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	long size;

	if (!f)
		return NULL;
	if (!fseek(f, 0, SEEK_END) && (size = ftell(f)) >= 0 && !fseek(f, 0, SEEK_SET)) {
		text = malloc((size_t)size + 1);
		*len = text ? fread(text, 1, (size_t)size, f) : 0;
	}
	fclose(f);
	return text;
}

static int count(const struct memtype *m, void *arg)
{
	(void)m;
	++*(size_t *)arg;
	return 0;
}

static size_t search(const struct memtype_list *l)
{
	uint64_t low = l->m[0].start, high = l->m[l->n - 1].end, seed = 88172645463325252ULL;
	size_t hits = 0;
	int i;

	for (i = 0; i < QUERIES; i++) {
		uint64_t at = low + step(&seed) % (high - low);

		memtype_overlaps(l, at, at + 0x10000, count, &hits);
	}
	return hits;
}

static void show(const char *what, double ms, double wc_ms)
{
	printf("%-24s %8.1f ms", what, ms);
	if (wc_ms > 0)
		printf("  %6.2f x wc -l", ms / wc_ms);
	putchar('\n');
}

static int measure(const char *path, double wc_ms)
{
	double parse = 1e9, conflict = 1e9, query = 1e9, t;
	size_t len = 0, conflicts = 0, hits = 0, n = 0;
	char *text = slurp(path, &len);
	int run;

	if (!text) {
		perror(path);
		return 1;
	}
	for (run = 0; run < RUNS; run++) {
		struct memtype_list list;
		unsigned int line;
		const char *what;

		t = now_ms();
		if (memtype_parse(text, len, &list, &line, &what) || !list.n) {
			fprintf(stderr, "%s: line %u: %s\n", path, line, what ? what : "no reservation");
			return 1;
		}
		t = now_ms() - t;
		parse = t < parse ? t : parse;
		t = now_ms();
		conflicts = memtype_conflicts(&list);
		t = now_ms() - t;
		conflict = t < conflict ? t : conflict;
		t = now_ms();
		hits = search(&list);
		t = now_ms() - t;
		query = t < query ? t : query;
		n = list.n;
		memtype_free(&list);
	}
	printf("%zu lines, %.1f MB, best of %d\n", n, (double)len / 1e6, RUNS);
	if (wc_ms > 0)
		show("wc -l", wc_ms, 0);
	show("parse and index", parse, wc_ms);
	show("conflicts", conflict, wc_ms);
	show("10000 overlap searches", query, wc_ms);
	printf("(%zu conflicts, %zu hits)\n", conflicts, hits);
	free(text);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc >= 3 && !strcmp(argv[1], "--write"))
		return write_list(argv[2], argc > 3 ? strtoul(argv[3], NULL, 10) : 1000000);
	if (argc == 2 || argc == 3)
		return measure(argv[1], argc == 3 ? strtod(argv[2], NULL) : 0);
	fputs("usage: bench_memtype --write FILE [LINES] | FILE [WC_MS]\n", stderr);
	return 3;
}
