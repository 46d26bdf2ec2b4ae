/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walkfile.h - a walk of the analyser, read back on the host, and what its entries mean.
 *
 * The meaning is written down here a second time, from the manual (Intel SDM vol 3, 4.5 and 11.12.3) and Linux's
 * pgtable-invert.h: it must agree with probe/pte.c without sharing anything with it.
 */
#ifndef LAB_WALKFILE_H
#define LAB_WALKFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define W_P	(1ULL << 0)
#define W_RW	(1ULL << 1)
#define W_US	(1ULL << 2)
#define W_A	(1ULL << 5)
#define W_D	(1ULL << 6)
#define W_PS	(1ULL << 7)
#define W_G	(1ULL << 8)	/* with P clear: PROT_NONE */
#define W_NX	(1ULL << 63)

struct wentry {
	uint64_t address, raw, above[6];	/* above[2..5] */
	unsigned int level;
	bool kernel;
};

struct walkfile {
	struct wentry *e;	/* user's half first, each half ascending */
	size_t n;
	uint64_t ram, pat;	/* end of RAM; the guest's PAT register */
	unsigned int levels;
	int pid;
};

/* The walk TAG of a scenario's results. False, and said why, when it is not there or not whole. */
bool walkfile_load(struct walkfile *w, const char *folder, const char *tag);
void walkfile_free(struct walkfile *w);

uint64_t wentry_size(unsigned int level);
bool wentry_maps(const struct wentry *e);	/* present or PROT_NONE: it names a page */
uint64_t wentry_phys(const struct wentry *e);
unsigned int wentry_slot(const struct wentry *e);
const char *wentry_type(const struct walkfile *w, const struct wentry *e);	/* "wc", "uc-", ... */
bool wentry_ram(const struct walkfile *w, const struct wentry *e);
bool wentry_writes(const struct wentry *e);	/* at every level */
bool wentry_user(const struct wentry *e);
bool wentry_nx(const struct wentry *e);		/* at some level */

#endif
