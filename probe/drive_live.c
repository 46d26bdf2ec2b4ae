// SPDX-License-Identifier: GPL-2.0-or-later
/* drive_live.c - the calls of a phase on this machine: the BAR's own files, a driver's node, the helper module. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "drive_int.h"
#include "km.h"
#include "km/wcdiag_km.h"
#include "pci.h"
#include "reader.h"
#include "src.h"

struct drive_live {
	struct src *src;
	struct reader reader; /* of entries */
	struct km km;	      /* for what maps and stores; fd -1: no module */
	int fd;		      /* its node once more, for what stores; -1 */
};

int drive_live_open(struct drive_live **out)
{
	struct drive_live *l = calloc(1, sizeof(*l));
	int err = l ? src_open_live(&l->src) : -ENOMEM;
	struct fact why; /* what cannot be done without either is said when it is asked for */

	if (err) {
		free(l);
		return err;
	}
	l->fd = -1;
	reader_open(&l->reader, READER_ANY, &why);
	if (!km_open(&l->km, &why))
		l->fd = open(KM_PATH, O_RDWR | O_CLOEXEC | O_NOCTTY);
	*out = l;
	return 0;
}

void drive_live_close(struct drive_live *l)
{
	if (!l)
		return;
	if (l->fd >= 0)
		close(l->fd);
	km_close(&l->km);
	reader_close(&l->reader);
	src_close(l->src);
	free(l);
}

int drive_map_file(const char *path, uint64_t offset, uint64_t size, void **at)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY), err = 0;

	if (fd < 0)
		return -errno;
	*at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)offset);
	if (*at == MAP_FAILED)
		err = -errno;
	/* A child (a witness's program) would reserve the range once more. The whole mapping: it stays one. */
	else if (madvise(*at, size, MADV_DONTFORK)) {
		err = -errno;
		munmap(*at, size);
	}
	close(fd);
	return err;
}

static int map_module(const struct drive_live *l, const struct drive_plan *p, uint64_t size, void **at)
{
	struct wcdiag_km_map m = {
		.domain = p->dev->domain,
		.bus = (uint8_t)p->dev->bus,
		.devfn = (uint8_t)(p->dev->dev << 3 | p->dev->func),
		.bar = (uint8_t)p->bar,
		.type = p->by == DRIVE_BY_MODULE_UC ? WCDIAG_KM_UCMINUS : WCDIAG_KM_WC,
		.offset = drive_first_page(p),
		.length = size,
		.flags = p->force ? WCDIAG_KM_FORCE_BUSY : 0,
	};

	if (l->fd < 0)
		return -ENODEV;
	if (ioctl(l->fd, WCDIAG_KM_MAP, &m))
		return -errno;
	*at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, l->fd, 0);
	return *at == MAP_FAILED ? -errno : 0;
}

static int live_map(void *ctx, const struct drive_plan *p, uint64_t size, void **at)
{
	char path[128];

	switch (p->by) {
	case DRIVE_BY_MODULE:
	case DRIVE_BY_MODULE_UC:
		return map_module(ctx, p, size, at);
	case DRIVE_BY_FILE:
		return drive_map_file(p->file, p->file_offset, size, at);
	default:
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource%d%s", p->dev->slot, p->bar,
			 p->by == DRIVE_BY_WC ? "_wc" : "");
		return drive_map_file(path, drive_first_page(p), size, at);
	}
}

static void live_unmap(void *ctx, void *at, uint64_t size)
{
	(void)ctx;
	munmap(at, size);
}

static int live_walk(void *ctx, uint64_t start, uint64_t end, struct runs *out)
{
	const struct drive_live *l = ctx;

	return reader_walk(&l->reader, getpid(), start, end, 0, out);
}

static int live_store(void *ctx, struct wcdiag_km_store *request)
{
	const struct drive_live *l = ctx;

	/* A signal ends it early, with success: never begun again. */
	return l->fd < 0 ? -ENODEV : ioctl(l->fd, WCDIAG_KM_STORE, request) ? -errno : 0;
}

static int live_list(void *ctx, struct memtype_list *out)
{
	const struct drive_live *l = ctx;

	return memtype_read(l->src, out);
}

static const char *live_cannot(void *ctx, const struct drive_plan *p, enum drive_side side, const char **remedy)
{
	const struct drive_live *l = ctx;
	bool here = l->km.fd >= 0 && l->fd >= 0;

	*remedy = "as root: make install-km, then modprobe wcdiag_km stores=1";
	if (side == DRIVE_KERNEL) {
		if (!here)
			return "the kernel's side needs the helper module, which is not there";
		return l->km.caps & WCDIAG_KM_CAP_STORE ? NULL : "the helper module was loaded without stores=1";
	}
	*remedy = "as root: make install-km, then modprobe wcdiag_km";
	switch (p->by) {
	case DRIVE_BY_MODULE:
	case DRIVE_BY_MODULE_UC:
		return here && (l->km.caps & WCDIAG_KM_CAP_MAP) ? NULL : "--by module needs the helper module";
	case DRIVE_BY_FILE:
		return reader_is_open(&l->reader)
			       ? NULL
			       : "without a reader of page table entries (the helper module, or /proc/kcore) nobody can tell "
				 "where stores to another file's mapping would go";
	default:
		return NULL;
	}
}

const struct drive_ops drive_live_ops = {
	.cannot = live_cannot,
	.map = live_map,
	.unmap = live_unmap,
	.walk = live_walk,
	.store = live_store,
	.list = live_list,
};
