/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vmalloc.h - /proc/vmallocinfo: the kernel's own mappings; those with phys= are ioremaps.
 *     0xffffa5f2c0000000-0xffffa5f2c0005000   20480 mydrv_probe+0x63/0x80 [mydrv] phys=0x00000000fe000000 ioremap
 * The size counts a guard page (mm/vmalloc.c): the physical range is size - 4096 bytes. Addresses may print as 0 or
 * hashed (kptr_restrict); size and phys never are. Only ioremaps are kept.
 */
#ifndef WCDIAG_VMALLOC_H
#define WCDIAG_VMALLOC_H

#include <stddef.h>
#include <stdint.h>

#include "fact.h"

struct src;

struct ioremap {
	uint64_t vaddr;		/* 0 when hidden */
	uint64_t start, end;	/* physical, end exclusive */
	char caller[96];	/* "mydrv_probe+0x63/0x80" */
	char module[56];	/* "mydrv", "" when built in */
};
struct ioremaps {
	struct ioremap *r;	/* sorted by start */
	size_t n;
	struct fact fact;
};
int vmalloc_parse(const char *text, size_t len, struct ioremaps *out, unsigned int *line, const char **what);
int vmalloc_read(const struct src *s, struct ioremaps *out);
void vmalloc_free(struct ioremaps *m);

#endif
