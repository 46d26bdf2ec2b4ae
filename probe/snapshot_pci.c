/* SPDX-License-Identifier: GPL-2.0-or-later */
/* snapshot_pci.c - PCI devices: their links, the sysfs files that are read, and as much config space as is safe. */
#include <errno.h>
#include <pci/header.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "snapshot_int.h"

#define DEVICES "/sys/bus/pci/devices"

#define SLOT "SLOT/"

const struct snapshot_device_row snapshot_device_rows[SNAPSHOT_DEVICE_ROWS] = {
	{ { SLOT "vendor", "whole", NULL, "which device" }, true },
	{ { SLOT "device", "whole", NULL, "which device" }, true },
	{ { SLOT "class", "whole", NULL, "tells bridges from others" }, true },
	{ { SLOT "revision", "whole", NULL, "libpci would look for it in the config space" }, true },
	{ { SLOT "subsystem_vendor", "whole", NULL, "which board" }, true },
	{ { SLOT "subsystem_device", "whole", NULL, "which board" }, true },
	{ { SLOT "resource", "whole", NULL, "addresses, sizes and flags of BARs and bridge windows" }, true },
	{ { SLOT "irq", "whole", NULL, "libpci before 3.8 reads it in any case" }, true },
	{ { SLOT "numa_node", "whole", NULL, "the socket that the device is near to" }, true },
	{ { SLOT "power_state", "whole", NULL, "a device in D3 does not answer" }, true },
	{ { SLOT "power/runtime_status", "whole", NULL, "a suspended device must not be looked at" }, true },
	{ { SLOT "resourceN", "an empty file", NULL, "whether there is one" }, false },
	{ { SLOT "resourceN_wc", "an empty file", NULL, "whether there is one: the kernel makes it for prefetchable BARs" }, false },
	{ { SLOT "driver", "a link that ends in the driver's name", NULL, "who holds the device" }, false },
	{ { SLOT "config", "of awake devices: header and capabilities that are needed, zeros between",
	    "the whole space, serial numbers and vital product data zeroed",
	    "is memory decoding on; which BARs are virtio shared memory; payload size" }, false },
};

/*
 * What is read of a capability, in bytes. Never more than somebody needs: there are devices that misbehave when
 * undefined registers are read, and some capabilities are windows to elsewhere.
 */
static const struct {
	unsigned int id, len;
	const char *reason;
} caps[] = {
	{ PCI_CAP_ID_PM, 8, "power state as the device itself sees it" },
	{ PCI_CAP_ID_SSVID, 8, "the board, for bridges" },
	{ PCI_CAP_ID_EXP, 20, "negotiated and supported payload sizes" },
	{ PCI_CAP_ID_MSIX, 12, "a BAR with the interrupt table shares its pages with it" },
	{ PCI_CAP_ID_VNDR, 3, "its length; virtio's are longer, see cap_length()" },
};

enum { VIRTIO = 0x1af4, VIRTIO_CAP = 16, VIRTIO_CFG_PCI = 5, VIRTIO_CFG_SHARED_MEMORY = 8, DSN = 0x0003 };

struct config {
	int fd;
	uint8_t b[4096];
	size_t len;
	unsigned int vendor;
	bool all;
	/* Registers that must not be read, or not be recorded. */
	struct hole {
		unsigned int at, len;
	} hole[48];
	unsigned int nholes;
};

static int read_bytes(void *ctx, unsigned int offset, void *buf, unsigned int n)
{
	const struct config *c = ctx;
	ssize_t r = pread(c->fd, buf, n, offset);

	return r == (ssize_t)n ? 0 : r < 0 ? -errno : -ENODATA;
}

static unsigned int cap_length(const struct config *c, unsigned int id)
{
	if (id == PCI_CAP_ID_VNDR && c->vendor == VIRTIO)
		return VIRTIO_CAP;
	for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++)
		if (caps[i].id == id)
			return caps[i].len;
	return 2;	/* id and next: the list stays whole */
}

static void add_hole(struct config *c, unsigned int at, unsigned int len)
{
	if (c->nholes < sizeof(c->hole) / sizeof(c->hole[0]))
		c->hole[c->nholes++] = (struct hole){ at, len };
}

static int one_cap(unsigned int id, unsigned int offset, void *arg)
{
	struct config *c = arg;
	unsigned int n = cap_length(c, id);
	int rc;

	if (n > 256 - offset)
		n = 256 - offset;
	rc = read_bytes(c, offset, c->b + offset, n);
	if (rc)
		return rc;
	/* Vital product data hold serial numbers, and the register shows what was read of them last. */
	if (id == PCI_CAP_ID_VPD)
		add_hole(c, offset + 2, 6);
	/* Reading the last four bytes of this one makes the device read one of its BARs (virtio 1.2, 4.1.4.9). */
	if (id == PCI_CAP_ID_VNDR && c->vendor == VIRTIO && c->b[offset + 3] == VIRTIO_CFG_PCI)
		add_hole(c, offset + VIRTIO_CAP, 4);
	return 0;
}

