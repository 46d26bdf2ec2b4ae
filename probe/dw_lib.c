// SPDX-License-Identifier: GPL-2.0-or-later
/* dw_lib.c - elfutils' libdw by dlopen(), and libelf, which it needs. */
#include "dw_lib.h"

static const char *const names[] = { DW_FUNCTIONS(LATE_NAME) };

const struct dw_lib *dw_lib(const char **why)
{
	static union {
		struct dw_lib lib;
		void *each[sizeof(names) / sizeof(names[0])];
	} all;
	static struct late_lib late = {
		.sonames = { "libdw.so.1" },
		.names = names,
		.n = sizeof(names) / sizeof(names[0]),
		.each = all.each,
		.absent = "libdw is not installed (Debian: libdw1)",
		.old = "this libdw is too old",
	};

	return late_lib_load(&late, why) ? &all.lib : NULL;
}
