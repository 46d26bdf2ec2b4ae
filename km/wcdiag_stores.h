/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * wcdiag_stores.h - the store patterns: one table for the module, for user space and for the model. The instructions
 * themselves are in wcdiag_stores_asm.h.
 *
 * A pattern writes messages. One message is 64 bytes of data (fewer or more where the table says so) at the start of a
 * line of 64 bytes; the next message is "span" bytes further. A message of a pattern that takes "lines" is that many
 * lines. Messages go up through the scratch range and begin again at its start when the next would not fit.
 *
 * A batch is one call of a pattern's function: up to 64 messages back to back, then one SFENCE. It never crosses the
 * end of the scratch range. Time is taken around batches.
 *
 * What a store is, is what the instruction set says it is. Whether the processor makes wider ones of a "rep movs" is
 * its own affair: WCDIAG_STORE_REP.
 */
#ifndef WCDIAG_STORES_H
#define WCDIAG_STORES_H

#include <linux/types.h>

/* The numbers are part of the module's interface: never change one. */
enum wcdiag_store_id {
	WCDIAG_STORE_MOV8	= 0,
	WCDIAG_STORE_MOV4	= 1,
	WCDIAG_STORE_SSE	= 2,
	WCDIAG_STORE_AVX	= 3,
	WCDIAG_STORE_AVX512	= 4,
	WCDIAG_STORE_MOVNTI	= 5,
	WCDIAG_STORE_MOVNTDQ	= 6,
	WCDIAG_STORE_VMOVNTDQ	= 7,
	WCDIAG_STORE_REP_MOVSQ	= 8,
	WCDIAG_STORE_REP_MOVSB	= 9,
	WCDIAG_STORE_MEMCPY	= 10,
	WCDIAG_STORE_MEMCPY_TOIO = 11,
	WCDIAG_STORE_IOWRITE64_COPY = 12,
	WCDIAG_STORE_MOVDIRI	= 13,
	WCDIAG_STORE_MOVDIR64B	= 14,
	WCDIAG_STORE_MISALIGNED	= 15,
	WCDIAG_STORE_PARTIAL	= 16,
	WCDIAG_STORE_FENCED	= 17,
	WCDIAG_STORE_INTERLEAVED = 18,
	WCDIAG_STORE_GAP	= 19,
	WCDIAG_STORE_DESCENDING	= 20,
	WCDIAG_STORE_OVERLAP	= 21,
	WCDIAG_STORE_VMOVNTDQ512 = 22,
	WCDIAG_STORE_COUNT
};

enum wcdiag_store_role {
	WCDIAG_STORE_REFERENCE,	/* fills whole lines, back to back: where write-combining works a line is one TLP */
	WCDIAG_STORE_CONTROL,	/* a line is one TLP whatever the memory type is: clears or accuses the fabric */
	WCDIAG_STORE_SPOILER,	/* does something that splits lines, or may */
};

/* What the processor, and the kernel's handling of its registers, must offer. */
enum wcdiag_store_cpu {
	WCDIAG_STORE_ANY,	/* x86-64 */
	WCDIAG_STORE_NEEDS_AVX,
	WCDIAG_STORE_NEEDS_AVX512F,
	WCDIAG_STORE_NEEDS_MOVDIRI,
	WCDIAG_STORE_NEEDS_MOVDIR64B,
};

