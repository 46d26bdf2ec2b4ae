/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * km.h - the helper module's client. Only the live machine has one.
 */
#ifndef WCDIAG_KM_CLIENT_H
#define WCDIAG_KM_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "entries.h"
#include "fact.h"

#define KM_PATH "/dev/wcdiag"

struct km {
	int fd;			/* -1: not open */
	unsigned int caps, locked, levels;	/* as in struct wcdiag_km_info */
	uint64_t user_end, kernel_start, vmalloc_start, vmalloc_end;
	unsigned int max_runs;
	char version[32];
};

/*
 * Open it and ask what it can do. The fact is MISSING with the reason and what to do: not loaded, not permitted, another
 * ABI than this program's. 0 or negative errno.
 */
int km_open(struct km *k, struct fact *f);
void km_close(struct km *k);

/* flags: km_walk's. */
enum {
	KM_DEVICE = 1,		/* device mappings only, see WCDIAG_KM_DEVICE */
	KM_SKIP_NONE = 2,
	KM_UPPER = 4,		/* fill upper[] */
	KM_EVERY = 8,		/* do not fold over different A, D and software bits */
};

/*
 * Walk [start, end) of a process (pid > 0) or of the kernel (pid 0), appended to out; what was read before an error
 * stays. 0; -ESRCH: the process is gone, or has no memory; -EPERM: lockdown or privilege; -EAGAIN: no progress; -EPROTO:
 * an impossible answer; -E2BIG: too many runs; -EOPNOTSUPP: this module cannot; -EINVAL: no such range; -ENOMEM.
 */
int km_walk(const struct km *k, int pid, uint64_t start, uint64_t end, unsigned int flags, struct runs *out);

/* 0; -EACCES: not on the module's list; -ENXIO: no such CPU; -EIO: it refused; -EPERM; -EOPNOTSUPP; -EPROTO. */
int km_msr(const struct km *k, unsigned int cpu, uint32_t msr, uint64_t *value);

/* The sentence for a walk that failed with err (positive), and what to do; static strings. */
const char *km_walk_why(const struct km *k, int err, const char **remedy);

#endif
