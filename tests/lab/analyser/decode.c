/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decode.c - which instructions empty a CPU's write-combining buffers.
 */
#include "decode.h"

const char *const insn_name[INSN_KINDS] = {
	[INSN_OTHER] = "other",	  [INSN_SFENCE] = "sfence",   [INSN_MFENCE] = "mfence",
	[INSN_LFENCE] = "lfence", [INSN_LOCK] = "lock",	      [INSN_SERIAL] = "serialise",
	[INSN_TLB] = "serialise", [INSN_IRET] = "iret",	      [INSN_IO] = "io",
	[INSN_SYSCALL] = "syscall", [INSN_INTERRUPT] = "interrupt",
};

static bool is_prefix(uint8_t b)
{
	switch (b) {
	case 0x26: case 0x2e: case 0x36: case 0x3e: case 0x64: case 0x65:	/* segments */
	case 0x66: case 0x67: case 0xf0: case 0xf2: case 0xf3:
		return true;
	default:
		return (b & 0xf0) == 0x40;	/* REX */
	}
}

static enum insn_kind group_0f01(uint8_t modrm, bool plain)
{
	unsigned int reg = modrm >> 3 & 7;

	if (modrm == 0xe8 && plain)
		return INSN_SERIAL;	/* SERIALIZE */
	if (modrm >= 0xc0)
		return INSN_OTHER;
	return reg == 7 ? INSN_TLB : reg == 2 || reg == 3 ? INSN_SERIAL : INSN_OTHER;	/* INVLPG, LGDT, LIDT */
}

static enum insn_kind group_0fae(uint8_t modrm, bool plain)
{
	if (modrm < 0xc0 || !plain)
		return INSN_OTHER;
	switch (modrm >> 3 & 7) {
	case 5:	return INSN_LFENCE;
	case 6:	return INSN_MFENCE;
	case 7:	return INSN_SFENCE;
	default: return INSN_OTHER;
	}
}

/* b[0] is the byte behind 0x0f; rex_r: the register field has its fourth bit set. */
static enum insn_kind two_bytes(const uint8_t *b, size_t n, bool plain, bool rex_r)
{
	unsigned int reg = n > 1 ? b[1] >> 3 & 7 : 0;

	switch (b[0]) {
	case 0x00:	/* LLDT, LTR */
		return n > 1 && (reg == 2 || reg == 3) ? INSN_SERIAL : INSN_OTHER;
	case 0x01:
		return n > 1 ? group_0f01(b[1], plain) : INSN_OTHER;
	case 0x05:
		return INSN_SYSCALL;
	case 0x08: case 0x09:	/* INVD, WBINVD */
	case 0x23:		/* MOV to DR */
	case 0xa2:		/* CPUID */
	case 0xaa:		/* RSM */
		return INSN_SERIAL;
	case 0x22:	/* MOV to CR; to CR8 it is none */
		return rex_r ? INSN_OTHER : INSN_TLB;
	case 0x30:	/* WRMSR */
		return INSN_TLB;
	case 0x38:	/* INVPCID, INVEPT, INVVPID */
		return n > 1 && b[1] >= 0x80 && b[1] <= 0x82 ? INSN_TLB : INSN_OTHER;
	case 0xae:
		return n > 1 ? group_0fae(b[1], plain) : INSN_OTHER;
	default:
		return INSN_OTHER;
	}
}

struct insn insn_decode(const uint8_t *byte, size_t size)
{
	bool lock = false, plain = true, rex_r = false;
	struct insn i = { INSN_OTHER, false };
	const uint8_t *end = byte + size;

	for (; byte < end && is_prefix(*byte); byte++) {
		lock |= *byte == 0xf0;
		plain &= *byte != 0x66 && *byte != 0xf2 && *byte != 0xf3;
		rex_r = (*byte & 0xf4) == 0x44;
	}
	if (byte == end)
		return i;
	switch (*byte) {
	case 0x0f:
		i.joins = true;
		if (byte + 1 < end)
			i.kind = two_bytes(byte + 1, (size_t)(end - byte - 1), plain, rex_r);
		break;
	case 0x62: case 0xc4: case 0xc5:	/* EVEX, VEX */
	case 0xd8: case 0xd9: case 0xda: case 0xdb: case 0xdc: case 0xdd: case 0xde: case 0xdf:	/* x87 */
		i.joins = true;
		break;
	case 0x86: case 0x87:	/* XCHG: with memory it locks by itself */
		if (byte + 1 < end && byte[1] < 0xc0)
			i.kind = INSN_LOCK;
		break;
	case 0xcf:
		i.kind = INSN_IRET;
		break;
	case 0x6c: case 0x6d: case 0x6e: case 0x6f:	/* INS, OUTS */
	case 0xe4: case 0xe5: case 0xe6: case 0xe7: case 0xec: case 0xed: case 0xee: case 0xef:	/* IN, OUT */
		i.kind = INSN_IO;
		break;
	}
	if (lock)
		i.kind = INSN_LOCK;
	return i;
}
