/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pci_express.c - what the PCI Express capability says of payload sizes. Pure. */
#include <pci/header.h>

#include "pci_int.h"

/* PCI Express Base 4.0, 7.5.3: capabilities register (version in bits 3:0), device capabilities, device control. */
enum { EXP_FLAGS = 2, EXP_DEVCAP = 4, EXP_DEVCTL = 8, EXP_VERSION = 0x0f };

/* 128 << n bytes; 6 and 7 are reserved. */
static int payload(unsigned int n)
{
	return n > 5 ? 0 : 128 << n;
}

void pci_express_decode(const uint8_t cap[4], unsigned int offset, pci_config_reader *rd, void *ctx, struct pci_device *d)
{
	uint8_t r[EXP_DEVCTL + 2 - EXP_DEVCAP];

	/* No version: these are the zeros that stand in a snapshot for what was not read. */
	if (!(cap[EXP_FLAGS] & EXP_VERSION) || offset > 256 - EXP_DEVCAP - sizeof(r) ||
	    rd(ctx, offset + EXP_DEVCAP, r, sizeof(r)))
		return;
	d->mps_supported = payload(r[0] & 7);
	d->mps = payload(r[EXP_DEVCTL - EXP_DEVCAP] >> 5);
}
