/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_msr.c - the recorded form of registers, lists of CPUs, and reading them from a machine and from a snapshot.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe/msr.h"
#include "temproot.h"

static int parse(const char *text, struct msrs *m, unsigned int *line, const char **what)
{
	size_t len = strlen(text);
	char *exact = exact_copy(text, len);
	int err;

	err = msrs_parse(exact, len, m, line, what);
	free(exact);
	return err;
}

static void parse_ok(const char *text, struct msrs *m)
{
	const char *what;
	unsigned int line;

	if (parse(text, m, &line, &what))
		fail_msg("line %u: %s", line, what);
	assert_null(what);
}

static void assert_msr(const struct msrs *m, unsigned int cpu, uint32_t msr, uint64_t want)
{
	uint64_t v;

	assert_true(msrs_get(m, cpu, msr, &v));
	assert_true(v == want);
}

static void the_recorded_form_is_read(void **state)
{
	struct msrs m;
	uint64_t v;

	(void)state;
	parse_ok("# head\n"
		 "\n"
		 "0-2 0x277 0x0407050600070106\n"
		 "  7\t0xfe 1288   # MTRRcap\r\n"
		 "0 0xc0010010 0xffffffffffffffff\n"
		 "3 767 0\n",
		 &m);
	assert_int_equal(m.n, 6);
	assert_msr(&m, 0, MSR_PAT, 0x0407050600070106);
	assert_msr(&m, 2, MSR_PAT, 0x0407050600070106);
	assert_msr(&m, 7, MSR_MTRRCAP, 0x508);
	assert_msr(&m, 0, MSR_AMD_SYSCFG, UINT64_MAX);
	assert_msr(&m, 3, MSR_MTRR_DEF_TYPE, 0);
	assert_false(msrs_get(&m, 3, MSR_PAT, &v));
	assert_false(msrs_get(&m, 65535, 0xffffffff, &v));
	assert_int_equal(m.ncpu, 5);
	assert_int_equal(m.cpu[0], 0);
	assert_int_equal(m.cpu[4], 7);
	msrs_free(&m);
	assert_null(m.row);
}

static void nothing_is_an_empty_table(void **state)
{
	static const char *const texts[] = { "", "\n", "#\n", "# no end of line", "   \r\n\t\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct msrs m;
		uint64_t v;

		parse_ok(texts[i], &m);
		assert_int_equal(m.n, 0);
		assert_int_equal(m.ncpu, 0);
		assert_false(msrs_get(&m, 0, MSR_PAT, &v));
		msrs_free(&m);
	}
}

static void a_later_row_wins(void **state)
{
	struct msrs m;

	(void)state;
	parse_ok("0-3 0x277 1\n"
		 "2 0x277 2\n"
		 "0 0xfe 9\n"
		 "1-2 0x277 3\n"
		 "1 0x277 4\n",
		 &m);
	assert_int_equal(m.n, 5);
	assert_msr(&m, 0, MSR_PAT, 1);
	assert_msr(&m, 1, MSR_PAT, 4);
	assert_msr(&m, 2, MSR_PAT, 3);
	assert_msr(&m, 3, MSR_PAT, 1);
	msrs_free(&m);
}

static void rows_in_any_order_are_sorted(void **state)
{
	char text[64 * 64 * 24], *p = text;
	struct msrs m;

	(void)state;
	/* Every (cpu, msr) of 64 x 64 in an order that jumps about, some twice: the value tells the last. */
	for (unsigned int i = 0; i < 5000; i++) {
		unsigned int k = i * 2654435761u % 4096;

		p += sprintf(p, "%u %u %u\n", k / 64, k % 64, i);
	}
	*p = '\0';
	parse_ok(text, &m);
	for (size_t i = 1; i < m.n; i++) {
		const struct msr_row *a = &m.row[i - 1], *b = &m.row[i];

		assert_true(a->cpu < b->cpu || (a->cpu == b->cpu && a->msr < b->msr));
	}
	for (unsigned int i = 0; i < 5000; i++) {
		unsigned int k = i * 2654435761u % 4096;
		uint64_t v;

		assert_true(msrs_get(&m, k / 64, k % 64, &v));
		assert_true(v >= i && v * 2654435761u % 4096 == k);
	}
	msrs_free(&m);
}

