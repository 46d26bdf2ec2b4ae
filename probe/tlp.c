/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tlp.c - the header of a TLP, apart and together. */
#include "tlp.h"

#include <errno.h>

enum { FMT_4DW = 1, FMT_DATA = 2, FMT_PREFIX = 4 };

/* PCI Express Base Specification, table 2-3: Fmt and Type. Messages are 0x30 to 0x37 by their routing. */
static const struct {
	uint8_t fmt_type, mask;
	uint8_t kind;
} kinds[] = {
	{ 0x00, 0xdf, TLP_MRD },  { 0x01, 0xdf, TLP_MRDLK },  { 0x40, 0xdf, TLP_MWR },	  { 0x02, 0xff, TLP_IORD },
	{ 0x42, 0xff, TLP_IOWR }, { 0x04, 0xfe, TLP_CFGRD },  { 0x44, 0xfe, TLP_CFGWR },  { 0x30, 0xb8, TLP_MSG },
	{ 0x0a, 0xbe, TLP_CPL },  { 0x4c, 0xdf, TLP_ATOMIC }, { 0x4d, 0xdf, TLP_ATOMIC }, { 0x4e, 0xdf, TLP_ATOMIC },
	{ 0x5b, 0xdf, TLP_DMWR },
};
#define NKINDS (sizeof(kinds) / sizeof(kinds[0]))

static const char *const names[TLP_KINDS] = {
	[TLP_OTHER] = "other", [TLP_MRD] = "MRd",   [TLP_MRDLK] = "MRdLk",   [TLP_MWR] = "MWr",
	[TLP_IORD] = "IORd",   [TLP_IOWR] = "IOWr", [TLP_CFGRD] = "CfgRd",   [TLP_CFGWR] = "CfgWr",
	[TLP_MSG] = "Msg",     [TLP_CPL] = "Cpl",   [TLP_ATOMIC] = "Atomic", [TLP_DMWR] = "DMWr",
};

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool by_address(enum tlp_kind k)
{
	return k == TLP_MRD || k == TLP_MRDLK || k == TLP_MWR || k == TLP_IORD || k == TLP_IOWR || k == TLP_ATOMIC ||
	       k == TLP_DMWR;
}

int tlp_decode(const uint8_t *bytes, size_t have, struct tlp *out, size_t *at, const char **what)
{
	struct tlp t = { 0 };
	const uint8_t *p = bytes;
	unsigned int fmt;
	size_t n = 0;

	*what = "the header is not whole";
	while (n < TLP_PREFIXES_MAX && have >= 4 * (n + 1) && bytes[4 * n] >> 5 == FMT_PREFIX)
		n++;
	if (have < 4 * (n + 1))
		return -ENODATA;
	p = bytes + 4 * n;
	fmt = p[0] >> 5;
	*what = "there is no such format";
	if (fmt >= FMT_PREFIX)
		return -EBADMSG;
	t.header = fmt & FMT_4DW ? 4 : 3;
	*what = "the header is not whole";
	if (have < 4 * (n + t.header))
		return -ENODATA;
	t.fmt_type = p[0];
	t.has_data = fmt & FMT_DATA;
	for (size_t i = 0; i < NKINDS && !t.kind; i++)
		if ((p[0] & kinds[i].mask) == kinds[i].fmt_type)
			t.kind = kinds[i].kind;
	t.digest = p[2] & 0x80;
	t.poisoned = p[2] & 0x40;
	t.ndw = (uint16_t)((p[2] & 3) << 8 | p[3]);
	if (!t.ndw)
		t.ndw = 1024;
	t.requester = (uint16_t)(p[4] << 8 | p[5]);
	t.tag = t.kind == TLP_CPL ? p[10] : p[6];
	if (by_address(t.kind) || t.kind == TLP_CFGRD || t.kind == TLP_CFGWR) {
		t.fbe = p[7] & 15;
		t.lbe = p[7] >> 4;
	}
	if (by_address(t.kind)) {
		t.addr = t.header == 4 ? (uint64_t)be32(p + 8) << 32 | be32(p + 12) : be32(p + 8);
		t.addr &= ~3ULL; /* the low two bits are a hint, or reserved */
	}
	*out = t;
	*at = 4 * (n + t.header);
	*what = NULL;
	return 0;
}

static void put32(uint8_t *p, uint32_t v)
{
	for (unsigned int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

size_t tlp_encode_write(const struct tlp *t, uint8_t buf[TLP_HEADER_MAX])
{
	bool four = t->header ? t->header == 4 : t->addr >> 32;

	/* An address above 4 GiB has no form of 3 DW. */
	four = four || t->addr >> 32;
	put32(buf, (four ? 0x60000000u : 0x40000000u) | (t->ndw & 0x3ffu));
	put32(buf + 4,
	      (uint32_t)t->requester << 16 | (uint32_t)t->tag << 8 | (uint32_t)(t->lbe & 15) << 4 | (t->fbe & 15u));
	if (!four) {
		put32(buf + 8, (uint32_t)t->addr & ~3u);
		return 12;
	}
	put32(buf + 8, (uint32_t)(t->addr >> 32));
	put32(buf + 12, (uint32_t)t->addr & ~3u);
	return 16;
}

static unsigned int ones(unsigned int be)
{
	return (be & 1) + (be >> 1 & 1) + (be >> 2 & 1) + (be >> 3 & 1);
}

unsigned int tlp_bytes(const struct tlp *t)
{
	return t->ndw == 1 ? ones(t->fbe) : ones(t->fbe) + ones(t->lbe) + 4u * (t->ndw - 2u);
}

const char *tlp_kind_name(enum tlp_kind k)
{
	return k < TLP_KINDS ? names[k] : names[TLP_OTHER];
}
