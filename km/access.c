// SPDX-License-Identifier: GPL-2.0-only
/*
 * access.c - who may use the module, and what the kernel's lockdown forbids.
 *
 * The capabilities are those of whoever makes the call, in the initial user namespace: a descriptor that was
 * inherited or passed on gives nothing to a process without them.
 */
#include <linux/capability.h>
#include <linux/sched.h>
#include <linux/security.h>

#include "internal.h"

int wcdiag_may_use(void)
{
	return capable(CAP_SYS_RAWIO) ? 0 : -EPERM;
}

/* ptrace_may_access() is not exported, so another process demands the capability that passes all its tests. */
int wcdiag_may_walk(const struct mm_struct *mm)
{
	return mm == current->mm || capable(CAP_SYS_PTRACE) ? 0 : -EPERM;
}

/*
 * Asking makes a line in the kernel log when the answer is no, so these are called where the answer is used, never
 * ahead.
 *
 * Page tables tell where the kernel's memory lies, as /proc/kcore does: refused under "confidentiality".
 */
int wcdiag_walk_unlocked(void)
{
	return security_locked_down(LOCKDOWN_KCORE);
}

/* The same as sysfs's resourceN: refused from "integrity" on. */
int wcdiag_map_unlocked(void)
{
	return security_locked_down(LOCKDOWN_PCI_ACCESS);
}
