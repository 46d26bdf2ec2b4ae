#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pmu_events.py LIST KIND - rows of C, as they stand in probe/pmu_events_KIND.c, from a list of events.

KIND is core, cha, iio or amd. LIST has tab-separated columns with a head line: vendor, family, models, uarch, pmu, event,
umask, extra, name, meaning, source. A generation that is new has its line in GEN, below. The rows then belong to the project and are kept by hand: this stands here so that a
new list (a new generation in intel/perfmon) can be turned into rows of the same form.

Within a generation and a meaning the first row is the one that a witness takes: IA_MISS_ before IA_, because device
memory is never in a cache and a store to cached memory that hits then is not counted.
"""
import re
import sys

GEN = {
    "Sandy Bridge-EP": "SNBEP", "Ivy Bridge-EP": "IVBEP", "Haswell-EP": "HSWEP", "Broadwell-EP": "BDX",
    "Broadwell-DE": "BDWDE", "Skylake-SP": "SKX", "Cascade Lake/Cooper Lake-SP": "CLX", "Snow Ridge": "SNR",
    "Ice Lake-SP/D": "ICX", "Sapphire Rapids": "SPR", "Emerald Rapids": "EMR", "Granite Rapids": "GNR",
    "Sierra Forest": "SRF", "Clearwater Forest": "CWF", "Grand Ridge": "GRR", "Alder/Raptor Lake": "ADL",
    "Arrow Lake": "ARL", "Broadwell": "BDW", "Elkhart/Jasper Lake": "EHL", "Goldmont": "GLM", "Goldmont Plus": "GLP",
    "Haswell": "HSW", "Ice Lake client": "ICL", "Ivy Bridge": "IVB", "Knights Landing/Mill": "KNL",
    "Lunar Lake": "LNL", "Meteor Lake": "MTL", "Panther Lake": "PTL", "Rocket Lake": "RKL", "Sandy Bridge": "SNB",
    "Silvermont/Airmont": "SLM", "Skylake..Comet Lake client": "SKL", "Tiger Lake": "TGL", "K10": "K10",
    "Bulldozer..Excavator": "FAM15", "Jaguar/Puma": "FAM16", "Zen1/Zen+": "ZEN1", "Zen2": "ZEN2", "Zen3": "ZEN3",
    "Zen4": "ZEN4", "Zen5": "ZEN5", "Zen6": "ZEN6",
}
MEANS = [
    ("full-line", "FULL_LINE"), ("partial-line", "PARTIAL_LINE"), ("any-streaming", "ANY_STREAMING"),
    ("uc-write", "UC_WRITE"), ("uc-read", "UC_READ"), ("bytes(x4)", "BYTES"), ("txns", "TRANSACTIONS"),
    ("bytes(x64", "OUTBOUND"),
    ("wc-aliasing", "WC_ALIASING"), ("wcb-closes", "WCB_CLOSE"), ("wcb-writes", "WCB_WRITE"),
    ("wcb-full-stall", "WCB_FULL"), ("wc-requests", "WC_REQUEST"), ("uc-requests", "UC_REQUEST"),
    ("streaming-store", "STREAMING_STORE"), ("wc+/streaming-store", "STREAMING_STORE"),
    ("zero-byte-store", "ZERO_BYTE"), ("clzero", "CLZERO"), ("other", "OTHER"),
]
# FILTER1 of a Skylake-SP CHA, which is config1[63:32]: first bit, width, the name of the sysfs format.
FILTER1 = [(0, 1, "filter_rem"), (1, 1, "filter_loc"), (3, 1, "filter_all_op"), (4, 1, "filter_nm"),
           (5, 1, "filter_not_nm"), (9, 10, "filter_opc0"), (19, 10, "filter_opc1"), (30, 1, "filter_nc"),
           (31, 1, "filter_isoc")]


def terms(r):
    ev = int(r["event"].split(",")[0], 0)
    um = [int(u, 0) for u in r["umask"].split(",")]
    extra = r["extra"]
    m = re.search(r"offcore_rsp(?:\(config1\))?=(0x[0-9a-f]+)", extra)
    if m:
        # two registers, chosen by event or umask; an event that only the second one knows has to name it
        second = re.search(r"MSR 0x1a7\b", extra) and len(um) > 1
        return [("event", ev), ("umask", um[1] if second else um[0]), ("offcore_rsp", int(m.group(1), 16))]
    m = re.search(r"FILTER1=(0x[0-9a-f]+)", extra)
    if m:
        f1, out = int(m.group(1), 16), [("event", ev), ("umask", um[0])]
        for lo, width, name in FILTER1:
            v = f1 >> lo & ((1 << width) - 1)
            f1 &= ~(((1 << width) - 1) << lo)
            if v:
                out.append((name, v))
        assert not f1, extra
        return out
    out = [("event", ev), ("umask", um[0] & 0xff if "kernel JSON form" in extra else um[0])]
    for name in ("filter_opc", "filter_nc", "ch_mask", "fc_mask"):
        m = re.search(r"\b%s=(0x[0-9a-f]+|\d+)" % name, extra)
        if m:
            out.append((name, int(m.group(1), 0)))
    return out


def kind(r):
    if r["vendor"] == "amd":
        return "amd"
    if r["pmu"].startswith("uncore_iio"):
        return "iio"
    return "cha" if r["pmu"].startswith("uncore_c") else "core"


def source(text):
    text = text.split(";")[0].strip()
    for start, macro, end in (("intel/perfmon scripts/config/perf-uncore-events-", "CSV", ".csv"),
                              ("intel/perfmon ", "PMU_PM", ""), ("libpfm4 lib/events/", "PMU_LP", ""),
                              ("libpfm4 ", "PMU_LP", ""),
                              ("torvalds/linux tools/perf/pmu-events/arch/x86/", "LXJ", ""),
                              ("torvalds/linux ", "PMU_LX", "")):
        if text.startswith(start) and text.endswith(end):
            return '%s("%s")' % (macro, text[len(start):len(text) - len(end)])
    return '"%s"' % text


def short(name):
    """Of "EVENT=ALIAS" and "EVENT/ALIAS" what a manual has under that name."""
    return name.split("=")[0].split("/")[-1]


def row(r):
    """The macros stand at the head of each file; what they leave out is the same in all rows of that file."""
    t = dict(terms(r))
    gen, name, src = "PMU_" + GEN[r["uarch"]], '"%s"' % short(r["name"]), source(r["source"])
    means = "PMU_" + next(c for s, c in MEANS if r["meaning"].startswith(s))
    ev, um = "0x%02x" % t.pop("event"), "0x%02x" % t.pop("umask")
    if "offcore_rsp" in t:
        print('\tOCR(%s, "%s", %s, %s, 0x%x, %s, %s, %s),' % (gen, r["pmu"], ev, um, t["offcore_rsp"], name, means, src))
    elif "filter_opc0" in t:
        print("\tFILTER1(%s, 0x%x, %d, %s, %s, %s)," % (gen, t["filter_opc0"], t.get("filter_nc", 0), name, means, src))
    elif "filter_opc" in t:
        macro = "OPC_NC" if "filter_nc" in t else "OPC"
        print("\t%s(%s, %s, 0x%x, %s, %s, %s)," % (macro, gen, um, t["filter_opc"], name, means, src))
    elif name.startswith('"UNC_CHA_TOR_INSERTS.'):
        print('\tTOR(%s, %s, "%s, %s, %s),' % (gen, um, name[len('"UNC_CHA_TOR_INSERTS.'):], means, src))
    elif means == "PMU_WC_ALIASING":
        print("\tMISC(%s, %s, %s, %s)," % (gen, "CBOX" if "cbox" in r["pmu"] else "CHA", name, src))
    else:
        # not in the vendor's own list
        second = "2" if src.startswith("PMU_LP") else ""
        print("\tEVENT%s(%s, %s, %s, %s, %s, %s)," % (second, gen, ev, um, name, means, src))


def ports(rows):
    """Eight rows of bytes and eight of transactions are one line."""
    for gen in dict.fromkeys(r["uarch"] for r in rows):
        mine = [r for r in rows if r["uarch"] == gen]
        print("\tPORTS%d(PMU_%s, %s)," % (len(mine) // 2, GEN[gen], source(mine[0]["source"])))


def main():
    columns = "vendor family models uarch pmu event umask extra name meaning source".split()
    with open(sys.argv[1], encoding="ascii") as lines:
        rows = [dict(zip(columns, line.rstrip("\n").split("\t"))) for line in lines][1:]
    gens, means = list(GEN), [s for s, _ in MEANS]
    rows = [r for r in rows if kind(r) == sys.argv[2]]
    rows.sort(key=lambda r: (gens.index(r["uarch"]), next(i for i, s in enumerate(means) if r["meaning"].startswith(s)),
                             "MISS" not in r["name"]))
    if sys.argv[2] == "iio":
        ports(rows)
        return
    for r in rows:
        row(r)


main()
