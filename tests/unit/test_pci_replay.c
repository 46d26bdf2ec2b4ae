/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pci_replay.c - trees that are no machine's, libpci's answer beside ours, and what becomes of its failures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>

#include "pci_tree.h"
#include "probe/pci_int.h"

static void assert_refused(const char *where, const char *why)
{
	struct blob b;

	alarm(10);
	assert_true(read_all() < 0);
	alarm(0);
	assert_int_equal(p.fact.state, FACT_MISSING);
	assert_null(p.dev);
	if (!strstr(p.fact.where, where) || !strstr(p.fact.why, why))
		fail_msg("'%s' '%s': wanted '%s' '%s'", p.fact.where, p.fact.why, where, why);
	/* No path of this machine in the sentence. */
	assert_null(strstr(p.fact.why, t.dir));
	assert_int_equal(src_read(s, "/wcdiag-snapshot", &b), 0);
	blob_free(&b);
	src_close(s);
	s = NULL;
}

static void what_is_read_must_be_whole_regular_and_inside(void **state)
{
	char outside[] = "/tmp/wcdiag-outside-XXXXXX", up[100];

	(void)state;
	assert_non_null(mkdtemp(outside));
	put_device(ROOT0 "0000:00:02.0", "0x030000\n", IVSHMEM, 13);
	put_fifo(&t, ROOT0 "0000:00:02.0/vendor");
	assert_refused("/0000:00:02.0/vendor", "not a regular file");
	unlink(at(&t, ROOT0 "0000:00:02.0/vendor"));
	assert_refused("/0000:00:02.0/vendor", "not in the snapshot");
	put_link(&t, ROOT0 "0000:00:02.0/vendor", "/etc/passwd");
	assert_refused("/0000:00:02.0/vendor", "not a regular file");
	put_link(&t, ROOT0 "0000:00:02.0/vendor", "device");
	assert_refused("/0000:00:02.0/vendor", "not a regular file");
	unlink(at(&t, ROOT0 "0000:00:02.0/vendor"));
	put_text(&t, ROOT0 "0000:00:02.0/vendor", "1af4\n");	/* strtol() would make 1 of it */
	assert_refused("/0000:00:02.0/vendor", "not a number");
	put_text(&t, ROOT0 "0000:00:02.0/vendor", "0x\n");
	assert_refused("/0000:00:02.0/vendor", "not a number");
	put_text(&t, ROOT0 "0000:00:02.0/vendor", "0x1af4\n");
	put_text(&t, ROOT0 "0000:00:02.0/resource", IVSHMEM);
	assert_refused("/0000:00:02.0/resource", "ends before the seventh line");
	put_text(&t, ROOT0 "0000:00:02.0/resource", "0x1 0x2 \n");
	assert_refused("/0000:00:02.0/resource", "line 1");
	put_device(ROOT0 "0000:00:02.0", "0x030000\n", IVSHMEM, 13);
	put_link(&t, "sys/bus/pci/devices/0000:00:03.0", "/etc");
	assert_refused("/0000:00:03.0", "outside");
	put_link(&t, "sys/bus/pci/devices/0000:00:03.0", outside);
	assert_refused("/0000:00:03.0", "outside");
	snprintf(up, sizeof(up), "../../../../../..%s", outside);
	put_link(&t, "sys/bus/pci/devices/0000:00:03.0", up);
	assert_refused("/0000:00:03.0", "outside");
	put_link(&t, "sys/bus/pci/devices/0000:00:03.0", "0000:00:03.0");
	assert_refused("/0000:00:03.0", "Too many levels");
	put_link(&t, "sys/bus/pci/devices/0000:00:03.0", "../../../none");
	assert_refused("/0000:00:03.0", "not in the snapshot");
	put_link(&t, "sys/bus/pci/devices/0000:00:03.0", "../../../devices/pci0000:00/0000:00:02.0/device");
	assert_refused("/0000:00:03.0", "not in the snapshot");
	unlink(at(&t, "sys/bus/pci/devices/0000:00:03.0"));
	assert_int_equal(read_all(), 0);
	rmdir(outside);
}

static void put_long_vendor(const char *dir)
{
	char text[2000], path[100];

	memset(text, ' ', sizeof(text));
	memcpy(text, "0x1af4\n", 7);
	snprintf(path, sizeof(path), "%s/vendor", dir);
	put_bytes(&t, path, text, sizeof(text));
}

