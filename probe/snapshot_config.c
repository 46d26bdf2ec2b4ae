/* SPDX-License-Identifier: GPL-2.0-or-later */
/* snapshot_config.c - as much of a device's config space as is safe to read and to give away. */
#include <errno.h>
#include <pci/header.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "snapshot_int.h"

#define DEVICES "/sys/bus/pci/devices"

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

static int one_cap(const uint8_t cap[4], unsigned int offset, void *arg)
{
	struct config *c = arg;
	unsigned int id = cap[0], n = cap_length(c, id);
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

void take_config(struct taker *t, const struct pci_device *d, const char *dir)
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
