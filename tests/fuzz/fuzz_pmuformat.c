/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_pmuformat.c - format files of a PMU: what is taken has as many places as bits, none twice, gives every value
 * back that it took, and lets nothing wider in. Input: a value (8), then the text.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probe/pmu_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t gather(const struct pmu_field *f, const struct pmu_config *c)
{
	uint64_t v = 0;

	for (unsigned int i = 0; i < f->nbits; i++)
		v |= (c->word[f->word] >> f->bit[i] & 1) << i;
	return v;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pmu_config used = { { 0 } }, c = { { 0 } };
	struct pmu_field f = { .nbits = 0 };
	const char *what = NULL;
	uint64_t value;
	int err;

	if (size < 8)
		return 0;
	memcpy(&value, data, 8);
	err = pmu_field_parse((const char *)data + 8, size - 8, &f, &what);
	if (err) {
		if (!what || f.nbits)
			abort();
		return 0;
	}
	if (f.word >= PMU_WORDS || !f.nbits || f.nbits > 64 || __builtin_popcountll(f.mask) != f.nbits)
		abort();
	err = pmu_field_put(&f, value, &used, &c);
	if (f.nbits < 64 && value >> f.nbits) {
		if (err != -ERANGE)
			abort();
		value &= (1ULL << f.nbits) - 1;
		err = pmu_field_put(&f, value, &used, &c);
	}
	if (err || gather(&f, &c) != value || (c.word[f.word] & ~f.mask))
		abort();
	if (pmu_field_put(&f, value, &used, &c) != -EEXIST)
		abort();
	return 0;
}
