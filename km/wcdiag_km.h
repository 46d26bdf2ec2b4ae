/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * wcdiag_km.h - the interface between the helper module and its users; the one header that both sides include.
 *
 * /dev/wcdiag, mode 0600. Every call demands CAP_SYS_RAWIO in the initial user namespace, a walk of another process
 * CAP_SYS_PTRACE as well; without: -EPERM. What the kernel's lockdown forbids is -EPERM too, and INFO says which.
 * All fields have a fixed width, all padding must be zero (-EINVAL), sizes are asserted below. Nothing here takes a
 * physical address: a place is a process's or the kernel's virtual range, or a part of a PCI device's BAR.
 *
 * The table entry format: Intel SDM vol 3, 4.5; Linux arch/x86/include/asm/pgtable_types.h, pgtable-invert.h.
 */
#ifndef WCDIAG_KM_H
#define WCDIAG_KM_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define WCDIAG_KM_NODE	"wcdiag"	/* /dev/wcdiag */
#define WCDIAG_KM_ABI	1

/* What this module can do: wcdiag_km_info.caps */
#define WCDIAG_KM_CAP_WALK	(1U << 0)
#define WCDIAG_KM_CAP_MSR	(1U << 1)
#define WCDIAG_KM_CAP_MAP	(1U << 2)
#define WCDIAG_KM_CAP_STORE	(1U << 3)	/* only when it was loaded with stores=1 */

/* What lockdown refuses at this moment: wcdiag_km_info.locked */
#define WCDIAG_KM_LOCKED_WALK	(1U << 0)	/* LOCKDOWN_KCORE: confidentiality */
#define WCDIAG_KM_LOCKED_MAP	(1U << 1)	/* LOCKDOWN_PCI_ACCESS: integrity */

struct wcdiag_km_info {
	__u32 abi;		/* WCDIAG_KM_ABI */
	__u32 caps;
	__u32 locked;
	__u32 levels;		/* of page tables in use: 4 or 5 */
	__u64 user_end;		/* user addresses are below it */
	__u64 kernel_start;	/* kernel addresses are from here up */
	__u64 vmalloc_start;	/* where ioremap puts its mappings */
	__u64 vmalloc_end;	/* exclusive */
	__u32 max_runs;		/* most runs that one WALK returns */
	__u32 zero;
	char version[32];	/* of the module, terminated */
};

/* wcdiag_km_walk.target */
#define WCDIAG_KM_PROCESS	0
#define WCDIAG_KM_KERNEL	1

/* wcdiag_km_walk.flags */
/*
 * Process: only VMAs that map device memory (VM_PFNMAP, VM_MIXEDMAP or VM_IO), and all of these, pages without an
 * entry too. Kernel: only entries of pages that are not RAM.
 */
#define WCDIAG_KM_DEVICE	(1U << 0)
/* Leave out runs of kind NONE. */
#define WCDIAG_KM_SKIP_NONE	(1U << 1)

/* Bits of an entry that a caller may put into wcdiag_km_walk.ignore: accessed, dirty and what software keeps there. */
#define WCDIAG_KM_MAY_IGNORE	0x7c00000000000e60ULL	/* A 5, D 6, software 9..11 and 58..62 */

/* wcdiag_km_run.kind: what the entry is */
#define WCDIAG_KM_NONE		0	/* zero at this level: nothing is there */
#define WCDIAG_KM_PRESENT	1	/* bit 0 is set */
#define WCDIAG_KM_PROTNONE	2	/* bit 0 clear, bit 8 set: PROT_NONE, the page frame stands inverted */
#define WCDIAG_KM_OTHER		3	/* neither: swapped, migrating, ...; only raw means something */

/* wcdiag_km_run.rights: all levels taken together */
#define WCDIAG_KM_WRITE		(1U << 0)	/* every level has R/W */
#define WCDIAG_KM_USER		(1U << 1)	/* every level has U/S */
#define WCDIAG_KM_NX		(1U << 2)	/* some level has NX */

/* wcdiag_km_run.vma: what the process's VMA says; 0 for the kernel */
#define WCDIAG_KM_VMA		(1U << 0)	/* there is one */
#define WCDIAG_KM_VMA_PFNMAP	(1U << 1)
#define WCDIAG_KM_VMA_MIXEDMAP	(1U << 2)
#define WCDIAG_KM_VMA_IO	(1U << 3)
#define WCDIAG_KM_VMA_SHARED	(1U << 4)
#define WCDIAG_KM_VMA_WRITE	(1U << 5)
#define WCDIAG_KM_VMA_HUGETLB	(1U << 6)

