// SPDX-License-Identifier: GPL-2.0-or-later
/* pcap_lib.c - libpcap by dlopen(): libpcap.so.0.8 on Debian and its descendants, libpcap.so.1 elsewhere. */
#include "pcap_lib.h"

static const char *const names[] = { PCAP_FUNCTIONS(LATE_NAME) };

const struct pcap_lib *pcap_lib(const char **why)
{
	static union {
		struct pcap_lib lib;
		void *each[sizeof(names) / sizeof(names[0])];
	} all;
	static struct late_lib late = {
		.sonames = { "libpcap.so.0.8", "libpcap.so.1" },
		.names = names,
		.n = sizeof(names) / sizeof(names[0]),
		.each = all.each,
		.absent = "libpcap is not installed (Debian: libpcap0.8)",
		.old = "this libpcap is too old",
	};

	return late_lib_load(&late, why) ? &all.lib : NULL;
}
