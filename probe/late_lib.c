// SPDX-License-Identifier: GPL-2.0-or-later
/* late_lib.c - a library by dlopen(), and its functions by their names. */
#include "late_lib.h"

#include <dlfcn.h>

bool late_lib_load(struct late_lib *l, const char **why)
{
	void *handle = l->handle;

	*why = NULL;
	if (handle)
		return true;
	for (size_t i = 0; !handle && i < sizeof(l->sonames) / sizeof(l->sonames[0]) && l->sonames[i]; i++)
		handle = dlopen(l->sonames[i], RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		*why = l->absent;
		return false;
	}
	for (size_t i = 0; i < l->n; i++) {
		l->each[i] = dlsym(handle, l->names[i]);
		if (!l->each[i]) {
			dlclose(handle);
			*why = l->old;
			return false;
		}
	}
	l->handle = handle;
	return true;
}