static void what_is_not_the_form_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text;
		unsigned int line;
		const char *what;
	} t[] = {
		{ "x\n", 1, "no such CPU" },
		{ "0 0x277 1\n-1 0x277 1\n", 2, "no such CPU" },
		{ "65536 0x277 1\n", 1, "no such CPU" },
		{ "99999999999999999999 0x277 1\n", 1, "no such CPU" },
		{ "010 0x277 1\n", 1, "no such CPU" },
		{ "3-2 0x277 1\n", 1, "no such CPU range" },
		{ "3- 0x277 1\n", 1, "no such CPU range" },
		{ "0-65536 0x277 1\n", 1, "no such CPU range" },
		{ "0\n", 1, "no register number" },
		{ "0,1 0x277 1\n", 1, "no register number" },
		{ "0 0x100000000 1\n", 1, "no register number" },
		{ "0 0x 1\n", 1, "no register number" },
		{ "0 0x277\n", 1, "no value" },
		{ "0 0x277 0x10000000000000000\n", 1, "no value" },
		{ "0 0x277 18446744073709551616\n", 1, "no value" },
		{ "0 0x277 # 1\n", 1, "no value" },
		{ "0 0x277 -1\n", 1, "no value" },
		{ "0 0x277 1 2\n", 1, "more than CPUS MSR VALUE" },
		{ "0 0x277 1g\n", 1, "more than CPUS MSR VALUE" },
		{ "0 0x277 1\n0 0x277 0x0407", 2, "the last line has no end: it may be cut" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const char *what;
		unsigned int line;
		struct msrs m;

		assert_int_equal(parse(t[i].text, &m, &line, &what), -EBADMSG);
		assert_int_equal(line, t[i].line);
		assert_string_equal(what, t[i].what);
		assert_null(m.row);
	}
}

static void a_nul_byte_is_no_end(void **state)
{
	static const char text[] = "0 0x277 1\0\n1 0x277 1\n";
	const char *what;
	unsigned int line;
	struct msrs m;

	(void)state;
	assert_int_equal(msrs_parse(text, sizeof(text) - 1, &m, &line, &what), -EBADMSG);
	assert_int_equal(line, 1);
}

static void a_few_lines_cannot_take_all_memory(void **state)
{
	char text[100 * 24], *p = text;
	const char *what;
	unsigned int line;
	struct msrs m;

	(void)state;
	for (int i = 0; i < 100; i++)
		p += sprintf(p, "0-65535 %d 0\n", i);
	assert_int_equal(parse(text, &m, &line, &what), -EBADMSG);
	assert_int_equal(line, 17);
	assert_string_equal(what, "more registers than any machine has");
}

static void the_recorded_form_survives_a_round(void **state)
{
	static const char *const texts[] = {
		"",
		"0-11 0x277 0x0407050600070106\n",
		"0-3 0x277 1\n2 0x277 2\n0-3 0xfe 0x508\n9 0xfe 0x508\n0-1 0x201 5\n3 0xdeadbeef 0\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct msrs a, b;
		char *text;
		size_t len;

		parse_ok(texts[i], &a);
		assert_int_equal(msrs_format(&a, &text, &len), 0);
		assert_int_equal(strlen(text), len);
		parse_ok(text, &b);
		assert_int_equal(a.n, b.n);
		assert_int_equal(a.ncpu, b.ncpu);
		for (size_t k = 0; k < a.n; k++) {
			assert_int_equal(a.row[k].cpu, b.row[k].cpu);
			assert_int_equal(a.row[k].msr, b.row[k].msr);
			assert_true(a.row[k].value == b.row[k].value);
		}
		free(text);
		msrs_free(&a);
		msrs_free(&b);
	}
}

