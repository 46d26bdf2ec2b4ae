/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_live_rates.c - the witness pane of wcdiag live on what the kernel shows of recorded PMUs, with a stand-in for
 * perf. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/live_draw.h"
#include "cmd/live_rates.h"
#include "probe/machine.h"
#include "fake_perf.h"

/* A machine of this kind, at this PMU tree. */
static struct machine machine(const char *name, enum cpu_vendor vendor, unsigned int family, unsigned int model)
{
	struct machine m = { .cpu = { .vendor = vendor, .family = family, .model = model, .stepping = 4 } };

	strcpy(m.cpu.name, "test");
	m.src = tree(name);
	return m;
}

static void done(struct live_rates *r, struct machine *m)
{
	live_rates_close(r);
	assert_int_equal(fake.nopen, 0);
	src_close((struct src *)(uintptr_t)m->src);
}

static const struct live_rate *rate(const struct live_rates *r, const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (!strcmp(r->rate[i].name, name))
			return &r->rate[i];
	fail_msg("no rate of %s", name);
	return NULL;
}

static void tick(struct live_rates *r, double now)
{
	pass(MS);
	live_rates_tick(r, now);
}

static char *pane(const struct live_rates *r)
{
	struct live_canvas c = { .ascii = true };
	struct live_scene sc = { .rates = r };
	struct canvas_pen pen;
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	assert_int_equal(canvas_resize(&c, 80, 24), 0);
	pen = (struct canvas_pen){ .c = &c, .w = 80, .h = 24 };
	live_draw_witness(&pen, &sc, NULL);
	canvas_print(&c, to);
	fclose(to);
	canvas_free(&c);
	return text;
}

static void assert_shown(const struct live_rates *r, const char *what)
{
	char *text = pane(r);

	if (!strstr(text, what))
		fail_msg("no \"%s\" in:\n%s", what, text);
	free(text);
}

/* Sapphire Rapids: all three at once, at every box. */
static void full_partial_and_uncached_a_second(void **state)
{
	struct machine m = machine("spr", VENDOR_INTEL, 6, 0x8f);
	struct live_rates r;

	(void)state;
	live_rates_open(&r, &m);
	assert_int_equal(r.n, 5);
	assert_null(strstr(r.says, "turns"));
	tick(&r, 10);
	/* By the words of tests/pmu/expected: WCiLF, WCiL, WiL. */
	happen(0x00c867fe00000135, 0, 3000000);
	happen(0x00c86ffe00000135, 0, 500);
	happen(0x00c87fde00000135, 0, 70000);
	tick(&r, 12);
	assert_true(live_rate_past(rate(&r, "full lines"), 0) == 1500000);
	assert_true(live_rate_past(rate(&r, "partial lines"), 0) == 250);
	assert_true(live_rate_past(rate(&r, "UC stores"), 0) == 35000);
	assert_shown(&r, "full lines     1.5 M/s");
	assert_shown(&r, "partial lines  250/s");
	assert_shown(&r, "UC stores      35.0 k/s");
	/* While an experiment has the counters nothing is counted, and that is no zero. */
	live_rates_rest(&r);
	for (int i = 0; i < fake.nfd; i++)
		assert_false(fake.fd[i].on);
	tick(&r, 20);
	assert_int_equal(rate(&r, "UC stores")->n, 1);
	tick(&r, 21);
	assert_int_equal(rate(&r, "UC stores")->n, 2);
	assert_true(live_rate_past(rate(&r, "UC stores"), 0) == 0);
	done(&r, &m);
}

/* Skylake-SP: one filter register a box, so a reading each. */
static void they_take_turns_where_they_must(void **state)
{
	struct machine m = machine("skx", VENDOR_INTEL, 6, 0x55);
	struct live_rates r;

	(void)state;
	live_rates_open(&r, &m);
	assert_non_null(strstr(r.says, "full, partial and UC take turns"));
	tick(&r, 0);
	for (int i = 1; i <= 6; i++) {
		uint64_t filters[3] = { 0 };
		size_t n = 0;

		/* Never two filters at once. */
		for (int k = 0; k < fake.nfd; k++)
			if (fake.fd[k].on && fake.fd[k].attr.config == 0x2135 &&
			    (!n || filters[0] != fake.fd[k].attr.config1))
				filters[n++] = fake.fd[k].attr.config1;
		assert_int_equal(n, 1);
		happen(0x2135, filters[0], 100);
		tick(&r, i);
	}
	assert_int_equal(rate(&r, "full lines")->n, 2);
	assert_int_equal(rate(&r, "partial lines")->n, 2);
	assert_int_equal(rate(&r, "UC stores")->n, 2);
	assert_true(live_rate_past(rate(&r, "UC stores"), 1) == 100);
	assert_int_equal(rate(&r, "to PCIe ports")->n, 6);
	done(&r, &m);
}

