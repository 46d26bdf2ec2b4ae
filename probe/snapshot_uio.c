/* SPDX-License-Identifier: GPL-2.0-or-later */
/* snapshot_uio.c - the maps of UIO devices, which tell to which BAR a mapping of /dev/uioN belongs. */
#include <stdio.h>
#include <string.h>

#include "snapshot_int.h"

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
