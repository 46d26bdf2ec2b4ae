// SPDX-License-Identifier: GPL-2.0-or-later
/* bpf_lib.c - libbpf by dlopen(). Empty where the program is built without it. */
#ifdef WCDIAG_BPF

#include "bpf_lib.h"

static const char *const names[] = { BPF_FUNCTIONS(LATE_NAME) };

const struct bpf_lib *bpf_lib(const char **why)
{
	static union {
		struct bpf_lib lib;
		void *each[sizeof(names) / sizeof(names[0])];
	} all;
	static struct late_lib late = {
		.sonames = { "libbpf.so.1" },
		.names = names,
		.n = sizeof(names) / sizeof(names[0]),
		.each = all.each,
		.absent = "libbpf is not installed (Debian: libbpf1)",
		.old = "this libbpf is too old",
	};

	return late_lib_load(&late, why) ? &all.lib : NULL;
}

#else
typedef int bpf_lib_not_built; /* a translation unit must not be empty */
#endif
