/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pcap_lib.h - libpcap, taken in only where packets are read or written: see late_lib.h. */
#ifndef WCDIAG_PCAP_LIB_H
#define WCDIAG_PCAP_LIB_H

#include <pcap/pcap.h>

#include "late_lib.h"

#define PCAP_FUNCTIONS(X) \
	X(pcap_close) \
	X(pcap_datalink) \
	X(pcap_dump) \
	X(pcap_dump_close) \
	X(pcap_dump_fopen) \
	X(pcap_fopen_offline) \
	X(pcap_geterr) \
	X(pcap_lib_version) \
	X(pcap_next_ex) \
	X(pcap_open_dead)

struct pcap_lib {
	PCAP_FUNCTIONS(LATE_MEMBER)
};

/* The one there is; NULL when it cannot be had, with a sentence. Stays loaded. Not for several threads at once. */
const struct pcap_lib *pcap_lib(const char **why);

#endif
