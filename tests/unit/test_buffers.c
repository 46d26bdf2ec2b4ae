/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_buffers.c - where the cliff is: recorded curves, curves made up, and noise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probe/buffers.h"
#include "probe/buffers_record.h"

static struct buffers_answer a;
static struct buffers_curve made;

/* The first curve of tests/buffers/NAME. */
static const struct buffers_curve *recorded(const char *name)
{
	static char text[1 << 20];
	static struct buffers_curve c;
	struct buffers_record *rec;
	unsigned int line;
	const char *what;
	char path[128];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "tests/buffers/%s", name);
	f = fopen(path, "re");
	if (!f)
		fail_msg("%s", path);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	if (buffers_records_parse(text, n, &rec, &n, &line, &what))
		fail_msg("%s:%u: %s", path, line, what);
	c = rec->curve;
	free(rec);
	return &c;
}

static void decide(const struct buffers_curve *c, struct buffers_context x)
{
	assert_int_equal(buffers_decide(c, &x, &a), 0);
}

#define HIDDEN(n) ((struct buffers_context){ .known = (n), .sibling = BUFFERS_HIDDEN, .sibling_busy = -1 })
#define ALONE(n)  ((struct buffers_context){ .known = (n), .sibling = BUFFERS_ALONE, .sibling_busy = -1 })

/* cost[n - 1] ticks a line, the same in all rounds. */
static struct buffers_curve *make(const double *cost, unsigned int lines, unsigned int rounds)
{
	memset(&made, 0, sizeof(made));
	made.lines = lines;
	made.rounds = rounds;
	for (unsigned int r = 0; r < rounds; r++) {
		made.round[r].pace_min = made.round[r].pace_median = 1000;
		made.round[r].chain = 1500;
		for (unsigned int n = 0; n < lines; n++) {
			uint32_t t = (uint32_t)(cost[n] * BUFFERS_UNIT);

			made.round[r].at[n] = (struct buffers_point){ t, t + t / 100, t + t / 50 };
		}
	}
	return &made;
}

/* 16 lines: low up to n, high after it. */
static struct buffers_curve *cliff_at(unsigned int n, double low, double high, unsigned int rounds)
{
	double cost[16];

	for (unsigned int i = 0; i < 16; i++)
		cost[i] = i < n ? low : high;
	return make(cost, 16, rounds);
}

static void a_clean_curve_names_eight(void **state)
{
	(void)state;
	decide(recorded("clean.txt"), HIDDEN(8));
	assert_true(a.stable && a.settled && !a.contended);
	assert_int_equal(a.capacity, 8);
	assert_int_equal(a.available, 8);
	assert_true(a.confidence > 0.9);
	assert_null(a.why);
	assert_true(a.free > 20 && a.free < 40 && a.beyond > 200);
	assert_int_equal(a.agree, 12);
	assert_int_equal(a.steady, 12);
}

/* The same, where no table says 8: another thread could hold some all the time and nobody would see it. */
static void what_nothing_confirms_is_half_trusted(void **state)
{
	(void)state;
	decide(recorded("clean.txt"), HIDDEN(0));
	assert_int_equal(a.capacity, 8);
	assert_false(a.contended);
	assert_true(a.confidence == 0.5 && strstr(a.why, "hypervisor"));
	decide(recorded("clean.txt"), ALONE(0));
	assert_true(a.confidence > 0.9);
	decide(recorded("clean.txt"), (struct buffers_context){ .sibling = BUFFERS_SIBLING, .sibling_busy = -1 });
	assert_true(a.confidence == 0.5 && strstr(a.why, "not known"));
	decide(recorded("clean.txt"), (struct buffers_context){ .sibling = BUFFERS_SIBLING, .sibling_busy = 0.01 });
	assert_true(a.confidence > 0.9 && !a.contended);
	decide(recorded("clean.txt"), (struct buffers_context){ .sibling = BUFFERS_SIBLING, .sibling_busy = 0.7 });
	assert_true(a.confidence < 0.5 && a.contended);
	decide(recorded("clean.txt"), HIDDEN(12));
	assert_true(a.confidence < 0.5 && a.contended);
	decide(recorded("clean.txt"), ALONE(12));
	assert_true(a.confidence == 0.5 && !a.contended && strstr(a.why, "profile"));
}

