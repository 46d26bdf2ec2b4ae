/* SPDX-License-Identifier: GPL-2.0-or-later */
/* barmap_int.h - between barmap.c and barmap_piece.c. */
#ifndef WCDIAG_BARMAP_INT_H
#define WCDIAG_BARMAP_INT_H

#include "barmap.h"

/* Add the pieces of these runs that lie in b's range and in l's BAR to l, and count them in b. 0 or -ENOMEM. */
int bar_pieces(const struct machine *m, struct bar_maps *l, struct bar_map *b, const struct pte_run *r, size_t n);

#endif
