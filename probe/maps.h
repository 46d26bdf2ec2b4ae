/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * maps.h - every process's mappings of device memory, from /proc/PID/maps.
 *
 * Where the physical address comes from (Linux drivers/pci/mmap.c, drivers/uio/uio.c, drivers/vfio/pci):
 *   resourceN, resourceN_wc, /proc/bus/pci, /dev/mem   the offset column is the physical address
 *   /dev/uioN                     offset = map index * page size; address in /sys/class/uio/uioN/maps
 *   vfio, Linux up to 6.6         offset is physical
 *   vfio, Linux 6.12 and later    offset = (BAR index << 40) + offset; which device is told only by the process's open
 *                                 vfio files, so it may stay unknown
 *   any other driver's node       not to be seen here at all: the node tells the device, no more
 */
#ifndef WCDIAG_MAPS_H
#define WCDIAG_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fact.h"

struct src;
struct pci;

enum map_kind {
	MAP_SYSFS,		/* resourceN: asks for UC- */
	MAP_SYSFS_WC,		/* resourceN_wc: asks for WC */
	MAP_PROC_PCI,		/* /proc/bus/pci: UC- or WC, by an ioctl that maps does not show */
	MAP_DEVMEM,		/* /dev/mem: UC- with O_SYNC, else WB request; never WC */
	MAP_UIO,		/* UIO_MEM_PHYS: UC- unless the driver has its own mmap */
	MAP_VFIO,		/* vfio-pci: UC- */
	MAP_NODE,		/* a driver's own node that sysfs ties to a PCI device: unknown */
	MAP_KINDS
};

struct map {
	int pid;
	char comm[32];		/* printable bytes only, others as '?' */
	uint64_t vstart, vend;
	bool read, write, exec, shared;
	uint64_t offset;
	enum map_kind kind;
	char path[160];		/* cut to fit, unescaped, non-printing bytes as '?' */
	bool phys_known;
	uint64_t phys;		/* of vstart */
	int dev;		/* index into pci->dev, -1 when not known */
	int bar;		/* 0..5, -1 when not known */
};

/* First physical byte after a mapping whose place is known. */
static inline uint64_t map_phys_end(const struct map *p)
{
	return p->phys + (p->vend - p->vstart);
}

struct maps {
	struct map *m;		/* by pid, then address */
	size_t n;
	size_t seen;		/* processes whose maps were read */
	size_t denied;		/* processes that could not be read */
	/*
	 * MISSING when denied > 0, when /proc cannot be listed or hides processes (hidepid, container), or when a line
	 * cannot be understood; what was read stays in m[].
	 */
	struct fact fact;
};

/*
 * Whom to ask about a process's memory: the process itself, or when its main thread has ended another thread that still
 * lives (its /proc directory is there, though not listed). 0: nobody has any memory.
 */
int maps_living_thread(const struct src *s, int pid);

/* One line of /proc/PID/maps, taken apart. Pure; -EBADMSG when it is none. path points into the line. */
struct map_line {
	uint64_t vstart, vend, offset;
	bool read, write, exec, shared;
	const char *path;
	size_t pathlen;
};
int map_line_parse(const char *line, size_t len, struct map_line *out);

/* Which kind a path is of, with slot and BAR or minor number where the path holds them; false: not device memory. */
struct map_path {
	enum map_kind kind;
	char slot[20];		/* MAP_SYSFS*, MAP_PROC_PCI */
	int bar;		/* MAP_SYSFS*; -1 else */
	unsigned int minor;	/* MAP_UIO */
};
bool map_path_parse(const char *path, size_t len, struct map_path *out);

/*
 * Read them all, resolve against pci. kernel: LINUX_VERSION-like number (major << 16 | minor << 8), for vfio's offset.
 * Processes that end meanwhile are no error. 0 when the fact is KNOWN, else negative errno.
 */
int maps_read(const struct src *s, const struct pci *pci, unsigned int kernel, struct maps *out);
void maps_free(struct maps *m);

struct entries;
/*
 * What only the page table entries give away: mappings of device memory that maps_read() did not keep, because nothing
 * about their file names a PCI device, are added as MAP_NODE (those of VM_PFNMAP even when they point into no BAR); and a
 * node's, uio's or vfio's mapping whose place was not known gets its BAR when all its entries lie in one, and its address
 * when they lie there side by side. Keeps the order. 0, -ENOMEM, or -EFBIG when there are too many.
 */
int maps_adopt(const struct src *s, const struct pci *pci, const struct entries *e, struct maps *m);

/* "sysfs", "sysfs-wc", "proc-bus-pci", "dev-mem", "uio", "vfio", "driver-node" */
const char *map_kind_name(enum map_kind k);

/*
 * Snapshot side files that maps_read() uses (written by capture):
 *   wcdiag/nodes.txt   "PATH SLOT"          a device node and the PCI device behind it
 *   wcdiag/vfio.txt    "PID SLOT"           a process that has a vfio device or its whole one-device group open
 * Live, the same is looked up in /sys/dev/char, /proc/PID/fd and /sys/kernel/iommu_groups. Lines with # are comments.
 * maps_side_files() makes both texts from the live machine, or takes them from the snapshot; malloc'ed, never empty.
 * -ENODATA: a snapshot in which nobody has looked.
 *
 * A snapshot with neither a process nor nodes.txt has no maps (MISSING); with nodes.txt it says that nobody maps a
 * device. Lines of wcdiag/errors.txt: "EACCES /proc/123/maps" counts as denied, "EPERM /proc/PID/maps" (just so) says
 * that not all processes could be seen.
 */
int maps_side_files(const struct src *s, const struct maps *m, char **nodes, char **vfio);

#endif
