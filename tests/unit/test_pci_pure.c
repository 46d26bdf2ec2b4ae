/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pci_pure.c - config space, power words, the resource file and filters, from bytes alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "probe/pci.h"

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
	exact[2] = device & 0xff;	/* the ids in the header are those of the device */
	exact[3] = device >> 8;
	assert_int_equal(pci_config_decode(exact, read_bytes, &b, &d), 0);
	free(exact);
	return d;
}

static int count_cap(const uint8_t cap[4], unsigned int offset, void *arg)
{
	(void)cap;
	(void)offset;
	++*(int *)arg;
	return 0;
}

/* Registers as a device has them that found no room: type bits, no address. */
static void a_bar_without_room_shows_by_its_register_alone(void **state)
{
	uint8_t cfg[64] = { 0xf4, 0x1a, 0x10, 0x11, 0x02 };
	struct pci_device d = { .vendor = 0x1af4, .device = 0x1110 };
	struct bytes b = { cfg, sizeof(cfg) };

	(void)state;
	cfg[0x10] = 0x0c;	/* BAR 0: 64-bit, prefetchable; register 1 is its upper half */
	cfg[0x18] = 0x01;	/* BAR 2: I/O */
	cfg[0x1c] = 0x08;	/* BAR 3: 32-bit, prefetchable, but sysfs has it */
	cfg[0x24] = 0x00;	/* BAR 5: none, or a 32-bit one: nobody can tell */
	d.bar[3] = (struct pci_bar){ .size = 4096, .addr = 0x1000, .flags = RES_MEM | RES_PREFETCH };
	assert_int_equal(pci_config_decode(cfg, read_bytes, &b, &d), 0);
	assert_true(pci_bar_unplaced(&d.bar[0]));
	assert_int_equal(d.bar[0].flags, RES_MEM | RES_UNSET | RES_PREFETCH | RES_MEM_64);
	assert_int_equal(d.bar[1].flags, 0);
	assert_int_equal(d.bar[2].flags, 0);
	assert_false(pci_bar_unplaced(&d.bar[3]));
	assert_int_equal(d.bar[5].flags, 0);
	/* A bridge's registers are something else. */
	cfg[14] = 1;
	d = (struct pci_device){ .vendor = 0x1af4, .device = 0x1110 };
	assert_int_equal(pci_config_decode(cfg, read_bytes, &b, &d), 0);
	assert_int_equal(d.bar[0].flags, 0);
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

static void put_express(uint8_t *cfg, unsigned int at_, uint8_t version, uint8_t supported, uint8_t in_use)
{
	/* 7.5.3 of the PCI Express base specification: bits 2:0 of +4, bits 7:5 of +8; all others set. */
	const uint8_t cap[] = { 0x10, 0, 0xf0 | version, 0xff, 0xf8 | supported, 0xff, 0xff, 0xff, in_use << 5 | 0x1f, 0xff };

	memcpy(cfg + at_, cap, sizeof(cap));
}

static void payload_sizes_are_those_of_the_express_capability(void **state)
{
	static const struct {
		uint8_t version, supported, in_use;
		int want_supported, want;
	} row[] = {
		{ 2, 2, 1, 512, 256 },
		{ 1, 0, 0, 128, 128 },
		{ 2, 5, 5, 4096, 4096 },
		{ 2, 6, 1, 0, 256 },	/* reserved */
		{ 2, 1, 7, 256, 0 },
		{ 0, 2, 1, 0, 0 },	/* not recorded */
	};
	uint8_t cfg[256] = { 0xf4, 0x1a, 0x10, 0x11, 0x02, 0, 0x10, 0 };
	struct pci_device d;

	(void)state;
	cfg[0x34] = 0x40;
	put_cap(cfg, 0x40, 0x01, 0x70, 0, 0);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		put_express(cfg, 0x70, row[i].version, row[i].supported, row[i].in_use);
		d = decode(cfg, sizeof(cfg), 0x1110);
		if (d.mps_supported != row[i].want_supported || d.mps != row[i].want)
			fail_msg("row %zu: %d of %d", i, d.mps, d.mps_supported);
	}
	put_express(cfg, 0x70, 2, 2, 1);
	/* Virtio too, whose capabilities are looked at besides. */
	assert_int_equal(decode(cfg, sizeof(cfg), 0x1041).mps, 256);
	/* Who may read only the header, or a register's half, knows nothing. */
	assert_int_equal(decode(cfg, 64, 0x1110).mps, 0);
	assert_int_equal(decode(cfg, 0x79, 0x1110).mps, 0);
	assert_int_equal(decode(cfg, 0x7a, 0x1110).mps, 256);
	/* A capability that has no room; none at all. */
	put_cap(cfg, 0x40, 0x01, 0xf8, 0, 0);
	put_cap(cfg, 0xf8, 0x10, 0, 2, 2);
	assert_int_equal(decode(cfg, sizeof(cfg), 0x1110).mps_supported, 0);
	put_cap(cfg, 0x40, 0x01, 0, 0, 0);
	assert_int_equal(decode(cfg, sizeof(cfg), 0x1110).mps_supported, 0);
}