static void two_values_are_the_larger_and_contended(void **state)
{
	(void)state;
	decide(recorded("two-valued.txt"), HIDDEN(8));
	assert_true(a.stable && a.contended && !a.settled);
	assert_int_equal(a.capacity, 8);
	assert_true(a.confidence > 0.7);
	decide(recorded("rarely-free.txt"), HIDDEN(8));
	assert_int_equal(a.capacity, 8);
	assert_int_equal(a.available, 6);
	assert_int_equal(a.agree, 3);
	assert_true(a.contended && a.confidence > 0.7);
	decide(recorded("rarely-free.txt"), HIDDEN(0));
	assert_int_equal(a.capacity, 8);
	assert_true(a.contended && a.confidence <= 0.5);
}

static void fewer_all_the_time_is_no_number_to_trust(void **state)
{
	static const char *const busy[] = { "busy.txt", "shared.txt" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		decide(recorded(busy[i]), HIDDEN(8));
		assert_int_equal(a.capacity, 6);
		assert_true(a.contended && !a.settled && a.confidence <= 0.3);
		/* Of an unknown CPU nobody can say that there are more, but the core's pace says that it is shared. */
		decide(recorded(busy[i]), HIDDEN(0));
		assert_true(a.capacity == 6 && a.contended && a.confidence <= 0.5);
		/* A core of one thread that somebody uses all the same: the hypervisor hides. */
		decide(recorded(busy[i]), ALONE(0));
		assert_true(a.capacity == 6 && a.contended && a.confidence <= 0.5);
		decide(recorded(busy[i]), ALONE(8));
		assert_true(a.capacity == 6 && a.contended && a.confidence <= 0.3);
	}
}

static void outliers_change_nothing(void **state)
{
	struct buffers_curve c = *recorded("clean.txt");

	(void)state;
	/* Interrupts: everything of some points is late. */
	for (unsigned int r = 0; r < 12; r += 3)
		for (unsigned int n = r % 5; n < 32; n += 5) {
			c.round[r].at[n].min *= 40;
			c.round[r].at[n].second *= 50;
			c.round[r].at[n].median *= 60;
		}
	/* A clock that went wrong: one repetition of each round takes hardly any time, and both of one. */
	for (unsigned int r = 0; r < 12; r++)
		c.round[r].at[8].min = c.round[r].at[9 + r].min = 3;
	c.round[5].at[8].second = 4;
	decide(&c, HIDDEN(8));
	assert_int_equal(a.capacity, 8);
	assert_int_equal(a.available, 8);
	decide(&c, HIDDEN(0));
	assert_true(a.capacity == 8 && a.confidence <= 0.5);
}

/* One round alone, however clear, names no number. */
static void one_round_bears_out_nothing(void **state)
{
	struct buffers_curve *c = cliff_at(6, 20, 300, 32);

	(void)state;
	c->round[7].at[6] = c->round[7].at[7] = c->round[7].at[5];
	c->round[8] = c->round[7];
	decide(c, HIDDEN(0));
	assert_int_equal(a.capacity, 6);
	assert_int_equal(a.agree, 32);
	c->round[9] = c->round[7];
	decide(c, HIDDEN(0));
	assert_int_equal(a.capacity, 8);
	assert_true(a.contended && a.available == 6 && a.agree == 3);
	decide(cliff_at(8, 20, 300, 1), HIDDEN(8));
	assert_true(a.capacity == 8 && a.confidence <= 0.4 && !a.settled);
}

