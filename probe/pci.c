/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pci.c - the pure half: slots, power words, the resource file's shape, config space, and lspci's filters. */
#include "pci_int.h"

#include <ctype.h>
#include <errno.h>
#include <pci/pci.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *word;	/* Linux drivers/pci/pci.c, pci_power_names[] */
	bool asleep;
} powers[] = {
	[PCI_POWER_UNKNOWN] = { "unknown", false },
	[PCI_POWER_D0] = { "D0", false },
	[PCI_POWER_D1] = { "D1", true },
	[PCI_POWER_D2] = { "D2", true },
	[PCI_POWER_D3HOT] = { "D3hot", true },
	[PCI_POWER_D3COLD] = { "D3cold", true },
};

/* Linux drivers/base/power/sysfs.c, runtime_status_show(). "unsupported": runtime PM is off, nothing suspends it. */
static const struct {
	const char *word;
	bool suspended, awake;
} runtimes[] = {
	{ "active", false, true },
	{ "unsupported", false, true },
	{ "resuming", false, false },
	{ "suspending", true, false },
	{ "suspended", true, false },
	{ "error", false, false },
};

const char *pci_power_name(enum pci_power p)
{
	return (unsigned int)p < sizeof(powers) / sizeof(powers[0]) ? powers[p].word : "unknown";
}

static bool same_word(const char *text, const char *word)
{
	size_t n = strcspn(text, " \t\r\n");

	return n == strlen(word) && !memcmp(text, word, n);
}

bool pci_power_decode(const char *power_state, const char *runtime_status, struct pci_device *d)
{
	bool state_known = !power_state, awake = !runtime_status;

	d->power = PCI_POWER_UNKNOWN;
	d->suspended = false;
	for (size_t i = 0; power_state && i < sizeof(powers) / sizeof(powers[0]); i++)
		if (same_word(power_state, powers[i].word)) {
			d->power = (enum pci_power)i;
			state_known = true;
		}
	for (size_t i = 0; runtime_status && i < sizeof(runtimes) / sizeof(runtimes[0]); i++)
		if (same_word(runtime_status, runtimes[i].word)) {
			d->suspended = runtimes[i].suspended;
			awake = runtimes[i].awake;
		}
	d->power_said = power_state || runtime_status;
	d->asleep = d->suspended || powers[d->power].asleep;
	/*
	 * The word "unknown" is no bad sign: a device without the power management capability, or that no driver has
	 * enabled yet, has it all its life. Any word that this table does not have ("error") is.
	 */
	return awake && state_known && !d->asleep;
}

static bool hex_field(const char **p, unsigned int min, unsigned int max, unsigned int *out)
{
	unsigned int n = 0, v = 0;

	for (; isxdigit((unsigned char)**p) && n < max; n++, (*p)++)
		v = v << 4 | (unsigned int)(isdigit((unsigned char)**p) ? **p - '0' : (**p | 0x20) - 'a' + 10);
	*out = v;
	return n >= min;
}

int pci_slot_parse(const char *slot, struct pci_device *out)
{
	unsigned int domain, bus, dev, func;
	const char *p = slot;
	char again[20];

	if (!hex_field(&p, 4, 8, &domain) || *p++ != ':' || !hex_field(&p, 2, 2, &bus) || *p++ != ':' ||
	    !hex_field(&p, 2, 2, &dev) || *p++ != '.' || !hex_field(&p, 1, 1, &func) || *p)
		return -EINVAL;
	if (domain > INT32_MAX || dev > 31 || func > 7)
		return -EINVAL;
	/* libpci builds its paths from the numbers: a name it would write otherwise would be another file. */
	snprintf(again, sizeof(again), "%04x:%02x:%02x.%x", domain, bus, dev, func);
	if (strcmp(again, slot))
		return -EINVAL;
	out->domain = domain;
	out->bus = bus;
	out->dev = dev;
	out->func = func;
	memcpy(out->slot, again, sizeof(again));
	return 0;
}

