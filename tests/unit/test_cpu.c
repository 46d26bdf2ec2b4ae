/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_cpu.c - CPUID: libcpuid's raw form, what the registers say, and that this machine's record replays to itself. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libcpuid has vendors of the same names. */
#define VENDOR_INTEL LIBCPUID_VENDOR_INTEL
#define VENDOR_AMD   LIBCPUID_VENDOR_AMD
#include <libcpuid/libcpuid.h>
#undef VENDOR_INTEL
#undef VENDOR_AMD

#include "probe/cpu.h"
#include "temproot.h"

/* Registers to be written in libcpuid's form. */
struct regs {
	uint32_t basic[32][4], ext[32][4];
};

static void text_of(uint32_t reg[4], const char *a, const char *b, const char *c)
{
	memcpy(&reg[1], a, 4);
	memcpy(&reg[2], b, 4);
	memcpy(&reg[3], c, 4);
}

/* A CPU with the usual leaves, and this vendor and brand (48 bytes at most). */
static struct regs machine(const char *vendor, const char *brand)
{
	struct regs r = { .basic = { { 0 } } };
	char b[49] = { 0 };

	r.basic[0][0] = 0x16;
	text_of(r.basic[0], vendor, vendor + 8, vendor + 4);
	r.basic[1][0] = 0x000206d7;
	r.basic[1][3] = 1 << 12 | 1 << 16;
	r.ext[0][0] = 0x80000008;
	memcpy(b, brand, strnlen(brand, 48));
	memcpy(r.ext[2], b, 48);
	r.ext[8][0] = 0x302e;
	return r;
}

static char *text_for(const struct regs *r, const char *head)
{
	char *text = malloc(8000), *p = text;

	p += sprintf(p, "%s", head);
	for (int i = 0; i < 32; i++)
		p += sprintf(p, "basic_cpuid[%d]=%08x %08x %08x %08x\n", i, r->basic[i][0], r->basic[i][1],
			     r->basic[i][2], r->basic[i][3]);
	for (int i = 0; i < 32; i++)
		p += sprintf(p, "ext_cpuid[%d]=%08x %08x %08x %08x\n", i, r->ext[i][0], r->ext[i][1], r->ext[i][2],
			     r->ext[i][3]);
	sprintf(p, "intel_fn4[0]=3c004121 01c0003f 0000003f 00000000\n");
	return text;
}

static int parse(const char *text, struct cpu *c, unsigned int *line, const char **what)
{
	size_t len = strlen(text);
	char *exact = exact_copy(text, len);
	int err = cpu_parse(exact, len, c, line, what);

	free(exact);
	return err;
}

static struct cpu decode(const struct regs *r)
{
	char *text = text_for(r, "version=0.6.2\n");
	const char *what;
	unsigned int line;
	struct cpu c;

	if (parse(text, &c, &line, &what))
		fail_msg("line %u: %s", line, what);
	free(text);
	return c;
}

static void a_sandy_bridge_is_read(void **state)
{
	struct regs r = machine("GenuineIntel", "      Intel(R) Core(TM) i7-3930K CPU @  3.20GHz");
	struct cpu c = decode(&r);

	(void)state;
	assert_int_equal(c.vendor, VENDOR_INTEL);
	assert_string_equal(c.vendor_str, "GenuineIntel");
	assert_string_equal(c.name, "Intel(R) Core(TM) i7-3930K CPU @ 3.20GHz");
	assert_string_equal(c.codename, "Sandy Bridge-E");
	assert_int_equal(c.family, 6);
	assert_int_equal(c.model, 45);
	assert_int_equal(c.stepping, 7);
	assert_int_equal(c.phys_bits, 46);
	assert_true(c.pat && c.mtrr);
	assert_false(c.hypervisor_bit || c.movdiri || c.movdir64b || c.sev_capable || c.tdx_guest);
}

