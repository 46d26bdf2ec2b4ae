/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wcfault.h - a PCI driver for the lab that treats a BAR as real drivers do: some rightly, most not.
 *
 * What it does is a row of cases[] (table.c), chosen before it is bound; what happens later is an act (act.c). There is
 * one device at a time: a second one is refused.
 *
 *   echo "CASE BAR" >/sys/bus/pci/drivers/wcfault/case     then bind a device: driver_override, drivers_probe
 *   echo ACT        >/sys/bus/pci/drivers/wcfault/act      while it is bound
 *   /dev/wcfault0                                          the node; offset 0 is the BAR's first byte
 *
 * Unbinding takes everything back: entries of processes, kernel mappings, reservations, regions, nodes.
 */
#ifndef WCFAULT_H
#define WCFAULT_H

#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/uio_driver.h>

#define NODE "wcfault0"

/* Which pages of the BAR. */
enum part {
	NOWHERE,
	WHOLE,
	PAGE0,		/* the first page */
	HALF0,		/* the first half */
	HALF1,		/* the second half */
	LAST,		/* the last page: where devices have their registers */
	BUT_LAST,	/* all but the last page */
	WINDOW,		/* 64 KiB from 64 KiB on */
	PARTS
};

/* What the driver takes for itself at probe. */
enum take {
	NOTHING,
	IOREMAP,	/* ioremap: UC- */
	IOREMAP_WC,
	RESERVE_WC,	/* arch_io_reserve_memtype_wc: no mapping, only the reservation */
};

/* Which protection the mmap handler asks for. */
enum ask {
	ASK_NONE,	/* the VMA's own: write-back */
	ASK_WC,		/* pgprot_writecombine */
	ASK_NC,		/* pgprot_noncached */
	ASK_BOTH,	/* both, one after the other: UC where they only add bits (up to Linux 6.12) */
	ASK_PWT,	/* the bit PWT by hand: slot 1, whatever it holds */
	ASK_PCD,	/* the bit PCD by hand: slot 2 */
};

/* How entries come into being. */
enum how {
	NO_NODE,
	REMAP,		/* one remap_pfn_range of the whole VMA */
	REMAP_HALF,	/* of its first half; nothing ever comes into the second */
	REMAP_FILL,	/* of its first half; the second is inserted by fault */
	REMAP_TWICE,	/* one for each half */
	REMAP_BAR0,	/* the first page is BAR 0's; the rest goes on with the second page of the BAR */
	INSERT,		/* vmf_insert_pfn by fault */
	INSERT_2M,	/* vmf_insert_pfn_pmd by fault */
	BY_HAND,	/* entries set by the driver itself, past the tracking */
	UIO,		/* a uio device with the kernel's mmap */
	UIO_OWN,	/* a uio device with an mmap of its own: one remap, WC */
};

struct taken {
	enum take take;
	enum part part;
};

struct wcfault_case {
	const char *name;
	struct taken taken[2];	/* in this order */
	enum how how;
	enum ask ask;
	enum ask ask1;		/* for the second half of the VMA; ASK_NONE: the same */
	enum ask last;		/* for a mapping of the BAR's last page alone; ASK_NONE: the same */
	bool claims;		/* pci_request_region, as drivers should */
	bool read_only;		/* entries come without R/W */
	bool backwards;		/* the VMA's first page is the last of its part of the BAR */
	bool orphan;		/* sysfs does not tell whose node it is */
};

struct wcfault {
	struct pci_dev *pdev;	/* NULL: nothing is bound */
	const struct wcfault_case *c;
	int bar;
	resource_size_t start, size;
	void __iomem *mapped[ARRAY_SIZE(((struct wcfault_case *)0)->taken)];
	bool reserved[ARRAY_SIZE(((struct wcfault_case *)0)->taken)];
	bool claimed, node;
	void __iomem *late;	/* act "ioremap" */
	void *aside;		/* act "vmap" */
	struct address_space *mapping;	/* of the node; while somebody has it open */
	unsigned int users;
	struct uio_info *uio;
};

extern struct wcfault wcfault;
/* Everything above is changed and looked at under it. Taken inside mmap_lock (mmap, fault), never outside of it. */
extern struct mutex wcfault_lock;

const struct wcfault_case *case_find(const char *name, size_t len);

/* Offset and length in the BAR; false: the BAR is too small to have such a part. */
bool part_of(const struct wcfault *w, enum part p, resource_size_t *offset, resource_size_t *len);

int kernel_take(struct wcfault *w);
void kernel_give_back(struct wcfault *w);

int node_make(struct wcfault *w);
void node_drop(struct wcfault *w);
void node_zap(struct wcfault *w);	/* with wcfault_lock; make and drop without */
int uio_make(struct wcfault *w);
void uio_drop(struct wcfault *w);

/* Fills a VMA, or prepares it for faults. */
int insert_mmap(struct wcfault *w, struct vm_area_struct *vma);

int act(struct wcfault *w, const char *name, size_t len);

#endif
