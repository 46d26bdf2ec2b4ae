/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pmu_events_cha.c - the boxes beside the last-level cache (C-box, CHA) of Intel's servers: what passes from all cores.
 *
 * Device memory is never cached, so a line that a core's buffer gives up shows here as a request of its own: WCiLF when
 * all 64 bytes are there, WCiL when not; a store to UC memory is WiL. A non-temporal store to ordinary memory that
 * misses counts the same, from every core of the package: what the machine does anyhow has to be subtracted.
 *
 * Until Cascade Lake an opcode goes through the box's one filter register, so full and partial lines cannot be counted
 * at the same time. On Skylake and Cascade Lake that register's upper half is config1[63:32]; rows name its fields, as
 * a bare value is easily put into the lower half, which filters by something else and counts on. filter_opc1 is or-ed
 * with filter_opc0 and therefore of no use here. From Snow Ridge on the opcode is part of a wide umask.
 *
 * Rows come from tests/gen/pmu_events.py.
 */
#include "pmu_events_int.h"

#define CBOX	 "uncore_cbox_*"
#define CHA	 "uncore_cha_*"
#define CSV(cpu) PMU_PM("scripts/config/perf-uncore-events-" cpu ".csv")

#define BOX(g, p, n, m, src, ...)                                                                                      \
	{                                                                                                              \
		.gen = (g), .name = (n), .pmu = (p), .term = { __VA_ARGS__ }, .means = (m), .source = src              \
	}
#define OPC(g, um, opc, n, m, src)                                                                                     \
	BOX(g, CBOX, n, m, src, { "event", 0x35 }, { "umask", (um) }, { "filter_opc", (opc) })
#define OPC_NC(g, um, opc, n, m, src)                                                                                  \
	BOX(g, CBOX, n, m, src, { "event", 0x35 }, { "umask", (um) }, { "filter_opc", (opc) }, { "filter_nc", 1 })
#define FILTER1(g, opc, nc, n, m, src)                                                                                 \
	BOX(g, CHA, n, m, src, { "event", 0x35 }, { "umask", 0x21 }, { "filter_rem", 1 }, { "filter_loc", 1 },         \
	    { "filter_nm", 1 }, { "filter_not_nm", 1 }, { "filter_opc0", (opc) }, { "filter_nc", (nc) })
#define TOR(g, um, n, m, src) BOX(g, CHA, "UNC_CHA_TOR_INSERTS." n, m, src, { "event", 0x35 }, { "umask", (um) })
#define MISC(g, p, n, src)    BOX(g, p, n, PMU_WC_ALIASING, src, { "event", 0x39 }, { "umask", 0x02 })

