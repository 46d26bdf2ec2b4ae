/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pci_read.c - reads the PCI devices: of the live machine identity, BARs and windows through libpci.
 */
#include "pci.h"

#include <errno.h>
#include <pci/pci.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pci_int.h"
#include "src.h"

#define DEVICES "/sys/bus/pci/devices"

/*
 * Nothing that libpci 3.9 takes from the config space when sysfs has it; see no_config. Not PCI_FILL_PARENT, which
 * leaks two paths of 4 KiB a device, and not PCI_FILL_DRIVER, which wants the driver's directory to be in a snapshot.
 */
#define WANTED (PCI_FILL_IDENT | PCI_FILL_CLASS | PCI_FILL_CLASS_EXT | PCI_FILL_SUBSYS | PCI_FILL_BASES | \
		PCI_FILL_SIZES | PCI_FILL_IO_FLAGS | PCI_FILL_BRIDGE_BASES | PCI_FILL_NUMA_NODE)

/*
 * libpci falls back to the config space when a sysfs file is missing (subsystem_vendor, revision), and reading that
 * would resume a suspended device. Given a "cache" it looks there instead: bytes that say nothing; config stays closed.
 */
static uint8_t no_config[256];

/* libpci's error callback must not return and gets no context: this is where it jumps, and what it said. */
static _Thread_local jmp_buf bail;
static _Thread_local char sentence[200];

__attribute__((noreturn, format(printf, 1, 2)))
static void on_error(char *msg, ...)
{
	va_list ap;

	va_start(ap, msg);
	vsnprintf(sentence, sizeof(sentence), msg, ap);
	va_end(ap);
	longjmp(bail, 1);
}

__attribute__((format(printf, 1, 2)))
static void on_remark(char *msg, ...)
{
	(void)msg;
}

static struct pci_access *new_access(void)
{
	struct pci_access *acc = pci_alloc();

	acc->method = PCI_ACCESS_SYS_BUS_PCI;
	acc->error = on_error;
	acc->warning = on_remark;
	acc->debug = on_remark;
	return acc;
}

static void scan(struct pci_access *acc, const char *root)
{
	char path[1024];

	snprintf(path, sizeof(path), "%s/sys/bus/pci", root);
	if (*root) /* only a test says so */
		pci_set_param(acc, (char *)"sysfs.path", path);
	pci_init(acc);
	pci_scan_bus(acc);
	for (struct pci_dev *d = acc->devices; d; d = d->next) {
		pci_setup_cache(d, no_config, sizeof(no_config));
		pci_fill_info(d, WANTED);
	}
}

static void copy_windows(const struct pci_dev *from, struct pci_device *to)
{
	unsigned int class = to->class >> 8;

	/* CardBus bridges have other windows at the same lines. */
	if ((class != PCI_CLASS_BRIDGE_PCI && class != 0x0609) || !(from->known_fields & PCI_FILL_BRIDGE_BASES))
		return;
	to->nwindow = 3;
	for (unsigned int i = 0; i < 3; i++)
		pci_window_set(&to->window[i], i, from->bridge_base_addr[i], from->bridge_size[i], from->bridge_flags[i]);
}

static void copy_device(const struct pci_dev *from, struct pci_device *to)
{
	*to = (struct pci_device){
		.domain = (unsigned int)from->domain, .bus = from->bus, .dev = from->dev, .func = from->func,
		.vendor = from->vendor_id, .device = from->device_id,
		.sub_vendor = from->subsys_vendor_id, .sub_device = from->subsys_id,
		.class = (uint32_t)from->device_class << 8 | from->prog_if,
		.parent = -1, .numa_node = from->numa_node, .command = -1,
	};
	snprintf(to->slot, sizeof(to->slot), "%04x:%02x:%02x.%x", to->domain, to->bus, to->dev, to->func);
	snprintf(to->name, sizeof(to->name), "%04x:%04x", to->vendor, to->device);
	for (int i = 0; i < 6; i++) {
		to->bar[i].flags = from->flags[i];
		to->bar[i].size = from->size[i];
		/* libpci puts the low flag bits into the address. */
		to->bar[i].addr = from->base_addr[i] & (from->flags[i] & RES_IO ? PCI_ADDR_IO_MASK : PCI_ADDR_MEM_MASK);
	}
	copy_windows(from, to);
}

static int copy_all(const struct pci_access *acc, struct pci *out)
{
	size_t n = 0;

	for (const struct pci_dev *d = acc->devices; d; d = d->next)
		n++;
	out->dev = calloc(n ? n : 1, sizeof(*out->dev));
	if (!out->dev)
		return -ENOMEM;
	for (const struct pci_dev *d = acc->devices; d; d = d->next)
		copy_device(d, &out->dev[out->n++]);
	qsort(out->dev, out->n, sizeof(*out->dev), pci_device_cmp);
	return 0;
}

int pci_libpci_read(const char *root, struct pci *out, const char **why)
{
	struct pci_access *volatile acc = NULL;
	int rc;

	if (setjmp(bail)) {
		rc = -EIO;
	} else {
		acc = new_access();
		scan(acc, root);
		rc = copy_all(acc, out);
	}
	if (acc)
		pci_cleanup(acc);
	*why = sentence;
	return rc;
}

/* The live machine: is there a PCI bus at all? */
static int check_live(const struct src *s, struct fact *f)
{
	int rc = src_exists(s, DEVICES);

	if (rc == -ENOENT && src_exists(s, "/sys/bus") == 0)
		fact_absent(f, DEVICES);
	else if (rc)
		fact_missing(f, s, DEVICES, -rc, "mount sysfs on /sys");
	return rc;
}

static int read_live(const struct src *s, struct pci *out)
{
	const char *why;
	int rc = check_live(s, &out->fact);

	if (rc)
		return rc;
	/* A device that is unplugged while libpci looks makes it give up: look again. */
	for (int tries = 3; tries; tries--) {
		pci_free(out);
		rc = pci_libpci_read("", out, &why);
		if (rc != -EIO)
			break;
	}
	if (rc == -EIO)
		fact_garbled(&out->fact, DEVICES, "%s", why);
	else if (rc)
		fact_missing(&out->fact, s, DEVICES, -rc, NULL);
	return rc;
}

int pci_read(const struct src *s, struct pci *out)
{
	int rc;

	*out = (struct pci){ 0 };
	rc = src_is_live(s) ? read_live(s, out) : pci_replay_list(s, out, &out->fact);
	if (!rc)
		rc = pci_read_sysfs(s, out, &out->fact);
	if (rc) {
		pci_free(out);
		return rc;
	}
	if (out->n)
		fact_known(&out->fact, DEVICES);
	else
		fact_absent(&out->fact, DEVICES);
	return 0;
}

void pci_names(struct pci *p)
{
	/* Only the installed file: no hwdb, no cache, and above all no question to the network. */
	const int flags = PCI_LOOKUP_VENDOR | PCI_LOOKUP_DEVICE | PCI_LOOKUP_NO_NUMBERS | PCI_LOOKUP_NO_HWDB;
	struct pci_access *volatile acc = NULL;

	if (!setjmp(bail)) {
		acc = new_access();
		pci_init(acc);
		for (size_t i = 0; i < p->n; i++) {
			struct pci_device *d = &p->dev[i];
			char buf[sizeof(d->name)];
			const char *name = pci_lookup_name(acc, buf, sizeof(buf), flags, d->vendor, d->device);

			if (name)
				snprintf(d->name, sizeof(d->name), "%s", name);
		}
	}
	if (acc)
		pci_cleanup(acc);
}
