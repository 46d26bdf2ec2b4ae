/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_snapshot.c - what is recorded and what is not, how failures are handed on, and how the result appears on disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>

#include "probe/iomem.h"
#include "probe/klog.h"
#include "probe/maps.h"
#include "probe/memtype.h"
#include "probe/msr.h"
#include "probe/pci.h"
#include "probe/snapshot.h"
#include "probe/snapshot_int.h"
#include "probe/src.h"
#include "probe/vmalloc.h"
#include "tmptree.h"

static struct tree from, out;
static struct snapshot_report report;

static int setup(void **state)
{
	(void)state;
	tree_make(&from);
	tree_make(&out);
	put_marker(&from);
	report = (struct snapshot_report){ 0 };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	snapshot_report_free(&report);
	tree_remove(&from);
	tree_remove(&out);
	return 0;
}

static struct src *open_root(const char *path)
{
	struct src *s;
	char why[200];

	if (src_open_root(&s, path, why, sizeof(why)))
		fail_msg("%s: %s", path, why);
	return s;
}

/* Record the tree "from" into out/name and open the result. */
static struct src *record_as(const char *name, bool all, const char *klog_file)
{
	const struct snapshot_opts o = { .all = all, .klog_file = klog_file, .by = "a test", .taken = "2026-11-22T12:00:00Z" };
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

static struct src *record(bool all)
{
	static int n;
	char name[40];

	snprintf(name, sizeof(name), "snap%d", n++);
	return record_as(name, all, NULL);
}

static void assert_text(const struct src *s, const char *path, const char *want)
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

static bool says(char *const *list, size_t n, const char *part)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(list[i], part))
			return true;
	return false;
}

static const struct snapshot_miss *missed(const char *path)
{
	for (size_t i = 0; i < report.nmiss; i++)
		if (!strcmp(report.miss[i].path, path))
			return &report.miss[i];
	return NULL;
}

