/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_circumstances.c - /proc/interrupts twice, and /proc/stat. The first byte says where the first text ends. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probe/circumstances_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void texts(const char *a, size_t alen, const char *b, size_t blen, unsigned int cpu)
{
	struct irq_row *before, *after;
	char busiest[48];
	size_t na, nb;
	unsigned int line;
	const char *what;
	uint64_t most;
	int err[2] = { irq_parse(a, alen, cpu, &before, &na, &line, &what),
		       irq_parse(b, blen, cpu, &after, &nb, &line, &what) };

	if ((err[0] && (before || na)) || (err[1] && (after || nb)))
		abort();
	for (size_t i = 1; i < nb; i++)
		if (strcmp(after[i - 1].label, after[i].label) > 0)
			abort();
	irq_between(before, na, after, nb, busiest, sizeof(busiest), &most);
	if ((most != 0) != (*busiest != '\0') || !memchr(busiest, 0, sizeof(busiest)))
		abort();
	if (na && irq_between(before, na, before, na, busiest, sizeof(busiest), &most) && most == 0)
		abort();
	free(before);
	free(after);
}

static void ticks(const char *text, size_t len, unsigned int cpu)
{
	uint64_t t[2] = { 0 }, zero[2] = { 0 };
	double busy;

	if (cpu_ticks_parse(text, len, cpu, &t[0], &t[1]))
		return;
	busy = cpu_ticks_busy(zero, t);
	if (busy != -1 && !(busy >= 0 && busy <= 1))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	size_t n = size ? data[0] * size / 256 : 0;

	for (unsigned int cpu = 0; size && cpu < 3; cpu++) {
		texts(text + 1, n ? n - 1 : 0, text + (n ? n : 1), size - (n ? n : 1), cpu);
		ticks(text + 1, size - 1, cpu);
	}
	return 0;
}
