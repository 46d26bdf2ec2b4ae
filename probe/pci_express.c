/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pci_express.c - what the PCI Express capability says of payload sizes. Pure. */
#include <pci/header.h>

#include "pci_int.h"

/* PCI Express Base 4.0, 7.5.3: capabilities register (version in bits 3:0), device capabilities, device control. */
enum { EXP_FLAGS = 2, EXP_READ = 8, EXP_VERSION = 0x0f };

struct express_scan {
	pci_config_reader *rd;
	void *ctx;
	struct pci_device *d;
};

/* 128 << n bytes; 6 and 7 are reserved. */
static int payload(unsigned int n)
{
	return n > 5 ? 0 : 128 << n;
}

static int express_cap(unsigned int id, unsigned int offset, void *arg)
{
	const struct express_scan *s = arg;
	uint8_t r[EXP_READ];

	if (id != PCI_CAP_ID_EXP)
		return 0;
	/* No version: these are the zeros that stand in a snapshot for what was not read. */
	if (offset > 256 - EXP_FLAGS - sizeof(r) || s->rd(s->ctx, offset + EXP_FLAGS, r, sizeof(r)) ||
	    !(r[0] & EXP_VERSION))
		return 1;
	s->d->mps_supported = payload(r[2] & 7);
	s->d->mps = payload(r[6] >> 5);
	return 1;
}

void pci_express_decode(const uint8_t header[64], pci_config_reader *rd, void *ctx, struct pci_device *d)
{
	struct express_scan scan = { .rd = rd, .ctx = ctx, .d = d };

	d->mps = d->mps_supported = 0;
	pci_caps_walk(header, rd, ctx, express_cap, &scan);
}
