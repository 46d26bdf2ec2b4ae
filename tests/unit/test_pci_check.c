/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pci_check.c - trees that libpci must not be let loose on, and what becomes of its own failures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pci_tree.h"

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

static void what_libpci_would_open_must_be_whole_regular_and_inside(void **state)
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
	assert_refused("/0000:00:03.0", "Not a directory");
	unlink(at(&t, "sys/bus/pci/devices/0000:00:03.0"));
	assert_int_equal(read_all(), 0);
	rmdir(outside);
}

/* It passes the look beforehand and fails in libpci, whose error callback may not return. */
static void a_failure_within_libpci_becomes_a_fact_with_its_sentence(void **state)
{
	char text[2000];

	(void)state;
	memset(text, ' ', sizeof(text));
	memcpy(text, "0x1af4\n", 7);
	put_device(ROOT0 "0000:00:01.0", "0x030000\n", IVSHMEM, 13);
	put_device(ROOT0 "0000:00:02.0", "0x030000\n", IVSHMEM, 13);
	put_bytes(&t, ROOT0 "0000:00:02.0/vendor", text, sizeof(text));
	for (int i = 0; i < 3; i++)	/* again: nothing of the first attempt is in the way */
		assert_refused("/sys/bus/pci/devices", "Value in /sys/bus/pci/devices/0000:00:02.0/vendor too long");
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
	/* Inside the root there is such a directory; libpci would go to the machine's own. */
	unlink(at(&t, "sys/bus/pci/devices"));
	put_dir(&t, "tmp");
	put_link(&t, "sys/bus/pci/devices", "/tmp");
	assert_refused("/sys/bus/pci/devices", "outside");
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
		T(what_libpci_would_open_must_be_whole_regular_and_inside),
		T(a_failure_within_libpci_becomes_a_fact_with_its_sentence),
		T(a_slot_is_only_what_the_kernel_writes),
		T(the_device_list_itself_may_not_lie_outside),
		T(without_pci_the_answer_is_absent_only_when_somebody_looked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
