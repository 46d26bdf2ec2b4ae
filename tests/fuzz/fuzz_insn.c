/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_insn.c - instructions of any bytes with any registers: bounded, within the tables, and events that the model
 * takes; a store's value, and that stored again. A byte of what is given, 15 of code, then registers as far as they go.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probe/insn_value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is)
{
	if (!is)
		abort();
}

struct seen {
	const struct insn_range *range;
	uint64_t n;
};

static int see(const struct model_event *e, void *ctx)
{
	struct seen *s = ctx;

	check(!model_event_wrong(e));
	if (e->kind <= ME_READ)
		check(e->addr - s->range->addr < s->range->size &&
		      e->addr + (e->size - 1) - s->range->addr < s->range->size);
	s->n++;
	return 0;
}

static void accesses(const struct insn_access *a, unsigned int n)
{
	check(n <= INSN_PARTS);
	for (unsigned int i = 0; i < n; i++) {
		check(a[i].size && a[i].addr <= UINT64_MAX - (a[i].size - 1));
		check(!a[i].sure || a[i].size <= MODEL_LINE);
		check(!a[i].masked || (a[i].mask && (a[i].size >= 64 || !(a[i].mask >> a[i].size))));
	}
}

static void value(const uint8_t *bytes, size_t n, const struct insn *in, const struct insn_regs *regs,
		  const struct insn_effect *e)
{
	static uint8_t memory[192] __attribute__((aligned(64)));
	struct insn_value v;
	int err = insn_value(bytes, n, in, regs, &v);
	size_t at;

	check(!err || err == -EOPNOTSUPP || err == -ENODATA);
	if (err)
		return;
	check(e->nstores == 1 && e->count && e->stores[0].sure && v.size == e->stores[0].size && v.size <= 64);
	check(v.from == INSN_FROM_MEMORY ? e->nreads == 1 && v.source == e->reads[0].addr : !e->nreads);
	check(!v.masked || (e->stores[0].masked && v.mask == e->stores[0].mask));
	check(v.masked || !e->stores[0].masked || e->stores[0].mask == (1ULL << v.size) - 1);
	at = 64 + (v.aligned ? 0 : e->stores[0].addr % 64);
	memset(memory, 0xa5, sizeof(memory));
	err = insn_put(&v, v.bytes, memory + at);
	check(!err || err == -EOPNOTSUPP);
	for (size_t i = 0; i < sizeof(memory); i++)
		check(memory[i] == (!err && i - at < v.size && (!v.masked || v.mask >> (i - at) & 1) ? v.bytes[i - at]
												     : 0xa5));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct insn_regs regs;
	struct insn_cpu cpu = { .xsave = 2696, .xsavec = 2696 };
	struct insn_range range = { .size = 512, .type = MT_WC };
	const struct insn_xlayout real = { 576, 832, 896, 1408 };
	struct insn_xlayout layout;
	struct insn_effect e;
	struct insn in;
	unsigned int unsaid;
	uint8_t give;
	size_t code;
	int err;

	if (!size)
		return 0;
	give = data[0];
	code = size - 1 < INSN_BYTES ? size - 1 : INSN_BYTES;
	err = insn_decode(data + 1, code, &in);
	check(!err || err == -EBADMSG || (err == -ENODATA && code < INSN_BYTES));
	if (err)
		return 0;
	check(in.len && in.len <= code && in.nmem <= INSN_MEMS);
	memset(&regs, 0, sizeof(regs));
	size -= 1 + code;
	memcpy(&regs, data + 1 + code, size < sizeof(regs) ? size : sizeof(regs));
	/* As if it were what ptrace gave, with a CPU's layout or with any. */
	memcpy(&layout, size >= sizeof(layout) && give & 1 ? (const void *)(data + 1 + code) : (const void *)&real,
	       sizeof(layout));
	if (give & 2 && size)
		check(!insn_xstate(data + 1 + code, size, &layout, &regs) || size < 576 || data[1 + code + 527] >> 7);
	else
		regs.have = (give & 31) | (give & 16 ? INSN_IN_MMX : 0);
	insn_resolve(&in, &regs, give & 32 ? &cpu : NULL, &e);
	accesses(e.stores, e.nstores);
	accesses(e.reads, e.nreads);
	check(!(e.unknown >> INSN_UNKNOWNS) && (e.unknown || (!e.stores_anywhere && !e.reads_anywhere)));
	value(data + 1, code, &in, &regs, &e);
	/* A range about a place that it touches, or about the end of a string. */
	if (e.nstores + e.nreads) {
		const struct insn_access *a = e.nstores ? &e.stores[e.nstores - 1] : &e.reads[0];

		range.addr =
			a->addr - (give & 64 ? 511 : 3) + (give & 128 ? (e.count - 1) * (uint64_t)(int64_t)e.step : 0);
		if (range.addr > UINT64_MAX - 511)
			range.addr = UINT64_MAX - 511;
	}
	for (int i = 0; i < 3; i++) {
		struct seen s = { .range = &range };

		check(!insn_events(&in, &e, regs.rip, i ? UINT64_MAX >> (63 * (i - 1)) : 0, &range, see, &s, &unsaid));
		check(i || (!s.n && !unsaid));
		/* 512 bytes by single ones, read and written, a port each, and what orders. */
		check(s.n <= 3 * 514 + 8 && !(unsaid >> INSN_UNKNOWNS));
	}
	return 0;
}
