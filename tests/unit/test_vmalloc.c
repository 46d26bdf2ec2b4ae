/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/vmalloc.h"
#include "temproot.h"

static int parse(const char *text, struct ioremaps *m, unsigned int *line, const char **what)
{
	size_t len = strlen(text);
	char *copy = exact_copy(text, len);
	int err = vmalloc_parse(copy, len, m, line, what);

	free(copy);
	return err;
}

static struct ioremaps parsed(const char *text)
{
	struct ioremaps m;
	unsigned int line;
	const char *what = NULL;

	if (parse(text, &m, &line, &what))
		fail_msg("line %u: %s", line, what);
	return m;
}

static const struct row {
	const char *line;
	uint64_t vaddr, start, end;
	const char *caller, *module;
} rows[] = {
	{ "0xffffa5f2c0000000-0xffffa5f2c0005000   20480 mydrv_probe+0x63/0x80 [mydrv] phys=0x00000000fe000000 ioremap",
	  0xffffa5f2c0000000, 0xfe000000, 0xfe004000, "mydrv_probe+0x63/0x80", "mydrv" },
	/* Linux 6.18: hashed addresses */
	{ "0x0000000052bc3370-0x00000000253b298f    8192 acpi_os_map_iomem+0x1bc/0x1e0 phys=0x00000000000a0000 ioremap",
	  0, 0xa0000, 0xa1000, "acpi_os_map_iomem+0x1bc/0x1e0", "" },
	{ "0x0000000018e45ec6-0x000000004c538bec   12288 acpi_os_map_iomem+0x1bc/0x1e0 phys=0x000000000009f000 ioremap",
	  0, 0x9f000, 0xa1000, "acpi_os_map_iomem+0x1bc/0x1e0", "" },
	/* kptr_restrict, and five-level page tables */
	{ "0x0000000000000000-0x0000000000000000 67112960 nvidia_map+0x0/0x10 [nvidia] phys=0x0000380000000000 ioremap",
	  0, 0x380000000000, 0x380000000000 + 67112960 - 4096, "nvidia_map+0x0/0x10", "nvidia" },
	{ "0xff7d1d0400700000-0xff7d1d0400702000    8192 0xffffffffc0203040 phys=0x00000000fe000000 ioremap",
	  0xff7d1d0400700000, 0xfe000000, 0xfe001000, "0xffffffffc0203040", "" },
	/* older kernels print phys without 0x, others more words */
	{ "0xffffc90000000000-0xffffc90000003000   12288 hpet_enable+0x2d/0x2b0 phys=fed00000 ioremap",
	  0xffffc90000000000, 0xfed00000, 0xfed02000, "hpet_enable+0x2d/0x2b0", "" },
	{ "0xffffc90000000000-0xffffc90000003000   12288 f+0x1/0x2 [m deadbeef] phys=0x00000000fed00000 static ioremap user N0=5 N1=2",
	  0xffffc90000000000, 0xfed00000, 0xfed02000, "f+0x1/0x2", "m" },
	{ "0xffffc90000000000-0xffffc90000003000   12288 phys=0x00000000fed00000 ioremap", 0xffffc90000000000,
	  0xfed00000, 0xfed02000, "", "" },
	{ "0xffffc90000000000-0xffffc90000003000   12288 f+0x1/0x2 [] pages=1 phys=0x00000000fed00000 ioremap",
	  0xffffc90000000000, 0xfed00000, 0xfed02000, "f+0x1/0x2", "" },
};

static void each_form_of_a_line_is_read(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[256];
		struct ioremaps m;

		snprintf(text, sizeof(text), "%s\n", rows[i].line);
		m = parsed(text);
		if (m.n != 1 || m.r[0].vaddr != rows[i].vaddr || m.r[0].start != rows[i].start ||
		    m.r[0].end != rows[i].end || strcmp(m.r[0].caller, rows[i].caller) ||
		    strcmp(m.r[0].module, rows[i].module))
			fail_msg("%s\n%zu: %llx %llx-%llx \"%s\" \"%s\"", rows[i].line, m.n,
				 m.n ? (unsigned long long)m.r[0].vaddr : 0, m.n ? (unsigned long long)m.r[0].start : 0,
				 m.n ? (unsigned long long)m.r[0].end : 0, m.n ? m.r[0].caller : "",
				 m.n ? m.r[0].module : "");
		vmalloc_free(&m);
	}
}

