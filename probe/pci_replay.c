/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pci_replay.c - a snapshot's PCI devices from the files that the kernel wrote for libpci; the same answer as libpci's,
 * which a test compares.
 */
#include "pci_int.h"

#include <ctype.h>
#include <errno.h>
#include <pci/header.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICES "/sys/bus/pci/devices"

/* Far more than a machine has. */
enum { MAX_DEVICES = 16384, MAX_RESOURCE = 4096, MAX_NUMBER = 64 };

enum field { VENDOR, DEVICE, CLASS, SUB_VENDOR, SUB_DEVICE, NUMA_NODE, NFIELDS };

static const struct {
	const char *name;
	bool needed; /* and written as the kernel writes it */
	int absent;
} fields[NFIELDS] = {
	[VENDOR] = { "vendor", true, 0 },
	[DEVICE] = { "device", true, 0 },
	[CLASS] = { "class", true, 0 },
	[SUB_VENDOR] = { "subsystem_vendor", false, -1 },
	[SUB_DEVICE] = { "subsystem_device", false, -1 },
	[NUMA_NODE] = { "numa_node", false, -1 },
};

/* "0x1af4\n"; strtol() would take "1af4" for 1. */
static bool is_hex(const char *text, size_t len)
{
	size_t n = 2;

	if (len < 3 || text[0] != '0' || text[1] != 'x')
		return false;
	while (n < len && isxdigit((unsigned char)text[n]))
		n++;
	return n > 2 && n <= 10 && (n == len || (text[n] == '\n' && n + 1 == len));
}

static void name_of(const struct src_dir *dir, const char *name, char where[160])
{
	snprintf(where, 160, "%s/%s", dir->path, name);
}

/* A file that must be one. The count, -ENOENT: there is none; else a negative errno with f filled. */
static int read_file(const struct src_dir *dir, const char *name, char *buf, size_t len, struct fact *f)
{
	char kind = src_dir_kind(dir, name), where[160];
	int n;

	if (!kind)
		return -ENOENT;
	name_of(dir, name, where);
	if (kind != SRC_FILE) {
		fact_garbled(f, where, "not a regular file");
		return -EBADMSG;
	}
	n = src_dir_read(dir, name, buf, len);
	if (n < 0)
		fact_missing(f, dir->s, where, -n, NULL);
	return n;
}

/* What the snapshot lacks though it is needed. */
static int lacks(const struct src_dir *dir, const char *name, struct fact *f)
{
	char where[160];
	int rc;

	name_of(dir, name, where);
	rc = src_exists(dir->s, where);
	fact_missing(f, dir->s, where, rc ? -rc : ENODATA, NULL);
	return -f->err;
}

static int read_number(const struct src_dir *dir, enum field which, long *value, struct fact *f)
{
	char text[MAX_NUMBER + 1], where[160];
	int n = read_file(dir, fields[which].name, text, MAX_NUMBER, f);

	*value = fields[which].absent;
	if (n == -ENOENT)
		return fields[which].needed ? lacks(dir, fields[which].name, f) : 0;
	if (n < 0)
		return n;
	text[n] = '\0';
	if (fields[which].needed && !is_hex(text, (size_t)n)) {
		name_of(dir, fields[which].name, where);
		fact_garbled(f, where, "not a number as the kernel writes it (0x...)");
		return -EBADMSG;
	}
	*value = strtol(text, NULL, 0);
	return 0;
}

static void set_bar(struct pci_bar *b, const struct pci_resource *r)
{
	b->flags = r->flags;
	b->addr = r->start & (r->flags & RES_IO ? ~UINT64_C(3) : ~UINT64_C(15));
	b->size = r->end > r->start ? r->end - r->start + 1 : 0;
}

/*
 * Behind the ROM follow six lines for virtual functions, where the kernel knows them, and four windows on a bridge
 * (drivers/pci/pci-sysfs.c resource_show(); include/linux/pci.h, the numbers of resources).
 */
