// SPDX-License-Identifier: GPL-2.0-or-later
/* insn_resolve.c - the registers put in: addresses, masks, iterations. */
#include <string.h>

#include "probe/insn_int.h"

#define DF (1u << 10)

/* What is being resolved. */
struct work {
	const struct insn *in;
	const struct insn_regs *regs;
	const struct insn_cpu *cpu;
	struct insn_effect *out;
};

static void put(struct work *w, const struct insn_mem *m, uint64_t addr, uint32_t size, const uint64_t *mask, bool sure)
{
	bool writes = m->access == INSN_WRITES;
	struct insn_access *to = writes ? w->out->stores : w->out->reads;
	unsigned int *n = writes ? &w->out->nstores : &w->out->nreads;

	if (!size || (mask && !*mask))
		return;
	if (addr > UINT64_MAX - (size - 1)) {
		w->out->unknown |= INSN_FAULTS;
		return;
	}
	if (*n == INSN_PARTS) { /* decoding makes no such thing */
		w->out->unknown |= INSN_NOT_TOLD;
		*(writes ? &w->out->stores_anywhere : &w->out->reads_anywhere) = true;
		return;
	}
	to[(*n)++] = (struct insn_access){
		.addr = addr, .size = size, .mask = mask ? *mask : 0, .masked = mask, .sure = sure
	};
}

static uint64_t low(uint64_t v, unsigned int bits)
{
	return bits == 32 ? (uint32_t)v : v;
}

static uint64_t segment(const struct work *w, const struct insn_mem *m)
{
	return m->seg == INSN_SEG_FS ? w->regs->fs_base : m->seg == INSN_SEG_GS ? w->regs->gs_base : 0;
}

static uint64_t reg(const struct work *w, unsigned int n)
{
	return n == INSN_RIP ? w->regs->rip + w->in->len : n < 16 ? w->regs->gpr[n] : 0;
}

/* Without index and segment. */
static uint64_t base(const struct work *w, const struct insn_mem *m)
{
	return (m->base == INSN_NONE ? 0 : reg(w, m->base)) + (uint64_t)m->disp;
}

static uint64_t offset(const struct work *w, const struct insn_mem *m)
{
	return base(w, m) + (m->index == INSN_NONE ? 0 : reg(w, m->index) * m->scale);
}

static uint64_t linear(const struct work *w, const struct insn_mem *m, uint64_t at)
{
	return low(at, m->bits) + segment(w, m);
}

const uint8_t *insn_vector(const struct insn_regs *regs, unsigned int n, unsigned int bytes)
{
	unsigned int have = regs->have;
	bool given = n < 16 && bytes <= 16   ? have & (INSN_HAVE_XMM | INSN_HAVE_YMM | INSN_HAVE_ZMM)
		     : n < 16 && bytes <= 32 ? have & (INSN_HAVE_YMM | INSN_HAVE_ZMM)
					     : n < 32 && have & INSN_HAVE_ZMM;

	return given ? regs->v[n] : NULL;
}

/* The top bits of n elements. */
static uint64_t top_bits(const uint8_t *v, unsigned int n, unsigned int esize)
{
	uint64_t bits = 0;

	for (unsigned int i = 0; i < n; i++)
		bits |= (uint64_t)(v[i * esize + esize - 1] >> 7) << i;
	return bits;
}

/* Which of n elements are chosen. */
static bool chosen(const struct work *w, const struct insn_mem *m, unsigned int n, uint64_t *bits)
{
	const uint8_t *v;
	uint8_t mm[8];

	switch (m->how) {
	case HOW_KMASK:
	case HOW_COMPRESS:
	case HOW_SPREAD_K:
		if (!(w->regs->have & INSN_HAVE_K) || m->reg > 7)
			return false;
		*bits = w->regs->k[m->reg];
		break;
	case HOW_MMASK:
		if (!(w->regs->have & INSN_HAVE_MM) || m->reg > 7)
			return false;
		for (int i = 0; i < 8; i++)
			mm[i] = (uint8_t)(w->regs->mm[m->reg] >> 8 * i);
		*bits = top_bits(mm, n, 1);
		break;
	default:
		v = insn_vector(w->regs, m->reg, n * m->esize);
		if (!v)
			return false;
		*bits = top_bits(v, n, m->esize);
		break;
	}
	*bits &= n < 64 ? (1ULL << n) - 1 : UINT64_MAX;
	return true;
}

