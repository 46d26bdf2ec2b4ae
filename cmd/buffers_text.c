/* SPDX-License-Identifier: GPL-2.0-or-later */
/* buffers_text.c - the buffers for people: the numbers, the cliff as a plot, what a line costs. */
#include <stdio.h>
#include <string.h>

#include "cmd/buffers.h"
#include "cmd/cmd.h"
#include "cmd/text.h"

enum { LEFT = 25 /* columns before the bars */, BARS = 60 };

static void rounds_line(const struct buffers_taken *t, char *buf, size_t len)
{
	const struct buffers_answer *a = &t->a;
	struct items i;

	items_begin(&i, buf, len);
	items_add(&i, 1, "", "%s", a->contended ? "contended" : "not contended");
	if (t->rec.curve.rounds)
		items_add(&i, 1, "; ", "%u of %u rounds show it", a->agree, t->rec.curve.rounds);
	if (t->rec.curve.rounds && t->rec.sibling != BUFFERS_ALONE)
		items_add(&i, 1, "; ", "in %u the core worked as if it were unshared", a->steady);
	if (t->rec.sibling_busy >= 0)
		items_add(&i, 1, "; ", "the sibling thread was busy %.0f %% of the time", 100 * t->rec.sibling_busy);
	if (t->ms > 0)
		items_add(&i, 1, "; ", "%.0f ms", t->ms);
	items_end(&i);
}

static void answer(const struct buffers_view *v, const struct buffers_taken *t)
{
	const struct buffers_answer *a = &t->a;
	char name[48], buf[400];

	buffers_name(t, name, sizeof(name));
	printf("\n%s%s%s\n", color(v->color, C_BOLD), name, color(v->color, C_NONE));
	if (!a->stable) {
		snprintf(buf, sizeof(buf), "not stable: %s", a->why ? a->why : "no answer");
		printf("  buffers     ");
		wrap(buf, 14, 14, text_width());
		return;
	}
	printf("  buffers     %s%u lines of 64 bytes open at once, %u of them free now\n",
	       a->confidence > 0.5 ? "" : "at least ", a->capacity, a->available);
	printf("  confidence  %.2f", a->confidence);
	if (a->why) {
		snprintf(buf, sizeof(buf), ": %s", a->why);
		wrap(buf, 18, 14, text_width());
	} else {
		putchar('\n');
	}
	rounds_line(t, buf, sizeof(buf));
	printf("  measured    ");
	wrap(buf, 14, 14, text_width());
	if (a->step)
		printf("  second step %u lines\n", a->step);
}

static void plot(const struct buffers_view *v, const struct buffers_taken *t)
{
	unsigned int n, points = buffers_points(t), room = BARS;
	double least, most;

	if (!buffers_extent(t, &least, &most))
		return;
	if (text_width() < LEFT + BARS)
		room = text_width() > LEFT + 10 ? (unsigned int)text_width() - LEFT : 10;
	printf("\n  lines in turns, ticks a line: the least, and the middle\n");
	for (n = 1; n <= points; n++) {
		double min, median;
		unsigned int bar;

		buffers_shape(&t->rec.curve, n, &min, &median);
		bar = 1 + (unsigned int)(buffers_scale(min, least, most) * (room - 1));
		printf("  %5u %7.1f %7.1f  %s", n, min, median,
		       color(v->color, !t->a.stable || n <= t->a.capacity ? C_GOOD : C_BAD));
		while (bar--)
			putchar('#');
		printf("%s\n", color(v->color, C_NONE));
		if (t->a.stable && n == t->a.capacity)
			printf("  ----- the cliff\n");
	}
}

static void costs(const struct buffers_taken *t)
{
	if (!t->ncost)
		return;
	printf("\n  a line of 64 bytes by non-temporal stores, ticks: the least, and the middle\n");
	for (unsigned int i = 0; i < t->ncost; i++) {
		const struct buffers_cost *c = &t->cost[i];

		if (c->measured)
			printf("  %-10s %8.1f %8.1f  %s%s\n", c->id, c->min, c->median, c->says,
			       c->extra ? ": that taken off" : "");
		else
			printf("  %-10s %8s %8s  %s: skipped: %s\n", c->id, "-", "-", c->says, c->skipped);
	}
}

static void hold(const struct buffers_taken *t)
{
	const struct buffers_hold *h = &t->hold;
	char us[40] = "", buf[160];

	if (!t->ncost)
		return;
	if (t->ticks_ns > 0)
		snprintf(us, sizeof(us), " (%.2f us)", h->most / t->ticks_ns / 1000);
	if (h->seen)
		snprintf(buf, sizeof(buf),
			 "a half-filled line leaves by itself, about %u ticks%s after the last store to it", h->most,
			 us);
	else
		snprintf(buf, sizeof(buf), "a half-filled line was not seen to leave by itself within %u ticks",
			 h->tried);
	printf("\n  ");
	wrap(buf, 2, 4, text_width());
}

static void beside(const struct buffers_taken *t)
{
	if (t->beside && t->beside_a.stable)
		printf("  while the sibling thread stores: %u lines\n", t->beside_a.capacity);
	else if (t->beside)
		printf("  while the sibling thread stores: not stable\n");
	else if (t->beside_skipped)
		printf("  while the sibling thread stores: skipped: %s\n", t->beside_skipped);
}

void buffers_text(const struct buffers_view *v)
{
	char buf[300];

	buffers_machine(v, buf, sizeof(buf));
	printf("CPU  ");
	wrap(buf, 5, 5, text_width());
	if (v->n && v->at[0].x.known) {
		snprintf(buf, sizeof(buf), "known of it: %u (%s)", v->at[0].x.known,
			 cpu_profile_for(v->cpu)->buffers_source);
		printf("     ");
		wrap(buf, 5, 5, text_width());
	}
	for (size_t i = 0; i < v->n; i++) {
		answer(v, &v->at[i]);
		plot(v, &v->at[i]);
		costs(&v->at[i]);
		hold(&v->at[i]);
		beside(&v->at[i]);
	}
	if (v->n && v->at[0].ticks_ns > 0)
		printf("\nticks are those of the time-stamp counter, %.2f in a nanosecond\n", v->at[0].ticks_ns);
}
