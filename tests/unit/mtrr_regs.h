/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mtrr_regs.h - made-up MTRR registers of one CPU, for the tests of probe/mtrr*.c. */
#ifndef WCDIAG_TEST_MTRR_REGS_H
#define WCDIAG_TEST_MTRR_REGS_H

#include <stdint.h>
#include <string.h>

#include "probe/msr.h"
#include "probe/mtrr.h"

#define KIB   1024ULL
#define MIB   (1024 * KIB)
#define GIB   (1024 * MIB)
#define PAGE  4096ULL
#define E     0x800ULL
#define FE    0x400ULL
#define VALID 0x800ULL
#define TOM2  0x600000ULL	/* SYSCFG bits 21 and 22 */

/* Registers of CPU 0, sorted on use. */
struct regs {
	struct msr_row row[160];
	size_t n;
};

static inline void set(struct regs *r, uint32_t msr, uint64_t v)
{
	size_t i = 0;

	while (i < r->n && r->row[i].msr < msr)
		i++;
	if (i == r->n || r->row[i].msr != msr) {
		memmove(&r->row[i + 1], &r->row[i], (r->n - i) * sizeof(r->row[0]));
		r->n++;
	}
	r->row[i] = (struct msr_row){ 0, msr, v };
}

static inline void drop(struct regs *r, uint32_t msr)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->row[i].msr == msr) {
			memmove(&r->row[i], &r->row[i + 1], (r->n - i - 1) * sizeof(r->row[0]));
			r->n--;
			return;
		}
}

static inline void set_var(struct regs *r, unsigned int n, uint64_t base, uint64_t mask)
{
	set(r, 0x200 + 2 * n, base);
	set(r, 0x201 + 2 * n, mask);
}

/* A range of the given size, for 36 bits of address. */
static inline void range36(struct regs *r, unsigned int n, uint64_t base, uint64_t size, enum mtype t)
{
	set_var(r, n, base | t, ((1ULL << 36) - size) | VALID);
}

static inline struct mtrr decode(const struct regs *r, unsigned int phys)
{
	struct msrs m = { .row = (struct msr_row *)r->row, .n = r->n };
	struct mtrr t;

	mtrr_decode(&m, 0, phys, &t);
	return t;
}

/* vcnt ranges, all invalid; no fixed ones. */
static inline struct regs machine(unsigned int vcnt, uint64_t def)
{
	struct regs r = { .n = 0 };

	set(&r, 0xfe, 0x400 | vcnt);
	set(&r, 0x2ff, def);
	for (unsigned int i = 0; i < vcnt; i++)
		set_var(&r, i, 0, 0);
	return r;
}

static inline void add_fixed(struct regs *r, uint64_t v)
{
	static const uint32_t regs[] = { 0x250, 0x258, 0x259, 0x268, 0x269, 0x26a, 0x26b, 0x26c, 0x26d, 0x26e, 0x26f };

	for (size_t i = 0; i < sizeof(regs) / sizeof(regs[0]); i++)
		set(r, regs[i], v);
	set(r, 0xfe, 0x508);
}

#endif
