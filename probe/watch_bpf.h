/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch_bpf.h - what this program has of BPF; apart from watch.h, whose names libcpuid has as well. */
#ifndef WCDIAG_WATCH_BPF_H
#define WCDIAG_WATCH_BPF_H

#include <stdbool.h>

/* Was it built with the BPF program in it? */
bool watch_has_bpf(void);

#endif
