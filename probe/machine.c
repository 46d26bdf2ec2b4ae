/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine.c - reads all facts, and derives those that take more than one source. */
#include "machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
static void derive_list_fact(struct machine *m)
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

/* A shared mapping whose entries all lie elsewhere is not where its file says: a driver's own mmap handler decides
 * that. */
static bool elsewhere(const struct machine *m, const struct map *p)
{
	const struct pte_run *r;
	size_t n = entries_of(&m->entries, p->pid, p->vstart, p->vend, &r), placed = 0;

	for (size_t i = 0; i < n; i++) {
		if (r[i].phys == PTE_NO_PHYS)
			continue;
		if (r[i].phys < map_phys_end(p) && p->phys < run_phys_end(&r[i]))
			return false;
		placed++;
	}
	return placed > 0;
}

/* Mappings of processes that ended while they were looked at are no more. */
static void correct_maps(struct machine *m)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->maps.n; i++) {
		struct map *p = &m->maps.m[i];

		if (entries_gone(&m->entries, p->pid))
			continue;
		if (p->phys_known && p->shared && elsewhere(m, p)) {
			p->phys_known = false;
			p->bar = -1;
		}
		m->maps.m[kept++] = *p;
	}
	m->maps.n = kept;
}

/* Page table entries, the index that finds them by what they map, and the mappings that only they give away. */
static int read_entries(struct machine *m)
{
	size_t n = 0;
	int rc;

	entries_read(m->src, &m->entries);
	rc = maps_adopt(m->src, &m->pci, &m->entries, &m->maps);
	if (rc)
		return rc;
	correct_maps(m);
	if (m->entries.list.n && !*m->entries.reader)
		snprintf(m->entries.reader, sizeof(m->entries.reader), "a reader that the snapshot does not name");
	if (m->entries.list.n > UINT32_MAX)
		return -EFBIG;
	m->by_phys.m = calloc(m->entries.list.n + 1, sizeof(*m->by_phys.m));
	if (!m->by_phys.m)
		return -ENOMEM;
	for (size_t i = 0; i < m->entries.list.n; i++) {
		const struct pte_run *r = &m->entries.list.r[i];

		if (r->phys == PTE_NO_PHYS || run_phys_end(r) <= r->phys)
			continue;
		m->by_phys.m[n++] = (struct memtype){ r->phys, run_phys_end(r), MT_UNKNOWN, (uint32_t)i };
	}
	m->by_phys.n = n;
	return memtype_index(&m->by_phys);
}

#define TRIES 4

static bool same_list(const struct memtype_list *a, const struct memtype_list *b)
{
	if (a->fact.state != b->fact.state || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->m[i].start != b->m[i].start || a->m[i].end != b->m[i].end || a->m[i].type != b->m[i].type)
			return false;
	return true;
}

/*
 * Reservations and those who hold them are read one after the other, and a running machine changes meanwhile: a mapping
 * without its reservation, or the reverse, would read as a fault. So the list is read once more at the end, and all
 * again when it has changed. A machine that never holds still is taken as it was last seen.
 */
