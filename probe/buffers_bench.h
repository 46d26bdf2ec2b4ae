/* SPDX-License-Identifier: GPL-2.0-or-later */
/* buffers_bench.h - internal: the memory and the clock that buffers_measure*.c share. */
#ifndef WCDIAG_BUFFERS_BENCH_H
#define WCDIAG_BUFFERS_BENCH_H

#include <time.h>

#include "buffers_int.h"
#include "buffers_measure.h"

/* More than a second-level cache holds lies between two loads of one place. */
#define BENCH_STORES ((size_t)64 << 10)
#define BENCH_LOADS  ((size_t)BUFFERS_MISSES * BUFFERS_MISS_STRIDE + 4096)

struct buffers_bench {
	char *mem; /* BENCH_STORES, then BENCH_LOADS */
	size_t size;
	struct timespec start;
	uint64_t start_ticks;
};

double bench_ms(const struct timespec *from);
/* UINT32_MAX for what cannot be. */
uint32_t bench_ticks(uint64_t from, uint64_t to);
/* The least first. */
void bench_sort(uint32_t *v, size_t n);
uint32_t bench_time(buffers_fn fn, const struct buffers_job *job);

#endif