/* Ivy Bridge-EP has no event of UC stores. */
static void what_is_not_counted_is_said_with_the_reason(void **state)
{
	struct machine m = machine("ivbep", VENDOR_INTEL, 6, 0x3e);
	struct live_rates r;

	(void)state;
	live_rates_open(&r, &m);
	tick(&r, 0);
	tick(&r, 1);
	tick(&r, 2);
	assert_int_equal(rate(&r, "full lines")->n, 1);
	assert_int_equal(rate(&r, "UC stores")->n, 0);
	assert_shown(&r, "full lines     0/s");
	assert_shown(&r, "UC stores      not counted: no event of Ivy Bridge-EP for them is known");
	done(&r, &m);
}

/* The kernel gives the lines and refuses the UC stores: the others are counted, that one says why. */
static void a_refused_counter_is_said_with_the_reason(void **state)
{
	struct machine m = machine("spr", VENDOR_INTEL, 6, 0x8f);
	struct live_rates r;

	(void)state;
	live_rates_open(&r, &m);
	fake.refuse = -EACCES;
	for (int i = 0; i < fake.nfd; i++) /* the first of them */
		if (fake.fd[i].attr.config == 0x00c87fde00000135 && fake.refuse_at < 0)
			fake.refuse_at = i;
	live_rates_close(&r);
	assert_true(fake.refuse_at > 0);
	fake.nfd = 0;
	live_rates_open(&r, &m);
	assert_true(!*rate(&r, "full lines")->why && !*rate(&r, "partial lines")->why);
	assert_non_null(strstr(rate(&r, "UC stores")->why, "uncore_cha_0"));
	assert_shown(&r, "UC stores      not counted: ");
	done(&r, &m);
}

/* Cores' own counters follow one thread, which is not the one that watches: none of these is opened. */
static void a_cores_own_counters_are_not_for_a_spectator(void **state)
{
	static const struct {
		const char *tree;
		enum cpu_vendor vendor;
		unsigned int family, model;
		const char *says;
	} rows[] = {
		{ "zen5", VENDOR_AMD, 0x1a, 0x02, "Zen 5 counts lines only for the thread that stores them" },
		{ "adl", VENDOR_INTEL, 6, 0x97, "Alder Lake counts lines only for the thread" },
		{ "zen2", VENDOR_AMD, 0x19, 0x01, "Zen 3: no counter that tells" },
		{ "vm", VENDOR_INTEL, 6, 0x8f, "uncore_cha_" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct machine m = machine(rows[i].tree, rows[i].vendor, rows[i].family, rows[i].model);
		struct live_rates r;

		live_rates_open(&r, &m);
		assert_int_equal(r.n, 0);
		assert_int_equal(fake.nfd, 0);
		if (!strstr(r.why, rows[i].says))
			fail_msg("%s: '%s', wanted '%s'", rows[i].tree, r.why, rows[i].says);
		assert_shown(&r, "UC stores are");
		tick(&r, 1);
		done(&r, &m);
	}
	/* Snow Ridge has both kinds: the boxes' are taken. */
	struct machine m = machine("snr", VENDOR_INTEL, 6, 0x86);
	struct live_rates r;

	live_rates_open(&r, &m);
	assert_int_equal(r.n, 5);
	for (int i = 0; i < fake.nfd; i++)
		assert_int_equal(fake.fd[i].tid, -1);
	done(&r, &m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(full_partial_and_uncached_a_second, start),
		cmocka_unit_test_setup(they_take_turns_where_they_must, start),
		cmocka_unit_test_setup(what_is_not_counted_is_said_with_the_reason, start),
		cmocka_unit_test_setup(a_refused_counter_is_said_with_the_reason, start),
		cmocka_unit_test_setup(a_cores_own_counters_are_not_for_a_spectator, start),
	};

	return cmocka_run_group_tests_name("live_rates", tests, NULL, NULL);
}
