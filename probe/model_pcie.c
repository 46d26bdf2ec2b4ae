/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model_pcie.c - what PCI Express allows of a memory write, and what it costs on the wire. */
#include "model_int.h"

#define MIN_MPS 128u
#define PAGE	4096u

/* Byte enables without a hole, reaching the upper end of their doubleword (of the first), or the lower (of the last).
 */
static bool reaches_top(unsigned int be)
{
	return be == 8 || be == 12 || be == 14 || be == 15;
}

static bool reaches_bottom(unsigned int be)
{
	return be == 1 || be == 3 || be == 7 || be == 15;
}

/* PCI Express Base Specification, 2.2.5 First/Last DW Byte Enables Rules; 2.2.7 (4 KiB); 2.2.2 (Max_Payload_Size). */
const char *model_tlp_illegal(uint64_t addr, unsigned int ndw, unsigned int fbe, unsigned int lbe, unsigned int mps)
{
	if (addr & 3)
		return "the address is no multiple of 4";
	if (!ndw || ndw > 1024)
		return "the length is not 1 to 1024 doublewords";
	if (fbe > 15 || lbe > 15)
		return "byte enables have four bits";
	if (4 * ndw > (mps ? mps : MIN_MPS))
		return "the payload is larger than Max_Payload_Size";
	if (addr % PAGE + 4 * ndw > PAGE)
		return "it crosses a 4 KiB boundary";
	if (ndw == 1)
		return lbe ? "one doubleword with last byte enables" : NULL;
	if (!fbe || !lbe)
		return "more than one doubleword with the first or last byte enables zero";
	if (ndw == 2 && !(addr & 7))
		return NULL;
	if (!reaches_top(fbe) || !reaches_bottom(lbe))
		return "byte enables with a hole in more than one quadword-aligned pair of doublewords";
	return NULL;
}

uint64_t model_tlp_mask(uint64_t addr, unsigned int ndw, unsigned int fbe, unsigned int lbe)
{
	unsigned int dw = (unsigned int)(addr % MODEL_LINE / 4);
	uint64_t mask = 0;

	if (model_tlp_illegal(addr, ndw, fbe, lbe, 0) || dw + ndw > 16)
		return 0;
	for (unsigned int i = 0; i < ndw; i++)
		mask |= (uint64_t)(!i ? fbe : i == ndw - 1 ? lbe : 15) << 4 * (dw + i);
	return mask;
}

/* 4 bytes of framing and sequence number, the header, the payload, 4 bytes of LCRC; as Intel AN 456 counts them. */
unsigned int model_wire(uint64_t addr, unsigned int ndw, unsigned int header)
{
	if (header != 3 && header != 4)
		header = addr >> 32 ? 4 : 3;
	return 4 * (1 + header + ndw + 1);
}
