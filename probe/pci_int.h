/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pci_int.h - internal: the steps of pci_read(), in this order. */
#ifndef WCDIAG_PCI_INT_H
#define WCDIAG_PCI_INT_H

#include "pci.h"
#include "src.h"

/*
 * A snapshot's devices, with no more than their slots, sorted. 0, or a negative errno with f filled: ABSENT when the machine
 * has no PCI, else MISSING.
 *
 * libpci reads the live machine only: on a snapshot it would open ROOT/sys/bus/pci/... by itself, follow links wherever they
 * lead, take whatever is named "vendor" for a file and a cut file for a short answer; and an archive has no path at all.
 */
int pci_replay_list(const struct src *s, struct pci *out, struct fact *f);
/* One of them from its directory: what libpci would make of the same files. 0, or a negative errno with f filled. */
int pci_replay_device(const struct src_dir *dir, struct pci_device *d, struct fact *f);

/* The machine whose "/" is root ("": this one), by libpci: 0, -ENOMEM, or -EIO when it gave up, with its sentence. */
int pci_libpci_read(const char *root, struct pci *out, const char **why);

/* The rest of each device; of a snapshot all but its slot. 0, or a negative errno with f filled. */
int pci_read_sysfs(const struct src *s, struct pci *p, struct fact *f);

/*
 * Pure: window i of a bridge (0 I/O, 1 memory, 2 prefetchable). By position: a closed one has lost its flags (all zero), or
 * has them with no address (UNSET).
 */
void pci_window_set(struct pci_window *w, unsigned int i, uint64_t start, uint64_t size, uint64_t flags);

/* Pure: mps and mps_supported, from the PCI Express capability at offset; 0 where it cannot be read or has a reserved value. */
void pci_express_decode(const uint8_t cap[4], unsigned int offset, pci_config_reader *rd, void *ctx, struct pci_device *d);

#endif
