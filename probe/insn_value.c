// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * insn_value.c - the bytes that a store puts into memory, out of the registers before it.
 *
 * The source is the last operand written down, for a part of a vector the last but one; a table says the rest. What is
 * not in the table has no value here, however simple it looks.
 */
#include <errno.h>
#include <string.h>

#include <Zydis/Zydis.h>

#include "probe/insn_int.h"
#include "probe/insn_value.h"

#define AC (1u << 18)

enum {
	ALIGNED = 1, /* faults off a boundary of its size */
	NT = 2,
	DIRECT = 4,
	SWAPPED = 8,
	UPPER = 16,   /* the upper 8 bytes of an xmm register */
	PART = 32,    /* the immediate says which part of the register, in parts of the store's size */
	PATTERN = 64, /* the second operand is a mask, not the source */
};

/* SDM vol 2: of each its own entry. MOVNTSS, MOVNTSD: AMD 26568. Of movsd there are two, told apart by INSN_STRING. */
static const struct {
	uint16_t mnemonic;
	uint8_t flags;
} rows[] = {
	{ .mnemonic = ZYDIS_MNEMONIC_MOV },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVNTI, .flags = NT },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVBE, .flags = SWAPPED },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVDIRI, .flags = DIRECT },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVDIR64B, .flags = DIRECT | ALIGNED },
	{ .mnemonic = ZYDIS_MNEMONIC_STOSB },
	{ .mnemonic = ZYDIS_MNEMONIC_STOSW },
	{ .mnemonic = ZYDIS_MNEMONIC_STOSD },
	{ .mnemonic = ZYDIS_MNEMONIC_STOSQ },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVSB },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVSW },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVSD },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVSQ },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVD },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVQ },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVNTQ, .flags = NT },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVSS },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVNTSS, .flags = NT },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVNTSD, .flags = NT },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVLPS },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVLPD },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVHPS, .flags = UPPER },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVHPD, .flags = UPPER },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVUPS },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVUPD },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVDQU },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVAPS, .flags = ALIGNED },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVAPD, .flags = ALIGNED },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVDQA, .flags = ALIGNED },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVNTPS, .flags = ALIGNED | NT },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVNTPD, .flags = ALIGNED | NT },
	{ .mnemonic = ZYDIS_MNEMONIC_MOVNTDQ, .flags = ALIGNED | NT },
	{ .mnemonic = ZYDIS_MNEMONIC_PEXTRB, .flags = PART },
	{ .mnemonic = ZYDIS_MNEMONIC_PEXTRW, .flags = PART },
	{ .mnemonic = ZYDIS_MNEMONIC_PEXTRD, .flags = PART },
	{ .mnemonic = ZYDIS_MNEMONIC_PEXTRQ, .flags = PART },
	{ .mnemonic = ZYDIS_MNEMONIC_EXTRACTPS, .flags = PART },
	{ .mnemonic = ZYDIS_MNEMONIC_VMOVD },
	{ .mnemonic = ZYDIS_MNEMONIC_VMOVQ },
	{ .mnemonic = ZYDIS_MNEMONIC_VMOVW },
	{ .mnemonic = ZYDIS_MNEMONIC_VMOVSH },
	{ .mnemonic = ZYDIS_MNEMONIC_VMOVSS },
	{ .mnemonic = ZYDIS_MNEMONIC_VMOVSD },
	{ .mnemonic = ZYDIS_MNEMONIC_VMOVLPS },
	{ .mnemonic = ZYDIS_MNEMONIC_VMOVLPD },
	{ .mnemonic = ZYDIS_MNEMONIC_VMOVHPS, .flags = UPPER },
	{ .mnemonic = ZYDIS_MNEMONIC_VMOVHPD, .flags = UPPER },
	{ .mnemonic = ZYDIS_MNEMONIC_VMOVUPS },
	{ .mnemonic = ZYDIS_MNEMONIC_VMOVUPD },
	{ .mnemonic = ZYDIS_MNEMONIC_VMOVDQU },
	{ .mnemonic = ZYDIS_MNEMONIC_VMOVDQU8 },
	{ .mnemonic = ZYDIS_MNEMONIC_VMOVDQU16 },
	{ .mnemonic = ZYDIS_MNEMONIC_VMOVDQU32 },
	{ .mnemonic = ZYDIS_MNEMONIC_VMOVDQU64 },
	{ .mnemonic = ZYDIS_MNEMONIC_VMOVAPS, .flags = ALIGNED },
	{ .mnemonic = ZYDIS_MNEMONIC_VMOVAPD, .flags = ALIGNED },
	{ .mnemonic = ZYDIS_MNEMONIC_VMOVDQA, .flags = ALIGNED },
	{ .mnemonic = ZYDIS_MNEMONIC_VMOVDQA32, .flags = ALIGNED },
	{ .mnemonic = ZYDIS_MNEMONIC_VMOVDQA64, .flags = ALIGNED },
	{ .mnemonic = ZYDIS_MNEMONIC_VMOVNTPS, .flags = ALIGNED | NT },
	{ .mnemonic = ZYDIS_MNEMONIC_VMOVNTPD, .flags = ALIGNED | NT },
	{ .mnemonic = ZYDIS_MNEMONIC_VMOVNTDQ, .flags = ALIGNED | NT },
	{ .mnemonic = ZYDIS_MNEMONIC_VMASKMOVPS, .flags = PATTERN },
	{ .mnemonic = ZYDIS_MNEMONIC_VMASKMOVPD, .flags = PATTERN },
	{ .mnemonic = ZYDIS_MNEMONIC_VPMASKMOVD, .flags = PATTERN },
	{ .mnemonic = ZYDIS_MNEMONIC_VPMASKMOVQ, .flags = PATTERN },
	{ .mnemonic = ZYDIS_MNEMONIC_VPEXTRB, .flags = PART },
	{ .mnemonic = ZYDIS_MNEMONIC_VPEXTRW, .flags = PART },
	{ .mnemonic = ZYDIS_MNEMONIC_VPEXTRD, .flags = PART },
	{ .mnemonic = ZYDIS_MNEMONIC_VPEXTRQ, .flags = PART },
	{ .mnemonic = ZYDIS_MNEMONIC_VEXTRACTPS, .flags = PART },
	{ .mnemonic = ZYDIS_MNEMONIC_VEXTRACTF128, .flags = PART },
	{ .mnemonic = ZYDIS_MNEMONIC_VEXTRACTI128, .flags = PART },
	{ .mnemonic = ZYDIS_MNEMONIC_VEXTRACTF32X4, .flags = PART },
	{ .mnemonic = ZYDIS_MNEMONIC_VEXTRACTI32X4, .flags = PART },
	{ .mnemonic = ZYDIS_MNEMONIC_VEXTRACTF64X2, .flags = PART },
	{ .mnemonic = ZYDIS_MNEMONIC_VEXTRACTI64X2, .flags = PART },
	{ .mnemonic = ZYDIS_MNEMONIC_VEXTRACTF32X8, .flags = PART },
	{ .mnemonic = ZYDIS_MNEMONIC_VEXTRACTI32X8, .flags = PART },
	{ .mnemonic = ZYDIS_MNEMONIC_VEXTRACTF64X4, .flags = PART },
	{ .mnemonic = ZYDIS_MNEMONIC_VEXTRACTI64X4, .flags = PART },
	{ .mnemonic = ZYDIS_MNEMONIC_KMOVB },
	{ .mnemonic = ZYDIS_MNEMONIC_KMOVW },
	{ .mnemonic = ZYDIS_MNEMONIC_KMOVD },
	{ .mnemonic = ZYDIS_MNEMONIC_KMOVQ },
};