static int read_mappings(struct machine *m, unsigned int what)
{
	struct memtype_list again;
	bool still;
	int rc = 0;

	if (what & READ_LIST)
		memtype_read(m->src, &m->memtype);
	for (int i = 0; i < TRIES; i++) {
		if (what & READ_VMALLOC)
			vmalloc_read(m->src, &m->ioremaps);
		if (what & READ_MAPS)
			maps_read(m->src, &m->pci, m->host.kver, &m->maps);
		if (what & READ_ENTRIES)
			rc = read_entries(m);
		if (rc || !(what & READ_LIST) || !src_is_live(m->src))
			return rc;
		memtype_read(m->src, &again);
		still = same_list(&m->memtype, &again);
		memtype_free(&m->memtype);
		m->memtype = again;
		if (still || i + 1 == TRIES)
			return 0;
		vmalloc_free(&m->ioremaps);
		maps_free(&m->maps);
		entries_free(&m->entries);
		memtype_free(&m->by_phys);
	}
	return 0;
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
	if (what & READ_IOMEM)
		iomem_read(s, &m->iomem);
	rc = read_mappings(m, what);
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
		derive_list_fact(m);
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

bool machine_pat_same(const struct machine *m, size_t i)
{
	return m->pat && m->pat[i].known == m->pat[0].known && m->pat[i].raw == m->pat[0].raw;
}

/* A request for a type that no slot encodes is encoded by Linux as UC- (init_cache_modes, WC and WP). */
static enum mtype encoded(const struct machine *m, size_t i, enum mtype t)
{
	if (t != MT_WC && t != MT_WP)
		return t;
	if (m->pat_state == PAT_STATE_OFF)
		return MT_UCMINUS;
	if (m->pat && m->pat[i].known && pat_slot_of(&m->pat[i], t) < 0)
		return MT_UCMINUS;
	return m->pat_state == PAT_STATE_ON ? t : MT_UNKNOWN;
}

#define MAX_SPANS 256

/*
 * Effective types of [start, end) on CPU index i under an entry of type e, one per MTRR span, into out[MAX_SPANS].
 * Returns their number; a range whose type does not hang on MTRRs is one span.
 */
static int effective_spans(const struct machine *m, size_t i, enum mtype e, uint64_t start, uint64_t end,
			   enum mtype *out)
{
	struct mtrr_span span[MAX_SPANS];
	int n;

	out[0] = MT_UNKNOWN;
	if (e == MT_UNKNOWN)
		return 1;
	if (e == MT_WC || e == MT_UC) { /* the whole PAT column agrees */
		out[0] = mtype_effective(m->cpu.vendor, MT_UNKNOWN, e);
		return 1;
	}
	if (m->mtrr_fact.state ==
	    FACT_ABSENT) { /* no MTRRs: the entry alone decides, and UC- has nothing to yield to */
		out[0] = e == MT_UCMINUS ? MT_UC : e;
		return 1;
	}
	if (!m->mtrr)
		return 1;
	n = mtrr_over(&m->mtrr[i], start, end, span, MAX_SPANS);
	for (int k = 0; k < n; k++)
		out[k] = mtype_effective(m->cpu.vendor, span[k].type, e);
	return n > 0 ? n : 1;
}

/* Kinds of CPU to look at; without registers one nameless CPU. */
static size_t kinds(const struct machine *m)
{
	return m->pat ? m->ndistinct : 1;
}

static size_t kind(const struct machine *m, size_t k)
{
	return m->pat ? m->distinct[k] : 0;
}

/* The type that all spans have. */
static enum mtype the_one(const enum mtype *e, int n)
{
	for (int k = 1; k < n; k++)
		if (e[k] != e[0])
			return MT_UNKNOWN;
	return e[0];
}

/* NO as soon as one span surely does not combine; else UNKNOWN as soon as one cannot be told. */
static enum tri all_wc(const enum mtype *e, int n, enum tri so_far)
{
	for (int k = 0; k < n && so_far != TRI_NO; k++) {
		if (e[k] == MT_UNKNOWN || e[k] == MT_UNDEFINED)
			so_far = TRI_UNKNOWN;
		else if (e[k] != MT_WC)
			so_far = TRI_NO;
	}
	return so_far;
}

enum mtype machine_effective(const struct machine *m, size_t i, enum mtype t, uint64_t start, uint64_t end)
{
	enum mtype e[MAX_SPANS];
	int n = effective_spans(m, i, encoded(m, i, t), start, end, e);

	return the_one(e, n);
}

enum tri machine_combines(const struct machine *m, enum mtype t, uint64_t start, uint64_t end)
{
	enum tri all = TRI_YES;
	enum mtype e[MAX_SPANS];

	for (size_t i = 0; i < kinds(m) && all != TRI_NO; i++)
		all = all_wc(e, effective_spans(m, kind(m, i), encoded(m, kind(m, i), t), start, end, e), all);
	return all;
}

enum mtype machine_entry_type(const struct machine *m, size_t i, unsigned int slot)
{
	/* Without PAT the entry's PAT bit is reserved, and PCD and PWT mean what the power-on layout says: SDM table
	 * 11-6. */
	if (m->cpu.fact.state == FACT_KNOWN && !m->cpu.pat) {
		static const enum mtype nopat[4] = { MT_WB, MT_WT, MT_UCMINUS, MT_UC };

		return nopat[slot & 3];
	}
	if (m->pat && i < m->msrs.ncpu && m->pat[i].known)
		return m->pat[i].reserved_bits ? MT_UNKNOWN : m->pat[i].slot[slot & 7];
	if (!m->pat && m->belief_fact.state == FACT_KNOWN && m->belief.known)
		return m->belief.slot[slot & 7];
	return MT_UNKNOWN;
}

enum mtype machine_entry_effective(const struct machine *m, size_t i, unsigned int slot, uint64_t start, uint64_t end)
{
	enum mtype e[MAX_SPANS];
	int n = effective_spans(m, i, machine_entry_type(m, i, slot), start, end, e);

	return the_one(e, n);
}

enum tri machine_entry_combines(const struct machine *m, unsigned int slot, uint64_t start, uint64_t end)
{
	enum tri all = TRI_YES;
	enum mtype e[MAX_SPANS];

	for (size_t i = 0; i < kinds(m) && all != TRI_NO; i++)
		all = all_wc(e, effective_spans(m, kind(m, i), machine_entry_type(m, kind(m, i), slot), start, end, e),
			     all);
	return all;
}

uint64_t machine_entry_edge(const struct machine *m, unsigned int slot, uint64_t start, uint64_t end)
{
	for (size_t i = 0; m->mtrr && m->mtrr_fact.state == FACT_KNOWN && i < kinds(m); i++) {
		enum mtype t = machine_entry_type(m, kind(m, i), slot);
		struct mtrr_span span[MAX_SPANS];

		if (t != MT_WC && t != MT_UC && mtrr_over(&m->mtrr[kind(m, i)], start, end, span, MAX_SPANS) > 0 &&
		    span[0].end < end)
			end = span[0].end;
	}
	return end;
}

bool machine_slot_differs(const struct machine *m, unsigned int slot)
{
	for (size_t i = 1; i < kinds(m); i++)
		if (machine_entry_type(m, kind(m, i), slot) != machine_entry_type(m, kind(m, 0), slot))
			return true;
	return false;
}

void machine_entry_words(const struct machine *m, bool effective, unsigned int slot, uint64_t start, uint64_t end,
			 char *buf, size_t len)
{
	enum mtype t[4];
	size_t n = kinds(m), shown = n < 4 ? n : 4, k = 0;
	bool same = true;

	for (size_t i = 0; i < shown; i++) {
		t[i] = effective ? machine_entry_effective(m, kind(m, i), slot, start, end)
				 : machine_entry_type(m, kind(m, i), slot);
		same = same && t[i] == t[0];
	}
	if (same && shown == n) {
		snprintf(buf, len, "%s", mtype_name(t[0]));
		return;
	}
	for (size_t i = 0; i < shown && k < len; i++)
		k += (size_t)snprintf(buf + k, len - k, "%s%s on CPU %u", i ? ", " : "", mtype_name(t[i]),
				      m->msrs.cpu[kind(m, i)]);
	if (shown < n && k < len)
		snprintf(buf + k, len - k, ", ...");
}

enum tri machine_mtrr_wc(const struct machine *m, uint64_t start, uint64_t end)
{
	struct mtrr_span span[MAX_SPANS];
	enum tri all = TRI_YES;

	if (m->mtrr_fact.state == FACT_ABSENT)
		return TRI_NO;
	if (!m->mtrr || start >= end)
		return TRI_UNKNOWN;
	for (size_t i = 0; i < kinds(m); i++) {
		int n = mtrr_over(&m->mtrr[kind(m, i)], start, end, span, MAX_SPANS);

		if (n <= 0)
			return TRI_UNKNOWN;
		for (int k = 0; k < n; k++) {
			if (span[k].type == MT_UNKNOWN)
				all = TRI_UNKNOWN;
			else if (span[k].type != MT_WC)
				return TRI_NO;
		}
	}
	return all;
}
