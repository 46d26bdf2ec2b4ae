/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cpu_raw.h - internal: CPUID registers before anything is decoded. The only header beside libcpuid's own that
 * cpu_lib.c sees: the two define enumerators of the same name.
 */
#ifndef WCDIAG_CPU_RAW_H
#define WCDIAG_CPU_RAW_H

#include <stddef.h>
#include <stdint.h>

#define CPU_RAW_LEAVES 32

enum { CPU_EAX, CPU_EBX, CPU_ECX, CPU_EDX };

/* [leaf or leaf - 0x80000000][register], subleaf 0; leaves above what leaf 0 announces are whatever was found. */
struct cpu_raw {
	uint32_t basic[CPU_RAW_LEAVES][4];
	uint32_t ext[CPU_RAW_LEAVES][4];
};

/* How many leaves of a group exist, at most CPU_RAW_LEAVES; 0 when its leaf 0 does not announce any. */
unsigned int cpu_raw_basic(const struct cpu_raw *r);
unsigned int cpu_raw_ext(const struct cpu_raw *r);

/* Pure: libcpuid's raw form, the first CPU in it. 0, or -EBADMSG with *line and *what. */
int cpu_raw_parse(const char *text, size_t len, struct cpu_raw *out, unsigned int *line, const char **what);

/* Through libcpuid (cpu_lib.c): 0 or negative errno. */
int cpu_raw_live(struct cpu_raw *out);
int cpu_raw_record(char **text, size_t *len);
/* "" when libcpuid does not know the CPU. */
void cpu_raw_codename(const struct cpu_raw *r, char *name, size_t len);

#endif
