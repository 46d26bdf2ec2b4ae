/* SPDX-License-Identifier: GPL-2.0-or-later */
/* buffers_int.h - internal: the instructions that buffers are measured with. */
#ifndef WCDIAG_BUFFERS_INT_H
#define WCDIAG_BUFFERS_INT_H

#include <stdint.h>

/*
 * groups times: lines in turns, a store to each at byte 0, then at the next, up to byte end, which is excluded. Then
 * one SFENCE. Memory: lines * groups * 64 bytes at to.
 */
struct buffers_job {
	char *to;
	uint64_t lines, groups, end;
	uint64_t gap;	  /* no-ops after each store, or 0: of the jobs with a gap */
	const char *from; /* what is loaded: of the job with misses; one load in each turn, in another page each */
};

typedef void (*buffers_fn)(const struct buffers_job *job);

/* MOVNTI of 4 and 8 bytes, MOVNTPS of 16, 32 and 64. */
void buffers_store4(const struct buffers_job *job);
void buffers_store8(const struct buffers_job *job);
void buffers_store16(const struct buffers_job *job);
void buffers_store32(const struct buffers_job *job);
void buffers_store64(const struct buffers_job *job);
/* Of 8 bytes, and after each a fence; no-ops; a load per turn. */
void buffers_fenced(const struct buffers_job *job);
void buffers_gap(const struct buffers_job *job);
void buffers_miss(const struct buffers_job *job);
/* The same without any store: what the no-ops and the loads cost by themselves. */
void buffers_gap_alone(const struct buffers_job *job);
void buffers_miss_alone(const struct buffers_job *job);

/* Bytes from to end of each of the lines, 8 at a time in turns, without a fence; and the fence. */
void buffers_part(char *at, uint64_t lines, uint64_t from, uint64_t end);
void buffers_sfence(void);

/* So many bytes lie between two loads, and so many loads are made before the first place is loaded again. */
enum { BUFFERS_MISS_STRIDE = 4096 + 64, BUFFERS_MISSES = 1024 };

/* How fast the core works: no-ops, as many as it can; additions, each of which waits for the one before. */
void buffers_pace(void);
void buffers_chain(void);

/* The counter when everything before is done, all stores visible; and the same while stores may be on their way. */
uint64_t buffers_clock(void);
uint64_t buffers_clock_now(void);

#endif
