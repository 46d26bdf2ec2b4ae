/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * insn_value_step.h - what insn_value.h says that an instruction will store, against what then lies in memory; and the
 * same stored by insn_put() into memory of one's own. Used by insn_step.h at each step.
 */
#ifndef INSN_VALUE_STEP_H
#define INSN_VALUE_STEP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/uio.h>

#include "probe/insn_value.h"

#define VALUE_BLANK 0xa5 /* what both memories are full of before */

struct value_truth {
	uint8_t *own;	 /* as large as the memory watched, as much aligned */
	uint64_t told;	 /* instructions with a value */
	uint64_t untold; /* ... that stored in one piece, and had none */
	uint64_t by[3], masked, from_memory;
	uint64_t wrong;
	/* Of the instruction that comes. */
	bool is;
	struct insn_value v;
	uint8_t bytes[64];
	size_t at;
};

/* Before the step: "all" gives the vector registers too. e: what it stores; from: where the watched memory is. */
static void value_before(struct value_truth *t, pid_t child, const uint8_t *code, size_t n, const struct insn *in,
			 struct insn_regs *r, void (*all)(void *), void *ctx, const struct insn_effect *e,
			 uint64_t from, size_t size)
{
	struct iovec here = { .iov_base = t->bytes }, there;
	int err;

	t->is = false;
	if (e->unknown || e->nstores != 1 || !e->count || e->stores[0].addr - from >= size ||
	    e->stores[0].addr + e->stores[0].size - from > size)
		return;
	err = insn_value(code, n, in, r, &t->v);
	if (err == -ENODATA) {
		all(ctx);
		err = insn_value(code, n, in, r, &t->v);
	}
	if (err) {
		assert_int_equal(err, -EOPNOTSUPP);
		t->untold++;
		return;
	}
	assert_int_equal(t->v.size, e->stores[0].size);
	t->is = true;
	t->at = e->stores[0].addr - from;
	memcpy(t->bytes, t->v.bytes, sizeof(t->bytes));
	if (t->v.from == INSN_FROM_MEMORY) {
		here.iov_len = there.iov_len = t->v.size;
		there.iov_base = (void *)t->v.source; /* NOLINT: an address in the child */
		assert_int_equal(process_vm_readv(child, &here, 1, &there, 1, 0), t->v.size);
		t->from_memory++;
	}
	t->told++;
	t->by[t->v.kind]++;
	t->masked += t->v.masked;
}

/* After it. */
static void value_after(struct value_truth *t, const uint8_t *memory, size_t size, int job, uint64_t ip)
{
	uint8_t *own = t->own;
	bool right = true;

	if (!t->is)
		return;
	for (size_t i = 0; i < size; i++) {
		bool stored = i - t->at < t->v.size && (!t->v.masked || t->v.mask >> (i - t->at) & 1);

		right &= memory[i] == (stored ? t->bytes[i - t->at] : VALUE_BLANK);
	}
	if (!right && t->wrong++ < 20)
		print_message("# job %d ip %" PRIx64 ": another value was stored\n", job, ip);
	memset(own, VALUE_BLANK, size);
	assert_int_equal(insn_put_can(&t->v, own + t->at), 0); /* the CPU had an instruction for it just now */
	for (size_t i = 0; i < size; i++)
		right &= own[i] == VALUE_BLANK;
	assert_true(right || t->wrong); /* that was asked, and nothing stored */
	assert_int_equal(insn_put(&t->v, t->bytes, own + t->at), 0);
	if (memcmp(own, memory, size) && t->wrong++ < 20)
		print_message("# job %d ip %" PRIx64 ": put otherwise than the program did\n", job, ip);
}

#endif