/* wcdiag_store_pattern.flags */
#define WCDIAG_STORE_USER_ONLY	 (1U << 0)
#define WCDIAG_STORE_KERNEL_ONLY (1U << 1)
#define WCDIAG_STORE_VECTOR	 (1U << 2)	/* uses vector registers */
#define WCDIAG_STORE_LINES	 (1U << 3)	/* takes "lines": how many one message has */
#define WCDIAG_STORE_BY_TURNS	 (1U << 4)	/* each store goes to all lines of the message before the next store does */
#define WCDIAG_STORE_NOPS	 (1U << 5)	/* takes "gap": so many no-ops between the stores of a message */
#define WCDIAG_STORE_FENCE_EACH	 (1U << 6)	/* SFENCE after every store */
#define WCDIAG_STORE_REP	 (1U << 7)	/* one instruction, an interruptible string operation; the CPU may store wider */
#define WCDIAG_STORE_DIRECT	 (1U << 8)	/* direct store: the write-combining protocol whatever the memory type */
#define WCDIAG_STORE_LIBRARY	 (1U << 9)	/* the C library decides: the series is only what one would like */
#define WCDIAG_STORE_KERNELS	 (1U << 10)	/* the kernel's own function: as Linux 6.1 and 6.12 do it */

#define WCDIAG_STORE_LINE	64
#define WCDIAG_STORE_MAX_BATCH	64	/* messages, and lines, of a batch */
#define WCDIAG_STORE_MAX_LINES	64	/* of a message */
#define WCDIAG_STORE_MAX_GAP	1000

/*
 * A line's worth of a message: "count" stores of "size" bytes, at first, first + step, ..., then one more of the same
 * size at "tail", if that is not 0.
 */
struct wcdiag_store_pattern {
	const char *name;
	const char *words;		/* for a person, beside the name */
	__u16 flags;
	__u8 role;
	__u8 cpu;
	__u8 first, size, count, tail;
	__s8 step;
	__u8 span;			/* bytes from one message's line to the next */
	__u8 lines;			/* of a message when the caller does not say; 0: takes none */
	__u8 gap;			/* the same for no-ops */
};

