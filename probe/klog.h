/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * klog.h - what the kernel log says about memory types, in the wordings of Linux 2.6.3x to 6.18.
 *
 * Source of each wording: arch/x86/mm/pat/{memtype,memtype_interval}.c, arch/x86/mm/ioremap.c,
 * arch/x86/kernel/cpu/mtrr/. Lines come as /dev/kmsg records ("6,123,4567890,-;text"), as dmesg prints them
 * ("[    1.234] text", "<6>[    1.234] text", "[Mon Nov 22 ...] text"), as syslog writes them, or bare.
 * The log prints some ends inclusive and some exclusive; every event here has an EXCLUSIVE end.
 * What a program wrote to /dev/kmsg or to syslog is passed over where the line tells (facility, tag): anybody's word.
 */
#ifndef WCDIAG_KLOG_H
#define WCDIAG_KLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fact.h"
#include "mtype.h"
#include "src.h"

enum klog_kind {
	KLOG_PAT_CONFIG,	/* slot[] holds the eight types */
	KLOG_PAT_OFF_BOOT,	/* disabled via boot option */
	KLOG_PAT_OFF_MTRR,	/* MTRRs disabled, skipping PAT initialization too */
	KLOG_PAT_OFF_CPU,	/* not supported by the CPU */
	KLOG_PAT_OFF_FIRMWARE,
	KLOG_PAT_OFF_CONFIG,	/* this kernel was built without CONFIG_X86_PAT or CONFIG_MTRR; text tells which */
	KLOG_OVERLAP,		/* range of the first overlapping entry */
	KLOG_RESERVED,		/* track, req, ret */
	KLOG_FREED,		/* free request */
	KLOG_RESERVE_FAILED,	/* track, req */
	KLOG_CONFLICT,		/* comm, pid, track = left type, ret = right type of "a<->b" */
	KLOG_EXPECTED,		/* "map pfn expected mapping type": req = expected, ret = got */
	KLOG_RAM_RANGE,		/* "map pfn RAM range req": req, ret = got */
	KLOG_FREE_INVALID,	/* "freeing invalid memtype": a leak */
	KLOG_CHANGE_FAILED,	/* ioremap_change_attr failed: req */
	KLOG_RAM_FAILED,	/* reserve_ram_pages_type failed: track, req */
	KLOG_IOREMAP_REFUSED,	/* ioremap error for ...: req, ret */
	KLOG_IOREMAP_FAILED,	/* ioremap memtype_reserve failed N: no range */
	KLOG_MULTI_BAR,		/* caller ... mapping multiple BARs */
	KLOG_MTRR_WC_FAILED,	/* Failed to add WC MTRR for [...] */
	KLOG_MTRR_READONLY,	/* MTRRs set to read-only / MTRRs disabled by BIOS ... */
	KLOG_COCO,		/* Memory Encryption Features active: ...; text tells which */
	KLOG_LOCKDOWN,		/* Kernel is locked down from ... / Lockdown: X: ... is restricted */
	KLOG_KINDS
};

struct klog_event {
	enum klog_kind kind;
	uint64_t start, end;	/* exclusive; both 0 when the line has no range */
	enum mtype track, req, ret;	/* MT_UNKNOWN where the line has none */
	enum mtype slot[8];	/* KLOG_PAT_CONFIG only; an unknown word is MT_UNKNOWN */
	char comm[64];		/* may hold blanks and colons, odd bytes as '?'; "" when none */
	int pid;		/* 0 when none */
	uint64_t usec;		/* since boot; 0 when the line has no stamp */
	uint32_t line;		/* 1-based */
	const char *text;	/* the message without its prefix, into klog.text; not terminated */
	size_t textlen;
};

struct klog {
	struct blob text;	/* owns what ev[].text points into */
	struct klog_event *ev;	/* in the order of the log */
	size_t n;
	bool start_lost;	/* the ring has wrapped: the first record's number is not 0 (kmsg form only) */
	struct fact fact;
};

/*
 * Pure; never refuses: a line that means nothing to us is passed over, a known line with an unreadable range is kept
 * with start = end = 0. Takes over text (also on failure: klog_free() then too). 0 or -ENOMEM.
 */
int klog_parse(struct blob text, struct klog *out);
/*
 * Live: /dev/kmsg from its beginning, without blocking. file != NULL: that file (on the live machine) instead.
 * Snapshot: its dev/kmsg. 0 when the fact is KNOWN, else negative errno.
 */
int klog_read(const struct src *s, const char *file, struct klog *out);
void klog_free(struct klog *k);

const char *klog_kind_name(enum klog_kind k);	/* "reserved", "conflict", ... for JSON */
/* Pure: is this line (without newline) worth recording? Capture keeps no other. Record 0 is: see start_lost. */
bool klog_relevant(const char *line, size_t len);

#endif
