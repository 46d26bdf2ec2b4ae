/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pci_sysfs.c - what libpci does not tell, or not without waking the device: power, config space, resource files, the
 * bridge above, the driver. Each device's directory is opened once.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pci_int.h"
#include "resolve.h"

#define DEVICES "/sys/bus/pci/devices"

/* What is known of a device until all of them are. */
struct seen {
	char *link; /* where it stands in the kernel's tree, or NULL */
	int power;  /* 0: config may be read; EHOSTDOWN: not while it sleeps; else the errno of the file that would have told */
	int nconfig;		 /* of a snapshot: bytes of the config space, or negative errno */
	uint8_t config[256];
};

/* Bytes of a config space: from a file, or those of a snapshot. */
struct config {
	int fd;
	const uint8_t *bytes;
	unsigned int len;
};

/* A small sysfs text, or NULL with *err (0: there is no such file). */
static const char *small_text(const struct src_dir *dir, const char *name, char buf[64], int *err)
{
	int n = src_dir_read(dir, name, buf, 63);

	*err = n >= 0 || n == -ENOENT || n == -ENODATA || n == -ENOTDIR ? 0 : -n;
	buf[n > 0 ? n : 0] = '\0';
	return n < 0 ? NULL : buf;
}

static int read_power(const struct src_dir *dir, struct pci_device *d)
{
	char state[64], runtime[64];
	int err1, err2;
	const char *a = small_text(dir, "power_state", state, &err1);
	const char *b = small_text(dir, "power/runtime_status", runtime, &err2);
	bool awake = pci_power_decode(a, b, d);

	if (d->asleep)
		return EHOSTDOWN;
	if (err1 || err2)
		return err1 ? err1 : err2;
	return awake ? 0 : EHOSTDOWN;
}

static int read_config_bytes(void *ctx, unsigned int offset, void *buf, unsigned int n)
{
	const struct config *c = ctx;
	ssize_t r;

	if (c->bytes) {
		if (offset > c->len || n > c->len - offset)
			return -ENODATA;
		memcpy(buf, c->bytes + offset, n);
		return 0;
	}
	r = pread(c->fd, buf, n, offset);
	return r == (ssize_t)n ? 0 : r < 0 ? -errno : -ENODATA;
}

/*
 * What is wanted of a header, and its last byte, which shows that it is whole: in a guest every access costs a trap. The rest
 * is left as nobody's answer.
 */
static int read_header(struct config *c, uint8_t header[64])
{
	static const struct {
		uint8_t at, len;
	} wanted[] = { { 0, 0x28 }, { 0x34, 4 }, { 0x3f, 1 } };
	int rc = 0;

	memset(header, 0xff, 64);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]) && !rc; i++)
		rc = read_config_bytes(c, wanted[i].at, header + wanted[i].at, wanted[i].len);
	return rc;
}

static void read_config(const struct src *s, const struct seen *seen, struct pci_device *d)
{
	struct config c = { .fd = -1 };
	uint8_t header[64];
	char path[128];
	int rc;

	snprintf(path, sizeof(path), DEVICES "/%s/config", d->slot);
	if (src_is_live(s)) {
		c.fd = src_open(s, path);
	} else {
		c.bytes = seen->config;
		c.len = seen->nconfig < 0 ? 0 : (unsigned int)seen->nconfig;
	}
	rc = src_is_live(s) ? c.fd : seen->nconfig;
	if (rc < 0) {
		fact_missing(&d->config, s, path, -rc, "run as root");
		return;
	}
	rc = read_header(&c, header);
	if (rc == -ENODATA)
		fact_garbled(&d->config, path, "shorter than a config header");
	else if (rc)
		fact_missing(&d->config, s, path, -rc, NULL);
	else if ((rc = pci_config_decode(header, read_config_bytes, &c, d)))
		fact_garbled(&d->config, path, rc == -EBADMSG ? "its ids are not those of the device" :
			     "all ones: the device does not answer");
	else
		fact_known(&d->config, path);
	if (c.fd >= 0)
		close(c.fd);
}

/* Config stays closed when the device sleeps, and when a bridge above does: reading would resume that one first. */
static void guard_config(const struct src *s, const struct pci *p, const struct seen *seen, size_t i)
{
	struct pci_device *d = &p->dev[i];
	const char *remedy = src_is_live(s) ?
		"start its driver or program, or: echo on > /sys/bus/pci/devices/SLOT/power/control" :
		"wake the device on that machine, then record it again: wcdiag capture";
	char path[128];
	int err = seen[i].power;

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
		read_config(s, &seen[i], d);
		return;
	}
	fact_missing(&d->config, s, path, EHOSTDOWN, remedy);
	snprintf(d->config.why, sizeof(d->config.why), "%s, and looking would wake it: not read",
		 err == ENOLINK ? "a bridge above it sleeps" :
		 d->asleep ? "the device sleeps" : "it is not certain that the device is awake");
	d->config.remedy = remedy;
}

