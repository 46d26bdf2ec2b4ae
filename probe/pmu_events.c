/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pmu_events.c - which generation a CPU is of, and which of its rows serve as a witness.
 */
#include <errno.h>
#include <string.h>

#include "cpu.h"
#include "pmu_events_int.h"

#define ANY_STEPPING 0, 255
#define INTEL(m, g)                                                                                                    \
	{                                                                                                              \
		VENDOR_INTEL, 6, m, m, ANY_STEPPING, g                                                                 \
	}
#define AMD(f, lo, hi, g)                                                                                              \
	{                                                                                                              \
		VENDOR_AMD, f, lo, hi, ANY_STEPPING, g                                                                 \
	}

/*
 * Intel: mapfile.csv of intel/perfmon. AMD: torvalds/linux tools/perf/pmu-events/arch/x86/mapfile.csv (Zen 1 to 4) and
 * bsp_init_amd() in arch/x86/kernel/cpu/amd.c (Zen 5, Zen 6). Hygon (family 0x18) is a Zen 1 of which no list says so.
 */
const struct pmu_models pmu_models[] = {
	INTEL(0x2d, PMU_SNBEP),
	INTEL(0x3e, PMU_IVBEP),
	INTEL(0x3f, PMU_HSWEP),
	INTEL(0x4f, PMU_BDX),
	INTEL(0x56, PMU_BDWDE),
	{ VENDOR_INTEL, 6, 0x55, 0x55, 0, 4, PMU_SKX },
	{ VENDOR_INTEL, 6, 0x55, 0x55, 5, 15, PMU_CLX },
	INTEL(0x86, PMU_SNR),
	INTEL(0x6a, PMU_ICX),
	INTEL(0x6c, PMU_ICX),
	INTEL(0x8f, PMU_SPR),
	INTEL(0xcf, PMU_EMR),
	INTEL(0xad, PMU_GNR),
	INTEL(0xae, PMU_GNR),
	INTEL(0xaf, PMU_SRF),
	INTEL(0xdd, PMU_CWF),
	INTEL(0xb6, PMU_GRR),
	INTEL(0x2a, PMU_SNB),
	INTEL(0x3a, PMU_IVB),
	INTEL(0x3c, PMU_HSW),
	INTEL(0x45, PMU_HSW),
	INTEL(0x46, PMU_HSW),
	INTEL(0x3d, PMU_BDW),
	INTEL(0x47, PMU_BDW),
	INTEL(0x4e, PMU_SKL),
	INTEL(0x5e, PMU_SKL),
	INTEL(0x8e, PMU_SKL),
	INTEL(0x9e, PMU_SKL),
	INTEL(0xa5, PMU_SKL),
	INTEL(0xa6, PMU_SKL),
	INTEL(0x7d, PMU_ICL),
	INTEL(0x7e, PMU_ICL),
	INTEL(0x8c, PMU_TGL),
	INTEL(0x8d, PMU_TGL),
	INTEL(0xa7, PMU_RKL),
	INTEL(0x97, PMU_ADL),
	INTEL(0x9a, PMU_ADL),
	INTEL(0xb7, PMU_ADL),
	INTEL(0xba, PMU_ADL),
	INTEL(0xbe, PMU_ADL),
	INTEL(0xbf, PMU_ADL),
	INTEL(0xaa, PMU_MTL),
	INTEL(0xac, PMU_MTL),
	INTEL(0xb5, PMU_MTL),
	INTEL(0xbd, PMU_LNL),
	INTEL(0xc5, PMU_ARL),
	INTEL(0xc6, PMU_ARL),
	INTEL(0xcc, PMU_PTL),
	INTEL(0xd5, PMU_PTL),
	INTEL(0xe5, PMU_PTL),
	INTEL(0x37, PMU_SLM),
	INTEL(0x4a, PMU_SLM),
	INTEL(0x4c, PMU_SLM),
	INTEL(0x4d, PMU_SLM),
	INTEL(0x5a, PMU_SLM),
	INTEL(0x5c, PMU_GLM),
	INTEL(0x5f, PMU_GLM),
	INTEL(0x7a, PMU_GLP),
	INTEL(0x96, PMU_EHL),
	INTEL(0x9c, PMU_EHL),
	INTEL(0x57, PMU_KNL),
	INTEL(0x85, PMU_KNL),
	AMD(0x10, 0x00, 0xff, PMU_K10),
	AMD(0x15, 0x00, 0xff, PMU_FAM15),
	AMD(0x16, 0x00, 0xff, PMU_FAM16),
	AMD(0x17, 0x00, 0x2f, PMU_ZEN1),
	AMD(0x17, 0x30, 0xff, PMU_ZEN2),
	AMD(0x19, 0x00, 0x0f, PMU_ZEN3),
	AMD(0x19, 0x10, 0x1f, PMU_ZEN4),
	AMD(0x19, 0x20, 0x2f, PMU_ZEN3),
	AMD(0x19, 0x40, 0x5f, PMU_ZEN3),
	AMD(0x19, 0x60, 0xaf, PMU_ZEN4),
	AMD(0x1a, 0x00, 0x2f, PMU_ZEN5),
	AMD(0x1a, 0x40, 0x4f, PMU_ZEN5),
	AMD(0x1a, 0x50, 0x5f, PMU_ZEN6),
	AMD(0x1a, 0x60, 0x7f, PMU_ZEN5),
	AMD(0x1a, 0x80, 0xaf, PMU_ZEN6),
	AMD(0x1a, 0xc0, 0xcf, PMU_ZEN6),
};
const size_t pmu_nmodels = sizeof(pmu_models) / sizeof(pmu_models[0]);