int pci_caps_walk(const uint8_t header[64], pci_config_reader *rd, void *ctx,
		  int (*fn)(const uint8_t cap[4], unsigned int offset, void *arg), void *arg)
{
	unsigned int type = header[0x0e] & 0x7f, at;
	uint64_t seen = 0;

	if (!(header[6] & PCI_STATUS_CAP_LIST))
		return 0;
	at = header[type == PCI_HEADER_TYPE_CARDBUS ? PCI_CB_CAPABILITY_LIST : PCI_CAPABILITY_LIST] & ~3u;
	for (int n = 0; at; n++) {
		uint8_t cap[4];
		int rc;

		if (at < 0x40 || n >= 48 || (seen & UINT64_C(1) << at / 4))
			return -EBADMSG;
		seen |= UINT64_C(1) << at / 4;
		rc = rd(ctx, at, cap, sizeof(cap));
		if (rc)
			return rc;
		if (cap[0] == 0xff)
			return -EBADMSG;
		rc = fn(cap, at, arg);
		if (rc)
			return rc;
		at = cap[1] & ~3u;
	}
	return 0;
}

/* Virtio 1.2, 4.1.4: vendor-specific capability, byte 3 is cfg_type, byte 4 the BAR. */
enum { VIRTIO_CFG_TYPE = 3, VIRTIO_CFG_SHARED_MEMORY = 8 };

struct shm_scan {
	pci_config_reader *rd;
	void *ctx;
	struct pci_device *d;
	bool virtio;
	unsigned int bars;
};

/* No more than the BAR's byte: behind another virtio capability lies a window through which reads reach a BAR. */
static int shm_cap(const uint8_t cap[4], unsigned int offset, struct shm_scan *s)
{
	uint8_t bar;
	int rc;

	if (cap[0] != PCI_CAP_ID_VNDR || cap[VIRTIO_CFG_TYPE] != VIRTIO_CFG_SHARED_MEMORY)
		return 0;
	if (offset > 256 - 5)
		return -EBADMSG;
	rc = s->rd(s->ctx, offset + 4, &bar, 1);
	if (!rc && bar < 6)
		s->bars |= 1u << bar;
	return rc;
}

static int one_cap(const uint8_t cap[4], unsigned int offset, void *arg)
{
	struct shm_scan *s = arg;

	if (cap[0] == PCI_CAP_ID_EXP)
		pci_express_decode(cap, offset, s->rd, s->ctx, s->d);
	return s->virtio ? shm_cap(cap, offset, s) : 0;
}

static bool is_virtio(const struct pci_device *d)
{
	return d->vendor == 0x1af4 && d->device >= 0x1000 && d->device <= 0x107f;	/* virtio 1.2, 4.1.2 */
}

/*
 * A BAR for which the kernel found no room may be gone from sysfs altogether (all zero, no resourceN): only the device's
 * own register still shows by its type bits that it is there (PCI Local Bus 3.0, 6.2.5.1). Its size stays unknown: to learn
 * it one would have to write. A 32-bit, not prefetchable BAR without an address cannot be told from none at all.
 */
static void find_unplaced(const uint8_t header[64], struct pci_device *d)
{
	enum { BAR_IO = 1, BAR_64 = 4, BAR_TYPE = 6, BAR_PREFETCH = 8 };

	if ((header[14] & 0x7f) != 0)	/* bridges have two BARs, and no business here */
		return;
	for (int i = 0; i < 6; i++) {
		const uint8_t *r = header + 0x10 + 4 * i;
		uint32_t reg = r[0] | (uint32_t)r[1] << 8 | (uint32_t)r[2] << 16 | (uint32_t)r[3] << 24;
		bool is64 = !(reg & BAR_IO) && (reg & BAR_TYPE) == BAR_64;

		if (reg && !(reg & BAR_IO) && !d->bar[i].size && !d->bar[i].flags)
			d->bar[i].flags = RES_MEM | RES_UNSET | (reg & BAR_PREFETCH ? RES_PREFETCH : 0) | (is64 ? RES_MEM_64 : 0);
		i += is64;	/* the next register is its upper half */
	}
}

