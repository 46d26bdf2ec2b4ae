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

/* walk.c */
int wcdiag_walk(void __user *arg);
u64 wcdiag_user_end(void);
u64 wcdiag_kernel_start(void);

/* What a walk down the tables to one address found; [1] .. [5] are levels. */
#define WCDIAG_LEVELS	5
#define WCDIAG_ENTRIES	512

struct wcdiag_place {
	u64 entry[WCDIAG_LEVELS + 1];	/* raw, down to where the walk ended; 0 below */
	u32 level;			/* where it ended; 1: at a table of 4 KiB entries, of which */
	u32 count;			/* so many, from the address on, are in */
	u64 table[WCDIAG_ENTRIES];
};

/* table.c: 0, or -EAGAIN when the tables would not hold still. last: the range's last byte. */
u32 wcdiag_levels(void);
int wcdiag_read(const void *root, u64 addr, u64 last, struct wcdiag_place *p);
bool wcdiag_is_leaf(u64 raw, u32 level);

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

/* runs.c: add what was read at addr, as far as end; returns where it stopped: behind it, or earlier when f->full. */
u64 wcdiag_add(struct wcdiag_fold *f, const struct wcdiag_place *p, u64 addr, u64 end);

/* msr.c */
int wcdiag_msr(void __user *arg);

/* map.c: what a descriptor maps next */
struct wcdiag_file {
	struct mutex lock;	/* taken under mmap_lock: nothing of user memory is touched while it is held */
	bool bound;
	struct wcdiag_km_map map;
};

int wcdiag_map(struct wcdiag_file *wf, void __user *arg);
int wcdiag_mmap(struct file *file, struct vm_area_struct *vma);

/* unplug.c: which device's memory is mapped where, so that it can be taken away. */
struct wcdiag_mapping;

void wcdiag_mappings_lock(void);
void wcdiag_mappings_unlock(void);
struct wcdiag_mapping *wcdiag_mapping_new(const struct vm_area_struct *vma, const struct pci_dev *pdev, u64 phys,
					  u64 length);
void wcdiag_mapping_add(struct wcdiag_mapping *m);	/* under the lock; get and put take it themselves */
void wcdiag_mapping_get(struct wcdiag_mapping *m);
void wcdiag_mapping_put(struct wcdiag_mapping *m);
int wcdiag_unplug_init(void);
void wcdiag_unplug_exit(void);

#endif