/* Are there resourceN and resourceN_wc? Listed, never opened. */
static void see_resource(void *ctx, const char *entry, char kind)
{
	static const char name[] = "resource";
	const char *end = entry + sizeof(name);
	struct pci_device *d = ctx;

	(void)kind;
	if (strncmp(entry, name, sizeof(name) - 1) != 0 || end[-1] < '0' || end[-1] > '5')
		return;
	if (!*end)
		d->bar[end[-1] - '0'].has_resource = true;
	else if (!strcmp(end, "_wc"))
		d->bar[end[-1] - '0'].has_wc = true;
}

/*
 * The kernel's tree of devices is in the link: .../0000:00:01.0/0000:01:00.0 lies below bridge 0000:00:01.0, whose own
 * link must then be the same without the end. A parent's link is always shorter, so that no circle can arise.
 */
static int find_parent(const struct pci *p, const struct seen *seen, size_t i)
{
	const char *link = seen[i].link, *slash = link ? strrchr(link, '/') : NULL, *above;
	char name[sizeof(p->dev[i].slot)];
	size_t n;
	int parent;

	if (!slash || strcmp(slash + 1, p->dev[i].slot) != 0)
		return -1;
	above = memrchr(link, '/', (size_t)(slash - link));
	n = above ? (size_t)(slash - above - 1) : sizeof(name);
	if (n >= sizeof(name))
		return -1;
	memcpy(name, above + 1, n);
	name[n] = '\0';
	parent = pci_find(p, name);
	if (parent < 0 || !seen[parent].link || strncmp(seen[parent].link, link, (size_t)(slash - link)) != 0 ||
	    seen[parent].link[slash - link])
		return -1;
	return parent;
}

/* The link's last component. */
static void read_driver(const struct src_dir *dir, struct pci_device *d)
{
	char target[512];
	const char *name;

	if (src_dir_kind(dir, "driver") != SRC_LINK || src_dir_readlink(dir, "driver", target, sizeof(target)))
		return;
	name = strrchr(target, '/');
	snprintf(d->driver, sizeof(d->driver), "%.47s", name ? name + 1 : target);
	for (char *c = d->driver; *c; c++)
		if (*c < 0x20 || *c > 0x7e)
			*c = '?';
}

/* Where the device stands. The kernel's links lead to sys/devices, never out of a snapshot. */
static int read_link(const struct src_dir *bus, const struct pci_device *d, struct seen *seen, struct fact *f)
{
	char target[1024], where[64];

	if (src_dir_readlink(bus, d->slot, target, sizeof(target)))
		return 0;
	if (!src_is_live(bus->s) && !resolve_stays_inside(4, target)) {
		snprintf(where, sizeof(where), DEVICES "/%s", d->slot);
		fact_garbled(f, where, "points outside the snapshot");
		return -EPERM;
	}
	seen->link = strdup(target);
	return seen->link ? 0 : -ENOMEM;
}

static int read_device(const struct src *s, struct pci_device *d, struct seen *seen, struct fact *f)
{
	struct src_dir dir;
	char path[64];
	int rc;

	snprintf(path, sizeof(path), DEVICES "/%s", d->slot);
	rc = src_dir_open(s, path, &dir);
	if (rc && src_is_live(s)) { /* it was unplugged, as a rule: reading its config space will say so */
		seen->power = rc == -ENOENT ? 0 : -rc;
		return rc == -ENOMEM ? rc : 0;
	}
	if (rc) {
		fact_missing(f, s, path, -rc, NULL);
		return rc;
	}
	if (!src_is_live(s)) {
		rc = pci_replay_device(&dir, d, f);
		seen->nconfig = src_dir_read(&dir, "config", seen->config, sizeof(seen->config));
	}
	if (!rc) {
		seen->power = read_power(&dir, d);
		src_dir_each(&dir, see_resource, d);
		read_driver(&dir, d);
	}
	src_dir_close(&dir);
	return rc;
}

int pci_read_sysfs(const struct src *s, struct pci *p, struct fact *f)
{
	struct seen *seen = calloc(p->n ? p->n : 1, sizeof(*seen));
	struct src_dir bus;
	int rc = seen ? src_dir_open(s, DEVICES, &bus) : -ENOMEM;

	if (!rc) {
		for (size_t i = 0; i < p->n && !rc; i++) {
			rc = read_link(&bus, &p->dev[i], &seen[i], f);
			if (!rc)
				rc = read_device(s, &p->dev[i], &seen[i], f);
		}
		src_dir_close(&bus);
	}
	for (size_t i = 0; i < p->n && !rc; i++)
		p->dev[i].parent = find_parent(p, seen, i);
	for (size_t i = 0; i < p->n && !rc; i++)
		guard_config(s, p, seen, i);
	if (rc && f->state == FACT_NOT_READ)
		fact_missing(f, s, DEVICES, -rc, NULL);
	for (size_t i = 0; seen && i < p->n; i++)
		free(seen[i].link);
	free(seen);
	return rc;
}
