// SPDX-License-Identifier: GPL-2.0-or-later
/* insn.c - the bytes of an instruction into what it does; registers come later, insn_resolve.c. */
#include <errno.h>
#include <string.h>

#include <Zydis/Zydis.h>

#include "probe/insn_int.h"

static uint8_t number(ZydisRegister r)
{
	switch (ZydisRegisterGetClass(r)) {
	case ZYDIS_REGCLASS_GPR8: /* no operand of ours is in ah .. bh */
	case ZYDIS_REGCLASS_GPR16:
	case ZYDIS_REGCLASS_GPR32:
	case ZYDIS_REGCLASS_GPR64:
	case ZYDIS_REGCLASS_MMX:
	case ZYDIS_REGCLASS_XMM:
	case ZYDIS_REGCLASS_YMM:
	case ZYDIS_REGCLASS_ZMM:
	case ZYDIS_REGCLASS_MASK:
		return (uint8_t)ZydisRegisterGetId(r);
	case ZYDIS_REGCLASS_IP:
		return INSN_RIP;
	default:
		return INSN_NONE;
	}
}

static unsigned int vector_bytes(ZydisRegister r)
{
	switch (ZydisRegisterGetClass(r)) {
	case ZYDIS_REGCLASS_XMM:
		return 16;
	case ZYDIS_REGCLASS_YMM:
		return 32;
	case ZYDIS_REGCLASS_ZMM:
		return 64;
	default:
		return 0;
	}
}

/* What is being decoded. */
struct work {
	const ZydisDecodedInstruction *i;
	const ZydisDecodedOperand *ops;
	const struct insn_row *row;
	struct insn *out;
};

static struct insn_mem *add(struct insn *out, unsigned int access, const struct insn_mem *m)
{
	struct insn_mem *to = &out->mem[out->nmem];

	if (out->nmem == INSN_MEMS) {
		out->flags |= INSN_STRANGE;
		return NULL;
	}
	*to = *m;
	to->access = (uint8_t)access;
	out->nmem++;
	return to;
}

static struct insn_mem where(const struct work *w, const ZydisDecodedOperand *o)
{
	const ZydisDecodedOperandMem *mem = &o->mem;
	ZydisRegisterClass base = ZydisRegisterGetClass(mem->base);
	bool narrow = base == ZYDIS_REGCLASS_GPR32 || mem->base == ZYDIS_REGISTER_EIP ||
		      (mem->base == ZYDIS_REGISTER_NONE && w->i->address_width == 32);

	return (struct insn_mem){
		.disp = mem->disp.value,
		.size = o->size / 8,
		.esize = o->element_size / 8,
		.base = number(mem->base),
		.index = number(mem->index),
		.scale = mem->scale,
		.seg = mem->segment == ZYDIS_REGISTER_FS   ? INSN_SEG_FS
		       : mem->segment == ZYDIS_REGISTER_GS ? INSN_SEG_GS
							   : INSN_SEG_NONE,
		.bits = narrow ? 32 : 64,
		.reg = INSN_NONE,
	};
}

/* A gather or scatter: its elements are as many as both the indices and the data are. */
static void spread(struct work *w, const ZydisDecodedOperand *o, unsigned int access)
{
	struct insn_mem m = where(w, o);
	unsigned int data = 0, indices = vector_bytes(o->mem.index);
	bool vex = w->i->encoding == ZYDIS_INSTRUCTION_ENCODING_VEX;

	for (unsigned int k = 0; k < w->i->operand_count && !data; k++)
		if (w->ops[k].type == ZYDIS_OPERAND_TYPE_REGISTER)
			data = vector_bytes(w->ops[k].reg.value);
	if (!w->row || !w->row->isize || !data || !indices || (m.size != 4 && m.size != 8)) {
		w->out->flags |= INSN_STRANGE;
		return;
	}
	m.esize = m.size;
	m.isize = w->row->isize;
	m.elements = (uint8_t)(data / m.esize < indices / m.isize ? data / m.esize : indices / m.isize);
	m.how = vex ? HOW_SPREAD_V : HOW_SPREAD_K;
	m.reg = number(vex ? w->ops[2].reg.value : w->i->avx.mask.reg);
	add(w->out, access, &m);
}

static bool is_masked(const ZydisDecodedInstruction *i)
{
	return i->avx.mask.mode > ZYDIS_MASK_MODE_DISABLED && i->avx.mask.reg != ZYDIS_REGISTER_NONE &&
	       i->avx.mask.reg != ZYDIS_REGISTER_K0;
}