/* Instructions: Intel SDM vol 2; the kernel's two functions: beside them. */
static const struct wcdiag_store_pattern wcdiag_store_patterns[WCDIAG_STORE_COUNT] __attribute__((unused)) = {
	[WCDIAG_STORE_MOV8] = { .name = "mov8", .words = "8 x mov of 8 bytes", .size = 8, .step = 8, .count = 8,
				.span = 64 },
	[WCDIAG_STORE_MOV4] = { .name = "mov4", .words = "16 x mov of 4 bytes", .size = 4, .step = 4, .count = 16,
				.span = 64 },
	[WCDIAG_STORE_SSE] = { .name = "sse", .words = "4 x movaps of 16 bytes", .size = 16, .step = 16, .count = 4,
			       .span = 64, .flags = WCDIAG_STORE_VECTOR },
	[WCDIAG_STORE_AVX] = { .name = "avx", .words = "2 x vmovaps of 32 bytes", .size = 32, .step = 32, .count = 2,
			       .span = 64, .flags = WCDIAG_STORE_VECTOR, .cpu = WCDIAG_STORE_NEEDS_AVX },
	[WCDIAG_STORE_AVX512] = { .name = "avx512", .words = "1 x vmovaps of 64 bytes", .size = 64, .count = 1,
				  .span = 64, .flags = WCDIAG_STORE_VECTOR, .cpu = WCDIAG_STORE_NEEDS_AVX512F },
	[WCDIAG_STORE_MOVNTI] = { .name = "movnti", .words = "8 x movnti of 8 bytes", .size = 8, .step = 8, .count = 8,
				  .span = 64 },
	[WCDIAG_STORE_MOVNTDQ] = { .name = "movntdq", .words = "4 x movntdq of 16 bytes", .size = 16, .step = 16,
				   .count = 4, .span = 64, .flags = WCDIAG_STORE_VECTOR },
	[WCDIAG_STORE_VMOVNTDQ] = { .name = "vmovntdq", .words = "2 x vmovntdq of 32 bytes", .size = 32, .step = 32,
				    .count = 2, .span = 64, .flags = WCDIAG_STORE_VECTOR,
				    .cpu = WCDIAG_STORE_NEEDS_AVX },
	[WCDIAG_STORE_VMOVNTDQ512] = { .name = "vmovntdq512", .words = "1 x vmovntdq of 64 bytes", .size = 64,
				       .count = 1, .span = 64, .flags = WCDIAG_STORE_VECTOR,
				       .cpu = WCDIAG_STORE_NEEDS_AVX512F },
	[WCDIAG_STORE_REP_MOVSQ] = { .name = "rep-movsq", .words = "rep movsq of whole lines", .size = 8, .step = 8,
				     .count = 8, .span = 64, .lines = 1,
				     .flags = WCDIAG_STORE_LINES | WCDIAG_STORE_REP },
	[WCDIAG_STORE_REP_MOVSB] = { .name = "rep-movsb", .words = "rep movsb of whole lines", .size = 1, .step = 1,
				     .count = 64, .span = 64, .lines = 1,
				     .flags = WCDIAG_STORE_LINES | WCDIAG_STORE_REP },
	[WCDIAG_STORE_MEMCPY] = { .name = "memcpy", .words = "the C library's memcpy of whole lines", .size = 64,
				  .count = 1, .span = 64, .lines = 1,
				  .flags = WCDIAG_STORE_LINES | WCDIAG_STORE_USER_ONLY | WCDIAG_STORE_LIBRARY },
	/*
	 * arch/x86/lib/iomem.c: rep movsl, after single bytes for an odd start; lines are aligned, so none. In an SEV
	 * or TDX guest it is a loop of single bytes instead: do not predict it there.
	 */
	[WCDIAG_STORE_MEMCPY_TOIO] = { .name = "memcpy-toio", .words = "the kernel's memcpy_toio of whole lines",
				       .size = 4, .step = 4, .count = 16, .span = 64, .lines = 1,
				       .flags = WCDIAG_STORE_LINES | WCDIAG_STORE_KERNEL_ONLY | WCDIAG_STORE_REP |
						WCDIAG_STORE_KERNELS },
	/* lib/iomap_copy.c: a loop of 8-byte stores. */
	[WCDIAG_STORE_IOWRITE64_COPY] = { .name = "iowrite64-copy", .words = "the kernel's __iowrite64_copy of whole lines",
					  .size = 8, .step = 8, .count = 8, .span = 64, .lines = 1,
					  .flags = WCDIAG_STORE_LINES | WCDIAG_STORE_KERNEL_ONLY |
						   WCDIAG_STORE_KERNELS },
	[WCDIAG_STORE_MOVDIRI] = { .name = "movdiri", .words = "8 x movdiri of 8 bytes", .size = 8, .step = 8,
				   .count = 8, .span = 64, .flags = WCDIAG_STORE_DIRECT,
				   .cpu = WCDIAG_STORE_NEEDS_MOVDIRI },
	[WCDIAG_STORE_MOVDIR64B] = { .name = "movdir64b", .words = "1 x movdir64b, the control", .size = 64, .count = 1,
				     .span = 64, .flags = WCDIAG_STORE_DIRECT, .role = WCDIAG_STORE_CONTROL,
				     .cpu = WCDIAG_STORE_NEEDS_MOVDIR64B },
	/* Two lines a message, or the next message would fill what this one left open. */
	[WCDIAG_STORE_MISALIGNED] = { .name = "misaligned", .words = "8 x mov of 8 bytes from byte 8 of a line on",
				      .first = 8, .size = 8, .step = 8, .count = 8, .span = 128,
				      .role = WCDIAG_STORE_SPOILER },
	[WCDIAG_STORE_PARTIAL] = { .name = "partial", .words = "7 x mov of 8 bytes: 56 of 64", .size = 8, .step = 8,
				   .count = 7, .span = 64, .role = WCDIAG_STORE_SPOILER },
	[WCDIAG_STORE_FENCED] = { .name = "fenced", .words = "8 x mov of 8 bytes, sfence after each", .size = 8,
				  .step = 8, .count = 8, .span = 64, .flags = WCDIAG_STORE_FENCE_EACH,
				  .role = WCDIAG_STORE_SPOILER },
	[WCDIAG_STORE_INTERLEAVED] = { .name = "interleaved", .words = "8 x mov of 8 bytes, over several lines by turns",
				       .size = 8, .step = 8, .count = 8, .span = 64, .lines = 16,
				       .flags = WCDIAG_STORE_LINES | WCDIAG_STORE_BY_TURNS,
				       .role = WCDIAG_STORE_SPOILER },
	[WCDIAG_STORE_GAP] = { .name = "gap", .words = "8 x mov of 8 bytes, no-ops between", .size = 8, .step = 8,
			       .count = 8, .span = 64, .gap = 100, .flags = WCDIAG_STORE_NOPS,
			       .role = WCDIAG_STORE_SPOILER },
	[WCDIAG_STORE_DESCENDING] = { .name = "descending", .words = "8 x mov of 8 bytes from the end of the line down",
				      .first = 56, .size = 8, .step = -8, .count = 8, .span = 64,
				      .role = WCDIAG_STORE_SPOILER },
	/* What memcpy() of 64 bytes and more does with its last vector: the full line is begun again. */
	[WCDIAG_STORE_OVERLAP] = { .name = "overlap", .words = "8 x mov of 8 bytes, the last once more", .size = 8,
				   .step = 8, .count = 8, .tail = 56, .span = 64, .role = WCDIAG_STORE_SPOILER },
};