static void masked(struct work *w, const struct insn_mem *m, uint64_t addr)
{
	unsigned int n = m->esize ? m->size / m->esize : 0;
	uint64_t bits, bytes = 0;

	if (!n || m->size > MODEL_LINE || !chosen(w, m, n, &bits)) {
		w->out->unknown |= INSN_NO_REGS;
		put(w, m, addr, m->size, NULL, false);
		return;
	}
	if (m->how == HOW_COMPRESS) {
		put(w, m, addr, (uint32_t)__builtin_popcountll(bits) * m->esize, NULL, true);
		return;
	}
	for (unsigned int i = 0; i < m->size; i++)
		bytes |= (bits >> i / m->esize & 1) << i;
	put(w, m, addr, m->size, &bytes, true);
}

static void spread(struct work *w, const struct insn_mem *m)
{
	const uint8_t *v = insn_vector(w->regs, m->index, m->elements * m->isize);
	uint64_t bits = UINT64_MAX;
	bool sure = chosen(w, m, m->elements, &bits);

	if (!v || !sure)
		w->out->unknown |= INSN_NO_REGS;
	if (!v) {
		*(m->access == INSN_WRITES ? &w->out->stores_anywhere : &w->out->reads_anywhere) = true;
		return;
	}
	for (unsigned int i = 0; i < m->elements; i++) {
		int64_t index;
		int32_t index4;

		if (!(bits >> i & 1))
			continue;
		if (m->isize == 4) {
			memcpy(&index4, v + 4 * i, 4);
			index = index4;
		} else {
			memcpy(&index, v + 8 * i, 8);
		}
		put(w, m, linear(w, m, base(w, m) + (uint64_t)index * m->scale), m->esize, NULL, sure);
	}
}

/* The bit offset is signed, and goes by whole operands. */
static uint64_t bit_bytes(uint64_t value, unsigned int size)
{
	int64_t bit = size == 8 ? (int64_t)value : size == 4 ? (int32_t)value : (int16_t)value;
	int64_t per = 8 * (int64_t)size, whole = bit / per - (bit % per < 0);

	return (uint64_t)whole * size;
}

static void area(struct work *w, const struct insn_mem *m, uint64_t addr, uint32_t size)
{
	w->out->unknown |= size ? INSN_AREA : INSN_SIZE;
	if (!size) /* of an unknown end */
		*(m->access == INSN_WRITES ? &w->out->stores_anywhere : &w->out->reads_anywhere) = true;
	put(w, m, addr, size, NULL, false);
}

