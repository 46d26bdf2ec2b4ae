/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "probe/kallsyms.h"
#include "temproot.h"

static const char kernel[] = "0000000000000000 A fixed_percpu_data\n"
			     "00000000000001c0 A cpu_info\n"
			     "ffffffff81000000 T srso_alias\n"
			     "ffffffff81000000 T _stext\n"
			     "ffffffff8106a000 t lookup_memtype\n"
			     "ffffffff8106a3c0 t local_alias\n"
			     "ffffffff8106a3c0 T memtype_reserve\n"
			     "ffffffff8106a600 d a_variable\n"
			     "ffffffff8106a800 T memtype_free\n"
			     "ffffffff82000000 t helper\n"
			     "ffffffffc0100000 t helper\t[mydrv]\n"
			     "ffffffffc0100040 T mydrv_probe\t[mydrv]\n"
			     "ffffffffc0000000 t other\t[other]\n"
			     "ffffffffc0000100 t init_of_other\t[other]\n"
			     "ffffffffc0000100 t bpf_prog_6deef7357e7b4530\t[bpf]\n";

static int parse(const char *text, struct kallsyms *k, unsigned int *line, const char **what)
{
	char *copy = exact_copy(text, strlen(text));
	int rc = kallsyms_parse(copy, strlen(text), k, line, what);

	free(copy);
	return rc;
}

static void parsed(const char *text, struct kallsyms *k)
{
	unsigned int line;
	const char *what;

	assert_int_equal(parse(text, k, &line, &what), 0);
}

static void at(const struct kallsyms *k, uint64_t addr, const char *want)
{
	char buf[200];

	assert_string_equal(kallsyms_words(k, addr, buf, sizeof(buf)), want);
}

static void test_by_address(void **state)
{
	struct kallsyms k;

	(void)state;
	parsed(kernel, &k);
	assert_false(k.hidden);
	assert_int_equal(k.n, 15);
	/* of equals the global one that comes first */
	at(&k, 0xffffffff81000000, "srso_alias+0x0/0x6a000");
	at(&k, 0xffffffff8106a3c0, "memtype_reserve+0x0/0x240");
	at(&k, 0xffffffff8106a3ff, "memtype_reserve+0x3f/0x240");
	/* a variable ends a function, but is none */
	at(&k, 0xffffffff8106a610, "memtype_reserve+0x250/0x240");
	/* the first of a module is not the end of another's last */
	at(&k, 0xffffffffc0000104, "bpf_prog_6deef7357e7b4530+0x4 [bpf]");
	at(&k, 0xffffffffc0100041, "mydrv_probe+0x1 [mydrv]");
	at(&k, 0xffffffffc0000001, "other+0x1/0x100 [other]");
	/* nobody's: below, far behind, no address of the kernel */
	at(&k, 0xffffffff80ffffff, "0xffffffff80ffffff");
	at(&k, 0xffffffffc1100040, "0xffffffffc1100040");
	at(&k, 0x1c4, "0x1c4");
	kallsyms_free(&k);
}

static void test_by_name(void **state)
{
	struct kallsyms k;
	struct kallsym y;

	(void)state;
	parsed(kernel, &k);
	assert_true(kallsyms_by_name(&k, "helper", NULL, 0, &y));
	assert_int_equal(y.addr, 0xffffffff82000000);
	assert_string_equal(y.module, "");
	assert_true(kallsyms_by_name(&k, "helper", NULL, 1, &y));
	assert_string_equal(y.module, "mydrv");
	assert_false(kallsyms_by_name(&k, "helper", NULL, 2, &y));
	assert_true(kallsyms_by_name(&k, "helper", "mydrv", 0, &y));
	assert_int_equal(y.addr, 0xffffffffc0100000);
	assert_int_equal(y.end, 0xffffffffc0100040);
	assert_false(kallsyms_by_name(&k, "helper", "", 1, &y));
	assert_false(kallsyms_by_name(&k, "memtype", NULL, 0, &y));
	assert_true(kallsyms_by_name(&k, "cpu_info", NULL, 0, &y));
	assert_int_equal(y.addr, 0x1c0);
	kallsyms_free(&k);
}

