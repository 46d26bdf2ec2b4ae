// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stores.c - which pattern, and whether it can be run here.
 */
#include <cpuid.h>
#include <errno.h>
#include <string.h>

#include "probe/stores_int.h"

#define BIT(n) (1U << (n))

int stores_find(const char *name)
{
	for (int i = 0; i < WCDIAG_STORE_COUNT; i++)
		if (!strcmp(name, wcdiag_store_patterns[i].name))
			return i;
	return -ENOENT;
}

/* What the operating system saves of the registers (Intel SDM vol 1, 13.3): only where OSXSAVE says that it can be
 * read. */
static uint64_t saved_state(uint32_t ecx1)
{
	uint32_t low, high;

	if (!(ecx1 & bit_OSXSAVE))
		return 0;
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (uint64_t)high << 32 | low;
}

static bool cpu_has(enum wcdiag_store_cpu what)
{
	const uint64_t ymm = BIT(1) | BIT(2), zmm = ymm | BIT(5) | BIT(6) | BIT(7);
	uint32_t a, b, c, d, ecx1;

	if (what == WCDIAG_STORE_ANY)
		return true;
	if (!__get_cpuid(1, &a, &b, &ecx1, &d))
		return false;
	if (what == WCDIAG_STORE_NEEDS_AVX)
		return (ecx1 & bit_AVX) && (saved_state(ecx1) & ymm) == ymm;
	if (!__get_cpuid_count(7, 0, &a, &b, &c, &d))
		return false;
	switch (what) {
	case WCDIAG_STORE_NEEDS_AVX512F:
		return (b & bit_AVX512F) && (saved_state(ecx1) & zmm) == zmm;
	case WCDIAG_STORE_NEEDS_MOVDIRI: /* Intel SDM vol 2, CPUID leaf 7, ECX */
		return c & BIT(27);
	case WCDIAG_STORE_NEEDS_MOVDIR64B:
		return c & BIT(28);
	default:
		return false;
	}
}

bool stores_cpu_has(unsigned int pattern)
{
	return pattern < WCDIAG_STORE_COUNT && cpu_has(wcdiag_store_patterns[pattern].cpu);
}

int stores_begin(const struct stores_run *run, uint64_t length, struct stores_run *full, struct wcdiag_store_walk *walk)
{
	*full = *run;
	return wcdiag_store_begin(walk, run->pattern, &full->lines, &full->gap, run->batch, run->messages, length)
		       ? -EINVAL
		       : 0;
}

int stores_check(const struct stores_run *run, uint64_t length)
{
	struct wcdiag_store_walk walk;
	struct stores_run full;

	if (stores_begin(run, length, &full, &walk))
		return -EINVAL;
	return stores_function(run->pattern) && stores_cpu_has(run->pattern) ? 0 : -EOPNOTSUPP;
}
