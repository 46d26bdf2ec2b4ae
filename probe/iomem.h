/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iomem.h - /proc/iomem: who claims which range. Ends are inclusive in the file and EXCLUSIVE here.
 * Without CAP_SYS_ADMIN the kernel prints every address as 0: that is a missing fact, not an empty machine.
 */
#ifndef WCDIAG_IOMEM_H
#define WCDIAG_IOMEM_H

#include <stddef.h>
#include <stdint.h>

#include "fact.h"

struct src;

struct iomem_res {
	uint64_t start, end;
	unsigned int depth;	/* 0: root resources; two blanks each */
	char name[64];		/* cut to fit */
};
struct iomem {
	struct iomem_res *r;	/* file order: parents before children */
	size_t n;
	struct fact fact;
};
int iomem_parse(const char *text, size_t len, struct iomem *out, unsigned int *line, const char **what);
int iomem_read(const struct src *s, struct iomem *out);
void iomem_free(struct iomem *m);

/*
 * The deeper lines inside the BAR's own line (the line named slot, "0000:01:00.0", that covers start): drivers'
 * request_region names, without what the firmware's tables (e820, PNP) put there. Returns their number, at most max stored; -ENOENT when the BAR has no line.
 */
int iomem_claims(const struct iomem *m, const char *slot, uint64_t start, uint64_t end,
		 const struct iomem_res **claim, size_t max);

#endif
