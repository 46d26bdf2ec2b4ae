/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hyper_read.c - the leaves of the hypervisor, from this machine or from a snapshot.
 */
#include <cpuid.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu.h"
#include "cpu_raw.h"
#include "hyper_int.h"
#include "src.h"

static void ask(struct hyper_leaves *l, uint32_t leaf)
{
	struct hyper_leaf *f;

	if (l->n == sizeof(l->leaf) / sizeof(l->leaf[0]))
		return;
	f = &l->leaf[l->n++];
	f->leaf = leaf;
	__cpuid_count(leaf, 0, f->reg[CPU_EAX], f->reg[CPU_EBX], f->reg[CPU_ECX], f->reg[CPU_EDX]);
}

static void collect(struct hyper_leaves *l)
{
	uint32_t r[4];

	l->n = 0;
	__cpuid(0, r[CPU_EAX], r[CPU_EBX], r[CPU_ECX], r[CPU_EDX]);
	if (r[CPU_EAX] >= TDX_LEAF)
		ask(l, TDX_LEAF);
	for (uint32_t i = 0; i < HYPER_BLOCKS; i++) {
		uint32_t base = HYPER_BASE + i * HYPER_STEP, end;

		ask(l, base);
		end = hyper_block_end(base, l->leaf[l->n - 1].reg);
		/* The first block is always recorded: what a CPU answers there without a hypervisor is a fact, too. */
		if (i && end == base)
			l->n--;
		for (uint32_t leaf = base + 1; leaf <= end; leaf++)
			ask(l, leaf);
	}
}

/* The hypervisor bit decides where no leaf does; the signature of a machine without one is noise. */
static void conclude(struct hyper *h, bool bit, const char *where)
{
	h->guest |= bit;
	if (h->guest) {
		fact_known(&h->fact, where);
		return;
	}
	h->signature[0] = '\0';
	fact_absent(&h->fact, where);
}

static int read_live(struct hyper *out)
{
	struct hyper_leaves l;
	uint32_t r[4];

	collect(&l);
	hyper_judge(&l, out);
	__cpuid(1, r[CPU_EAX], r[CPU_EBX], r[CPU_ECX], r[CPU_EDX]);
	conclude(out, r[CPU_ECX] >> 31, "CPUID 0x40000000");
	return 0;
}

int hyper_read(const struct src *s, const struct cpu *cpu, struct hyper *out)
{
	bool bit_known = cpu->fact.state == FACT_KNOWN;
	const char *what = NULL;
	unsigned int line = 0;
	struct blob b;
	int err;

	memset(out, 0, sizeof(*out));
	if (src_is_live(s))
		return read_live(out);
	err = src_read(s, HYPER_RECORD, &b);
	if (err && bit_known && !cpu->hypervisor_bit) {
		fact_absent(&out->fact, "CPUID 1");
		return 0;
	}
	if (!err) {
		err = hyper_parse(b.data, b.len, out, &line, &what);
		blob_free(&b);
	}
	if (err == -EBADMSG) {
		fact_garbled(&out->fact, HYPER_RECORD, "line %u: %s", line, what);
	} else if (err) {
		fact_missing(&out->fact, s, HYPER_RECORD, -err, NULL);
	} else if (!bit_known && !out->guest) {
		/* No name that we know, and nobody knows whether there should be one. */
		fact_garbled(&out->fact, HYPER_RECORD, "no hypervisor that is known, nor the CPU's hypervisor bit");
		err = -EBADMSG;
	} else {
		conclude(out, bit_known && cpu->hypervisor_bit, HYPER_RECORD);
	}
	if (err)
		out->guest = bit_known && cpu->hypervisor_bit;
	return err;
}

int hyper_record(char **text, size_t *len)
{
	struct hyper_leaves l;
	FILE *f;
	int err;

	*text = NULL;
	*len = 0;
	f = open_memstream(text, len);
	if (!f)
		return -ENOMEM;
	collect(&l);
	fprintf(f, "# LEAF EAX EBX ECX EDX\n");
	for (size_t i = 0; i < l.n; i++) {
		const uint32_t *r = l.leaf[i].reg;

		fprintf(f, "0x%08" PRIx32 " 0x%08" PRIx32 " 0x%08" PRIx32 " 0x%08" PRIx32 " 0x%08" PRIx32 "\n",
			l.leaf[i].leaf, r[CPU_EAX], r[CPU_EBX], r[CPU_ECX], r[CPU_EDX]);
	}
	err = ferror(f);
	err |= fclose(f);
	if (!err)
		return 0;
	free(*text);
	*text = NULL;
	*len = 0;
	return -ENOMEM;
}