const struct pmu_event pmu_events_cha[] = {
	OPC(PMU_SNBEP, 0x01, 0x18c, "UNC_C_TOR_INSERTS.OPCODE(WCiLF)", PMU_FULL_LINE, CSV("snb")),
	OPC(PMU_SNBEP, 0x01, 0x18d, "UNC_C_TOR_INSERTS.OPCODE(WCiL)", PMU_PARTIAL_LINE, CSV("snb")),
	OPC(PMU_SNBEP, 0x03, 0x187, "LLC_MISSES.UNCACHEABLE", PMU_UC_READ, CSV("snb")),
	OPC(PMU_IVBEP, 0x01, 0x18c, "UNC_C_TOR_INSERTS.OPCODE(WCiLF)", PMU_FULL_LINE, CSV("ivb")),
	OPC(PMU_IVBEP, 0x01, 0x18d, "UNC_C_TOR_INSERTS.OPCODE(WCiL)", PMU_PARTIAL_LINE, CSV("ivb")),
	OPC(PMU_IVBEP, 0x03, 0x187, "LLC_MISSES.UNCACHEABLE", PMU_UC_READ, CSV("ivb")),
	MISC(PMU_IVBEP, CBOX, "UNC_C_MISC.WC_ALIASING", PMU_PM("IVT uncore events")),
	OPC(PMU_HSWEP, 0x01, 0x18c, "UNC_C_TOR_INSERTS.OPCODE(WCiLF)", PMU_FULL_LINE, CSV("hsx")),
	OPC(PMU_HSWEP, 0x01, 0x18d, "UNC_C_TOR_INSERTS.OPCODE(WCiL)", PMU_PARTIAL_LINE, CSV("hsx")),
	OPC_NC(PMU_HSWEP, 0x03, 0x18f, "UNC_C_TOR_INSERTS.MISS_OPCODE(WiL)", PMU_UC_WRITE, CSV("hsx")),
	OPC_NC(PMU_HSWEP, 0x03, 0x187, "UNC_C_TOR_INSERTS.MISS_OPCODE(PRd)", PMU_UC_READ, CSV("hsx")),
	MISC(PMU_HSWEP, CBOX, "UNC_C_MISC.WC_ALIASING", PMU_PM("HSX uncore events")),
	OPC(PMU_BDX, 0x01, 0x18c, "UNC_C_TOR_INSERTS.OPCODE(WCiLF)", PMU_FULL_LINE, CSV("bdx")),
	OPC(PMU_BDX, 0x01, 0x18d, "UNC_C_TOR_INSERTS.OPCODE(WCiL)", PMU_PARTIAL_LINE, CSV("bdx")),
	OPC_NC(PMU_BDX, 0x03, 0x18f, "UNC_C_TOR_INSERTS.MISS_OPCODE(WiL)", PMU_UC_WRITE, CSV("bdx")),
	OPC_NC(PMU_BDX, 0x03, 0x187, "UNC_C_TOR_INSERTS.MISS_OPCODE(PRd)", PMU_UC_READ, CSV("bdx")),
	MISC(PMU_BDX, CBOX, "UNC_C_MISC.WC_ALIASING", PMU_PM("BDX uncore events")),
	OPC(PMU_BDWDE, 0x01, 0x18c, "UNC_C_TOR_INSERTS.OPCODE(WCiLF)", PMU_FULL_LINE, CSV("bdx")),
	OPC(PMU_BDWDE, 0x01, 0x18d, "UNC_C_TOR_INSERTS.OPCODE(WCiL)", PMU_PARTIAL_LINE, CSV("bdx")),
	OPC_NC(PMU_BDWDE, 0x03, 0x18f, "UNC_C_TOR_INSERTS.MISS_OPCODE(WiL)", PMU_UC_WRITE, CSV("bdx")),
	OPC_NC(PMU_BDWDE, 0x03, 0x187, "UNC_C_TOR_INSERTS.MISS_OPCODE(PRd)", PMU_UC_READ, CSV("bdx")),
	MISC(PMU_BDWDE, CBOX, "UNC_C_MISC.WC_ALIASING", PMU_PM("BDW-DE uncore events")),
	FILTER1(PMU_SKX, 0x20c, 0, "LLC_REFERENCES.STREAMING_FULL", PMU_FULL_LINE, CSV("clx")),
	FILTER1(PMU_SKX, 0x20d, 0, "LLC_REFERENCES.STREAMING_PARTIAL", PMU_PARTIAL_LINE, CSV("clx")),
	FILTER1(PMU_SKX, 0x20f, 1, "LLC_MISSES.MMIO_WRITE", PMU_UC_WRITE, CSV("clx")),
	FILTER1(PMU_SKX, 0x207, 1, "LLC_MISSES.MMIO_READ", PMU_UC_READ, CSV("clx")),
	FILTER1(PMU_SKX, 0x207, 0, "LLC_MISSES.UNCACHEABLE", PMU_UC_READ, CSV("clx")),
	MISC(PMU_SKX, CHA, "UNC_CHA_MISC.WC_ALIASING", PMU_PM("CLX/events/cascadelakex_uncore_experimental.json")),
	FILTER1(PMU_CLX, 0x20c, 0, "LLC_REFERENCES.STREAMING_FULL", PMU_FULL_LINE, CSV("clx")),
	FILTER1(PMU_CLX, 0x20d, 0, "LLC_REFERENCES.STREAMING_PARTIAL", PMU_PARTIAL_LINE, CSV("clx")),
	FILTER1(PMU_CLX, 0x20f, 1, "LLC_MISSES.MMIO_WRITE", PMU_UC_WRITE, CSV("clx")),
	FILTER1(PMU_CLX, 0x207, 1, "LLC_MISSES.MMIO_READ", PMU_UC_READ, CSV("clx")),
	FILTER1(PMU_CLX, 0x207, 0, "LLC_MISSES.UNCACHEABLE", PMU_UC_READ, CSV("clx")),
	MISC(PMU_CLX, CHA, "UNC_CHA_MISC.WC_ALIASING", PMU_PM("CLX/events/cascadelakex_uncore_experimental.json")),
	TOR(PMU_SNR, 0xc867fe01, "IA_MISS_WCILF", PMU_FULL_LINE, PMU_PM("SNR/events/snowridgex_uncore.json")),
	TOR(PMU_SNR, 0xc867ff01, "IA_WCILF", PMU_FULL_LINE, PMU_PM("SNR/events/snowridgex_uncore_experimental.json")),
	TOR(PMU_SNR, 0xc86ffe01, "IA_MISS_WCIL", PMU_PARTIAL_LINE, PMU_PM("SNR/events/snowridgex_uncore.json")),
	TOR(PMU_SNR, 0xc86fff01, "IA_WCIL", PMU_PARTIAL_LINE, PMU_PM("SNR/events/snowridgex_uncore_experimental.json")),
	TOR(PMU_SNR, 0xc87fde01, "IA_MISS_WIL", PMU_UC_WRITE, PMU_PM("SNR/events/snowridgex_uncore.json")),
	TOR(PMU_SNR, 0xc877de01, "IA_MISS_UCRDF", PMU_UC_READ, PMU_PM("SNR/events/snowridgex_uncore.json")),
	MISC(PMU_SNR, CHA, "UNC_CHA_MISC.WC_ALIASING", PMU_PM("SNR/events/snowridgex_uncore_experimental.json")),
	TOR(PMU_ICX, 0xc867fe01, "IA_MISS_WCILF", PMU_FULL_LINE,
	    PMU_PM("ICX/events/icelakex_uncore_experimental.json")),
	TOR(PMU_ICX, 0xc867ff01, "IA_WCILF", PMU_FULL_LINE, PMU_PM("ICX/events/icelakex_uncore_experimental.json")),
	TOR(PMU_ICX, 0xc86ffe01, "IA_MISS_WCIL", PMU_PARTIAL_LINE,
	    PMU_PM("ICX/events/icelakex_uncore_experimental.json")),
	TOR(PMU_ICX, 0xc86fff01, "IA_WCIL", PMU_PARTIAL_LINE, PMU_PM("ICX/events/icelakex_uncore_experimental.json")),
	TOR(PMU_ICX, 0xc87fde01, "IA_MISS_WIL", PMU_UC_WRITE, PMU_PM("ICX/events/icelakex_uncore_experimental.json")),
	TOR(PMU_ICX, 0xc877de01, "IA_MISS_UCRDF", PMU_UC_READ, PMU_PM("ICX/events/icelakex_uncore_experimental.json")),
	MISC(PMU_ICX, CHA, "UNC_CHA_MISC.WC_ALIASING", PMU_PM("ICX/events/icelakex_uncore_experimental.json")),
	TOR(PMU_SPR, 0xc867fe01, "IA_MISS_WCILF", PMU_FULL_LINE,
	    PMU_PM("SPR/events/sapphirerapids_uncore_experimental.json")),
	TOR(PMU_SPR, 0xc867ff01, "IA_WCILF", PMU_FULL_LINE,
	    PMU_PM("SPR/events/sapphirerapids_uncore_experimental.json")),
	TOR(PMU_SPR, 0xc86ffe01, "IA_MISS_WCIL", PMU_PARTIAL_LINE,
	    PMU_PM("SPR/events/sapphirerapids_uncore_experimental.json")),
	TOR(PMU_SPR, 0xc86fff01, "IA_WCIL", PMU_PARTIAL_LINE,
	    PMU_PM("SPR/events/sapphirerapids_uncore_experimental.json")),
	TOR(PMU_SPR, 0xc87fde01, "IA_MISS_WIL", PMU_UC_WRITE,
	    PMU_PM("SPR/events/sapphirerapids_uncore_experimental.json")),
	TOR(PMU_SPR, 0xc877de01, "IA_MISS_UCRDF", PMU_UC_READ,
	    PMU_PM("SPR/events/sapphirerapids_uncore_experimental.json")),
	MISC(PMU_SPR, CHA, "UNC_CHA_MISC.WC_ALIASING", PMU_PM("SPR/events/sapphirerapids_uncore_experimental.json")),
	TOR(PMU_EMR, 0xc867fe01, "IA_MISS_WCILF", PMU_FULL_LINE,
	    PMU_PM("EMR/events/emeraldrapids_uncore_experimental.json")),
	TOR(PMU_EMR, 0xc867ff01, "IA_WCILF", PMU_FULL_LINE,
	    PMU_PM("EMR/events/emeraldrapids_uncore_experimental.json")),
	TOR(PMU_EMR, 0xc86ffe01, "IA_MISS_WCIL", PMU_PARTIAL_LINE,
	    PMU_PM("EMR/events/emeraldrapids_uncore_experimental.json")),
	TOR(PMU_EMR, 0xc86fff01, "IA_WCIL", PMU_PARTIAL_LINE,
	    PMU_PM("EMR/events/emeraldrapids_uncore_experimental.json")),
	TOR(PMU_EMR, 0xc87fde01, "IA_MISS_WIL", PMU_UC_WRITE,
	    PMU_PM("EMR/events/emeraldrapids_uncore_experimental.json")),
	TOR(PMU_EMR, 0xc877de01, "IA_MISS_UCRDF", PMU_UC_READ,
	    PMU_PM("EMR/events/emeraldrapids_uncore_experimental.json")),
	MISC(PMU_EMR, CHA, "UNC_CHA_MISC.WC_ALIASING", PMU_PM("EMR/events/emeraldrapids_uncore_experimental.json")),
	TOR(PMU_GNR, 0xc867fe01, "IA_MISS_WCILF", PMU_FULL_LINE, PMU_PM("GNR/events/graniterapids_uncore.json")),
	TOR(PMU_GNR, 0xc867ff01, "IA_WCILF", PMU_FULL_LINE, PMU_PM("GNR/events/graniterapids_uncore.json")),
	TOR(PMU_GNR, 0xc86ffe01, "IA_MISS_WCIL", PMU_PARTIAL_LINE, PMU_PM("GNR/events/graniterapids_uncore.json")),
	TOR(PMU_GNR, 0xc86fff01, "IA_WCIL", PMU_PARTIAL_LINE, PMU_PM("GNR/events/graniterapids_uncore.json")),
	TOR(PMU_GNR, 0xc87fde01, "IA_MISS_WIL", PMU_UC_WRITE, PMU_PM("GNR/events/graniterapids_uncore.json")),
	TOR(PMU_GNR, 0xc877de01, "IA_MISS_UCRDF", PMU_UC_READ, PMU_PM("GNR/events/graniterapids_uncore.json")),
	TOR(PMU_SRF, 0xc867fe01, "IA_MISS_WCILF", PMU_FULL_LINE, PMU_PM("SRF/events/sierraforest_uncore.json")),
	TOR(PMU_SRF, 0xc867ff01, "IA_WCILF", PMU_FULL_LINE, PMU_PM("SRF/events/sierraforest_uncore.json")),
	TOR(PMU_SRF, 0xc86ffe01, "IA_MISS_WCIL", PMU_PARTIAL_LINE, PMU_PM("SRF/events/sierraforest_uncore.json")),
	TOR(PMU_SRF, 0xc86fff01, "IA_WCIL", PMU_PARTIAL_LINE, PMU_PM("SRF/events/sierraforest_uncore.json")),
	TOR(PMU_SRF, 0xc87fde01, "IA_MISS_WIL", PMU_UC_WRITE, PMU_PM("SRF/events/sierraforest_uncore.json")),
	TOR(PMU_SRF, 0xc877de01, "IA_MISS_UCRDF", PMU_UC_READ, PMU_PM("SRF/events/sierraforest_uncore.json")),
	TOR(PMU_CWF, 0xc867fe01, "IA_MISS_WCILF", PMU_FULL_LINE, PMU_PM("CWF/events/clearwaterforest_uncore.json")),
	TOR(PMU_CWF, 0xc867ff01, "IA_WCILF", PMU_FULL_LINE, PMU_PM("CWF/events/clearwaterforest_uncore.json")),
	TOR(PMU_CWF, 0xc86ffe01, "IA_MISS_WCIL", PMU_PARTIAL_LINE, PMU_PM("CWF/events/clearwaterforest_uncore.json")),
	TOR(PMU_CWF, 0xc86fff01, "IA_WCIL", PMU_PARTIAL_LINE, PMU_PM("CWF/events/clearwaterforest_uncore.json")),
	TOR(PMU_CWF, 0xc87fde01, "IA_MISS_WIL", PMU_UC_WRITE, PMU_PM("CWF/events/clearwaterforest_uncore.json")),
	TOR(PMU_CWF, 0xc877de01, "IA_MISS_UCRDF", PMU_UC_READ, PMU_PM("CWF/events/clearwaterforest_uncore.json")),
	TOR(PMU_GRR, 0xc867fe01, "IA_MISS_WCILF", PMU_FULL_LINE, PMU_PM("GRR/events/grandridge_uncore.json")),
	TOR(PMU_GRR, 0xc867ff01, "IA_WCILF", PMU_FULL_LINE, PMU_PM("GRR/events/grandridge_uncore.json")),
	TOR(PMU_GRR, 0xc86ffe01, "IA_MISS_WCIL", PMU_PARTIAL_LINE, PMU_PM("GRR/events/grandridge_uncore.json")),
	TOR(PMU_GRR, 0xc86fff01, "IA_WCIL", PMU_PARTIAL_LINE, PMU_PM("GRR/events/grandridge_uncore.json")),
	TOR(PMU_GRR, 0xc87fde01, "IA_MISS_WIL", PMU_UC_WRITE, PMU_PM("GRR/events/grandridge_uncore.json")),
	TOR(PMU_GRR, 0xc877de01, "IA_MISS_UCRDF", PMU_UC_READ, PMU_PM("GRR/events/grandridge_uncore.json")),
};
const size_t pmu_nevents_cha = sizeof(pmu_events_cha) / sizeof(pmu_events_cha[0]);
