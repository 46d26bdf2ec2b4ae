/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "probe/maps.h"
#include "probe/maps_int.h"
#include "probe/pci.h"
#include "temproot.h"

/* Two devices of a guest, one with a small BAR and one at 2 TiB; a third whose BAR has no address. */
static struct pci_device devices[] = {
	{ .slot = "0000:00:02.0",
	  .dev = 2,
	  .bar = { [0] = { .addr = 0xfeb11000, .size = 256, .flags = RES_MEM },
		   [1] = { .addr = 0xc000, .size = 256, .flags = RES_IO },
		   [2] = { .addr = 0xfe000000, .size = 0x100000, .flags = RES_MEM | RES_PREFETCH } } },
	{ .slot = "0000:00:03.0",
	  .dev = 3,
	  .bar = { [0] = { .addr = 0xfeb12000, .size = 256, .flags = RES_MEM },
		   [1] = { .addr = 0xfeb12100, .size = 256, .flags = RES_MEM },
		   [2] = { .addr = 0x20000000000, .size = 0x4000000, .flags = RES_MEM | RES_PREFETCH } } },
	{ .slot = "10000:e1:00.0",
	  .domain = 0x10000,
	  .bus = 0xe1,
	  .bar = { [0] = { .addr = 0, .size = 0x1000, .flags = RES_MEM },
		   [2] = { .addr = 0xfd000000, .size = 0x1000, .flags = RES_MEM | RES_UNSET } } },
};
static const struct pci pci = { .dev = devices, .n = 3 };

#define DEV "/sys/devices/pci0000:00/0000:00:02.0/"

static void a_line_is_taken_apart(void **state)
{
	static const char line[] =
		"7f843ccfa000-7f843cd0a000 rw-s fe000000 00:15 11044                      " DEV "resource2_wc";
	char *copy = exact_copy(line, sizeof(line) - 1);
	struct map_line l;

	(void)state;
	assert_int_equal(map_line_parse(copy, sizeof(line) - 1, &l), 0);
	assert_int_equal(l.vstart, 0x7f843ccfa000);
	assert_int_equal(l.vend, 0x7f843cd0a000);
	assert_int_equal(l.offset, 0xfe000000);
	assert_true(l.read && l.write && l.shared && !l.exec);
	assert_int_equal(l.pathlen, strlen(DEV "resource2_wc"));
	assert_memory_equal(l.path, DEV "resource2_wc", l.pathlen);
	free(copy);
}

static void flags_and_missing_paths_are_read(void **state)
{
	struct map_line l;

	(void)state;
	assert_int_equal(map_line_parse("1000-2000 r-xp 0 0:0 0", 22, &l), 0);
	assert_true(l.read && !l.write && l.exec && !l.shared);
	assert_int_equal(l.pathlen, 0);
	assert_int_equal(map_line_parse("1000-2000 ---p 0 0:0 0 ", 23, &l), 0);
	assert_int_equal(l.pathlen, 0);
	assert_int_equal(map_line_parse("1000-2000 ---p 0 0:0 0 [heap]", 29, &l), 0);
	assert_int_equal(l.pathlen, 6);
}

static void a_line_that_is_none_is_refused(void **state)
{
	static const char *const lines[] = {
		"",
		"1000",
		"1000-",
		"1000-2000",
		"1000-2000 ",
		"1000-2000 rw-s",
		"1000-2000 rw-s ",
		"1000-2000 rw-q 0 0:0 0",
		"1000-2000 rws 0 0:0 0",
		"2000-1000 rw-s 0 0:0 0",
		"1000-1000 rw-s 0 0:0 0",
		"1000-2000 rw-s x 0:0 0",
		"1000-2000 rw-s 0 0 0",
		"1000-2000 rw-s 0 0:0 x",
		"1000-2000 rw-s 0 0:0 0x",
		"1000-20000000000000000 rw-s 0 0:0 0",
		"1000-2000 rw-s 10000000000000000 0:0 0",
		" 1000-2000 rw-s 0 0:0 0",
		"wx-yz rw-s 0 0:0 0",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char *copy = exact_copy(lines[i], strlen(lines[i]));
		struct map_line l;

		if (map_line_parse(copy, strlen(lines[i]), &l) != -EBADMSG)
			fail_msg("%s", lines[i]);
		free(copy);
	}
}

