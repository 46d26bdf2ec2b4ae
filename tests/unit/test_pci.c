/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pci.c - devices from sysfs: addresses, windows, bridges, power, and what is never opened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pci_tree.h"

static void a_device_is_read_whole(void **state)
{
	const struct pci_device *d;

	(void)state;
	put_device(ROOT0 "0000:00:02.0", "0x050000\n", IVSHMEM, 13);
	put_config(ROOT0 "0000:00:02.0", 256);
	put_power(ROOT0 "0000:00:02.0", "D0\n", "active\n");
	put_in(ROOT0 "0000:00:02.0", "numa_node", "1\n");
	put_in(ROOT0 "0000:00:02.0", "resource0", "");
	put_in(ROOT0 "0000:00:02.0", "resource2", "");
	put_in(ROOT0 "0000:00:02.0", "resource2_wc", "");
	put_link(&t, ROOT0 "0000:00:02.0/driver", "../../../bus/pci/drivers/mydrv");
	assert_int_equal(read_all(), 0);
	assert_int_equal(p.fact.state, FACT_KNOWN);
	assert_int_equal(p.n, 1);
	d = &p.dev[0];
	assert_string_equal(d->slot, "0000:00:02.0");
	assert_int_equal(d->vendor, 0x1af4);
	assert_int_equal(d->device, 0x1110);
	assert_int_equal(d->sub_vendor, 0x1af5);
	assert_int_equal(d->sub_device, 0x1100);
	assert_int_equal(d->class, 0x050000);
	assert_string_equal(d->name, "1af4:1110");
	assert_string_equal(d->driver, "mydrv");
	assert_int_equal(d->parent, -1);
	assert_int_equal(d->numa_node, 1);
	assert_int_equal(d->power, PCI_POWER_D0);
	assert_false(d->asleep);
	assert_int_equal(d->command, 0x406);
	assert_int_equal(d->config.state, FACT_KNOWN);
	assert_int_equal(d->bar[0].addr, 0xfeb11000);
	assert_int_equal(d->bar[0].size, 256);
	assert_true(d->bar[0].has_resource);
	assert_false(d->bar[0].has_wc);
	assert_int_equal(d->bar[1].size, 0);
	assert_int_equal(d->bar[2].addr, 0xfe000000);	/* libpci's low flag bits taken out */
	assert_int_equal(d->bar[2].size, 1 << 20);
	assert_int_equal(d->bar[2].flags, 0x14220c);
	assert_true(d->bar[2].has_resource && d->bar[2].has_wc);
	assert_int_equal(d->nwindow, 0);
	/* Not virtio: there is no such capability to look for. */
	assert_true(d->virtio_shm_known);
	assert_int_equal(d->virtio_shm, 0);
}

static void a_device_with_what_is_needed_and_no_more_is_read(void **state)
{
	(void)state;
	put_device(ROOT0 "0000:00:02.0", "0x050000", IVSHMEM, 7);
	unlink(at(&t, ROOT0 "0000:00:02.0/subsystem_vendor"));
	unlink(at(&t, ROOT0 "0000:00:02.0/subsystem_device"));
	unlink(at(&t, ROOT0 "0000:00:02.0/revision"));
	assert_int_equal(read_all(), 0);
	assert_int_equal(p.dev[0].sub_vendor, 0);
	assert_int_equal(p.dev[0].numa_node, -1);
	assert_int_equal(p.dev[0].power, PCI_POWER_UNKNOWN);
	assert_int_equal(p.dev[0].command, -1);
	assert_int_equal(p.dev[0].config.state, FACT_MISSING);
	assert_int_equal(p.dev[0].config.err, ENODATA);
	assert_string_equal(p.dev[0].driver, "");
}