static void equal_cpus_are_folded_when_written(void **state)
{
	struct msrs m;
	char *text;
	size_t len;

	(void)state;
	parse_ok("0-3 0x277 1\n5 0x277 1\n6 0x277 2\n0 0x203 7\n", &m);
	assert_int_equal(msrs_format(&m, &text, &len), 0);
	assert_string_equal(text, "# IA32_MTRR_PHYSMASK1\n"
				  "0 0x203 0x0000000000000007\n"
				  "# IA32_PAT\n"
				  "0-3 0x277 0x0000000000000001\n"
				  "5 0x277 0x0000000000000001\n"
				  "6 0x277 0x0000000000000002\n");
	free(text);
	msrs_free(&m);
}

static void registers_have_names(void **state)
{
	static const struct {
		uint32_t msr;
		const char *name;
	} t[] = {
		{ 0xfe, "IA32_MTRRCAP" },
		{ 0x200, "IA32_MTRR_PHYSBASE0" },
		{ 0x213, "IA32_MTRR_PHYSMASK9" },
		{ 0x23f, "IA32_MTRR_PHYSMASK31" },
		{ 0x240, "MSR 0x240" },
		{ 0x250, "IA32_MTRR_FIX64K_00000" },
		{ 0x26f, "IA32_MTRR_FIX4K_F8000" },
		{ 0x277, "IA32_PAT" },
		{ 0x2ff, "IA32_MTRR_DEF_TYPE" },
		{ 0xc001001d, "TOP_MEM2" },
		{ 0, "MSR 0x0" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		char buf[40];

		msr_name(t[i].msr, buf, sizeof(buf));
		assert_string_equal(buf, t[i].name);
	}
	for (const struct msr_want *w = msr_wants; w->name; w++)
		assert_non_null(w->source);
	assert_int_equal(msr_wants[0].msr, MSR_MTRRCAP);
}

static void a_list_of_cpus_is_read(void **state)
{
	static const struct {
		const char *text;
		int err;
		size_t n;
		unsigned int last;
	} t[] = {
		{ "0\n", 0, 1, 0 },
		{ "0-3,7\n", 0, 5, 7 },
		{ "0-3,7", 0, 5, 7 },
		{ "0,2,4-4\n", 0, 3, 4 },
		{ "0-65535\n", 0, 65536, 65535 },
		{ "\n", 0, 0, 0 },
		{ "", 0, 0, 0 },
		{ "0-65536\n", -EBADMSG, 0, 0 },
		{ "1-0\n", -EBADMSG, 0, 0 },
		{ "3,2\n", -EBADMSG, 0, 0 },
		{ "3,3\n", -EBADMSG, 0, 0 },
		{ "0-3,2\n", -EBADMSG, 0, 0 },
		{ "0,\n", -EBADMSG, 0, 0 },
		{ ",0\n", -EBADMSG, 0, 0 },
		{ "0-\n", -EBADMSG, 0, 0 },
		{ "-3\n", -EBADMSG, 0, 0 },
		{ "0 \n", -EBADMSG, 0, 0 },
		{ "0-7:1/2\n", -EBADMSG, 0, 0 },
		{ "0\n\n", -EBADMSG, 0, 0 },
		{ "zero\n", -EBADMSG, 0, 0 },
		{ "4294967296\n", -EBADMSG, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		size_t len = strlen(t[i].text), n;
		char *exact = exact_copy(t[i].text, len);
		unsigned int *cpu;

		assert_int_equal(cpulist_parse(exact, len, &cpu, &n), t[i].err);
		assert_int_equal(n, t[i].n);
		assert_int_equal(cpu != NULL, n > 0);
		if (n)
			assert_int_equal(cpu[n - 1], t[i].last);
		free(cpu);
		free(exact);
	}
}

/* A file with registers where /dev/cpu/N/msr has them. */
static int device(const struct msr_row *r, size_t n)
{
	char path[] = "/tmp/wcdiag-msr-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(pwrite(fd, &r[i].value, 8, r[i].msr), 8);
	return fd;
}

static bool has(const struct msrs *m, uint32_t msr)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->row[i].msr == msr)
			return true;
	return false;
}

