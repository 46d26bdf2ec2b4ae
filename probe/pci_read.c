/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pci_read.c - reads the machine's or a snapshot's PCI devices: identity, BARs and windows through libpci, power and
 * config space by ourselves, since libpci would not ask whether the device sleeps.
 */
#include "pci.h"

#include <dirent.h>
#include <errno.h>
#include <pci/pci.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pci_check.h"
#include "src.h"

#define DEVICES "/sys/bus/pci/devices"

/*
 * Nothing that libpci 3.9 takes from the config space when sysfs has it; see no_config. Not PCI_FILL_PARENT, which leaks
 * two paths of 4 KiB a device, and not PCI_FILL_DRIVER, which wants the driver's directory to exist in a snapshot.
 */
#define WANTED (PCI_FILL_IDENT | PCI_FILL_CLASS | PCI_FILL_CLASS_EXT | PCI_FILL_SUBSYS | PCI_FILL_BASES | PCI_FILL_SIZES | \
		PCI_FILL_IO_FLAGS | PCI_FILL_BRIDGE_BASES | PCI_FILL_NUMA_NODE)

/*
 * libpci falls back to the config space when a sysfs file is missing (subsystem_vendor, revision), and reading that would
 * resume a suspended device. Given a "cache" it looks there instead: bytes that say nothing, and config is never opened.
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
	if (*root)
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
	for (int i = 0; i < 3; i++) {
		struct pci_window *w = &to->window[i];

		/* By position: a closed window has lost its flags (all zero), or has them with no address (UNSET). */
		w->io = i == 0;
		w->prefetch = i == 2;
		w->start = from->bridge_base_addr[i];
		w->end = w->start + from->bridge_size[i];
		if (!from->bridge_size[i] || w->end < w->start || (from->bridge_flags[i] & (RES_UNSET | RES_DISABLED)))
			w->start = w->end = 0;
	}
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

/* What libpci knows. -EIO: it gave up, and sentence[] says why. */
static int read_libpci(const struct src *s, struct pci *out)
{
	struct pci_access *volatile acc = NULL;
	int rc;

	if (setjmp(bail)) {
		rc = -EIO;
	} else {
		acc = new_access();
		scan(acc, src_root(s));
		rc = copy_all(acc, out);
	}
	if (acc)
		pci_cleanup(acc);
	return rc;
}

/* libpci's sentence names the place where the archive happened to be unpacked: show the machine's path. */
static void strip_root(char *text, const char *root)
{
	char *at = *root ? strstr(text, root) : NULL;

	if (at)
		memmove(at, at + strlen(root), strlen(at + strlen(root)) + 1);
}

/* A small sysfs text, or NULL with *err (0: there is no such file). */
static char *small_text(const struct src *s, const char *slot, const char *name, struct blob *b, int *err)
{
	char path[128];
	int rc;

	snprintf(path, sizeof(path), DEVICES "/%s/%s", slot, name);
	rc = src_read(s, path, b);
	*err = rc == -ENOENT || rc == -ENODATA || rc == -ENOTDIR ? 0 : -rc;
	return rc ? NULL : b->data;
}

/* 0: config may be read; EHOSTDOWN: not while it sleeps; else the errno of the file that would have told. */
static int read_power(const struct src *s, struct pci_device *d)
{
	struct blob state = { 0 }, runtime = { 0 };
	int err1, err2;
	const char *a = small_text(s, d->slot, "power_state", &state, &err1);
	const char *b = small_text(s, d->slot, "power/runtime_status", &runtime, &err2);
	bool awake = pci_power_decode(a, b, d);

	blob_free(&state);
	blob_free(&runtime);
	if (d->asleep)
		return EHOSTDOWN;
	if (err1 || err2)
		return err1 ? err1 : err2;
	return awake ? 0 : EHOSTDOWN;
}

static int read_config_bytes(void *ctx, unsigned int offset, void *buf, unsigned int n)
{
	ssize_t r = pread(*(int *)ctx, buf, n, offset);

	return r == (ssize_t)n ? 0 : r < 0 ? -errno : -ENODATA;
}

static void read_config(const struct src *s, struct pci_device *d)
{
	uint8_t header[64];
	char path[128];
	int fd, rc;

	snprintf(path, sizeof(path), DEVICES "/%s/config", d->slot);
	fd = src_open(s, path);
	if (fd < 0) {
		fact_missing(&d->config, s, path, -fd, "run as root");
		return;
	}
	rc = read_config_bytes(&fd, 0, header, sizeof(header));
	if (rc == -ENODATA)
		fact_garbled(&d->config, path, "shorter than a config header");
	else if (rc)
		fact_missing(&d->config, s, path, -rc, NULL);
	else if (pci_config_decode(header, read_config_bytes, &fd, d))
		fact_garbled(&d->config, path, "all ones: the device does not answer");
	else
		fact_known(&d->config, path);
	close(fd);
}

