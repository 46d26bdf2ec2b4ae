/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_snapshot_pci.c - what is recorded of devices: their files, and how much of the config space. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "recording.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(a_device_is_recorded_with_its_link_and_reads_the_same),
		T(of_the_config_space_only_what_is_needed_is_read),
		T(with_all_the_whole_config_space_is_kept_but_serial_numbers),
		T(what_only_root_may_read_is_recorded_as_far_as_it_goes),
		T(a_sleeping_device_is_recorded_without_its_config_space),
		T(an_extended_list_that_cannot_be_followed_is_cut_off),
		T(uio_keeps_its_maps_and_its_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
