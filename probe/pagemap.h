/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pagemap.h - /proc/PID/pagemap and PAGEMAP_SCAN beside the entries: the kernel's own word about the same pages.
 *
 * For RAM the frame must equal the entry's, which checks the reader on every run. Of a mapping of device memory
 * (VM_PFNMAP) the kernel shows nothing, not even to root (Linux mm/pagewalk.c walk_page_test): that is not "not present".
 * Source of the bits: Linux Documentation/admin-guide/mm/pagemap.rst.
 */
#ifndef WCDIAG_PAGEMAP_H
#define WCDIAG_PAGEMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "entries.h"
#include "fact.h"

struct src;
struct reader;

struct pagemap_check {
	uint64_t pages;		/* RAM pages whose frame pagemap gave */
	uint64_t same;		/* ... and it is the entry's */
	uint64_t hidden;	/* device pages of which pagemap shows nothing, as it must */
	uint64_t no_frame;	/* pagemap said present but kept the frame back (no CAP_SYS_ADMIN) */
	uint64_t moved;		/* changed between the two readings, three times in a row: not compared */
	uint64_t differ;	/* the reader and the kernel disagree and stay so */
	uint64_t first;		/* virtual address of the first that differs; its entry and pagemap's value: */
	uint64_t first_raw, first_pagemap;
	/* PAGEMAP_SCAN, where the kernel has it (6.7 on): pages it calls present, and large pages, that agree or not. */
	bool scanned;
	uint64_t scan_pages, scan_differ;
	struct fact fact;	/* of pagemap: KNOWN, or why it could not be read */
};

/*
 * Compare the runs of one live process with pagemap. Pages that do not agree are walked again (k) with pagemap, up to
 * three times: a running process changes its tables. 0 or negative errno (the fact says more).
 */
int pagemap_check(const struct src *s, const struct reader *k, int pid, const struct runs *l, struct pagemap_check *out);

/* Pure, for the tests: what pagemap's 64 bits say of one page. */
struct pagemap_bits {
	bool present, swapped, file_or_shared;
	uint64_t pfn;		/* 0: not shown */
};
struct pagemap_bits pagemap_decode(uint64_t v);

#endif