#define WCDIAG_KM_NO_PHYS	(~(__u64)0)

/*
 * Pages side by side with equal entries: same level, kind, rights, vma and bits (but for those ignored), and physical
 * addresses that go on where the page before ended. A run never crosses a VMA. Addresses are of bytes, multiples of 4096.
 */
struct wcdiag_km_run {
	__u64 start;
	__u64 end;		/* exclusive */
	__u64 entry;		/* the first page's, raw */
	__u64 phys;		/* of start; NO_PHYS unless PRESENT or PROTNONE */
	__u64 differ;		/* ignored bits that are not the same in the whole run */
	__u8 level;		/* 1: 4 KiB, 2: 2 MiB, 3: 1 GiB; kind NONE and OTHER: where the walk ended, up to 5 */
	__u8 kind;
	__u8 rights;
	__u8 vma;
	__u32 zero;
};

/* The raw entries above the leaf for a run's first page: [0] level 2 ... [3] level 5; 0 at the leaf's level and below. */
struct wcdiag_km_upper {
	__u64 entry[4];
};

/*
 * Walk [start, end), both multiples of 4096. Returns 0 with next == end when all was walked; when the runs did not
 * suffice (or the kernel wants a break) next is where to go on. Ranges without a VMA are left out of a process's walk.
 * A last run may be cut by max_runs or by the break: the caller joins it with the next call's first.
 * A large page that start or end cut is returned as far as it lies in [start, end).
 * -ESRCH: no such process, or it has no memory (ended, kernel thread). -EINVAL: a bad field. -EPERM: see above.
 */
struct wcdiag_km_walk {
	__u32 target;
	__s32 pid;		/* in the caller's pid namespace; 0 for KERNEL */
	__u64 start;
	__u64 end;
	__u64 runs;		/* address of struct wcdiag_km_run[max_runs] */
	__u64 upper;		/* address of struct wcdiag_km_upper[max_runs], or 0 */
	__u64 ignore;
	__u32 max_runs;		/* 1 .. wcdiag_km_info.max_runs */
	__u32 flags;
	__u64 next;		/* out */
	__u32 nruns;		/* out */
	__u32 zero;
};

/*
 * Read a register of one CPU. Only PAT and the MTRRs and what decides about them: 0x277, 0xfe, 0x2ff, 0x200 up to what
 * MTRRcap counts, the fixed ranges, AMD's SYSCFG, TOP_MEM, TOP_MEM2 and SEV_STATUS; any other is -EACCES.
 * -ENXIO: no such CPU, or offline. -EIO: the CPU refused.
 */
struct wcdiag_km_msr {
	__u32 cpu;
	__u32 msr;
	__u64 value;		/* out */
};

/* wcdiag_km_map.type: the PAT encodings of the memory types (Intel SDM vol 3, 11.12.2) */
#define WCDIAG_KM_UC		0
#define WCDIAG_KM_WC		1
#define WCDIAG_KM_WT		4
#define WCDIAG_KM_WP		5
#define WCDIAG_KM_WB		6
#define WCDIAG_KM_UCMINUS	7

/* wcdiag_km_map.flags */
#define WCDIAG_KM_FORCE_TYPE	(1U << 0)	/* WT, WP and WB are refused without */
#define WCDIAG_KM_FORCE_BUSY	(1U << 1)	/* a device that has a driver is refused without */

/*
 * Choose what the next mmap() of this descriptor maps: length bytes from offset of a memory BAR. Then
 * mmap(NULL, length, ..., MAP_SHARED, fd, 0) once; /proc/PID/maps shows the physical address in its offset column, as
 * for resourceN. The kernel may give another type than asked for (an older reservation decides): walk it to see.
 * The mapping cannot be split (no partial mprotect or munmap), is not inherited by a fork, and is taken away when the
 * device goes, and before a driver's probe of it (but with FORCE_BUSY): an access then is SIGBUS.
 * -EBUSY: the device has a driver, or its BAR a requested region; -EPERM: lockdown; -ENODEV: no such device;
 * -ENXIO: no such memory BAR, or it has no address; -EINVAL: not multiples of 4096, or not inside it; -EACCES: type.
 */
struct wcdiag_km_map {
	__u32 domain;
	__u8 bus;
	__u8 devfn;
	__u8 bar;		/* 0 .. 5 */
	__u8 type;
	__u64 offset;
	__u64 length;
	__u32 flags;
	__u32 zero;
};

/* wcdiag_km_store.flags, beside WCDIAG_KM_FORCE_BUSY */
#define WCDIAG_KM_IRQS_OFF	(1U << 2)	/* no interrupt within a batch */

