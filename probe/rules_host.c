/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rules_host.c - can this CPU, kernel and hypervisor combine at all? */
#include <errno.h>
#include <string.h>

#include "machine.h"
#include "rule.h"

static void no_pat(struct judge_ctx *c)
{
	if (!c->m->cpu.pat)
		ev_text(hit(c, unless_mtrr_wc(c)), "cpu", "%s", c->m->cpu.name);
}

static enum hyper_pat hyper_pat(const struct machine *m)
{
	return m->hyper.kind ? m->hyper.kind->pat : HYPER_PAT_UNKNOWN;
}

static const char *hyper_name(const struct machine *m)
{
	if (m->hyper.kind)
		return m->hyper.kind->name;
	return *m->hyper.signature ? m->hyper.signature : "unnamed";
}

static void emulated(struct judge_ctx *c)
{
	if (c->m->hyper.guest && hyper_pat(c->m) == HYPER_PAT_EMULATED)
		ev_text(hit(c, SEV_INFO), "hypervisor", "%s", hyper_name(c->m));
}

static void guest_unknown(struct judge_ctx *c)
{
	if (c->m->hyper.guest && hyper_pat(c->m) == HYPER_PAT_UNKNOWN)
		ev_text(hit(c, SEV_UNKNOWN), "hypervisor", "%s", hyper_name(c->m));
}

static void guest_passthrough(struct judge_ctx *c)
{
	if (c->m->hyper.guest && hyper_pat(c->m) == HYPER_PAT_HONOURED)
		ev_text(hit(c, SEV_INFO), "hypervisor", "%s", hyper_name(c->m));
}

enum { VENDOR_REDHAT_VIRTIO = 0x1af4, DEVICE_IVSHMEM = 0x1110 };

static bool is_virtio(const struct pci_device *d)
{
	/* Virtio 1.x specification 4.1.2: 0x1000-0x107f; 0x1110 beside it is ivshmem. */
	return d->vendor == VENDOR_REDHAT_VIRTIO && d->device >= 0x1000 && d->device <= 0x107f;
}

/* BARs that are known to be the host's memory, mapped straight into the guest. */
static const struct {
	uint16_t vendor, device;
	unsigned int bars; /* bit n */
	const char *what, *source;
} ram_bars[] = {
	{ VENDOR_REDHAT_VIRTIO, DEVICE_IVSHMEM, 1 << 2, "ivshmem", "QEMU hw/misc/ivshmem.c" },
	{ 0x1234, 0x1111, 1 << 0, "video memory of a virtual VGA", "QEMU hw/display/vga-pci.c, bochs-display.c" },
	{ 0x1b36, 0x0100, 1 << 0 | 1 << 1, "video memory of qxl", "QEMU hw/display/qxl.c" },
};

static const char *ram_backed(const struct pci_device *d, int bar)
{
	for (size_t i = 0; i < sizeof(ram_bars) / sizeof(ram_bars[0]); i++)
		if (ram_bars[i].vendor == d->vendor && ram_bars[i].device == d->device &&
		    (ram_bars[i].bars & (1u << bar)))
			return ram_bars[i].what;
	return d->virtio_shm & (1u << bar) ? "virtio shared memory" : NULL;
}

static bool on_kvm(const struct machine *m)
{
	return m->hyper.guest && m->hyper.kind && !strcmp(m->hyper.kind->name, "KVM");
}

static void pat_ignored(struct judge_ctx *c)
{
	struct finding *f;

	if (!on_kvm(c->m) || c->m->cpu.vendor != VENDOR_INTEL || !ram_backed(c->dev, c->bar))
		return;
	f = hit(c, SEV_BROKEN);
	ev_text(f, "hypervisor", "%s", hyper_name(c->m));
	ev_text(f, "backing", "%s", c->dev->device == DEVICE_IVSHMEM ? "ivshmem" : "virtio shared memory");
}

