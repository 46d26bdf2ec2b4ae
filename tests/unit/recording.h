/* SPDX-License-Identifier: GPL-2.0-or-later */
/* recording.h - record a tree made for a test, and look at the result. */
#ifndef WCDIAG_RECORDING_H
#define WCDIAG_RECORDING_H

#include "probe/pci.h"
#include "probe/snapshot.h"
#include "probe/snapshot_int.h"
#include "probe/src.h"
#include "tmptree.h"

static struct tree from, out;
static struct snapshot_report report;

static inline int setup(void **state)
{
	(void)state;
	tree_make(&from);
	tree_make(&out);
	put_marker(&from);
	report = (struct snapshot_report){ 0 };
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	snapshot_report_free(&report);
	tree_remove(&from);
	tree_remove(&out);
	return 0;
}

static inline struct src *open_root(const char *path)
{
	struct src *s;
	char why[200];

	if (src_open_root(&s, path, why, sizeof(why)))
		fail_msg("%s: %s", path, why);
	return s;
}

/* Record the tree "from" into out/name and open the result. */
static inline struct src *record_as(const char *name, bool all, const char *klog_file)
{
	const struct snapshot_opts o = { .all = all, .klog_file = klog_file, .by = "a test", .taken = "2026-11-22" };
	struct src *s = open_root(from.dir);
	struct sink *k;
	char why[200] = "";

	snapshot_report_free(&report);
	if (sink_open(&k, at(&out, name), false, why, sizeof(why)))
		fail_msg("%s", why);
	assert_int_equal(snapshot_take(s, &o, k, &report), 0);
	assert_int_equal(sink_commit(k, why, sizeof(why)), 0);
	src_close(s);
	return open_root(at(&out, name));
}

static inline struct src *record(bool all)
{
	static int n;
	char name[40];

	snprintf(name, sizeof(name), "snap%d", n++);
	return record_as(name, all, NULL);
}

static inline void assert_text(const struct src *s, const char *path, const char *want)
{
	struct blob b = { 0 };
	int rc = src_read(s, path, &b);

	if (!want) {
		if (!rc)
			fail_msg("%s was recorded: '%s'", path, b.data);
		return;
	}
	if (rc || strcmp(b.data, want))
		fail_msg("%s: rc %d, '%s', wanted '%s'", path, rc, rc ? "" : b.data, want);
	blob_free(&b);
}

static inline bool says(char *const *list, size_t n, const char *part)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(list[i], part))
			return true;
	return false;
}

static inline const struct snapshot_miss *missed(const char *path)
{
	for (size_t i = 0; i < report.nmiss; i++)
		if (!strcmp(report.miss[i].path, path))
			return &report.miss[i];
	return NULL;
}

/* --- a device --- */

#define DEV "sys/devices/pci0000:00/0000:00:02.0/"

static inline void put_device(void)
{
	static const struct {
		const char *name, *text;
	} file[] = {
		{ "vendor", "0x1af4\n" }, { "device", "0x1110\n" }, { "class", "0x050000\n" }, { "revision", "0x01\n" },
		{ "subsystem_vendor", "0x1af4\n" }, { "subsystem_device", "0x1100\n" }, { "irq", "11\n" },
		{ "power_state", "D0\n" }, { "power/runtime_status", "active\n" }, { "resource0", "" },
		{ "numa_node", "0\n" }, { "resource2", "" },
		{ "resource2_wc", "" }, { "uevent", "PCI_ID=secret" }, { "vpd", "SN=12345" }, { "rom", "x" },
		{ "net/eth0/address", "00:11:22:33:44:55\n" },
	};
	char path[200];

	for (size_t i = 0; i < sizeof(file) / sizeof(file[0]); i++) {
		snprintf(path, sizeof(path), DEV "%s", file[i].name);
		put_text(&from, path, file[i].text);
	}
	put_text(&from, DEV "resource",
		 "0x00000000feb11000 0x00000000feb110ff 0x0000000000040200\n"
		 "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
		 "0x00000000fe000000 0x00000000fe0fffff 0x000000000014220c\n"
		 "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
		 "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
		 "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
		 "0x0000000000000000 0x0000000000000000 0x0000000000000000\n");
	put_link(&from, DEV "driver", "../../../bus/pci/drivers/mydrv");
	put_link(&from, "sys/bus/pci/devices/0000:00:02.0", "../../../devices/pci0000:00/0000:00:02.0");
}

static inline void assert_same_device(const struct pci_device *a, const struct pci_device *b)
{
	assert_string_equal(a->slot, b->slot);
	assert_string_equal(a->driver, b->driver);
	assert_int_equal(a->vendor, b->vendor);
	assert_int_equal(a->device, b->device);
	assert_int_equal(a->sub_vendor, b->sub_vendor);
	assert_int_equal(a->sub_device, b->sub_device);
	assert_int_equal(a->class, b->class);
	assert_int_equal(a->parent, b->parent);
	assert_int_equal(a->numa_node, b->numa_node);
	assert_int_equal(a->power, b->power);
	assert_int_equal(a->suspended, b->suspended);
	assert_int_equal(a->command, b->command);
	assert_int_equal(a->virtio_shm, b->virtio_shm);
	assert_int_equal(a->virtio_shm_known, b->virtio_shm_known);
	assert_int_equal(a->config.state, b->config.state);
	assert_int_equal(a->nwindow, b->nwindow);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(a->bar[i].addr, b->bar[i].addr);
		assert_int_equal(a->bar[i].size, b->bar[i].size);
		assert_int_equal(a->bar[i].flags, b->bar[i].flags);
		assert_int_equal(a->bar[i].has_resource, b->bar[i].has_resource);
		assert_int_equal(a->bar[i].has_wc, b->bar[i].has_wc);
	}
	for (unsigned int i = 0; i < a->nwindow; i++) {
		assert_int_equal(a->window[i].start, b->window[i].start);
		assert_int_equal(a->window[i].end, b->window[i].end);
	}
}

#endif
