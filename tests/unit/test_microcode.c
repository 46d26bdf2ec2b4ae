/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_microcode.c - the revision of the microcode: from what the kernel writes, into the record, and in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "probe/microcode.h"
#include "probe/src.h"
#include "tmptree.h"

static int parse(const char *text, struct microcode *m, unsigned int *line)
{
	size_t len = strlen(text);
	char *exact = malloc(len ? len : 1);
	int rc;

	memcpy(exact, text, len);
	*m = (struct microcode){ 0 };
	rc = microcode_parse(exact, len, m, line);
	free(exact);
	return rc;
}

static void a_record_is_read_or_refused_with_its_line(void **state)
{
	static const struct {
		const char *text;
		int rc;
		unsigned int line;
		size_t n;
	} row[] = {
		{ "", 0, 1, 0 },
		{ "# nothing\n\n", 0, 3, 0 },
		{ "0 0xd0003a5\n", 0, 2, 1 },
		{ "# CPU\n 0\t0x1\r\n17 0xffffffffffffffff\n", 0, 4, 2 },
		{ "0 0xd0003a5", -EBADMSG, 1, 0 }, /* perhaps cut */
		{ "0 d0003a5\n", -EBADMSG, 1, 0 },
		{ "0 0x\n", -EBADMSG, 1, 0 },
		{ "0 0x10000000000000000\n", -EBADMSG, 1, 0 },
		{ "0x0 0x1\n", -EBADMSG, 1, 0 },
		{ "0 0x1 \n1 0x1 x\n", -EBADMSG, 2, 1 },
		{ "4294967296 0x1\n", -EBADMSG, 1, 0 },
		{ "-1 0x1\n", -EBADMSG, 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct microcode m;
		unsigned int line;
		int rc = parse(row[i].text, &m, &line);

		if (rc != row[i].rc || line != row[i].line || m.n != row[i].n)
			fail_msg("row %zu: %d, line %u, %zu", i, rc, line, m.n);
		microcode_free(&m);
	}
}

/* As Linux 6.1 writes it on a machine of two CPUs (arch/x86/kernel/cpu/proc.c), cut to what matters. */
static const char cpuinfo[] = "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: microcode : 0x9\n"
			      "microcode\t: 0xd0003a5\ncpu MHz\t\t: 2400.000\n\n"
			      "processor\t: 63\nmicrocode\t: 0xd000389\nflags\t\t: fpu\n\n";

static void cpuinfo_gives_each_processor_its_own(void **state)
{
	static const char *const none[] = { "", "processor\t: 0\nflags : x\n", "microcode\t: 0x1\n",
					    "processor\t: 0\nmicrocode\t: \n", "processor\t: x\nmicrocode\t: 0x1\n",
					    "processor\t: 0\nmicrocode\t: 0x1y\n" };
	struct microcode m = { 0 };

	(void)state;
	assert_int_equal(microcode_from_cpuinfo(cpuinfo, sizeof(cpuinfo) - 1, &m), 0);
	assert_int_equal(m.n, 2);
	assert_int_equal(m.cpu[0].cpu, 0);
	assert_int_equal(m.cpu[0].revision, 0xd0003a5);
	assert_int_equal(m.cpu[1].cpu, 63);
	assert_int_equal(m.cpu[1].revision, 0xd000389);
	microcode_free(&m);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_int_equal(microcode_from_cpuinfo(none[i], strlen(none[i]), &m), 0);
		assert_int_equal(m.n, 0);
	}
}

static void what_is_written_down_is_read_again(void **state)
{
	struct microcode m = { 0 }, again;
	unsigned int line;
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(microcode_from_cpuinfo(cpuinfo, sizeof(cpuinfo) - 1, &m), 0);
	assert_int_equal(microcode_format(&m, &text, &len), 0);
	assert_int_equal(parse(text, &again, &line), 0);
	assert_int_equal(again.n, m.n);
	assert_memory_equal(again.cpu, m.cpu, m.n * sizeof(*m.cpu));
	free(text);
	microcode_free(&m);
	microcode_free(&again);
}

static void the_words_say_who_differs(void **state)
{
	static const struct {
		const char *text, *words;
	} row[] = {
		{ "", "" },
		{ "0 0x1f\n1 0x1f\n", "0x1f" },
		{ "0 0x20\n1 0x1f\n2 0x1f\n", "0x1f on 2 CPUs, 0x20 on 1 CPU (CPU 0)" },
		{ "3 0x2\n1 0x1\n", "0x1 on 1 CPU (CPU 1), 0x2 on 1 CPU (CPU 3)" },
	};
	struct microcode m;
	unsigned int line;
	char buf[80];

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		assert_int_equal(parse(row[i].text, &m, &line), 0);
		microcode_words(&m, buf, sizeof(buf));
		assert_string_equal(buf, row[i].words);
		microcode_words(&m, buf, 5); /* never more than there is room for */
		assert_true(strlen(buf) < 5);
		microcode_free(&m);
	}
}

static void a_snapshot_has_it_lacks_it_or_says_that_there_is_none(void **state)
{
	struct microcode m;
	struct tree t;
	struct src *s;

	(void)state;
	tree_make(&t);
	put_marker(&t);
	for (int i = 0; i < 4; i++) {
		if (i == 1)
			put_text(&t, "wcdiag/errors.txt", "ENOENT /wcdiag/microcode.txt\n");
		if (i == 2)
			put_text(&t, "wcdiag/microcode.txt", "0 0x5\n1 0x5\n");
		if (i == 3)
			put_text(&t, "wcdiag/microcode.txt", "0 0x5\n1 5\n");
		assert_int_equal(src_open_root(&s, t.dir, NULL, 0), 0);
		assert_int_equal(microcode_read(s, &m), i == 0 ? -ENODATA : i == 3 ? -EBADMSG : 0);
		assert_int_equal(m.fact.state, i == 1 ? FACT_ABSENT : i == 2 ? FACT_KNOWN : FACT_MISSING);
		assert_int_equal(m.n, i == 2 ? 2 : 0);
		microcode_free(&m);
		src_close(s);
	}
	tree_remove(&t);
}

/* Whatever this machine is: an answer, and for each CPU once. */
static void this_machine_gives_an_answer(void **state)
{
	struct microcode m;
	struct src *s;

	(void)state;
	assert_int_equal(src_open_live(&s), 0);
	assert_int_equal(microcode_read(s, &m), 0);
	assert_int_equal(m.fact.state, m.n ? FACT_KNOWN : FACT_ABSENT);
	for (size_t i = 1; i < m.n; i++)
		assert_true(m.cpu[i].cpu > m.cpu[i - 1].cpu);
	microcode_free(&m);
	src_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_is_read_or_refused_with_its_line),
		cmocka_unit_test(cpuinfo_gives_each_processor_its_own),
		cmocka_unit_test(what_is_written_down_is_read_again),
		cmocka_unit_test(the_words_say_who_differs),
		cmocka_unit_test(a_snapshot_has_it_lacks_it_or_says_that_there_is_none),
		cmocka_unit_test(this_machine_gives_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