static void one(struct work *w, const struct insn_mem *m)
{
	uint64_t addr = linear(w, m, offset(w, m));

	switch ((enum insn_how)m->how) {
	case HOW_PLAIN:
	case HOW_NONE:
	case HOW_ALWAYS:
		put(w, m, addr, m->size, NULL, true);
		break;
	case HOW_MAYBE:
		w->out->unknown |= INSN_MAYBE;
		put(w, m, addr, m->size, NULL, false);
		break;
	case HOW_COUNT:
		if (reg(w, m->reg) & (m->size == 8 ? 63 : 31)) {
			put(w, m, addr, m->size, NULL, true);
		} else {
			w->out->unknown |= INSN_MAYBE;
			put(w, m, addr, m->size, NULL, false);
		}
		break;
	case HOW_AREA:
		area(w, m, addr, m->size);
		break;
	case HOW_XSAVE:
		area(w, m, addr, w->cpu ? w->cpu->xsave : 0);
		break;
	case HOW_XSAVEC:
		area(w, m, addr, w->cpu ? w->cpu->xsavec : 0);
		break;
	case HOW_KMASK:
	case HOW_COMPRESS:
	case HOW_VMASK:
	case HOW_MMASK:
		masked(w, m, addr);
		break;
	case HOW_SPREAD_K:
	case HOW_SPREAD_V:
		spread(w, m);
		break;
	case HOW_BIT:
		put(w, m, linear(w, m, offset(w, m) + bit_bytes(reg(w, m->reg), m->size)), m->size, NULL, true);
		break;
	case HOW_XLAT:
		put(w, m, linear(w, m, offset(w, m) + (uint8_t)w->regs->gpr[INSN_RAX]), m->size, NULL, true);
		break;
	case HOW_LINE:
		put(w, m, addr & ~63ULL, m->size, NULL, true);
		break;
	case HOW_DIRECT64:
		if (addr % 64)
			w->out->unknown |= INSN_FAULTS;
		else
			put(w, m, addr, m->size, NULL, true);
		break;
	case HOW_FLUSH:
		w->out->line = addr;
		break;
	}
}

/* So many iterations lie before the end of the address space; beyond it nothing is told. */
static uint64_t room(uint64_t at, unsigned int size, bool down, uint64_t end)
{
	return (down ? at : end - at) / size + 1;
}

static void string(struct work *w)
{
	bool down = w->regs->flags & DF;
	unsigned int bits = w->in->nmem ? w->in->mem[0].bits : 64, size = w->in->nmem ? w->in->mem[0].size : 0;
	uint64_t count = w->in->flags & INSN_REP ? low(w->regs->gpr[INSN_RCX], bits) : 1;

	if (!size)
		return;
	w->out->step = down ? -(int)size : (int)size;
	for (unsigned int i = 0; i < w->in->nmem; i++) {
		const struct insn_mem *m = &w->in->mem[i];
		uint64_t at = low(offset(w, m), m->bits), to = linear(w, m, at), n;

		n = room(to, size, down, UINT64_MAX - (size - 1));
		if (to > UINT64_MAX - (size - 1))
			n = 0;
		if (m->bits == 32 && n > room(at, size, down, UINT32_MAX))
			n = room(at, size, down, UINT32_MAX);
		if (n < count) {
			w->out->unknown |= INSN_FAULTS;
			count = n;
		}
	}
	w->out->count = count;
	if (!count)
		w->out->nstores = w->out->nreads = 0;
}

void insn_resolve(const struct insn *in, const struct insn_regs *regs, const struct insn_cpu *cpu,
		  struct insn_effect *out)
{
	struct work w = { .in = in, .regs = regs, .cpu = cpu, .out = out };

	memset(out, 0, sizeof(*out));
	out->count = 1;
	if (in->flags & INSN_STRANGE) {
		out->unknown |= INSN_NOT_TOLD;
		out->stores_anywhere = out->reads_anywhere = true;
	}
	for (unsigned int i = 0; i < in->nmem && i < INSN_MEMS; i++)
		one(&w, &in->mem[i]);
	if (in->flags & INSN_STRING)
		string(&w);
}

static const char *const says[INSN_UNKNOWNS] = {
	"mask or index registers were not read",
	"which bytes of a saved state it touches",
	"whether it touches memory at all",
	"what this kind of instruction does to memory",
	"it faults: past the end of the address space, or not aligned",
	"how large a saved state is on this CPU",
	"a direct store lies in the range only in part",
};

const char *insn_unknown_says(unsigned int bit)
{
	for (unsigned int i = 0; i < INSN_UNKNOWNS; i++)
		if (bit == 1u << i)
			return says[i];
	return "nothing";
}
