/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stores.h - store patterns: run them over a mapping, say which stores that are, and measure them.
 *
 * The table of patterns, and what a message, a batch and a range are: km/wcdiag_stores.h. The helper module runs the
 * same ones (WCDIAG_KM_STORE). stores_run() is the one function of this library that stores to what the caller has
 * mapped: into exactly the bytes given to it. Nothing here opens a file.
 */
#ifndef WCDIAG_PROBE_STORES_H
#define WCDIAG_PROBE_STORES_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "km/wcdiag_stores.h"

/* Lines, gap and batch: 0 for the pattern's own, or for as many as a batch may have. */
struct stores_run {
	unsigned int pattern; /* WCDIAG_STORE_... */
	unsigned int lines;
	unsigned int gap;
	unsigned int batch; /* messages */
	uint64_t messages;
	uint8_t data[WCDIAG_STORE_LINE]; /* of each line */
};

/* The pattern of that name, or -ENOENT. */
int stores_find(const char *name);

/* Has this CPU, and its operating system, what the pattern needs? Executes CPUID: never for a replayed machine. */
bool stores_cpu_has(unsigned int pattern);

/*
 * Could this be run by this process over a range of so many bytes? 0; -EINVAL: no such pattern, a parameter that it
 * does not take or beyond its limit, no messages, or a length that is no multiple of 64 or holds no message;
 * -EOPNOTSUPP: only the kernel has it, or the CPU has it not.
 */
int stores_check(const struct stores_run *run, uint64_t length);

struct stores_result {
	uint64_t done;	 /* messages */
	uint64_t cycles; /* of the time-stamp counter, all batches together, each to the end of its stores */
	uint64_t every;	 /* of so many whole batches one is a sample */
	size_t nsamples;
};

/*
 * Store to [scratch, scratch + length): the caller's mapping, aligned to 64 bytes; what was there is lost. samples:
 * room for max cycles of single batches, whole ones only, evenly over the run; or NULL and 0. Stops early when *stop
 * (may be NULL) becomes non-zero: then out->done is less than asked for. Errors: stores_check()'s, -EINVAL for the
 * alignment, -ENOMEM. A mapping that vanishes meanwhile is the caller's SIGBUS. The calling thread should be pinned to
 * a CPU.
 */
int stores_run(const struct stores_run *run, void *scratch, uint64_t length, uint32_t *samples, size_t max,
	       const volatile sig_atomic_t *stop, struct stores_result *out);

/* Cycles per line of 64 bytes that a message touches, over samples of whole batches. */
struct stores_stats {
	size_t n;
	double min, p25, median, p75, p99, max;
};

/* Sorts the samples. -EINVAL: what stores_check() says, or no sample. */
int stores_stats(const struct stores_run *run, uint64_t length, uint32_t *samples, size_t n, struct stores_stats *out);

enum stores_kind {
	STORES_STORE, /* size bytes at offset */
	STORES_FENCE, /* SFENCE */
	STORES_GAP,   /* size no-ops */
};

struct stores_event {
	enum stores_kind kind;
	uint32_t size;
	uint64_t offset;  /* from the start of the range; of a shape: of its message */
	uint64_t message; /* which one, from 0 */
};

/* What one message stores, where that cannot be known beforehand. */
#define STORES_SHAPE_MAX 16384

struct stores_shape {
	size_t n;
	struct stores_event *events; /* free() */
};

/*
 * Each store of the run in the order of the instructions, the fences between and the one after each batch. Pure: the
 * CPU at hand need not have the pattern. emit() returns 0, or an error that ends it and is returned. shape: NULL, or
 * what one message of this very run stores, from stores_record(); without it -ENODATA for a pattern that leaves its
 * stores to the C library. -EINVAL as stores_check().
 */
int stores_expand(const struct stores_run *run, uint64_t length, const struct stores_shape *shape,
		  int (*emit)(void *ctx, const struct stores_event *event), void *ctx);

/*
 * Execute one message of the run step by step, in a child of our own over ordinary memory, and write down what it
 * really stored: the exact bytes of each instruction; fences of any kind; no-ops where the pattern has them. (How the C
 * library copies depends on its version, the CPU and the environment: so it can be known.)
 *
 * It forks: never while a BAR is mapped, for a fork maps it once more. -EBADMSG: an instruction stored to two places at
 * once. -EPERM, -ENOSYS, ...: ptrace is not allowed here. -EIO: the child ended, -ELOOP: it does not end. And
 * stores_check()'s.
 */
int stores_record(const struct stores_run *run, struct stores_shape *out);

#endif