static int flags_of(ZydisMnemonic mnemonic)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].mnemonic == mnemonic)
			return rows[i].flags;
	return -EOPNOTSUPP;
}

/* size bytes of a register from byte "at" on. */
static int from_vector(const struct insn_regs *regs, unsigned int n, unsigned int at, unsigned int size, uint8_t *to)
{
	const uint8_t *v = insn_vector(regs, n, at + size);

	if (!v)
		return -ENODATA;
	memcpy(to, v + at, size);
	return 0;
}

static int from_register(const struct insn_regs *regs, ZydisRegister r, unsigned int at, unsigned int size, uint8_t *to)
{
	ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, r);
	unsigned int n = (unsigned int)(uint8_t)ZydisRegisterGetId(r);
	uint64_t v;

	switch (ZydisRegisterGetClass(r)) {
	case ZYDIS_REGCLASS_GPR8:
	case ZYDIS_REGCLASS_GPR16:
	case ZYDIS_REGCLASS_GPR32:
	case ZYDIS_REGCLASS_GPR64:
		n = (unsigned int)(uint8_t)ZydisRegisterGetId(whole);
		if (n > 15 || size > 8)
			return -EOPNOTSUPP;
		v = regs->gpr[n] >> (r >= ZYDIS_REGISTER_AH && r <= ZYDIS_REGISTER_BH ? 8 : 0);
		break;
	case ZYDIS_REGCLASS_MASK:
		if (n > 7 || size > 8)
			return -EOPNOTSUPP;
		if (!(regs->have & INSN_HAVE_K))
			return -ENODATA;
		v = regs->k[n];
		break;
	case ZYDIS_REGCLASS_MMX:
		if (n > 7 || size > 8)
			return -EOPNOTSUPP;
		if (!(regs->have & INSN_HAVE_MM))
			return -ENODATA;
		/* It would change the x87 unit too, and an exception may wait in that. */
		if (!(regs->have & INSN_IN_MMX))
			return -EOPNOTSUPP;
		v = regs->mm[n];
		break;
	case ZYDIS_REGCLASS_XMM:
	case ZYDIS_REGCLASS_YMM:
	case ZYDIS_REGCLASS_ZMM:
		return from_vector(regs, n, at, size, to);
	default:
		return -EOPNOTSUPP;
	}
	memcpy(to, &v, size);
	return 0;
}