/* The mask or the count is the second operand, or the last that was written down. */
static void with_register(struct work *w, struct insn_mem *m)
{
	const ZydisDecodedOperand *second = &w->ops[1], *last = &w->ops[w->i->operand_count_visible - 1];
	unsigned int bits = m->size == 8 ? 63 : 31;

	switch (m->how) {
	case HOW_VMASK:
	case HOW_MMASK:
		m->reg = number(second->reg.value);
		if (w->row->flags & INSN_NONTEMPORAL)
			m->esize = 1; /* MASKMOVQ and its kin go by bytes */
		break;
	case HOW_BIT:
		m->how = second->type == ZYDIS_OPERAND_TYPE_REGISTER ? HOW_BIT : HOW_PLAIN;
		m->reg = second->type == ZYDIS_OPERAND_TYPE_REGISTER ? number(second->reg.value) : INSN_NONE;
		break;
	case HOW_COUNT:
		if (last->type == ZYDIS_OPERAND_TYPE_IMMEDIATE) /* by 1 has none, or one that says so */
			m->how = last->imm.value.u & bits ? HOW_ALWAYS : HOW_MAYBE;
		else if (last->type == ZYDIS_OPERAND_TYPE_REGISTER)
			m->reg = number(last->reg.value);
		else
			m->how = HOW_ALWAYS;
		break;
	default:
		break;
	}
}

static void store_or_load(struct work *w, const ZydisDecodedOperand *o, unsigned int access)
{
	bool writes = access == INSN_WRITES;
	bool always = o->actions & (writes ? ZYDIS_OPERAND_ACTION_WRITE : ZYDIS_OPERAND_ACTION_READ);
	struct insn_mem m = where(w, o);

	m.how = !w->row ? HOW_PLAIN : writes ? w->row->writes : w->row->reads;
	if (m.how == HOW_NONE)
		return;
	if (m.how == HOW_FLUSH)
		access = 0;
	with_register(w, &m);
	if (m.how == HOW_ALWAYS)
		m.how = HOW_PLAIN;
	else if (m.how == HOW_COMPRESS || (m.how == HOW_PLAIN && writes && is_masked(w->i))) {
		if (is_masked(w->i))
			m.reg = number(w->i->avx.mask.reg);
		m.how = !is_masked(w->i) ? HOW_PLAIN : m.how == HOW_COMPRESS ? HOW_COMPRESS : HOW_KMASK;
	} else if (m.how == HOW_PLAIN && (is_masked(w->i) || (!always && !(w->out->flags & INSN_STRING))))
		m.how = HOW_MAYBE;
	if (m.how == HOW_PLAIN && m.size > MODEL_LINE)
		m.how = HOW_AREA;
	/* Hidden operands of the stack: named by rsp as it was; stores lie below. */
	if (o->visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN && m.base == INSN_RSP && writes)
		m.disp -= m.size;
	/* POP to memory: rsp has moved when the address is made (vol 2, POP). */
	if (w->i->mnemonic == ZYDIS_MNEMONIC_POP && writes && m.base == INSN_RSP)
		m.disp += m.size;
	if (m.size)
		add(w->out, access, &m);
	else
		w->out->flags |= INSN_STRANGE;
}

static void memory(struct work *w, const ZydisDecodedOperand *o)
{
	unsigned int access = (o->actions & ZYDIS_OPERAND_ACTION_MASK_READ ? INSN_READS : 0) |
			      (o->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE ? INSN_WRITES : 0);

	if (o->mem.type == ZYDIS_MEMOP_TYPE_AGEN)
		return;
	if (o->mem.type == ZYDIS_MEMOP_TYPE_MIB) {
		w->out->flags |= INSN_STRANGE;
		return;
	}
	for (unsigned int a = INSN_READS; a <= INSN_WRITES; a++) {
		if (!(access & a))
			continue;
		if (o->mem.type == ZYDIS_MEMOP_TYPE_VSIB)
			spread(w, o, a);
		else
			store_or_load(w, o, a);
	}
}

/* ENTER of a level pushes as many frame pointers, which it reads below rbp. */
static void enter(struct work *w)
{
	struct insn_mem *m = &w->out->mem[0], reads;
	unsigned int level = w->ops[1].imm.value.u & 31;

	if (!level || w->out->nmem != 1)
		return;
	reads = *m;
	reads.base = INSN_RBP;
	reads.how = HOW_AREA;
	reads.disp = -(int64_t)m->size * (level - 1);
	reads.size = (uint16_t)(m->size * (level - 1));
	m->how = HOW_AREA;
	m->size = (uint16_t)(m->size * (level + 1));
	m->disp = -(int64_t)m->size;
	if (level > 1)
		add(w->out, INSN_READS, &reads);
}

