// SPDX-License-Identifier: GPL-2.0-or-later
/* archive_lib.c - libarchive by dlopen(). Its soname has been libarchive.so.13 since version 3.0 (2011). */
#include "archive_lib.h"

#include <dlfcn.h>
#include <stddef.h>

static const char *const names[] = {
#define ARCHIVE_NAME(name) #name,
	ARCHIVE_FUNCTIONS(ARCHIVE_NAME)
};

const struct archive_lib *archive_lib(const char **why)
{
	static union {
		struct archive_lib lib;
		void *each[sizeof(names) / sizeof(names[0])];
	} all;
	static void *handle;

	*why = NULL;
	if (handle)
		return &all.lib;
	handle = dlopen("libarchive.so.13", RTLD_NOW | RTLD_LOCAL);
	for (size_t i = 0; handle && i < sizeof(names) / sizeof(names[0]); i++) {
		all.each[i] = dlsym(handle, names[i]);
		if (!all.each[i]) {
			*why = "this libarchive is too old";
			dlclose(handle);
			handle = NULL;
		}
	}
	if (handle)
		return &all.lib;
	if (!*why)
		*why = "libarchive is not installed (Debian: libarchive13)";
	return NULL;
}