static void paths_tell_the_kind(void **state)
{
	static const struct {
		const char *path;
		bool device;
		enum map_kind kind;
		const char *slot;
		int bar;
		unsigned int minor;
	} rows[] = {
		{ DEV "resource2_wc", true, MAP_SYSFS_WC, "0000:00:02.0", 2, 0 },
		{ DEV "resource0", true, MAP_SYSFS, "0000:00:02.0", 0, 0 },
		{ DEV "resource5 (deleted)", true, MAP_SYSFS, "0000:00:02.0", 5, 0 },
		{ "/sys/devices/pci0000:00/0000:00:0e.0/pci10000:e0/10000:e1:00.0/resource4", true, MAP_SYSFS,
		  "10000:e1:00.0", 4, 0 },
		{ "/devices/pci0000:00/0000:00:02.0/resource2_wc", true, MAP_SYSFS_WC, "0000:00:02.0", 2, 0 },
		{ DEV "resource6", false, 0, "", 0, 0 },
		{ DEV "resource", false, 0, "", 0, 0 },
		{ DEV "resource22", false, 0, "", 0, 0 },
		{ DEV "resource2_wcx", false, 0, "", 0, 0 },
		{ DEV "config", false, 0, "", 0, 0 },
		{ "/sys/devices/pci0000:00/resource2", false, 0, "", 0, 0 },
		{ "/tmp/devices/pci0000:00/0000:00:02.0/resource2", false, 0, "", 0, 0 },
		{ "/devices/", false, 0, "", 0, 0 },
		{ "/sys/devices/", false, 0, "", 0, 0 },
		{ "/proc/bus/pci/00/02.0", true, MAP_PROC_PCI, "0000:00:02.0", -1, 0 },
		{ "/proc/bus/pci/10000:e1/00.0", true, MAP_PROC_PCI, "10000:e1:00.0", -1, 0 },
		{ "/proc/bus/pci/00/02", false, 0, "", 0, 0 },
		{ "/proc/bus/pci/devices", false, 0, "", 0, 0 },
		{ "/proc/bus/pci/000000000000000/02.0", false, 0, "", 0, 0 },
		{ "/proc/bus/pci/", false, 0, "", 0, 0 },
		{ "/dev/mem", true, MAP_DEVMEM, "", -1, 0 },
		{ "/dev/memory", true, MAP_NODE, "", -1, 0 },
		{ "/dev/uio0", true, MAP_UIO, "", -1, 0 },
		{ "/dev/uio12 (deleted)", true, MAP_UIO, "", -1, 12 },
		{ "/dev/uio99999999999", true, MAP_NODE, "", -1, 0 },
		{ "/dev/vfio/devices/vfio0", true, MAP_VFIO, "", -1, 0 },
		{ "anon_inode:[vfio-device]", true, MAP_VFIO, "", -1, 0 },
		{ "/anon_inode:[vfio-device]", true, MAP_VFIO, "", -1, 0 },
		{ "/dev/zerocopy", true, MAP_NODE, "", -1, 0 },
		{ "/dev/nullb0", true, MAP_NODE, "", -1, 0 },
		{ "/dev/dri/renderD128", true, MAP_NODE, "", -1, 0 },
		{ "/dev/infiniband/uverbs0", true, MAP_NODE, "", -1, 0 },
		{ "/dev/zero", false, 0, "", 0, 0 },
		{ "/dev/zero (deleted)", false, 0, "", 0, 0 },
		{ "/dev/shm/x", false, 0, "", 0, 0 },
		{ "/dev/hugepages/x", false, 0, "", 0, 0 },
		{ "/dev/", false, 0, "", 0, 0 },
		{ "[heap]", false, 0, "", 0, 0 },
		{ "anon_inode:kvm-vcpu:0", false, 0, "", 0, 0 },
		{ "/usr/lib/libc.so.6", false, 0, "", 0, 0 },
		{ " (deleted)", false, 0, "", 0, 0 },
		{ "", false, 0, "", 0, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i].path);
		char *copy = exact_copy(rows[i].path, len);
		struct map_path p;
		bool device = map_path_parse(copy, len, &p);

		free(copy);
		if (device != rows[i].device)
			fail_msg("%s: %d", rows[i].path, device);
		if (device && (p.kind != rows[i].kind || strcmp(p.slot, rows[i].slot) || p.bar != rows[i].bar ||
			       p.minor != rows[i].minor))
			fail_msg("%s: %s \"%s\" %d %u", rows[i].path, map_kind_name(p.kind), p.slot, p.bar, p.minor);
	}
}

static void the_nearest_slot_of_a_sysfs_path_is_found(void **state)
{
	static const struct {
		const char *path, *slot;
	} rows[] = {
		{ "../../devices/pci0000:00/0000:00:01.0/0000:01:00.0/drm/card0", "0000:01:00.0" },
		{ "0000:01:00.0", "0000:01:00.0" },
		{ "../../devices/virtual/misc/foo", NULL },
		{ "../../devices/pci0000:00", NULL },
		{ "0000:01:00.8", NULL },
		{ "0000:01:00.00", NULL },
		{ "", NULL },
		{ "/", NULL },
	};
	char slot[20];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool found = slot_in_path(rows[i].path, strlen(rows[i].path), slot);

		assert_int_equal(found, rows[i].slot != NULL);
		if (found)
			assert_string_equal(slot, rows[i].slot);
	}
}