/* Devices that only hypervisors make: virtio, and the vendor ids of QEMU and Bochs. */
static bool is_virtual(const struct pci_device *d)
{
	return is_virtio(d) || d->vendor == 0x1b36 || d->vendor == 0x1234;
}

static void bar_trapped(struct judge_ctx *c)
{
	if (c->m->hyper.guest && hyper_pat(c->m) != HYPER_PAT_EMULATED && is_virtual(c->dev) &&
	    !ram_backed(c->dev, c->bar))
		ev_text(hit(c, SEV_UNKNOWN), "device", "%04x:%04x", c->dev->vendor, c->dev->device);
}

static void coco(struct judge_ctx *c)
{
	if (c->m->coco)
		ev_text(hit(c, SEV_SUSPECT), "kind", "%s", c->m->coco);
}

/* Only when it hides something: a fact that was refused with EPERM or EACCES while the kernel is locked down. */
static void lockdown(struct judge_ctx *c)
{
	static const enum fact_id hidden[] = { F_MSR, F_LIST, F_IOMEM, F_VMALLOC, F_KLOG };

	if (c->m->host.lockdown != LOCKDOWN_INTEGRITY && c->m->host.lockdown != LOCKDOWN_CONFIDENTIALITY)
		return;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		const struct fact *f = fact_of(c, hidden[i]);
		struct finding *h;

		if (!fact_lacks(f) || (f->err != EPERM && f->err != EACCES))
			continue;
		h = hit(c, SEV_UNKNOWN);
		ev_text(h, "mode", "%s", c->m->host.lockdown == LOCKDOWN_INTEGRITY ? "integrity" : "confidentiality");
		ev_text(h, "fact", "%s", fact_name(hidden[i]));
		ev_text(h, "file", "%s", f->where);
		ev_text(h, "error", "%s", f->why);
	}
}

