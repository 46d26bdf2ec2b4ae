/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_snapshot.c - what is recorded of texts and processes and what is not, and how failures are handed on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "probe/klog.h"
#include "probe/maps.h"
#include "recording.h"

static void texts_are_recorded_whole_or_in_the_part_that_is_needed(void **state)
{
	struct src *s;

	(void)state;
	put_text(&from, "proc/sys/kernel/osrelease", "6.1.0\n");
	put_text(&from, "proc/cmdline", "BOOT_IMAGE=/vmlinuz root=UUID=1-2-3 nopat secret=hunter2 debugpat quiet\n");
	put_text(&from, "proc/mtrr", "reg00: base=0x0c0000000 ( 3072MB), size= 1024MB, count=1: uncachable\n");
	put_text(&from, "proc/iomem",
		 "00001000-0009ffff : System RAM\n  00002000-00002fff : Kernel code\n"
		 "  00003000-00003fff : Kernel rodata\n  00004000-00004fff : Kernel data\n"
		 "  00005000-00005fff : Kernel bss\nfe000000-fe0fffff : 0000:00:02.0\n");
	put_text(&from, "proc/vmallocinfo", "0x01-0x02 8192 secret_thing+0x1/0x2 pages=1 vmalloc\n"
					    "0x03-0x04 8192 mydrv_probe+0x1/0x2 [mydrv] phys=0xfe000000 ioremap\n");
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
	assert_text(s, "/proc/vmallocinfo", "0x03-0x04 8192 mydrv_probe+0x1/0x2 [mydrv] phys=0xfe000000 ioremap\n");
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
		{ "[    0.1] Linux version 6.1.0 (me@myhost)\n"
		  "[    0.2] x86/PAT: PAT support disabled via boot option.\n",
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

#define MAP_WC "7f843ccfa000-7f843cd0a000 rw-s fe000000 00:15 11044                      " \
	       "/sys/devices/pci0000:00/0000:00:02.0/resource2_wc\n"
#define MAP_HEAP "55d000000000-55d000001000 rw-p 00000000 00:00 0                          [heap]\n"
#define MAP_LIB "7f8430000000-7f8430001000 r-xp 00000000 08:01 12                         /home/me/secret/lib.so\n"
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

/* --- failures --- */

static void a_failure_is_recorded_and_given_again_by_the_copy(void **state)
{
	struct src *s;
	struct blob b;

	(void)state;
	put_text(&from, "wcdiag/errors.txt",
		 "ENOENT /proc/mtrr\nEACCES /sys/kernel/debug/x86/pat_memtype_list\nENOENT /wcdiag/msr.txt\n"
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

static void an_archive_holds_the_same_as_a_directory(void **state)
{
	static const char *const name[] = { "machine.tar.gz", "machine.tgz", "machine.tar" };
	char cmd[400];
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
		snprintf(cmd, sizeof(cmd), "tar -tf %s/%s | sed 's,/.*,,' | sort -u | { read -r one && ! read -r other && [ $one = machine ]; }", out.dir, name[i]);
		assert_int_equal(system(cmd), 0);
		pci_free(&p);
		src_close(s);
		assert_int_equal(stat(at(&out, name[i]), &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
}

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

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(texts_are_recorded_whole_or_in_the_part_that_is_needed),
		T(of_the_log_only_lines_about_memory_types_and_the_first_number_remain),
		T(a_log_file_may_stand_in_for_the_machines_own),
		T(of_processes_only_the_lines_that_map_devices_remain),
		T(that_nobody_maps_anything_is_recorded_as_an_answer),
		T(a_failure_is_recorded_and_given_again_by_the_copy),
		T(addresses_that_the_kernel_hides_are_a_failure_and_not_recorded),
		T(recording_a_recording_changes_nothing),
		T(an_archive_holds_the_same_as_a_directory),
		T(the_live_machine_can_be_recorded_and_replayed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
