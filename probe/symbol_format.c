// SPDX-License-Identifier: GPL-2.0-or-later
/* symbol_format.c - where an instruction is, in a few words. */
#include <inttypes.h>
#include <stdio.h>

#include "symbols.h"

/* The program's own line rather than that of a header that nobody can change. */
static void line_of(const struct symbol *y, char *buf, size_t len)
{
	const char *file = y->own_file ? y->own_file : y->file;
	const char *inlined = y->own_file ? y->own_inlined : y->inlined;

	*buf = '\0';
	if (file)
		snprintf(buf, len, "%s:%u%s%.100s%s", file, y->own_file ? y->own_line : y->line, inlined ? ", " : "",
			 inlined ? inlined : "", inlined ? " inlined" : "");
}

void symbol_format(const struct symbol *y, uint64_t ip, char *buf, size_t len)
{
	char where[300], line[300];

	if (!len)
		return;
	line_of(y, line, sizeof(line));
	if (!y->module)
		snprintf(buf, len, "0x%" PRIx64, ip);
	else if (y->function && y->file)
		snprintf(buf, len, "%s (%s)", y->function, line);
	else if (y->function)
		snprintf(buf, len, "%s+0x%" PRIx64 " (%s)", y->function, y->in, y->module);
	else {
		snprintf(where, sizeof(where), "%s+0x%" PRIx64, y->module, y->offset);
		snprintf(buf, len, "0x%" PRIx64 " (%s%s%s)", ip, where, y->file ? ", " : "", line);
	}
	/* Names are whatever their file says. */
	for (char *p = buf; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
}
