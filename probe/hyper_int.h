/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hyper_int.h - internal: CPUID leaves of the hypervisor, read or recorded, before they are judged. */
#ifndef WCDIAG_HYPER_INT_H
#define WCDIAG_HYPER_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HYPER_RECORD "/wcdiag/hypervisor.txt"

/* Blocks of leaves from 0x40000000 to 0x40000f00; Linux asm/processor.h hypervisor_cpuid_base() looks at more. */
#define HYPER_BASE   0x40000000U
#define HYPER_STEP   0x100U
#define HYPER_BLOCKS 16
#define HYPER_LEAVES 64	/* looked at in each */
#define TDX_LEAF     0x21U

struct hyper_leaf {
	uint32_t leaf;
	uint32_t reg[4];	/* EAX EBX ECX EDX */
};

struct hyper_leaves {
	struct hyper_leaf leaf[HYPER_BLOCKS * HYPER_LEAVES + 1];	/* ascending */
	size_t n;
};

/* Leaf 0x21 of a TDX guest? */
bool hyper_leaf_is_tdx(const uint32_t reg[4]);
/* The last leaf of the block whose first leaf is this; base itself when it announces nothing that makes sense. */
uint32_t hyper_block_end(uint32_t base, const uint32_t reg[4]);

/* Who the leaves say runs this machine; fact is left alone (zeroed). */
struct hyper;
void hyper_judge(const struct hyper_leaves *l, struct hyper *out);

#endif
