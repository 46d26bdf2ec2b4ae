/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_entries.c - wcdiag/entries.txt: what is kept can be looked up, and written and read again it is the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probe/entries.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(const struct entries *a, const struct entries *b)
{
	if (a->list.n != b->list.n || a->ngone != b->ngone || a->levels != b->levels || strcmp(a->reader, b->reader))
		abort();
	for (size_t i = 0; i < a->list.n; i++)
		if (memcmp(&a->list.r[i], &b->list.r[i], sizeof(a->list.r[i])))
			abort();
	for (size_t i = 0; i < a->ngone; i++)
		if (a->gone[i] != b->gone[i] || !entries_gone(a, a->gone[i]))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct entries e, again;
	const struct pte_run *r;
	const char *what;
	unsigned int line;
	char *text;
	size_t len;

	if (entries_parse((const char *)data, size, &e, &line, &what)) {
		if (e.list.n || !what || !line)
			abort();
		return 0;
	}
	for (size_t i = 0; i < e.list.n; i++) {
		const struct pte_run *x = &e.list.r[i];

		if (x->start >= x->end || (i && x[-1].pid == x->pid && x[-1].end > x->start))
			abort();
		if (entries_of(&e, x->pid, x->start, x->end, &r) != 1 || r != x)
			abort();
		if (x->phys != PTE_NO_PHYS && run_phys_end(x) < x->phys)
			abort();
	}
	if (entries_format(&e, &text, &len))
		abort();
	if (entries_parse(text, len, &again, &line, &what))
		abort();
	same(&e, &again);
	free(text);
	entries_free(&again);
	entries_free(&e);
	return 0;
}
