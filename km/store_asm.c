// SPDX-License-Identifier: GPL-2.0-only
/*
 * store_asm.c - the patterns' instructions, and the two functions that drivers copy with.
 */
#include <linux/io.h>

#include <asm/cpufeature.h>
#include <asm/fpu/api.h>
#include <asm/fpu/types.h>

#include "store.h"
#include "wcdiag_stores_asm.h"

static noinline void wcs_memcpy_toio(const struct wcdiag_store_args *args)
{
	size_t bytes = args->lines * WCDIAG_STORE_LINE;
	void __iomem *to = (void __iomem __force *)args->to;
	u64 i;

	for (i = 0; i < args->messages; i++, to += bytes)
		memcpy_toio(to, args->from, bytes);
	wcs_fence();
}

static noinline void wcs_iowrite64_copy(const struct wcdiag_store_args *args)
{
	size_t bytes = args->lines * WCDIAG_STORE_LINE;
	void __iomem *to = (void __iomem __force *)args->to;
	u64 i;

	for (i = 0; i < args->messages; i++, to += bytes)
		__iowrite64_copy(to, args->from, bytes / sizeof(u64));
	wcs_fence();
}

static const wcdiag_store_fn functions[WCDIAG_STORE_COUNT] = {
	WCS_OWN_FUNCTIONS,
	[WCDIAG_STORE_MEMCPY_TOIO] = wcs_memcpy_toio,
	[WCDIAG_STORE_IOWRITE64_COPY] = wcs_iowrite64_copy,
};

wcdiag_store_fn wcdiag_store_function(u32 pattern)
{
	return functions[pattern];
}

/* XCR0 says which registers the kernel saves: cpu_has_xfeatures() looks at what it has enabled there. */
bool wcdiag_store_cpu_has(u32 pattern)
{
	switch (wcdiag_store_patterns[pattern].cpu) {
	case WCDIAG_STORE_ANY:
		return true;
	case WCDIAG_STORE_NEEDS_AVX:
		return boot_cpu_has(X86_FEATURE_AVX) && cpu_has_xfeatures(XFEATURE_MASK_YMM, NULL);
	case WCDIAG_STORE_NEEDS_AVX512F:
		return boot_cpu_has(X86_FEATURE_AVX512F) &&
		       cpu_has_xfeatures(XFEATURE_MASK_YMM | XFEATURE_MASK_AVX512, NULL);
	case WCDIAG_STORE_NEEDS_MOVDIRI:
		return boot_cpu_has(X86_FEATURE_MOVDIRI);
	case WCDIAG_STORE_NEEDS_MOVDIR64B:
		return boot_cpu_has(X86_FEATURE_MOVDIR64B);
	}
	return false;
}

u64 wcdiag_store_clock(void)
{
	return wcs_clock();
}
