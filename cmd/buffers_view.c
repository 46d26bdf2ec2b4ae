/* SPDX-License-Identifier: GPL-2.0-or-later */
/* buffers_view.c - what all ways to show the buffers share. */
#include <stdio.h>

#include "cmd/buffers.h"
#include "cmd/cmd.h"

#define FLAT 8

const struct buffers_taken *buffers_best(const struct buffers_view *v)
{
	const struct buffers_taken *best = NULL;

	for (size_t i = 0; i < v->n; i++) {
		const struct buffers_taken *t = &v->at[i];

		if (t->rec.kind != v->at[0].rec.kind)
			return NULL;
		if (!t->a.stable)
			continue;
		/* The most ever seen; of equals the surest. */
		if (!best || t->a.capacity > best->a.capacity ||
		    (t->a.capacity == best->a.capacity && t->a.confidence > best->a.confidence))
			best = t;
	}
	return best;
}

void buffers_machine(const struct buffers_view *v, char *buf, size_t len)
{
	const struct hyper *h = v->hyper;
	char cpu[80], kind[40];

	safe_text(*v->cpu->name ? v->cpu->name : v->cpu->vendor_str, cpu, sizeof(cpu));
	safe_text(h->kind ? h->kind->name : *h->signature ? h->signature : "a hypervisor", kind, sizeof(kind));
	snprintf(buf, len, "%s%s%s", cpu, h->guest || v->cpu->hypervisor_bit ? ", below " : "",
		 h->guest || v->cpu->hypervisor_bit ? kind : "");
}

void buffers_name(const struct buffers_taken *t, char *buf, size_t len)
{
	if (t->rec.kind == BUFFERS_UNIFORM)
		snprintf(buf, len, "CPU %u", t->rec.cpu);
	else
		snprintf(buf, len, "CPU %u (%s)", t->rec.cpu, buffers_kind_name(t->rec.kind));
}

unsigned int buffers_points(const struct buffers_taken *t)
{
	unsigned int lines = t->rec.curve.lines, want = t->a.stable ? t->a.capacity + 8 : lines;

	if (want < 16)
		want = 16;
	return want < lines ? want : lines;
}

bool buffers_extent(const struct buffers_taken *t, double *least, double *most)
{
	*least = *most = 0;
	for (unsigned int n = 1; n <= buffers_points(t); n++) {
		double min, median;

		buffers_shape(&t->rec.curve, n, &min, &median);
		if (!(min > 0))
			continue;
		if (!(*least > 0) || min < *least)
			*least = min;
		if (median > *most)
			*most = median;
	}
	/* What differs by a little shall not look as if it differed by much. */
	if (*most < FLAT * *least)
		*most = FLAT * *least;
	return *least > 0;
}

/* The logarithm to the base 2, straight between powers: near enough for a picture. v is 1 or more. */
static double log_2(double v)
{
	double whole = 0;

	for (; v >= 2 && whole < 64; whole++)
		v /= 2;
	return whole + v - 1;
}

double buffers_scale(double v, double least, double most)
{
	double all;

	if (!(least > 0) || !(most > least) || v <= least)
		return 0;
	all = log_2(most / least);
	return v >= most || !(all > 0) ? 1 : log_2(v / least) / all;
}
