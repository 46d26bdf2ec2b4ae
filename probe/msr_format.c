/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * msr_format.c - registers in their recorded form, register by register, so that a CPU that differs stands out. Pure.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "msr.h"

static int by_register(const void *a, const void *b)
{
	const struct msr_row *x = a, *y = b;

	if (x->msr != y->msr)
		return x->msr < y->msr ? -1 : 1;
	return (x->cpu > y->cpu) - (x->cpu < y->cpu);
}

static void print(FILE *f, const struct msr_row *r, size_t n)
{
	char name[40];
	size_t end;

	for (size_t i = 0; i < n; i = end) {
		for (end = i + 1; end < n; end++)
			if (r[end].msr != r[i].msr || r[end].value != r[i].value || r[end].cpu != r[end - 1].cpu + 1)
				break;
		if (!i || r[i].msr != r[i - 1].msr) {
			msr_name(r[i].msr, name, sizeof(name));
			fprintf(f, "# %s\n", name);
		}
		fprintf(f, "%u", r[i].cpu);
		if (end - i > 1)
			fprintf(f, "-%u", r[end - 1].cpu);
		fprintf(f, " 0x%" PRIx32 " 0x%016" PRIx64 "\n", r[i].msr, r[i].value);
	}
}

int msrs_format(const struct msrs *m, char **text, size_t *len)
{
	struct msr_row *r = malloc((m->n ? m->n : 1) * sizeof(*r));
	FILE *f;
	int err;

	*text = NULL;
	*len = 0;
	f = r ? open_memstream(text, len) : NULL;
	if (!f) {
		free(r);
		return -ENOMEM;
	}
	if (m->n) {
		memcpy(r, m->row, m->n * sizeof(*r));
		qsort(r, m->n, sizeof(*r), by_register);
	}
	print(f, r, m->n);
	err = ferror(f);
	err |= fclose(f);
	free(r);
	if (err) {
		free(*text);
		*text = NULL;
		*len = 0;
		return -ENOMEM;
	}
	return 0;
}
