/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pmu_events_int.h - internal: the rows of pmu_events.h in four files, and short forms of their sources.
 */
#ifndef WCDIAG_PMU_EVENTS_INT_H
#define WCDIAG_PMU_EVENTS_INT_H

#include "pmu_events.h"

#define PMU_PM(file) "intel/perfmon " file
#define PMU_LP(file) "libpfm4 lib/events/" file
#define PMU_LX(file) "torvalds/linux " file

extern const struct pmu_event pmu_events_core[], pmu_events_cha[], pmu_events_iio[], pmu_events_amd[];
extern const size_t pmu_nevents_core, pmu_nevents_cha, pmu_nevents_iio, pmu_nevents_amd;

#endif
