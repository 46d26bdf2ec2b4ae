/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * microcode.h - which revision of the microcode each CPU runs: an update of the firmware or of the system changes it,
 * and with it errata. No rule judges by it.
 */
#ifndef WCDIAG_MICROCODE_H
#define WCDIAG_MICROCODE_H

#include <stddef.h>
#include <stdint.h>

#include "fact.h"

struct src;

/* Of a snapshot; wcdiag-snapshot(5). */
#define MICROCODE_RECORD "/wcdiag/microcode.txt"

struct microcode_cpu {
	unsigned int cpu;
	uint64_t revision;
};

struct microcode {
	struct microcode_cpu *cpu; /* in the order in which they were named */
	size_t n;
	struct fact fact; /* ABSENT: nobody tells it, as in many guests */
};

/*
 * sysfs's microcode/version of each online CPU, else the lines of /proc/cpuinfo: that file makes some kernels interrupt
 * every CPU. Of a snapshot its record. 0, or a negative errno with the fact filled.
 */
int microcode_read(const struct src *s, struct microcode *out);
void microcode_free(struct microcode *m);

/* "0xd0003a5", or "0xd0003a5 on 31 CPUs, 0xd000389 on 1 CPU (CPU 4)": the commonest first; "" without any. */
void microcode_words(const struct microcode *m, char *buf, size_t len);

/* --- pure halves --- */

/* The record: a line "CPU REVISION" a CPU, # comments. 0, -ENOMEM, or -EBADMSG with *line (1-based). */
int microcode_parse(const char *text, size_t len, struct microcode *out, unsigned int *line);
/* malloc'ed. 0 or -ENOMEM. */
int microcode_format(const struct microcode *m, char **text, size_t *len);
/* Of /proc/cpuinfo the lines "processor" and "microcode"; none is none. 0 or -ENOMEM. */
int microcode_from_cpuinfo(const char *text, size_t len, struct microcode *out);

#endif
