/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rules_pat.c - is there a WC slot, the same on every CPU, and does the kernel know? */
#include <stdio.h>
#include <string.h>

#include "machine.h"
#include "rule.h"

static void ev_pat(struct finding *f, const char *key, const struct pat *p)
{
	char slots[64];

	pat_format(p, slots, sizeof(slots));
	ev_text(f, key, "%s", slots);
}

static const struct klog_event *mtrr_off_line(const struct machine *m)
{
	for (size_t i = 0; i < m->klog.n; i++)
		if (m->klog.ev[i].kind == KLOG_PAT_OFF_MTRR)
			return &m->klog.ev[i];
	return NULL;
}

/* Linux before 6.6 sets PAT up through its MTRR code: without MTRRs it leaves the power-on layout. */
static bool off_by_mtrr(const struct machine *m)
{
	if (m->pat_state != PAT_STATE_OFF || m->host.nopat || (m->cpu.fact.state == FACT_KNOWN && !m->cpu.pat))
		return false;
	if (mtrr_off_line(m))
		return true;
	return m->host.kver && m->host.kver < KVER(6, 6) && m->cpu.fact.state == FACT_KNOWN && !m->cpu.mtrr;
}

static void disabled(struct judge_ctx *c)
{
	const struct machine *m = c->m;
	struct finding *f;

	if (m->pat_state != PAT_STATE_OFF || off_by_mtrr(m))
		return;
	f = unless_mtrr_wc(c) == SEV_BROKEN
		    ? hit(c, SEV_BROKEN)
		    : hit_says(c, SEV_SUSPECT,
			       "PAT is off ({because}): requests for write-combining become UC-; this BAR combines all "
			       "the same, because a WC MTRR covers it whole",
			       c->rule->fix);
	ev_text(f, "because", "%s", m->pat_why);
	if (m->pat)
		ev_pat(f, "slots", &m->pat[0]);
	if (*m->host.options)
		ev_text(f, "boot_options", "%s", m->host.options);
}

static void mtrr_off(struct judge_ctx *c)
{
	const struct klog_event *e = mtrr_off_line(c->m);
	struct finding *f;

	if (!off_by_mtrr(c->m))
		return;
	f = hit(c, unless_mtrr_wc(c));
	ev_text(f, "kernel", "%s", c->m->host.release);
	if (e)
		ev_text(f, "log", "%.*s", (int)(e->textlen < 180 ? e->textlen : 180), e->text);
	if (c->m->pat)
		ev_pat(f, "slots", &c->m->pat[0]);
}

static void cpu_mismatch(struct judge_ctx *c)
{
	const struct machine *m = c->m;
	size_t other = 0, n = 0;
	struct finding *f;

	for (size_t i = 1; m->pat && i < m->msrs.ncpu; i++) {
		if (machine_pat_same(m, i))
			continue;
		if (!n++)
			other = i;
	}
	if (!n)
		return;
	f = hit(c, SEV_BROKEN);
	ev_num(f, "cpu_a", m->msrs.cpu[0]);
	ev_hex(f, "msr_a", m->pat[0].raw);
	ev_pat(f, "slots_a", &m->pat[0]);
	ev_num(f, "cpu_b", m->msrs.cpu[other]);
	ev_hex(f, "msr_b", m->pat[other].raw);
	ev_pat(f, "slots_b", &m->pat[other]);
	ev_num(f, "cpus_that_differ", n);
	ev_num(f, "cpus", m->msrs.ncpu);
}

static void foreign(struct judge_ctx *c)
{
	const struct machine *m = c->m;
	const char *who;
	struct finding *f;
	int slot;

	if (!m->pat || m->pat_state != PAT_STATE_ON)
		return;
	slot = pat_slot_of(&m->pat[0], MT_WC);
	if (slot < 0 || m->pat[0].slot[1] == MT_WC)
		return;
	who = pat_layout_name(m->pat[0].raw);
	f = hit(c, SEV_SUSPECT);
	ev_num(f, "wc_slot", (uint64_t)slot);
	ev_text(f, "slot_1", "%s", mtype_name(m->pat[0].slot[1]));
	ev_text(f, "layout", "%s", who ? who : "nobody's that wcdiag knows");
	ev_hex(f, "msr", m->pat[0].raw);
}

static void kernel_disagrees(struct judge_ctx *c)
{
	const struct machine *m = c->m;

	for (size_t i = 0; m->pat && i < m->msrs.ncpu; i++) {
		struct finding *f;

		if (!memcmp(m->pat[i].slot, m->belief.slot, sizeof(m->belief.slot)))
			continue;
		f = hit(c, SEV_BROKEN);
		ev_pat(f, "kernel_says", &m->belief);
		ev_num(f, "cpu", m->msrs.cpu[i]);
		ev_pat(f, "cpu_has", &m->pat[i]);
		ev_hex(f, "msr", m->pat[i].raw);
		return;
	}
}