/* One process with one mapping (or with none that is kept), on a kernel. */
static const struct one {
	const char *what, *lines;
	unsigned int kernel;
	size_t n;
	enum map_kind kind;
	int dev, bar;
	bool known;
	uint64_t phys;
} ones[] = {
	{ "resource2_wc", "7f0000000000-7f0000010000 rw-s fe000000 00:15 11044 " DEV "resource2_wc\n", 0x60100, 1,
	  MAP_SYSFS_WC, 0, 2, true, 0xfe000000 },
	{ "a window in the middle", "7f0000000000-7f0000010000 rw-s fe080000 00:15 11044 " DEV "resource2\n", 0x60100,
	  1, MAP_SYSFS, 0, 2, true, 0xfe080000 },
	{ "the whole BAR", "7f0000000000-7f0000100000 rw-s fe000000 00:15 11044 " DEV "resource2\n", 0x60100, 1,
	  MAP_SYSFS, 0, 2, true, 0xfe000000 },
	{ "a page for a BAR of 256 bytes", "7f0000000000-7f0000001000 rw-s feb11000 00:15 11044 " DEV "resource0\n",
	  0x60100, 1, MAP_SYSFS, 0, 0, true, 0xfeb11000 },
	{ "an offset outside of the BAR", "7f0000000000-7f0000010000 rw-s 00000000 00:15 11044 " DEV "resource2\n",
	  0x60100, 1, MAP_SYSFS, 0, 2, false, 0 },
	{ "a mapping that ends behind the BAR",
	  "7f0000000000-7f0000010000 rw-s fe0f8000 00:15 11044 " DEV "resource2\n", 0x60100, 1, MAP_SYSFS, 0, 2, false,
	  0 },
	{ "a device that is not there",
	  "7f0000000000-7f0000010000 rw-s fe000000 00:15 1 /sys/devices/pci0000:00/0000:00:09.0/resource2\n", 0x60100,
	  1, MAP_SYSFS, -1, 2, false, 0 },
	{ "a BAR without an address",
	  "7f0000000000-7f0000001000 rw-s 0 00:15 1 /sys/devices/pci10000:e0/10000:e1:00.0/resource0\n", 0x60100, 1,
	  MAP_SYSFS, 2, 0, false, 0 },
	{ "/proc/bus/pci", "7f0000000000-7f0000010000 rw-s fe000000 00:14 4026532083 /proc/bus/pci/00/02.0\n", 0x60100,
	  1, MAP_PROC_PCI, 0, 2, true, 0xfe000000 },
	{ "/proc/bus/pci, another device's address",
	  "7f0000000000-7f0000010000 rw-s fe000000 00:14 1 /proc/bus/pci/00/03.0\n", 0x60100, 1, MAP_PROC_PCI, 1, -1,
	  false, 0 },
	{ "/dev/mem", "7f0000000000-7f0000010000 rw-s fe000000 00:05 3 /dev/mem\n", 0x60100, 1, MAP_DEVMEM, 0, 2, true,
	  0xfe000000 },
	{ "/dev/mem over several BARs", "7f0000000000-7f0000010000 rw-s feb10000 00:05 3 /dev/mem\n", 0x60100, 1,
	  MAP_DEVMEM, -1, -1, true, 0xfeb10000 },
	{ "/dev/mem on a page with two BARs", "7f0000000000-7f0000001000 rw-s feb12000 00:05 3 /dev/mem\n", 0x60100, 1,
	  MAP_DEVMEM, -1, -1, true, 0xfeb12000 },
	{ "/dev/mem on no BAR", "7f0000000000-7f0000001000 rw-s 000f0000 00:05 3 /dev/mem\n", 0x60100, 1, MAP_DEVMEM,
	  -1, -1, true, 0xf0000 },
	{ "/dev/mem on a BAR without an address", "7f0000000000-7f0000001000 rw-s fd000000 00:05 3 /dev/mem\n", 0x60100,
	  1, MAP_DEVMEM, -1, -1, true, 0xfd000000 },
	{ "/dev/mem on I/O ports' numbers", "7f0000000000-7f0000001000 rw-s 0000c000 00:05 3 /dev/mem\n", 0x60100, 1,
	  MAP_DEVMEM, -1, -1, true, 0xc000 },
	{ "vfio with the physical address",
	  "7f0000000000-7f0000010000 rw-s fe000000 00:0f 9 anon_inode:[vfio-device]\n", 0x60100, 1, MAP_VFIO, 0, 2,
	  true, 0xfe000000 },
	{ "vfio with an address that is in no BAR",
	  "7f0000000000-7f0000010000 rw-s 0 00:0f 9 anon_inode:[vfio-device]\n", 0x60100, 1, MAP_VFIO, -1, -1, false,
	  0 },
	{ "vfio by region, device not known",
	  "7f0000000000-7f0000010000 rw-s 20000000000 00:0f 9 anon_inode:[vfio-device]\n", 0x60c00, 1, MAP_VFIO, -1, 2,
	  false, 0 },
	{ "vfio by region, not a BAR", "7f0000000000-7f0000001000 rw-s 70000000000 00:0f 9 anon_inode:[vfio-device]\n",
	  0x60c00, 1, MAP_VFIO, -1, -1, false, 0 },
	{ "vfio, kernel not known, can only be physical",
	  "7f0000000000-7f0000010000 rw-s fe000000 00:0f 9 anon_inode:[vfio-device]\n", 0, 1, MAP_VFIO, 0, 2, true,
	  0xfe000000 },
	{ "a private mapping is kept as well",
	  "7f0000000000-7f0000010000 rw-p fe000000 00:15 11044 " DEV "resource2_wc\n", 0x60100, 1, MAP_SYSFS_WC, 0, 2,
	  true, 0xfe000000 },
	{ "a node that is tied to a device", "7f0000000000-7f0000010000 rw-s 100000000 00:05 3 /dev/dri/renderD128\n",
	  0x60100, 1, MAP_NODE, 1, -1, false, 0 },
	{ "a node that two devices are called by", "7f0000000000-7f0000010000 rw-s 100000000 00:05 3 /dev/two\n",
	  0x60100, 1, MAP_NODE, -1, -1, false, 0 },
	{ "a node of nothing", "7f0000000000-7f0000010000 rw-s 100000000 00:05 3 /dev/loop-control\n", 0x60100, 0, 0, 0,
	  0, false, 0 },
	{ "a node with a blank in its name", "7f0000000000-7f0000010000 rw-s 0 00:05 3 /dev/my node\n", 0x60100, 1,
	  MAP_NODE, 0, -1, false, 0 },
	{ "nothing of a device",
	  "5569ada5d000-5569ada5f000 r--p 00000000 fe:00 247498                     /usr/bin/head\n"
	  "7ffd3c105000-7ffd3c126000 rw-p 00000000 00:00 0                          [stack]\n"
	  "7f843c000000-7f843c021000 rw-p 00000000 00:00 0 \n",
	  0x60100, 0, 0, 0, 0, false, 0 },
	{ "uio map 0", "7f0000000000-7f0000001000 rw-s 00000000 00:05 3 /dev/uio0\n", 0x60100, 1, MAP_UIO, 0, 0, true,
	  0xfeb11000 },
	{ "uio map 1", "7f0000000000-7f0000100000 rw-s 00001000 00:05 3 /dev/uio0\n", 0x60100, 1, MAP_UIO, 0, 2, true,
	  0xfe000000 },
	{ "uio map 2 is no BAR", "7f0000000000-7f0000001000 rw-s 00002000 00:05 3 /dev/uio0\n", 0x60100, 1, MAP_UIO, 0,
	  -1, false, 0 },
	{ "longer than the uio map, within the BAR", "7f0000000000-7f0000002000 rw-s 00004000 00:05 3 /dev/uio0\n",
	  0x60100, 1, MAP_UIO, 0, -1, false, 0 },
	{ "as long as that uio map", "7f0000000000-7f0000001000 rw-s 00004000 00:05 3 /dev/uio0\n", 0x60100, 1, MAP_UIO,
	  0, 2, true, 0xfe010000 },
	{ "uio map 3 is not there", "7f0000000000-7f0000001000 rw-s 00003000 00:05 3 /dev/uio0\n", 0x60100, 1, MAP_UIO,
	  0, -1, false, 0 },
	{ "longer than the uio map", "7f0000000000-7f0000002000 rw-s 00000000 00:05 3 /dev/uio0\n", 0x60100, 1, MAP_UIO,
	  0, -1, false, 0 },
	{ "a uio that is not there", "7f0000000000-7f0000001000 rw-s 00000000 00:05 3 /dev/uio7\n", 0x60100, 1, MAP_UIO,
	  -1, -1, false, 0 },
};

