/* SPDX-License-Identifier: GPL-2.0-or-later */
/* snapshot_pci.c - PCI devices: their links and the sysfs files that are read. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

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
	{ { SLOT "resourceN_wc", "an empty file", NULL, "whether there is one: for prefetchable BARs, when PAT is on" },
	  false },
	{ { SLOT "driver", "a link that ends in the driver's name", NULL, "who holds the device" }, false },
	{ { SLOT "config", "of awake devices: header and capabilities that are needed, zeros between",
	    "the whole space, serial numbers and vital product data zeroed",
	    "is memory decoding on; which BARs are virtio shared memory; payload size" }, false },
};

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
		left_out(t, "config space beyond its header of %u devices: only root may read it, or its list of "
			    "capabilities is damaged", t->cut_configs);
	if (t->o->all)
		left_out(t, "device serial numbers (PCIe capability 3) and vital product data: zeros in config");
	else
		left_out(t, "config space beyond its header and the capabilities that are needed: zeros");
}
