/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pmu_events.h - which performance counters tell full lines from partial ones, per CPU generation.
 *
 * Tables only: nothing is read here, and no value is an encoding; where a term goes in perf's config words is what
 * sysfs says on that machine (pmu_format.h).
 */
#ifndef WCDIAG_PMU_EVENTS_H
#define WCDIAG_PMU_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mtype.h"

struct cpu;

/* CPU generations that have rows, pmu_gens[] says which models they are. */
enum pmu_gen {
	PMU_SNBEP,
	PMU_IVBEP,
	PMU_HSWEP,
	PMU_BDX,
	PMU_BDWDE,
	PMU_SKX,
	PMU_CLX,
	PMU_SNR,
	PMU_ICX,
	PMU_SPR,
	PMU_EMR,
	PMU_GNR,
	PMU_SRF,
	PMU_CWF,
	PMU_GRR,
	PMU_SNB,
	PMU_IVB,
	PMU_HSW,
	PMU_BDW,
	PMU_SKL,
	PMU_ICL,
	PMU_TGL,
	PMU_RKL,
	PMU_ADL,
	PMU_MTL,
	PMU_LNL,
	PMU_ARL,
	PMU_PTL,
	PMU_SLM,
	PMU_GLM,
	PMU_GLP,
	PMU_EHL,
	PMU_KNL,
	PMU_K10,
	PMU_FAM15,
	PMU_FAM16,
	PMU_ZEN1,
	PMU_ZEN2,
	PMU_ZEN3,
	PMU_ZEN4,
	PMU_ZEN5,
	PMU_ZEN6,
	PMU_GENS,
	PMU_NO_GEN = PMU_GENS, /* no rows for this CPU */
};

enum pmu_means {
	PMU_FULL_LINE,	   /* a buffer given up with all 64 bytes */
	PMU_PARTIAL_LINE,  /* ... with some missing */
	PMU_ANY_STREAMING, /* one or the other, and non-temporal stores to ordinary memory */
	PMU_UC_WRITE,	   /* a store to UC memory */
	PMU_UC_READ,
	PMU_BYTES,	  /* unit bytes a count, towards a PCIe port */
	PMU_TRANSACTIONS, /* of at most 64 bytes, towards a PCIe port */
	PMU_OUTBOUND,	  /* unit bytes a count: every write that leaves a CCD, not only MMIO */
	PMU_WC_ALIASING,  /* a WC write hit a modified line of the cache: the memory is mapped WB as well */
	PMU_WCB_CLOSE,	  /* a buffer was closed for any reason */
	PMU_WCB_WRITE,	  /* a store went into a buffer */
	PMU_WCB_FULL,	  /* a store had to wait because all buffers were taken */
	PMU_WC_REQUEST,	  /* requests of WC type, or buffers flushed */
	PMU_UC_REQUEST,
	PMU_STREAMING_STORE,
	PMU_ZERO_BYTE,
	PMU_CLZERO,
	PMU_OTHER, /* I/O, UC, WC and more together: no witness */
	PMU_MEANINGS
};

enum { PMU_TERMS = 8 };
struct pmu_term {
	const char *name; /* of a file in the PMU's format/ */
	uint64_t value;
};

struct pmu_event {
	enum pmu_gen gen;
	const char *name; /* the manual's, or the vendor's list's */
	const char *pmu;  /* name in sysfs; "uncore_cha_*": one PMU a box, all of them together are the count */
	struct pmu_term term[PMU_TERMS]; /* ended by name NULL, unless full; a zero value asks for nothing */
	enum pmu_means means;
	unsigned char unit; /* bytes a count; 0: the count is not of bytes */
	bool second_hand;   /* not in the vendor's own list */
	const char *source;
};

/* One range of models; family and model as cpuid displays them. */
struct pmu_models {
	enum cpu_vendor vendor;
	unsigned int family, model_lo, model_hi, stepping_lo, stepping_hi;
	enum pmu_gen gen;
};
extern const struct pmu_models pmu_models[];
extern const size_t pmu_nmodels;

/* The generation of a CPU, and its name; PMU_NO_GEN when no row is of use, or the CPU is not known. */
enum pmu_gen pmu_gen_of(const struct cpu *cpu);
const char *pmu_gen_name(enum pmu_gen gen);   /* "Skylake-SP"; "" for PMU_NO_GEN */
const char *pmu_means_name(enum pmu_means m); /* "full lines" */

/* All rows, 0 to pmu_nevents() - 1; NULL beyond. Of two rows of one generation and meaning the first is preferred. */
size_t pmu_nevents(void);
const struct pmu_event *pmu_event(size_t i);

/* The parts of a witness. */
enum pmu_role {
	PMU_R_FULL,
	PMU_R_PARTIAL,
	PMU_R_UC, /* stores to UC memory; only for who watches */
	PMU_R_ANY,
	PMU_R_CLOSED,
	PMU_R_BYTES,
	PMU_R_TXNS,
	PMU_ROLES
};

/*
 * What serves as a witness of full and partial lines on this generation when the stores run on core_pmu ("cpu";
 * "cpu_core" or "cpu_atom" of a hybrid CPU). Lines, the first of these for which there are rows:
 *   1. full and partial lines of the thread's own core (small cores, Knights Landing): sees no other thread
 *   2. full and partial lines at the boxes beside the cache (servers): sees every core, so the idle rate is subtracted
 *   3. full lines and closed buffers of the core (Zen 5): partial is the difference; that they pair is inferred
 *   4. full lines alone (Zen 6), closed buffers alone (Zen 1, 2), full and partial in one count (big client cores)
 * and beside them, wherever there are rows, bytes and transactions at the PCIe ports, all ports of a box in one event
 * (the rows' ch_mask or-ed). UC reads, stalls and the rest are in the table for whoever looks deeper; no witness.
 */
struct pmu_choice {
	enum pmu_gen gen;
	bool have[PMU_ROLES];
	struct pmu_event event[PMU_ROLES];
	bool core;	  /* the lines are counted by the thread's core (1, 3, 4), not by boxes that all cores share */
	bool takes_turns; /* full, partial, UC need the same filter register with different values: never at once */
};
/* Does this role take turns with another one of the choice? */
bool pmu_shares(const struct pmu_choice *c, enum pmu_role role);
/* 0, or -ENOENT: nothing on this generation serves as a witness. */
int pmu_choose(enum pmu_gen gen, const char *core_pmu, struct pmu_choice *out);
/*
 * For who watches the whole machine: only events that see every core, of stores to UC memory as well. 0, or -ENOENT:
 * nothing on this generation does.
 */
int pmu_choose_watch(enum pmu_gen gen, struct pmu_choice *out);
/* Has this generation an event of that meaning; by_core: one that follows a thread, else one that sees every core? */
bool pmu_has(enum pmu_gen gen, enum pmu_means means, bool by_core);
/* Full and partial lines in one count of the core, for where the kernel refuses what was chosen; NULL: no such row. */
const struct pmu_event *pmu_choose_any(enum pmu_gen gen, const char *core_pmu);

#endif