static void family_and_model_are_the_displayed_ones(void **state)
{
	static const struct {
		uint32_t eax;
		unsigned int family, model, stepping;
	} t[] = {
		{ 0x000806f8, 6, 143, 8 },	/* Sapphire Rapids */
		{ 0x00a10f11, 25, 17, 1 },	/* Zen 4 */
		{ 0x00000f29, 15, 2, 9 },	/* Northwood */
		{ 0x00000673, 6, 7, 3 },
		{ 0x0ff50543, 5, 4, 3 },	/* neither 6 nor 15: no extended fields */
		{ 0xffffffff, 270, 255, 15 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct regs r = machine("GenuineIntel", "x");
		struct cpu c;

		r.basic[1][0] = t[i].eax;
		c = decode(&r);
		assert_int_equal(c.family, t[i].family);
		assert_int_equal(c.model, t[i].model);
		assert_int_equal(c.stepping, t[i].stepping);
	}
}

static void vendors_are_told_apart(void **state)
{
	static const struct {
		const char *str, *shown;
		enum cpu_vendor vendor;
	} t[] = {
		{ "GenuineIntel", "GenuineIntel", VENDOR_INTEL },
		{ "AuthenticAMD", "AuthenticAMD", VENDOR_AMD },
		{ "HygonGenuine", "HygonGenuine", VENDOR_AMD },
		{ "CentaurHauls", "CentaurHauls", VENDOR_OTHER },
		{ "  Shanghai  ", "  Shanghai  ", VENDOR_OTHER },
		{ "GenuineIntem", "GenuineIntem", VENDOR_OTHER },
		{ "\x01\x02genuine\xff\x7f.", "..genuine...", VENDOR_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct regs r = machine(t[i].str, "x");
		struct cpu c = decode(&r);

		assert_int_equal(c.vendor, t[i].vendor);
		assert_string_equal(c.vendor_str, t[i].shown);
	}
}

static void each_feature_is_its_bit_and_no_other(void **state)
{
	static const struct {
		bool ext;
		int leaf, reg, bit;
		size_t field;
	} t[] = {
		{ false, 1, 3, 16, offsetof(struct cpu, pat) },
		{ false, 1, 3, 12, offsetof(struct cpu, mtrr) },
		{ false, 1, 2, 31, offsetof(struct cpu, hypervisor_bit) },
		{ false, 7, 2, 27, offsetof(struct cpu, movdiri) },
		{ false, 7, 2, 28, offsetof(struct cpu, movdir64b) },
		{ true, 31, 0, 1, offsetof(struct cpu, sev_capable) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct regs r = machine("AuthenticAMD", "x");
		uint32_t *reg;
		struct cpu c;

		r.ext[0][0] = 0x80000021;
		r.basic[1][3] = 0;
		reg = &(t[i].ext ? r.ext : r.basic)[t[i].leaf][t[i].reg];
		*reg = 1U << t[i].bit;
		c = decode(&r);
		for (size_t k = 0; k < sizeof(t) / sizeof(t[0]); k++)
			assert_int_equal(*(bool *)((char *)&c + t[k].field), k == i);
		*reg = ~(1U << t[i].bit);
		c = decode(&r);
		assert_false(*(bool *)((char *)&c + t[i].field));
	}
}

static void leaves_that_the_cpu_has_not_do_not_count(void **state)
{
	struct regs r = machine("GenuineIntel", "Some CPU");
	struct cpu c;

	(void)state;
	/* Intel CPUs answer leaves beyond the last with the last. */
	memset(r.basic[2], 0xff, sizeof(r.basic) - sizeof(r.basic[0]) * 2);
	memset(r.ext[1], 0xff, sizeof(r.ext) - sizeof(r.ext[0]));
	r.basic[0][0] = 6;
	r.ext[0][0] = 0x80000001;
	c = decode(&r);
	assert_false(c.movdiri || c.movdir64b || c.sev_capable);
	assert_int_equal(c.phys_bits, 36);
	assert_string_equal(c.name, "");
	r.ext[0][0] = 6;	/* no extended leaves at all */
	assert_int_equal(decode(&r).phys_bits, 36);
	r.ext[0][0] = 0xffffffff;
	assert_int_equal(decode(&r).phys_bits, 36);
	r.basic[0][0] = 0;
	c = decode(&r);
	assert_false(c.pat || c.mtrr || c.family);
}

static void names_are_squeezed_and_printable(void **state)
{
	static const struct {
		const char *raw, *shown;
	} t[] = {
		{ "", "" },
		{ "   ", "" },
		{ "  A   B  ", "A B" },
		{ "AMD EPYC 9654 96-Core Processor                ", "AMD EPYC 9654 96-Core Processor" },
		{ "tab\tnew\nline\x1b[31m\xff", "tab?new?line?[31m?" },
		{ "123456789012345678901234567890123456789012345678",
		  "123456789012345678901234567890123456789012345678" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct regs r = machine("AuthenticAMD", t[i].raw);

		assert_string_equal(decode(&r).name, t[i].shown);
	}
}

static void only_the_first_cpu_of_several_is_read(void **state)
{
	struct regs a = machine("GenuineIntel", "first"), b = machine("AuthenticAMD", "second");
	char *one = text_for(&a, "version=0.6.2\n\n_________________ Logical CPU #0 _________________\n");
	char *two = text_for(&b, "\n_________________ Logical CPU #1 _________________\n");
	char *both = malloc(20000);
	const char *what;
	unsigned int line;
	struct cpu c;

	(void)state;
	sprintf(both, "%s%sand then garbage\n", one, two);
	assert_int_equal(parse(both, &c, &line, &what), 0);
	assert_string_equal(c.name, "first");
	sprintf(both, "%s--------------------------------------------------------------------------------\nx86\n", one);
	assert_int_equal(parse(both, &c, &line, &what), 0);
	free(one);
	free(two);
	free(both);
}

static void later_versions_may_hold_more(void **state)
{
	struct regs r = machine("GenuineIntel", "x");
	char *text = text_for(&r, "version=0.7.0+git.123456789\nbuild_date=\"May 1 2025\"\n"
				  "basic_cpuid[32]=00000000 00000000 00000000 00000000\r\n"
				  "amd_fn80000026h[0]=00000000 00000000 00000000 00000000\n");
	const char *what;
	unsigned int line;
	struct cpu c;

	(void)state;
	assert_int_equal(parse(text, &c, &line, &what), 0);
	/* A 33rd leaf must not become the first of the next array. */
	strcat(text, "basic_cpuid[32]=80000001 00000000 00000000 00000000\n");
	assert_int_equal(parse(text, &c, &line, &what), 0);
	assert_int_equal(c.phys_bits, 46);
	free(text);
}

static void what_is_not_the_form_is_refused_with_its_line(void **state)
{
	static const char *const bad[] = {
		"hello\n",
		"basic_cpuid[0]=0000000d 756e6547 6c65746e\n",
		"basic_cpuid[0]=0000000d 756e6547 6c65746e 49656e6\n",
		"basic_cpuid[0]=0000000d 756e6547 6c65746e 49656e699\n",
		"basic_cpuid[0]=0000000d 756e6547 6c65746e 49656e69 1\n",
		"basic_cpuid[0]=0000000d  756e6547 6c65746e 49656e69\n",
		"basic_cpuid[-1]=0000000d 756e6547 6c65746e 49656e69\n",
		"basic_cpuid[99999999999]=0000000d 756e6547 6c65746e 49656e69\n",
		"basic_cpuid[]=0000000d 756e6547 6c65746e 49656e69\n",
		"[0]=0000000d 756e6547 6c65746e 49656e69\n",
		"basic_cpuid\n",
		"CPUID 00000004: 41414141-42424242-43434343-44444444 [SL 9999999]\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[200];
		const char *what;
		unsigned int line;
		struct cpu c;

		snprintf(text, sizeof(text), "version=0.6.2\n\n%s", bad[i]);
		assert_int_equal(parse(text, &c, &line, &what), -EBADMSG);
		assert_int_equal(line, 3);
		assert_string_equal(what, "not libcpuid's raw form");
		assert_string_equal(c.vendor_str, "");
	}
}

static void a_leaf_that_is_missing_is_not_taken_for_zero(void **state)
{
	struct regs r = machine("GenuineIntel", "x");
	char *text = text_for(&r, ""), *rest;
	const char *what;
	unsigned int line;
	struct cpu c;

	(void)state;
	/* Cut after each line: complete only when leaf 0x16 and, further down, leaf 0x80000008 are there. */
	for (char *nl = strchr(text, '\n'); nl; nl = strchr(nl + 1, '\n')) {
		char *copy = strndup(text, (size_t)(nl + 1 - text));
		bool whole = strstr(copy, "\next_cpuid[8]=") != NULL;

		assert_int_equal(parse(copy, &c, &line, &what), whole ? 0 : -EBADMSG);
		free(copy);
	}
	/* One line out of the middle. */
	rest = strstr(text, "basic_cpuid[8]");
	memmove(strstr(text, "basic_cpuid[7]"), rest, strlen(rest) + 1);
	assert_int_equal(parse(text, &c, &line, &what), -EBADMSG);
	assert_string_equal(what, "a leaf is missing that the CPU has");
	assert_int_equal(parse("", &c, &line, &what), -EBADMSG);
	assert_string_equal(what, "basic_cpuid[0] or ext_cpuid[0] is missing");
	free(text);
}

static int read_with(const char *cpuid, const char *hyper, struct cpu *c)
{
	struct temproot r;
	int err;

	temproot_make(&r);
	if (cpuid)
		temproot_add(&r, "wcdiag/cpuid.txt", cpuid);
	if (hyper)
		temproot_add(&r, "wcdiag/hypervisor.txt", hyper);
	err = cpu_read(temproot_open(&r), c);
	temproot_drop(&r);
	return err;
}

static void a_snapshot_says_what_it_holds(void **state)
{
	struct regs r = machine("GenuineIntel", "x");
	char *text = text_for(&r, "version=0.6.2\n"), *big;
	struct cpu c;

	(void)state;
	assert_int_equal(read_with(text, NULL, &c), 0);
	assert_int_equal(c.fact.state, FACT_KNOWN);
	assert_string_equal(c.fact.where, "/wcdiag/cpuid.txt");
	assert_int_equal(read_with(text, "21 0 65746e49 20202020 5844546c\n", &c), 0);
	assert_true(c.tdx_guest);
	assert_int_equal(read_with(text, "21 0 65746e49 20202020 5844546c\nx\n", &c), 0);
	assert_false(c.tdx_guest);
	assert_int_equal(read_with(NULL, NULL, &c), -ENODATA);
	assert_int_equal(c.fact.state, FACT_MISSING);
	assert_non_null(strstr(c.fact.remedy, "wcdiag capture"));
	assert_int_equal(read_with("version=0.6.2\nx\n", NULL, &c), -EBADMSG);
	assert_string_equal(c.fact.why, "line 2: not libcpuid's raw form");
	big = malloc((4 << 20) + 2);
	memset(big, '\n', (4 << 20) + 1);
	big[(4 << 20) + 1] = '\0';
	assert_int_equal(read_with(big, NULL, &c), -EFBIG);
	assert_int_equal(c.fact.err, EFBIG);
	free(big);
	free(text);
}

static void this_machines_record_replays_to_this_machine(void **state)
{
	struct cpu live, again;
	struct src *s;
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(src_open_live(&s), 0);
	assert_int_equal(cpu_read(s, &live), 0);
	src_close(s);
	assert_int_equal(live.fact.state, FACT_KNOWN);
	assert_true(live.family > 4 && live.phys_bits >= 32 && live.phys_bits <= 52);
	assert_int_equal(cpu_record(&text, &len), 0);
	assert_int_equal(strlen(text), len);
	assert_non_null(strstr(text, "\nbasic_cpuid[3]=00000000 00000000 00000000 00000000\n"));
	assert_int_equal(read_with(text, NULL, &again), 0);
	again.fact = live.fact;
	again.tdx_guest = live.tdx_guest;
	assert_memory_equal(&again, &live, sizeof(live));
	free(text);
}

static void libcpuid_reads_our_record(void **state)
{
	char path[] = "/tmp/wcdiag-cpuid-XXXXXX", *text;
	struct cpu_raw_data_t raw;
	struct cpu_id_t id;
	struct cpu live;
	struct src *s;
	size_t len;
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(cpu_record(&text, &len), 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
	assert_int_equal(cpuid_deserialize_raw_data(&raw, path), 0);
	unlink(path);
	free(text);
	assert_int_equal(src_open_live(&s), 0);
	assert_int_equal(cpu_read(s, &live), 0);
	src_close(s);
	if (live.vendor == VENDOR_OTHER)
		skip();
	assert_int_equal(cpu_identify(&raw, &id), 0);
	assert_string_equal(id.vendor_str, live.vendor_str);
	assert_int_equal(id.ext_family, live.family);
	assert_int_equal(id.ext_model, live.model);
	assert_int_equal(id.flags[CPU_FEATURE_PAT], live.pat);
	assert_int_equal(id.flags[CPU_FEATURE_MTRR], live.mtrr);
	assert_int_equal(id.flags[CPU_FEATURE_HYPERVISOR], live.hypervisor_bit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sandy_bridge_is_read),
		cmocka_unit_test(family_and_model_are_the_displayed_ones),
		cmocka_unit_test(vendors_are_told_apart),
		cmocka_unit_test(each_feature_is_its_bit_and_no_other),
		cmocka_unit_test(leaves_that_the_cpu_has_not_do_not_count),
		cmocka_unit_test(names_are_squeezed_and_printable),
		cmocka_unit_test(only_the_first_cpu_of_several_is_read),
		cmocka_unit_test(later_versions_may_hold_more),
		cmocka_unit_test(what_is_not_the_form_is_refused_with_its_line),
		cmocka_unit_test(a_leaf_that_is_missing_is_not_taken_for_zero),
		cmocka_unit_test(a_snapshot_says_what_it_holds),
		cmocka_unit_test(this_machines_record_replays_to_this_machine),
		cmocka_unit_test(libcpuid_reads_our_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
