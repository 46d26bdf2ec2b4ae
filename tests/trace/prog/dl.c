// SPDX-License-Identifier: GPL-2.0-or-later
/* dl.c - a library that is loaded while the program runs, and stores. */
#ifdef STATIC
#include "prog.h"

PROGRAM(dlopen, 0, "a library loaded during the run stores")
{
	(void)p;
	if (!telling)
		skip("a static program loads no library");
	return 0;
}
#else
#include <dlfcn.h>
#include <libgen.h>
#include <limits.h>

#include "prog.h"

PROGRAM(dlopen, P_TOLD | P_TRUTH, "a library loaded during the run stores; unloaded, loaded again")
{
	char path[PATH_MAX];

	for (int round = 0; round < 3; round++) {
		void (*fn)(unsigned char *, unsigned long);
		ssize_t n;
		void *lib;

		if (telling) {
			for (int i = 0; i < 10; i++)
				TELL("s 0x%x 8\ns 0x%x 4", round * 0x100 + i * 16, round * 0x100 + i * 16 + 8);
			end();
			continue;
		}
		n = readlink("/proc/self/exe", path, sizeof(path) - 20);
		MUST(n > 0);
		path[n] = 0;
		strcpy(strrchr(path, '/') + 1, "libstores.so");
		lib = dlopen(path, RTLD_NOW);
		MUST(lib);
		*(void **)&fn = dlsym(lib, "library_stores");
		MUST(fn);
		begin();
		fn(p + round * 0x100, value());
		end();
		MUST(!dlclose(lib));
	}
	return 0;
}
#endif