static unsigned int vector_bytes(ZydisRegister r)
{
	ZydisRegisterClass c = ZydisRegisterGetClass(r);

	return c == ZYDIS_REGCLASS_XMM ? 16 : c == ZYDIS_REGCLASS_YMM ? 32 : c == ZYDIS_REGCLASS_ZMM ? 64 : 0;
}

static void swap(uint8_t *bytes, unsigned int size)
{
	for (unsigned int i = 0; i < size / 2; i++) {
		uint8_t b = bytes[i];

		bytes[i] = bytes[size - 1 - i];
		bytes[size - 1 - i] = b;
	}
}

static int source(const ZydisDecodedInstruction *i, const ZydisDecodedOperand *ops, int flags,
		  const struct insn_regs *regs, struct insn_value *out)
{
	unsigned int last = i->operand_count_visible - 1u, at = flags & UPPER ? 8 : 0;
	const ZydisDecodedOperand *o = &ops[last];

	if (i->operand_count_visible < (flags & (PART | PATTERN) ? 3 : 2) || ops[0].type != ZYDIS_OPERAND_TYPE_MEMORY)
		return -EOPNOTSUPP;
	if (flags & PART) {
		unsigned int whole = vector_bytes(ops[last - 1].reg.value);

		if (o->type != ZYDIS_OPERAND_TYPE_IMMEDIATE || ops[last - 1].type != ZYDIS_OPERAND_TYPE_REGISTER ||
		    whole < out->size)
			return -EOPNOTSUPP;
		at = (o->imm.value.u & (whole / out->size - 1)) * out->size;
		o--;
	}
	if (o->type == ZYDIS_OPERAND_TYPE_IMMEDIATE && i->mnemonic == ZYDIS_MNEMONIC_MOV && out->size <= 8) {
		memcpy(out->bytes, &o->imm.value.u, out->size); /* sign-extended to 64 bits */
		return 0;
	}
	if (o->type != ZYDIS_OPERAND_TYPE_REGISTER)
		return -EOPNOTSUPP;
	return from_register(regs, o->reg.value, at, out->size, out->bytes);
}

int insn_value(const uint8_t *bytes, size_t n, const struct insn *in, const struct insn_regs *regs,
	       struct insn_value *out)
{
	ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
	ZydisDecodedInstruction i;
	ZydisDecoder decoder;
	struct insn_effect e;
	const struct insn_access *to = &e.stores[0];
	int flags, err = 0;

	memset(out, 0, sizeof(*out));
	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, n < INSN_BYTES ? n : INSN_BYTES, &i, ops)))
		return -EOPNOTSUPP;
	flags = flags_of(i.mnemonic);
	/* XRELEASE may end a transaction. With AC set what is not aligned faults, whatever it is. */
	if (flags < 0 || in->flags & (INSN_STRANGE | INSN_LOCKED) || i.attributes & ZYDIS_ATTRIB_HAS_XRELEASE ||
	    regs->flags & AC)
		return -EOPNOTSUPP;
	insn_resolve(in, regs, NULL, &e);
	if (e.unknown & INSN_NO_REGS)
		return -ENODATA;
	/* None where rcx or the mask is 0. */
	if (e.unknown || e.nstores != 1 || e.nreads > 1 || !to->size || to->size > 64 || to->size & (to->size - 1))
		return -EOPNOTSUPP;
	out->kind = flags & NT ? INSN_PUT_NT : flags & DIRECT ? INSN_PUT_DIRECT : INSN_PUT_PLAIN;
	out->size = (uint16_t)to->size;
	/* Of a scalar the mask says all or nothing. */
	out->masked = to->masked && to->size >= 16;
	if (to->masked && !out->masked && to->mask != (1ULL << to->size) - 1)
		return -EOPNOTSUPP;
	out->mask = out->masked ? to->mask : 0;
	out->aligned = flags & ALIGNED;
	if (e.nreads) { /* MOVS, MOVDIR64B: none other of the table reads */
		out->from = INSN_FROM_MEMORY;
		out->source = e.reads[0].addr;
		return e.reads[0].size == to->size ? 0 : -EOPNOTSUPP;
	}
	if (in->flags & INSN_STRING)
		memcpy(out->bytes, &regs->gpr[INSN_RAX], out->size);
	else
		err = source(&i, ops, flags, regs, out);
	if (flags & SWAPPED)
		swap(out->bytes, out->size);
	return err;
}