static void add_world(struct temproot *r)
{
	temproot_make(r);
	temproot_add(r, "wcdiag/nodes.txt",
		     "# PATH SLOT\n/dev/dri/renderD128 0000:00:03.0\n/dev/two 0000:00:02.0\n"
		     "/dev/two 0000:00:03.0\n/dev/my node 0000:00:02.0\nnonsense\n/dev/x 00:02.0\n");
	temproot_add(r, "wcdiag/vfio.txt", "200 0000:00:02.0\n201 0000:00:02.0\n201 0000:00:03.0\n202 0000:00:03.0\n");
	temproot_link(r, "sys/class/uio/uio0", "../../devices/pci0000:00/0000:00:02.0/uio/uio0");
	temproot_add(r, "sys/devices/pci0000:00/0000:00:02.0/uio/uio0/maps/map0/addr", "0x00000000feb11000\n");
	temproot_add(r, "sys/devices/pci0000:00/0000:00:02.0/uio/uio0/maps/map0/size", "0x0000000000000100\n");
	temproot_add(r, "sys/devices/pci0000:00/0000:00:02.0/uio/uio0/maps/map1/addr", "0x00000000fe000000\n");
	temproot_add(r, "sys/devices/pci0000:00/0000:00:02.0/uio/uio0/maps/map1/size", "0x0000000000100000\n");
	temproot_add(r, "sys/devices/pci0000:00/0000:00:02.0/uio/uio0/maps/map2/addr", "0xffff888000000000\n");
	temproot_add(r, "sys/devices/pci0000:00/0000:00:02.0/uio/uio0/maps/map2/size", "0x0000000000001000\n");
	temproot_add(r, "sys/devices/pci0000:00/0000:00:02.0/uio/uio0/maps/map4/addr", "0x00000000fe010000\n");
	temproot_add(r, "sys/devices/pci0000:00/0000:00:02.0/uio/uio0/maps/map4/size", "0x0000000000001000\n");
	temproot_link(r, "sys/devices/pci0000:00/0000:00:02.0/uio/uio0/device", "../../../0000:00:02.0");
}

static void each_kind_of_mapping_is_resolved(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ones) / sizeof(ones[0]); i++) {
		const struct one *o = &ones[i];
		struct temproot r;
		struct maps m;

		add_world(&r);
		temproot_add(&r, "proc/100/maps", o->lines);
		temproot_add(&r, "proc/100/comm", "test\n");
		assert_int_equal(maps_read(temproot_open(&r), &pci, o->kernel, &m), 0);
		assert_int_equal(m.fact.state, FACT_KNOWN);
		assert_int_equal(m.seen, 1);
		if (m.n != o->n)
			fail_msg("%s: %zu mappings", o->what, m.n);
		if (m.n && (m.m[0].kind != o->kind || m.m[0].dev != o->dev || m.m[0].bar != o->bar ||
			    m.m[0].phys_known != o->known || m.m[0].phys != o->phys))
			fail_msg("%s: %s dev %d BAR %d, %d %llx", o->what, map_kind_name(m.m[0].kind), m.m[0].dev,
				 m.m[0].bar, m.m[0].phys_known, (unsigned long long)m.m[0].phys);
		if (m.n) {
			assert_string_equal(m.m[0].comm, "test");
			assert_int_equal(m.m[0].pid, 100);
		}
		maps_free(&m);
		temproot_drop(&r);
	}
}

