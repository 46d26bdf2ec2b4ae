/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pci.c - devices from sysfs: addresses, windows, power, what is never opened, and trees that libpci must not see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "probe/pci.h"
#include "probe/src.h"
#include "tmptree.h"

#define ROOT0 "sys/devices/pci0000:00/"

static struct tree t;
static struct src *s;
static struct pci p;

static int setup(void **state)
{
	(void)state;
	tree_make(&t);
	put_marker(&t);
	s = NULL;
	p = (struct pci){ 0 };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pci_free(&p);
	src_close(s);
	tree_remove(&t);
	return 0;
}

static void put_in(const char *dir, const char *name, const char *text)
{
	char path[600];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	put_text(&t, path, text);
}

static const char no_bars[] = "0x0000000000000000 0x0000000000000000 0x0000000000000000\n";

/* dir: below sys/devices, ends in the slot. bars: lines that the file begins with; total: lines in all. */
static void put_device(const char *dir, const char *class, const char *bars, int total)
{
	const char *slot = strrchr(dir, '/') + 1;
	char link[100], target[600], text[2048];
	int lines = 0;

	put_in(dir, "vendor", "0x1af4\n");
	put_in(dir, "device", "0x1110\n");
	put_in(dir, "class", class);
	put_in(dir, "revision", "0x01\n");
	put_in(dir, "subsystem_vendor", "0x1af5\n");
	put_in(dir, "subsystem_device", "0x1100\n");
	snprintf(text, sizeof(text), "%s", bars);
	for (const char *c = bars; *c; c++)
		lines += *c == '\n';
	for (; lines < total; lines++)
		strcat(text, no_bars);
	put_in(dir, "resource", text);
	snprintf(link, sizeof(link), "sys/bus/pci/devices/%s", slot);
	snprintf(target, sizeof(target), "../../../%s", dir + strlen("sys/"));
	put_link(&t, link, target);
}

/* A config header with memory decoding on. */
static void put_config(const char *dir, size_t len)
{
	uint8_t cfg[256] = { 0xf4, 0x1a, 0x10, 0x11, 0x06, 0x04, 0, 0 };
	char path[600];

	snprintf(path, sizeof(path), "%s/config", dir);
	put_bytes(&t, path, cfg, len);
}

static void put_power(const char *dir, const char *state, const char *runtime)
{
	if (state)
		put_in(dir, "power_state", state);
	if (runtime)
		put_in(dir, "power/runtime_status", runtime);
}

static int read_all(void)
{
	char why[200];

	if (src_open_root(&s, t.dir, why, sizeof(why)))
		fail_msg("%s", why);
	return pci_read(s, &p);
}

#define IVSHMEM "0x00000000feb11000 0x00000000feb110ff 0x0000000000040200\n" \
		"0x0000000000000000 0x0000000000000000 0x0000000000000000\n" \
		"0x00000000fe000000 0x00000000fe0fffff 0x000000000014220c\n"

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
	static const char *const want[] = { "0000:00:01.0", "0000:00:01.1", "0000:00:1f.3", "0000:0a:00.0", "0001:00:00.0", "10000:e1:00.0" };

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

/* --- who is awake --- */

