/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/archive_lib.h"
#include "probe/dw_lib.h"
#include "probe/pcap_lib.h"

static void a_library_and_its_functions(void **state)
{
	static const char *const names[] = { "strlen", "memcmp" };
	void *each[2];
	struct late_lib l = {
		.sonames = { "libnowhere.so.7", "libc.so.6" },
		.names = names,
		.n = 2,
		.each = each,
		.absent = "absent",
		.old = "old",
	};
	const char *why = "?";

	(void)state;
	assert_true(late_lib_load(&l, &why));
	assert_null(why);
	assert_int_equal(((size_t(*)(const char *))each[0])("four"), 4);
	assert_true(late_lib_load(&l, &why));
}

static void what_cannot_be_had(void **state)
{
	static const char *const names[] = { "strlen", "no_such_function_anywhere" };
	void *each[2];
	struct late_lib l = { .sonames = { "libnowhere.so.7" }, .names = names, .n = 2, .each = each,
			      .absent = "absent", .old = "old" };
	const char *why;

	(void)state;
	assert_false(late_lib_load(&l, &why));
	assert_string_equal(why, "absent");
	l.sonames[1] = "libc.so.6";
	assert_false(late_lib_load(&l, &why));
	assert_string_equal(why, "old");
	/* Said again, not taken for there. */
	assert_false(late_lib_load(&l, &why));
	assert_string_equal(why, "old");
}

/* Those that are built against must be there. */
static void those_of_the_program(void **state)
{
	const char *why;

	(void)state;
	assert_non_null(archive_lib(&why));
	assert_non_null(pcap_lib(&why));
	assert_non_null(dw_lib(&why));
	assert_ptr_equal(dw_lib(&why)->elf_version, elf_version);
	assert_ptr_equal(dw_lib(&why)->dwelf_elf_gnu_debuglink, dwelf_elf_gnu_debuglink);
	assert_ptr_equal(pcap_lib(&why)->pcap_close, pcap_close);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_library_and_its_functions),
		cmocka_unit_test(what_cannot_be_had),
		cmocka_unit_test(those_of_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
