/* SPDX-License-Identifier: GPL-2.0-or-later */
/* snapshot_int.h - what the recorders of snapshot*.c share. */
#ifndef WCDIAG_SNAPSHOT_INT_H
#define WCDIAG_SNAPSHOT_INT_H

#include "cpu.h"
#include "entries.h"
#include "host.h"
#include "pci.h"
#include "snapshot.h"
#include "src.h"

struct taker {
	const struct src *s;
	const struct snapshot_opts *o;
	struct sink *k;
	struct snapshot_report *r;
	struct host host;
	struct cpu cpu;
	struct pci pci;
	struct entries entries;
	unsigned int cut_configs;	/* devices whose config space ends after the header */
	bool nomem;
};

/* Recorders return nothing: sink failures stay in the sink, what cannot be read goes into the report. */
typedef void recorder(struct taker *t);
recorder take_cmdline, take_iomem, take_vmalloc, take_klog, take_maps, take_devices, take_uio;
recorder take_msr, take_cpuid, take_microcode, take_hyper, take_entries, take_buffers, take_errors;

/* What is in a device's directory; copied: a file that is taken as it is. */
#define SNAPSHOT_DEVICE_ROWS 15
extern const struct snapshot_device_row {
	struct snapshot_what what;	/* path: "SLOT/vendor" */
	bool copied;
} snapshot_device_rows[SNAPSHOT_DEVICE_ROWS];

/* Put bytes at the recorded place of a machine path ("/proc/mtrr"). */
void put(struct taker *t, const char *path, const void *data, size_t len);
/* Copy one file as it is; a failure becomes a row of the report. */
void take_whole(struct taker *t, const char *path, const char *remedy);
/* The same for a file whose absence means nothing. */
void take_optional(struct taker *t, const char *path);

/* Rows of the report. err is positive. */
void miss(struct taker *t, const char *path, int err, const char *remedy);
void miss_echo(struct taker *t, const char *path);	/* the last one again, under another name */
void note_absent(struct taker *t, const char *path);
void left_out(struct taker *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Keep the lines for which fn says so, in place; returns how many were dropped. */
size_t keep_lines(struct blob *b, bool (*fn)(const char *line, size_t len, void *arg), void *arg);

/* A device's config space into dir ("sys/devices/.../SLOT"). */
void take_config(struct taker *t, const struct pci_device *d, const char *dir);

/* Pure: clear what must not be recorded of a whole config space; returns how much of it may be. */
size_t config_censor(uint8_t *cfg, size_t len);

#endif