static const char *const gen_names[PMU_GENS] = {
	[PMU_SNBEP] = "Sandy Bridge-EP",
	[PMU_IVBEP] = "Ivy Bridge-EP",
	[PMU_HSWEP] = "Haswell-EP",
	[PMU_BDX] = "Broadwell-EP",
	[PMU_BDWDE] = "Broadwell-DE",
	[PMU_SKX] = "Skylake-SP",
	[PMU_CLX] = "Cascade Lake-SP",
	[PMU_SNR] = "Snow Ridge",
	[PMU_ICX] = "Ice Lake-SP",
	[PMU_SPR] = "Sapphire Rapids",
	[PMU_EMR] = "Emerald Rapids",
	[PMU_GNR] = "Granite Rapids",
	[PMU_SRF] = "Sierra Forest",
	[PMU_CWF] = "Clearwater Forest",
	[PMU_GRR] = "Grand Ridge",
	[PMU_SNB] = "Sandy Bridge",
	[PMU_IVB] = "Ivy Bridge",
	[PMU_HSW] = "Haswell",
	[PMU_BDW] = "Broadwell",
	[PMU_SKL] = "Skylake",
	[PMU_ICL] = "Ice Lake",
	[PMU_TGL] = "Tiger Lake",
	[PMU_RKL] = "Rocket Lake",
	[PMU_ADL] = "Alder Lake",
	[PMU_MTL] = "Meteor Lake",
	[PMU_LNL] = "Lunar Lake",
	[PMU_ARL] = "Arrow Lake",
	[PMU_PTL] = "Panther Lake",
	[PMU_SLM] = "Silvermont",
	[PMU_GLM] = "Goldmont",
	[PMU_GLP] = "Goldmont Plus",
	[PMU_EHL] = "Elkhart Lake",
	[PMU_KNL] = "Knights Landing",
	[PMU_K10] = "family 10h",
	[PMU_FAM15] = "family 15h",
	[PMU_FAM16] = "family 16h",
	[PMU_ZEN1] = "Zen",
	[PMU_ZEN2] = "Zen 2",
	[PMU_ZEN3] = "Zen 3",
	[PMU_ZEN4] = "Zen 4",
	[PMU_ZEN5] = "Zen 5",
	[PMU_ZEN6] = "Zen 6",
};

static const char *const means_names[PMU_MEANINGS] = {
	[PMU_FULL_LINE] = "full lines",
	[PMU_PARTIAL_LINE] = "partial lines",
	[PMU_ANY_STREAMING] = "full and partial lines together",
	[PMU_UC_WRITE] = "UC stores",
	[PMU_UC_READ] = "UC loads",
	[PMU_BYTES] = "bytes towards a PCIe port",
	[PMU_TRANSACTIONS] = "transactions towards a PCIe port",
	[PMU_OUTBOUND] = "bytes of all writes that leave a CCD",
	[PMU_WC_ALIASING] = "WC writes that hit a cached line",
	[PMU_WCB_CLOSE] = "buffers closed",
	[PMU_WCB_WRITE] = "stores into buffers",
	[PMU_WCB_FULL] = "stores that waited for a buffer",
	[PMU_WC_REQUEST] = "WC requests",
	[PMU_UC_REQUEST] = "UC requests",
	[PMU_STREAMING_STORE] = "streaming stores",
	[PMU_ZERO_BYTE] = "zero-byte stores",
	[PMU_CLZERO] = "CLZERO lines",
	[PMU_OTHER] = "I/O, UC, WC and more together",
};

static const struct {
	const struct pmu_event *row;
	const size_t *n;
} tables[] = {
	/* The order is the order of preference in pmu_choose(). */
	{ pmu_events_core, &pmu_nevents_core },
	{ pmu_events_cha, &pmu_nevents_cha },
	{ pmu_events_iio, &pmu_nevents_iio },
	{ pmu_events_amd, &pmu_nevents_amd },
};
enum { TABLES = sizeof(tables) / sizeof(tables[0]) };

enum pmu_gen pmu_gen_of(const struct cpu *cpu)
{
	for (size_t i = 0; i < pmu_nmodels; i++) {
		const struct pmu_models *m = &pmu_models[i];

		if (m->vendor == cpu->vendor && m->family == cpu->family && m->model_lo <= cpu->model &&
		    cpu->model <= m->model_hi && m->stepping_lo <= cpu->stepping && cpu->stepping <= m->stepping_hi)
			return m->gen;
	}
	return PMU_NO_GEN;
}

const char *pmu_gen_name(enum pmu_gen gen)
{
	return (unsigned int)gen < PMU_GENS ? gen_names[gen] : "";
}

const char *pmu_means_name(enum pmu_means m)
{
	return (unsigned int)m < PMU_MEANINGS ? means_names[m] : "";
}

size_t pmu_nevents(void)
{
	size_t n = 0;

	for (unsigned int t = 0; t < TABLES; t++)
		n += *tables[t].n;
	return n;
}

const struct pmu_event *pmu_event(size_t i)
{
	for (unsigned int t = 0; t < TABLES; i -= *tables[t].n, t++)
		if (i < *tables[t].n)
			return &tables[t].row[i];
	return NULL;
}