static void vcnt_and_fix_limit_what_is_asked(void **state)
{
	/* Registers of the test file lie 8 bytes apart at least where their values matter. */
	static const struct {
		uint64_t cap;
		bool var0, var8, var31, fixed;
	} t[] = {
		{ 0x0, false, false, false, false },
		{ 0x508, true, false, false, true },
		{ 0x40a, true, true, false, false },
		{ 0x5ff, true, true, true, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const struct msr_row r[] = { { 0, 0xfe, t[i].cap }, { 0, 0xc0010040, 0 } };
		struct msrs m = { 0 };
		int fd = device(r, 2);

		assert_int_equal(msrs_read_cpu(fd, 5, false, &m), 0);
		assert_int_equal(m.row[0].cpu, 5);
		assert_int_equal(has(&m, 0x200), t[i].var0);
		assert_int_equal(has(&m, 0x201), t[i].var0);
		assert_int_equal(has(&m, 0x211), t[i].var8);
		assert_int_equal(has(&m, 0x23f), t[i].var31);
		assert_false(has(&m, 0x240));
		assert_int_equal(has(&m, 0x250), t[i].fixed);
		assert_int_equal(has(&m, 0x26f), t[i].fixed);
		assert_true(has(&m, MSR_PAT));
		assert_false(has(&m, MSR_AMD_SYSCFG));
		msrs_free(&m);
		assert_int_equal(msrs_read_cpu(fd, 0, true, &m), 0);
		assert_true(has(&m, MSR_AMD_SYSCFG) && has(&m, MSR_AMD_TOP_MEM2));
		msrs_free(&m);
		close(fd);
	}
}

static void a_register_that_is_refused_is_just_not_there(void **state)
{
	const struct msr_row r[] = { { 0, 0xfe, 0 }, { 0, 0x277, 0x0407050600070106 } };
	struct msrs m = { 0 };
	int fd = device(r, 2);

	(void)state;
	/* The file ends behind PAT: DEF_TYPE and AMD's cannot be read. */
	assert_int_equal(msrs_read_cpu(fd, 0, true, &m), 0);
	assert_true(has(&m, MSR_PAT) && has(&m, MSR_MTRRCAP));
	assert_false(has(&m, MSR_MTRR_DEF_TYPE) || has(&m, MSR_AMD_SYSCFG));
	msrs_free(&m);
	close(fd);
	assert_int_equal(msrs_read_cpu(-1, 0, true, &m), -EBADF);
	msrs_free(&m);
}

static void read_snapshot(const char *online, const char *record, struct msrs *m, int want)
{
	struct temproot r;

	temproot_make(&r);
	if (online)
		temproot_add(&r, "sys/devices/system/cpu/online", online);
	if (record)
		temproot_add(&r, "wcdiag/msr.txt", record);
	assert_int_equal(msrs_read(temproot_open(&r), false, m), want);
	temproot_drop(&r);
}

static void a_snapshot_with_pat_of_every_cpu_is_known(void **state)
{
	struct msrs m;

	(void)state;
	read_snapshot("0-1,4\n", "0-4 0x277 0x0407050600070106\n", &m, 0);
	assert_int_equal(m.fact.state, FACT_KNOWN);
	assert_string_equal(m.fact.where, "/wcdiag/msr.txt");
	assert_int_equal(m.ncpu, 3);
	assert_int_equal(m.cpu[2], 4);
	assert_msr(&m, 4, MSR_PAT, 0x0407050600070106);
	msrs_free(&m);
}

static void a_cpu_without_pat_makes_the_fact_missing(void **state)
{
	struct msrs m;

	(void)state;
	read_snapshot("0-3\n", "0-2 0x277 1\n0-3 0xfe 1\n", &m, -ENODATA);
	assert_int_equal(m.fact.state, FACT_MISSING);
	assert_string_equal(m.fact.why, "IA32_PAT of CPU 3 is not in the snapshot");
	assert_non_null(strstr(m.fact.remedy, "wcdiag capture"));
	assert_int_equal(m.ncpu, 4);
	assert_msr(&m, 2, MSR_PAT, 1);
	msrs_free(&m);
}

static void a_snapshot_without_the_files_says_which(void **state)
{
	struct msrs m;

	(void)state;
	read_snapshot("0-3\n", NULL, &m, -ENODATA);
	assert_int_equal(m.fact.state, FACT_MISSING);
	assert_string_equal(m.fact.where, "/wcdiag/msr.txt");
	assert_string_equal(m.fact.why, "not in the snapshot");
	msrs_free(&m);

	/* Without the list of CPUs the record cannot be told to be complete; it is shown all the same. */
	read_snapshot(NULL, "0-2 0x277 1\n", &m, -ENODATA);
	assert_int_equal(m.fact.state, FACT_MISSING);
	assert_string_equal(m.fact.where, "/sys/devices/system/cpu/online");
	assert_int_equal(m.ncpu, 3);
	assert_msr(&m, 2, MSR_PAT, 1);
	msrs_free(&m);
}

static void a_garbled_snapshot_names_the_line(void **state)
{
	struct msrs m;

	(void)state;
	read_snapshot("0-3\n", "0-3 0x277 1\n0-3 0x2ff\n", &m, -EBADMSG);
	assert_int_equal(m.fact.state, FACT_MISSING);
	assert_int_equal(m.fact.err, EBADMSG);
	assert_string_equal(m.fact.why, "line 2: no value");
	assert_int_equal(m.n, 0);
	msrs_free(&m);

	read_snapshot("four\n", "0-3 0x277 1\n", &m, -EBADMSG);
	assert_string_equal(m.fact.where, "/sys/devices/system/cpu/online");
	assert_string_equal(m.fact.why, "no list of CPUs");
	msrs_free(&m);
}

static void on_this_machine_registers_are_read_or_a_remedy_is_given(void **state)
{
	struct msrs m;
	struct src *s;
	int err;

	(void)state;
	assert_int_equal(src_open_live(&s), 0);
	err = msrs_read(s, false, &m);
	assert_true(m.ncpu > 0);
	if (!err) {
		assert_int_equal(m.fact.state, FACT_KNOWN);
		assert_true(m.n >= m.ncpu);
	} else {
		assert_int_equal(m.fact.state, FACT_MISSING);
		assert_int_equal(m.fact.err, -err);
		assert_non_null(strstr(m.fact.where, "/dev/cpu/"));
		if (err == -ENOENT)
			assert_non_null(strstr(m.fact.remedy, "modprobe msr"));
		if (err == -EACCES || err == -EPERM)
			assert_non_null(strstr(m.fact.remedy, "root"));
	}
	msrs_free(&m);
	src_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_recorded_form_is_read),
		cmocka_unit_test(nothing_is_an_empty_table),
		cmocka_unit_test(a_later_row_wins),
		cmocka_unit_test(rows_in_any_order_are_sorted),
		cmocka_unit_test(what_is_not_the_form_is_refused_with_its_line),
		cmocka_unit_test(a_nul_byte_is_no_end),
		cmocka_unit_test(a_few_lines_cannot_take_all_memory),
		cmocka_unit_test(the_recorded_form_survives_a_round),
		cmocka_unit_test(equal_cpus_are_folded_when_written),
		cmocka_unit_test(registers_have_names),
		cmocka_unit_test(a_list_of_cpus_is_read),
		cmocka_unit_test(vcnt_and_fix_limit_what_is_asked),
		cmocka_unit_test(a_register_that_is_refused_is_just_not_there),
		cmocka_unit_test(a_snapshot_with_pat_of_every_cpu_is_known),
		cmocka_unit_test(a_cpu_without_pat_makes_the_fact_missing),
		cmocka_unit_test(a_snapshot_without_the_files_says_which),
		cmocka_unit_test(a_garbled_snapshot_names_the_line),
		cmocka_unit_test(on_this_machine_registers_are_read_or_a_remedy_is_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