/* Its error callback may not return. */
static void a_failure_within_libpci_comes_with_its_sentence(void **state)
{
	const char *why;

	(void)state;
	put_device(ROOT0 "0000:00:01.0", "0x030000\n", IVSHMEM, 13);
	put_device(ROOT0 "0000:00:02.0", "0x030000\n", IVSHMEM, 13);
	put_long_vendor(ROOT0 "0000:00:02.0");
	for (int i = 0; i < 3; i++) {	/* again: nothing of the first attempt is in the way */
		assert_int_equal(pci_libpci_read(t.dir, &p, &why), -EIO);
		assert_null(p.dev);
		assert_non_null(strstr(why, "0000:00:02.0/vendor too long"));
	}
	assert_refused("/0000:00:02.0/vendor", "not a number");
}

/* What libpci says of a directory, and what we say of the same, as text. */
static void describe(const struct pci *q, char *buf, size_t len)
{
	size_t k = 0;

	*buf = '\0';
	for (size_t i = 0; i < q->n && k < len; i++) {
		const struct pci_device *d = &q->dev[i];

		k += (size_t)snprintf(buf + k, len - k, "%s %s %04x:%04x %04x:%04x %06x numa %d", d->slot, d->name,
				      d->vendor, d->device, d->sub_vendor, d->sub_device, d->class, d->numa_node);
		for (int b = 0; b < 6 && k < len; b++)
			k += (size_t)snprintf(buf + k, len - k, " %lx+%lx/%lx", d->bar[b].addr, d->bar[b].size,
					      d->bar[b].flags);
		for (unsigned int w = 0; w < d->nwindow && k < len; w++)
			k += (size_t)snprintf(buf + k, len - k, " w%u%u %lx-%lx", d->window[w].io, d->window[w].prefetch,
					      d->window[w].start, d->window[w].end);
		if (k < len)
			k += (size_t)snprintf(buf + k, len - k, "\n");
	}
	assert_true(k < len);
}

static size_t compare(const char *root)
{
	static char theirs[1 << 20], ours[1 << 20];
	struct pci lib = { 0 };
	const char *why;
	size_t n;

	if (src_open_root(&s, root, NULL, 0) || pci_read(s, &p)) {
		src_close(s);
		s = NULL;
		return 0;	/* refused: libpci is not asked about such */
	}
	if (pci_libpci_read(root, &lib, &why))
		fail_msg("%s: libpci: %s", root, why);
	/* What the config space alone says is not libpci's. */
	for (size_t i = 0; i < p.n && i < lib.n; i++)
		for (int b = 0; b < 6; b++)
			if (pci_bar_unplaced(&p.dev[i].bar[b]) && !lib.dev[i].bar[b].flags)
				p.dev[i].bar[b].flags = 0;
	describe(&lib, theirs, sizeof(theirs));
	describe(&p, ours, sizeof(ours));
	if (strcmp(theirs, ours) != 0)
		fail_msg("%s\nlibpci: %s\nours:   %s", root, theirs, ours);
	n = p.n;
	pci_free(&lib);
	pci_free(&p);
	src_close(s);
	s = NULL;
	return n;
}

static void every_recorded_machine_is_read_as_libpci_reads_it(void **state)
{
	DIR *d = opendir("tests/machines");
	struct dirent *e;
	size_t n = 0;
	char root[400];

	(void)state;
	assert_non_null(d);	/* the tests run in the sources' top folder */
	while ((e = readdir(d))) {
		snprintf(root, sizeof(root), "tests/machines/%s/root", e->d_name);
		if (e->d_name[0] != '.')
			n += compare(root);
	}
	closedir(d);
	assert_true(n > 200);
}

static unsigned int rnd(unsigned int below)
{
	static uint64_t x = 88172645463325252;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (unsigned int)(x >> 20) % below;
}

static void resource_text(char *text, size_t len)
{
	static const uint64_t flags[] = { 0, 0x101, 0x40101, 0x200, 0x40200, 0x42208, 0x14220c, 0x102201, 0x20000200,
					  0x10000000, 0x30000000, 0x46200 };
	static const uint64_t at[] = { 0, 1, 0xe000, 0xfeb11000, 0xfe000003, 0x800000000, 0xffffffffffff0000 };
	static const uint64_t size[] = { 0, 1, 2, 0x100, 0x1000, 0x4000000, 0x10000 };
	unsigned int lines = 7 + rnd(11);
	size_t k = 0;

	for (unsigned int i = 0; i < lines && k < len; i++) {
		uint64_t a = at[rnd(7)], b = a + size[rnd(7)] - rnd(2);

		if (!rnd(3))
			a = b = 0;
		k += (size_t)snprintf(text + k, len - k, "0x%016lx 0x%016lx 0x%016lx\n", a, b, a || b ? flags[rnd(12)] : 0);
	}
}