const struct rule rules_host[] = {
	{ .id = "host-unknown",
	  .layer = LAYER_HOST,
	  .sev = SEV_UNKNOWN,
	  .other = "info when the fact only improves the answer",
	  .when = "a fact about the CPU, the kernel or the hypervisor could not be read",
	  .says = "{fact} could not be read: {file}: {error}",
	  .fix = "{remedy}",
	  .source = "wcdiag-rules(7): a missing fact never reads as ok" },
	{ .id = "host-no-pat",
	  .layer = LAYER_HOST,
	  .sev = SEV_BROKEN,
	  .needs = F(CPUID),
	  .uses = F(KERNEL),
	  .other = "suspect for a BAR that a WC MTRR covers whole: it combines all the same",
	  .test = no_pat,
	  .when = "CPUID says that the CPU has no PAT",
	  .says = "this CPU ({cpu}) has no PAT: the kernel cannot ask for write-combining in a page table entry",
	  .fix = "only a WC MTRR over the BAR can give WC: arch_phys_wc_add(pci_resource_start(pdev, bar), "
		 "pci_resource_len(pdev, bar)) in the driver; in a VM give the guest a CPU model with PAT",
	  .source = "Intel SDM vol 3, 11.11 and table 11-6 (effective types without PAT)" },
	{ .id = "host-emulated",
	  .layer = LAYER_HOST,
	  .sev = SEV_INFO,
	  .needs = F(CPUID) | F(HYPER),
	  .test = emulated,
	  .when = "the hypervisor leaf says that the CPU itself is emulated (QEMU TCG)",
	  .says = "the CPU is emulated ({hypervisor}): the judgement of types and entries holds, but nothing combines "
		  "here and timing proves nothing; only a counter in the device can tell what arrived",
	  .fix = "test on the real host",
	  .source = "QEMU target/i386/cpu.c (signature TCGTCGTCGTCG); TCG models no memory types" },
	{ .id = "host-guest",
	  .layer = LAYER_HOST,
	  .sev = SEV_INFO,
	  .needs = F(CPUID) | F(HYPER),
	  .test = guest_passthrough,
	  .when = "this is a guest of a hypervisor that honours the guest's PAT for BARs passed through",
	  .says = "this is a guest of {hypervisor}: what is judged is the guest's own half; for a BAR that is passed "
		  "through the hypervisor honours it, a BAR that the hypervisor emulates never combines",
	  .source = "Linux arch/x86/kvm/vmx/vmx.c vmx_get_mt_mask (host MMIO: no IPAT), KVM/SVM: guest PAT combines" },
	{ .id = "host-guest-unknown",
	  .layer = LAYER_HOST,
	  .sev = SEV_UNKNOWN,
	  .needs = F(CPUID) | F(HYPER),
	  .test = guest_unknown,
	  .when = "this is a guest of a hypervisor whose treatment of the guest's PAT is not known to wcdiag",
	  .says = "this is a guest of {hypervisor}: whether it honours the guest's memory types for a BAR is not "
		  "documented anywhere wcdiag knows of",
	  .fix = "run wcdiag on the host, or let the device count what arrives",
	  .source = "no source: that is the finding" },
	{ .id = "host-guest-pat-ignored",
	  .layer = LAYER_HOST,
	  .sev = SEV_BROKEN,
	  .needs = F(CPUID) | F(HYPER) | F(PCI),
	  .uses = 0,
	  .per_bar = true,
	  .test = pat_ignored,
	  .when = "Intel KVM guest, and the BAR is known to be host RAM (ivshmem, virtio shared memory)",
	  .says = "this BAR is RAM of the host ({backing}), and KVM on Intel maps RAM write-back whatever the guest "
		  "asks (EPT ignore-PAT): nothing combines",
	  .fix = "pass the device through; or, on Linux 6.16 and later hosts, let the VMM disable "
		 "KVM_X86_QUIRK_IGNORE_GUEST_PAT",
	  .source = "Linux arch/x86/kvm/vmx/vmx.c vmx_get_mt_mask; Documentation/virt/kvm/api.rst" },
	{ .id = "host-guest-trapped",
	  .layer = LAYER_HOST,
	  .sev = SEV_UNKNOWN,
	  .needs = F(CPUID) | F(HYPER) | F(PCI),
	  .per_bar = true,
	  .test = bar_trapped,
	  .when = "guest, and the BAR belongs to a virtual device (virtio, QEMU)",
	  .says = "this BAR belongs to a virtual device ({device}): as a rule each store to it leaves the guest and is "
		  "emulated, so none combine; whether hardware behind it takes them (vDPA) cannot be seen from here",
	  .fix = "measure on a device that is passed through",
	  .source = "virtio 1.x 4.1.2; a trapped access is one exit per store" },
	{ .id = "host-coco-guest",
	  .layer = LAYER_HOST,
	  .sev = SEV_SUSPECT,
	  .needs = F(CPUID),
	  .uses = 0,
	  .test = coco,
	  .when = "SEV or TDX guest",
	  .says = "this is a confidential guest ({kind}): memcpy_toio() and memset_io() become byte stores, and MTRRs "
		  "are hidden",
	  .fix = "store with explicit wide stores, or __iowrite64_copy(), instead of memcpy_toio()",
	  .source = "Linux arch/x86/lib/iomem.c (CC_ATTR_GUEST_UNROLL_STRING_IO)" },
	{ .id = "host-lockdown",
	  .layer = LAYER_HOST,
	  .sev = SEV_UNKNOWN,
	  .uses = F(LOCKDOWN),
	  .test = lockdown,
	  .when = "the kernel is locked down and that hides a fact that decides",
	  .says = "the kernel is locked down ({mode}), which may be why {fact} could not be read: {file}: {error}",
	  .fix = "read it where lockdown leaves it open (root may read /dev/cpu/N/msr and pat_memtype_list under "
		 "integrity lockdown), or boot without lockdown (Secure Boot off, or no lockdown=) for the diagnosis",
	  .source = "Linux security/lockdown, fs/debugfs/file.c debugfs_locked_down" },
	{ .id = NULL },
};