const struct rule rules_pat[] = {
	{ .id = "pat-unknown",
	  .layer = LAYER_PAT,
	  .sev = SEV_UNKNOWN,
	  .other = "info when the fact only improves the answer",
	  .when = "the PAT of a CPU, or what the kernel believes of it, could not be read",
	  .says = "{fact} could not be read: {file}: {error}",
	  .fix = "{remedy}",
	  .source = "wcdiag-rules(7): a missing fact never reads as ok" },
	{ .id = "pat-disabled",
	  .layer = LAYER_PAT,
	  .sev = SEV_BROKEN,
	  .needs = F(CPUID) | F(CMDLINE) | F(MSR),
	  .other = "suspect for a BAR that a WC MTRR covers whole: it combines all the same",
	  .test = disabled,
	  .when = "booted with nopat, or no slot of the PAT encodes WC",
	  .says = "PAT is off ({because}): every request for write-combining silently becomes UC-",
	  .fix = "remove nopat from the kernel's command line and reboot; if the CPU has no PAT, see host-no-pat",
	  .source = "Linux arch/x86/mm/pat/memtype.c (init_cache_modes); Intel SDM vol 3, table 11-12" },
	{ .id = "pat-mtrr-off",
	  .layer = LAYER_PAT,
	  .sev = SEV_BROKEN,
	  .needs = F(CPUID) | F(CMDLINE) | F(MSR) | F(KERNEL),
	  .uses = F(KLOG),
	  .other = "suspect for a BAR that a WC MTRR covers whole",
	  .test = mtrr_off,
	  .when = "Linux before 6.6 without MTRRs (a guest whose hypervisor hides them): PAT set-up is skipped",
	  .says = "kernel {kernel} skipped PAT because this machine has no MTRRs: write-combining requests become UC-, "
		  "although the reservation list may say write-combining and resourceN_wc may exist",
	  .fix = "enable MTRRs for the virtual CPU, or use Linux 6.6 or later, which sets PAT up without them",
	  .source = "Linux 6.1 arch/x86/kernel/cpu/mtrr/mtrr.c; seen on a 6.1 guest with -cpu max,-mtrr" },
	{ .id = "pat-cpu-mismatch",
	  .layer = LAYER_PAT,
	  .sev = SEV_BROKEN,
	  .needs = F(MSR),
	  .test = cpu_mismatch,
	  .when = "MSR 0x277 differs between CPUs",
	  .says = "the PAT differs between CPUs ({cpus_that_differ} of {cpus} differ from CPU {cpu_a}): CPU {cpu_a} "
		  "has {slots_a}, CPU {cpu_b} has {slots_b}; the type of the same page depends on where the thread "
		  "runs",
	  .fix = "firmware or microcode update; look for a driver or tool that writes MSR 0x277",
	  .source = "Intel SDM vol 3, 11.12.4 (all processors must hold the same PAT)" },
	{ .id = "pat-foreign-layout",
	  .layer = LAYER_PAT,
	  .sev = SEV_SUSPECT,
	  .needs = F(MSR),
	  .test = foreign,
	  .when = "WC is encoded, but not in slot 1 where Linux has it (Xen: slot 4)",
	  .says = "WC is in PAT slot {wc_slot}, not 1 (layout: {layout}); slot 1 is {slot_1}: a driver that hard-codes "
		  "PWT for WC gets {slot_1}",
	  .fix = "let the kernel choose the bits: vma->vm_page_prot = pgprot_writecombine(vma->vm_page_prot); never "
		 "set _PAGE_PWT by hand",
	  .source = "Xen: XEN_MSR_PAT 0x050100070406; Linux arch/x86/mm/pat/memtype.c" },
	{ .id = "pat-kernel-disagrees",
	  .layer = LAYER_PAT,
	  .sev = SEV_BROKEN,
	  .needs = F(MSR) | F(BELIEF),
	  .test = kernel_disagrees,
	  .when = "the kernel's logged configuration differs from MSR 0x277",
	  .says = "the kernel believes in {kernel_says}, but CPU {cpu} has {cpu_has}: the entries it writes for WC "
		  "select something else",
	  .fix = "somebody rewrote MSR 0x277 after boot: look for wrmsr users, firmware at resume, a hypervisor; "
		 "reboot restores it",
	  .source = "Linux arch/x86/mm/pat/memtype.c (Configuration line), Intel SDM vol 3, 11.12" },
	{ .id = NULL },
};
