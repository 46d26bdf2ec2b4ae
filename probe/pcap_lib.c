/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pcap_lib.c - libpcap by dlopen(): libpcap.so.0.8 on Debian and its descendants, libpcap.so.1 elsewhere. */
#include "pcap_lib.h"

#include <dlfcn.h>
#include <stddef.h>

static const char *const names[] = {
#define PCAP_NAME(name) #name,
	PCAP_FUNCTIONS(PCAP_NAME)
};

const struct pcap_lib *pcap_lib(const char **why)
{
	static union {
		struct pcap_lib lib;
		void *each[sizeof(names) / sizeof(names[0])];
	} all;
	static void *handle;

	*why = NULL;
	if (handle)
		return &all.lib;
	handle = dlopen("libpcap.so.0.8", RTLD_NOW | RTLD_LOCAL);
	if (!handle)
		handle = dlopen("libpcap.so.1", RTLD_NOW | RTLD_LOCAL);
	for (size_t i = 0; handle && i < sizeof(names) / sizeof(names[0]); i++) {
		all.each[i] = dlsym(handle, names[i]);
		if (!all.each[i]) {
			*why = "this libpcap is too old";
			dlclose(handle);
			handle = NULL;
		}
	}
	if (handle)
		return &all.lib;
	if (!*why)
		*why = "libpcap is not installed (Debian: libpcap0.8)";
	return NULL;
}