/* It is settled when the last rounds show nothing else, and nobody uses the core. */
static void the_last_rounds_settle_it(void **state)
{
	struct buffers_curve c = *recorded("clean.txt");

	(void)state;
	decide(&c, HIDDEN(8));
	assert_true(a.settled);
	c.rounds = BUFFERS_ENOUGH - 1;
	decide(&c, HIDDEN(8));
	assert_false(a.settled);
	c = *recorded("clean.txt");
	for (unsigned int n = 6; n < 8; n++)
		c.round[3].at[n] = c.round[3].at[9];
	decide(&c, HIDDEN(8));
	assert_true(a.capacity == 8 && a.agree == 11 && !a.contended && !a.settled);
	c = *recorded("clean.txt");
	for (unsigned int r = 5; r < 9; r++)
		c.round[r].pace_median = c.round[r].pace_min * 6 / 5;
	decide(&c, HIDDEN(8));
	assert_true(a.capacity == 8 && a.steady == 8 && a.contended && !a.settled);
	/* A sibling of which the kernel says that it was idle, and the core's pace that it was not. */
	for (unsigned int r = 0; r < 10; r++)
		c.round[r].pace_median = c.round[r].pace_min * 6 / 5;
	decide(&c, (struct buffers_context){ .sibling = BUFFERS_SIBLING, .sibling_busy = 0 });
	assert_true(a.steady == 2 && a.contended && a.confidence <= 0.4);
}

static void two_steps_are_named_and_not_trusted(void **state)
{
	double cost[24];

	(void)state;
	for (unsigned int n = 0; n < 24; n++)
		cost[n] = n < 12 ? 20 : n < 16 ? 90 : 400;
	decide(make(cost, 24, 16), ALONE(0));
	assert_true(a.stable && !a.settled);
	assert_int_equal(a.capacity, 12);
	assert_int_equal(a.step, 16);
	assert_true(a.confidence <= 0.4 && strstr(a.why, "two cliffs"));
	/* The lower one is the clearer one. */
	for (unsigned int n = 0; n < 24; n++)
		cost[n] = n < 12 ? 20 : n < 16 ? 200 : 700;
	decide(make(cost, 24, 16), ALONE(0));
	assert_true(a.capacity == 12 && a.step == 16);
	/* A line that waits for a buffer is no cliff. */
	for (unsigned int n = 0; n < 24; n++)
		cost[n] = n < 11 ? 14 : n < 12 ? 28 : 280;
	decide(make(cost, 24, 16), ALONE(0));
	assert_true(a.capacity == 12 && !a.step && a.settled);
}

static void flat_is_no_number(void **state)
{
	double cost[16];

	(void)state;
	/* An emulator that does not say that it is one. */
	decide(recorded("flat.txt"), ALONE(8));
	assert_true(!a.stable && !a.capacity && strstr(a.why, "no cliff"));
	decide(recorded("flat.txt"), HIDDEN(0));
	assert_true(!a.stable && a.confidence == 0);
	for (unsigned int n = 0; n < 16; n++)
		cost[n] = 40 + 3 * (n % 4);
	decide(make(cost, 16, 16), ALONE(8));
	assert_false(a.stable);
	assert_true(!a.capacity && !a.available && a.confidence == 0 && !a.settled);
	assert_non_null(strstr(a.why, "no cliff"));
	/* A slope is none either. */
	for (unsigned int n = 0; n < 16; n++)
		cost[n] = 20 + 20 * n;
	decide(make(cost, 16, 16), ALONE(8));
	assert_true(!a.stable && strstr(a.why, "scatter"));
	/* And the very last point may be anything. */
	decide(cliff_at(15, 20, 300, 16), ALONE(0));
	assert_false(a.stable);
	decide(cliff_at(14, 20, 300, 16), ALONE(0));
	assert_int_equal(a.capacity, 14);
}

static void a_low_cliff_is_trusted_less(void **state)
{
	double before = 0;

	(void)state;
	for (double high = 55; high < 200; high += 10) {
		decide(cliff_at(8, 20, high, 16), ALONE(0));
		if (high < 59)
			assert_false(a.stable);
		if (high > 61)
			assert_int_equal(a.capacity, 8);
		assert_true(a.confidence >= before && a.confidence <= 1);
		before = a.confidence;
	}
	assert_true(before > 0.9);
	decide(cliff_at(8, 20, 65, 16), ALONE(0));
	assert_true(a.confidence < 0.6 && strstr(a.why, "low"));
}

