/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pmu_events_iio.c - the PCIe ports of Intel's servers: writes of all CPUs towards what is behind a port.
 *
 * The nearest thing to counting TLPs: 0xc0 counts units of 4 bytes (on counters 2 and 3 only), 0xc1 transactions of at
 * most 64 bytes, so 4 * 0xc0 / 0xc1 is the bytes a transaction carries: about 64 when lines arrive whole, about 8 when
 * they are split. ch_mask has a bit a port, fc_mask 7 means every kind of flow control.
 *
 * From Granite Rapids on the kernel's list of events folds both masks into a wide umask (PART0: 0x7001001); the masks
 * are still fields of their own in sysfs, and the bits are the same.
 *
 * Rows come from tests/gen/pmu_events.py, the ports of one generation then folded into a line.
 */
#include "pmu_events_int.h"

#define WRITE(g, ev, n, p, ...)                                                                                        \
	{                                                                                                              \
		.gen = (g), .name = n #p, .pmu = "uncore_iio_*",                                                       \
		.term = { { "event", (ev) }, { "umask", 0x01 }, { "ch_mask", 1U << (p) }, { "fc_mask", 0x7 } },        \
		__VA_ARGS__                                                                                            \
	}
#define PORT(g, p, src)                                                                                                \
	WRITE(g, 0xc0, "UNC_IIO_DATA_REQ_BY_CPU.MEM_WRITE.PART", p, .means = PMU_BYTES, .unit = 4, .source = src),     \
		WRITE(g, 0xc1, "UNC_IIO_TXN_REQ_BY_CPU.MEM_WRITE.PART", p, .means = PMU_TRANSACTIONS, .source = src)
#define PORTS4(g, src) PORT(g, 0, src), PORT(g, 1, src), PORT(g, 2, src), PORT(g, 3, src)
#define PORTS8(g, src) PORTS4(g, src), PORT(g, 4, src), PORT(g, 5, src), PORT(g, 6, src), PORT(g, 7, src)

const struct pmu_event pmu_events_iio[] = {
	PORTS4(PMU_SKX, PMU_PM("SKX/events/skylakex_uncore.json")),
	PORTS4(PMU_CLX, PMU_PM("CLX/events/cascadelakex_uncore.json")),
	PORTS8(PMU_SNR, PMU_PM("SNR/events/snowridgex_uncore.json")),
	PORTS8(PMU_ICX, PMU_PM("ICX/events/icelakex_uncore.json")),
	PORTS8(PMU_SPR, PMU_PM("SPR/events/sapphirerapids_uncore.json")),
	PORTS8(PMU_EMR, PMU_PM("EMR/events/emeraldrapids_uncore.json")),
	PORTS8(PMU_GNR, PMU_PM("GNR/events/graniterapids_uncore.json")),
	PORTS8(PMU_SRF, PMU_PM("SRF/events/sierraforest_uncore.json")),
	PORTS8(PMU_CWF, PMU_PM("CWF/events/clearwaterforest_uncore.json")),
	PORTS8(PMU_GRR, PMU_PM("GRR/events/grandridge_uncore.json")),
};
const size_t pmu_nevents_iio = sizeof(pmu_events_iio) / sizeof(pmu_events_iio[0]);
