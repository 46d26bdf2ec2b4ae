/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_microcode.c - the record and /proc/cpuinfo: what is read can be written, read again, and said in few words. */
#include <stdlib.h>
#include <string.h>

#include "probe/microcode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void again(const struct microcode *m)
{
	struct microcode back = { 0 };
	char *text, words[64];
	unsigned int line;
	size_t len;

	if (microcode_format(m, &text, &len) || microcode_parse(text, len, &back, &line) || back.n != m->n ||
	    (m->n && memcmp(back.cpu, m->cpu, m->n * sizeof(*m->cpu)) != 0))
		abort();
	microcode_words(m, words, sizeof(words));
	if (!memchr(words, 0, sizeof(words)) || (m->n && !*words))
		abort();
	free(text);
	microcode_free(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct microcode m = { 0 };
	unsigned int line;

	if (!microcode_parse((const char *)data, size, &m, &line))
		again(&m);
	microcode_free(&m);
	if (microcode_from_cpuinfo((const char *)data, size, &m))
		abort();
	again(&m);
	microcode_free(&m);
	return 0;
}
