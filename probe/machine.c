/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine.c - reads all facts, and derives those that take more than one source. */
#include "machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine_int.h"
#include "src.h"

static const struct klog_event *klog_first(const struct machine *m, enum klog_kind k)
{
	for (size_t i = 0; i < m->klog.n; i++)
		if (m->klog.ev[i].kind == k)
			return &m->klog.ev[i];
	return NULL;
}

static int decode_registers(struct machine *m)
{
	uint64_t v;

	if (!m->msrs.n || !m->msrs.ncpu)
		return 0;
	m->pat = calloc(m->msrs.ncpu, sizeof(*m->pat));
	m->mtrr = calloc(m->msrs.ncpu, sizeof(*m->mtrr));
	if (!m->pat || !m->mtrr)
		return -ENOMEM;
	for (size_t i = 0; i < m->msrs.ncpu; i++) {
		unsigned int cpu = m->msrs.cpu[i];

		if (msrs_get(&m->msrs, cpu, MSR_PAT, &v))
			pat_decode(v, &m->pat[i]);
		mtrr_decode(&m->msrs, cpu, m->cpu.phys_bits, &m->mtrr[i]);
	}
	return 0;
}

/* The PAT of the first CPU whose register was read; NULL when none was. */
static const struct pat *first_pat(const struct machine *m)
{
	for (size_t i = 0; m->pat && i < m->msrs.ncpu; i++)
		if (m->pat[i].known)
			return &m->pat[i];
	return NULL;
}

#define COMPARE_WITH 64 /* beyond so many kinds of CPU each counts as one of its own: slower, never wrong */

/* Nearly every machine has one kind of CPU; judging each of 256 again for each reservation would cost seconds. */
static int find_distinct(struct machine *m)
{
	if (!m->pat)
		return 0;
	m->distinct = calloc(m->msrs.ncpu, sizeof(*m->distinct));
	if (!m->distinct)
		return -ENOMEM;
	for (size_t i = 0; i < m->msrs.ncpu; i++) {
		size_t k = 0;

		for (; k < m->ndistinct && k < COMPARE_WITH; k++) {
			size_t d = m->distinct[k];

			if (m->pat[d].raw == m->pat[i].raw && !memcmp(&m->mtrr[d], &m->mtrr[i], sizeof(m->mtrr[i])))
				break;
		}
		if (k == m->ndistinct || k == COMPARE_WITH)
			m->distinct[m->ndistinct++] = i;
	}
	return 0;
}

/* MTRRs are known when every CPU's are complete; a CPU (or a hypervisor) without them is an answer too. */
static void derive_mtrr_fact(struct machine *m)
{
	char where[64];

	if (m->cpu.fact.state == FACT_KNOWN && !m->cpu.mtrr) {
		fact_absent(&m->mtrr_fact, "CPUID");
		return;
	}
	/* Without the list of CPUs nobody knows whether these are all. */
	if (!m->mtrr || m->msrs.fact.state != FACT_KNOWN) {
		m->mtrr_fact = m->msrs.fact;
		return;
	}
	for (size_t i = 0; i < m->msrs.ncpu; i++) {
		if (m->mtrr[i].present && !m->mtrr[i].incomplete)
			continue;
		snprintf(where, sizeof(where), "/dev/cpu/%u/msr", m->msrs.cpu[i]);
		fact_missing(&m->mtrr_fact, m->src, where, m->msrs.fact.err ? m->msrs.fact.err : EIO,
			     m->msrs.fact.remedy ? m->msrs.fact.remedy : "run as root, with the msr module loaded");
		return;
	}
	fact_known(&m->mtrr_fact, "MSR 0x200..0x2ff");
}

/*
 * Which slots does the kernel believe in? Its log says so; when the ring has lost that line, a PAT that is exactly
 * one Linux writes, on a kernel that was not told nopat, can only be Linux's own.
 */
static void derive_belief(struct machine *m)
{
	const struct klog_event *e = NULL;
	const struct pat *p = first_pat(m);

	for (size_t i = 0; i < m->klog.n; i++) /* the last line counts: kexec and hotplug print again */
		if (m->klog.ev[i].kind == KLOG_PAT_CONFIG)
			e = &m->klog.ev[i];
	if (e) {
		memcpy(m->belief.slot, e->slot, sizeof(m->belief.slot));
		m->belief.known = true;
		fact_known(&m->belief_fact, "kernel log");
		return;
	}
	if (p && m->host.cmdline.state == FACT_KNOWN && !m->host.nopat &&
	    (p->raw == PAT_LINUX || p->raw == PAT_LINUX_ERRATA)) {
		m->belief = *p;
		fact_known(&m->belief_fact, "MSR 0x277 (a layout only Linux writes)");
		return;
	}
	if (m->klog.fact.state != FACT_KNOWN) {
		m->belief_fact = m->klog.fact;
	} else if (p) {
		fact_garbled(&m->belief_fact, "kernel log",
			     "no line \"x86/PAT: Configuration [0-7]\" (the log has lost its start)");
		m->belief_fact.remedy =
			"name a log that has it: wcdiag check --klog FILE (/var/log/dmesg, or journalctl -k -b > FILE)";
	} else {
		m->belief_fact = m->msrs.fact;
	}
}