static void texts_are_recorded_whole_or_in_the_part_that_is_needed(void **state)
{
	struct src *s;

	(void)state;
	put_text(&from, "proc/sys/kernel/osrelease", "6.1.0\n");
	put_text(&from, "proc/cmdline", "BOOT_IMAGE=/vmlinuz root=UUID=1-2-3 nopat secret=hunter2 debugpat quiet\n");
	put_text(&from, "proc/mtrr", "reg00: base=0x0c0000000 ( 3072MB), size= 1024MB, count=1: uncachable\n");
	put_text(&from, "proc/iomem", "00001000-0009ffff : System RAM\n  00002000-00002fff : Kernel code\n  00003000-00003fff : Kernel rodata\n"
				      "  00004000-00004fff : Kernel data\n  00005000-00005fff : Kernel bss\nfe000000-fe0fffff : 0000:00:02.0\n");
	put_text(&from, "proc/vmallocinfo", "0x01-0x02 8192 secret_thing+0x1/0x2 pages=1 vmalloc\n"
					    "0x03-0x04 8192 mydrv_probe+0x1/0x2 [mydrv] phys=0x00000000fe000000 ioremap\n");
	put_text(&from, "sys/devices/system/cpu/online", "0-3\n");
	put_text(&from, "sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	put_text(&from, "sys/kernel/debug/x86/pat_memtype_list", "PAT memtype list:\n");
	put_text(&from, "proc/version", "Linux version 6.1.0 (somebody@somehost)\n");
	put_text(&from, "etc/machine-id", "12345\n");
	s = record(false);
	assert_text(s, "/wcdiag-snapshot", "wcdiag-snapshot 1\ntaken: 2026-11-22T00:00:00Z\nby: a test\n");
	assert_text(s, "/proc/sys/kernel/osrelease", "6.1.0\n");
	assert_text(s, "/proc/cmdline", "nopat debugpat\n");
	assert_text(s, "/proc/mtrr", "reg00: base=0x0c0000000 ( 3072MB), size= 1024MB, count=1: uncachable\n");
	assert_text(s, "/proc/iomem", "00001000-0009ffff : System RAM\nfe000000-fe0fffff : 0000:00:02.0\n");
	assert_text(s, "/proc/vmallocinfo", "0x03-0x04 8192 mydrv_probe+0x1/0x2 [mydrv] phys=0x00000000fe000000 ioremap\n");
	assert_text(s, "/sys/devices/system/cpu/online", "0-3\n");
	assert_text(s, "/sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	assert_text(s, "/sys/kernel/debug/x86/pat_memtype_list", "PAT memtype list:\n");
	assert_text(s, "/proc/version", NULL);
	assert_text(s, "/etc/machine-id", NULL);
	assert_true(says(report.left_out, report.nleft_out, "/proc/cmdline"));
	assert_true(says(report.left_out, report.nleft_out, "/proc/iomem"));
	assert_true(says(report.left_out, report.nleft_out, "/proc/vmallocinfo"));
	src_close(s);
	s = record(true);
	assert_text(s, "/wcdiag-snapshot", "wcdiag-snapshot 1\ntaken: 2026-11-22T00:00:00Z\nby: a test\nall: yes\n");
	assert_text(s, "/proc/cmdline", "BOOT_IMAGE=/vmlinuz root=UUID=1-2-3 nopat secret=hunter2 debugpat quiet\n");
	{
		struct blob b;

		assert_int_equal(src_read(s, "/proc/iomem", &b), 0);
		assert_non_null(strstr(b.data, "Kernel code"));
		blob_free(&b);
	}
	assert_text(s, "/etc/machine-id", NULL);
	src_close(s);
}

static void of_the_log_only_lines_about_memory_types_and_the_first_number_remain(void **state)
{
#define PAT "6,22,597,-;x86/PAT: Configuration [0-7]: WB  WC  UC- UC  WB  WP  UC- WT  \n"
	static const struct {
		const char *log, *want;
		bool start_lost;
	} row[] = {
		{ "5,0,0,-;Linux version 6.1.0 (me@myhost) (gcc 12)\n6,1,0,-;Command line: secret=1\n" PAT
		  "6,400,9,-;eth0: 00:11:22:33:44:55\n SUBSYSTEM=pci\n DEVICE=+pci:0000:00:02.0\n",
		  "5,0,0,-;\n" PAT, false },
		{ "6,300,7,-;eth0: 00:11:22:33:44:55\n" PAT, "6,300,7,-;\n" PAT, true },
		{ PAT "6,300,7,-;eth0\n", PAT, true },
		{ "6,300,7,-;eth0\n", "6,300,7,-;\n", true },
		{ "[    0.1] Linux version 6.1.0 (me@myhost)\n[    0.2] x86/PAT: PAT support disabled via boot option.\n",
		  "[    0.2] x86/PAT: PAT support disabled via boot option.\n", false },
		{ "6,x,garbage without a semicolon\n", "", false },
		{ "6,5", "", false },
		{ "6,5,;cut", "", false },
		{ "6,5,7,;cut", "6,5,7,;\n", true },
		{ "6,5,7;cut", "", false },
		{ "6,0,7,c,caller=T1;cut", "6,0,7,c,caller=T1;\n", false },
		{ "\n", "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct src *s;
		struct klog k;

		put_text(&from, "dev/kmsg", row[i].log);
		s = record(false);
		assert_text(s, "/dev/kmsg", row[i].want);
		klog_read(s, NULL, &k);
		if (k.start_lost != row[i].start_lost)
			fail_msg("row %zu", i);
		klog_free(&k);
		src_close(s);
		s = record(true);
		assert_text(s, "/dev/kmsg", row[i].log);
		src_close(s);
	}
}

static void a_log_file_may_stand_in_for_the_machines_own(void **state)
{
	struct src *s;

	(void)state;
	put_text(&from, "dev/kmsg", "6,300,7,-;lost\n");
	put_text(&out, "dmesg.txt", "[    0.2] x86/PAT: PAT support disabled via boot option.\n[    0.3] other\n");
	{
		char file[400];

		snprintf(file, sizeof(file), "%s/dmesg.txt", out.dir);
		s = record_as("with-log", false, file);
	}
	assert_text(s, "/dev/kmsg", "[    0.2] x86/PAT: PAT support disabled via boot option.\n");
	src_close(s);
}

/* --- processes --- */

#define MAP_WC "7f843ccfa000-7f843cd0a000 rw-s fe000000 00:15 11044                      /sys/devices/pci0000:00/0000:00:02.0/resource2_wc\n"
#define MAP_HEAP "55d000000000-55d000001000 rw-p 00000000 00:00 0                          [heap]\n"
#define MAP_LIB "7f8430000000-7f8430001000 r-xp 00000000 08:01 12                         /home/somebody/secret-project/lib.so\n"
#define MAP_ZERO "7f8430002000-7f8430003000 rw-s 00000000 00:05 4                          /dev/zero\n"
#define MAP_OTHER "7f8430003000-7f8430004000 rw-s 00000000 00:05 99                         /dev/snd/pcmC0D0p\n"
#define MAP_NODE_ "7f8430004000-7f8430005000 rw-s 00002000 00:05 13424                      /dev/bardrv0\n"

static void of_processes_only_the_lines_that_map_devices_remain(void **state)
{
	struct src *s;
	char **names;
	size_t n;

	(void)state;
	put_text(&from, "proc/100/maps", MAP_HEAP MAP_LIB);
	put_text(&from, "proc/100/comm", "editor\n");
	put_text(&from, "proc/200/maps", MAP_HEAP MAP_WC MAP_LIB MAP_ZERO MAP_OTHER MAP_NODE_);
	put_text(&from, "proc/200/comm", "myprog\n");
	put_text(&from, "proc/200/cmdline", "myprog --password=x");
	put_text(&from, "proc/200/environ", "TOKEN=x");
	put_text(&from, "proc/2x/maps", MAP_WC);
	put_text(&from, "wcdiag/nodes.txt", "/dev/bardrv0 0000:00:02.0\n");
	put_text(&from, "wcdiag/errors.txt", "EACCES /proc/300/maps\n");
	s = record(false);
	assert_text(s, "/proc/200/maps", MAP_WC MAP_NODE_);
	assert_text(s, "/proc/200/comm", "myprog\n");
	assert_text(s, "/proc/200/cmdline", NULL);
	assert_text(s, "/proc/200/environ", NULL);
	assert_text(s, "/proc/2x/maps", NULL);
	assert_int_equal(src_list(s, "/proc", &names, &n), 0);
	assert_int_equal(n, 1);
	src_list_free(names, n);
	/* A process that could not be looked into is one for the reader, too. */
	assert_text(s, "/wcdiag/errors.txt", "EACCES /proc/300/maps\n");
	assert_int_equal(missed("/proc/PID/maps")->err, EACCES);
	src_close(s);
}

static void that_nobody_maps_anything_is_recorded_as_an_answer(void **state)
{
	struct src *s;
	struct maps m;
	struct pci p;

	(void)state;
	put_text(&from, "proc/100/maps", MAP_HEAP);
	s = record(false);
	pci_read(s, &p);
	assert_int_equal(maps_read(s, &p, 0x60100, &m), 0);
	assert_int_equal(m.fact.state, FACT_KNOWN);
	assert_int_equal(m.n, 0);
	maps_free(&m);
	pci_free(&p);
	src_close(s);
}

/* --- devices --- */

#define DEV "sys/devices/pci0000:00/0000:00:02.0/"

static void put_device(void)
{
	static const struct {
		const char *name, *text;
	} file[] = {
		{ "vendor", "0x1af4\n" }, { "device", "0x1110\n" }, { "class", "0x050000\n" }, { "revision", "0x01\n" },
		{ "subsystem_vendor", "0x1af4\n" }, { "subsystem_device", "0x1100\n" }, { "irq", "11\n" }, { "numa_node", "0\n" },
		{ "power_state", "D0\n" }, { "power/runtime_status", "active\n" }, { "resource0", "" }, { "resource2", "" },
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

/* Every register has a value of its own, so that what was copied can be told from what was not. */
static void fill_config(uint8_t cfg[4096])
{
	for (int i = 0; i < 4096; i++)
		cfg[i] = (uint8_t)(1 + i % 251);
	memcpy(cfg, (const uint8_t[]){ 0xf4, 0x1a, 0x10, 0x11, 0x06, 0x04, 0x10, 0x00 }, 8);
	cfg[0x0e] = 0;
	cfg[0x34] = 0x40;
	memcpy(cfg + 0x40, (const uint8_t[]){ 0x01, 0x50 }, 2);			/* power management */
	memcpy(cfg + 0x50, (const uint8_t[]){ 0x03, 0x60 }, 2);			/* vital product data */
	memcpy(cfg + 0x60, (const uint8_t[]){ 0x10, 0xa0 }, 2);			/* PCI Express */
	memcpy(cfg + 0xa0, (const uint8_t[]){ 0x09, 0xc0, 20, 5 }, 4);		/* virtio: a window to its BARs */
	memcpy(cfg + 0xc0, (const uint8_t[]){ 0x05, 0x00 }, 2);			/* MSI */
	memcpy(cfg + 0x100, (const uint8_t[]){ 0x01, 0x00, 0x01, 0x14 }, 4);	/* AER, next 0x140 */
	memcpy(cfg + 0x140, (const uint8_t[]){ 0x03, 0x00, 0x01, 0x15 }, 4);	/* serial number, next 0x150 */
	memcpy(cfg + 0x150, (const uint8_t[]){ 0x0b, 0x00, 0x01, 0x00 }, 4);
}

static void assert_same_device(const struct pci_device *a, const struct pci_device *b)
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

static void a_device_is_recorded_with_its_link_and_reads_the_same(void **state)
{
	static const char *const secret[] = { "uevent", "vpd", "rom", "net/eth0/address" };
	uint8_t cfg[4096];
	struct src *s, *was = NULL;
	struct pci a, b;
	char path[200], target[200];

	(void)state;
	put_device();
	fill_config(cfg);
	put_bytes(&from, DEV "config", cfg, sizeof(cfg));
	was = open_root(from.dir);
	assert_int_equal(pci_read(was, &a), 0);
	s = record(false);
	assert_int_equal(pci_read(s, &b), 0);
	assert_int_equal(b.n, 1);
	assert_same_device(&a.dev[0], &b.dev[0]);
	assert_int_equal(src_readlink(s, "/sys/bus/pci/devices/0000:00:02.0", target, sizeof(target)), 0);
	assert_string_equal(target, "../../../devices/pci0000:00/0000:00:02.0");
	assert_int_equal(src_readlink(s, "/sys/bus/pci/devices/0000:00:02.0/driver", target, sizeof(target)), 0);
	assert_string_equal(target, "../../../bus/pci/drivers/mydrv");
	assert_int_equal(src_exists(s, "/sys/bus/pci/drivers/mydrv"), 0);
	for (size_t i = 0; i < sizeof(secret) / sizeof(secret[0]); i++) {
		snprintf(path, sizeof(path), "/" DEV "%s", secret[i]);
		assert_text(s, path, NULL);
	}
	pci_free(&a);
	pci_free(&b);
	src_close(s);
	src_close(was);
}

static struct blob recorded_config(bool all)
{
	struct src *s = record(all);
	struct blob b;

	if (src_read(s, "/" DEV "config", &b))
		b = (struct blob){ 0 };
	src_close(s);
	return b;
}

static void assert_span(const struct blob *b, const uint8_t *cfg, size_t from_, size_t to, bool kept)
{
	for (size_t i = from_; i < to; i++)
		if ((uint8_t)b->data[i] != (kept ? cfg[i] : 0))
			fail_msg("byte %#zx is %#x", i, (uint8_t)b->data[i]);
}

static void of_the_config_space_only_what_is_needed_is_read(void **state)
{
	uint8_t cfg[4096];
	struct blob b;

	(void)state;
	put_device();
	fill_config(cfg);
	put_bytes(&from, DEV "config", cfg, sizeof(cfg));
	b = recorded_config(false);
	assert_int_equal(b.len, 256);
	assert_span(&b, cfg, 0x00, 0x48, true);		/* header, power management */
	assert_span(&b, cfg, 0x48, 0x50, false);
	assert_span(&b, cfg, 0x50, 0x52, true);
	assert_span(&b, cfg, 0x52, 0x60, false);	/* vital product data */
	assert_span(&b, cfg, 0x60, 0x74, true);		/* PCI Express as far as payload sizes */
	assert_span(&b, cfg, 0x74, 0xa0, false);
	assert_span(&b, cfg, 0xa0, 0xb0, true);
	assert_span(&b, cfg, 0xb0, 0xc0, false);	/* not the window */
	assert_span(&b, cfg, 0xc0, 0xc2, true);
	assert_span(&b, cfg, 0xc2, 256, false);
	blob_free(&b);
}

static void with_all_the_whole_config_space_is_kept_but_serial_numbers(void **state)
{
	uint8_t cfg[4096];
	struct blob b;

	(void)state;
	put_device();
	fill_config(cfg);
	put_bytes(&from, DEV "config", cfg, sizeof(cfg));
	b = recorded_config(true);
	assert_int_equal(b.len, 4096);
	assert_span(&b, cfg, 0x00, 0x52, true);
	assert_span(&b, cfg, 0x52, 0x58, false);	/* vital product data: address and data */
	assert_span(&b, cfg, 0x58, 0xb0, true);
	assert_span(&b, cfg, 0xb0, 0xb4, false);	/* virtio's window */
	assert_span(&b, cfg, 0xb4, 0x144, true);
	assert_span(&b, cfg, 0x144, 0x14c, false);	/* the serial number */
	assert_span(&b, cfg, 0x14c, 4096, true);
	assert_true(says(report.left_out, report.nleft_out, "serial numbers"));
	blob_free(&b);
}

static void what_only_root_may_read_is_recorded_as_far_as_it_goes(void **state)
{
	uint8_t cfg[4096];
	struct blob b;

	(void)state;
	put_device();
	fill_config(cfg);
	for (int all = 0; all < 2; all++) {
		put_bytes(&from, DEV "config", cfg, 64);
		b = recorded_config(all);
		assert_int_equal(b.len, 64);
		assert_span(&b, cfg, 0, 64, true);
		blob_free(&b);
		put_bytes(&from, DEV "config", cfg, 256);
		b = recorded_config(all);
		assert_int_equal(b.len, 256);
		blob_free(&b);
	}
	/* A list that bites its tail: nobody can tell what lies behind. */
	cfg[0xc1] = 0x40;
	put_bytes(&from, DEV "config", cfg, sizeof(cfg));
	for (int all = 0; all < 2; all++) {
		b = recorded_config(all);
		assert_int_equal(b.len, 64);
		blob_free(&b);
	}
}

static void a_sleeping_device_is_recorded_without_its_config_space(void **state)
{
	uint8_t cfg[4096];
	struct blob b;

	(void)state;
	put_device();
	fill_config(cfg);
	put_bytes(&from, DEV "config", cfg, sizeof(cfg));
	put_text(&from, DEV "power_state", "D3cold\n");
	put_text(&from, DEV "power/runtime_status", "suspended\n");
	b = recorded_config(true);
	assert_null(b.data);
	assert_true(says(report.left_out, report.nleft_out, "config: the device sleeps"));
	put_fifo(&from, DEV "config");
	alarm(10);
	b = recorded_config(false);
	alarm(0);
	assert_null(b.data);
	assert_null(missed("/sys/bus/pci/devices/0000:00:02.0/config"));
}

static void an_extended_list_that_cannot_be_followed_is_cut_off(void **state)
{
	static const struct {
		unsigned int at;
		uint8_t b[4];
		size_t want;
	} row[] = {
		{ 0x150, { 0x0b, 0, 0x01, 0x10 }, 256 },	/* a circle */
		{ 0x150, { 0x0b, 0, 0x01, 0x0f }, 256 },	/* into the old space */
		{ 0x150, { 0x03, 0, 0x01, 0x00 }, 4096 },	/* a second serial number */
		{ 0x150, { 0x0b, 0, 0xc1, 0xff }, 4096 },	/* one more, in the last dword */
		{ 0x100, { 0, 0, 0, 0 }, 4096 },
		{ 0x100, { 0xff, 0xff, 0xff, 0xff }, 4096 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		uint8_t cfg[4096], *exact = malloc(4096);
		size_t n;

		fill_config(cfg);
		memcpy(cfg + row[i].at, row[i].b, 4);
		memcpy(cfg + 0xffc, (const uint8_t[]){ 0x0b, 0, 1, 0 }, 4);
		memcpy(exact, cfg, 4096);
		n = config_censor(exact, 4096);
		if (n != row[i].want)
			fail_msg("row %zu: %zu", i, n);
		if (row[i].at != 0x100 && n > 256)
			assert_memory_equal(exact + 0x144, ((uint8_t[8]){ 0 }), 8);
		if (row[i].b[0] == 3)
			assert_memory_equal(exact + 0x154, ((uint8_t[8]){ 0 }), 8);
		free(exact);
	}
	/* A serial number that is cut off, and less than an extended space at all. */
	{
		uint8_t cfg[4096], *exact = malloc(0x148);

		fill_config(cfg);
		memcpy(exact, cfg, 0x148);
		assert_int_equal(config_censor(exact, 0x148), 256);
		assert_int_equal(config_censor(exact, 256), 256);
		assert_int_equal(config_censor(exact, 0x102), 256);
		assert_int_equal(config_censor(exact, 0), 0);
		free(exact);
	}
}

static void uio_keeps_its_maps_and_its_device(void **state)
{
	struct src *s;
	char target[200];

	(void)state;
	put_device();
	put_text(&from, "sys/class/uio/uio0/name", "igb_uio\n");
	put_text(&from, "sys/class/uio/uio0/event", "1\n");
	put_text(&from, "sys/class/uio/uio0/maps/map0/addr", "0xfe000000\n");
	put_text(&from, "sys/class/uio/uio0/maps/map0/size", "0x100000\n");
	put_text(&from, "sys/class/uio/uio0/maps/map0/offset", "0x0\n");
	put_text(&from, "sys/class/uio/uio0/maps/map0/name", "BAR2\n");
	put_link(&from, "sys/class/uio/uio0/device", "../../../0000:00:02.0");
	s = record(false);
	assert_text(s, "/sys/class/uio/uio0/name", "igb_uio\n");
	assert_text(s, "/sys/class/uio/uio0/event", NULL);
	assert_text(s, "/sys/class/uio/uio0/maps/map0/addr", "0xfe000000\n");
	assert_text(s, "/sys/class/uio/uio0/maps/map0/size", "0x100000\n");
	assert_text(s, "/sys/class/uio/uio0/maps/map0/offset", "0x0\n");
	assert_int_equal(src_readlink(s, "/sys/class/uio/uio0/device", target, sizeof(target)), 0);
	assert_string_equal(strrchr(target, '/') + 1, "0000:00:02.0");
	assert_text(s, "/sys/class/uio/uio0/device/vendor", "0x1af4\n");
	src_close(s);
}

/* --- failures --- */

static void a_failure_is_recorded_and_given_again_by_the_copy(void **state)
{
	struct src *s;
	struct blob b;

	(void)state;
	put_text(&from, "wcdiag/errors.txt", "ENOENT /proc/mtrr\nEACCES /sys/kernel/debug/x86/pat_memtype_list\nENOENT /wcdiag/msr.txt\n"
					     "ENOENT /sys/bus/pci/devices\n");
	put_fifo(&from, "proc/vmallocinfo");
	s = record(false);
	assert_true(says(report.absent, report.nabsent, "/proc/mtrr"));
	assert_true(says(report.absent, report.nabsent, "/sys/bus/pci/devices"));
	assert_int_equal(missed("/sys/kernel/debug/x86/pat_memtype_list")->err, EACCES);
	assert_int_equal(missed("/proc/vmallocinfo")->err, EINVAL);
	assert_int_equal(missed("/wcdiag/msr.txt")->err, ENOENT);
	assert_int_equal(missed("/proc/sys/kernel/osrelease")->err, ENODATA);
	assert_null(missed("/proc/sys/kernel/osrelease")->remedy);
	assert_int_equal(src_read(s, "/proc/mtrr", &b), -ENOENT);
	assert_int_equal(src_read(s, "/sys/kernel/debug/x86/pat_memtype_list", &b), -EACCES);
	assert_int_equal(src_read(s, "/proc/vmallocinfo", &b), -EINVAL);
	assert_int_equal(src_read(s, "/wcdiag/msr.txt", &b), -ENOENT);
	/* What the first recording does not know the second does not know, either. */
	assert_int_equal(src_read(s, "/proc/sys/kernel/osrelease", &b), -ENODATA);
	src_close(s);
}

static void addresses_that_the_kernel_hides_are_a_failure_and_not_recorded(void **state)
{
	struct src *s;

	(void)state;
	put_text(&from, "proc/iomem", "00000000-00000000 : System RAM\n  00000000-00000000 : 0000:00:02.0\n");
	s = record(false);
	assert_int_equal(missed("/proc/iomem")->err, EPERM);
	assert_text(s, "/proc/iomem", NULL);
	src_close(s);
}

static void recording_a_recording_changes_nothing(void **state)
{
	struct src *one, *two;
	char cmd[1000];

	(void)state;
	put_device();
	put_text(&from, "proc/cmdline", "nopat x=1\n");
	put_text(&from, "dev/kmsg", "5,0,0,-;Linux\n6,9,9,-;x86/PAT: PAT support disabled via boot option.\n");
	put_text(&from, "proc/200/maps", MAP_WC MAP_LIB);
	put_text(&from, "wcdiag/errors.txt", "ENOENT /proc/mtrr\nEACCES /proc/9/maps\n");
	one = record_as("one", false, NULL);
	src_close(one);
	tree_remove(&from);
	from.dir = strdup(at(&out, "one"));
	two = record_as("two", false, NULL);
	src_close(two);
	assert_false(says(report.left_out, report.nleft_out, "/dev/kmsg"));
	snprintf(cmd, sizeof(cmd), "diff -r %s/one %s/two >&2", out.dir, out.dir);
	assert_int_equal(system(cmd), 0);
}

/* --- where it is written --- */

static int count_entries(const char *dir)
{
	DIR *d = opendir(dir);
	int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void an_archive_holds_the_same_as_a_directory(void **state)
{
	static const char *const name[] = { "machine.tar.gz", "machine.tgz", "machine.tar" };
	struct stat st;

	(void)state;
	put_device();
	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		struct src *s = record_as(name[i], false, NULL);
		struct pci p;

		assert_int_equal(pci_read(s, &p), 0);
		assert_int_equal(p.dev[0].bar[2].addr, 0xfe000000);
		assert_string_equal(p.dev[0].driver, "mydrv");
		/* One folder, named like the file. */
		assert_string_equal(strrchr(src_root(s), '/'), "/machine");
		pci_free(&p);
		src_close(s);
		assert_int_equal(stat(at(&out, name[i]), &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
	assert_int_equal(count_entries(out.dir), 3);
}

static int open_sink(struct sink **k, const char *name, bool force, char *why)
{
	return sink_open(k, at(&out, name), force, why, 200);
}

static void nothing_that_exists_is_replaced_unless_it_is_asked_for(void **state)
{
	char why[200] = "";
	struct sink *k;

	(void)state;
	put_text(&out, "file.tar.gz", "precious");
	put_text(&out, "dir/file", "precious");
	put_text(&out, "snap/wcdiag-snapshot", "wcdiag-snapshot 1\n");
	put_text(&out, "snap/old", "old");
	put_text(&out, "plain", "a file where a directory is asked for");
	put_dir(&out, "dir.tar.gz");
	assert_int_equal(open_sink(&k, "file.tar.gz", false, why), -EEXIST);
	assert_null(k);
	assert_int_equal(open_sink(&k, "dir", false, why), -EEXIST);
	assert_int_equal(open_sink(&k, "snap", false, why), -EEXIST);
	assert_int_equal(open_sink(&k, "snap/", false, why), -EEXIST);
	/* Not even with force: it is not ours. */
	assert_int_equal(open_sink(&k, "dir", true, why), -EEXIST);
	assert_non_null(strstr(why, "not a snapshot"));
	assert_int_equal(open_sink(&k, "plain", true, why), -EEXIST);
	assert_int_equal(open_sink(&k, "dir.tar.gz", true, why), -EEXIST);
	assert_int_equal(count_entries(out.dir), 5);
	/* With force: the whole, and not before the end. */
	assert_int_equal(open_sink(&k, "file.tar.gz", true, why), 0);
	assert_int_equal(sink_file(k, "wcdiag-snapshot", "wcdiag-snapshot 1\n", 18), 0);
	{
		struct stat st;

		assert_int_equal(stat(at(&out, "file.tar.gz"), &st), 0);
		assert_int_equal(st.st_size, 8);
	}
	assert_int_equal(sink_commit(k, why, sizeof(why)), 0);
	src_close(open_root(at(&out, "file.tar.gz")));
	assert_int_equal(open_sink(&k, "snap", true, why), 0);
	assert_int_equal(sink_file(k, "wcdiag-snapshot", "wcdiag-snapshot 1\n", 18), 0);
	assert_int_equal(sink_commit(k, why, sizeof(why)), 0);
	assert_int_equal(access(at(&out, "snap/old"), F_OK), -1);
	assert_int_equal(access(at(&out, "snap/wcdiag-snapshot"), F_OK), 0);
	assert_int_equal(count_entries(out.dir), 5);
}

static void what_comes_to_exist_meanwhile_is_not_replaced(void **state)
{
	static const char *const name[] = { "a.tar.gz", "b" };
	char why[200];
	struct sink *k;

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(open_sink(&k, name[i], false, why), 0);
		assert_int_equal(sink_file(k, "wcdiag-snapshot", "x", 1), 0);
		put_text(&out, name[i], "precious");
		assert_int_equal(sink_commit(k, why, sizeof(why)), -EEXIST);
		assert_int_equal(count_entries(out.dir), i + 1);
	}
}

static void an_aborted_recording_leaves_nothing(void **state)
{
	static const char *const name[] = { "a.tar.gz", "b", "c.tar" };
	char why[200];
	struct sink *k;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(open_sink(&k, name[i], false, why), 0);
		assert_int_equal(sink_file(k, "proc/mtrr", "x", 1), 0);
		assert_int_equal(sink_link(k, "sys/bus/x", "../y"), 0);
		assert_int_equal(count_entries(out.dir), 1);
		sink_abort(k);
		assert_int_equal(count_entries(out.dir), 0);
	}
	sink_abort(NULL);
}

/* The first failure stays, and is what the end reports. */
static void a_failure_of_writing_is_kept_until_the_end(void **state)
{
	char why[200] = "";
	struct sink *k;

	(void)state;
	assert_int_equal(open_sink(&k, "dir", false, why), 0);
	assert_int_equal(sink_file(k, "a", "x", 1), 0);
	assert_int_equal(sink_file(k, "a/b", "x", 1), -ENOTDIR);
	assert_int_equal(sink_file(k, "c", "x", 1), -ENOTDIR);
	assert_int_equal(sink_failed(k), -ENOTDIR);
	assert_int_equal(sink_commit(k, why, sizeof(why)), -ENOTDIR);
	assert_string_equal(why, "Not a directory");
	assert_int_equal(count_entries(out.dir), 0);
	/* A full disk. */
	if (access("/dev/full", W_OK) == 0)
		assert_true(sink_open(&k, "/dev/full/x.tar.gz", false, why, sizeof(why)) < 0);
}

static void names_that_cannot_be_written_are_refused_with_a_reason(void **state)
{
	static const struct {
		const char *name;
		int rc;
	} row[] = {
		{ "x.zip", -ENOTSUP }, { "x.tar.xz", -ENOTSUP }, { "x.gz", -ENOTSUP }, { "x.tar.zst", -ENOTSUP },
		{ "none/x.tar.gz", -ENOENT }, { "none/x", -ENOENT }, { ".", -EINVAL }, { "..", -EINVAL },
	};
	char why[200];
	struct sink *k;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char path[400];

		*why = '\0';
		snprintf(path, sizeof(path), "%s/%s", out.dir, row[i].name);
		assert_int_equal(sink_open(&k, path, false, why, sizeof(why)), row[i].rc);
		assert_true(*why);
	}
	assert_int_equal(sink_open(&k, "", false, why, sizeof(why)), -EINVAL);
	assert_int_equal(sink_open(&k, "/", false, why, sizeof(why)), -EINVAL);
	/* Endings alone are names. */
	assert_int_equal(open_sink(&k, ".tar", false, why), 0);
	assert_int_equal(sink_commit(k, why, sizeof(why)), 0);
	assert_int_equal(access(at(&out, ".tar/"), F_OK), 0);
}

/* --- the live machine, the table and the page --- */

static void the_live_machine_can_be_recorded_and_replayed(void **state)
{
	const struct snapshot_opts o = { .by = "a test", .taken = "now" };
	struct pci a, b;
	struct src *s;
	struct sink *k;
	char why[200];

	(void)state;
	assert_int_equal(src_open_live(&s), 0);
	assert_int_equal(sink_open(&k, at(&out, "live.tar.gz"), false, why, sizeof(why)), 0);
	assert_int_equal(snapshot_take(s, &o, k, &report), 0);
	assert_true(sink_count(k) > 5);
	assert_int_equal(sink_commit(k, why, sizeof(why)), 0);
	pci_read(s, &a);
	src_close(s);
	s = open_root(at(&out, "live.tar.gz"));
	pci_read(s, &b);
	assert_int_equal(a.fact.state, b.fact.state);
	assert_int_equal(a.n, b.n);
	for (size_t i = 0; i < a.n; i++)
		assert_same_device(&a.dev[i], &b.dev[i]);
	assert_text(s, "/proc/self/maps", NULL);
	pci_free(&a);
	pci_free(&b);
	src_close(s);
}

static char *read_page(void)
{
	FILE *f = fopen("man/wcdiag-snapshot.5", "r");
	static char page[100000];
	size_t n;

	if (!f)
		skip();
	n = fread(page, 1, sizeof(page) - 1, f);
	fclose(f);
	assert_true(n > 1000 && n < sizeof(page) - 1);
	page[n] = '\0';
	return page;
}

static void every_file_of_the_table_is_in_the_manual_page(void **state)
{
	const char *page = read_page();
	size_t n = 0;

	(void)state;
	for (const struct snapshot_what *w = snapshot_table(); w->path; w++, n++) {
		if (!strstr(page, w->path))
			fail_msg("%s is not in man/wcdiag-snapshot.5", w->path);
		assert_true(w->keeps && w->reason && *w->keeps && *w->reason);
	}
	assert_int_equal(n, 35);
}

/* The commands in the page, as a reader would type them; their last line but one, back from mdoc to shell. */
static void write_script(const char *page, const char *path)
{
	const char *p = strstr(page, ".\\\" script: begin\n"), *end = strstr(page, ".\\\" script: end\n");
	FILE *f = fopen(path, "w");

	assert_non_null(p);
	assert_non_null(end);
	assert_non_null(f);
	for (p = strchr(p, '\n') + 1; p < end; p = strchr(p, '\n') + 1) {
		if (*p == '.')
			continue;
		for (const char *c = p; *c != '\n'; c++) {
			fputc(*c, f);
			c += c[0] == '\\' && c[1] == 'e';
		}
		fputc('\n', f);
	}
	fclose(f);
}

static void the_example_of_the_manual_page_is_a_whole_machine(void **state)
{
	const char *page = read_page();
	char script[300], cmd[1000];
	struct memtype_list list;
	struct ioremaps io;
	struct iomem mem;
	struct klog log;
	struct msrs msr;
	struct maps maps;
	struct hyper hy;
	struct pci pci;
	struct host host;
	struct cpu cpu;
	struct src *s;

	(void)state;
	snprintf(script, sizeof(script), "%.200s/script", out.dir);
	write_script(page, script);
	put_dir(&out, "machine");
	snprintf(cmd, sizeof(cmd), "cd %.200s/machine && sh -e %s", out.dir, script);
	assert_int_equal(system(cmd), 0);
	s = open_root(at(&out, "machine"));
	host_read(s, &host);
	assert_int_equal(host.kver, KVER(6, 1));
	assert_int_equal(host.cmdline.state, FACT_KNOWN);
	assert_int_equal(host.lock.state, FACT_ABSENT);
	assert_int_equal(cpu_read(s, &cpu), 0);
	assert_true(cpu.pat && cpu.mtrr);
	hyper_read(s, &cpu, &hy);
	assert_int_equal(hy.fact.state, FACT_ABSENT);
	assert_int_equal(msrs_read(s, false, &msr), 0);
	assert_int_equal(msr.fact.state, FACT_KNOWN);
	assert_int_equal(klog_read(s, NULL, &log), 0);
	assert_false(log.start_lost);
	assert_int_equal(log.n, 1);
	assert_int_equal(memtype_read(s, &list), 0);
	assert_int_equal(list.n, 1);
	assert_int_equal(iomem_read(s, &mem), 0);
	assert_int_equal(vmalloc_read(s, &io), 0);
	assert_int_equal(pci_read(s, &pci), 0);
	assert_int_equal(pci.dev[0].command, 2);
	assert_true(pci.dev[0].bar[2].has_wc);
	assert_int_equal(pci.dev[0].bar[2].addr, 0xfe000000);
	assert_int_equal(maps_read(s, &pci, host.kver, &maps), 0);
	assert_int_equal(maps.n, 1);
	assert_int_equal(maps.m[0].phys, 0xfe000000);
	maps_free(&maps);
	pci_free(&pci);
	vmalloc_free(&io);
	iomem_free(&mem);
	memtype_free(&list);
	klog_free(&log);
	msrs_free(&msr);
	src_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(texts_are_recorded_whole_or_in_the_part_that_is_needed),
		T(of_the_log_only_lines_about_memory_types_and_the_first_number_remain),
		T(a_log_file_may_stand_in_for_the_machines_own),
		T(of_processes_only_the_lines_that_map_devices_remain),
		T(that_nobody_maps_anything_is_recorded_as_an_answer),
		T(a_device_is_recorded_with_its_link_and_reads_the_same),
		T(of_the_config_space_only_what_is_needed_is_read),
		T(with_all_the_whole_config_space_is_kept_but_serial_numbers),
		T(what_only_root_may_read_is_recorded_as_far_as_it_goes),
		T(a_sleeping_device_is_recorded_without_its_config_space),
		T(an_extended_list_that_cannot_be_followed_is_cut_off),
		T(uio_keeps_its_maps_and_its_device),
		T(a_failure_is_recorded_and_given_again_by_the_copy),
		T(addresses_that_the_kernel_hides_are_a_failure_and_not_recorded),
		T(recording_a_recording_changes_nothing),
		T(an_archive_holds_the_same_as_a_directory),
		T(nothing_that_exists_is_replaced_unless_it_is_asked_for),
		T(what_comes_to_exist_meanwhile_is_not_replaced),
		T(an_aborted_recording_leaves_nothing),
		T(a_failure_of_writing_is_kept_until_the_end),
		T(names_that_cannot_be_written_are_refused_with_a_reason),
		T(the_live_machine_can_be_recorded_and_replayed),
		T(every_file_of_the_table_is_in_the_manual_page),
		T(the_example_of_the_manual_page_is_a_whole_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