static void emulated_is_no_number(void **state)
{
	struct buffers_context x = HIDDEN(8);

	(void)state;
	x.emulated = true;
	decide(recorded("clean.txt"), x);
	assert_true(!a.stable && !a.capacity && !a.available && a.confidence == 0);
	assert_non_null(strstr(a.why, "emulated"));
}

static void what_cannot_be_decided_is_refused(void **state)
{
	struct buffers_context x = ALONE(0);
	struct buffers_curve c = *cliff_at(8, 20, 300, 4);

	(void)state;
	c.rounds = 0;
	assert_int_equal(buffers_decide(&c, &x, &a), -EINVAL);
	c.rounds = BUFFERS_ROUNDS + 1;
	assert_int_equal(buffers_decide(&c, &x, &a), -EINVAL);
	c.rounds = 4;
	c.lines = 3;
	assert_int_equal(buffers_decide(&c, &x, &a), -EINVAL);
	c.lines = BUFFERS_LINES + 1;
	assert_int_equal(buffers_decide(&c, &x, &a), -EINVAL);
	c.lines = 32; /* of which 16 were not measured */
	decide(&c, x);
	assert_true(!a.stable && strstr(a.why, "measured"));
}

static void the_shape_is_the_least_and_the_middle(void **state)
{
	double min, median;

	(void)state;
	make((const double[]){ 10, 20, 30, 40 }, 4, 3);
	made.round[1].at[1] = (struct buffers_point){ 19 * 64, 21 * 64, 50 * 64 };
	made.round[2].at[1] = (struct buffers_point){ 0, 0, 0 };
	buffers_shape(&made, 2, &min, &median);
	assert_true(min == 19 && median == 50);
	buffers_shape(&made, 1, &min, &median);
	assert_true(min == 10 && median > 10 && median < 10.3);
	buffers_shape(&made, 5, &min, &median);
	assert_true(min == 0 && median == 0);
	buffers_shape(&made, 0, &min, &median);
	assert_true(min == 0 && median == 0);
}

/* A machine made up: so many buffers, and what disturbs. */
struct world {
	unsigned int buffers, taken;
	double free, beyond, slow;
	double noise, late,
		early; /* of a repetition: up to so much slower; chances to be far too late, far too early */
	double change; /* chance that somebody comes or goes between two rounds */
	bool spinning; /* who comes disturbs the pace evenly: nobody sees it */
};

static uint64_t seed;

static double chance(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (double)(seed >> 11) / 9007199254740992.0;
}

static int ascending(const void *x, const void *y)
{
	uint32_t p = *(const uint32_t *)x, q = *(const uint32_t *)y;

	return (p > q) - (p < q);
}

static struct buffers_point repetitions(const struct world *w, double cost)
{
	uint32_t v[5];

	for (unsigned int i = 0; i < 5; i++) {
		double t = cost * BUFFERS_UNIT * (1 + w->noise * chance());

		if (chance() < w->late)
			t *= 1 + 60 * chance();
		if (chance() < w->early)
			t *= chance();
		v[i] = (uint32_t)t + 1;
	}
	qsort(v, 5, sizeof(*v), ascending);
	return (struct buffers_point){ v[0], v[1], v[2] };
}

static void measure(struct world *w, struct buffers_curve *c)
{
	bool there = chance() < 0.5;

	memset(c, 0, sizeof(*c));
	c->lines = BUFFERS_LINES;
	c->rounds = 1 + (unsigned int)(chance() * BUFFERS_ROUNDS);
	for (unsigned int r = 0; r < c->rounds; r++) {
		unsigned int have;
		double nops;

		if (chance() < w->change)
			there = !there;
		have = w->buffers - (there ? w->taken : 0);
		nops = 1000 * (1 + 0.02 * chance()) * (there && w->taken ? w->slow : 1);
		c->round[r].pace_min = (uint32_t)nops;
		c->round[r].pace_median =
			(uint32_t)(nops * (there && w->taken && !w->spinning ? 1 + 0.5 * chance() : 1));
		c->round[r].chain = 1500;
		for (unsigned int n = 1; n <= BUFFERS_LINES; n++)
			c->round[r].at[n - 1] = repetitions(w, n < have	  ? w->free
							       : n > have ? w->beyond
									  : w->free * (1 + chance()));
	}
}