bool pci_bar_unplaced(const struct pci_bar *b)
{
	return !b->size && (b->flags & RES_UNSET);
}

static bool all_ones(const uint8_t header[64])
{
	for (int i = 0; i < 64; i++)
		if (header[i] != 0xff)
			return false;
	return true;
}

int pci_config_decode(const uint8_t header[64], pci_config_reader *rd, void *ctx, struct pci_device *d)
{
	struct shm_scan scan = { .rd = rd, .ctx = ctx, .d = d, .virtio = is_virtio(d) };

	d->command = -1;
	d->mps = d->mps_supported = 0;
	d->virtio_shm = 0;
	d->virtio_shm_known = !is_virtio(d);
	/* What a device that is gone, or that sleeps after all, answers. */
	if (all_ones(header))
		return -ENODEV;
	/*
	 * An SR-IOV virtual function answers ffff for both ids, and its memory bit is always 0 (SR-IOV 1.1, 3.4.1): it decodes
	 * when its physical function says so, and Linux sets that bit together with the one that makes the VF appear
	 * (drivers/pci/iov.c sriov_enable).
	 */
	if (header[0] == 0xff && header[1] == 0xff) {
		d->virtual_function = true;
		return 0;
	}
	if ((header[0] | header[1] << 8) != d->vendor || (header[2] | header[3] << 8) != d->device)
		return -EBADMSG;
	d->command = header[4] | header[5] << 8;
	find_unplaced(header, d);
	if (pci_caps_walk(header, rd, ctx, one_cap, &scan) == 0)
		d->virtio_shm_known = true;
	d->virtio_shm = scan.bars;
	return 0;
}

int pci_device_cmp(const void *a, const void *b)
{
	const struct pci_device *x = a, *y = b;

	if (x->domain != y->domain)
		return x->domain < y->domain ? -1 : 1;
	if (x->bus != y->bus)
		return x->bus < y->bus ? -1 : 1;
	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return (x->func > y->func) - (x->func < y->func);
}

int pci_find(const struct pci *p, const char *slot)
{
	struct pci_device key, *d;

	if (!p->n || pci_slot_parse(slot, &key))
		return -1;
	d = bsearch(&key, p->dev, p->n, sizeof(*p->dev), pci_device_cmp);
	return d ? (int)(d - p->dev) : -1;
}

static bool filter_match(const struct pci_filter *f, const struct pci_device *d)
{
	/* As pci_filter_match(), which wants a struct pci_dev and may go and read the machine for it. */
	return (f->domain < 0 || f->domain == (int)d->domain) && (f->bus < 0 || f->bus == (int)d->bus) &&
	       (f->slot < 0 || f->slot == (int)d->dev) && (f->func < 0 || f->func == (int)d->func) &&
	       (f->vendor < 0 || f->vendor == d->vendor) && (f->device < 0 || f->device == d->device) &&
	       (f->device_class < 0 ||
		!(((unsigned int)f->device_class ^ d->class >> 8) & f->device_class_mask)) &&
	       (f->prog_if < 0 || f->prog_if == (int)(d->class & 0xff));
}

int pci_select(const struct pci *p, const char *slot_filter, const char *id_filter, bool *out, char *what, size_t len)
{
	struct pci_filter f;
	char *err = NULL;
	int n = 0;

	pci_filter_init(NULL, &f);
	/* libpci copies the text before it cuts it up. */
	if (slot_filter)
		err = pci_filter_parse_slot(&f, (char *)slot_filter);
	if (!err && id_filter)
		err = pci_filter_parse_id(&f, (char *)id_filter);
	if (err) {
		if (what && len)
			snprintf(what, len, "%s", err);
		return -EINVAL;
	}
	for (size_t i = 0; i < p->n; i++) {
		out[i] = filter_match(&f, &p->dev[i]);
		n += out[i];
	}
	return n;
}

void pci_free(struct pci *p)
{
	free(p->dev);
	p->dev = NULL;
	p->n = 0;
}
