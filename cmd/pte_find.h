/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pte_find.h - between pte_find.c (a process, the kernel) and pte_find_bar.c (a BAR). */
#ifndef WCDIAG_CMD_PTE_FIND_H
#define WCDIAG_CMD_PTE_FIND_H

#include "cmd/pte.h"
#include "probe/reader.h"

struct finder {
	struct view *v;
	const struct pte_target *t;
	const struct machine *m;
	struct pte_found *f;
	struct reader reader;
	bool live;
	unsigned int flags; /* of reader_walk() */
};

int finder_nomem(const struct finder *d);	/* says so; EXIT_FAILED */
/* The next whose runs are appended; NULL: no memory. */
struct pte_who *finder_who(struct finder *d, int pid);
void finder_walk_failed(struct finder *d, int pid, int err);
void finder_pagemap(struct finder *d, struct pte_who *w);

int find_bar(struct finder *d);	/* 0, or EXIT_FAILED after saying why */

#endif