static void a_virtual_functions_payload_size_is_not_known(void **state)
{
	uint8_t cfg[256] = { 0xff, 0xff, 0xff, 0xff, 0, 0, 0x10, 0 };
	struct pci_device d = { .vendor = 0x8086, .device = 0x154c, .mps = 77, .mps_supported = 77 };
	struct bytes b = { cfg, sizeof(cfg) };

	(void)state;
	cfg[0x34] = 0x70;
	put_express(cfg, 0x70, 2, 2, 0);
	assert_int_equal(pci_config_decode(cfg, read_bytes, &b, &d), 0);
	assert_int_equal(d.mps, 0);
	assert_int_equal(d.mps_supported, 0);
}

static void a_virtual_function_says_nothing_and_a_dead_device_is_told_from_it(void **state)
{
	uint8_t cfg[64] = { 0xff, 0xff, 0xff, 0xff, 0, 0, 0x10, 0 };
	struct pci_device d = { .vendor = 0x8086, .device = 0x154c };
	struct bytes b = { cfg, sizeof(cfg) };

	(void)state;
	assert_int_equal(pci_config_decode(cfg, read_bytes, &b, &d), 0);
	assert_true(d.virtual_function);
	assert_int_equal(d.command, -1);
	memset(cfg, 0xff, sizeof(cfg));
	assert_int_equal(pci_config_decode(cfg, read_bytes, &b, &d), -ENODEV);
	/* Text, or another device's bytes: not to be read a command register from. */
	memcpy(cfg, "not a config header", 20);
	assert_int_equal(pci_config_decode(cfg, read_bytes, &b, &d), -EBADMSG);
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

		if (awake != row[i].awake || d.power != row[i].power || d.suspended != row[i].suspended ||
		    d.asleep != row[i].asleep)
			fail_msg("row %zu: awake %d power %d suspended %d asleep %d", i, awake, d.power, d.suspended,
				 d.asleep);
	}
	assert_string_equal(pci_power_name(PCI_POWER_D3HOT), "D3hot");
	assert_string_equal(pci_power_name((enum pci_power)99), "unknown");
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
		{ LINE "\n0x2000 0x1fff 0x200\n" SIX, -EBADMSG, 2 },	/* a BAR that runs backwards */
		{ LINE "\n0x2000 0x2FfF 0x200\n" SIX, 0, 8 },
		{ SIX LINE "\n0xfff00000 0xfffff 0x200\n", 0, 8 },	/* a bridge's closed window may */
		{ SIX "\n" LINE "\n", -EBADMSG, 7 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		size_t len = strlen(row[i].text);
		char *exact = malloc(len ? len : 1);
		struct pci_resource r[PCI_RESOURCE_LINES];
		unsigned int line = 999;
		const char *what = NULL;
		int rc;

		memcpy(exact, row[i].text, len);
		rc = pci_resource_parse(exact, len, r, &line, &what);
		if (rc != row[i].rc || line != row[i].line || (rc && !what))
			fail_msg("row %zu: %d, line %u", i, rc, line);
		free(exact);
	}
}

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
			fail_msg("row %zu: %d %s %s", i, n, which, what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bar_without_room_shows_by_its_register_alone),
		cmocka_unit_test(payload_sizes_are_those_of_the_express_capability),
		cmocka_unit_test(a_virtual_functions_payload_size_is_not_known),
		cmocka_unit_test(a_virtual_function_says_nothing_and_a_dead_device_is_told_from_it),
		cmocka_unit_test(shared_memory_bars_are_found_and_nothing_else),
		cmocka_unit_test(a_capability_list_that_is_no_list_is_not_known),
		cmocka_unit_test(the_walk_ends_after_48_capabilities),
		cmocka_unit_test(power_words_are_told_apart),
		cmocka_unit_test(a_resource_file_is_checked_line_by_line),
		cmocka_unit_test(filters_select_as_lspci_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
