/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * machine.h - all facts about one machine, and the few that are derived from several of them.
 *
 * machine_read() is READ and DECODE; nothing here judges. Every part carries its own struct fact.
 */
#ifndef WCDIAG_MACHINE_H
#define WCDIAG_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

#include "barmap.h"
#include "cpu.h"
#include "entries.h"
#include "host.h"
#include "iomem.h"
#include "klog.h"
#include "maps.h"
#include "memtype.h"
#include "microcode.h"
#include "msr.h"
#include "mtrr.h"
#include "pat.h"
#include "pci.h"
#include "vmalloc.h"

/* Is the kernel able to give WC through PAT? */
enum pat_state { PAT_STATE_UNKNOWN, PAT_STATE_ON, PAT_STATE_OFF };

struct machine {
	const struct src *src;
	struct host host;
	struct cpu cpu;
	struct hyper hyper;
	struct klog klog;
	struct msrs msrs;
	struct proc_mtrr proc_mtrr;
	struct pci pci;
	struct iomem iomem;
	struct ioremaps ioremaps;
	struct memtype_list memtype;
	struct maps maps;
	struct entries entries;
	struct memtype_list by_phys; /* index of entries.list by physical range: line is the index of the run */
	struct microcode microcode;
	size_t ncpu; /* online CPUs; 0 when that could not be read */

	/* One element per online CPU, in the order of msrs.cpu; NULL when no register could be read. */
	struct pat *pat;
	struct mtrr *mtrr;

	/* Derived. */
	size_t *distinct; /* indices of CPUs whose PAT or MTRRs differ from every earlier one's; CPU 0 first */
	size_t ndistinct;
	struct fact mtrr_fact;	 /* KNOWN: every CPU's MTRRs are complete. ABSENT: this CPU has none */
	struct fact belief_fact; /* is it known which layout the kernel believes in? */
	struct pat belief;	 /* valid when belief_fact is KNOWN */
	enum pat_state pat_state;
	const char *pat_why; /* static phrase: what says so */
	const char *coco;    /* "SEV", "TDX" when this is a confidential guest, else NULL */
};

/* What to read. Everything else stays FACT_NOT_READ. */
enum {
	READ_MSR = 2,
	READ_PROC_MTRR = 4,
	READ_PCI = 8,
	READ_IOMEM = 16,
	READ_VMALLOC = 32,
	READ_LIST = 64,
	READ_KLOG = 128,
	READ_MAPS = 256,
	READ_ENTRIES = 512, /* useful with READ_PCI and READ_MAPS only */
	READ_ALL = 1022,
	/*
	 * READ_VMALLOC only where a BAR of the machine is plausible for write-combining (judge.h): that file is the dearest of
	 * all, and who maps no BAR is nobody's holder. Left unread otherwise.
	 */
	READ_SPARE = 1024,
	READ_MICROCODE = 2048, /* not in READ_ALL: nothing is judged by it */
};

/*
 * klog_file: read this kernel log instead of the machine's own (NULL: its own). 0, -ENOMEM, or -EFBIG when there are
 * more mappings than can be kept; missing facts are no error.
 */
int machine_read(const struct src *s, unsigned int what, const char *klog_file, struct machine **out);
void machine_free(struct machine *m);

/* What changes while one looks. */
struct machine_moving {
	struct ioremaps ioremaps;
	struct memtype_list memtype, by_phys;
	struct maps maps;
	struct entries entries;
};
/*
 * Reads that anew, as machine_read() did with the same "what"; all else of m stays as it was read. *was gets what stood
 * there: for machine_moving_swap() to go back, for machine_moving_free() when nothing points to it any more. 0 or negative
 * errno with m as it was.
 */
int machine_reread(struct machine *m, unsigned int what, struct machine_moving *was);
void machine_moving_swap(struct machine *m, struct machine_moving *other);
void machine_moving_free(struct machine_moving *x);

/* PAT slot types of the online CPU at index i agree with index 0? */
bool machine_pat_same(const struct machine *m, size_t i);

/*
 * What an access to [start, end) through a mapping reserved (or asked for) as t really is, on CPU index i: the type the
 * kernel encodes for t under this PAT, combined with that CPU's MTRRs. MT_UNKNOWN when parts differ or facts are
 * missing.
 */
enum mtype machine_effective(const struct machine *m, size_t i, enum mtype t, uint64_t start, uint64_t end);

/* Does it combine? See enum tri. */
enum tri machine_combines(const struct machine *m, enum mtype t, uint64_t start, uint64_t end);

/*
 * The same for a page table entry: the type that PAT slot 0..7 holds on CPU index i (without its register what the kernel
 * believes is in it; without PAT what PCD and PWT alone mean), alone and combined with that CPU's MTRRs over the physical
 * range. MT_UNKNOWN when facts are missing or parts differ.
 */
enum mtype machine_entry_type(const struct machine *m, size_t i, unsigned int slot);
enum mtype machine_entry_effective(const struct machine *m, size_t i, unsigned int slot, uint64_t start, uint64_t end);
/* Does a store through such an entry combine, everywhere in the range and on every CPU? */
enum tri machine_entry_combines(const struct machine *m, unsigned int slot, uint64_t start, uint64_t end);
/* Where the answer may change: the first address after start at which an MTRR begins to matter differently; or end. */
uint64_t machine_entry_edge(const struct machine *m, unsigned int slot, uint64_t start, uint64_t end);
/* Do CPUs hold different types in this slot? */
bool machine_slot_differs(const struct machine *m, unsigned int slot);
/* "WC", or where CPUs disagree "WC on CPU 0, UC- on CPU 4"; effective: with the MTRRs over the range. */
void machine_entry_words(const struct machine *m, bool effective, unsigned int slot, uint64_t start, uint64_t end,
			 char *buf, size_t len);

/* Is every byte of the range under a WC MTRR on every CPU? */
enum tri machine_mtrr_wc(const struct machine *m, uint64_t start, uint64_t end);

#endif
