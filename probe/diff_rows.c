/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diff_rows.c - the table of what can differ: how much it weighs, why, and which rules it can decide. */
#include "diff_int.h"

#define SRC_MEMTYPE "arch/x86/mm/pat/memtype.c"
#define SRC_PAT	    "Intel SDM volume 3, Page Attribute Table; AMD APM volume 2, 7.8"
#define SRC_MTRR    "Intel SDM volume 3, Memory Type Range Registers, effective memory types"
#define SRC_PCI	    "PCI Local Bus Specification 3.0, 6.2"
#define SRC_SYSFS   "Linux drivers/pci/pci-sysfs.c, Documentation/PCI/sysfs-pci.rst"
#define RULES_ALL_MEMTYPE                                                                                              \
	"memtype-none memtype-partial memtype-mixed memtype-alias-wins memtype-stale memtype-two-types "               \
	"memtype-untracked memtype-downgraded-log memtype-refused-log pte-differs-from-memtype"

const struct diff_row diff_rows[DIFF_IDS] = {
	[DIFF_KERNEL] = { "kernel", "kernel", LAYER_HOST, DIFF_MAY,
			  "another kernel, and drivers built for it, may reserve and map a BAR otherwise", "",
			  "Linux Documentation/arch/x86/pat.rst" },
	[DIFF_OPTIONS] = { "options", "boot options", LAYER_HOST, DIFF_MAY,
			   "they can switch PAT or MTRRs off, and change how BARs are placed",
			   "host-no-pat pat-disabled pat-mtrr-off pat-kernel-disagrees mtrr-no-pat-needs-wc "
			   "mtrr-absent "
			   "bar-unassigned bar-claimed",
			   "Linux Documentation/admin-guide/kernel-parameters.txt" },
	[DIFF_CPU] = { "cpu", "CPU", LAYER_HOST, DIFF_MAY, "another CPU has other buffers, and other tables of types",
		       "host-no-pat", SRC_MTRR },
	[DIFF_CPUS] = { "cpus", "number of CPUs", LAYER_HOST, DIFF_NOT,
			"it matters only where CPUs disagree, which is compared by itself",
			"pat-cpu-mismatch mtrr-cpu-mismatch", SRC_PAT },
	[DIFF_MICROCODE] = { "microcode", "microcode", LAYER_HOST, DIFF_MAY,
			     "it mends errata and brings others; none is known here that changes a memory type", "",
			     "Linux Documentation/arch/x86/microcode.rst" },
	[DIFF_HYPER] = { "hypervisor", "hypervisor", LAYER_HOST, DIFF_MAY,
			 "a hypervisor decides whether a guest's memory types count",
			 "host-emulated host-guest-unknown host-guest-pat-ignored host-guest-trapped "
			 "bar-lost-prefetch-in-guest",
			 "Linux arch/x86/kvm/vmx/vmx.c: vmx_get_mt_mask" },
	[DIFF_COCO] = { "confidential", "confidential guest", LAYER_HOST, DIFF_MAY,
			"its device memory is shared with the host, and mapped by other rules", "host-coco-guest",
			"Linux arch/x86/coco/core.c" },
	[DIFF_LOCKDOWN] = { "lockdown", "lockdown", LAYER_HOST, DIFF_NOT,
			    "it hides facts from wcdiag, and changes no memory type", "host-lockdown",
			    "Linux security/lockdown/lockdown.c" },
	[DIFF_PAT_ON] = { "pat-on", "PAT", LAYER_PAT, DIFF_MAY, "without PAT only a WC MTRR can combine",
			  "host-no-pat pat-disabled pat-mtrr-off mtrr-no-pat-needs-wc memtype-none memtype-untracked "
			  "pte-not-wc pte-mixed",
			  SRC_MEMTYPE ": pat_bp_init" },
	[DIFF_PAT_SLOT] = { "pat-slot", "PAT", LAYER_PAT, DIFF_MAY,
			    "a page table entry selects a slot; what is in it is the type",
			    "pat-disabled pat-cpu-mismatch pat-foreign-layout pat-kernel-disagrees pte-not-wc "
			    "pte-mixed "
			    "mtrr-no-pat-needs-wc",
			    SRC_PAT },
	[DIFF_MTRR_ON] = { "mtrr-on", "MTRRs", LAYER_MTRR, DIFF_NOT,
			   "what they say over each BAR is compared by itself", "pat-mtrr-off mtrr-absent", SRC_MTRR },
	[DIFF_MTRR] = { "mtrr", "MTRRs over the BAR", LAYER_MTRR, DIFF_MAY,
			"an entry that says WC wins over them; any other entry's type depends on them",
			"mtrr-cpu-mismatch mtrr-undefined-overlap mtrr-wc-makes-ucminus-wc mtrr-boundary-in-large-page "
			"mtrr-no-pat-needs-wc pat-disabled memtype-none memtype-alias-wins pte-not-wc pte-mixed "
			"map-resource-not-wc host-no-pat",
			SRC_MTRR },
	[DIFF_DEVICE] = { "device", "device", LAYER_PCI, DIFF_MAY, "a device with a BAR that could combine", "",
			  SRC_PCI },
	[DIFF_MOVED] = { "slot", "slot", LAYER_PCI, DIFF_NOT,
			 "where a device sits on the bus changes no memory type (scripts that name the slot do change)",
			 "", "Linux drivers/pci/probe.c: buses are numbered as they are found" },
	[DIFF_DRIVER] = { "driver", "driver", LAYER_PCI, DIFF_MAY,
			  "the driver that maps a BAR first decides its type for all who map it later",
			  "bar-claimed memtype-none memtype-alias-wins memtype-mixed memtype-partial "
			  "memtype-downgraded-log memtype-refused-log pte-* map-*",
			  SRC_MEMTYPE ": memtype_reserve" },
	[DIFF_POWER] = { "power", "power", LAYER_PCI, DIFF_NOT, "an awake device combines in D0 only",
			 "bar-asleep pci-unknown", "PCI Bus Power Management Interface Specification 1.2, 5.4" },
	[DIFF_DECODE] = { "decode", "memory decoding", LAYER_PCI, DIFF_MAY,
			  "a device that decodes no memory receives no store", "bar-decode-off pci-unknown",
			  SRC_PCI ".2" },
	[DIFF_PAYLOAD] = { "payload", "Max_Payload_Size", LAYER_PCI, DIFF_NOT,
			   "each allowed size takes a whole 64-byte line", "fabric-mps",
			   "PCI Express Base Specification, 7.5.3.4" },
	[DIFF_WINDOW] = { "window", "bridge windows", LAYER_PCI, DIFF_MAY,
			  "a prefetchable BAR wants a prefetchable window above it; an entry that says WC combines in "
			  "both",
			  "bridge-window-nonprefetchable bar-unassigned bar-not-prefetchable "
			  "bar-lost-prefetch-in-guest",
			  "PCI-to-PCI Bridge Architecture Specification 1.2, 3.2.5" },
	[DIFF_BAR] = { "bar", "BAR", LAYER_PCI, DIFF_MAY, "a BAR that is not there takes no store", "bar-unassigned",
		       SRC_PCI ".5" },
	[DIFF_SIZE] = { "size", "size", LAYER_PCI, DIFF_MAY,
			"what was mapped or reserved for the old size may cover a part of it only",
			"bar-unassigned memtype-partial memtype-mixed pte-mixed", SRC_PCI ".5" },
	[DIFF_ADDRESS] = { "address", "address", LAYER_PCI, DIFF_NOT,
			   "where a BAR lies changes its type only through MTRRs, which are compared by themselves",
			   "bar-unassigned", SRC_PCI ".5" },
	[DIFF_PREFETCH] = { "prefetchable", "prefetchable", LAYER_PCI, DIFF_MAY,
			    "the kernel offers resourceN_wc for prefetchable BARs only",
			    "bar-not-prefetchable bar-lost-prefetch-in-guest map-resource-not-wc", SRC_SYSFS },
	[DIFF_WIDTH] = { "width", "width", LAYER_PCI, DIFF_NOT, "a BAR of 32 bits combines as one of 64 bits does", "",
			 SRC_PCI ".5" },
	[DIFF_WC_FILE] = { "wc-file", "resourceN_wc", LAYER_PCI, DIFF_MAY,
			   "without that file a program cannot map the BAR write-combining through sysfs",
			   "bar-not-prefetchable map-resource-not-wc", SRC_SYSFS },
	[DIFF_CLAIM] = { "claim", "claimed by", LAYER_PCI, DIFF_MAY,
			 "with CONFIG_IO_STRICT_DEVMEM a claimed region cannot be mapped through sysfs or /dev/mem",
			 "bar-claimed memtype-none", "Linux kernel/resource.c: iomem_is_exclusive" },
	[DIFF_RESERVED] = { "reserved", "reserved", LAYER_MEMTYPE, DIFF_MAY,
			    "the type of the first reservation is the type of all that follow",
			    RULES_ALL_MEMTYPE
			    " pte-not-wc pte-mixed map-resource-not-wc map-proc-not-wc map-uio map-vfio map-devmem",
			    SRC_MEMTYPE ": memtype_check_conflict" },
	[DIFF_HOLDER] = { "ioremap", "mapped by the kernel for", LAYER_MEMTYPE, DIFF_MAY,
			  "an ioremap reserves its type as long as it lives",
			  RULES_ALL_MEMTYPE " pte-user-differs-from-kernel pte-not-wc pte-mixed",
			  "arch/x86/mm/ioremap.c: __ioremap_caller" },
	[DIFF_MAPPING] = { "mapping", "mapped by", LAYER_PTE, DIFF_MAY,
			   "the way a program maps the BAR is the type that it asks for",
			   RULES_ALL_MEMTYPE " pte-* map-*", SRC_SYSFS },
	[DIFF_ENTRY] = { "entry", "page table entries of", LAYER_PTE, DIFF_MAY, "the entry is what the CPU does",
			 "pte-* map-*", SRC_PAT },
	[DIFF_FACT] = { "fact", "wcdiag's knowledge of", LAYER_HOST, DIFF_MAY,
			"what is not known on one side cannot be compared", "", "wcdiag-check(1)" },
	[DIFF_FINDING] = { "finding", "finding", LAYER_HOST, DIFF_MAY, "wcdiag explain RULE tells what it means", "",
			   "wcdiag-rules(7)" },
};

const struct diff_row *diff_row_at(size_t i)
{
	return i < DIFF_IDS ? &diff_rows[i] : NULL;
}