/* What is told by neither operands nor a row. */
static void by_name(struct work *w)
{
	static const struct insn_mem line = {
		.base = INSN_RAX, .index = INSN_NONE, .how = HOW_LINE, .size = 64, .bits = 64, .reg = INSN_NONE
	};
	struct insn *out = w->out;
	struct insn_mem *m;

	switch (w->i->mnemonic) {
	case ZYDIS_MNEMONIC_XCHG:
		out->flags |= out->nmem ? INSN_LOCKED : 0;
		break;
	case ZYDIS_MNEMONIC_INT: /* the others end in an exception, from user mode */
		out->flags |= w->ops[0].imm.value.u == 0x80 ? INSN_SYSCALL : INSN_TRAP;
		break;
	case ZYDIS_MNEMONIC_MOV:
		for (unsigned int k = 0; k < w->i->operand_count_visible; k++)
			if (w->ops[k].type == ZYDIS_OPERAND_TYPE_REGISTER &&
			    (ZydisRegisterGetClass(w->ops[k].reg.value) == ZYDIS_REGCLASS_CONTROL ||
			     ZydisRegisterGetClass(w->ops[k].reg.value) == ZYDIS_REGCLASS_DEBUG))
				out->flags |= k ? 0 : INSN_SERIAL; /* to one, not from one */
		break;
	case ZYDIS_MNEMONIC_CLZERO:
		m = add(out, INSN_WRITES, &line);
		if (m)
			m->bits = w->i->address_width == 32 ? 32 : 64;
		break;
	case ZYDIS_MNEMONIC_ENTER:
		enter(w);
		break;
	case ZYDIS_MNEMONIC_CALL:
		out->flags |= w->i->meta.branch_type == ZYDIS_BRANCH_TYPE_FAR ? INSN_STRANGE : 0;
		break;
	default:
		break;
	}
	if (w->i->meta.category == ZYDIS_CATEGORY_PADLOCK)
		out->flags |= INSN_STRANGE;
}

/* F2 repeats MOVS and its kin as F3 does, though only F3 is written so. */
static void string(struct work *w)
{
	bool compares = false;

	for (unsigned int k = 0; k < w->i->raw.prefix_count; k++)
		if (w->i->raw.prefixes[k].value == 0xf2 || w->i->raw.prefixes[k].value == 0xf3)
			w->out->flags |= INSN_REP;
	switch (w->i->mnemonic) {
	case ZYDIS_MNEMONIC_CMPSB:
	case ZYDIS_MNEMONIC_CMPSW:
	case ZYDIS_MNEMONIC_CMPSD:
	case ZYDIS_MNEMONIC_CMPSQ:
	case ZYDIS_MNEMONIC_SCASB:
	case ZYDIS_MNEMONIC_SCASW:
	case ZYDIS_MNEMONIC_SCASD:
	case ZYDIS_MNEMONIC_SCASQ:
		compares = true;
		break;
	default:
		break;
	}
	if (compares && w->out->flags & INSN_REP)
		w->out->flags |= INSN_UNTIL;
}

static bool needs_vectors(const struct insn *in)
{
	for (unsigned int k = 0; k < in->nmem; k++)
		if (in->mem[k].how >= HOW_KMASK && in->mem[k].how <= HOW_SPREAD_V)
			return true;
	return false;
}

int insn_decode(const uint8_t *bytes, size_t n, struct insn *out)
{
	ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
	ZydisDecodedInstruction i;
	struct work w = { .i = &i, .ops = ops, .out = out };
	ZydisDecoder decoder;
	ZyanStatus status;

	memset(out, 0, sizeof(*out));
	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	ZydisDecoderEnableMode(&decoder, ZYDIS_DECODER_MODE_MPX, ZYAN_FALSE); /* gone from Linux with 5.6: no-ops */
	status = ZydisDecoderDecodeFull(&decoder, bytes, n < INSN_BYTES ? n : INSN_BYTES, &i, ops);
	if (status == ZYDIS_STATUS_NO_MORE_DATA)
		return n < INSN_BYTES ? -ENODATA : -EBADMSG;
	if (!ZYAN_SUCCESS(status))
		return -EBADMSG;
	w.row = insn_row(i.mnemonic);
	out->len = i.length;
	out->flags = w.row ? w.row->flags : 0;
	if (i.attributes & ZYDIS_ATTRIB_HAS_LOCK)
		out->flags |= INSN_LOCKED;
	if (i.meta.category == ZYDIS_CATEGORY_STRINGOP || i.meta.category == ZYDIS_CATEGORY_IOSTRINGOP) {
		out->flags |= INSN_STRING;
		string(&w);
	}
	for (unsigned int k = 0; k < i.operand_count; k++)
		if (ops[k].type == ZYDIS_OPERAND_TYPE_MEMORY)
			memory(&w, &ops[k]);
	by_name(&w);
	out->vectors = needs_vectors(out);
	return 0;
}
