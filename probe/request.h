/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request.h - who asked for write-combining over this BAR, and does that request still stand?
 *
 * The reservation list holds what was given, not what was asked. Two sources tell what was asked: the file that a process
 * mapped (resourceN_wc), and, on kernels booted with debugpat, the log ("req write-combining, ret uncached-minus").
 */
#ifndef WCDIAG_REQUEST_H
#define WCDIAG_REQUEST_H

#include <stddef.h>
#include <stdint.h>

struct judge_ctx;
struct klog_event;
struct map;
struct memtype;

enum stands {
	REQUEST_GONE,		/* freed, or its reservation is no longer listed */
	REQUEST_STANDS,
	REQUEST_UNSURE,		/* the facts do not tell it from another of the same range */
};

struct request {
	uint64_t start, end;		/* physical, end exclusive */
	const struct map *map;		/* a process's mapping, or NULL */
	const struct klog_event *ev;	/* a downgrade in the log, or NULL */
	enum stands stands;
};

/* Fills c->req; 0 or -ENOMEM. */
int requests_find(struct judge_ctx *c);
void requests_free(struct judge_ctx *c);

/*
 * Who holds this reservation, in words: "ioremap by nvme_map+0x1/0x2 [nvme]", "process 412 (dpdk) through
 * /sys/.../resource2", "nobody visible". *map is set when it is a process. skip (may be NULL): not this mapping.
 * Returns 0 when nobody visible holds it, else how many do.
 */
size_t holder_of(const struct judge_ctx *c, const struct memtype *t, const struct map *skip, char *buf, size_t len,
		 const struct map **map);

#endif