static struct world random_world(void)
{
	struct world w = {
		.buffers = 3 + (unsigned int)(chance() * 26),
		.free = 8 + 60 * chance(),
		.slow = 1 + chance(),
		.noise = chance() * chance(),
		.late = 0.3 * chance() * chance(),
		.early = chance() < 0.3 ? 0.02 * chance() : 0,
		.change = chance() < 0.3 ? 0 : chance() * chance(),
		.spinning = chance() < 0.3,
	};

	w.beyond = w.free * (1 + 25 * chance());
	w.taken = chance() < 0.5 ? 0 : (unsigned int)(chance() * (w.buffers - 1));
	return w;
}

/* Whatever the noise: a number that is wrong is never given with confidence, and mostly the right one is. */
static void noise_is_never_trusted(void **state)
{
	unsigned int right = 0, sure = 0, calm = 0, all = 0;

	(void)state;
	seed = 88172645463325252ULL;
	for (unsigned int i = 0; i < 6000; i++) {
		struct world w = random_world();
		struct buffers_context x = { .sibling = (enum buffers_sibling)(i % 3), .sibling_busy = -1 };

		if (x.sibling == BUFFERS_ALONE)
			w.taken = 0;
		x.known = chance() < 0.5 ? 0 : w.buffers;
		measure(&w, &made);
		decide(&made, x);
		assert_true(a.confidence >= 0 && a.confidence <= 1);
		assert_true(a.available <= a.capacity && a.capacity <= BUFFERS_LINES);
		assert_true(a.stable == (a.capacity > 0));
		if (a.confidence > 0.5 && a.capacity != w.buffers)
			fail_msg("%u: %u instead of %u with %.2f", i, a.capacity, w.buffers, a.confidence);
		if (x.known && a.stable && a.capacity < w.buffers && x.sibling != BUFFERS_ALONE)
			assert_true(a.contended);
		sure += a.confidence > 0.5;
		right += a.stable && a.capacity == w.buffers;
		if (w.beyond > 8 * w.free && w.noise < 0.5 && w.late < 0.05 && !w.early && !w.taken &&
		    made.rounds >= BUFFERS_ENOUGH) {
			all++;
			calm += a.capacity == w.buffers && !a.step && (x.sibling != BUFFERS_ALONE || a.settled);
		}
	}
	assert_true(right > 3000 && sure > 1500);
	assert_true(all > 200 && calm > all * 49 / 50);
}

/* Noise without any cliff in it. */
static void pure_noise_names_nothing(void **state)
{
	unsigned int named = 0;

	(void)state;
	seed = 362436069;
	for (unsigned int i = 0; i < 2000; i++) {
		struct world w = { .buffers = 1, .free = 50, .beyond = 50, .slow = 1, .noise = 1 + 40 * chance() };

		measure(&w, &made);
		decide(&made, HIDDEN(0));
		assert_true(a.confidence <= 0.5);
		decide(&made, ALONE(0));
		if (a.confidence > 0.5)
			fail_msg("%u: %u with %.2f of nothing", i, a.capacity, a.confidence);
		named += a.stable;
	}
	assert_true(named < 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clean_curve_names_eight),
		cmocka_unit_test(what_nothing_confirms_is_half_trusted),
		cmocka_unit_test(two_values_are_the_larger_and_contended),
		cmocka_unit_test(fewer_all_the_time_is_no_number_to_trust),
		cmocka_unit_test(outliers_change_nothing),
		cmocka_unit_test(one_round_bears_out_nothing),
		cmocka_unit_test(the_last_rounds_settle_it),
		cmocka_unit_test(two_steps_are_named_and_not_trusted),
		cmocka_unit_test(flat_is_no_number),
		cmocka_unit_test(a_low_cliff_is_trusted_less),
		cmocka_unit_test(emulated_is_no_number),
		cmocka_unit_test(what_cannot_be_decided_is_refused),
		cmocka_unit_test(the_shape_is_the_least_and_the_middle),
		cmocka_unit_test(noise_is_never_trusted),
		cmocka_unit_test(pure_noise_names_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
