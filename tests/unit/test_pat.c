/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pat.c - slots of IA32_PAT, from every byte that can stand there. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "probe/pat.h"

static void known_layouts_decode_to_what_the_kernel_prints(void **state)
{
	static const struct {
		uint64_t raw;
		const char *slots, *name;
		int wc;
	} t[] = {
		{ 0x0007040600070406, "WB WT UC- UC WB WT UC- UC", "power-on", -1 },
		{ 0x0407050600070106, "WB WC UC- UC WB WP UC- WT", "Linux", 1 },
		{ 0x0407010600070106, "WB WC UC- UC WB WC UC- WT", "Linux 4.2, before WP", 1 },
		{ 0x0007010600070106, "WB WC UC- UC WB WC UC- UC", "Linux without the PAT bit", 1 },
		{ 0x0000050100070406, "WB WT UC- UC WC WP UC UC", "Xen", 4 },
		{ 0x0606060606060606, "WB WB WB WB WB WB WB WB", NULL, -1 },
		{ 0, "UC UC UC UC UC UC UC UC", NULL, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct pat p;
		char buf[64];

		pat_decode(t[i].raw, &p);
		pat_format(&p, buf, sizeof(buf));
		assert_string_equal(buf, t[i].slots);
		assert_int_equal(pat_slot_of(&p, MT_WC), t[i].wc);
		assert_false(p.reserved_bits);
		assert_true(p.raw == t[i].raw);
		if (t[i].name)
			assert_string_equal(pat_layout_name(t[i].raw), t[i].name);
		else
			assert_null(pat_layout_name(t[i].raw));
	}
}

static void every_byte_in_every_slot_is_its_type_or_no_guess(void **state)
{
	static const enum mtype types[] = { MT_UC, MT_WC, MT_RSVD2, MT_RSVD3, MT_WT, MT_WP, MT_WB, MT_UCMINUS };

	(void)state;
	for (unsigned int slot = 0; slot < 8; slot++)
		for (unsigned int byte = 0; byte < 256; byte++) {
			struct pat p;

			pat_decode((uint64_t)byte << (8 * slot) | (slot ? 6 : 6 << 8), &p);
			assert_int_equal(p.slot[slot], byte < 8 ? types[byte] : MT_UNKNOWN);
			assert_int_equal(p.reserved_bits, byte > 7);
			assert_int_equal(p.slot[slot ? 0 : 1], MT_WB);
		}
}

static void what_is_no_type_is_shown_as_its_byte(void **state)
{
	struct pat p;
	char buf[64];

	(void)state;
	pat_decode(0x0302ff1e00070106, &p);
	pat_format(&p, buf, sizeof(buf));
	assert_string_equal(buf, "WB WC UC- UC 0x1e 0xff 0x02 0x03");
	pat_decode(UINT64_MAX, &p);
	pat_format(&p, buf, sizeof(buf));
	assert_string_equal(buf, "0xff 0xff 0xff 0xff 0xff 0xff 0xff 0xff");
}

static void a_short_buffer_is_never_overrun_and_always_ended(void **state)
{
	struct pat p;

	(void)state;
	pat_decode(PAT_LINUX, &p);
	for (size_t len = 1; len < 40; len++) {
		char *exact = malloc(len);

		memset(exact, 'x', len);
		pat_format(&p, exact, len);
		assert_true(strnlen(exact, len) < len);
		assert_memory_equal(exact, "WB WC UC- UC WB WP UC- WT", strlen(exact));
		free(exact);
	}
	pat_format(&p, NULL, 0);
}

static void the_index_is_pat_pcd_pwt(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 8; i++)
		assert_int_equal(pat_index(i >> 2 & 1, i >> 1 & 1, i & 1), i);
}

static void the_first_slot_of_a_type_counts(void **state)
{
	struct pat p;

	(void)state;
	pat_decode(PAT_LINUX_ERRATA, &p);
	assert_int_equal(pat_slot_of(&p, MT_WB), 0);
	assert_int_equal(pat_slot_of(&p, MT_UCMINUS), 2);
	assert_int_equal(pat_slot_of(&p, MT_WT), -1);
}

static void every_layout_names_its_source(void **state)
{
	int n = 0;

	(void)state;
	for (const struct pat_layout *l = pat_layouts; l->name; l++, n++) {
		assert_non_null(l->source);
		assert_string_equal(pat_layout_name(l->raw), l->name);
	}
	assert_int_equal(n, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_layouts_decode_to_what_the_kernel_prints),
		cmocka_unit_test(every_byte_in_every_slot_is_its_type_or_no_guess),
		cmocka_unit_test(what_is_no_type_is_shown_as_its_byte),
		cmocka_unit_test(a_short_buffer_is_never_overrun_and_always_ended),
		cmocka_unit_test(the_index_is_pat_pcd_pwt),
		cmocka_unit_test(the_first_slot_of_a_type_counts),
		cmocka_unit_test(every_layout_names_its_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