static void set_windows(struct pci_device *d, const struct pci_resource *r, unsigned int lines)
{
	enum { BEFORE = 7, IOV = 6, WINDOWS = 4 };
	unsigned int class = d->class >> 8, at = lines == BEFORE + IOV + WINDOWS ? BEFORE + IOV : BEFORE;

	/* CardBus bridges have other windows at the same lines. */
	if ((class != PCI_CLASS_BRIDGE_PCI && class != 0x0609) || at + WINDOWS != lines)
		return;
	d->nwindow = 3;
	for (unsigned int i = 0; i < 3; i++) {
		const struct pci_resource *from = &r[at + i];

		pci_window_set(&d->window[i], i, from->start, from->end > from->start ? from->end - from->start + 1 : 0,
			       from->flags);
	}
}

static int read_resource(const struct src_dir *dir, struct pci_device *d, struct fact *f)
{
	struct pci_resource r[PCI_RESOURCE_LINES];
	char text[MAX_RESOURCE], where[160];
	unsigned int line;
	const char *what;
	int n = read_file(dir, "resource", text, sizeof(text), f);

	if (n == -ENOENT)
		return lacks(dir, "resource", f);
	if (n < 0)
		return n;
	if (pci_resource_parse(text, (size_t)n, r, &line, &what)) {
		name_of(dir, "resource", where);
		fact_garbled(f, where, "line %u: %s", line, what);
		return -EBADMSG;
	}
	for (int i = 0; i < 6; i++)
		set_bar(&d->bar[i], &r[i]);
	set_windows(d, r, line);
	return 0;
}

int pci_replay_device(const struct src_dir *dir, struct pci_device *d, struct fact *f)
{
	long v[NFIELDS];
	int rc = 0;

	for (enum field i = 0; i < NFIELDS && !rc; i++)
		rc = read_number(dir, i, &v[i], f);
	if (rc)
		return rc;
	d->vendor = (uint16_t)v[VENDOR];
	d->device = (uint16_t)v[DEVICE];
	d->class = (uint32_t)v[CLASS] & 0xffffff;
	if (v[SUB_VENDOR] >= 0) { /* without its vendor the device's number says nothing */
		d->sub_vendor = (uint16_t)v[SUB_VENDOR];
		d->sub_device = v[SUB_DEVICE] >= 0 ? (uint16_t)v[SUB_DEVICE] : 0;
	}
	d->numa_node = (int)v[NUMA_NODE];
	d->parent = d->command = -1;
	snprintf(d->name, sizeof(d->name), "%04x:%04x", d->vendor, d->device);
	return read_resource(dir, d, f);
}

static int take_names(char **names, size_t n, struct pci *out, struct fact *f)
{
	for (size_t i = 0; i < n; i++) {
		if (names[i][0] == '.') /* libpci passes them over, too */
			continue;
		if (pci_slot_parse(names[i], &out->dev[out->n])) {
			fact_garbled(f, DEVICES, "an entry that is no PCI slot");
			return -EBADMSG;
		}
		out->n++;
	}
	qsort(out->dev, out->n, sizeof(*out->dev), pci_device_cmp);
	return 0;
}

int pci_replay_list(const struct src *s, struct pci *out, struct fact *f)
{
	char **names;
	size_t n;
	int rc = src_list(s, DEVICES, &names, &n);

	if (!rc && n > MAX_DEVICES) {
		fact_garbled(f, DEVICES, "more than %d devices", MAX_DEVICES);
		rc = -E2BIG;
	} else if (!rc) {
		out->dev = calloc(n ? n : 1, sizeof(*out->dev));
		rc = out->dev ? take_names(names, n, out, f) : -ENOMEM;
	}
	if (rc && f->state == FACT_NOT_READ) {
		if (rc == -ENOENT) /* recorded: the machine itself had none */
			fact_absent(f, DEVICES);
		else
			fact_missing(f, s, DEVICES, -rc, NULL);
	}
	src_list_free(names, n);
	return rc;
}
