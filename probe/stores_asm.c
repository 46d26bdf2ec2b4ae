// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stores_asm.c - the patterns' instructions, for user space.
 */
#include <stdint.h>
#include <string.h>

#include "probe/stores_int.h"
#include "km/wcdiag_stores_asm.h"

/* Read anew for each call, so that the compiler cannot know that it is memcpy and put its own stores in its place. */
static void *(*volatile const copy)(void *, const void *, size_t) = memcpy;

static __attribute__((noinline)) void wcs_memcpy(const struct wcdiag_store_args *args)
{
	size_t bytes = args->lines * WCDIAG_STORE_LINE;
	char *to = args->to;

	for (uint64_t i = 0; i < args->messages; i++, to += bytes)
		copy(to, args->from, bytes);
	wcs_fence();
}

static const wcdiag_store_fn functions[WCDIAG_STORE_COUNT] = {
	WCS_OWN_FUNCTIONS,
	[WCDIAG_STORE_MEMCPY] = wcs_memcpy,
};

wcdiag_store_fn stores_function(unsigned int pattern)
{
	return pattern < WCDIAG_STORE_COUNT ? functions[pattern] : NULL;
}

uint64_t stores_clock(void)
{
	return wcs_clock();
}
