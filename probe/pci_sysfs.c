/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pci_sysfs.c - what libpci does not tell, or not without waking the device: power, config space, resource files, the
 * bridge above, the driver.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pci_int.h"
#include "src.h"

#define DEVICES "/sys/bus/pci/devices"

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

/*
 * What is wanted of a header, and its last byte, which shows that it is whole: in a guest every access costs a trap. The rest
 * is left as nobody's answer.
 */
static int read_header(int fd, uint8_t header[64])
{
	static const struct {
		uint8_t at, len;
	} wanted[] = { { 0, 0x28 }, { 0x34, 4 }, { 0x3f, 1 } };
	int rc = 0;

	memset(header, 0xff, 64);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]) && !rc; i++)
		rc = read_config_bytes(&fd, wanted[i].at, header + wanted[i].at, wanted[i].len);
	return rc;
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
	rc = read_header(fd, header);
	if (rc == -ENODATA)
		fact_garbled(&d->config, path, "shorter than a config header");
	else if (rc)
		fact_missing(&d->config, s, path, -rc, NULL);
	else if ((rc = pci_config_decode(header, read_config_bytes, &fd, d)))
		fact_garbled(&d->config, path, rc == -EBADMSG ? "its ids are not those of the device" :
			     "all ones: the device does not answer");
	else
		fact_known(&d->config, path);
	close(fd);
}

/* Config stays closed when the device sleeps, and when a bridge above does: reading would resume that one first. */
static void guard_config(const struct src *s, const struct pci *p, const int *power, size_t i)
{
	struct pci_device *d = &p->dev[i];
	const char *remedy = src_is_live(s) ?
		"start its driver or program, or: echo on > /sys/bus/pci/devices/SLOT/power/control" :
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
 * The kernel's tree of devices is in the link: .../0000:00:01.0/0000:01:00.0 lies below bridge 0000:00:01.0, whose own
 * link must then be the same without the end. A parent's link is always shorter, so that no circle can arise.
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

int pci_read_sysfs(const struct src *s, struct pci *p)
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
