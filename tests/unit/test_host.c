/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/host.h"
#include "temproot.h"

static void releases_are_read_as_far_as_they_are_numbers(void **state)
{
	static const struct {
		const char *release;
		unsigned int kver;
	} rows[] = {
		{ "6.1.0-56-amd64", KVER(6, 1) },
		{ "6.12.117+deb12-amd64", KVER(6, 12) },
		{ "5.15.0-rc1", KVER(5, 15) },
		{ "6.18.44-fc-v669", KVER(6, 18) },
		{ "4.18.0-553.el8_10.x86_64", KVER(4, 18) },
		{ "2.6.32", KVER(2, 6) },
		{ "7.0", KVER(7, 0) },
		{ "6.13-rc1", KVER(6, 13) },
		{ "6", 0 },
		{ "6.", 0 },
		{ "6.x", 0 },
		{ ".1", 0 },
		{ "", 0 },
		{ "v6.1", 0 },
		{ "6.256", 0 },
		{ "65536.1", 0 },
		{ "99999999999999999999.1", 0 },
		{ "-6.1", 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (host_parse_release(rows[i].release) != rows[i].kver)
			fail_msg("%s: %x", rows[i].release, host_parse_release(rows[i].release));
}

static void boot_options_are_found(void **state)
{
	static const struct {
		const char *cmdline;
		bool nopat, debugpat, relaxed, mtrr;
		const char *options;
	} rows[] = {
		{ "BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro quiet\n", false, false, false, false, "" },
		{ "ro nopat debugpat\n", true, true, false, false, "nopat debugpat" },
		{ "nopat", true, false, false, false, "nopat" },
		{ "nopat=1", true, false, false, false, "nopat=1" },
		{ "\"nopat\"", true, false, false, false, "\"nopat\"" },
		{ "nopatience", false, false, false, false, "" },
		{ "xnopat no-pat nopa", false, false, false, false, "" },
		{ "x=nopat", false, false, false, false, "" },
		{ "x=\"a nopat b\" y", false, false, false, false, "" },
		{ "x=\"a b\" nopat", true, false, false, false, "nopat" },
		{ "\"x=a nopat\" debugpat", false, true, false, false, "debugpat" },
		{ "ro -- nopat", false, false, false, false, "" },
		{ "ro --nopat", false, false, false, false, "" },
		{ "iomem=relaxed", false, false, true, false, "iomem=relaxed" },
		{ "iomem=\"relaxed\"", false, false, true, false, "iomem=\"relaxed\"" },
		{ "iomem=strict iomem=relaxed", false, false, true, false, "iomem=strict iomem=relaxed" },
		{ "iomem=relaxed iomem=strict", false, false, false, false, "iomem=relaxed iomem=strict" },
		{ "iomem=relaxed,strict", false, false, false, false, "iomem=relaxed,strict" },
		{ "iomem", false, false, false, false, "iomem" },
		{ "mtrr_gran_size=64M mtrr_chunk_size=64M disable_mtrr_cleanup", false, false, false, false,
		  "mtrr_gran_size=64M mtrr_chunk_size=64M disable_mtrr_cleanup" },
		{ "disable-mtrr-trim", false, false, false, false, "disable-mtrr-trim" },
		{ "clearcpuid=mtrr", false, false, false, true, "clearcpuid=mtrr" },
		{ "clearcpuid=514,12", false, false, false, true, "clearcpuid=514,12" },
		{ "clearcpuid=120,mtrrx,", false, false, false, false, "clearcpuid=120,mtrrx," },
		{ "pci=realloc lockdown=integrity", false, false, false, false, "" },
		{ "noexec=off", false, false, false, false, "" },
		{ "a=\"unclosed nopat", false, false, false, false, "" },
		{ "  \t nopat \t ", true, false, false, false, "nopat" },
		{ "", false, false, false, false, "" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i].cmdline);
		char *copy = exact_copy(rows[i].cmdline, len);
		struct host h;

		memset(&h, 0xff, sizeof(h));
		host_parse_cmdline(copy, len, &h);
		free(copy);
		if (h.nopat != rows[i].nopat || h.debugpat != rows[i].debugpat || h.iomem_relaxed != rows[i].relaxed ||
		    h.disable_mtrr != rows[i].mtrr || strcmp(h.options, rows[i].options))
			fail_msg("%s: %d %d %d %d \"%s\"", rows[i].cmdline, h.nopat, h.debugpat, h.iomem_relaxed,
				 h.disable_mtrr, h.options);
	}
}

static void more_options_than_fit_are_left_out_whole(void **state)
{
	char text[2000] = "";
	struct host h;
	int i;

	(void)state;
	for (i = 0; i < 60; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "mtrr_x%02d=123456789 ", i);
	strcat(text, "nopat");
	host_parse_cmdline(text, strlen(text), &h);
	assert_true(h.nopat);
	assert_true(strlen(h.options) < sizeof(h.options));
	assert_memory_equal(h.options, "mtrr_x00=123456789 mtrr_x01=", 28);
	assert_memory_equal(h.options + strlen(h.options) - 6, " nopat", 6);
}

static void capture_keeps_no_other_option(void **state)
{
	static const char cmdline[] = "BOOT_IMAGE=/vmlinuz root=UUID=0000 nopat rd.luks.key=secret pci=noaer,realloc "
				      "iomem=relaxed ip=10.0.0.1 pcie_aspm=off lockdown=integrity module.sig_key=x "
				      "pcix=1 -- lockdown=none\n";
	char out[256], small[16], none[1] = { 'x' };

	(void)state;
	host_filter_cmdline(cmdline, sizeof(cmdline) - 1, out, sizeof(out));
	assert_string_equal(out, "nopat pci=noaer,realloc iomem=relaxed pcie_aspm=off lockdown=integrity");
	host_filter_cmdline(cmdline, sizeof(cmdline) - 1, small, sizeof(small));
	assert_string_equal(small, "nopat");
	host_filter_cmdline(cmdline, sizeof(cmdline) - 1, none, 1);
	assert_string_equal(none, "");
	host_filter_cmdline(cmdline, sizeof(cmdline) - 1, NULL, 0);
}

static void the_lockdown_level_is_the_one_in_brackets(void **state)
{
	static const struct {
		const char *text;
		enum lockdown level;
	} rows[] = {
		{ "[none] integrity confidentiality\n", LOCKDOWN_NONE },
		{ "none [integrity] confidentiality\n", LOCKDOWN_INTEGRITY },
		{ "none integrity [confidentiality]\n", LOCKDOWN_CONFIDENTIALITY },
		{ "none integrity confidentiality\n", LOCKDOWN_UNKNOWN },
		{ "[none] [integrity]\n", LOCKDOWN_UNKNOWN },
		{ "none [paranoid]\n", LOCKDOWN_UNKNOWN },
		{ "[integrit", LOCKDOWN_UNKNOWN },
		{ "", LOCKDOWN_UNKNOWN },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i].text);
		char *copy = exact_copy(rows[i].text, len);

		assert_int_equal(host_parse_lockdown(copy, len), rows[i].level);
		free(copy);
	}
}

