/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts.c - the facts that rules may need: their names, where each lives, which rule names it when it is missing. */
#include "judge_internal.h"

#include <stddef.h>

#define AT(member) offsetof(struct machine, member)

static const struct {
	const char *name; /* completes "X could not be read" */
	size_t at;	  /* of its struct fact in struct machine */
} table[F_COUNT] = {
	[F_CPUID] = { "the CPU's features (CPUID)", AT(cpu.fact) },
	[F_HYPER] = { "the hypervisor's name (CPUID 0x40000000)", AT(hyper.fact) },
	[F_KERNEL] = { "the kernel's version", AT(host.kernel) },
	[F_CMDLINE] = { "the boot options", AT(host.cmdline) },
	[F_LOCKDOWN] = { "the lockdown state", AT(host.lock) },
	[F_MSR] = { "the PAT registers (MSR 0x277)", AT(msrs.fact) },
	[F_BELIEF] = { "the PAT layout that the kernel believes in", AT(belief_fact) },
	[F_MTRR] = { "the MTRR registers", AT(mtrr_fact) },
	[F_PCI] = { "the PCI devices", AT(pci.fact) },
	[F_CONFIG] = { "the device's command register", 0 }, /* per device */
	[F_IOMEM] = { "who claims the BAR (/proc/iomem)", AT(iomem.fact) },
	[F_LIST] = { "the kernel's memory-type reservations", AT(memtype.fact) },
	[F_KLOG] = { "the kernel log", AT(klog.fact) },
	[F_VMALLOC] = { "the kernel's own mappings (/proc/vmallocinfo)", AT(ioremaps.fact) },
	[F_ENTRIES] = { "the page table entries", AT(entries.fact) },
	[F_MAPS] = { "every process's mappings", AT(maps.fact) },
};

const char *fact_name(enum fact_id id)
{
	return table[id].name;
}

const struct fact *fact_of(const struct judge_ctx *c, enum fact_id id)
{
	static const struct fact none = { .state = FACT_ABSENT };

	if (id == F_CONFIG) {
		/* Not read on purpose while the device sleeps: bar-asleep says so, nothing is missing besides. */
		if (!c->dev || c->dev->asleep)
			return &none;
		return &c->dev->config;
	}
	if (!table[id].at)
		return &none;
	return (const struct fact *)((const char *)c->m + table[id].at);
}

bool fact_lacks(const struct fact *f)
{
	return f->state != FACT_KNOWN && f->state != FACT_ABSENT;
}