static void test_hidden(void **state)
{
	struct kallsyms k;
	struct kallsym y;

	(void)state;
	parsed("0000000000000000 T _stext\n0000000000000000 t mydrv_probe\t[mydrv]\n", &k);
	assert_true(k.hidden);
	assert_true(kallsyms_by_name(&k, "mydrv_probe", NULL, 0, &y));
	assert_int_equal(y.addr, 0);
	assert_int_equal(y.end, 0);
	assert_string_equal(y.module, "mydrv");
	at(&k, 0xffffffff81000000, "0xffffffff81000000");
	at(&k, 0, "0x0");
	kallsyms_free(&k);
}

static void test_broken(void **state)
{
	static const struct {
		const char *text, *what;
		unsigned int line;
	} rows[] = {
		{ "", "no symbol at all", 1 },
		{ "ffffffff81000000 T _stext", "cut off", 1 },
		{ "ffffffff81000000 T a\nx\n", "no address", 2 },
		{ "\n", "no address", 1 },
		{ "ffffffff810000000 T a\n", "no address", 1 },
		{ "ffffffff81000000\n", "no type", 1 },
		{ "ffffffff81000000 T\n", "no type", 1 },
		{ "ffffffff81000000 \001 a\n", "a type that does not print", 1 },
		{ "ffffffff81000000 T \n", "no name", 1 },
		{ "ffffffff81000000 T a\t[m\n", "a module's name without its bracket", 1 },
		{ "ffffffff81000000 T a\t[]\n", "a module's name without its bracket", 1 },
		{ "ffffffff81000000 T a b\n", "text after the name", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kallsyms k;
		unsigned int line;
		const char *what;

		assert_int_equal(parse(rows[i].text, &k, &line, &what), -EBADMSG);
		assert_string_equal(what, rows[i].what);
		assert_int_equal(line, rows[i].line);
		assert_int_equal(k.n, 0);
	}
}

static void test_read(void **state)
{
	struct temproot r;

	struct kallsyms k;

	(void)state;
	temproot_make(&r);
	temproot_open(&r);
	assert_int_not_equal(kallsyms_read(r.src, &k), 0);
	assert_int_equal(k.fact.state, FACT_MISSING);
	temproot_add(&r, "proc/kallsyms", kernel);
	assert_int_equal(kallsyms_read(r.src, &k), 0);
	assert_int_equal(k.fact.state, FACT_KNOWN);
	assert_int_equal(k.n, 15);
	kallsyms_free(&k);
	temproot_drop(&r);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* As a kernel's: 200,000 names in order; and a hostile one: the same name every time, addresses downwards. */
static void test_large(void **state)
{
	enum { N = 200000 };
	char *text = malloc(N * 64);
	size_t len = 0;
	struct kallsyms k;
	struct kallsym y;
	unsigned int line;
	const char *what;
	double from;

	(void)state;
	for (size_t i = 0; i < N; i++)
		len += (size_t)sprintf(text + len, "%016lx t some_function_of_it_%zu%s\n", 0xffffffff81000000 + i * 16,
				       i, i > N - 5000 ? "\t[mod]" : "");
	from = now();
	assert_int_equal(kallsyms_parse(text, len, &k, &line, &what), 0);
	print_message("200,000 symbols: %.0f ms\n", (now() - from) * 1e3);
	assert_true(kallsyms_by_name(&k, "some_function_of_it_123456", NULL, 0, &y));
	assert_int_equal(y.addr, 0xffffffff81000000 + 123456 * 16);
	assert_true(kallsyms_by_addr(&k, y.addr + 3, true, &y));
	assert_string_equal(y.name, "some_function_of_it_123456");
	kallsyms_free(&k);

	len = 0;
	for (size_t i = 0; i < N; i++)
		len += (size_t)sprintf(text + len, "%016lx t same\n", 0xffffffffff000000 - i * 16);
	from = now();
	assert_int_equal(kallsyms_parse(text, len, &k, &line, &what), 0);
	assert_true(now() - from < 5);
	assert_true(kallsyms_by_name(&k, "same", NULL, 0, &y));
	assert_int_equal(y.addr, 0xffffffffff000000 - (N - 1) * 16);
	kallsyms_free(&k);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_address), cmocka_unit_test(test_by_name), cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_broken),	   cmocka_unit_test(test_read),	   cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