static void domains_beyond_ffff_and_the_order_of_slots_are_right(void **state)
{
	static const char *const want[] = {
		"0000:00:01.0", "0000:00:01.1", "0000:00:1f.3", "0000:0a:00.0", "0001:00:00.0", "10000:e1:00.0",
	};

	(void)state;
	put_device("sys/devices/pci10000:e0/10000:e1:00.0", "0x010802\n", IVSHMEM, 7);
	put_device("sys/devices/pci0001:00/0001:00:00.0", "0x010802\n", IVSHMEM, 7);
	put_device(ROOT0 "0000:0a:00.0", "0x010802\n", IVSHMEM, 7);
	put_device(ROOT0 "0000:00:1f.3", "0x010802\n", IVSHMEM, 7);
	put_device(ROOT0 "0000:00:01.1", "0x010802\n", IVSHMEM, 7);
	put_device(ROOT0 "0000:00:01.0", "0x010802\n", IVSHMEM, 7);
	assert_int_equal(read_all(), 0);
	assert_int_equal(p.n, 6);
	for (size_t i = 0; i < p.n; i++) {
		assert_string_equal(p.dev[i].slot, want[i]);
		assert_int_equal(pci_find(&p, want[i]), i);
	}
	assert_int_equal(p.dev[5].domain, 0x10000);
	assert_int_equal(pci_find(&p, "0000:00:02.0"), -1);
	assert_int_equal(pci_find(&p, "00:01.0"), -1);
	assert_int_equal(pci_find(&p, ""), -1);
}

/* --- bridges --- */

#define WINDOWS "0x000000000000c000 0x000000000000cfff 0x0000000000000101\n" \
		"0x00000000fe800000 0x00000000fe9fffff 0x0000000000000200\n" \
		"0x0000000800000000 0x00000008ffffffff 0x0000000000102201\n" \
		"0x0000000000000000 0x0000000000000000 0x0000000000000000\n"

static void put_bridge(const char *dir, const char *windows, int before)
{
	char text[2048] = "";

	for (int i = 0; i < before; i++)
		strcat(text, no_bars);
	strcat(text, windows);
	put_device(dir, "0x060400\n", text, 0);
}

static void windows_are_right_with_and_without_iov_lines(void **state)
{
	static const int before[] = { 7, 13 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		const struct pci_window *w;

		put_bridge(ROOT0 "0000:00:03.0", WINDOWS, before[i]);
		put_device(ROOT0 "0000:00:03.0/0000:01:00.0", "0x020000\n", IVSHMEM, before[i]);
		assert_int_equal(read_all(), 0);
		assert_int_equal(p.n, 2);
		assert_int_equal(p.dev[0].nwindow, 3);
		w = p.dev[0].window;
		assert_true(w[0].io && !w[0].prefetch);
		assert_int_equal(w[0].start, 0xc000);
		assert_int_equal(w[0].end, 0xd000);
		assert_true(!w[1].io && !w[1].prefetch);
		assert_int_equal(w[1].start, 0xfe800000);
		assert_int_equal(w[1].end, 0xfea00000);
		assert_true(!w[2].io && w[2].prefetch);
		assert_int_equal(w[2].start, 0x800000000);
		assert_int_equal(w[2].end, 0x900000000);
		assert_int_equal(p.dev[1].parent, 0);
		assert_int_equal(p.dev[1].nwindow, 0);
		assert_int_equal(p.dev[0].parent, -1);
		pci_free(&p);
		src_close(s);
		s = NULL;
	}
}

static void a_closed_window_is_empty_however_the_kernel_writes_it(void **state)
{
	static const char *const closed[] = {
		"0x0000000000000000 0x0000000000000000 0x0000000000000000\n",
		"0x0000000000000000 0x00000000000fffff 0x0000000020102201\n",	/* UNSET, with a size wished for */
		"0x0000000000100000 0x00000000000fffff 0x0000000000102201\n",	/* base above limit */
		"0x00000000fe000000 0x00000000fe0fffff 0x0000000010102201\n",	/* DISABLED */
		"0x0000000000000000 0xffffffffffffffff 0x0000000000102201\n",	/* more than there is */
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++) {
		snprintf(text, sizeof(text), "%s%s%s%s", no_bars, closed[i], closed[i], no_bars);
		put_bridge(ROOT0 "0000:00:03.0", text, 13);
		assert_int_equal(read_all(), 0);
		assert_int_equal(p.dev[0].nwindow, 3);
		for (int w = 0; w < 3; w++) {
			assert_int_equal(p.dev[0].window[w].start, 0);
			assert_int_equal(p.dev[0].window[w].end, 0);
		}
		/* Closed windows are told apart all the same. */
		assert_true(p.dev[0].window[2].prefetch && !p.dev[0].window[1].prefetch && p.dev[0].window[0].io);
		pci_free(&p);
		src_close(s);
		s = NULL;
	}
}

