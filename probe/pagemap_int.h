/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pagemap_int.h - what pagemap.c and pagemap_scan.c share. */
#ifndef WCDIAG_PAGEMAP_INT_H
#define WCDIAG_PAGEMAP_INT_H

#include "pagemap.h"

/* A piece of the address space in which pages are present. */
struct present {
	uint64_t start, end;
	bool huge;		/* mapped by entries above 4 KiB */
};
struct presents {
	struct present *p;
	size_t n, max;
};

/*
 * Pure: where two lists, each ascending and without overlap, do not say the same, fn is called with that piece; returns
 * the number of such pages.
 */
uint64_t presents_compare(const struct presents *a, const struct presents *b,
			  void (*fn)(uint64_t start, uint64_t end, void *arg), void *arg);

/* PAGEMAP_SCAN over the pages of these runs; fills scanned, scan_pages and scan_differ. 0, or -ENOMEM. */
int pagemap_scan(int fd, const struct reader *k, int pid, const struct runs *l, struct pagemap_check *out);

/* The ioctl, so that a test can stand in for it. */
extern int (*pagemap_ioctl)(int fd, unsigned long request, void *arg);

#endif
