/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pmu_format.h - what sysfs says of one PMU, and a row of pmu_events.h turned into perf's config words by it.
 *
 * /sys/bus/event_source/devices/NAME/: type (a number, another one after each boot), cpumask (uncore) or cpus (hybrid
 * cores), format/FIELD ("config:0-7,21": the field's bits, filled from the value's least significant bit upwards).
 * Source: Documentation/ABI/testing/sysfs-bus-event_source-devices-format, and tools/perf/util/pmu.c, which fills the
 * same way. Nothing is known here of any CPU: a value that does not fit what the running kernel offers is an error,
 * never cut.
 */
#ifndef WCDIAG_PMU_FORMAT_H
#define WCDIAG_PMU_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fact.h"
#include "pmu_events.h"

struct src;

#define PMU_DEVICES "/sys/bus/event_source/devices"

enum { PMU_WORDS = 3 }; /* config, config1, config2 */
struct pmu_config {
	uint64_t word[PMU_WORDS];
};

struct pmu_field {
	char name[32];
	unsigned char word; /* 0: config, 1: config1, 2: config2 */
	uint64_t mask;	    /* the bits of that word */
	unsigned char nbits;
	unsigned char bit[64]; /* bit[i]: where bit i of the value goes */
};

/*
 * Pure: the text of one format file, a newline at its end allowed. The name is not filled. 0, or -EBADMSG with *what
 * (static) for anything else than config, config1 or config2 and ascending-within-itself ranges of bits up to 63, none
 * of them twice; -EOPNOTSUPP for config3 and above, which this program does not fill.
 */
int pmu_field_parse(const char *text, size_t len, struct pmu_field *out, const char **what);

/* Pure: 0, or -ERANGE when value has bits that the field has no room for, -EEXIST when one of its bits is taken
 * (*used). */
int pmu_field_put(const struct pmu_field *f, uint64_t value, struct pmu_config *used, struct pmu_config *config);

/* One PMU. A core PMU has no cpumask: its events follow a thread. */
struct pmu_box {
	char name[64];
	uint32_t type;
	struct pmu_field *field; /* sorted by name */
	size_t nfields;
	unsigned int *cpu; /* of cpumask: one CPU a package or die, on which the event has to be opened */
	size_t ncpus;	   /* 0: no cpumask */
};

/* 0, or a negative errno and f MISSING with the file at fault; -ENOENT: no such PMU. f is KNOWN after success. */
int pmu_box_read(const struct src *s, const char *name, struct pmu_box *out, struct fact *f);
void pmu_box_free(struct pmu_box *b);

/*
 * The names in PMU_DEVICES that a row means: itself; for "uncore_cha_*" uncore_cha_0, uncore_cha_1, ... (and plain
 * uncore_cha where there is one box only), not uncore_cha_free_running. Free with src_list_free(). 0 with *n 0 when
 * there is none, or what src_list() says of the folder.
 */
int pmu_box_names(const struct src *s, const char *pattern, char ***names, size_t *n);

/* true when name is one of the names that pattern means. Pure. */
bool pmu_name_matches(const char *pattern, const char *name);

/*
 * Pure: 0, or with *at the name of the term at fault: -ENOENT: this PMU has no such field; -ERANGE: the value is wider
 * than the field; -EEXIST: two terms want the same bit.
 */
int pmu_encode(const struct pmu_box *b, const struct pmu_event *e, struct pmu_config *out, const char **at);

#endif
