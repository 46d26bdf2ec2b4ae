/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * msr.h - model-specific registers of every CPU, live (/dev/cpu/N/msr, or where that is not there or refused the helper
 * module) or recorded (wcdiag/msr.txt).
 *
 * Nothing here decodes. The tool never loads the msr module by itself: a missing device is a missing fact with advice.
 * Recorded form, one register a line: "CPUS MSR VALUE", where CPUS is N or A-B, numbers decimal or 0x, # comments:
 *     0-11 0x277 0x0407050600070106
 */
#ifndef WCDIAG_MSR_H
#define WCDIAG_MSR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fact.h"

struct src;

enum {
	MSR_MTRRCAP = 0xfe,
	MSR_MTRR_PHYSBASE0 = 0x200,	/* base n at 0x200 + 2n, mask at 0x201 + 2n */
	MSR_MTRR_FIX64K_00000 = 0x250,
	MSR_MTRR_FIX16K_80000 = 0x258,
	MSR_MTRR_FIX16K_A0000 = 0x259,
	MSR_MTRR_FIX4K_C0000 = 0x268,	/* ... 0x26f */
	MSR_PAT = 0x277,
	MSR_MTRR_DEF_TYPE = 0x2ff,
	MSR_AMD_SYSCFG = 0xc0010010,
	MSR_AMD_TOP_MEM = 0xc001001a,
	MSR_AMD_TOP_MEM2 = 0xc001001d,
	MSR_AMD_SEV_STATUS = 0xc0010131,
};

/* IA32_MTRRCAP */
enum {
	MTRRCAP_VCNT = 0xff,	/* number of variable ranges */
	MTRRCAP_FIX = 1 << 8,	/* fixed ranges are there */
	MTRRCAP_WC = 1 << 10,	/* an MTRR may hold WC */
};

struct msr_row {
	unsigned int cpu;
	uint32_t msr;
	uint64_t value;
};

/* Sorted by (cpu, msr), no duplicates. */
struct msrs {
	struct msr_row *row;
	size_t n;
	unsigned int *cpu;	/* the online CPUs, ascending: those that should have been read */
	size_t ncpu;
	struct fact fact;	/* KNOWN only when PAT was read on every online CPU */
};

/* One row: what to read, and whom to ask. */
struct msr_want {
	uint32_t msr;
	const char *name;	/* "IA32_PAT" */
	const char *source;	/* manual section */
	char vendor;		/* 0 all, 'A' AMD and Hygon only */
	bool needed;		/* the fact is MISSING unless every online CPU gives it */
	bool fixed;		/* there only when MTRRcap.FIX is set */
	bool per_range;		/* one a variable range: msr + 2n for each n below MTRRcap.VCNT */
};
/* The allow-list that capture writes and msrs_read() reads, ended by a row with name NULL. IA32_MTRRCAP comes first. */
extern const struct msr_want msr_wants[];

/* "IA32_MTRR_PHYSMASK3" into buf, from the list above; "MSR 0x123" for any other. */
void msr_name(uint32_t msr, char *buf, size_t len);

/*
 * Pure: parse the recorded form. 0, -ENOMEM, or -EBADMSG with *line (1-based) and *what ("no such CPU range" ...).
 * A CPU number above 65535 or a range of more is an error, and so is a last line without newline: it may be cut.
 * Later rows win over earlier ones for the same (cpu, msr). out->cpu: the CPUs that occur; out->fact is left alone.
 */
int msrs_parse(const char *text, size_t len, struct msrs *out, unsigned int *line, const char **what);

/* The recorded form of these registers, CPUs of equal value folded into ranges; malloc'ed, terminated. 0 or -ENOMEM. */
int msrs_format(const struct msrs *m, char **text, size_t *len);

/*
 * Read every wanted register of every online CPU. amd: the CPU is AMD or Hygon (ask for the AMD rows).
 * Always fills out->fact; returns 0 when it is KNOWN, else negative errno. A register that one CPU refuses (-EIO) is
 * simply not in the table; only a CPU without PAT makes the fact MISSING.
 */
int msrs_read(const struct src *s, bool amd, struct msrs *out);
/*
 * One CPU's share of that: the wanted registers from fd (/dev/cpu/N/msr, or any file with 8 bytes at each register's
 * number) are appended to out, unsorted. 0, -ENOMEM, or the negative errno of a failure that is not about one register.
 */
int msrs_read_cpu(int fd, unsigned int cpu, bool amd, struct msrs *out);
void msrs_free(struct msrs *m);

/* true and *value when (cpu, msr) was read. O(log n). */
bool msrs_get(const struct msrs *m, unsigned int cpu, uint32_t msr, uint64_t *value);

/* Pure: "0-3,7" to an ascending list; -EBADMSG when malformed, -ENOMEM. */
int cpulist_parse(const char *text, size_t len, unsigned int **cpu, size_t *n);

#endif
