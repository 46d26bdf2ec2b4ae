/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_witness_pmu.c - the CPU's counters as a witness: what becomes of what they count, and how far it is believed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fake_perf.h"
#include "probe/witness.h"

static void as_a_witness(void **state)
{
	static const struct witness_spec spec = { .kind = WITNESS_PMU };
	struct witness_target t = { .src = tree("skx"), .cpu = &skx, .pinned = 3, .idle_ms = 20 };
	struct witness_counts sum = { .estimate = false }, one;
	struct witness_offer o[WITNESS_KINDS];
	struct witness *w;
	double x = -1;

	(void)state;
	background = busy;
	assert_int_equal(witness_open(&spec, &t, &w, &f), 0);
	assert_int_equal(witness_rounds(w), 2);
	assert_int_equal(witness_trust_of(w), TRUST_PORT);
	assert_non_null(strstr(witness_says(w), "Skylake-SP: full lines (uncore_cha_*), partial lines"));
	assert_non_null(strstr(witness_says(w), "in turns"));
	for (unsigned int run = 0; run < 4; run++) {
		assert_int_equal(witness_begin(w, &f), 0);
		happen(CHA, 900);
		happen(CHA_PARTIAL, 100);
		happen(IIO_BYTES, 16000);
		happen(IIO_TXNS, 1700);
		pass(100 * US);
		assert_int_equal(witness_end(w, &one, &f), 0);
		assert_int_equal(one.runs[WITNESS_FULL] + one.runs[WITNESS_PARTIAL], 1);
		witness_add(&sum, &one);
	}
	assert_int_equal(sum.count[WITNESS_FULL], 1800);
	assert_int_equal(sum.count[WITNESS_PARTIAL], 200);
	assert_int_equal(sum.count[WITNESS_TLPS], 6800);
	assert_int_equal(sum.runs[WITNESS_LINES], 0);
	assert_true(sum.estimate); /* something idle was subtracted */
	assert_int_equal(witness_full_rate(&sum, &x), 0);
	assert_true(x == 0.9);
	assert_int_equal(witness_bytes_per_tlp(&sum, &x), 0);
	assert_true(x > 37.6 && x < 37.7);
	witness_close(w);
	assert_int_equal(fake.nopen, 0);

	witness_list(&t, o);
	assert_int_equal(o[WITNESS_PMU].state, WITNESS_READY);
	assert_int_equal(o[WITNESS_PMU].trust, TRUST_PORT);
	assert_int_equal(fake.nopen, 0);
	src_close((struct src *)t.src);
}

static void weaker_witnesses(void **state)
{
	static const struct cpu zen5 = { .vendor = VENDOR_AMD, .family = 0x1a, .model = 2, .name = "EPYC" };
	static const struct cpu adl = { .vendor = VENDOR_INTEL, .family = 6, .model = 0x97, .name = "Core" };
	static const struct witness_spec spec = { .kind = WITNESS_PMU };
	struct witness_target t = { .src = tree("zen5"), .cpu = &zen5, .pinned = 3 };
	struct witness_counts c;
	struct witness *w;
	double x = -1;

	(void)state;
	assert_int_equal(witness_open(&spec, &t, &w, &f), 0);
	assert_int_equal(witness_rounds(w), 1);
	assert_int_equal(witness_trust_of(w), TRUST_CPU);
	assert_int_equal(witness_begin(w, &f), 0);
	happen(0x0150, 0, 60);
	happen(0x2063, 0, 80);
	pass(100 * US);
	assert_int_equal(witness_end(w, &c, &f), 0);
	assert_int_equal(c.count[WITNESS_FULL], 60);
	assert_int_equal(c.count[WITNESS_LINES], 80);
	assert_int_equal(c.runs[WITNESS_PARTIAL], 0);
	assert_false(c.estimate);
	assert_int_equal(witness_full_rate(&c, &x), 0);
	assert_true(x == 0.75);
	witness_close(w);
	src_close((struct src *)t.src);

	start(NULL);
	t = (struct witness_target){ .src = tree("adl"), .cpu = &adl, .pinned = 3 };
	assert_int_equal(witness_open(&spec, &t, &w, &f), 0);
	assert_int_equal(witness_trust_of(w), TRUST_HINT);
	assert_int_equal(witness_begin(w, &f), 0);
	assert_int_equal(witness_end(w, &c, &f), -ENODATA); /* no time went by: nothing was counted */
	assert_non_null(strstr(f.why, "not one of the counters ran"));
	witness_close(w);
	src_close((struct src *)t.src);
	assert_int_equal(fake.nopen, 0);
}
int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(as_a_witness, start),
		cmocka_unit_test_setup(weaker_witnesses, start),
	};

	return cmocka_run_group_tests_name("witness_pmu", tests, NULL, NULL);
}