static void power_words_are_told_apart(void **state)
{
	static const struct {
		const char *state, *runtime;
		enum pci_power power;
		bool suspended, asleep, awake;
	} row[] = {
		{ NULL, NULL, PCI_POWER_UNKNOWN, false, false, true },	/* no power management in this kernel */
		{ "D0\n", NULL, PCI_POWER_D0, false, false, true },
		{ "D0\n", "active\n", PCI_POWER_D0, false, false, true },
		{ "D0\n", "unsupported\n", PCI_POWER_D0, false, false, true },
		{ NULL, "active\n", PCI_POWER_UNKNOWN, false, false, true },	/* before Linux 5.11 */
		{ "unknown\n", "active\n", PCI_POWER_UNKNOWN, false, false, true },
		{ "D0\n", "suspended\n", PCI_POWER_D0, true, true, false },
		{ "D0\n", "suspending\n", PCI_POWER_D0, true, true, false },
		{ "D0\n", "resuming\n", PCI_POWER_D0, false, false, false },
		{ "D0\n", "error\n", PCI_POWER_D0, false, false, false },
		{ NULL, "suspended\n", PCI_POWER_UNKNOWN, true, true, false },
		{ "D3cold\n", "suspended\n", PCI_POWER_D3COLD, true, true, false },
		{ "D3hot\n", "active\n", PCI_POWER_D3HOT, false, true, false },
		{ "D3hot\n", NULL, PCI_POWER_D3HOT, false, true, false },
		{ "D1", "unsupported", PCI_POWER_D1, false, true, false },
		{ "D2\n", "active\n", PCI_POWER_D2, false, true, false },
		{ "error\n", "active\n", PCI_POWER_UNKNOWN, false, false, false },
		{ "D3\n", "active\n", PCI_POWER_UNKNOWN, false, false, false },
		{ "D0 \n", "active\n", PCI_POWER_D0, false, false, true },
		{ "D00\n", "active\n", PCI_POWER_UNKNOWN, false, false, false },
		{ "", "", PCI_POWER_UNKNOWN, false, false, false },
		{ "D0\n", "activex\n", PCI_POWER_D0, false, false, false },
		{ "d0\n", "active\n", PCI_POWER_UNKNOWN, false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct pci_device d = { 0 };
		bool awake = pci_power_decode(row[i].state, row[i].runtime, &d);

		if (awake != row[i].awake || d.power != row[i].power || d.suspended != row[i].suspended || d.asleep != row[i].asleep)
			fail_msg("row %zu: awake %d power %d suspended %d asleep %d", i, awake, d.power, d.suspended, d.asleep);
	}
	assert_string_equal(pci_power_name(PCI_POWER_D3HOT), "D3hot");
	assert_string_equal(pci_power_name((enum pci_power)99), "unknown");
}

/* A fifo named config: whoever opens it gets EINVAL from the source, and would hang elsewhere. */
static void the_config_space_of_a_sleeping_device_is_never_opened(void **state)
{
	(void)state;
	put_device(ROOT0 "0000:00:02.0", "0x030000\n", IVSHMEM, 13);
	put_power(ROOT0 "0000:00:02.0", "D3cold\n", "suspended\n");
	put_fifo(&t, ROOT0 "0000:00:02.0/config");
	put_device(ROOT0 "0000:00:04.0", "0x030000\n", IVSHMEM, 13);	/* the same, and it looks as if it could be read */
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

/* --- virtio's shared memory --- */

struct bytes {
	const uint8_t *p;
	size_t len;
};

static int read_bytes(void *ctx, unsigned int offset, void *buf, unsigned int n)
{
	const struct bytes *b = ctx;

	if (offset > b->len || n > b->len - offset)
		return -ENODATA;
	memcpy(buf, b->p + offset, n);
	return 0;
}

static void put_cap(uint8_t *cfg, unsigned int at_, uint8_t id, uint8_t next, uint8_t cfg_type, uint8_t bar)
{
	const uint8_t cap[] = { id, next, 16, cfg_type, bar };

	memcpy(cfg + at_, cap, sizeof(cap));
}

static struct pci_device decode(const uint8_t *cfg, size_t len, uint16_t device)
{
	struct pci_device d = { .vendor = 0x1af4, .device = device };
	uint8_t *exact = malloc(len);
	struct bytes b = { exact, len };

	memcpy(exact, cfg, len);
	assert_int_equal(pci_config_decode(exact, read_bytes, &b, &d), 0);
	free(exact);
	return d;
}

static void shared_memory_bars_are_found_and_nothing_else(void **state)
{
	uint8_t cfg[256] = { 0xf4, 0x1a, 0x5a, 0x10, 0x02, 0, 0x10, 0 };
	struct pci_device d;

	(void)state;
	cfg[0x34] = 0x40;
	put_cap(cfg, 0x40, 0x11, 0x50, 8, 1);	/* MSI-X: not vendor-specific */
	put_cap(cfg, 0x50, 0x09, 0x60, 1, 4);	/* common configuration */
	put_cap(cfg, 0x60, 0x09, 0x70, 8, 2);	/* shared memory in BAR 2 */
	put_cap(cfg, 0x70, 0x09, 0xf8, 8, 6);	/* a reserved BAR number */
	put_cap(cfg, 0xf8, 0x09, 0x00, 8, 4);
	d = decode(cfg, sizeof(cfg), 0x105a);
	assert_true(d.virtio_shm_known);
	assert_int_equal(d.virtio_shm, 1 << 2 | 1 << 4);
	assert_int_equal(d.command, 2);
	/* Another device of the same vendor that is not virtio. */
	assert_int_equal(decode(cfg, sizeof(cfg), 0x1110).virtio_shm, 0);
	/* Without the right to read beyond the header nobody knows. */
	assert_false(decode(cfg, 64, 0x105a).virtio_shm_known);
	/* No list at all is an answer. */
	cfg[6] = 0;
	assert_true(decode(cfg, 64, 0x105a).virtio_shm_known);
	assert_int_equal(decode(cfg, 64, 0x105a).virtio_shm, 0);
}

static void a_capability_list_that_is_no_list_is_not_known(void **state)
{
	static const struct {
		uint8_t first, at, next, id;
	} row[] = {
		{ 0x40, 0x40, 0x40, 9 },	/* its own tail */
		{ 0x40, 0x40, 0x10, 9 },	/* into the header */
		{ 0x3c, 0x3c, 0x00, 9 },
		{ 0x40, 0x40, 0x00, 0xff },	/* nobody answers */
		{ 0xfc, 0xfc, 0x00, 9 },	/* a virtio capability that has no room */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		uint8_t cfg[264] = { 0xf4, 0x1a, 0x41, 0x10, 0x02, 0, 0x10, 0 };

		cfg[0x34] = row[i].first;
		put_cap(cfg, row[i].at, row[i].id, row[i].next, 8, 2);
		if (decode(cfg, 256, 0x1041).virtio_shm_known)
			fail_msg("row %zu", i);
	}
}

static int count_cap(unsigned int id, unsigned int offset, void *arg)
{
	(void)id;
	(void)offset;
	++*(int *)arg;
	return 0;
}

static void the_walk_ends_after_48_capabilities(void **state)
{
	uint8_t cfg[256] = { 0 };
	struct bytes b = { cfg, sizeof(cfg) };
	int n = 0;

	(void)state;
	cfg[6] = 0x10;
	cfg[0x34] = 0x43;	/* the low two bits are reserved */
	for (unsigned int c = 0x40; c < 0x100; c += 4) {
		cfg[c] = 5;
		cfg[c + 1] = (uint8_t)(c + 4);	/* the last one says 0 */
	}
	assert_int_equal(pci_caps_walk(cfg, read_bytes, &b, count_cap, &n), 0);
	assert_int_equal(n, 48);
	cfg[0xe] = 0x82;	/* CardBus, multi-function: the pointer is elsewhere */
	n = 0;
	assert_int_equal(pci_caps_walk(cfg, read_bytes, &b, count_cap, &n), 0);
	assert_int_equal(n, 0);
	cfg[0x14] = 0xf0;
	assert_int_equal(pci_caps_walk(cfg, read_bytes, &b, count_cap, &n), 0);
	assert_int_equal(n, 4);
}

/* --- trees that libpci must not be let loose on --- */

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
		"00:02.0", "0000:00:20.0", "0000:00:02.8", "0000:00:02.", "0000:00:02.00", "0000:100:02.0", "0000:00:02.0 ", "00000:00:02.0",
		"0000:0:02.0", "0000:00:2.0", "ffffffff:00:02.0", "0000:00:02.0x", "0000:00:02,0", "0000:00:0A.0", "x", "-001:00:02.0",
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

static void a_resource_file_is_checked_line_by_line(void **state)
{
#define LINE "0x0000000000000000 0x0000000000000000 0x0000000000000000"
#define SIX LINE "\n" LINE "\n" LINE "\n" LINE "\n" LINE "\n" LINE "\n"
	static const struct {
		const char *text;
		int rc;
		unsigned int line;
	} row[] = {
		{ SIX LINE "\n", 0, 7 },
		{ SIX LINE, 0, 7 },		/* a last line of full width cannot have been cut */
		{ SIX "0x0 0x0 0x0\n", 0, 7 },	/* written by hand */
		{ SIX "0x0 0x0 0x0", -EBADMSG, 7 },
		{ SIX "0x0000000000000000 0x0000000000000000 0x000000000000000", -EBADMSG, 7 },
		{ SIX, -EBADMSG, 6 },
		{ "", -EBADMSG, 0 },
		{ "\n", -EBADMSG, 1 },
		{ SIX SIX LINE "\n" LINE "\n" LINE "\n" LINE "\n" LINE "\n", 0, 17 },
		{ SIX SIX SIX, -EBADMSG, 18 },
		{ "0x0 0x0  0x0\n" SIX, -EBADMSG, 1 },
		{ "0x0 0x0\n" SIX, -EBADMSG, 1 },
		{ "0x0 0x0 0x0 0x0\n" SIX, -EBADMSG, 1 },
		{ "0x0 0x0 0x00000000000000000\n" SIX, -EBADMSG, 1 },
		{ "0x 0x0 0x0\n" SIX, -EBADMSG, 1 },
		{ " 0x0 0x0 0x0\n" SIX, -EBADMSG, 1 },
		{ "00 00 00\n" SIX, -EBADMSG, 1 },
		{ SIX "\n" LINE "\n", -EBADMSG, 7 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		size_t len = strlen(row[i].text);
		char *exact = malloc(len ? len : 1);
		unsigned int line = 999;
		const char *what = NULL;
		int rc;

		memcpy(exact, row[i].text, len);
		rc = pci_resource_check(exact, len, &line, &what);
		if (rc != row[i].rc || line != row[i].line || (rc && !what))
			fail_msg("row %zu: %d, line %u", i, rc, line);
		free(exact);
	}
}

/* --- selection, as lspci users type it --- */

static void filters_select_as_lspci_does(void **state)
{
	static const struct {
		const char *slot, *id;
		int n;
		const char *which;	/* '1' selected */
	} row[] = {
		{ NULL, NULL, 4, "1111" },
		{ "01:00.0", NULL, 2, "0101" },	/* without a domain: every domain */
		{ "0000:01:00.0", NULL, 1, "0100" },
		{ "01:00", NULL, 3, "0111" },	/* all functions */
		{ "1:", NULL, 3, "0111" },
		{ "0", NULL, 3, "0111" },
		{ ".1", NULL, 1, "0010" },
		{ "*:*:*.1", NULL, 1, "0010" },
		{ "10000:01:00.0", NULL, 1, "0001" },
		{ "02:00.0", NULL, 0, "0000" },
		{ "", NULL, 4, "1111" },
		{ NULL, "1af4:", 3, "1110" },
		{ NULL, "1af4:1110", 2, "1010" },
		{ NULL, ":1042", 1, "0100" },
		{ NULL, "::0300", 1, "0001" },
		{ NULL, "::03xx", 1, "0001" },
		{ NULL, "::0180:02", 1, "0100" },
		{ NULL, "::0180:01", 0, "0000" },
		{ "01:", "8086:", 1, "0001" },
		{ "01:00.8", NULL, -EINVAL, NULL },
		{ "zz", NULL, -EINVAL, NULL },
		{ "1:2:3:4", NULL, -EINVAL, NULL },
		{ "0000000000000000000000000000000000000000000000000000000000000000:1", NULL, -EINVAL, NULL },
		{ NULL, "8086", -EINVAL, NULL },
		{ NULL, "10000:", -EINVAL, NULL },
	};
	struct pci_device dev[] = {
		{ .bus = 0, .dev = 2, .vendor = 0x1af4, .device = 0x1110, .class = 0x050000 },
		{ .bus = 1, .vendor = 0x1af4, .device = 0x1042, .class = 0x018002 },
		{ .bus = 1, .func = 1, .vendor = 0x1af4, .device = 0x1110, .class = 0x050000 },
		{ .domain = 0x10000, .bus = 1, .vendor = 0x8086, .device = 1, .class = 0x030000 },
	};
	const struct pci four = { .dev = dev, .n = 4 };

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		bool out[4] = { 0 };
		char what[80] = "", which[5] = "";
		int n = pci_select(&four, row[i].slot, row[i].id, out, what, sizeof(what));

		for (int k = 0; k < 4; k++)
			which[k] = out[k] ? '1' : '0';
		if (n != row[i].n || (n >= 0 && strcmp(which, row[i].which)) || (n < 0 && !*what))
			fail_msg("-s %s -d %s: %d %s %s", row[i].slot ? row[i].slot : "", row[i].id ? row[i].id : "", n, which, what);
	}
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
		T(power_words_are_told_apart),
		T(the_config_space_of_a_sleeping_device_is_never_opened),
		T(a_device_below_a_sleeping_bridge_is_not_read_since_that_would_wake_the_bridge),
		T(a_power_file_that_could_not_be_read_keeps_config_closed),
		T(a_config_of_odd_length_or_all_ones_is_missing),
		T(shared_memory_bars_are_found_and_nothing_else),
		T(a_capability_list_that_is_no_list_is_not_known),
		T(the_walk_ends_after_48_capabilities),
		T(what_libpci_would_open_must_be_whole_regular_and_inside),
		T(a_failure_within_libpci_becomes_a_fact_with_its_sentence),
		T(a_slot_is_only_what_the_kernel_writes),
		T(the_device_list_itself_may_not_lie_outside),
		T(without_pci_the_answer_is_absent_only_when_somebody_looked),
		T(a_resource_file_is_checked_line_by_line),
		T(filters_select_as_lspci_does),
		T(names_are_put_in_only_when_asked_for),
		T(the_live_machine_can_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