static void a_bridge_without_window_lines_has_no_known_windows(void **state)
{
	(void)state;
	put_device(ROOT0 "0000:00:03.0", "0x060400\n", "", 13);
	put_device(ROOT0 "0000:00:04.0", "0x060700\n", WINDOWS, 17);	/* CardBus: other windows at these lines */
	put_device(ROOT0 "0000:00:05.0", "0x060000\n", "", 17);
	assert_int_equal(read_all(), 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(p.dev[i].nwindow, 0);
}

static void a_link_that_lies_about_the_bridge_above_gives_no_parent(void **state)
{
	char to[400];

	(void)state;
	put_bridge(ROOT0 "0000:00:01.0", WINDOWS, 13);
	put_bridge("sys/devices/pci0000:80/0000:80:01.0", WINDOWS, 13);
	/* The name of a bridge that lies elsewhere. */
	put_device("sys/devices/elsewhere/0000:00:01.0/0000:01:00.0", "0x030000\n", IVSHMEM, 13);
	put_device("sys/devices/pci0000:80/0000:80:01.0/virtual/0000:81:00.0", "0x030000\n", IVSHMEM, 13);
	/* A directory instead of a link: written by hand, nothing is known above it. */
	put_device("sys/x/0000:82:00.0", "0x030000\n", IVSHMEM, 13);
	unlink(at(&t, "sys/bus/pci/devices/0000:82:00.0"));
	snprintf(to, sizeof(to), "%s/sys/bus/pci/devices/0000:82:00.0", t.dir);
	assert_int_equal(rename(at(&t, "sys/x/0000:82:00.0"), to), 0);
	assert_int_equal(read_all(), 0);
	assert_int_equal(p.n, 5);
	for (size_t i = 0; i < p.n; i++)
		assert_int_equal(p.dev[i].parent, -1);
}

static void a_tree_of_bridges_gives_the_chain_of_parents(void **state)
{
	(void)state;
	put_bridge(ROOT0 "0000:00:01.0", WINDOWS, 13);
	put_bridge(ROOT0 "0000:00:01.0/0000:01:00.0", WINDOWS, 13);
	put_bridge(ROOT0 "0000:00:01.0/0000:01:00.0/0000:02:08.0", WINDOWS, 13);
	put_device(ROOT0 "0000:00:01.0/0000:01:00.0/0000:02:08.0/0000:04:00.0", "0x030000\n", IVSHMEM, 13);
	assert_int_equal(read_all(), 0);
	assert_int_equal(p.dev[3].parent, 2);
	assert_int_equal(p.dev[2].parent, 1);
	assert_int_equal(p.dev[1].parent, 0);
	assert_int_equal(p.dev[0].parent, -1);
}

/* The header, and the PCI Express capability behind it: 512 bytes supported, in_use << 7 in use. */
static void put_express(const char *dir, uint8_t in_use)
{
	uint8_t cfg[256] = { 0xf4, 0x1a, 0x10, 0x11, 0x06, 0x04, 0x10, 0, [0x34] = 0x80,
			     [0x80] = 0x10, 0, 0x42, 0, 0x02, [0x88] = in_use << 5 };
	char path[600];

	snprintf(path, sizeof(path), "%s/config", dir);
	put_bytes(&t, path, cfg, sizeof(cfg));
	put_power(dir, "D0\n", "active\n");
}

static void payload_sizes_are_read_where_config_is(void **state)
{
	(void)state;
	put_bridge(ROOT0 "0000:00:01.0", WINDOWS, 13);
	put_express(ROOT0 "0000:00:01.0", 1);
	put_device(ROOT0 "0000:00:01.0/0000:01:00.0", "0x030000\n", IVSHMEM, 13);
	put_express(ROOT0 "0000:00:01.0/0000:01:00.0", 2);
	put_device(ROOT0 "0000:00:01.0/0000:01:00.1", "0x030000\n", IVSHMEM, 13);
	put_express(ROOT0 "0000:00:01.0/0000:01:00.1", 2);
	put_power(ROOT0 "0000:00:01.0/0000:01:00.1", "D3hot\n", "suspended\n");
	assert_int_equal(read_all(), 0);
	assert_int_equal(p.dev[1].mps_supported, 512);
	assert_int_equal(p.dev[1].mps, 512);
	assert_int_equal(p.dev[p.dev[1].parent].mps, 256);
	/* Asleep: not read. */
	assert_int_equal(p.dev[2].mps, 0);
	assert_int_equal(p.dev[2].mps_supported, 0);
}

/* --- who is awake --- */

/* A fifo named config: whoever opens it gets EINVAL from the source, and would hang elsewhere. */
static void the_config_space_of_a_sleeping_device_is_never_opened(void **state)
{
	(void)state;
	put_device(ROOT0 "0000:00:02.0", "0x030000\n", IVSHMEM, 13);
	put_power(ROOT0 "0000:00:02.0", "D3cold\n", "suspended\n");
	put_fifo(&t, ROOT0 "0000:00:02.0/config");
	put_device(ROOT0 "0000:00:04.0", "0x030000\n", IVSHMEM, 13);	/* as if it could be read */
	put_power(ROOT0 "0000:00:04.0", "D3hot\n", "suspended\n");
	put_config(ROOT0 "0000:00:04.0", 256);
	put_device(ROOT0 "0000:00:05.0", "0x030000\n", IVSHMEM, 13);	/* asleep and without the file */
	put_power(ROOT0 "0000:00:05.0", NULL, "suspending\n");
	put_device(ROOT0 "0000:00:06.0", "0x030000\n", IVSHMEM, 13);	/* nobody knows */
	put_power(ROOT0 "0000:00:06.0", "error\n", "active\n");
	put_config(ROOT0 "0000:00:06.0", 256);
	/* What libpci would look up in the config space: */
	unlink(at(&t, ROOT0 "0000:00:02.0/subsystem_vendor"));
	unlink(at(&t, ROOT0 "0000:00:02.0/revision"));
	alarm(10);
	assert_int_equal(read_all(), 0);
	alarm(0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(p.dev[i].asleep, i < 3);
		assert_int_equal(p.dev[i].config.state, FACT_MISSING);
		assert_int_equal(p.dev[i].config.err, EHOSTDOWN);
		assert_int_equal(p.dev[i].command, -1);
		assert_non_null(strstr(p.dev[i].config.why, "not read"));
		assert_false(p.dev[i].virtio_shm_known);
		/* What sysfs alone tells is known of it. */
		assert_int_equal(p.dev[i].bar[2].addr, 0xfe000000);
	}
}

static void a_device_below_a_sleeping_bridge_is_not_read_since_that_would_wake_the_bridge(void **state)
{
	(void)state;
	put_bridge(ROOT0 "0000:00:01.0", WINDOWS, 13);
	put_power(ROOT0 "0000:00:01.0", "D3hot\n", "suspended\n");
	put_bridge(ROOT0 "0000:00:01.0/0000:01:00.0", WINDOWS, 13);
	put_device(ROOT0 "0000:00:01.0/0000:01:00.0/0000:02:00.0", "0x030000\n", IVSHMEM, 13);
	put_power(ROOT0 "0000:00:01.0/0000:01:00.0/0000:02:00.0", "D0\n", "unsupported\n");
	put_config(ROOT0 "0000:00:01.0/0000:01:00.0/0000:02:00.0", 256);
	assert_int_equal(read_all(), 0);
	assert_false(p.dev[2].asleep);
	assert_int_equal(p.dev[2].config.err, EHOSTDOWN);
	assert_int_equal(p.dev[2].command, -1);
	assert_non_null(strstr(p.dev[2].config.why, "bridge above"));
}

static void a_power_file_that_could_not_be_read_keeps_config_closed(void **state)
{
	(void)state;
	put_text(&t, "wcdiag/errors.txt", "EACCES /sys/bus/pci/devices/0000:00:02.0/power/runtime_status\n");
	put_device(ROOT0 "0000:00:02.0", "0x030000\n", IVSHMEM, 13);
	put_power(ROOT0 "0000:00:02.0", "D0\n", NULL);
	put_config(ROOT0 "0000:00:02.0", 256);
	assert_int_equal(read_all(), 0);
	assert_int_equal(p.dev[0].config.state, FACT_MISSING);
	assert_int_equal(p.dev[0].config.err, EACCES);
	assert_int_equal(p.dev[0].command, -1);
}

static void a_config_of_odd_length_or_all_ones_is_missing(void **state)
{
	static const size_t len[] = { 0, 1, 63, 64 };
	uint8_t ones[64];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		put_device(ROOT0 "0000:00:02.0", "0x030000\n", IVSHMEM, 13);
		put_config(ROOT0 "0000:00:02.0", len[i]);
		assert_int_equal(read_all(), 0);
		assert_int_equal(p.dev[0].config.state, len[i] == 64 ? FACT_KNOWN : FACT_MISSING);
		assert_int_equal(p.dev[0].command, len[i] == 64 ? 0x406 : -1);
		pci_free(&p);
		src_close(s);
		s = NULL;
	}
	memset(ones, 0xff, sizeof(ones));
	put_bytes(&t, ROOT0 "0000:00:02.0/config", ones, sizeof(ones));
	assert_int_equal(read_all(), 0);
	assert_int_equal(p.dev[0].command, -1);
	assert_non_null(strstr(p.dev[0].config.why, "all ones"));
}

