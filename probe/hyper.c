/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hyper.c - which hypervisor the leaves 0x40000000 up name, and what it makes of a guest's PAT. Pure.
 */
#include <errno.h>
#include <string.h>

#include "cpu.h"
#include "cpu_raw.h"
#include "hyper_int.h"
#include "scan.h"

#define KVM_PAT                                                                                                        \
	"Linux arch/x86/kvm/vmx/vmx.c vmx_get_mt_mask(): MMIO is EPT UC without ignore-PAT; "                          \
	"arch/x86/kvm/svm/svm.c: no mask, the guest's PAT combines"
#define SIGNATURE "signature: systemd src/basic/virt.c; its handling of the guest's PAT was not found"

const struct hyper_kind hyper_kinds[] = {
	{ .signature = "KVMKVMKVM", .name = "KVM", .pat = HYPER_PAT_HONOURED, .source = KVM_PAT },
	/* What KVM itself answers where Hyper-V's signature goes: Linux arch/x86/kvm/hyperv.c kvm_get_hv_cpuid() */
	{ .signature = "Linux KVM Hv", .name = "KVM", .pat = HYPER_PAT_HONOURED, .source = KVM_PAT },
	{ .signature = "TCGTCGTCGTCG",
	  .name = "QEMU (TCG)",
	  .pat = HYPER_PAT_EMULATED,
	  .source = "QEMU target/i386/cpu.c: software emulation, no memory types" },
	{ .signature = "XenVMMXenVMM",
	  .name = "Xen",
	  .pat = HYPER_PAT_UNKNOWN,
	  .source = "Xen xen/arch/x86/mm/p2m-ept.c epte_get_entry_emt(): depends on PV or HVM and on the version; "
		    "some force UC on MMIO without a page structure" },
	{ .signature = "VMwareVMware", .name = "VMware", .pat = HYPER_PAT_UNKNOWN, .source = SIGNATURE },
	/* Also KVM, Xen and others that offer Hyper-V's interface to Windows guests. */
	{ .signature = "Microsoft Hv",
	  .name = "Hyper-V",
	  .pat = HYPER_PAT_UNKNOWN,
	  .mimicked = true,
	  .source = "signature: Linux arch/x86/kernel/cpu/mshyperv.c; its handling of the guest's PAT was not found" },
	{ .signature = "VBoxVBoxVBox",
	  .name = "VirtualBox",
	  .pat = HYPER_PAT_UNKNOWN,
	  .source = "signature: libcpuid cpuid_main.c; its handling of the guest's PAT was not found" },
	{ .signature = "bhyve bhyve ", .name = "bhyve", .pat = HYPER_PAT_UNKNOWN, .source = SIGNATURE },
	{ .signature = "ACRNACRNACRN", .name = "ACRN", .pat = HYPER_PAT_UNKNOWN, .source = SIGNATURE },
	{ .signature = "QNXQVMBSQG", .name = "QNX", .pat = HYPER_PAT_UNKNOWN, .source = SIGNATURE },
	{ .signature = "Apple VZ", .name = "Apple Virtualization", .pat = HYPER_PAT_UNKNOWN, .source = SIGNATURE },
	{ .signature = "SRESRESRESRE", .name = "LMHS SRE", .pat = HYPER_PAT_UNKNOWN, .source = SIGNATURE },
	{ .signature = "prl hyperv  ",
	  .name = "Parallels",
	  .pat = HYPER_PAT_UNKNOWN,
	  .source = "signature: libcpuid cpuid_main.c; its handling of the guest's PAT was not found" },
	{ .signature = "Jailhouse",
	  .name = "Jailhouse",
	  .pat = HYPER_PAT_UNKNOWN,
	  .source = "signature: Linux arch/x86/kernel/jailhouse.c; its handling of the guest's PAT was not found" },
	{ .signature = NULL },
};

/* Three registers as 12 bytes. */
static void bytes_of(uint32_t a, uint32_t b, uint32_t c, char out[12])
{
	const uint32_t r[3] = { a, b, c };

	for (unsigned int i = 0; i < 12; i++)
		out[i] = (char)(r[i / 4] >> (8 * (i % 4)));
}

static const struct hyper_kind *kind_of(const uint32_t reg[4])
{
	char sig[12];

	bytes_of(reg[CPU_EBX], reg[CPU_ECX], reg[CPU_EDX], sig);
	for (const struct hyper_kind *k = hyper_kinds; k->signature; k++) {
		char want[12] = { 0 };

		memcpy(want, k->signature, strlen(k->signature));
		if (!memcmp(sig, want, sizeof(sig)))
			return k;
	}
	return NULL;
}

