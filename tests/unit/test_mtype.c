/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_mtype.c - every cell of the combining tables against the same tables typed a second time, as letters.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "probe/mtype.h"

/* U UC, - UC-, C WC, T WT, B WB, P WP, ? no answer */
static enum mtype letter(char c)
{
	switch (c) {
	case 'U':
		return MT_UC;
	case '-':
		return MT_UCMINUS;
	case 'C':
		return MT_WC;
	case 'T':
		return MT_WT;
	case 'B':
		return MT_WB;
	case 'P':
		return MT_WP;
	default:
		return MT_UNKNOWN;
	}
}

static const char rows[] = "UCTBP";	/* MTRR */
static const char cols[] = "U-CTBP";	/* PAT */

static const char *const intel[] = {
	"UUCUUU",
	"UCCUCU",
	"UUCTTP",
	"UUCTBP",
	"UCCTPP",
};
static const char *const amd[] = {
	"UUCUUU",
	"UCCUCU",
	"UUCTTU",
	"UUCTBP",
	"UUCUPP",
};
static const char *const other[] = {
	"UUCUUU",
	"UCCUCU",
	"UUCTT?",
	"UUCTBP",
	"U?C?PP",
};

static void check_table(enum cpu_vendor v, const char *const table[])
{
	for (int r = 0; rows[r]; r++)
		for (int c = 0; cols[c]; c++) {
			enum mtype mtrr = letter(rows[r]), pat = letter(cols[c]), want = letter(table[r][c]);
			enum mtype got = mtype_effective(v, mtrr, pat);

			if (got != want)
				fail_msg("vendor %d MTRR %s PAT %s: %s, not %s", v, mtype_name(mtrr), mtype_name(pat),
					 mtype_name(got), mtype_name(want));
			assert_int_equal(mtype_effective_source(v, mtrr, pat) == NULL, want == MT_UNKNOWN);
		}
}

static void every_cell_of_intels_table_is_as_the_manual_has_it(void **state)
{
	(void)state;
	check_table(VENDOR_INTEL, intel);
}

static void amd_differs_in_three_cells(void **state)
{
	int differ = 0;

	(void)state;
	check_table(VENDOR_AMD, amd);
	for (int r = 0; rows[r]; r++)
		for (int c = 0; cols[c]; c++)
			differ += intel[r][c] != amd[r][c];
	assert_int_equal(differ, 3);
}

static void any_other_vendor_gets_only_what_both_agree_on(void **state)
{
	(void)state;
	check_table(VENDOR_OTHER, other);
	check_table((enum cpu_vendor)77, other);
}

static void pat_wc_and_uc_hold_whatever_the_mtrr_is(void **state)
{
	(void)state;
	for (int v = VENDOR_OTHER; v <= VENDOR_AMD; v++)
		for (int m = 0; m < MT_COUNT + 3; m++) {
			assert_int_equal(mtype_effective(v, m, MT_WC), MT_WC);
			assert_int_equal(mtype_effective(v, m, MT_UC), MT_UC);
		}
}

static void what_is_no_type_gives_no_answer(void **state)
{
	static const int no_mtrr[] = { MT_RSVD2, MT_RSVD3, MT_UCMINUS, MT_UNKNOWN, MT_UNDEFINED, MT_COUNT, -1, 1000 };
	static const int no_pat[] = { MT_RSVD2, MT_RSVD3, MT_UNKNOWN, MT_UNDEFINED, MT_COUNT, -1, 1000 };

	(void)state;
	for (int v = VENDOR_OTHER; v <= VENDOR_AMD; v++) {
		for (size_t i = 0; i < sizeof(no_mtrr) / sizeof(no_mtrr[0]); i++)
			for (int c = 0; cols[c]; c++) {
				enum mtype pat = letter(cols[c]);

				if (pat == MT_WC || pat == MT_UC)
					continue;
				assert_int_equal(mtype_effective(v, (enum mtype)no_mtrr[i], pat), MT_UNKNOWN);
				assert_null(mtype_effective_source(v, (enum mtype)no_mtrr[i], pat));
			}
		for (size_t i = 0; i < sizeof(no_pat) / sizeof(no_pat[0]); i++)
			for (int r = 0; rows[r]; r++)
				assert_int_equal(mtype_effective(v, letter(rows[r]), (enum mtype)no_pat[i]),
						 MT_UNKNOWN);
	}
}