/* Also what no kernel writes, as long as it is whole: any number of lines, ends before starts, odd numbers. */
static void made_up_devices_are_read_as_libpci_reads_them(void **state)
{
	static const char *const class[] = { "0x030000\n", "0x060400\n", "0x060401", "0x060700\n", "0x060900\n", "0x0\n",
					     "0x12ab34cd\n", "0xffffff\n" };
	static const char *const number[] = { "0x1af4\n", "0\n", "-1\n", "12\n", "0x12345\n", "", "junk\n", "0xffff" };
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 400; i++) {
		const char *dir = i % 2 ? ROOT0 "0000:00:02.0" : ROOT0 "0000:00:1f.7";
		char text[2048], path[100];

		put_device(dir, class[rnd(8)], IVSHMEM, 7);
		resource_text(text, sizeof(text));
		put_in(dir, "resource", text);
		put_in(dir, "subsystem_vendor", number[rnd(8)]);
		put_in(dir, "numa_node", number[rnd(8)]);
		if (!rnd(3)) {
			snprintf(path, sizeof(path), "%s/subsystem_%s", dir, rnd(2) ? "vendor" : "device");
			unlink(at(&t, path));
		}
		n += compare(t.dir);
	}
	assert_true(n > 200);
}

static void a_slot_is_only_what_the_kernel_writes(void **state)
{
	static const char *const bad[] = {
		"00:02.0", "0000:00:20.0", "0000:00:02.8", "0000:00:02.", "0000:00:02.00", "0000:100:02.0",
		"0000:00:02.0 ",
		"0000:0:02.0", "0000:00:2.0", "ffffffff:00:02.0", "0000:00:02.0x", "0000:00:02,0", "0000:00:0A.0", "x",
		"-001:00:02.0", "00000:00:02.0",
	};
	struct pci_device d;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char link[100];

		assert_int_equal(pci_slot_parse(bad[i], &d), -EINVAL);
		put_device(ROOT0 "0000:00:02.0", "0x030000\n", IVSHMEM, 13);
		snprintf(link, sizeof(link), "sys/bus/pci/devices/%s", bad[i]);
		put_link(&t, link, "../../../devices/pci0000:00/0000:00:02.0");
		assert_refused("/sys/bus/pci/devices", "no PCI slot");
		unlink(at(&t, link));
	}
	assert_int_equal(pci_slot_parse("0000:0a:1f.7", &d), 0);
	assert_int_equal(d.bus, 10);
	assert_int_equal(d.dev, 31);
	assert_int_equal(d.func, 7);
	assert_int_equal(pci_slot_parse("7fffffff:ff:1f.7", &d), 0);
}

static void the_device_list_itself_may_not_lie_outside(void **state)
{
	(void)state;
	put_dir(&t, "sys/bus/pci");
	put_link(&t, "sys/bus/pci/devices", "/sys/bus/pci/devices");
	assert_refused("/sys/bus/pci/devices", "Too many levels");
	/* Inside the root there is such a directory, empty: the machine's own has devices, or entries that are none. */
	unlink(at(&t, "sys/bus/pci/devices"));
	put_dir(&t, "tmp");
	put_link(&t, "sys/bus/pci/devices", "/tmp");
	assert_int_equal(read_all(), 0);
	assert_int_equal(p.n, 0);
}

static void without_pci_the_answer_is_absent_only_when_somebody_looked(void **state)
{
	(void)state;
	assert_int_equal(read_all(), -ENODATA);
	assert_int_equal(p.fact.state, FACT_MISSING);
	src_close(s);
	put_text(&t, "wcdiag/errors.txt", "ENOENT /sys/bus/pci/devices\n");
	assert_int_equal(read_all(), -ENOENT);
	assert_int_equal(p.fact.state, FACT_ABSENT);
	src_close(s);
	put_dir(&t, "sys/bus/pci/devices");
	assert_int_equal(read_all(), 0);
	assert_int_equal(p.fact.state, FACT_ABSENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(what_is_read_must_be_whole_regular_and_inside),
		T(a_failure_within_libpci_comes_with_its_sentence),
		T(every_recorded_machine_is_read_as_libpci_reads_it),
		T(made_up_devices_are_read_as_libpci_reads_them),
		T(a_slot_is_only_what_the_kernel_writes),
		T(the_device_list_itself_may_not_lie_outside),
		T(without_pci_the_answer_is_absent_only_when_somebody_looked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
