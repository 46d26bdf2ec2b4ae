/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine_int.h - between machine.c and machine_mappings.c. */
#ifndef WCDIAG_MACHINE_INT_H
#define WCDIAG_MACHINE_INT_H

#include "machine.h"

/* READ_LIST, READ_VMALLOC, READ_MAPS, READ_ENTRIES of what, as of one moment as far as that goes. 0 or negative errno. */
int machine_read_mappings(struct machine *m, unsigned int what);
/* No list is an answer only when PAT is off. */
void machine_derive_list_fact(struct machine *m);

#endif
