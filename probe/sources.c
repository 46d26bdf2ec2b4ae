// SPDX-License-Identifier: GPL-2.0-or-later
/* sources.c - the table of what lockdown leaves. */
#include "sources.h"

#define CAN(anyone, root, integrity, confidentiality)                                                                  \
	.can = { [SOURCE_ANYONE] = SOURCE_##anyone,                                                                    \
		 [SOURCE_ROOT] = SOURCE_##root,                                                                        \
		 [SOURCE_INTEGRITY] = SOURCE_##integrity,                                                              \
		 [SOURCE_CONFIDENTIALITY] = SOURCE_##confidentiality }

static const struct source_row rows[] = {
	{ .id = "cmdline",
	  .fact = "boot options",
	  .from = "/proc/cmdline",
	  CAN(YES, YES, YES, YES),
	  .source = "Linux fs/proc/cmdline.c" },
	{ .id = "lockdown",
	  .fact = "lockdown itself",
	  .from = "/sys/kernel/security/lockdown",
	  CAN(YES, YES, YES, YES),
	  .note = "where securityfs is mounted",
	  .source = "Linux security/lockdown/lockdown.c" },
	{ .id = "klog",
	  .fact = "what the kernel said at boot, and of refused reservations",
	  .from = "/dev/kmsg",
	  CAN(PARTLY, YES, YES, YES),
	  .note = "no root: not while kernel.dmesg_restrict is 1",
	  .source = "Linux kernel/printk/printk.c, check_syslog_permissions()" },
	{ .id = "msr",
	  .fact = "PAT and MTRR registers",
	  .from = "/dev/cpu/N/msr",
	  CAN(NO, YES, YES, YES),
	  .note = "lockdown forbids to write them",
	  .source = "Linux arch/x86/kernel/msr.c" },
	{ .id = "mtrr",
	  .fact = "variable MTRRs, as the kernel has them",
	  .from = "/proc/mtrr",
	  CAN(NO, YES, YES, YES),
	  .note = "its mode lets everybody read it, the kernel does not",
	  .source = "Linux arch/x86/kernel/cpu/mtrr/if.c, mtrr_open()" },
	{ .id = "resource",
	  .fact = "where the BARs are",
	  .from = "/sys/bus/pci/devices/SLOT/resource",
	  CAN(YES, YES, YES, YES),
	  .source = "Linux drivers/pci/pci-sysfs.c" },
	{ .id = "config",
	  .fact = "decoding, prefetchable windows, power state",
	  .from = "/sys/bus/pci/devices/SLOT/config",
	  CAN(PARTLY, YES, YES, YES),
	  .note = "no root: only the first 64 bytes; lockdown forbids to write it",
	  .source = "Linux drivers/pci/pci-sysfs.c, pci_read_config()" },
	{ .id = "iomem",
	  .fact = "who claims a region",
	  .from = "/proc/iomem",
	  CAN(NO, YES, YES, YES),
	  .note = "no root: all addresses read as 0",
	  .source = "Linux kernel/resource.c, r_show()" },
	{ .id = "memtype",
	  .fact = "which type the kernel reserved",
	  .from = "/sys/kernel/debug/x86/pat_memtype_list",
	  CAN(NO, YES, YES, YES),
	  .note = "where debugfs is mounted",
	  .source = "Linux fs/debugfs/file.c, debugfs_locked_down()" },
	{ .id = "vmalloc",
	  .fact = "who made which ioremap",
	  .from = "/proc/vmallocinfo",
	  CAN(NO, YES, YES, YES),
	  .note = "its addresses are real only while kernel.kptr_restrict is 1",
	  .source = "Linux mm/vmalloc.c, proc_vmalloc_init()" },
	{ .id = "maps",
	  .fact = "who has a BAR mapped",
	  .from = "/proc/PID/maps",
	  CAN(PARTLY, YES, YES, YES),
	  .note = "no root: only one's own processes",
	  .source = "Linux fs/proc/task_mmu.c; kernel/ptrace.c, __ptrace_may_access()" },
	{ .id = "entries-km",
	  .fact = "which type the page table entries select",
	  .from = "the module wcdiag_km",
	  CAN(NO, YES, PARTLY, NO),
	  .note = "integrity: not loaded unless it is signed (km/README.md); where it was loaded before, yes",
	  .source = "Linux kernel/module/signing.c; km/access.c" },
	{ .id = "entries-kcore",
	  .fact = "which type the page table entries select",
	  .from = "/proc/kcore, /sys/kernel/btf/vmlinux",
	  CAN(NO, YES, YES, NO),
	  .source = "Linux fs/proc/kcore.c, open_kcore(): LOCKDOWN_KCORE" },
	{ .id = "decisions-bpf",
	  .fact = "which memory types the kernel decides, and for whom",
	  .from = "bpf(2), /sys/kernel/btf/vmlinux",
	  CAN(NO, YES, YES, NO),
	  .source = "Linux kernel/trace/bpf_trace.c, bpf_tracing_func_proto(): LOCKDOWN_BPF_READ_KERNEL" },
	{ .id = "decisions-perf",
	  .fact = "the same, without the type that came back",
	  .from = "perf_event_open(2), kprobe",
	  CAN(NO, YES, YES, NO),
	  .source = "Linux kernel/events/core.c, perf_event_open(): LOCKDOWN_PERF; kernel/trace/trace_kprobe.c: LOCKDOWN_KPROBES" },
	{ .id = "trace",
	  .fact = "which stores a program makes",
	  .from = "ptrace(2)",
	  CAN(PARTLY, YES, YES, YES),
	  .note = "no root: only one's own programs",
	  .source = "Linux kernel/ptrace.c, __ptrace_may_access()" },
	{ .id = "map",
	  .fact = "what arrives: mapping the BAR for --scratch",
	  .from = "/sys/bus/pci/devices/SLOT/resourceN_wc",
	  CAN(NO, YES, NO, NO),
	  .source = "Linux drivers/pci/pci-sysfs.c, pci_mmap_resource(): LOCKDOWN_PCI_ACCESS" },
};

const struct source_row *source_at(size_t i)
{
	return i < sizeof(rows) / sizeof(rows[0]) ? &rows[i] : NULL;
}

const char *source_who_name(enum source_who w)
{
	static const char *const names[] = { [SOURCE_ANYONE] = "no root",
					     [SOURCE_ROOT] = "root",
					     [SOURCE_INTEGRITY] = "integrity",
					     [SOURCE_CONFIDENTIALITY] = "confidentiality" };

	return w < SOURCE_WHOS ? names[w] : "";
}

const char *source_can_name(enum source_can c)
{
	static const char *const names[] = { [SOURCE_NO] = "no", [SOURCE_YES] = "yes", [SOURCE_PARTLY] = "partly" };

	return c <= SOURCE_PARTLY ? names[c] : "";
}
