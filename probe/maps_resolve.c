/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * maps_resolve.c - which device, BAR and physical address a mapping is of, as far as that is certain.
 *
 * What the offset column means for each kind of file is in maps.h. Whatever it says is checked against the BARs: an
 * address outside the BAR that it should be in is not taken for true.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "maps_int.h"
#include "pci.h"
#include "scan.h"
#include "src.h"

#define PAGE 4096ULL
#define BARS 6

/* mmap works on pages: a BAR of 256 bytes is mapped as the page it lies in. False when it has no memory address. */
static bool bar_pages(const struct pci_bar *b, uint64_t *lo, uint64_t *hi)
{
	if (!b->size || !b->addr || (b->flags & (RES_IO | RES_UNSET)) || b->size > UINT64_MAX - PAGE - b->addr)
		return false;
	*lo = b->addr & ~(PAGE - 1);
	*hi = (b->addr + b->size + PAGE - 1) & ~(PAGE - 1);
	return true;
}

static bool within(uint64_t phys, uint64_t len, uint64_t lo, uint64_t hi)
{
	return phys >= lo && phys < hi && len <= hi - phys;
}

int resolve_init(struct maps_ctx *c)
{
	size_t i, n = c->pci ? c->pci->n : 0;
	int b, err;

	c->bars = (struct memtype_list){0};
	c->node_cache = NULL;
	if (n > UINT32_MAX / BARS)
		return -EFBIG;
	if (n) {
		c->bars.m = calloc(n, BARS * sizeof(*c->bars.m));
		if (!c->bars.m)
			return -ENOMEM;
	}
	for (i = 0; i < n; i++) {
		for (b = 0; b < BARS; b++) {
			struct memtype *m = &c->bars.m[c->bars.n];

			if (!bar_pages(&c->pci->dev[i].bar[b], &m->start, &m->end))
				continue;
			m->type = MT_UNKNOWN;
			m->line = (uint32_t)(i * BARS) + (uint32_t)b;
			c->bars.n++;
		}
	}
	err = memtype_index(&c->bars);
	if (!err && !src_is_live(c->s))
		err = ties_load(c->s, NODES_PATH, &c->nodes);
	if (!err && !src_is_live(c->s))
		err = ties_load(c->s, VFIO_PATH, &c->vfio);
	return err;
}

void resolve_free(struct maps_ctx *c)
{
	memtype_free(&c->bars);
	ties_free(&c->nodes);
	ties_free(&c->vfio);
	node_cache_free(c);
}

struct holder {
	uint64_t phys, len;
	uint32_t line;
	int found;
};

static int holds(const struct memtype *m, void *arg)
{
	struct holder *h = arg;

	if (!within(h->phys, h->len, m->start, m->end))
		return 0;
	h->line = m->line;
	return ++h->found > 1;	/* two small BARs in one page: nobody can tell which is meant */
}

bool resolve_bar(const struct maps_ctx *c, uint64_t phys, uint64_t len, int *dev, int *bar)
{
	struct holder h = { .phys = phys, .len = len };

	if (phys == UINT64_MAX)
		return false;
	memtype_overlaps(&c->bars, phys, phys + 1, holds, &h);
	if (h.found != 1)
		return false;
	*dev = (int)(h.line / BARS);
	*bar = (int)(h.line % BARS);
	return true;
}

static int touches(const struct memtype *m, void *arg)
{
	(void)m;
	(void)arg;
	return 1;
}

bool resolve_touches(const struct maps_ctx *c, uint64_t phys, uint64_t len)
{
	return len && phys < UINT64_MAX - len && memtype_overlaps(&c->bars, phys, phys + len, touches, NULL);
}

/* The BAR of that device that holds all of it, or -1. */
static int find_bar_of(const struct maps_ctx *c, int dev, uint64_t phys, uint64_t len)
{
	uint64_t lo, hi;
	int b, found = -1;

	for (b = 0; dev >= 0 && b < BARS; b++) {
		if (!bar_pages(&c->pci->dev[dev].bar[b], &lo, &hi) || !within(phys, len, lo, hi))
			continue;
		if (found >= 0)
			return -1;
		found = b;
	}
	return found;
}

static int device(const struct maps_ctx *c, const char *slot)
{
	return c->pci && *slot ? pci_find(c->pci, slot) : -1;
}

static void by_sysfs(const struct maps_ctx *c, const struct map_path *p, uint64_t len, struct map *m)
{
	uint64_t lo, hi;

	m->dev = device(c, p->slot);
	m->bar = p->bar;
	m->phys_known = m->dev >= 0 && bar_pages(&c->pci->dev[m->dev].bar[p->bar], &lo, &hi) &&
			within(m->offset, len, lo, hi);
	m->phys = m->phys_known ? m->offset : 0;
}

static void by_proc_pci(const struct maps_ctx *c, const struct map_path *p, uint64_t len, struct map *m)
{
	m->dev = device(c, p->slot);
	m->bar = find_bar_of(c, m->dev, m->offset, len);
	m->phys_known = m->bar >= 0;
	m->phys = m->phys_known ? m->offset : 0;
}

static void by_devmem(const struct maps_ctx *c, uint64_t len, struct map *m)
{
	m->phys_known = true;	/* that is what /dev/mem is */
	m->phys = m->offset;
	resolve_bar(c, m->phys, len, &m->dev, &m->bar);
}

