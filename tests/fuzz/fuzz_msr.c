/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_msr.c - recorded registers: whatever is accepted is sorted, can be found, and survives being written again. */
#include <stdlib.h>

#include "probe/msr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct msrs *m)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct msr_row *r = &m->row[i];
		uint64_t v;

		if (i && (r[-1].cpu > r->cpu || (r[-1].cpu == r->cpu && r[-1].msr >= r->msr)))
			abort();
		if ((i < 8 || i + 8 > m->n) && (!msrs_get(m, r->cpu, r->msr, &v) || v != r->value))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct msrs a, b;
	const char *what;
	unsigned int line, *cpu;
	char *text;
	size_t len, n;

	if (!cpulist_parse((const char *)data, size, &cpu, &n))
		free(cpu);
	if (msrs_parse((const char *)data, size, &a, &line, &what))
		return 0;
	check(&a);
	/* A line can stand for 65536 registers: writing them again is bounded, and slow under sanitizers. */
	if (a.n > 10000) {
		msrs_free(&a);
		return 0;
	}
	if (msrs_format(&a, &text, &len) || msrs_parse(text, len, &b, &line, &what) || a.n != b.n || a.ncpu != b.ncpu)
		abort();
	free(text);
	msrs_free(&a);
	msrs_free(&b);
	return 0;
}