#define WCDIAG_KM_STORE_MAX_LINES	(1U << 24)	/* that one call touches: messages * span / 64 */
#define WCDIAG_KM_STORE_MAX_LENGTH	(1ULL << 30)
#define WCDIAG_KM_STORE_MAX_SAMPLES	(1U << 16)

/*
 * Run a pattern of wcdiag_stores.h over [offset, offset + length) of a memory BAR, from the kernel: THE DEVICE IS
 * WRITTEN TO, within this range and nowhere else; nothing is read or restored. The module maps the pages of the range
 * for this call, with ioremap_wc (type WC) or ioremap (UCMINUS), and tells which entry that mapping really had: an
 * older reservation decides about its type, as it would for a driver; and while the call lasts its own decides about
 * others. Calls run one after the other.
 *
 * Any signal ends it early, and so does the device's going or, but with FORCE_BUSY, a driver's coming: the call
 * succeeds then, and "done" is less than "messages".
 *
 * -EPERM: not loaded with stores=1, or lockdown. -EINVAL: a bad field; not multiples of 64; a pattern that only user
 * space has, or parameters that it does not take; the range, or the pages that it lies in, not inside the BAR; RAM.
 * -E2BIG: more than the limits above. -EOPNOTSUPP: the CPU does not have the instruction, or the kernel does not use
 * it; a bridge. -EBUSY: as for MAP, or the kernel refuses the mapping (its log says why). -EHOSTDOWN: the device is not
 * in D0, by what the kernel remembers. -ENODEV, -ENXIO: as for MAP. -EIO: the mapping is not of these pages; nothing
 * was stored. -EINTR: a signal came while another call ran. -EAGAIN: the page tables would not hold still.
 */
struct wcdiag_km_store {
	__u32 domain;
	__u8 bus;
	__u8 devfn;
	__u8 bar;		/* 0 .. 5 */
	__u8 type;		/* WCDIAG_KM_WC or WCDIAG_KM_UCMINUS */
	__u64 offset;
	__u64 length;
	__u64 messages;
	__u64 samples;		/* address of __u32[max_samples], or 0: cycles of the time-stamp counter, whole batches */
	__u32 max_samples;
	__u32 pattern;		/* enum wcdiag_store_id */
	__u32 flags;
	__u32 lines;		/* of a message; lines, gap, batch: 0 for the pattern's own */
	__u32 gap;
	__u32 batch;
	__u8 data[64];		/* of each line */
	__u64 done;		/* out, as all that follows: messages */
	__u64 cycles;		/* of all batches */
	__u64 entry;		/* of the mapping's first page, raw */
	__u64 phys;		/* which that entry has */
	__u32 nsamples;
	__u32 every;		/* of so many whole batches one is a sample */
	__u32 cpu;		/* of the first batch */
	__u32 moved;		/* batches on another CPU than the one before */
	__u32 other;		/* pages of the mapping whose entries select another PAT slot than the first's */
	__u8 level;		/* of that entry: 1, 2, 3 */
	__u8 slot;		/* that it selects: 0 .. 7 */
	__u8 zero[2];		/* must be */
};

#define WCDIAG_KM_IOC		'w'
#define WCDIAG_KM_INFO		_IOR(WCDIAG_KM_IOC, 0xd0, struct wcdiag_km_info)
#define WCDIAG_KM_WALK		_IOWR(WCDIAG_KM_IOC, 0xd1, struct wcdiag_km_walk)
#define WCDIAG_KM_MSR		_IOWR(WCDIAG_KM_IOC, 0xd2, struct wcdiag_km_msr)
#define WCDIAG_KM_MAP		_IOW(WCDIAG_KM_IOC, 0xd3, struct wcdiag_km_map)
#define WCDIAG_KM_STORE		_IOWR(WCDIAG_KM_IOC, 0xd4, struct wcdiag_km_store)

_Static_assert(sizeof(struct wcdiag_km_info) == 88, "wcdiag_km_info");
_Static_assert(sizeof(struct wcdiag_km_run) == 48, "wcdiag_km_run");
_Static_assert(sizeof(struct wcdiag_km_upper) == 32, "wcdiag_km_upper");
_Static_assert(sizeof(struct wcdiag_km_walk) == 72, "wcdiag_km_walk");
_Static_assert(sizeof(struct wcdiag_km_msr) == 16, "wcdiag_km_msr");
_Static_assert(sizeof(struct wcdiag_km_map) == 32, "wcdiag_km_map");
_Static_assert(sizeof(struct wcdiag_km_store) == 184, "wcdiag_km_store");

#endif
