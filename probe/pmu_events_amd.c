/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pmu_events_amd.c - AMD: write-combining buffers as the core counts them.
 *
 * Nothing documented counts a CPU's writes towards a device: the data fabric's I/O counters see what devices send, its
 * outbound beats all writes that leave a CCD. What there is: how often a buffer was closed, and on Zen 5 and later how
 * often because all 64 bytes were there. That the two belong together (Zen 5: full lines 0x50:1 of all closes
 * 0x63:0x20) is inferred. All of them count non-temporal stores to ordinary memory as well. Of Zen 3 and Zen 4 no event
 * of a close is documented.
 *
 * Rows come from tests/gen/pmu_events.py.
 */
#include "pmu_events_int.h"

#define LXJ(file) PMU_LX("tools/perf/pmu-events/arch/x86/" file)

#define EVENT_(g, p, ev, um, n, m, ...)                                                                                \
	{                                                                                                              \
		.gen = (g), .name = (n), .pmu = (p), .term = { { "event", (ev) }, { "umask", (um) } }, .means = (m),   \
		__VA_ARGS__                                                                                            \
	}
#define EVENT(g, ev, um, n, m, src)  EVENT_(g, "cpu", ev, um, n, m, .source = src)
#define EVENT2(g, ev, um, n, m, src) EVENT_(g, "cpu", ev, um, n, m, .second_hand = true, .source = src)
#define CFI(ev, no)                                                                                                    \
	EVENT_(PMU_ZEN5, "amd_df", ev, 0x7ff, "local_socket_outbound_data_beats_cfi_" no, PMU_OUTBOUND, .unit = 64,    \
	       .source = LXJ("amdzen5/data-fabric.json"))

const struct pmu_event pmu_events_amd[] = {
	EVENT2(PMU_K10, 0x65, 0x02, "MEMORY_REQUESTS:WRITE_COMBINING", PMU_WC_REQUEST, PMU_LP("amd64_events_fam10h.h")),
	EVENT2(PMU_K10, 0x65, 0x01, "MEMORY_REQUESTS:NON_CACHEABLE", PMU_UC_REQUEST, PMU_LP("amd64_events_fam10h.h")),
	EVENT2(PMU_K10, 0x65, 0x80, "MEMORY_REQUESTS:STREAMING_STORE", PMU_STREAMING_STORE,
	       PMU_LP("amd64_events_fam10h.h")),
	EVENT2(PMU_FAM15, 0x65, 0x02, "MEMORY_REQUESTS:WRITE_COMBINING", PMU_WC_REQUEST,
	       PMU_LP("amd64_events_fam15h.h")),
	EVENT2(PMU_FAM15, 0x65, 0x01, "MEMORY_REQUESTS:NON_CACHEABLE", PMU_UC_REQUEST, PMU_LP("amd64_events_fam15h.h")),
	EVENT2(PMU_FAM15, 0x65, 0x80, "MEMORY_REQUESTS:STREAMING_STORE", PMU_STREAMING_STORE,
	       PMU_LP("amd64_events_fam15h.h")),
	EVENT2(PMU_FAM16, 0x65, 0x02, "MEMORY_REQUESTS:WRITE_COMBINING", PMU_WC_REQUEST,
	       PMU_LP("amd64_events_fam16h.h")),
	EVENT(PMU_ZEN1, 0x63, 0x20, "l2_wcb_req.wcb_close", PMU_WCB_CLOSE, LXJ("amdzen1/cache.json")),
	EVENT(PMU_ZEN1, 0x63, 0x40, "l2_wcb_req.wcb_write", PMU_WCB_WRITE, LXJ("amdzen1/cache.json")),
	EVENT(PMU_ZEN1, 0x63, 0x04, "l2_wcb_req.zero_byte_store", PMU_ZERO_BYTE, LXJ("amdzen1/cache.json")),
	EVENT(PMU_ZEN1, 0x63, 0x01, "l2_wcb_req.cl_zero", PMU_CLZERO, LXJ("amdzen1/cache.json")),
	EVENT(PMU_ZEN2, 0x63, 0x20, "l2_wcb_req.wcb_close", PMU_WCB_CLOSE, LXJ("amdzen2/cache.json")),
	EVENT(PMU_ZEN2, 0x63, 0x40, "l2_wcb_req.wcb_write", PMU_WCB_WRITE, LXJ("amdzen2/cache.json")),
	EVENT2(PMU_ZEN2, 0x37, 0x01, "STORE_COMMIT_CANCELS_2:WCB_FULL", PMU_WCB_FULL,
	       PMU_LP("amd64_events_fam17h_zen2.h")),
	EVENT(PMU_ZEN2, 0x63, 0x04, "l2_wcb_req.zero_byte_store", PMU_ZERO_BYTE, LXJ("amdzen2/cache.json")),
	EVENT(PMU_ZEN2, 0x63, 0x01, "l2_wcb_req.cl_zero", PMU_CLZERO, LXJ("amdzen2/cache.json")),
	EVENT(PMU_ZEN3, 0x37, 0x01, "ls_st_commit_cancel2.st_commit_cancel_wcb_full", PMU_WCB_FULL,
	      LXJ("amdzen3/memory.json")),
	EVENT(PMU_ZEN4, 0x37, 0x01, "ls_st_commit_cancel2.st_commit_cancel_wcb_full", PMU_WCB_FULL,
	      LXJ("amdzen4/memory.json")),
	EVENT(PMU_ZEN5, 0x50, 0x01, "wcb_close.full_line_64b", PMU_FULL_LINE, LXJ("amdzen5/load-store.json")),
	CFI(0x41e, "0"),
	CFI(0x45e, "1"),
	CFI(0x49e, "2"),
	CFI(0x4de, "3"),
	CFI(0x51e, "4"),
	CFI(0x55e, "5"),
	CFI(0x59e, "6"),
	CFI(0x5de, "7"),
	CFI(0x41f, "8"),
	CFI(0x45f, "9"),
	CFI(0x49f, "10"),
	CFI(0x4df, "11"),
	CFI(0x51f, "12"),
	CFI(0x55f, "13"),
	CFI(0x59f, "14"),
	CFI(0x5df, "15"),
	EVENT2(PMU_ZEN5, 0x63, 0x20, "LS_TO_L2_WBC_REQUESTS:WCB_CLOSE", PMU_WCB_CLOSE,
	       PMU_LP("amd64_events_fam1ah_zen5.h")),
	EVENT(PMU_ZEN5, 0x37, 0x01, "ls_st_commit_cancel2.st_commit_cancel_wcb_full", PMU_WCB_FULL,
	      LXJ("amdzen5/load-store.json")),
	EVENT(PMU_ZEN6, 0x50, 0x01, "wcb_close.full_line_64b", PMU_FULL_LINE, LXJ("amdzen6/load-store.json")),
};
const size_t pmu_nevents_amd = sizeof(pmu_events_amd) / sizeof(pmu_events_amd[0]);
