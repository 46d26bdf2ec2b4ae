/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host.h - the kernel's version, the boot options that touch memory types, and lockdown.
 */
#ifndef WCDIAG_HOST_H
#define WCDIAG_HOST_H

#include <stdbool.h>
#include <stddef.h>

#include "fact.h"

struct src;

#define KVER(a, b) ((unsigned int)(a) << 16 | (unsigned int)(b) << 8)

enum lockdown { LOCKDOWN_NONE, LOCKDOWN_INTEGRITY, LOCKDOWN_CONFIDENTIALITY, LOCKDOWN_UNKNOWN };

struct host {
	char release[80];	/* "6.1.0-56-amd64" */
	unsigned int kver;	/* KVER(6, 1); 0 when it cannot be told */
	struct fact kernel;	/* /proc/sys/kernel/osrelease */
	bool nopat, debugpat, iomem_relaxed;
	bool disable_mtrr;	/* clearcpuid= names mtrr: the kernel has no option of its own for that */
	char options[256];	/* the memory-type options found, as typed: "nopat debugpat" */
	struct fact cmdline;	/* /proc/cmdline */
	enum lockdown lockdown;
	struct fact lock;	/* /sys/kernel/security/lockdown; ABSENT: no lockdown in this kernel */
};

void host_read(const struct src *s, struct host *out);

/* Pure. The release: 0 when it cannot be told. The command line: fills the flags and options, touches nothing else. */
unsigned int host_parse_release(const char *release);
void host_parse_cmdline(const char *text, size_t len, struct host *out);
enum lockdown host_parse_lockdown(const char *text, size_t len);

/* Pure: keep only the options that touch memory types, PCI or lockdown; what capture records. */
void host_filter_cmdline(const char *text, size_t len, char *out, size_t outlen);

#endif
