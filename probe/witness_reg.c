/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * witness_reg.c - a counter in the device.
 *
 * Its page is mapped UC- through resourceN for the length of one read and no longer: while it is mapped, the kernel
 * holds a UC- reservation of it, and a mapping for stores of the same page would silently get that type, or this one
 * would get theirs.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pci.h"
#include "src.h"
#include "witness_int.h"

#define PAGE 4096ULL

static void missing(struct fact *f, const struct witness_spec *spec, int err, const char *why, const char *remedy)
{
	char where[sizeof(f->where)];

	witness_spec_name(spec, where, sizeof(where));
	fact_missing(f, NULL, where, err, remedy);
	snprintf(f->why, sizeof(f->why), "%s", why);
}

static bool overlaps(uint64_t page, uint64_t start, uint64_t end)
{
	return start < end && (start & ~(PAGE - 1)) < page + PAGE && page < end;
}

int witness_reg_check(const struct witness_spec *spec, const struct witness_target *t, struct fact *f)
{
	const struct pci_bar *b = t->dev ? &t->dev->bar[spec->bar] : NULL;

	if (!b || !b->size || !(b->flags & RES_MEM)) {
		missing(f, spec, EINVAL, "the device has no such memory BAR", "see wcdiag bars");
		return -EINVAL;
	}
	if (t->dev->asleep) {
		missing(f, spec, EHOSTDOWN, "the device is asleep, and is not woken for a look",
			"start the program that uses it, or write on to its power/control in sysfs");
		return -EHOSTDOWN;
	}
	if (t->dev->command >= 0 && !(t->dev->command & 2)) {
		missing(f, spec, ENODEV, "memory decoding is off in the device's command register",
			"load its driver, or write 1 to its enable in sysfs");
		return -ENODEV;
	}
	if (spec->offset > b->size || b->size - spec->offset < spec->width) {
		missing(f, spec, EINVAL, "it lies beyond the end of the BAR", "see wcdiag bars");
		return -EINVAL;
	}
	if (spec->bar == t->bar && overlaps(spec->offset & ~(PAGE - 1), t->scratch_start, t->scratch_end)) {
		missing(f, spec, EADDRINUSE, "its page is one of those that are stored to",
			"leave the counter's page (4 KiB) out of --scratch");
		return -EADDRINUSE;
	}
	return 0;
}

uint64_t witness_wrap(uint64_t before, uint64_t after, unsigned int width)
{
	return width == 4 ? (uint32_t)(after - before) : after - before;
}

/* The kernel says no more than the number; EINVAL is what a second type for the same page gets (memtype.c). */
static void map_failed(struct fact *f, const struct witness *w, const char *path, int err)
{
	if (err == -EINVAL || err == -EBUSY)
		missing(f, &w->spec, -err,
			"its page cannot be mapped uncached: it is reserved as another type (a driver that maps the "
			"whole BAR write-combining), or the region is exclusive",
			"a counter in a page or a BAR that nobody maps write-combining (wcdiag memtype), or "
			"iomem=relaxed");
	else
		fact_missing(f, w->t->src, path, -err, "run as root, without lockdown");
}

/* Map, one load of the register's width, unmap. */
static int load(const struct witness *w, uint64_t *value, struct fact *f)
{
	char path[sizeof(f->where)];
	/* A BAR below 4 KiB may begin in the middle of a page; what is mapped is the page. */
	uint64_t offset = w->spec.offset + w->t->dev->bar[w->spec.bar].addr % PAGE, page = w->spec.offset & ~(PAGE - 1);
	unsigned char *p;
	int fd, err;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource%u", w->t->dev->slot, w->spec.bar);
	fd = src_open(w->t->src, path);
	if (fd < 0) {
		fact_missing(f, w->t->src, path, -fd, "run as root, without lockdown");
		return fd;
	}
	p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, (off_t)page);
	err = p == MAP_FAILED ? -errno : 0;
	close(fd);
	if (err) {
		map_failed(f, w, path, err);
		return err;
	}
	*value = w->spec.width == 8 ? *(volatile uint64_t *)(p + offset - page)
				    : *(volatile uint32_t *)(p + offset - page);
	munmap(p, PAGE);
	if (*value == (w->spec.width == 8 ? UINT64_MAX : UINT32_MAX)) {
		missing(f, &w->spec, ENODEV, "it reads as all ones: the device is asleep, in reset or gone",
			"see power_state in sysfs, and the memory bit of its command register");
		return -ENODEV;
	}
	return 0;
}

static int reg_read(struct witness *w, uint64_t *value, struct fact *f)
{
	uint64_t page = w->spec.offset & ~(PAGE - 1);

	if (w->spec.bar == w->t->bar && overlaps(page, w->t->mapped_start, w->t->mapped_end)) {
		missing(f, &w->spec, EBUSY, "a mapping for stores covers its page: reading it now would make an alias",
			"map the pages of the scratch range only");
		return -EBUSY;
	}
	return load(w, value, f);
}

static int reg_open(struct witness *w, struct fact *f)
{
	int err = witness_reg_check(&w->spec, w->t, f);

	if (err)
		return err;
	w->trust = TRUST_DEVICE;
	snprintf(w->says, sizeof(w->says), "a counter of %u bytes at 0x%" PRIx64 " of BAR %u", w->spec.width,
		 w->spec.offset, w->spec.bar);
	fact_known(f, w->says);
	return 0;
}

static int reg_begin(struct witness *w, struct fact *f)
{
	return reg_read(w, &w->before, f);
}

static int reg_end(struct witness *w, struct witness_counts *out, struct fact *f)
{
	uint64_t after;
	int err = reg_read(w, &after, f);

	if (err)
		return err;
	out->runs[WITNESS_TLPS] = 1;
	out->count[WITNESS_TLPS] = witness_wrap(w->before, after, w->spec.width);
	return 0;
}

const struct witness_ops witness_reg = { .name = "reg", .open = reg_open, .begin = reg_begin, .end = reg_end };
