/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_witness.c - the argument of --witness, which is the same again when its own name is parsed, and what a program
 * prints.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probe/witness_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void argument(const uint8_t *data, size_t size)
{
	struct witness_spec a, b;
	char *text = malloc(size + 1), name[300];
	const char *what = NULL;

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	memset(&a, 0, sizeof(a));
	if (!witness_parse(text, &a, &what)) {
		witness_spec_name(&a, name, sizeof(name));
		if (witness_parse(name, &b, &what) || a.kind != b.kind || a.bar != b.bar || a.offset != b.offset ||
		    a.width != b.width || strcmp(a.program, b.program))
			abort();
		if (a.kind == WITNESS_REG && (a.bar > 5 || (a.width != 4 && a.width != 8) || a.offset % a.width))
			abort();
	} else if (!what) {
		abort();
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t v;

	argument(data, size);
	if (!witness_cmd_parse((const char *)data, size, &v) && !size)
		abort();
	return 0;
}
