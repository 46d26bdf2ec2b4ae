/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pci_int.h - internal: the steps of pci_read(), in this order. */
#ifndef WCDIAG_PCI_INT_H
#define WCDIAG_PCI_INT_H

#include "pci.h"

/*
 * libpci opens ROOT/sys/bus/pci/... by itself, follows links wherever they lead, takes whatever is named "vendor" for
 * a file, and takes a cut file for a short answer. So before it sees a snapshot: every device's directory lies inside
 * the root, every file it will open there is a regular one and whole, and there are not too many. 0, or a negative
 * errno with f filled: ABSENT when the machine has no PCI, else MISSING.
 */
int pci_check_snapshot(const struct src *s, struct fact *f);

/* After libpci has filled the devices: the rest of each. 0 or -ENOMEM. */
int pci_read_sysfs(const struct src *s, struct pci *p);

/* Pure: mps and mps_supported, from the PCI Express capability at offset; 0 where it cannot be read or has a reserved value. */
void pci_express_decode(const uint8_t cap[4], unsigned int offset, pci_config_reader *rd, void *ctx, struct pci_device *d);

#endif
