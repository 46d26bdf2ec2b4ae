/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_pciconfig.c - config space, the resource file, slots, power words and filters. The first byte says how many
 * bytes of a text stand before the rest.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/pci.h"
#include "probe/snapshot_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bytes {
	const uint8_t *p;
	size_t len;
};

static int read_bytes(void *ctx, unsigned int offset, void *buf, unsigned int n)
{
	const struct bytes *b = ctx;

	if (offset > b->len || n > b->len - offset)
		return -ENODATA;
	memcpy(buf, b->p + offset, n);
	return 0;
}

static void config(const uint8_t *p, size_t len)
{
	struct bytes b = { p, len };

	if (len < 64)
		return;
	for (int virtio = 0; virtio < 2; virtio++) {
		struct pci_device d = { .vendor = 0x1af4, .device = virtio ? 0x1041 : 0x1110 };
		int rc = pci_config_decode(p, read_bytes, &b, &d);

		if (d.command < -1 || d.command > 0xffff || (rc && d.command != -1))
			abort();
		if (d.mps & (d.mps - 1) || d.mps > 4096 || (d.mps && d.mps < 128) || (rc && (d.mps || d.mps_supported)) ||
		    d.mps_supported & (d.mps_supported - 1) || d.mps_supported > 4096)
			abort();
		if (d.virtio_shm >> 6 || (!virtio && d.virtio_shm))
			abort();
	}
}

/* Whatever is left of it has no serial number that a walk along the list would find. */
static void censor(const uint8_t *p, size_t len)
{
	uint8_t *cfg = malloc(len ? len : 1);
	size_t n, at = 256;

	memcpy(cfg, p, len);
	n = config_censor(cfg, len);
	if (n > len || (n < len && n != 256))
		abort();
	if (n > 260 && !memcmp(cfg + 256, "\xff\xff\xff\xff", 4)) /* there is no list */
		n = 0;
	for (int i = 0; n > 256 && at >= 256 && at + 4 <= n && i < 2000; i++) {
		if (cfg[at] == 3 && !cfg[at + 1] && (at + 12 > n || memcmp(cfg + at + 4, "\0\0\0\0\0\0\0", 8)))
			abort();
		at = (cfg[at + 3] << 8 | cfg[at + 2]) >> 4 & 0xffc;
	}
	free(cfg);
}

/* libpci's own reading of a line must not fail where ours did not, and must give the same. */
static void resource(const char *text, size_t len)
{
	const char *what = NULL, *p = text, *end = text + len;
	unsigned int line = 0, seen = 0;
	struct pci_resource r[PCI_RESOURCE_LINES];

	if (pci_resource_parse(text, len, r, &line, &what)) {
		if (!what)
			abort();
		return;
	}
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		unsigned long long a, b, c;
		char buf[256];
		size_t n = (size_t)((nl ? nl : end) - p);

		if (n >= sizeof(buf))
			abort();
		memcpy(buf, p, n);
		buf[n] = '\0';
		if (sscanf(buf, "%llx %llx %llx", &a, &b, &c) != 3 || seen == PCI_RESOURCE_LINES ||
		    r[seen].start != a || r[seen].end != b || r[seen].flags != c)
			abort();
		seen++;
		p += n + (nl != NULL);
	}
	if (seen != line || seen < 7 || seen > 17)
		abort();
}

static void words(const char *a, const char *b)
{
	struct pci_device d = { 0 }, again = { 0 };
	struct pci p = { .dev = &d, .n = 1 };
	char what[80];
	bool out[1];

	if (pci_power_decode(a, b, &d) && d.asleep)
		abort();
	pci_select(&p, a, b, out, what, sizeof(what));
	if (pci_slot_parse(a, &d) == 0 &&
	    (strcmp(d.slot, a) || pci_slot_parse(d.slot, &again) || pci_device_cmp(&d, &again)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n = size ? data[0] : 0;
	char *a, *b;

	config(data, size);
	censor(data, size < 4096 ? size : 4096);
	resource((const char *)data, size);
	if (!size || n > size - 1)
		return 0;
	a = strndup((const char *)data + 1, n);
	b = strndup((const char *)data + 1 + n, size - 1 - n);
	words(a, b);
	resource((const char *)data + 1 + n, size - 1 - n);
	free(a);
	free(b);
	return 0;
}
