/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * klog_int.h - what klog.c (lines and their prefixes) and klog_wordings.c (what the messages say) share.
 */
#ifndef WCDIAG_KLOG_INT_H
#define WCDIAG_KLOG_INT_H

#include "klog.h"
#include "scan.h"

struct klog_line {
	struct scan msg;	/* without the prefixes of /dev/kmsg, dmesg, syslog and the journal */
	uint64_t usec;		/* since boot, 0 when not told */
	uint64_t seq;		/* number of a /dev/kmsg record */
	bool kmsg;		/* a /dev/kmsg record: seq is valid, odd bytes of msg are escaped as \xNN */
	bool foreign;		/* written by a program: the kernel says so of every record that is not its own */
};

/* False for what is no message: a continuation of a /dev/kmsg record, an empty line. */
bool klog_strip(struct scan raw, struct klog_line *out);

/* Is it one of ours? Fills all of *ev but line. */
bool klog_match(const struct klog_line *l, struct klog_event *ev);

#endif