/* What a call of a pattern's function does: "to" and "from" aligned to 64 bytes, "from" lines * 64 bytes of data. */
struct wcdiag_store_args {
	void *to;
	const void *from;
	__u64 messages;		/* at least 1 */
	__u64 lines;
	__u64 gap;
};

typedef void (*wcdiag_store_fn)(const struct wcdiag_store_args *args);

/* Where a run is: batch by batch, the same for both sides and the model. */
struct wcdiag_store_walk {
	__u64 messages, done;
	__u64 span;		/* bytes from a message to the next */
	__u64 room;		/* messages that the scratch range holds */
	__u64 batch;		/* the size of a whole batch */
	__u64 at;		/* of the next batch, in the range */
};

/*
 * lines, gap, batch: 0 for the pattern's own or, for batch, as many as one may. Returns 0 with *lines and *gap set to
 * what counts, or -1: no such pattern, a parameter that it does not take or beyond its limit, or a range that is no
 * multiple of 64 bytes or holds no message.
 */
static inline int wcdiag_store_begin(struct wcdiag_store_walk *w, __u32 pattern, __u32 *lines, __u32 *gap, __u32 batch,
				     __u64 messages, __u64 length)
{
	const struct wcdiag_store_pattern *p;
	__u64 most;

	if (pattern >= WCDIAG_STORE_COUNT)
		return -1;
	p = &wcdiag_store_patterns[pattern];
	if ((*lines && !p->lines) || *lines > WCDIAG_STORE_MAX_LINES || (*gap && !p->gap) || *gap > WCDIAG_STORE_MAX_GAP)
		return -1;
	if (!*lines)
		*lines = p->lines ? p->lines : 1;
	if (!*gap)
		*gap = p->gap;
	w->span = (__u64)p->span * *lines;
	most = WCDIAG_STORE_MAX_BATCH * WCDIAG_STORE_LINE / w->span;
	if (batch > most || !messages || length % WCDIAG_STORE_LINE || length < w->span)
		return -1;
	w->messages = messages;
	w->done = w->at = 0;
	w->room = length / w->span;
	w->batch = batch ? batch : most;
	if (w->batch > w->room)
		w->batch = w->room;
	return 0;
}

/* The size of the next batch, which lies at w->at; 0 at the end. The caller adds to w->done what it has done. */
static inline __u64 wcdiag_store_next(struct wcdiag_store_walk *w)
{
	__u64 place = w->done % w->room, n = w->batch;

	if (n > w->messages - w->done)
		n = w->messages - w->done;
	if (n > w->room - place)
		n = w->room - place;
	w->at = place * w->span;
	return n;
}

#endif