static void without_pat_only_pcd_and_pwt_count(void **state)
{
	/* PCD PWT: 00 01 10 11 */
	static const char *const table[] = { "UUUU", "CCCU", "TTUU", "BTUU", "PPCU" };

	(void)state;
	for (int r = 0; rows[r]; r++)
		for (int bits = 0; bits < 4; bits++)
			assert_int_equal(mtype_effective_nopat(letter(rows[r]), bits & 2, bits & 1),
					 letter(table[r][bits]));
}

static void without_pat_an_unknown_mtrr_answers_only_where_all_agree(void **state)
{
	static const int none[] = { MT_RSVD2, MT_RSVD3, MT_UCMINUS, MT_UNKNOWN, MT_UNDEFINED, MT_COUNT, -1 };

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_int_equal(mtype_effective_nopat((enum mtype)none[i], true, true), MT_UC);
		assert_int_equal(mtype_effective_nopat((enum mtype)none[i], true, false), MT_UNKNOWN);
		assert_int_equal(mtype_effective_nopat((enum mtype)none[i], false, true), MT_UNKNOWN);
		assert_int_equal(mtype_effective_nopat((enum mtype)none[i], false, false), MT_UNKNOWN);
	}
}

static void names_are_the_ones_in_use(void **state)
{
	(void)state;
	assert_string_equal(mtype_name(MT_WC), "WC");
	assert_string_equal(mtype_name(MT_UCMINUS), "UC-");
	assert_string_equal(mtype_name(MT_RSVD3), "reserved 3");
	assert_string_equal(mtype_name(MT_UNDEFINED), "undefined");
	assert_string_equal(mtype_name((enum mtype)99), "unknown");
	assert_string_equal(mtype_kernel_name(MT_WC), "write-combining");
	assert_null(mtype_kernel_name(MT_RSVD2));
	assert_null(mtype_kernel_name((enum mtype)99));
}

static void the_kernels_words_are_read_back(void **state)
{
	static const struct {
		const char *word;
		enum mtype type;
	} t[] = {
		{ "uncached", MT_UC },
		{ "uncached-minus", MT_UCMINUS },
		{ "write-back", MT_WB },
		{ "write-combining", MT_WC },
		{ "write-through", MT_WT },
		{ "write-protected", MT_WP },
		{ "broken", MT_UNKNOWN },
		{ "", MT_UNKNOWN },
		{ "write-combinin", MT_UNKNOWN },
		{ "write-combinings", MT_UNKNOWN },
		{ "WC", MT_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		size_t len = strlen(t[i].word);
		char *exact = malloc(len ? len : 1);	/* not terminated: a sanitizer sees one byte too many */

		memcpy(exact, t[i].word, len);
		assert_int_equal(mtype_from_kernel(exact, len), t[i].type);
		free(exact);
		if (t[i].type != MT_UNKNOWN)
			assert_string_equal(mtype_kernel_name(t[i].type), t[i].word);
	}
}

static void page_cache_modes_are_in_the_kernels_order(void **state)
{
	static const char order[] = "BC-UTP";

	(void)state;
	for (unsigned long i = 0; i < 6; i++)
		assert_int_equal(mtype_from_pcm(i), letter(order[i]));
	assert_int_equal(mtype_from_pcm(6), MT_UNKNOWN);
	assert_int_equal(mtype_from_pcm(~0UL), MT_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cell_of_intels_table_is_as_the_manual_has_it),
		cmocka_unit_test(amd_differs_in_three_cells),
		cmocka_unit_test(any_other_vendor_gets_only_what_both_agree_on),
		cmocka_unit_test(pat_wc_and_uc_hold_whatever_the_mtrr_is),
		cmocka_unit_test(what_is_no_type_gives_no_answer),
		cmocka_unit_test(without_pat_only_pcd_and_pwt_count),
		cmocka_unit_test(without_pat_an_unknown_mtrr_answers_only_where_all_agree),
		cmocka_unit_test(names_are_the_ones_in_use),
		cmocka_unit_test(the_kernels_words_are_read_back),
		cmocka_unit_test(page_cache_modes_are_in_the_kernels_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