/* The whole space as the kernel gives it, around the holes. */
static void read_all(struct config *c)
{
	unsigned int at = 0;

	while (at < sizeof(c->b)) {
		unsigned int end = sizeof(c->b), next = sizeof(c->b);
		ssize_t n;

		for (unsigned int i = 0; i < c->nholes; i++)
			if (c->hole[i].at >= at && c->hole[i].at < end) {
				end = c->hole[i].at;
				next = end + c->hole[i].len;
			}
		n = end > at ? pread(c->fd, c->b + at, end - at, at) : 0;
		if (n > 0)
			c->len = at + (size_t)n;
		if (n != (ssize_t)(end - at))
			return;
		at = next;
	}
}

size_t config_censor(uint8_t *cfg, size_t len)
{
	size_t at = 256, seen = 0;

	if (len <= 256)
		return len;
	while (at + 4 <= len && ++seen <= (4096 - 256) / 4) {
		uint32_t head = cfg[at] | cfg[at + 1] << 8 | cfg[at + 2] << 16 | (uint32_t)cfg[at + 3] << 24;

		if (at == 256 && (head == 0 || head == 0xffffffff))
			return len;	/* no extended capabilities */
		if ((head & 0xffff) == DSN) {
			if (at + 12 > len)
				return 256;
			memset(cfg + at + 4, 0, 8);
		}
		at = head >> 20 & ~3u;
		if (!at)
			return len;
		if (at < 256)
			break;
	}
	/* A list that cannot be followed to its end may have a serial number anywhere. */
	return 256;
}

/* true when the config space was read to where it is readable. */
static bool read_config(struct config *c)
{
	if (read_bytes(c, 0, c->b, 64))
		return false;
	c->len = 64;
	/* Without root only the header can be read; a list that bites its tail is not worth more. */
	if (pci_caps_walk(c->b, read_bytes, c, one_cap, c))
		return true;
	if (c->all) {
		read_all(c);
		c->len = config_censor(c->b, c->len);
	} else {
		uint8_t last;

		/* Zeros stand for what was not read, but only where there is something. */
		c->len = read_bytes(c, 255, &last, 1) ? 64 : 256;
	}
	return true;
}

static void take_config(struct taker *t, const struct pci_device *d, const char *dir)
{
	struct config c = { .vendor = d->vendor, .all = t->o->all };
	char path[64], name[1100];

	snprintf(path, sizeof(path), DEVICES "/%s/config", d->slot);
	if (d->config.state != FACT_KNOWN) {
		if (d->config.err == EHOSTDOWN)
			left_out(t, "%s: %s", path, d->config.why);
		else
			miss(t, path, d->config.err, d->config.remedy);
		return;
	}
	c.fd = src_open(t->s, path);
	if (c.fd < 0) {
		miss(t, path, -c.fd, NULL);
		return;
	}
	snprintf(name, sizeof(name), "%s/config", dir);
	if (read_config(&c)) {
		sink_file(t->k, name, c.b, c.len);
		t->cut_configs += c.len == 64;
	} else {
		miss(t, path, EIO, NULL);
	}
	close(c.fd);
}

/* "../../../devices/pci0000:00/0000:00:02.0" and nothing else: a target that cannot lead outside. */
static bool plain_target(const char *target, const char *slot)
{
	static const char start[] = "../../../devices/";
	const char *slash = strrchr(target, '/');

	return !strncmp(target, start, sizeof(start) - 1) && !strstr(target + sizeof(start) - 1, "..") &&
	       !strstr(target + sizeof(start) - 1, "//") && slash && !strcmp(slash + 1, slot) && strlen(target) < 900;
}

/* Where the device's files go; the link to there is written first. */
static void place_device(struct taker *t, const struct pci_device *d, char *dir, size_t len)
{
	char link[64], target[1024];

	snprintf(link, sizeof(link), DEVICES "/%s", d->slot);
	if (!src_readlink(t->s, link, target, sizeof(target)) && plain_target(target, d->slot)) {
		snprintf(dir, len, "sys/%s", target + strlen("../../../"));
		sink_link(t->k, link + 1, target);
	} else {
		snprintf(dir, len, "%s", link + 1);
	}
	sink_dir(t->k, dir);
}

