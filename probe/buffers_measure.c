// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * buffers_measure.c - rounds of a curve.
 */
#include <cpuid.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "probe/buffers_bench.h"

enum {
	REPS = 5,
	PACES = 9,
	CHECK = 4,     /* rounds between two looks at the answer */
	REST_MS = 4,   /* between the rounds of a machine that is not quiet: what comes meanwhile is of interest */
	SPREAD_MS = 9, /* of one with a sibling thread: the kernel counts in ticks of 10 ms what that does */
};

int buffers_open(struct buffers_bench **out)
{
	struct buffers_bench *b = calloc(1, sizeof(*b));

	if (!b)
		return -ENOMEM;
	b->size = BENCH_STORES + BENCH_LOADS;
	b->mem = mmap(NULL, b->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (b->mem == MAP_FAILED) {
		free(b);
		return -ENOMEM;
	}
	/* Populated memory may be one page of zeros many times over until it is written. */
	for (size_t at = 0; at < b->size; at += 4096)
		b->mem[at] = 1;
	clock_gettime(CLOCK_MONOTONIC, &b->start);
	b->start_ticks = buffers_clock();
	*out = b;
	return 0;
}

void buffers_close(struct buffers_bench *b)
{
	if (!b)
		return;
	munmap(b->mem, b->size);
	free(b);
}

double bench_ms(const struct timespec *from)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - from->tv_sec) * 1e3 + (double)(now.tv_nsec - from->tv_nsec) / 1e6;
}

double buffers_ticks_ns(const struct buffers_bench *b)
{
	uint64_t ticks = buffers_clock() - b->start_ticks;
	double ms = bench_ms(&b->start);

	return ms < 1 ? 0 : (double)ticks / ms / 1e6;
}

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

void bench_sort(uint32_t *v, size_t n)
{
	qsort(v, n, sizeof(*v), ascending);
}

/* A counter that went back, as it may when a machine is moved, tells nothing: no time at all sorts first, so the most.
 */
uint32_t bench_ticks(uint64_t from, uint64_t to)
{
	uint64_t t = to - from;

	return to > from && t < UINT32_MAX ? (uint32_t)t : UINT32_MAX;
}

uint32_t bench_time(buffers_fn fn, const struct buffers_job *job)
{
	uint64_t from = buffers_clock();

	fn(job);
	return bench_ticks(from, buffers_clock());
}

/* Sorts; what is per lines * groups lines becomes per BUFFERS_UNIT. */
static void point(uint32_t *v, size_t n, const struct buffers_job *job, struct buffers_point *out)
{
	double per = (double)BUFFERS_UNIT / (double)(job->lines * job->groups);
	uint32_t *to[] = { &out->min, &out->second, &out->median };
	const size_t at[] = { 0, 1, n / 2 };

	bench_sort(v, n);
	for (size_t i = 0; i < 3; i++) {
		double ticks = v[at[i]] * per;

		*to[i] = ticks < UINT32_MAX ? (uint32_t)ticks : UINT32_MAX;
	}
}

static void pace(struct buffers_round *r)
{
	uint32_t nops[PACES], chain[PACES];

	for (unsigned int i = 0; i < PACES; i++) {
		uint64_t a = buffers_clock(), b, c;

		buffers_pace();
		b = buffers_clock();
		buffers_chain();
		c = buffers_clock();
		nops[i] = bench_ticks(a, b);
		chain[i] = bench_ticks(b, c);
	}
	bench_sort(nops, PACES);
	bench_sort(chain, PACES);
	r->pace_min = nops[0];
	r->pace_median = nops[PACES / 2];
	r->chain = chain[PACES / 2];
}

/* False when the time was over before the round was. */
static bool one_round(struct buffers_bench *b, double limit_ms, const struct timespec *start, struct buffers_round *r)
{
	uint32_t v[REPS];

	memset(r, 0, sizeof(*r));
	pace(r);
	for (unsigned int n = 1; n <= BUFFERS_LINES; n++) {
		struct buffers_job job = { .to = b->mem, .lines = n, .groups = BUFFERS_UNIT / n, .end = 64 };

		for (unsigned int i = 0; i < REPS; i++)
			v[i] = bench_time(buffers_store8, &job);
		point(v, REPS, &job, &r->at[n - 1]);
		if (bench_ms(start) > limit_ms)
			return false;
	}
	return true;
}

static void rest(unsigned int ms, double left_ms)
{
	struct timespec t = { .tv_nsec = (long)ms * 1000000 };

	if (left_ms > 2.0 * ms)
		nanosleep(&t, NULL);
}

int buffers_measure(struct buffers_bench *b, const struct buffers_context *x, unsigned int limit_ms,
		    struct buffers_curve *out, struct buffers_answer *answer, double *ms)
{
	struct timespec start;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &start);
	memset(out, 0, sizeof(*out));
	out->lines = BUFFERS_LINES;
	answer->settled = false;
	one_round(b, limit_ms, &start, &out->round[0]); /* the memory, the code and the clock speed become warm */
	while (out->rounds < BUFFERS_ROUNDS && !answer->settled) {
		if (!one_round(b, limit_ms, &start, &out->round[out->rounds]))
			break;
		out->rounds++;
		if (out->rounds >= BUFFERS_ENOUGH && !(out->rounds % CHECK))
			err = buffers_decide(out, x, answer);
		if (err)
			break;
		if (x->sibling == BUFFERS_SIBLING)
			rest(SPREAD_MS, limit_ms - bench_ms(&start));
		else if (out->rounds >= BUFFERS_ENOUGH && !answer->settled)
			rest(REST_MS, limit_ms - bench_ms(&start));
	}
	*ms = bench_ms(&start);
	if (!out->rounds)
		return -ENODATA;
	return err ? err : buffers_decide(out, x, answer);
}

/* Intel SDM vol 2, CPUID: leaf 7 EDX 15 hybrid; leaf 1Ah EAX 31..24 the type of this core. */
enum buffers_kind buffers_kind_here(void)
{
	unsigned int a, b, c, d;

	if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(d >> 15 & 1) || !__get_cpuid_count(0x1a, 0, &a, &b, &c, &d))
		return BUFFERS_UNIFORM;
	return a >> 24 == 0x20 ? BUFFERS_ATOM : a >> 24 == 0x40 ? BUFFERS_CORE : BUFFERS_UNIFORM;
}
