/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch_record.h - one decision of the kernel as the BPF program hands it over: raw, no name resolved, no type decoded.
 * Shared by probe/bpf/watch.bpf.c and probe/watch_bpf.c, both of the same build: it is no interface to the outside.
 */
#ifndef WCDIAG_WATCH_RECORD_H
#define WCDIAG_WATCH_RECORD_H

#include <linux/types.h>

/* From the hooked function down to the system call or the module's init: real ones have 8 to 20 frames. */
#define WATCH_FRAMES 24

enum watch_raw_kind {
	WATCH_RAW_RESERVE = 1, /* memtype_reserve: asked and got are enum page_cache_mode */
	WATCH_RAW_FREE,	       /* memtype_free */
	WATCH_RAW_INSERT,      /* track_pfn_insert: asked and got are page protections */
	WATCH_RAW_REMAP,       /* track_pfn_remap of a part of a VMA: as insert */
	WATCH_RAW_SETUP,       /* pfnmap_setup_cachemode: as insert */
};

enum {
	WATCH_RAW_ASKED = 1,  /* asked is known */
	WATCH_RAW_GOT = 2,    /* got is known */
	WATCH_RAW_RESULT = 4, /* result is */
};

struct watch_record {
	__u64 when;	  /* CLOCK_MONOTONIC, ns */
	__u64 start, end; /* physical, end exclusive */
	__u64 asked, got;
	__u64 at, vma_start, vma_end; /* virtual; 0 where not known */
	__s32 result;		      /* 0 or a negative errno */
	__u32 pid, tid;		      /* of the first PID namespace */
	__u16 kind;
	__u8 flags;
	__u8 frames;
	char comm[16];
	__u64 stack[WATCH_FRAMES]; /* the innermost first; begins within the tracing machinery itself */
};

/* A decision that found no room is counted, so that it can be said. */
struct watch_counts {
	__u64 seen;	/* decisions that came by */
	__u64 lost;	/* of them without room in the ring */
	__u64 unpaired; /* of them without what was asked for: its begin was not seen, or had no room */
};

/* 8 MiB hold 25,000 decisions: more than a program makes while nobody reads for a moment. */
#define WATCH_RING (8U << 20)

#endif
