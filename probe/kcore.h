/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kcore.h - page table entries without a module: /proc/kcore, and the kernel's own type information (BTF).
 *
 * Read-only, no lock of the kernel's is taken but what smaps and maps take. What does not hold still is an error,
 * never an entry. Root on the host (CAP_SYS_RAWIO); not under lockdown=confidentiality. Only the live machine has one.
 */
#ifndef WCDIAG_KCORE_H
#define WCDIAG_KCORE_H

#include <stdint.h>

#include "entries.h"
#include "fact.h"

#define KCORE_PATH     "/proc/kcore"
#define KCORE_BTF_PATH "/sys/kernel/btf/vmlinux"

struct kcore;

/*
 * Open it, read the headers and the type information, and prove all of it on the memory of this process, whose frames
 * /proc/self/pagemap tells. The fact is MISSING with the reason and what to do. 0 or negative errno.
 */
int kcore_open(struct kcore **out, struct fact *f);
void kcore_close(struct kcore *k); /* NULL is allowed */

struct kcore_says {
	char release[65];
	unsigned int levels;
	uint64_t user_end, kernel_start, vmalloc_start, vmalloc_end;
};
void kcore_say(const struct kcore *k, struct kcore_says *out);

/*
 * As km_walk(), with its flags. 0; -ESRCH: the process is gone, or has no memory; -EAGAIN: it would not hold still;
 * -EPERM, -EACCES: its maps may not be read; -EIO, -EFAULT: kcore does not deliver what a table points to; -EPROTO: an
 * impossible answer; -E2BIG; -EINVAL; -ENOMEM.
 */
int kcore_walk(const struct kcore *k, int pid, uint64_t start, uint64_t end, unsigned int flags, struct runs *out);

/* The version of libbpf, which it is read with; NULL when that cannot be had, and why. */
const char *kcore_libbpf(const char **why);

/* The sentence for a walk that failed with err (positive), and what to do; static strings. */
const char *kcore_walk_why(int err, const char **remedy);

#endif
