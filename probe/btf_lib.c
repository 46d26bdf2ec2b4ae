// SPDX-License-Identifier: GPL-2.0-or-later
/* btf_lib.c - libbpf by dlopen(). */
#include "btf_lib.h"

static const char *const names[] = { BTF_FUNCTIONS(LATE_NAME) };

const struct btf_lib *btf_lib(const char **why)
{
	static union {
		struct btf_lib lib;
		void *each[sizeof(names) / sizeof(names[0])];
	} all;
	static struct late_lib late = {
		.sonames = { "libbpf.so.1", "libbpf.so.0" },
		.names = names,
		.n = sizeof(names) / sizeof(names[0]),
		.each = all.each,
		.absent = "libbpf is not installed (Debian: libbpf1)",
		.old = "this libbpf is too old",
	};

	return late_lib_load(&late, why) ? &all.lib : NULL;
}
