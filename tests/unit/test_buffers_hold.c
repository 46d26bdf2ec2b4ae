/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_buffers_hold.c - after which pause a half-filled line is on its way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/buffers_measure.h"

static struct buffers_hold_curve c;
static struct buffers_hold h;

/* All pauses, with the scatter of a counter that goes up in steps of 26. */
static void level(void)
{
	c.n = BUFFERS_PAUSES;
	for (unsigned int i = 0; i < BUFFERS_PAUSES; i++) {
		c.held[i] = i % 3 ? 364 : 338;
		c.fenced[i] = i % 4 ? 338 : 364;
	}
}

static void decide(void)
{
	buffers_hold_decide(&c, &h);
}

/* As an AMD EPYC (Zen 4) showed it: a line waits for some 1400 ticks. */
static void a_sawtooth_is_found(void **state)
{
	(void)state;
	level();
	c.held[21] = 572;
	c.held[22] = 494;
	c.held[23] = 442;
	decide();
	assert_true(h.seen);
	assert_int_equal(h.least, 21 * BUFFERS_PAUSE_STEP);
	assert_int_equal(h.most, 22 * BUFFERS_PAUSE_STEP);
	assert_int_equal(h.tried, BUFFERS_PAUSES * BUFFERS_PAUSE_STEP);
}

static void nothing_is_seen_of_nothing(void **state)
{
	(void)state;
	level();
	decide();
	assert_false(h.seen);
	assert_int_equal(h.tried, BUFFERS_PAUSES * BUFFERS_PAUSE_STEP);
	assert_int_equal(h.most, 0);
	/* One point alone is chance. */
	c.held[30] = 900;
	decide();
	assert_false(h.seen);
	/* A moment in which the other one was quick. */
	level();
	c.fenced[30] = c.fenced[31] = c.fenced[32] = 230;
	decide();
	assert_false(h.seen);
	/* The machine was slow for a while, for both. */
	for (unsigned int i = 40; i < 50; i++)
		c.held[i] = c.fenced[i] = 700;
	decide();
	assert_false(h.seen);
}

static void it_leaves_once_or_not_at_all(void **state)
{
	(void)state;
	level();
	c.held[21] = c.held[22] = 572;
	c.held[80] = c.held[81] = 572;
	decide();
	assert_false(h.seen);
	/* So short a pause that the first half is on its way still. */
	level();
	c.held[0] = c.held[1] = c.held[2] = 500;
	decide();
	assert_false(h.seen);
	/* No line is on its way for so long: something else is slow. */
	level();
	for (unsigned int i = 20; i < 60; i++)
		c.held[i] = 600;
	decide();
	assert_false(h.seen);
	/* It has only begun where the pauses end. */
	level();
	c.held[BUFFERS_PAUSES - 2] = c.held[BUFFERS_PAUSES - 1] = 572;
	decide();
	assert_false(h.seen);
}

static void a_cut_curve_is_bounded(void **state)
{
	(void)state;
	level();
	c.held[21] = c.held[22] = 572;
	c.n = 22;
	decide();
	assert_false(h.seen);
	c.n = 0;
	decide();
	assert_true(!h.seen && h.tried == 0);
	c.n = 100000;
	decide();
	assert_true(h.seen && h.tried == BUFFERS_PAUSES * BUFFERS_PAUSE_STEP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sawtooth_is_found),
		cmocka_unit_test(nothing_is_seen_of_nothing),
		cmocka_unit_test(it_leaves_once_or_not_at_all),
		cmocka_unit_test(a_cut_curve_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
