/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pci.h - devices, BARs, bridge windows and power: through libpci, and in a snapshot from the same files.
 *
 * The config space of a device that is not surely awake is never opened: reading it would resume the device and then
 * report D0 (PCI runtime PM). power_state and power/runtime_status are read first.
 */
#ifndef WCDIAG_PCI_H
#define WCDIAG_PCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fact.h"

struct src;

/* Resource flags of the sysfs file "resource" (include/linux/ioport.h). */
enum {
	RES_IO = 0x100,
	RES_MEM = 0x200,
	RES_PREFETCH = 0x2000,
	RES_MEM_64 = 0x100000,
	RES_DISABLED = 0x10000000,
	RES_UNSET = 0x20000000,
};

struct pci_bar {
	uint64_t addr, size;	/* size 0: no such BAR */
	uint64_t flags;
	/* size 0 with RES_UNSET: there, by the device's own register, but the kernel found no room (pci_bar_unplaced) */
	bool has_resource, has_wc;	/* resourceN / resourceN_wc exist in sysfs (listed, never opened) */
};

struct pci_window {
	uint64_t start, end;	/* exclusive; equal when closed */
	bool prefetch, io;
};

enum pci_power { PCI_POWER_UNKNOWN, PCI_POWER_D0, PCI_POWER_D1, PCI_POWER_D2, PCI_POWER_D3HOT, PCI_POWER_D3COLD };

struct pci_device {
	char slot[20];		/* "0000:01:00.0", domains above ffff too */
	unsigned int domain, bus, dev, func;
	uint16_t vendor, device, sub_vendor, sub_device;
	uint32_t class;		/* 24 bits: class, subclass, prog-if */
	char name[128];		/* "1af4:1110"; the words of pci.ids after pci_names() */
	char driver[48];	/* "" when none */
	int parent;		/* index of the bridge above, -1 at the root */
	int numa_node;		/* -1 when not said */
	enum pci_power power;	/* sysfs power_state; UNKNOWN when absent or "unknown" */
	bool suspended;		/* power/runtime_status is "suspended" or "suspending" */
	bool power_said;	/* one of the two files was there: without them nobody knows whether it is asleep */
	bool asleep;		/* suspended, or a power state other than D0 that is known */
	int command;		/* 16-bit command register; -1 when not read (config says why) */
	struct fact config;	/* MISSING, err EHOSTDOWN, when asleep: not read on purpose */
	bool virtual_function;	/* SR-IOV: its command register says nothing, command stays -1 */
	unsigned int virtio_shm;	/* bit n: virtio shared memory lives in BAR n (virtio capability, cfg_type 8) */
	bool virtio_shm_known;	/* false: a virtio device whose capabilities could not be read to the end */
	/*
	 * Max_Payload_Size in bytes, in use and supported; 0: not known (no PCI Express, asleep, not root, or a virtual
	 * function, whose field is reserved: its physical function's counts, SR-IOV 1.1, 3.5.4). The port's: follow parent.
	 */
	int mps, mps_supported;
	struct pci_bar bar[6];
	struct pci_window window[3];	/* bridges: I/O, memory, prefetchable */
	unsigned int nwindow;	/* 0 unless a bridge */
};

struct pci {
	struct pci_device *dev;	/* sorted by domain, bus, device, function */
	size_t n;
	struct fact fact;	/* ABSENT: the machine has no PCI */
};

int pci_read(const struct src *s, struct pci *out);
void pci_free(struct pci *p);

/* Put the vendor's and device's names from pci.ids into name[] where there are any. Takes about 10 ms. */
void pci_names(struct pci *p);

/* Index of that slot or -1. */
int pci_find(const struct pci *p, const char *slot);

/*
 * What lspci users type: "01:00.0", "0000:01:00.0", and through filters libpci's own -s and -d syntax.
 * out[i] says whether device i is selected. Returns the number selected or -EINVAL with *what (libpci's sentence).
 */
int pci_select(const struct pci *p, const char *slot_filter, const char *id_filter, bool *out, char *what, size_t len);

const char *pci_power_name(enum pci_power p);	/* "D3hot" */

/* --- pure halves --- */

/* "0000:01:00.0" exactly as the kernel writes it, else -EINVAL. */
int pci_slot_parse(const char *slot, struct pci_device *out);

/* By domain, bus, device, function. */
int pci_device_cmp(const void *a, const void *b);

/*
 * The sysfs files power_state and power/runtime_status (NULL: no such file). Sets power, suspended and asleep. Returns
 * whether the device is surely awake, that is, whether its config space may be read.
 */
bool pci_power_decode(const char *power_state, const char *runtime_status, struct pci_device *d);

/* A line of the sysfs file "resource", as it is written: the end is inclusive. */
struct pci_resource {
	uint64_t start, end, flags;
};
#define PCI_RESOURCE_LINES 17

/*
 * A whole sysfs file "resource": 0, *line of them in r; or -EBADMSG with *line (1-based) and *what. A file that ends early is
 * no device with fewer BARs.
 */
int pci_resource_parse(const char *text, size_t len, struct pci_resource r[PCI_RESOURCE_LINES], unsigned int *line,
		       const char **what);

/* Bytes of a config space: 0, or a negative errno when not all n could be read. */
typedef int pci_config_reader(void *ctx, unsigned int offset, void *buf, unsigned int n);

/*
 * Walk the capability list of a 64-byte header: fn(cap, offset, arg), non-zero stops and is returned. cap: its first four
 * bytes, one access (a hypervisor traps each); the first is its id. -EBADMSG: the list bites its own tail or points into the
 * header. Never more than 48 capabilities.
 */
int pci_caps_walk(const uint8_t header[64], pci_config_reader *rd, void *ctx,
		  int (*fn)(const uint8_t cap[4], unsigned int offset, void *arg), void *arg);

/* There, by the device's own register, but without a place: see find_unplaced() in pci.c. */
bool pci_bar_unplaced(const struct pci_bar *b);

/*
 * Command register, BARs without a place, payload sizes and, for virtio, shared memory BARs; vendor and device must be
 * set. -ENODEV: all bits are one. -EBADMSG: the ids are another device's. A virtual function is told by its ids of ffff.
 */
int pci_config_decode(const uint8_t header[64], pci_config_reader *rd, void *ctx, struct pci_device *d);

#endif