/* Asked at most once a process: live it means reading all its descriptors. */
static int vfio_device(struct maps_ctx *c)
{
	if (c->vfio_state < 0) {
		c->vfio_slot[0] = '\0';
		if (src_is_live(c->s)) {
			c->vfio_state = vfio_slot(c->s, c->pid, c->vfio_slot);
		} else {
			char pid[16];
			const struct tie *t;

			snprintf(pid, sizeof(pid), "%d", c->pid);
			t = ties_find(&c->vfio, pid, strlen(pid));
			if (t)
				memcpy(c->vfio_slot, t->slot, sizeof(c->vfio_slot));
			c->vfio_state = t && *t->slot;
		}
	}
	return c->vfio_state ? device(c, c->vfio_slot) : -1;
}

/* vfio maps only what it holds: a BAR that another driver holds is not what is meant. Without a driver: not known. */
static bool vfio_may_hold(const struct pci_device *d)
{
	return !*d->driver || strstr(d->driver, "vfio");
}

/*
 * Linux up to 6.6 puts the physical address into the offset, 6.12 and later (BAR << 40) + offset; between them, and on
 * older kernels that took the change over (those of the distributions do), either may be meant. Each reading is checked:
 * the first against all BARs, the second against the one device that the process has open. Where each finds a BAR, and
 * not the same place, nobody can tell which is meant: then no device is named rather than an innocent one. The physical
 * reading alone is believed only of a device that vfio may hold, and that is the one open where that is known.
 */
static void by_vfio(struct maps_ctx *c, uint64_t len, struct map *m)
{
	uint64_t index = m->offset >> 40, at = m->offset & ((1ULL << 40) - 1), lo, hi;
	bool physical, region = false, new = c->kernel >= 0x060c00;
	int open_dev = vfio_device(c), dev = -1, bar = -1;

	physical = !new && resolve_bar(c, m->offset, len, &dev, &bar);
	if (open_dev >= 0 && index < BARS && bar_pages(&c->pci->dev[open_dev].bar[index], &lo, &hi))
		region = within(lo + at, len, lo, hi) && at < hi - lo;
	if (physical && !vfio_may_hold(&c->pci->dev[dev])) {
		m->dev = open_dev;	/* which place in it is not certain enough */
		return;
	}
	if (physical && region && (dev != open_dev || (uint64_t)bar != index || lo + at != m->offset))
		return;
	if (physical && open_dev >= 0 && dev != open_dev)
		return;
	if (physical) {
		m->dev = dev;
		m->bar = bar;
		m->phys_known = true;
		m->phys = m->offset;
	} else if (region) {
		m->dev = open_dev;
		m->bar = (int)index;
		m->phys_known = true;
		m->phys = lo + at;
	} else if (new && index < BARS) {
		m->dev = open_dev;
		m->bar = (int)index;
	}
}

static bool uio_value(const struct maps_ctx *c, unsigned int minor, uint64_t map, const char *what, uint64_t *v)
{
	char path[96];
	struct blob text;
	struct scan s;
	bool ok;

	snprintf(path, sizeof(path), "/sys/class/uio/uio%u/maps/map%llu/%s", minor, (unsigned long long)map, what);
	if (src_read(c->s, path, &text))
		return false;
	s = scan_of(text.data, text.len);
	ok = scan_0x(&s, v);
	blob_free(&text);
	return ok;
}

static int uio_device(const struct maps_ctx *c, unsigned int minor)
{
	char path[64], target[512], slot[20];

	snprintf(path, sizeof(path), "/sys/class/uio/uio%u/device", minor);
	if (!src_readlink(c->s, path, target, sizeof(target)) && slot_in_path(target, strlen(target), slot))
		return device(c, slot);
	snprintf(path, sizeof(path), "/sys/class/uio/uio%u", minor);
	if (!src_readlink(c->s, path, target, sizeof(target)) && slot_in_path(target, strlen(target), slot))
		return device(c, slot);
	return -1;
}

/*
 * The offset is the number of the map, in pages. When a mapping is split (mprotect of a part) the kernel counts its
 * offset on, and the second piece looks like the next map: such a neighbour is not believed.
 */
static void by_uio(struct maps_ctx *c, const struct map_line *l, const struct map_path *p, struct map *m)
{
	uint64_t index = m->offset / PAGE, addr, size, len = l->vend - l->vstart;
	bool piece = c->uio_valid && c->uio_minor == p->minor && c->uio.vend == l->vstart &&
		     l->offset == c->uio.offset + (c->uio.vend - c->uio.vstart);
	int bar;

	c->uio = *l;
	c->uio_minor = p->minor;
	c->uio_valid = true;
	m->dev = uio_device(c, p->minor);
	if (piece || !uio_value(c, p->minor, index, "addr", &addr) || !uio_value(c, p->minor, index, "size", &size))
		return;
	addr &= ~(PAGE - 1);
	/* A map may as well be RAM, or a kernel address: only one inside a BAR of the device is believed. */
	if (size > UINT64_MAX - PAGE || len > ((size + PAGE - 1) & ~(PAGE - 1)))
		return;
	bar = find_bar_of(c, m->dev, addr, len);
	if (bar < 0)
		return;
	m->bar = bar;
	m->phys_known = true;
	m->phys = addr;
}

void resolve_map(struct maps_ctx *c, const struct map_line *l, const struct map_path *p, struct map *m)
{
	uint64_t len = l->vend - l->vstart;

	m->dev = m->bar = -1;
	m->phys_known = false;
	m->phys = 0;
	switch (p->kind) {
	case MAP_SYSFS:
	case MAP_SYSFS_WC:
		by_sysfs(c, p, len, m);
		break;
	case MAP_PROC_PCI:
		by_proc_pci(c, p, len, m);
		break;
	case MAP_DEVMEM:
		by_devmem(c, len, m);
		break;
	case MAP_VFIO:
		by_vfio(c, len, m);
		break;
	case MAP_UIO:
		by_uio(c, l, p, m);
		break;
	case MAP_NODE:
	case MAP_KINDS:
		break;
	}
}
