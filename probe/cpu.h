/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cpu.h - what CPUID says, through libcpuid: live, or from the raw form that libcpuid itself writes (wcdiag/cpuid.txt).
 *
 * libcpuid's raw form has no hypervisor leaves, and its hypervisor query executes CPUID on the machine at hand even
 * for recorded data; so the leaves 0x40000000 up are ours (wcdiag/hypervisor.txt: "LEAF EAX EBX ECX EDX", hex,
 * ascending, # comments). Leaf 0x21, which names a TDX guest, lies beyond libcpuid's raw form, too, and stands there
 * with them.
 *
 * Of recorded data libcpuid gets to see registers only, never the file: its reader copies "version=" into 8 bytes,
 * indexes with numbers from the file, and dereferences NULL when the first line is not the expected one (0.6.2).
 */
#ifndef WCDIAG_CPU_H
#define WCDIAG_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fact.h"
#include "mtype.h"

struct src;

struct cpu {
	enum cpu_vendor vendor;		/* Hygon counts as AMD */
	char vendor_str[16];		/* "GenuineIntel" */
	char name[64];			/* brand string, blanks squeezed */
	char codename[64];		/* libcpuid's nearest match, at times a neighbour: for show only; may be "" */
	unsigned int family, model, stepping;	/* display (extended) values */
	unsigned int phys_bits;		/* CPUID 0x80000008 EAX[7:0]; 36 when the leaf is missing, 52 when it is absurd */
	bool pat, mtrr;			/* CPUID 1 EDX 16, 12 */
	bool hypervisor_bit;		/* CPUID 1 ECX 31 */
	bool tdx_guest;			/* leaf 0x21 "IntelTDX    "; false as well where hyper.fact is MISSING */
	bool sev_capable;		/* CPUID 0x8000001f EAX bit 1; says nothing of being a guest */
	bool movdiri, movdir64b;	/* CPUID 7.0 ECX 27, 28 */
	struct fact fact;
};

/* What is known of how a hypervisor treats the guest's PAT for a BAR of a device passed through. */
enum hyper_pat { HYPER_PAT_UNKNOWN, HYPER_PAT_HONOURED, HYPER_PAT_EMULATED /* nothing combines at all */ };

/* One row a hypervisor; ended by signature NULL. */
struct hyper_kind {
	const char *signature;	/* the 12 bytes of leaf 0x40000000, trailing NULs cut: "KVMKVMKVM" */
	const char *name;	/* "KVM", "QEMU (TCG)" */
	enum hyper_pat pat;
	bool mimicked;		/* others show this one as well: another signature beside it counts for more */
	const char *source;
};
extern const struct hyper_kind hyper_kinds[];

struct hyper {
	bool guest;			/* CPUID's hypervisor bit, or a leaf that names one */
	char signature[13];		/* raw, non-printing bytes as '.', "" when bare metal */
	const struct hyper_kind *kind;	/* NULL when bare metal, or unknown (then the signature is shown) */
	bool tdx_guest;			/* leaf 0x21 */
	struct fact fact;		/* ABSENT: bare metal */
};

/* Live: executes CPUID. Snapshot: wcdiag/cpuid.txt. 0 when the fact is KNOWN, else negative errno. */
int cpu_read(const struct src *s, struct cpu *out);
/*
 * Pure half of the recorded form, the first CPU of it: 0, or -EBADMSG with *line (1-based) and *what. A file from which
 * a leaf is missing that the CPU has is refused. Fills all but tdx_guest and fact.
 */
int cpu_parse(const char *text, size_t len, struct cpu *out, unsigned int *line, const char **what);

/*
 * Live: executes CPUID. Snapshot: the text file; without it, MISSING if the hypervisor bit is set or not known, else
 * ABSENT. 0 when the fact is KNOWN or ABSENT, else negative errno.
 */
int hyper_read(const struct src *s, const struct cpu *cpu, struct hyper *out);
/*
 * Pure half of the recorded form: 0, or -EBADMSG with *line and *what. guest is set when a leaf names a hypervisor that
 * we know; an Intel CPU without one answers these leaves with other registers, so the rest takes the hypervisor bit.
 */
int hyper_parse(const char *text, size_t len, struct hyper *out, unsigned int *line, const char **what);

/*
 * For capture: the live machine's CPUID in libcpuid's raw form (without leaf 3, a serial number on some CPUs) and the
 * hypervisor leaves as text; malloc'ed, terminated. 0 or negative errno.
 */
int cpu_record(char **text, size_t *len);
int hyper_record(char **text, size_t *len);

#endif