static void take_driver(struct taker *t, const struct pci_device *d, const char *dir)
{
	char target[1200] = "", name[1100], drivers[128];
	size_t n = 0;

	if (!*d->driver || strchr(d->driver, '/') || !strcmp(d->driver, ".") || !strcmp(d->driver, ".."))
		return;
	for (const char *p = dir; (p = strchr(p, '/')) && n + 3 < sizeof(target) - 80; p++, n += 3)
		memcpy(target + n, "../", 4);
	snprintf(target + n, sizeof(target) - n, "bus/pci/drivers/%s", d->driver);
	snprintf(name, sizeof(name), "%s/driver", dir);
	sink_link(t->k, name, target);
	/* What it points at: nothing is in it, but other tools that look at the snapshot want it to exist. */
	snprintf(drivers, sizeof(drivers), "sys/bus/pci/drivers/%s", d->driver);
	for (const struct pci_device *e = t->pci.dev; e < d; e++)
		if (!strcmp(e->driver, d->driver))
			return;
	sink_dir(t->k, drivers);
}

static void take_device(struct taker *t, const struct pci_device *d)
{
	char dir[1024], path[128], name[1100];

	place_device(t, d, dir, sizeof(dir));
	for (size_t i = 0; i < SNAPSHOT_DEVICE_ROWS; i++) {
		const char *file = snapshot_device_rows[i].what.path + strlen(SLOT);
		struct blob b;
		int rc;

		if (!snapshot_device_rows[i].copied)
			continue;
		snprintf(path, sizeof(path), DEVICES "/%s/%s", d->slot, file);
		rc = src_read(t->s, path, &b);
		if (rc == -ENOENT || rc == -ENODATA)
			continue;	/* not every kernel has every file, and the readers know that */
		if (rc) {
			miss(t, path, -rc, NULL);
			continue;
		}
		snprintf(name, sizeof(name), "%s/%s", dir, file);
		sink_file(t->k, name, b.data, b.len);
		blob_free(&b);
	}
	for (int i = 0; i < 6; i++) {
		snprintf(name, sizeof(name), "%s/resource%d", dir, i);
		if (d->bar[i].has_resource)
			sink_file(t->k, name, "", 0);
		snprintf(name, sizeof(name), "%s/resource%d_wc", dir, i);
		if (d->bar[i].has_wc)
			sink_file(t->k, name, "", 0);
	}
	take_driver(t, d, dir);
	take_config(t, d, dir);
}

void take_devices(struct taker *t)
{
	if (t->pci.fact.state == FACT_MISSING) {
		miss(t, t->pci.fact.where, t->pci.fact.err, t->pci.fact.remedy);
		return;
	}
	if (!t->pci.n) {
		if (src_exists(t->s, DEVICES))
			note_absent(t, DEVICES);
		else
			sink_dir(t->k, &DEVICES[1]);
		return;
	}
	for (size_t i = 0; i < t->pci.n; i++)
		take_device(t, &t->pci.dev[i]);
	if (t->cut_configs)
		left_out(t, "config space beyond its header of %u devices: only root may read it, or its list of capabilities is damaged",
			 t->cut_configs);
	if (t->o->all)
		left_out(t, "device serial numbers (PCIe capability 3) and vital product data: zeros in config");
	else
		left_out(t, "config space beyond its header and the capabilities that are needed: zeros");
}

static void take_uio_map(struct taker *t, const char *uio, const char *map)
{
	static const char *const part[] = { "addr", "size", "offset" };
	char path[256];

	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		snprintf(path, sizeof(path), "/sys/class/uio/%.32s/maps/%.32s/%s", uio, map, part[i]);
		take_optional(t, path);
	}
}

/* The name, for reports; the maps; and the device, as a link that ends in its slot. */
static void take_one_uio(struct taker *t, const char *uio)
{
	char path[256], target[1024], link[128];
	struct pci_device d;
	const char *slash;
	char **map;
	size_t n;

	snprintf(path, sizeof(path), "/sys/class/uio/%.32s/name", uio);
	take_optional(t, path);
	snprintf(path, sizeof(path), "/sys/class/uio/%.32s/device", uio);
	if (!src_readlink(t->s, path, target, sizeof(target))) {
		slash = strrchr(target, '/');
		if (slash && !pci_slot_parse(slash + 1, &d)) {
			snprintf(link, sizeof(link), "../../../bus/pci/devices/%s", d.slot);
			sink_link(t->k, path + 1, link);
		}
	}
	snprintf(path, sizeof(path), "/sys/class/uio/%.32s/maps", uio);
	if (src_list(t->s, path, &map, &n))
		return;
	for (size_t i = 0; i < n; i++)
		if (!strncmp(map[i], "map", 3) && !strchr(map[i], '.'))
			take_uio_map(t, uio, map[i]);
	src_list_free(map, n);
}

void take_uio(struct taker *t)
{
	char **uio;
	size_t n;

	/* No such directory: no UIO driver, as on most machines. */
	if (src_list(t->s, "/sys/class/uio", &uio, &n))
		return;
	for (size_t i = 0; i < n; i++)
		if (!strncmp(uio[i], "uio", 3) && strlen(uio[i]) <= 32)
			take_one_uio(t, uio[i]);
	src_list_free(uio, n);
}
