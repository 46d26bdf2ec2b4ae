/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pat.c - the eight slots of IA32_PAT. Pure.
 */
#include <stdio.h>

#include "pat.h"

/* Intel SDM vol 3 table 11-10: the low three bits of a field; 2 and 3 are reserved. */
static const enum mtype encodings[8] = {
	[0] = MT_UC,
	[1] = MT_WC,
	[2] = MT_RSVD2,
	[3] = MT_RSVD3,
	[4] = MT_WT,
	[5] = MT_WP,
	[6] = MT_WB,
	[7] = MT_UCMINUS,
};

const struct pat_layout pat_layouts[] = {
	{ .raw = PAT_RESET, .name = "power-on", .source = "Intel SDM vol 3 table 11-12; what nopat leaves" },
	{ .raw = PAT_LINUX, .name = "Linux", .source = "Linux arch/x86/mm/pat/memtype.c pat_bp_init()" },
	{ .raw = PAT_LINUX_4, .name = "Linux 4.2, before WP", .source = "Linux 4.2 arch/x86/mm/pat.c pat_init()" },
	{ .raw = PAT_LINUX_ERRATA,
	  .name = "Linux without the PAT bit",
	  .source = "Linux arch/x86/mm/pat/memtype.c: Intel family 6 up to model 13, 15 up to 6; all before 4.2" },
	{ .raw = PAT_XEN, .name = "Xen", .source = "Xen xen/arch/x86/include/asm/processor.h XEN_MSR_PAT" },
	{ .name = NULL },
};

static unsigned int field(uint64_t raw, unsigned int slot)
{
	return raw >> (8 * slot) & 0xff;
}

void pat_decode(uint64_t raw, struct pat *out)
{
	out->known = true;
	out->raw = raw;
	out->reserved_bits = false;
	for (unsigned int i = 0; i < 8; i++) {
		unsigned int f = field(raw, i);

		/* No CPU takes such a field: what stands here did not come from one as it stands. */
		out->slot[i] = f > 7 ? MT_UNKNOWN : encodings[f];
		out->reserved_bits |= f > 7;
	}
}

int pat_slot_of(const struct pat *p, enum mtype t)
{
	for (int i = 0; i < 8; i++)
		if (p->slot[i] == t)
			return i;
	return -1;
}

void pat_format(const struct pat *p, char *buf, size_t len)
{
	size_t at = 0;

	if (len)
		buf[0] = '\0';
	for (unsigned int i = 0; i < 8 && at < len; i++) {
		const char *gap = i ? " " : "";
		enum mtype t = p->slot[i];
		int n;

		/* What is no type is shown as the number that it is. */
		if (t == MT_RSVD2 || t == MT_RSVD3 || t >= MT_UNKNOWN)
			n = snprintf(buf + at, len - at, "%s0x%02x", gap, field(p->raw, i));
		else
			n = snprintf(buf + at, len - at, "%s%s", gap, mtype_name(t));
		if (n < 0)
			return;
		at += (size_t)n;
	}
}

const char *pat_layout_name(uint64_t raw)
{
	for (const struct pat_layout *l = pat_layouts; l->name; l++)
		if (l->raw == raw)
			return l->name;
	return NULL;
}

unsigned int pat_index(bool pat, bool pcd, bool pwt)
{
	return (unsigned int)pat << 2 | (unsigned int)pcd << 1 | (unsigned int)pwt;
}