static void names_are_put_in_only_when_asked_for(void **state)
{
	(void)state;
	put_device(ROOT0 "0000:00:02.0", "0x030000\n", IVSHMEM, 13);
	assert_int_equal(read_all(), 0);
	assert_string_equal(p.dev[0].name, "1af4:1110");
	pci_names(&p);
	if (access("/usr/share/misc/pci.ids", R_OK) == 0)
		assert_non_null(strstr(p.dev[0].name, "shared memory"));
	else
		assert_true(strlen(p.dev[0].name) > 0);
}

static void the_live_machine_can_be_read(void **state)
{
	int rc;

	(void)state;
	assert_int_equal(src_open_live(&s), 0);
	rc = pci_read(s, &p);
	assert_true(p.fact.state == FACT_KNOWN || p.fact.state == FACT_ABSENT || rc < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(a_device_is_read_whole),
		T(a_device_with_what_is_needed_and_no_more_is_read),
		T(domains_beyond_ffff_and_the_order_of_slots_are_right),
		T(windows_are_right_with_and_without_iov_lines),
		T(a_closed_window_is_empty_however_the_kernel_writes_it),
		T(a_bridge_without_window_lines_has_no_known_windows),
		T(a_link_that_lies_about_the_bridge_above_gives_no_parent),
		T(a_tree_of_bridges_gives_the_chain_of_parents),
		T(payload_sizes_are_read_where_config_is),
		T(the_config_space_of_a_sleeping_device_is_never_opened),
		T(a_device_below_a_sleeping_bridge_is_not_read_since_that_would_wake_the_bridge),
		T(a_power_file_that_could_not_be_read_keeps_config_closed),
		T(a_config_of_odd_length_or_all_ones_is_missing),
		T(names_are_put_in_only_when_asked_for),
		T(the_live_machine_can_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