static void a_host_is_read_from_a_snapshot(void **state)
{
	struct temproot r;
	struct host h;

	(void)state;
	temproot_make(&r);
	temproot_add(&r, "proc/sys/kernel/osrelease", "6.1.0-56-amd64\n");
	temproot_add(&r, "proc/cmdline", "nopat\n");
	temproot_add(&r, "sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	host_read(temproot_open(&r), &h);
	assert_string_equal(h.release, "6.1.0-56-amd64");
	assert_int_equal(h.kver, KVER(6, 1));
	assert_true(h.nopat);
	assert_int_equal(h.lockdown, LOCKDOWN_INTEGRITY);
	assert_int_equal(h.kernel.state, FACT_KNOWN);
	assert_int_equal(h.cmdline.state, FACT_KNOWN);
	assert_int_equal(h.lock.state, FACT_KNOWN);
	temproot_drop(&r);
}

static void what_is_not_there_is_not_taken_for_fine(void **state)
{
	struct temproot r;
	struct host h;

	(void)state;
	temproot_make(&r);
	host_read(temproot_open(&r), &h);
	assert_int_equal(h.kernel.state, FACT_MISSING);
	assert_int_equal(h.cmdline.state, FACT_MISSING);
	assert_int_equal(h.lock.state, FACT_MISSING);
	assert_int_equal(h.lock.err, ENODATA);
	assert_int_equal(h.lockdown, LOCKDOWN_UNKNOWN);
	assert_int_equal(h.kver, 0);
	temproot_drop(&r);

	temproot_make(&r);
	temproot_add(&r, "wcdiag/errors.txt", "ENOENT /sys/kernel/security/lockdown\n");
	temproot_add(&r, "proc/sys/kernel/osrelease", "mine\n");
	host_read(temproot_open(&r), &h);
	assert_int_equal(h.lock.state, FACT_ABSENT);
	assert_int_equal(h.lockdown, LOCKDOWN_NONE);
	assert_int_equal(h.kernel.state, FACT_MISSING);
	assert_int_equal(h.kernel.err, EBADMSG);
	assert_string_equal(h.release, "mine");
	temproot_drop(&r);

	temproot_make(&r);
	temproot_add(&r, "wcdiag/errors.txt", "ENODEV /sys/kernel/security/lockdown\n");
	host_read(temproot_open(&r), &h);
	assert_int_equal(h.lock.state, FACT_MISSING);
	assert_int_equal(h.lockdown, LOCKDOWN_UNKNOWN);
	temproot_drop(&r);

	temproot_make(&r);
	temproot_add(&r, "sys/kernel/security/lockdown", "what\n");
	host_read(temproot_open(&r), &h);
	assert_int_equal(h.lock.state, FACT_MISSING);
	assert_int_equal(h.lock.err, EBADMSG);
	temproot_drop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(releases_are_read_as_far_as_they_are_numbers),
		cmocka_unit_test(boot_options_are_found),
		cmocka_unit_test(more_options_than_fit_are_left_out_whole),
		cmocka_unit_test(capture_keeps_no_other_option),
		cmocka_unit_test(the_lockdown_level_is_the_one_in_brackets),
		cmocka_unit_test(a_host_is_read_from_a_snapshot),
		cmocka_unit_test(what_is_not_there_is_not_taken_for_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
