// SPDX-License-Identifier: GPL-2.0-or-later
/* archive_lib.c - libarchive by dlopen(). Its soname has been libarchive.so.13 since version 3.0 (2011). */
#include "archive_lib.h"

static const char *const names[] = { ARCHIVE_FUNCTIONS(LATE_NAME) };

const struct archive_lib *archive_lib(const char **why)
{
	static union {
		struct archive_lib lib;
		void *each[sizeof(names) / sizeof(names[0])];
	} all;
	static struct late_lib late = {
		.sonames = { "libarchive.so.13" },
		.names = names,
		.n = sizeof(names) / sizeof(names[0]),
		.each = all.each,
		.absent = "libarchive is not installed (Debian: libarchive13)",
		.old = "this libarchive is too old",
	};

	return late_lib_load(&late, why) ? &all.lib : NULL;
}
