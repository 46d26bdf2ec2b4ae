/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch.h - the kernel's decisions about memory types as they are made: who reserved which range, asked for what, got
 * what. READ: watch_open() and watch_take() ask the running kernel; watch_event_of(), watch_callers.c and
 * watch_judge.h are pure.
 *
 * Two ways, both bound to descriptors, so that nothing is left in the kernel when this process ends, however it does:
 *   bpf   BPF programs at the functions that decide (bpf/watch.bpf.c): all of it. Needs root (CAP_BPF, CAP_PERFMON),
 * the kernel's type information (/sys/kernel/btf/vmlinux), Linux 5.17, and libbpf, which is loaded late. perf  perf's
 * kprobe PMU: registers and stack at the same functions' begin. What comes back is not seen: neither the type that was
 * given nor whether it was refused; and of a page inserted at fault time not what was asked for.
 *
 * Addresses are physical, ends exclusive, times are CLOCK_MONOTONIC in ns. All functions: 0 (or a count) or a negative
 * errno; nothing is printed. Where a name or word comes from the machine it may be any text: to be escaped when shown.
 */
#ifndef WCDIAG_WATCH_H
#define WCDIAG_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fact.h"
#include "mtype.h"

struct kallsyms;
struct src;
struct watch_record;

enum watch_kind {
	WATCH_RESERVE, /* a range gets a type: ioremap, an mmap of a whole VMA, a driver's reservation */
	WATCH_FREE,
	WATCH_INSERT, /* pages put into a mapping later (page fault): they take the type that is reserved there */
	WATCH_REMAP,  /* the same for a part of a VMA at once */
	WATCH_KINDS
};

/* On whose behalf, told by the functions on the stack (watch_callers.c). */
enum watch_caller {
	CALLER_UNKNOWN,
	CALLER_IOREMAP,	   /* ioremap family, pci_iomap, memremap */
	CALLER_MMAP,	   /* remap_pfn_range of a whole VMA */
	CALLER_FAULT,	   /* vmf_insert_* */
	CALLER_FORK,	   /* a copy of a mapping for a child */
	CALLER_RESERVE,	   /* arch_io_reserve_memtype_wc, io_mapping */
	CALLER_SET_MEMORY, /* set_memory_wc and the like: RAM */
	CALLER_UNMAP,	   /* munmap, exit */
	CALLER_IOUNMAP,
	CALLER_RELEASE, /* arch_io_free_memtype_wc */
	CALLERS
};

#define WATCH_STACK 24

struct watch_event {
	enum watch_kind kind;
	enum watch_caller caller;
	uint64_t when;
	uint64_t start, end;
	enum mtype asked, got; /* MT_UNKNOWN: not seen, or none (free; refused) */
	int result;	       /* 0, or the negative errno that the caller got; of perf always 0 */
	bool result_known;
	int pid, tid; /* of the first PID namespace */
	char comm[32];
	uint64_t vma_start, vma_end; /* virtual, 0 when not known */
	bool part_ram; /* it begins or ends in RAM and is not all of it; told by who knows where RAM is */
	/* The function that asked (the first that is none of the kernel's own plumbing), and its module, "" the kernel.
	 */
	char function[96], module[56];
	char *stack[WATCH_STACK]; /* "function+0x1c/0x200 [module]", the innermost first: the function that decided */
	size_t nstack;
};

void watch_event_drop(struct watch_event *e); /* frees stack[] */
/* 0 or -ENOMEM. */
int watch_event_copy(const struct watch_event *from, struct watch_event *to);

const char *watch_kind_name(enum watch_kind k);	    /* "reserve", "free", "insert", "remap" */
const char *watch_caller_name(enum watch_caller c); /* "ioremap", "mmap", "fault", ... */
int watch_kind_from_name(const char *s);	    /* -1: none */
int watch_caller_from_name(const char *s);

/* --- pure: watch_decode.c --- */

/* The kernel's symbols, those of a moment ago too: a module that went away has functions on stacks that are read later.
 */
struct watch_names {
	const struct kallsyms *now, *before; /* before may be NULL */
};

/*
 * A raw record as an event. slot: the types that the kernel believes its PAT to hold, for page protections. 0, -ENOMEM,
 * or -EINVAL for a record that is none.
 */
int watch_event_of(const struct watch_record *r, const struct watch_names *n, const enum mtype slot[8],
		   struct watch_event *out);

/* --- pure: watch_callers.c --- */

/* Fills caller, function and module from kind and stack[]; and the range of a large page that was inserted. */
void watch_callers_tell(struct watch_event *e);

/* --- pure: watch_functions.c --- */

struct watch_function {
	const char *name;
	unsigned int nargs;
	const char *range;   /* of kernels: "to 6.15" */
	const char *what;    /* what is not seen without it, a phrase; NULL: the watch is for nothing then */
	const char *instead; /* another row of the same: one of them is enough */
	const char *source;
};
extern const struct watch_function watch_functions[]; /* ended by name NULL */

/* --- READ: watch.c, watch_bpf.c, watch_perf.c --- */

enum watch_way { WATCH_ANY, WATCH_BPF, WATCH_PERF };
const char *watch_way_name(enum watch_way w); /* "bpf", "perf" */

struct watch_params {
	enum watch_way way;	/* WATCH_ANY: bpf, and where it is refused perf */
	const struct src *s;	/* the live machine */
	const enum mtype *slot; /* 8 types of the PAT as the kernel believes it; must outlive the watch */
};

struct watch_state {
	enum watch_way way;
	struct fact bpf, perf; /* KNOWN: it is the way taken; MISSING: refused, and why; NOT_READ: not tried */
	uint64_t seen, lost;   /* decisions, and those of them that were lost for want of room */
	uint64_t unpaired;     /* seen, but without what was asked for */
	size_t nlacks;
	const char *lacks[12]; /* phrases: what cannot be seen on this kernel or this way */
	bool names_hidden;     /* addresses have no names: stacks are numbers, and callers unknown */
};

struct watch;

/* *out also on failure, for watch_state(): which fact is missing. watch_close() in any case. */
int watch_open(const struct watch_params *p, struct watch **out);
void watch_close(struct watch *w); /* NULL is allowed */
/* Readable (poll) when there is something to take. */
int watch_fd(const struct watch *w);
/*
 * Hands over what there is, in the order of time; fn returning non-zero ends it, and is returned. The event is valid
 * within the call. Returns the number of events. What comes meanwhile may be kept for the next call, since another
 * processor may still tell of something older: watch_finish() is the last call, and keeps nothing.
 */
int watch_take(struct watch *w, int (*fn)(const struct watch_event *e, void *ctx), void *ctx);
int watch_finish(struct watch *w, int (*fn)(const struct watch_event *e, void *ctx), void *ctx);
const struct watch_state *watch_state(struct watch *w);

#endif
