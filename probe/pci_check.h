/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pci_check.h - what libpci may be let loose on. */
#ifndef WCDIAG_PCI_CHECK_H
#define WCDIAG_PCI_CHECK_H

struct fact;
struct src;

/*
 * libpci opens ROOT/sys/bus/pci/... by itself, follows links wherever they lead, takes whatever is named "vendor" for a
 * file, and takes a cut file for a short answer. So before it sees a snapshot: every device's directory lies inside the
 * root, every file it will open there is a regular one and whole, and there are not too many. 0, or a negative errno with
 * f filled: ABSENT when the machine has no PCI, else MISSING.
 */
int pci_check_snapshot(const struct src *s, struct fact *f);

#endif
