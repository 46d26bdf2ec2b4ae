// SPDX-License-Identifier: GPL-2.0-only
/*
 * msr.c - read the registers that decide about memory types, and no other.
 *
 * Lockdown does not forbid it: the kernel's own msr driver allows reads under both modes (arch/x86/kernel/msr.c asks
 * LOCKDOWN_MSR only for writes), and these registers hold nothing secret.
 */
#include <asm/msr.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/uaccess.h>

#include "internal.h"

struct msr_range {
	u32 first, last;
};

/* Intel SDM vol 4, table 2-2; AMD APM vol 2, 7.9, 15.34.10 and appendix A. */
static const struct msr_range allowed[] = {
	{ 0x0fe, 0x0fe },		/* MTRRcap */
	{ 0x250, 0x250 },		/* MTRRfix64K */
	{ 0x258, 0x259 },		/* MTRRfix16K */
	{ 0x268, 0x26f },		/* MTRRfix4K */
	{ 0x277, 0x277 },		/* PAT */
	{ 0x2ff, 0x2ff },		/* MTRRdefType */
	{ 0xc0010010, 0xc0010010 },	/* SYSCFG */
	{ 0xc001001a, 0xc001001a },	/* TOP_MEM */
	{ 0xc001001d, 0xc001001d },	/* TOP_MEM2 */
	{ 0xc0010131, 0xc0010131 },	/* SEV_STATUS */
};

#define MTRR_CAP	0x0fe
#define VAR_FIRST	0x200	/* MTRRphysBase0, then mask and base in turn, */
#define VAR_END		0x250	/* to here at most, whatever MTRRcap counts */

static int read_on(u32 cpu, u32 msr, u64 *value)
{
	u32 lo, hi;
	int err = rdmsr_safe_on_cpu(cpu, msr, &lo, &hi);

	if (!err)
		*value = (u64)hi << 32 | lo;
	return err;
}

/* The CPU is online, and stays so. */
static int check(u32 cpu, u32 msr)
{
	u64 cap;
	int i, err;

	for (i = 0; i < ARRAY_SIZE(allowed); i++)
		if (msr >= allowed[i].first && msr <= allowed[i].last)
			return 0;
	if (msr < VAR_FIRST || msr >= VAR_END)
		return -EACCES;
	err = read_on(cpu, MTRR_CAP, &cap);
	if (err)
		return err;
	return (msr - VAR_FIRST) / 2 < (cap & 0xff) ? 0 : -EACCES;
}

int wcdiag_msr(void __user *arg)
{
	struct wcdiag_km_msr m;
	int err = -ENXIO;

	if (copy_from_user(&m, arg, sizeof(m)))
		return -EFAULT;
	m.value = 0;
	cpus_read_lock();
	if (m.cpu < nr_cpu_ids && cpu_online(m.cpu)) {
		err = check(m.cpu, m.msr);
		if (!err)
			err = read_on(m.cpu, m.msr, &m.value);
	}
	cpus_read_unlock();
	if (err)
		return err;
	return copy_to_user(arg, &m, sizeof(m)) ? -EFAULT : 0;
}