/* Does the first leaf of a block announce leaves of that block? */
static bool announces(uint32_t base, const uint32_t reg[4])
{
	return reg[CPU_EAX] >= base && reg[CPU_EAX] - base < HYPER_STEP;
}

uint32_t hyper_block_end(uint32_t base, const uint32_t reg[4])
{
	uint32_t last = base + HYPER_LEAVES - 1;

	/* Hosts of old announce 0 and mean one leaf more (Linux Documentation/virt/kvm/x86/cpuid.rst). */
	if (!reg[CPU_EAX] && kind_of(reg))
		return base + 1;
	if (!announces(base, reg))
		return base;
	return reg[CPU_EAX] < last ? reg[CPU_EAX] : last;
}

bool hyper_leaf_is_tdx(const uint32_t reg[4])
{
	char sig[12];

	/* Linux arch/x86/include/asm/shared/tdx.h TDX_IDENT, in the order of a vendor's string */
	bytes_of(reg[CPU_EBX], reg[CPU_EDX], reg[CPU_ECX], sig);
	return !memcmp(sig, "IntelTDX    ", sizeof(sig));
}

static void show(const uint32_t reg[4], char out[13])
{
	char sig[12];
	size_t n = sizeof(sig);

	bytes_of(reg[CPU_EBX], reg[CPU_ECX], reg[CPU_EDX], sig);
	while (n && !sig[n - 1])
		n--;
	for (size_t i = 0; i < n; i++)
		out[i] = sig[i] >= 0x20 && sig[i] < 0x7f ? sig[i] : '.';
	out[n] = '\0';
}

/* How much a block tells of who runs us. */
enum rank { TELLS_NOTHING, HAS_BYTES, HAS_LEAVES, MIMICKED, NAMED };

static enum rank rank_of(uint32_t base, const uint32_t reg[4])
{
	const struct hyper_kind *k = kind_of(reg);

	if (k)
		return k->mimicked ? MIMICKED : NAMED;
	if (!reg[CPU_EBX] && !reg[CPU_ECX] && !reg[CPU_EDX])
		return TELLS_NOTHING;
	if (announces(base, reg))
		return HAS_LEAVES;
	/* Elsewhere such bytes are what the CPU answers for a leaf that it has not. */
	return base == HYPER_BASE ? HAS_BYTES : TELLS_NOTHING;
}

void hyper_judge(const struct hyper_leaves *l, struct hyper *out)
{
	enum rank best = TELLS_NOTHING;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < l->n; i++) {
		const struct hyper_leaf *f = &l->leaf[i];
		enum rank rank;

		if (f->leaf == TDX_LEAF)
			out->tdx_guest = hyper_leaf_is_tdx(f->reg);
		if (f->leaf < HYPER_BASE || f->leaf % HYPER_STEP || f->leaf - HYPER_BASE >= HYPER_BLOCKS * HYPER_STEP)
			continue;
		rank = rank_of(f->leaf, f->reg);
		if (rank <= best)
			continue;
		best = rank;
		out->kind = kind_of(f->reg);
		show(f->reg, out->signature);
	}
	out->guest = out->kind || out->tdx_guest;
}

static bool parse_line(struct scan s, struct hyper_leaf *f)
{
	for (int i = 0; i < 5; i++) {
		uint64_t v;

		if (i && !scan_blanks(&s))
			return false;
		scan_lit(&s, "0x");
		if (!scan_hex(&s, &v) || v > UINT32_MAX)
			return false;
		if (i)
			f->reg[i - 1] = (uint32_t)v;
		else
			f->leaf = (uint32_t)v;
	}
	return scan_rest_blank(&s);
}

int hyper_parse(const char *text, size_t len, struct hyper *out, unsigned int *line, const char **what)
{
	struct hyper_leaves l = { .n = 0 };
	struct scan s = scan_of(len ? text : "", len), t;
	bool whole;

	memset(out, 0, sizeof(*out));
	*line = 0;
	*what = NULL;
	while (!*what && scan_line(&s, &t, &whole)) {
		const char *comment = memchr(t.p, '#', scan_left(&t));
		struct hyper_leaf f;

		++*line;
		if (comment)
			t.end = comment;
		scan_blanks(&t);
		if (scan_rest_blank(&t))
			continue;
		if (!whole)
			*what = "the last line has no end: it may be cut";
		else if (!parse_line(t, &f))
			*what = "not LEAF EAX EBX ECX EDX";
		else if (l.n && f.leaf <= l.leaf[l.n - 1].leaf)
			*what = "leaves do not ascend";
		else if (l.n == sizeof(l.leaf) / sizeof(l.leaf[0]))
			*what = "more leaves than a hypervisor has";
		else
			l.leaf[l.n++] = f;
	}
	if (*what)
		return -EBADMSG;
	hyper_judge(&l, out);
	return 0;
}