/* Config stays closed when the device sleeps, and when a bridge above does: reading would resume that one first. */
static void guard_config(const struct src *s, const struct pci *p, const int *power, size_t i)
{
	struct pci_device *d = &p->dev[i];
	const char *remedy = src_is_live(s) ? "start its driver or program, or: echo on > /sys/bus/pci/devices/SLOT/power/control" :
					      "wake the device on that machine, then record it again: wcdiag capture";
	char path[128];
	int err = power[i];

	snprintf(path, sizeof(path), DEVICES "/%s/config", d->slot);
	d->virtio_shm_known = d->vendor != 0x1af4;
	if (err && err != EHOSTDOWN) {
		fact_missing(&d->config, s, path, err, NULL);
		return;
	}
	for (int up = d->parent, n = 0; !err && up >= 0 && n < 256; up = p->dev[up].parent, n++)
		if (p->dev[up].asleep)
			err = ENOLINK;
	if (!err) {
		read_config(s, d);
		return;
	}
	fact_missing(&d->config, s, path, EHOSTDOWN, remedy);
	snprintf(d->config.why, sizeof(d->config.why), "%s, and looking would wake it: not read",
		 err == ENOLINK ? "a bridge above it sleeps" :
		 d->asleep ? "the device sleeps" : "it is not certain that the device is awake");
	d->config.remedy = remedy;
}

/* Are there resourceN and resourceN_wc? Listed, never opened. */
static void list_resources(const struct src *s, struct pci_device *d)
{
	static const char name[] = "resource";
	char path[64];
	struct dirent *e;
	DIR *dir;
	int fd;

	snprintf(path, sizeof(path), DEVICES "/%s", d->slot);
	fd = src_open(s, path);
	dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((e = readdir(dir))) {
		const char *end = e->d_name + sizeof(name);

		if (strncmp(e->d_name, name, sizeof(name) - 1) || end[-1] < '0' || end[-1] > '5')
			continue;
		if (!*end)
			d->bar[end[-1] - '0'].has_resource = true;
		else if (!strcmp(end, "_wc"))
			d->bar[end[-1] - '0'].has_wc = true;
	}
	closedir(dir);
}

static int device_link(const struct src *s, const struct pci_device *d, char *buf, size_t len)
{
	char path[64];

	snprintf(path, sizeof(path), DEVICES "/%s", d->slot);
	return src_readlink(s, path, buf, len);
}

/*
 * The kernel's tree of devices is in the link: .../0000:00:01.0/0000:01:00.0 lies below bridge 0000:00:01.0, whose own link
 * must then be the same without the end. A parent's link is always shorter, so that no circle can arise.
 */
static void read_parent(const struct src *s, const struct pci *p, struct pci_device *d)
{
	char link[1024], above[1024], *slash, *name;
	int parent;

	if (device_link(s, d, link, sizeof(link)))
		return;
	slash = strrchr(link, '/');
	if (!slash || strcmp(slash + 1, d->slot))
		return;
	*slash = '\0';
	name = strrchr(link, '/');
	parent = name ? pci_find(p, name + 1) : -1;
	if (parent >= 0 && !device_link(s, &p->dev[parent], above, sizeof(above)) && !strcmp(link, above))
		d->parent = parent;
}

/* The link's last component. */
static void read_driver(const struct src *s, struct pci_device *d)
{
	char path[64], target[512];
	const char *name;

	snprintf(path, sizeof(path), DEVICES "/%s/driver", d->slot);
	if (src_readlink(s, path, target, sizeof(target)))
		return;
	name = strrchr(target, '/');
	snprintf(d->driver, sizeof(d->driver), "%.47s", name ? name + 1 : target);
	for (char *c = d->driver; *c; c++)
		if (*c < 0x20 || *c > 0x7e)
			*c = '?';
}

static int read_rest(const struct src *s, struct pci *p)
{
	int *power = calloc(p->n ? p->n : 1, sizeof(*power));

	if (!power)
		return -ENOMEM;
	for (size_t i = 0; i < p->n; i++) {
		read_parent(s, p, &p->dev[i]);
		power[i] = read_power(s, &p->dev[i]);
	}
	for (size_t i = 0; i < p->n; i++) {
		guard_config(s, p, power, i);
		list_resources(s, &p->dev[i]);
		read_driver(s, &p->dev[i]);
	}
	free(power);
	return 0;
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

int pci_read(const struct src *s, struct pci *out)
{
	int rc;

	*out = (struct pci){ 0 };
	rc = src_is_live(s) ? check_live(s, &out->fact) : pci_check_snapshot(s, &out->fact);
	if (rc)
		return rc;
	/* A device that is unplugged while libpci looks makes it give up: look again. */
	for (int tries = src_is_live(s) ? 3 : 1; tries; tries--) {
		pci_free(out);
		rc = read_libpci(s, out);
		if (rc != -EIO)
			break;
	}
	if (!rc)
		rc = read_rest(s, out);
	if (rc) {
		pci_free(out);
		strip_root(sentence, src_root(s));
		if (rc == -EIO)
			fact_garbled(&out->fact, DEVICES, "%s", sentence);
		else
			fact_missing(&out->fact, s, DEVICES, -rc, NULL);
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
	struct pci_access *volatile acc = NULL;

	if (!setjmp(bail)) {
		acc = new_access();
		pci_init(acc);
		for (size_t i = 0; i < p->n; i++) {
			struct pci_device *d = &p->dev[i];
			char buf[sizeof(d->name)];
			/* Only the installed file: no hwdb, no cache, and above all no question to the network. */
			const char *name = pci_lookup_name(acc, buf, sizeof(buf), PCI_LOOKUP_VENDOR | PCI_LOOKUP_DEVICE |
							   PCI_LOOKUP_NO_NUMBERS | PCI_LOOKUP_NO_HWDB, d->vendor, d->device);

			if (name)
				snprintf(d->name, sizeof(d->name), "%s", name);
		}
	}
	if (acc)
		pci_cleanup(acc);
}
