/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * internal.h - what the files of wcdiag_km share.
 */
#ifndef WCDIAG_KM_INTERNAL_H
#define WCDIAG_KM_INTERNAL_H

#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/types.h>

#include "wcdiag_km.h"

#ifndef CONFIG_X86_64
#error "wcdiag_km is for x86-64: it knows that architecture's page tables and no other"
#endif

#define WCDIAG_MAX_RUNS	1024

/* access.c: who may, and what lockdown says. 0 or -EPERM. */
int wcdiag_may_use(void);
int wcdiag_may_walk(const struct mm_struct *mm);
int wcdiag_walk_unlocked(void);
int wcdiag_map_unlocked(void);

struct wcdiag_walker;

/* An open file. */
struct wcdiag_file {
	struct mutex walk_lock;		/* outside of mmap_lock */
	struct wcdiag_walker *walker;	/* NULL until the first walk */
	struct mutex map_lock;		/* inside of mmap_lock: nothing of user memory is touched while it is held */
	bool bound;
	struct wcdiag_km_map map;	/* what the next mmap() maps */
};

/* walk.c */
int wcdiag_walk(struct wcdiag_file *wf, void __user *arg);
u64 wcdiag_user_end(void);
u64 wcdiag_kernel_start(void);

/* Where a walk down the tables to one address ended; [1] .. [5] are levels. */
#define WCDIAG_LEVELS	5
#define WCDIAG_ENTRIES	512

struct wcdiag_place {
	const u64 *at[WCDIAG_LEVELS + 1];	/* the entries on the way, */
	u64 entry[WCDIAG_LEVELS + 1];		/* and what stood there: raw; 0 below the end */
	u32 level;				/* of the end; 1: at a table of 4 KiB entries */
	u32 count;				/* of entries in */
	const u64 *table;			/* which is the real one, or */
	u64 copy[WCDIAG_ENTRIES];
};

/* ram.c */
struct wcdiag_ram {
	u64 start, end;		/* of the range that was asked about last; end 0: none */
	int what;		/* REGION_... */
};

bool wcdiag_not_ram(struct wcdiag_ram *c, u64 phys, u64 size);

/* A walk on its way. */
struct wcdiag_fold {
	struct wcdiag_km_run *runs;
	struct wcdiag_km_upper *upper;	/* or NULL */
	u32 n, max;
	u64 ignore;
	bool skip_none, only_device;	/* only_device: of kernel entries, those of pages that are not RAM */
	bool fresh;			/* the next run joins no earlier one: another VMA begins */
	bool user;
	bool full;			/* a run more was needed than there are */
	u8 vma;
	struct wcdiag_ram ram;
};

/*
 * runs.c: add what the walk to addr found, as far as end. Returns where it stopped: behind it, or earlier when
 * f->full. Of a real table entries are read here, and may fail to be: -EAGAIN.
 */
int wcdiag_add(struct wcdiag_fold *f, const struct wcdiag_place *p, u64 addr, u64 end, u64 *next);

/* table.c */
u32 wcdiag_levels(void);
/* Something is there, and its frame is one that this kernel knows. */
bool wcdiag_is_present(u64 raw);
bool wcdiag_is_leaf(u64 raw, u32 level);
/* Walk down to addr and add what is there: 0, or -EAGAIN when the tables would not hold still. */
int wcdiag_step(struct wcdiag_fold *f, struct wcdiag_place *p, const void *root, u64 addr, u64 end, u64 *next);

/* What was added since can be taken back. */
struct wcdiag_mark {
	u32 n;
	bool fresh, full;
	struct wcdiag_km_run last;
};

void wcdiag_mark(const struct wcdiag_fold *f, struct wcdiag_mark *m);
void wcdiag_take_back(struct wcdiag_fold *f, const struct wcdiag_mark *m);

/* msr.c */
int wcdiag_msr(void __user *arg);

/* map.c */
int wcdiag_map(struct wcdiag_file *wf, void __user *arg);
int wcdiag_mmap(struct file *file, struct vm_area_struct *vma);
/* The physical address of what m names, if it may be mapped; of m: bar, offset, length, flags. */
int wcdiag_place(const struct pci_dev *pdev, const struct wcdiag_km_map *m, u64 *phys);

/* store.c */
bool wcdiag_stores_allowed(void);
int wcdiag_store(void __user *arg);
/* Let a run of stores to this device end, and wait for it: the next batch is the last. all: also one beside its driver. */
void wcdiag_store_stop(const struct pci_dev *pdev, bool all);

/* unplug.c: which device's memory is mapped where, so that it can be taken away. */
struct wcdiag_mapping;

void wcdiag_mappings_lock(void);
void wcdiag_mappings_unlock(void);
struct wcdiag_mapping *wcdiag_mapping_new(const struct vm_area_struct *vma, const struct pci_dev *pdev, u64 phys,
					  const struct wcdiag_km_map *asked);
void wcdiag_mapping_add(struct wcdiag_mapping *m);	/* under the lock; get and put take it themselves */
void wcdiag_mapping_get(struct wcdiag_mapping *m);
void wcdiag_mapping_put(struct wcdiag_mapping *m);
int wcdiag_unplug_init(void);
void wcdiag_unplug_exit(void);

#endif
