/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/observed_sum.h"

static struct observed_sum s;

static void add(uint64_t addr, unsigned int ndw, unsigned int fbe, unsigned int lbe, uint64_t at)
{
	const struct tlp t = { .kind = TLP_MWR, .addr = addr, .ndw = (uint16_t)ndw, .fbe = (uint8_t)fbe,
			       .lbe = (uint8_t)lbe };

	observed_sum_add(&s, &t, at, 256);
}

static void writes_are_counted_by_all_that_is_shown(void **state)
{
	(void)state;
	memset(&s, 0, sizeof(s));
	add(0x3000, 16, 15, 15, 1);
	add(0x1000, 16, 15, 15, 2);
	add(0x1020, 16, 15, 15, 3);	/* 64 bytes, but of two lines */
	add(0x2ffc, 1, 12, 0, 4);
	add(0x100001000, 2, 8, 15, 5);
	add(0x100001000, 2, 15, 1, 6);
	add(0x100001004, 2, 8, 1, 7);
	add(0x100001000, 1, 0, 0, 8);
	add(0x5000, 128, 15, 15, 9);	/* more than is allowed */
	add(0x5ffc, 2, 15, 15, 10);	/* over a page */
	add(UINT64_MAX - 3, 1, 15, 0, 11);
	observed_sum_end(&s);
	assert_true(s.tlps == 11 && s.bytes == 64 * 3 + 2 + 5 + 5 + 2 + 0 + 512 + 8 + 4);
	assert_true(s.whole_lines == 2 && s.size[16] == 3 && s.size[1] == 3 && s.size[2] == 4 && s.size[128] == 1);
	assert_true(s.enables[SE_ALL] == 6 && s.enables[SE_FIRST] == 2 && s.enables[SE_LAST] == 1 &&
		    s.enables[SE_BOTH] == 1 && s.enables[SE_NONE] == 1);
	assert_true(s.illegal == 2 && s.wrong_at == 9);
	assert_string_equal(s.wrong, "the payload is larger than Max_Payload_Size");
	/* 20 bytes around each below 4 GiB, 24 above; and 4 a doubleword */
	assert_int_equal(s.wire, 20 * 6 + 24 * 5 + 4 * (16 * 3 + 3 + 2 * 4 + 128));
	assert_int_equal(s.n, 4);
	assert_true(s.page[0].start == 0x1000 && s.page[0].end == 0x4000 && s.page[0].tlps == 4 && s.page[0].bytes == 194);
	assert_true(s.page[1].start == 0x5000 && s.page[1].end == 0x6000 && s.page[1].tlps == 2);
	assert_true(s.page[2].start == 0x100001000 && s.page[2].tlps == 4);
	assert_true(s.page[3].end == 0 && s.page[3].tlps == 1);
	for (unsigned int e = 0; e < SE_KINDS; e++)
		assert_non_null(observed_enables_says(e));
}

static void pages_beyond_the_room_are_counted_together(void **state)
{
	(void)state;
	memset(&s, 0, sizeof(s));
	for (uint64_t i = 0; i < SUM_PAGES + 10; i++)
		add(i * 0x2000, 1, 15, 0, i);
	add(0, 1, 15, 0, 1);
	observed_sum_end(&s);
	assert_true(s.n == SUM_PAGES && s.more == 10 && s.page[0].tlps == 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_are_counted_by_all_that_is_shown),
		cmocka_unit_test(pages_beyond_the_room_are_counted_together),
	};

	return cmocka_run_group_tests_name("observed_sum", tests, NULL, NULL);
}