static void only_ioremaps_are_kept_and_sorted(void **state)
{
	struct ioremaps m =
		parsed("0x00000000201cefc2-0x0000000052bc3370   20480 irq_init_percpu_irqstack+0xca/0x100 vmap\n"
		       "0x00000000201cefc2-0x0000000052bc3370   20480 unpurged vm_area\n"
		       "0x00000000201cefc2-0x0000000052bc3370    8192 b+0x1/0x2 phys=0x00000000fe000000 ioremap\n"
		       "0x00000000201cefc2-0x0000000052bc3370   20480 kernel_clone+0x94/0x3e0 pages=4 vmalloc N0=4\n"
		       "\n"
		       "0x00000000201cefc2-0x0000000052bc3370    8192 a+0x1/0x2 phys=0x00000000000a0000 ioremap\n"
		       "0x00000000201cefc2-0x0000000052bc3370    8192 vm_map_ram\n"
		       "0x00000000201cefc2-0x0000000052bc3370    8192 c+0x1/0x2 ioremap\n"
		       "0x00000000201cefc2-0x0000000052bc3370    8192 d+0x1/0x2 phys=0x00000000fe000000\n"
		       "0x00000000201cefc2-0x0000000052bc3370   12288 a+0x1/0x2 phys=0x00000000fe000000 ioremap\n");

	(void)state;
	assert_int_equal(m.n, 3);
	assert_int_equal(m.r[0].start, 0xa0000);
	assert_string_equal(m.r[1].caller, "b+0x1/0x2");
	assert_int_equal(m.r[2].end, 0xfe002000);
	vmalloc_free(&m);
}

static void a_line_that_is_none_is_an_error_with_its_number(void **state)
{
	static const struct {
		const char *line, *what;
	} bad[] = {
		{ "nothing\n", "no virtual range" },
		{ "0x1-2 3\n", "no virtual range" },
		{ "0x1-0x2\n", "no size" },
		{ "0x1-0x2 \n", "no size" },
		{ "0x1-0x2 99999999999999999999 x\n", "no size" },
		{ "0x1-0x2 4096 f phys=0x1000 ioremap\n", "an ioremap of an impossible size" },
		{ "0x1-0x2 0 f phys=0x1000 ioremap\n", "an ioremap of an impossible size" },
		{ "0x1-0x2 8192 f phys=0xfffffffffffff000 ioremap\n", "an ioremap of an impossible size" },
		{ "0x1-0x2 8192 f phys= ioremap\n", "phys= without an address" },
		{ "0x1-0x2 8192 f phys=0x1000x ioremap\n", "phys= without an address" },
		{ "0x1-0x2 8192 f phys=0x1000 ioremap", "cut off: no end of line" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ioremaps m;
		unsigned int line;
		const char *what = NULL;
		char text[256];

		snprintf(text, sizeof(text), "\n%s\n%s", rows[0].line, bad[i].line);
		assert_int_equal(parse(text, &m, &line, &what), -EBADMSG);
		assert_int_equal(line, 3);
		assert_string_equal(what, bad[i].what);
		assert_null(m.r);
	}
}

static void names_that_are_too_long_are_cut(void **state)
{
	char text[512], name[200];
	struct ioremaps m;

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	snprintf(text, sizeof(text), "0x1-0x2 8192 %s [%s] phys=0x1000 ioremap\n", name, name);
	m = parsed(text);
	assert_int_equal(strlen(m.r[0].caller), sizeof(m.r[0].caller) - 1);
	assert_int_equal(strlen(m.r[0].module), sizeof(m.r[0].module) - 1);
	vmalloc_free(&m);
	m = parsed("0x1-0x2 8192 f [ phys=0x1000 ioremap\n");
	assert_string_equal(m.r[0].module, "");
	vmalloc_free(&m);
}

static void read_states(void **state)
{
	static const struct {
		const char *text, *errors;
		enum fact_state want;
		int err;
		const char *why;
	} states[] = {
		{ "0x1-0x2 8192 f phys=0x1000 ioremap\n", NULL, FACT_KNOWN, 0, "" },
		{ "", NULL, FACT_KNOWN, 0, "" },
		{ "what\n", NULL, FACT_MISSING, EBADMSG, "line 1: no virtual range" },
		{ NULL, NULL, FACT_MISSING, ENODATA, "not in the snapshot" },
		{ NULL, "EACCES /proc/vmallocinfo\n", FACT_MISSING, EACCES, "Permission denied" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		struct temproot r;
		struct ioremaps m;
		int err;

		temproot_make(&r);
		if (states[i].text)
			temproot_add(&r, "proc/vmallocinfo", states[i].text);
		if (states[i].errors)
			temproot_add(&r, "wcdiag/errors.txt", states[i].errors);
		err = vmalloc_read(temproot_open(&r), &m);
		assert_int_equal(m.fact.state, states[i].want);
		assert_int_equal(m.fact.err, states[i].err);
		assert_int_equal(err, -states[i].err);
		assert_non_null(strstr(m.fact.why, states[i].why));
		vmalloc_free(&m);
		temproot_drop(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_of_a_line_is_read),
		cmocka_unit_test(only_ioremaps_are_kept_and_sorted),
		cmocka_unit_test(a_line_that_is_none_is_an_error_with_its_number),
		cmocka_unit_test(names_that_are_too_long_are_cut),
		cmocka_unit_test(read_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
