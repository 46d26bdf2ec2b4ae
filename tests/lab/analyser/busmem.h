/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busmem.h - the memory behind the range that is measured: kept before and after, and counters in its last page.
 */
#ifndef ANALYSER_BUSMEM_H
#define ANALYSER_BUSMEM_H

#include "bus.h"
#include "list.h"

void busmem_start(const char *folder, const struct bus_start *how);
void busmem_counters(unsigned int offset, const struct list_counts *c);
void busmem_stop(void);

#endif
