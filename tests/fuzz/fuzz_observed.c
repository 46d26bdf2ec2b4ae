/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_observed.c - files of TLPs in every form: what is handed over can be; counts agree; twice gives the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probe/observed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sum {
	uint64_t h, n;
};

static int take(const struct tlp *t, uint64_t at, void *ctx)
{
	struct sum *s = ctx;

	if (t->kind >= TLP_KINDS || t->fbe > 15 || t->lbe > 15 || !at)
		abort();
	if (t->kind == TLP_MWR && (!t->ndw || t->ndw > 1024 || t->addr & 3))
		abort();
	s->h = (s->h ^ t->addr ^ (uint64_t)t->ndw << 8 ^ at << 20 ^ (uint64_t)t->fbe << 4 ^ t->lbe) * 0x100000001b3ULL;
	s->n++;
	return 0;
}

static int one(const uint8_t *data, size_t size, const struct observed_opts *o, struct sum *s, struct observed *out)
{
	FILE *f = fmemopen((void *)(uintptr_t)data, size, "r");
	uint64_t kinds = 0;
	int rc;

	if (!f)
		abort();
	*s = (struct sum){ 0 };
	rc = observed_read(f, o, take, s, out);
	fclose(f);
	if (rc && !out->what)
		abort();
	for (unsigned int i = 0; i < TLP_KINDS; i++)
		kinds += out->kinds[i];
	if (kinds != out->tlps || s->n != out->tlps || out->tlps > out->records)
		abort();
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct observed_opts opts[] = {
		{ 0 }, { .form = OF_CSV, .radix = OR_HEX, .right_first = true }, { .form = OF_TEXT }, { .form = OF_PCAP },
	};
	struct observed a, b;
	struct sum s, again;

	for (size_t i = 0; size && i < sizeof(opts) / sizeof(opts[0]); i++) {
		int rc = one(data, size, &opts[i], &s, &a);

		if (one(data, size, &opts[i], &again, &b) != rc || s.h != again.h)
			abort();
	}
	return 0;
}