/* The process has the device open: 200 the first, 201 two of them, 202 the one at 2 TiB. */
static void vfio_offsets_are_read_only_as_far_as_they_are_certain(void **state)
{
	static const struct {
		const char *pid, *offset;
		unsigned int kernel;
		int dev, bar;
		bool known;
		uint64_t phys;
	} rows[] = {
		/* by region, the process's only device */
		{ "200", "20000000000", 0x60c00, 0, 2, true, 0xfe000000 },
		{ "200", "20000080000", 0x61200, 0, 2, true, 0xfe080000 },
		{ "202", "20000001000", 0x60c00, 1, 2, true, 0x20000001000 },
		{ "200", "200000f8000", 0x60c00, 0, 2, false, 0 }, /* ends behind the BAR */
		{ "200", "40000000000", 0x60c00, 0, 4, false, 0 }, /* no such BAR */
		{ "200", "fe000000", 0x60c00, 0, 0, false, 0 },	   /* never physical on this kernel */
		{ "201", "20000000000", 0x60c00, -1, 2, false, 0 },
		/* physical */
		{ "200", "fe000000", 0x60600, 0, 2, true, 0xfe000000 },
		/* another device's address, and a place in the one that is open: neither is believed */
		{ "200", "20000000000", 0x60600, -1, -1, false, 0 },
		{ "200", "20000000000", 0x50e00, -1, -1, false, 0 },
		{ "200", "20000100000", 0x60100, -1, -1, false, 0 }, /* not the device that is open */
		/* in no BAR: an older kernel that took the change over */
		{ "200", "0", 0x50e00, 0, 0, false, 0 },
		{ "202", "20000000000", 0x60100, 1, 2, true, 0x20000000000 },
		/* between the two: only what cannot be the other */
		{ "200", "fe000000", 0x60800, 0, 2, true, 0xfe000000 },
		{ "200", "20000000000", 0x60800, -1, -1, false, 0 },
		{ "201", "20000000000", 0, 1, 2, true, 0x20000000000 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct temproot r;
		struct maps m;
		char path[64], line[200];

		add_world(&r);
		snprintf(path, sizeof(path), "proc/%s/maps", rows[i].pid);
		snprintf(line, sizeof(line), "7f0000000000-7f0000010000 rw-s %s 00:0f 9    anon_inode:[vfio-device]\n",
			 rows[i].offset);
		temproot_add(&r, path, line);
		assert_int_equal(maps_read(temproot_open(&r), &pci, rows[i].kernel, &m), 0);
		assert_int_equal(m.n, 1);
		/* the 16 pages do not fit into BAR 0 of 256 bytes: then nothing is known but where it should be */
		if (!strcmp(rows[i].offset, "0"))
			assert_false(m.m[0].phys_known);
		else if (m.m[0].dev != rows[i].dev || m.m[0].bar != rows[i].bar || m.m[0].phys_known != rows[i].known ||
			 m.m[0].phys != rows[i].phys)
			fail_msg("pid %s offset %s kernel %x: dev %d BAR %d, %d %llx", rows[i].pid, rows[i].offset,
				 rows[i].kernel, m.m[0].dev, m.m[0].bar, m.m[0].phys_known,
				 (unsigned long long)m.m[0].phys);
		maps_free(&m);
		temproot_drop(&r);
	}
}

static void a_bar_that_another_driver_holds_is_not_mapped_by_vfio(void **state)
{
	static const struct {
		const char *driver;
		bool known;
	} rows[] = { { "", true },	 { "vfio-pci", true },		   { "mlx5_vfio_pci", true },
		     { "ena", false }, { "nvgrace-gpu-vfio-pci", true }, { "uio_pci_generic", false } };
	struct pci_device held = devices[1];
	const struct pci one = { .dev = &held, .n = 1 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct temproot r;
		struct maps m;

		snprintf(held.driver, sizeof(held.driver), "%s", rows[i].driver);
		add_world(&r);
		temproot_add(&r, "proc/100/maps",
			     "7f0000000000-7f0000010000 rw-s 20000000000 00:0f 9    anon_inode:[vfio-device]\n");
		assert_int_equal(maps_read(temproot_open(&r), &one, 0x60100, &m), 0);
		assert_int_equal(m.n, 1);
		if (m.m[0].phys_known != rows[i].known || m.m[0].dev != (rows[i].known ? 0 : -1))
			fail_msg("%s: dev %d, %d", rows[i].driver, m.m[0].dev, m.m[0].phys_known);
		maps_free(&m);
		temproot_drop(&r);
	}
}

/* The address of a device that its own driver holds, which is a place in the open one as well: the first is innocent. */
static void the_open_device_is_named_where_the_other_is_held_by_its_driver(void **state)
{
	struct pci_device two[] = { devices[0], devices[1] };
	const struct pci held = { .dev = two, .n = 2 };
	struct temproot r;
	struct maps m;

	(void)state;
	strcpy(two[0].driver, "vfio-pci");
	strcpy(two[1].driver, "ena");
	add_world(&r);
	temproot_add(&r, "proc/200/maps",
		     "7f0000000000-7f0000010000 rw-s 20000000000 00:0f 9    anon_inode:[vfio-device]\n");
	assert_int_equal(maps_read(temproot_open(&r), &held, 0x050e00, &m), 0);
	assert_int_equal(m.n, 1);
	assert_int_equal(m.m[0].dev, 0);
	assert_int_equal(m.m[0].bar, -1);
	assert_false(m.m[0].phys_known);
	maps_free(&m);
	temproot_drop(&r);
}

static void a_kernel_that_took_the_region_form_over_is_understood(void **state)
{
	struct temproot r;
	struct maps m;

	(void)state;
	add_world(&r);
	temproot_add(&r, "proc/200/maps", "7f0000000000-7f0000001000 rw-s 0 00:0f 9    anon_inode:[vfio-device]\n");
	assert_int_equal(maps_read(temproot_open(&r), &pci, 0x050e00, &m), 0);
	assert_int_equal(m.m[0].dev, 0);
	assert_int_equal(m.m[0].bar, 0);
	assert_true(m.m[0].phys_known);
	assert_int_equal(m.m[0].phys, 0xfeb11000);
	maps_free(&m);
	temproot_drop(&r);
}

static void a_piece_of_a_split_uio_mapping_is_not_taken_for_the_next_map(void **state)
{
	struct temproot r;
	struct maps m;

	(void)state;
	add_world(&r);
	temproot_add(&r, "proc/100/maps",
		     "7f0000000000-7f0000001000 rw-s 00000000 00:05 3 /dev/uio0\n"
		     "7f0000001000-7f0000002000 r--s 00001000 00:05 3 /dev/uio0\n"
		     "7f0000008000-7f0000009000 r--s 00001000 00:05 3 /dev/uio0\n");
	assert_int_equal(maps_read(temproot_open(&r), &pci, 0x60100, &m), 0);
	assert_int_equal(m.n, 3);
	assert_true(m.m[0].phys_known);
	assert_false(m.m[1].phys_known);
	assert_int_equal(m.m[1].dev, 0);
	assert_true(m.m[2].phys_known);
	maps_free(&m);
	temproot_drop(&r);
}

static void processes_come_by_number_and_mappings_by_address(void **state)
{
	struct temproot r;
	struct maps m;

	(void)state;
	temproot_make(&r);
	temproot_add(&r, "proc/1000/maps", "7f0000000000-7f0000010000 rw-s fe000000 00:15 1 " DEV "resource2_wc\n");
	temproot_add(&r, "proc/99/maps",
		     "7f0000000000-7f0000010000 rw-s fe000000 00:15 1 " DEV "resource2_wc\n"
		     "7f0000020000-7f0000030000 rw-s fe010000 00:15 1 " DEV "resource2_wc\n");
	temproot_add(&r, "proc/99/comm", "a b\tc\x1b[0m: a very long name that no kernel has\n");
	temproot_add(&r, "proc/7/maps", "");
	temproot_add(&r, "proc/iomem", "");
	assert_int_equal(maps_read(temproot_open(&r), &pci, 0, &m), 0);
	assert_int_equal(m.seen, 3);
	assert_int_equal(m.denied, 0);
	assert_int_equal(m.n, 3);
	assert_int_equal(m.m[0].pid, 99);
	assert_int_equal(m.m[1].pid, 99);
	assert_int_equal(m.m[1].vstart, 0x7f0000020000);
	assert_int_equal(m.m[2].pid, 1000);
	assert_string_equal(m.m[0].comm, "a b?c?[0m: a very long name tha");
	assert_string_equal(m.m[2].comm, "");
	maps_free(&m);
	temproot_drop(&r);
}

static void a_process_whose_main_thread_has_ended_is_read_through_another(void **state)
{
	static const char map[] = "7f0000000000-7f0000010000 rw-s fe000000 00:15 1 " DEV "resource2_wc\n";
	static const struct {
		const char *what, *main, *second, *third, *errors;
		size_t n, seen, denied;
	} rows[] = {
		{ "the second thread has them", "", map, NULL, "", 1, 1, 0 },
		{ "the second has ended as well", "", "", map, "", 1, 1, 0 },
		{ "the main thread has its own", map, map, map, "", 1, 1, 0 },
		{ "a kernel thread", "", NULL, NULL, "", 0, 1, 0 },
		{ "all have ended", "", "", "", "", 0, 1, 0 },
		{ "refused", "", NULL, map, "EACCES /proc/9/task/10/maps\n", 0, 0, 1 },
		{ "no memory, as newer kernels say it", NULL, map, NULL, "ESRCH /proc/9/maps\n", 1, 1, 0 },
		{ "ended between", NULL, NULL, NULL, "ESRCH /proc/9/maps\n", 0, 0, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct temproot r;
		struct maps m;

		temproot_make(&r);
		temproot_add(&r, "wcdiag/nodes.txt", "# PATH SLOT\n");
		temproot_add(&r, "wcdiag/errors.txt", rows[i].errors);
		temproot_add(&r, "proc/9/comm", "test\n");
		if (rows[i].main) {
			temproot_add(&r, "proc/9/maps", rows[i].main);
			temproot_add(&r, "proc/9/task/9/maps", rows[i].main);
		}
		/* the folder of a thread is there also when its file is refused */
		temproot_add(&r, "proc/9/task/10/comm", "second\n");
		if (rows[i].second)
			temproot_add(&r, "proc/9/task/10/maps", rows[i].second);
		if (rows[i].third)
			temproot_add(&r, "proc/9/task/11/maps", rows[i].third);
		maps_read(temproot_open(&r), &pci, 0, &m);
		if (m.n != rows[i].n || m.seen != rows[i].seen || m.denied != rows[i].denied)
			fail_msg("%s: %zu mappings, %zu seen, %zu denied", rows[i].what, m.n, m.seen, m.denied);
		if (m.n) {
			assert_int_equal(m.m[0].pid, 9);
			assert_string_equal(m.m[0].comm, "test");
		}
		maps_free(&m);
		temproot_drop(&r);
	}
}

static void *wait_for_the_end(void *arg)
{
	(void)arg;
	pause();
	return NULL;
}

/* On the kernel that this runs on. */
static void a_live_thread_is_found_when_the_main_one_has_ended(void **state)
{
	char path[64], c;
	struct src *s;
	int pid, tid = 0, fd = -1, i;
	ssize_t got;

	(void)state;
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		pthread_t t;

		alarm(20);
		if (pthread_create(&t, NULL, wait_for_the_end, NULL))
			_exit(1);
		pthread_exit(NULL);
	}
	assert_int_equal(src_open_live(&s), 0);
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	for (i = 0; i < 1000; i++) {
		struct blob b;
		int err = src_read(s, path, &b);
		bool none = err || !b.len;

		blob_free(&b);
		if (none)
			break;
		usleep(10000);
	}
	fd = maps_open_thread(s, pid, &tid);
	got = fd >= 0 ? read(fd, &c, 1) : -1;
	kill(pid, SIGKILL);	/* before anything can fail */
	assert_true(fd >= 0);
	assert_true(tid > 0 && tid != pid);
	assert_int_equal(got, 1);
	close(fd);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(maps_open_thread(s, pid, &tid), -ESRCH);
	src_close(s);
}

static void paths_are_shown_printable_and_cut(void **state)
{
	struct temproot r;
	struct maps m;
	char text[1000], name[300];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	temproot_make(&r);
	snprintf(text, sizeof(text), "1000-2000 rw-s 0 00:05 3 /dev/a\\012b\033\n1000-2000 rw-s 0 00:05 3 /dev/%s\n",
		 name);
	temproot_add(&r, "proc/5/maps", text);
	snprintf(text, sizeof(text), "/dev/a?b? 0000:00:02.0\n/dev/%.154s 0000:00:03.0\n", name);
	temproot_add(&r, "wcdiag/nodes.txt", text);
	assert_int_equal(maps_read(temproot_open(&r), &pci, 0, &m), 0);
	assert_int_equal(m.n, 2);
	assert_string_equal(m.m[0].path, "/dev/a?b?");
	assert_int_equal(m.m[0].dev, 0);
	assert_int_equal(strlen(m.m[1].path), sizeof(m.m[1].path) - 1);
	assert_int_equal(m.m[1].dev, 1);
	maps_free(&m);
	temproot_drop(&r);
}

static void what_could_not_be_read_is_counted(void **state)
{
	static const char map[] = "7f0000000000-7f0000010000 rw-s fe000000 00:15 1 " DEV "resource2_wc\n";
	static const struct {
		const char *errors, *maps2;
		int err;
		size_t seen, denied, n;
		const char *why;
	} rows[] = {
		{ "", map, 0, 2, 0, 2, "" },
		{ "EACCES /proc/300/maps\nEACCES /proc/301/maps\n", map, EACCES, 2, 2, 2,
		  "2 of 4 processes could not be read: Permission denied" },
		{ "EACCES /proc/300/maps\nEACCES /proc/300/maps\n", map, EACCES, 2, 1, 2, "1 of 3" },
		{ "EACCES /proc/2/maps\n", NULL, EACCES, 1, 1, 1, "1 of 2" },
		{ "ENOENT /proc/300/maps\nESRCH /proc/301/maps\nEACCES /proc/300/mapsx\nEACCES /proc/x/maps\n", map, 0,
		  2, 0, 2, "" },
		{ "", NULL, ENODATA, 1, 1, 1, "not in the snapshot" },
		{ "EPERM /proc/PID/maps\n", map, EPERM, 2, 0, 2, "not all processes could be seen" },
		{ "", "7f0000000000-7f0000010000 rw-s fe000000\n", EBADMSG, 2, 0, 1,
		  "process 2, line 1: no line of a maps file" },
		{ "", "7f0000000000-7f0000010000 rw-s fe000000 00:15 1 " DEV "resource2_wc", EBADMSG, 2, 0, 1,
		  "process 2, line 1" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct temproot r;
		struct maps m;

		temproot_make(&r);
		temproot_add(&r, "wcdiag/errors.txt", rows[i].errors);
		temproot_add(&r, "proc/1/maps", map);
		temproot_add(&r, "proc/2/comm", "two\n");
		if (rows[i].maps2)
			temproot_add(&r, "proc/2/maps", rows[i].maps2);
		assert_int_equal(maps_read(temproot_open(&r), &pci, 0, &m), -rows[i].err);
		assert_int_equal(m.fact.state, rows[i].err ? FACT_MISSING : FACT_KNOWN);
		assert_int_equal(m.fact.err, rows[i].err);
		if (!strstr(m.fact.why, rows[i].why))
			fail_msg("%zu: %s", i, m.fact.why);
		assert_int_equal(m.seen, rows[i].seen);
		assert_int_equal(m.denied, rows[i].denied);
		assert_int_equal(m.n, rows[i].n);
		maps_free(&m);
		temproot_drop(&r);
	}
}

static void a_snapshot_without_processes_says_so_only_when_somebody_looked(void **state)
{
	struct temproot r;
	struct maps m;
	char *nodes, *vfio;

	(void)state;
	temproot_make(&r);
	temproot_add(&r, "proc/iomem", "");
	assert_int_equal(maps_read(temproot_open(&r), &pci, 0, &m), -ENODATA);
	assert_int_equal(m.fact.state, FACT_MISSING);
	assert_int_equal(maps_side_files(r.src, &m, &nodes, &vfio), -ENODATA);
	maps_free(&m);
	temproot_drop(&r);

	temproot_make(&r);
	assert_int_equal(maps_read(temproot_open(&r), &pci, 0, &m), -ENODATA);
	maps_free(&m);
	temproot_drop(&r);

	temproot_make(&r);
	temproot_add(&r, "proc/iomem", "");
	temproot_add(&r, "wcdiag/nodes.txt", "# PATH SLOT\n");
	assert_int_equal(maps_read(temproot_open(&r), &pci, 0, &m), 0);
	assert_int_equal(m.fact.state, FACT_KNOWN);
	assert_int_equal(m.n, 0);
	assert_int_equal(maps_side_files(r.src, &m, &nodes, &vfio), 0);
	assert_string_equal(nodes, "# PATH SLOT\n");
	assert_memory_equal(vfio, "# PID SLOT", 10);
	free(nodes);
	free(vfio);
	maps_free(&m);
	temproot_drop(&r);
}

/* Long lines, and lines that lie over the ends of the reader's buffer, at every place. */
static void a_long_file_is_read_line_by_line(void **state)
{
	size_t size = 0, len, pad, k;
	char *text = NULL;
	struct temproot r;
	struct maps m;
	FILE *f;

	(void)state;
	for (pad = 0; pad < 60; pad += 7) {
		f = open_memstream(&text, &size);
		fprintf(f, "1000-2000 r--p 0 0:0 0 /%0*d\n", (int)pad + 1, 0);
		for (k = 0; k < 4000; k++)
			fprintf(f, "%zx-%zx rw-s fe000000 00:15 11044                      " DEV "resource2_wc\n",
				(k + 2) * 4096, (k + 3) * 4096);
		fclose(f);
		len = size;
		temproot_make(&r);
		temproot_add_n(&r, "proc/1/maps", text, len);
		assert_int_equal(maps_read(temproot_open(&r), &pci, 0, &m), 0);
		assert_int_equal(m.n, 4000);
		for (k = 0; k < 4000; k++)
			assert_int_equal(m.m[k].vstart, (k + 2) * 4096);
		maps_free(&m);
		temproot_drop(&r);
		free(text);
	}
}

static void a_line_longer_than_any_is_refused_and_the_next_is_read(void **state)
{
	static const size_t sizes[] = { 65535, 65536, 65537, 131072, 200000 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char *text = malloc(sizes[i] + 200);
		struct temproot r;
		struct maps m;

		memset(text, 'x', sizes[i]);
		memcpy(text, "1000-2000 rw-s 0 00:05 3 /dev/", 30);
		strcpy(text + sizes[i] - 1, "\n7f0000000000-7f0000010000 rw-s fe000000 00:15 1 " DEV "resource2_wc\n");
		temproot_make(&r);
		temproot_add(&r, "proc/1/maps", text);
		free(text);
		maps_read(temproot_open(&r), &pci, 0, &m);
		if (sizes[i] > 65536) {
			assert_int_equal(m.fact.state, FACT_MISSING);
			assert_string_equal(m.fact.why, "process 1, line 1: no line of a maps file");
		}
		assert_int_equal(m.n, 1);
		assert_int_equal(m.m[0].phys, 0xfe000000);
		maps_free(&m);
		temproot_drop(&r);
	}
}

/* The reader's buffer takes 64 KiB: what stands in the line behind them is no line of its own. */
static void the_rest_of_a_line_that_is_too_long_is_no_line(void **state)
{
	static const char inner[] = "7f0000000000-7f0000010000 rw-s fe000000 00:15 1 " DEV "resource2_wc\n";
	char *text = malloc(70000);
	struct temproot r;
	struct maps m;

	(void)state;
	memset(text, 'x', 65536);
	memcpy(text + 65536, inner, sizeof(inner));
	temproot_make(&r);
	temproot_add(&r, "proc/1/maps", text);
	free(text);
	assert_int_equal(maps_read(temproot_open(&r), &pci, 0, &m), -EBADMSG);
	assert_int_equal(m.n, 0);
	maps_free(&m);
	temproot_drop(&r);
}

/* The look-ups of the live machine, on a made-up one. */
static void the_device_behind_vfio_is_named_only_when_it_is_the_only_one(void **state)
{
	static const struct {
		const char *fd3, *fd4, *fd5, *info5, *slot;
	} rows[] = {
		{ "/dev/vfio/26", NULL, NULL, NULL, "0000:00:02.0" },
		{ "/dev/vfio/vfio", "/dev/vfio/26", "anon_inode:[vfio-device]", NULL, "0000:00:02.0" },
		{ "/dev/vfio/noiommu-26", NULL, NULL, NULL, "0000:00:02.0" },
		{ "/dev/vfio/27", NULL, NULL, NULL, NULL }, /* a group of two */
		{ "/dev/vfio/28", NULL, NULL, NULL, NULL }, /* a group of none */
		{ "/dev/vfio/26", "/dev/vfio/29", NULL, NULL, NULL },
		{ "/dev/vfio/26", "/dev/vfio/27", NULL, NULL, NULL },
		{ "/dev/vfio/26", "/dev/vfio/26", NULL, NULL, "0000:00:02.0" },
		{ "/dev/vfio/devices/vfio0", NULL, NULL, NULL, "0000:00:03.0" },
		{ "/dev/vfio/devices/vfio1", NULL, NULL, NULL, NULL },
		{ "/dev/vfio/27", NULL, "anon_inode:[vfio-device]",
		  "pos:\t0\nvfio-device-syspath: /sys/devices/pci0000:00/0000:00:03.0\n", "0000:00:03.0" },
		{ "/dev/vfio/27", "anon_inode:[vfio-device]", "anon_inode:[vfio-device]",
		  "vfio-device-syspath: /sys/devices/pci0000:00/0000:00:03.0\n", NULL },
		{ "/dev/vfio/26", "/dev/vfio/devices/vfio0", NULL, NULL, "0000:00:03.0" },
		{ "socket:[123]", "/dev/null", NULL, NULL, NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct temproot r;
		char slot[20] = "";
		bool found;

		temproot_make(&r);
		temproot_link(&r, "sys/kernel/iommu_groups/26/devices/0000:00:02.0", "x");
		temproot_link(&r, "sys/kernel/iommu_groups/27/devices/0000:00:03.0", "x");
		temproot_link(&r, "sys/kernel/iommu_groups/27/devices/0000:00:04.0", "x");
		temproot_link(&r, "sys/kernel/iommu_groups/29/devices/0000:00:03.0", "x");
		temproot_link(&r, "sys/class/vfio-dev/vfio0", "../../devices/pci0000:00/0000:00:03.0/vfio-dev/vfio0");
		temproot_link(&r, "proc/9/fd/3", rows[i].fd3);
		if (rows[i].fd4)
			temproot_link(&r, "proc/9/fd/4", rows[i].fd4);
		if (rows[i].fd5)
			temproot_link(&r, "proc/9/fd/5", rows[i].fd5);
		if (rows[i].info5)
			temproot_add(&r, "proc/9/fdinfo/5", rows[i].info5);
		found = vfio_slot(temproot_open(&r), 9, slot);
		if (found != (rows[i].slot != NULL) || (found && strcmp(slot, rows[i].slot)))
			fail_msg("%zu: %d %s", i, found, slot);
		assert_false(vfio_slot(r.src, 10, slot));
		temproot_drop(&r);
	}
}

static void a_node_is_tied_through_its_device_number(void **state)
{
	struct map m = { .pid = getpid(), .kind = MAP_NODE, .path = "/dev/null" };
	struct temproot r;
	char slot[20];

	(void)state;
	temproot_make(&r);
	assert_false(node_slot(temproot_open(&r), &m, slot));
	temproot_drop(&r);

	temproot_make(&r); /* 1:3 is /dev/null */
	temproot_link(&r, "sys/dev/char/1:3", "../../devices/pci0000:00/0000:00:01.0/0000:01:00.0/drm/card0");
	temproot_link(&r, "sys/dev/char/0:0", "../../devices/pci0000:00/0000:00:01.0/0000:01:00.0/drm/card1");
	assert_true(node_slot(temproot_open(&r), &m, slot));
	assert_string_equal(slot, "0000:01:00.0");
	strcpy(m.path, "/dev/nul?");
	assert_false(node_slot(r.src, &m, slot));
	strcpy(m.path, "/etc/passwd");
	assert_false(node_slot(r.src, &m, slot));
	temproot_drop(&r);

	temproot_make(&r);
	temproot_link(&r, "sys/dev/char/1:3", "../../devices/virtual/thing/thing0");
	temproot_link(&r, "sys/devices/virtual/thing/thing0/device", "../../../pci0000:00/0000:00:05.0");
	strcpy(m.path, "/dev/null");
	assert_true(node_slot(temproot_open(&r), &m, slot));
	assert_string_equal(slot, "0000:00:05.0");
	temproot_drop(&r);
}

/* Whatever this machine is: the own process is seen, and what is missing is said. */
static void the_live_machine_is_read_without_harm(void **state)
{
	struct src *s;
	struct maps m;
	char *nodes, *vfio;
	int err;

	(void)state;
	assert_int_equal(src_open_live(&s), 0);
	err = maps_read(s, &pci, 0, &m);
	assert_true(m.seen >= 1);
	assert_int_equal(err, -m.fact.err);
	if (err)
		assert_true(*m.fact.why != '\0');
	assert_int_equal(maps_side_files(s, &m, &nodes, &vfio), 0);
	assert_memory_equal(nodes, "# PATH SLOT", 11);
	assert_memory_equal(vfio, "# PID SLOT", 10);
	free(nodes);
	free(vfio);
	maps_free(&m);
	src_close(s);
}

static void every_kind_has_a_name(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < MAP_KINDS; i++)
		assert_non_null(map_kind_name((enum map_kind)i));
	assert_string_equal(map_kind_name(MAP_KINDS), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_taken_apart),
		cmocka_unit_test(flags_and_missing_paths_are_read),
		cmocka_unit_test(a_line_that_is_none_is_refused),
		cmocka_unit_test(paths_tell_the_kind),
		cmocka_unit_test(the_nearest_slot_of_a_sysfs_path_is_found),
		cmocka_unit_test(each_kind_of_mapping_is_resolved),
		cmocka_unit_test(vfio_offsets_are_read_only_as_far_as_they_are_certain),
		cmocka_unit_test(a_bar_that_another_driver_holds_is_not_mapped_by_vfio),
		cmocka_unit_test(the_open_device_is_named_where_the_other_is_held_by_its_driver),
		cmocka_unit_test(a_kernel_that_took_the_region_form_over_is_understood),
		cmocka_unit_test(a_piece_of_a_split_uio_mapping_is_not_taken_for_the_next_map),
		cmocka_unit_test(processes_come_by_number_and_mappings_by_address),
		cmocka_unit_test(a_process_whose_main_thread_has_ended_is_read_through_another),
		cmocka_unit_test(a_live_thread_is_found_when_the_main_one_has_ended),
		cmocka_unit_test(paths_are_shown_printable_and_cut),
		cmocka_unit_test(what_could_not_be_read_is_counted),
		cmocka_unit_test(a_snapshot_without_processes_says_so_only_when_somebody_looked),
		cmocka_unit_test(a_long_file_is_read_line_by_line),
		cmocka_unit_test(a_line_longer_than_any_is_refused_and_the_next_is_read),
		cmocka_unit_test(the_rest_of_a_line_that_is_too_long_is_no_line),
		cmocka_unit_test(the_device_behind_vfio_is_named_only_when_it_is_the_only_one),
		cmocka_unit_test(a_node_is_tied_through_its_device_number),
		cmocka_unit_test(the_live_machine_is_read_without_harm),
		cmocka_unit_test(every_kind_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