static void derive_pat_state(struct machine *m)
{
	static const struct {
		enum klog_kind kind;
		const char *why;
	} off[] = {
		{ KLOG_PAT_OFF_BOOT, "the kernel log says it was disabled by a boot option" },
		{ KLOG_PAT_OFF_CPU, "the kernel log says the CPU does not support it" },
		{ KLOG_PAT_OFF_FIRMWARE, "the kernel log says the firmware disabled it" },
		{ KLOG_PAT_OFF_CONFIG, "the kernel log says it was built without" },
		{ KLOG_PAT_OFF_MTRR, "the kernel log says it was skipped because MTRRs are disabled" },
	};

	const struct pat *p = first_pat(m);

	m->pat_state = PAT_STATE_OFF;
	if (m->cpu.fact.state == FACT_KNOWN && !m->cpu.pat) {
		m->pat_why = "CPUID has no PAT";
		return;
	}
	/* What the CPU holds outweighs what anybody said about it. */
	if (p) {
		m->pat_state = pat_slot_of(p, MT_WC) >= 0 ? PAT_STATE_ON : PAT_STATE_OFF;
		m->pat_why =
			m->pat_state == PAT_STATE_ON ? "MSR 0x277 has a WC slot" : "no slot of MSR 0x277 encodes WC";
		if (m->pat_state == PAT_STATE_ON && m->host.nopat) {
			m->pat_state = PAT_STATE_OFF;
			m->pat_why = "booted with nopat";
		}
		return;
	}
	if (m->host.nopat) {
		m->pat_why = "booted with nopat";
		return;
	}
	for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++) {
		if (!klog_first(m, off[i].kind))
			continue;
		m->pat_why = off[i].why;
		return;
	}
	if (m->belief_fact.state == FACT_KNOWN) {
		m->pat_state = pat_slot_of(&m->belief, MT_WC) >= 0 ? PAT_STATE_ON : PAT_STATE_OFF;
		m->pat_why = "the kernel log's PAT configuration";
		return;
	}
	m->pat_state = PAT_STATE_UNKNOWN;
	m->pat_why = "neither MSR 0x277 nor the kernel log tells";
}

/* No list is an answer only when PAT is off; with PAT on the kernel always has one once debugfs is mounted. */
void machine_derive_list_fact(struct machine *m)
{
	if (m->memtype.fact.state != FACT_ABSENT || m->pat_state == PAT_STATE_OFF)
		return;
	fact_garbled(&m->memtype.fact, MEMTYPE_PATH, "no such file, and %s",
		     m->pat_state == PAT_STATE_ON ? "PAT is on, so a kernel with debugfs has one"
						  : "it is not known whether PAT is on");
	m->memtype.fact.remedy = "mount debugfs; the kernel needs CONFIG_DEBUG_FS";
}

/* What makes a machine a confidential guest; "AMD SME" alone is a host that encrypts its memory. */
static const char *find_coco(const struct machine *m)
{
	static const struct {
		const char *word, *kind;
	} says[] = { { "SEV", "SEV" }, { "TDX", "TDX" }, { "tdx: Guest", "TDX" } };
	uint64_t v;

	if (m->cpu.tdx_guest)
		return "TDX";
	if (m->msrs.ncpu && msrs_get(&m->msrs, m->msrs.cpu[0], MSR_AMD_SEV_STATUS, &v) && (v & 1))
		return "SEV";
	for (size_t i = 0; i < m->klog.n; i++) {
		const struct klog_event *e = &m->klog.ev[i];

		for (size_t k = 0; e->kind == KLOG_COCO && k < sizeof(says) / sizeof(says[0]); k++)
			if (memmem(e->text, e->textlen, says[k].word, strlen(says[k].word)))
				return says[k].kind;
	}
	return NULL;
}

static size_t count_cpus(const struct src *s)
{
	struct blob text;
	unsigned int *cpu = NULL;
	size_t n = 0;

	if (src_read(s, "/sys/devices/system/cpu/online", &text))
		return 0;
	if (cpulist_parse(text.data, text.len, &cpu, &n))
		n = 0;
	free(cpu);
	blob_free(&text);
	return n;
}

int machine_read(const struct src *s, unsigned int what, const char *klog_file, struct machine **out)
{
	struct machine *m = calloc(1, sizeof(*m));
	int rc;

	if (!m)
		return -ENOMEM;
	m->src = s;
	/* The host is always read: vendor, version and boot options colour everything else. */
	host_read(s, &m->host);
	cpu_read(s, &m->cpu);
	hyper_read(s, &m->cpu, &m->hyper);
	m->ncpu = count_cpus(s);
	if (what & READ_KLOG)
		klog_read(s, klog_file, &m->klog);
	if (what & READ_MSR)
		msrs_read(s, m->cpu.vendor == VENDOR_AMD, &m->msrs);
	if (what & READ_PROC_MTRR)
		proc_mtrr_read(s, &m->proc_mtrr);
	if (what & READ_PCI)
		pci_read(s, &m->pci);
	if (what & READ_MICROCODE)
		microcode_read(s, &m->microcode);
	if (what & READ_IOMEM)
		iomem_read(s, &m->iomem);
	rc = machine_read_mappings(m, what);
	if (!rc)
		rc = decode_registers(m);
	if (!rc)
		rc = find_distinct(m);
	if (rc) {
		machine_free(m);
		return rc;
	}
	if (what & READ_MSR)
		derive_mtrr_fact(m);
	derive_belief(m);
	derive_pat_state(m);
	if (what & READ_LIST)
		machine_derive_list_fact(m);
	m->coco = find_coco(m);
	*out = m;
	return 0;
}

void machine_free(struct machine *m)
{
	if (!m)
		return;
	klog_free(&m->klog);
	msrs_free(&m->msrs);
	proc_mtrr_free(&m->proc_mtrr);
	pci_free(&m->pci);
	iomem_free(&m->iomem);
	microcode_free(&m->microcode);
	vmalloc_free(&m->ioremaps);
	memtype_free(&m->memtype);
	maps_free(&m->maps);
	entries_free(&m->entries);
	memtype_free(&m->by_phys);
	free(m->pat);
	free(m->mtrr);
	free(m->distinct);
	free(m);
}
