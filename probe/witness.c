/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * witness.c - opens one of them, and adds up what it counts.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "witness_int.h"

static const struct witness_ops *const kinds[WITNESS_KINDS] = {
	[WITNESS_REG] = &witness_reg,
	[WITNESS_CMD] = &witness_cmd,
	[WITNESS_PMU] = &witness_pmu,
	[WITNESS_TIMING] = &witness_timing,
};

int witness_open(const struct witness_spec *spec, const struct witness_target *t, struct witness **out, struct fact *f)
{
	struct witness *w = calloc(1, sizeof(*w));
	int err;

	if (!w) {
		fact_missing(f, NULL, "witness", ENOMEM, NULL);
		return -ENOMEM;
	}
	*w = (struct witness){ .ops = kinds[spec->kind], .spec = *spec, .t = t, .rounds = 1 };
	err = w->ops->open(w, f);
	if (err) {
		witness_close(w);
		return err;
	}
	*out = w;
	return 0;
}

void witness_close(struct witness *w)
{
	if (!w)
		return;
	if (w->ops->close)
		w->ops->close(w);
	free(w);
}

enum witness_kind witness_kind_of(const struct witness *w)
{
	return w->spec.kind;
}

enum witness_trust witness_trust_of(const struct witness *w)
{
	return w->trust;
}

const char *witness_says(const struct witness *w)
{
	return w->says;
}

unsigned int witness_rounds(const struct witness *w)
{
	return w->rounds;
}

int witness_begin(struct witness *w, struct fact *f)
{
	return w->ops->begin(w, f);
}

int witness_end(struct witness *w, struct witness_counts *out, struct fact *f)
{
	*out = (struct witness_counts){ .estimate = false };
	return w->ops->end(w, out, f);
}

const char *witness_trust_says(enum witness_trust t)
{
	static const char *const says[] = {
		[TRUST_NOTHING] = "proves nothing here",
		[TRUST_HINT] = "a hint: other causes look the same",
		[TRUST_CPU] = "counted where the CPU gives lines up; what lies behind may still split them",
		[TRUST_PORT] = "counted at the PCIe port, of all devices behind it",
		[TRUST_DEVICE] = "counted where the TLPs arrive",
	};

	return (unsigned int)t < sizeof(says) / sizeof(says[0]) ? says[t] : "";
}

void witness_add(struct witness_counts *sum, const struct witness_counts *one)
{
	for (unsigned int i = 0; i < WITNESS_WHATS; i++) {
		sum->runs[i] += one->runs[i];
		sum->count[i] += one->count[i];
	}
	sum->estimate |= one->estimate;
}

static double a_run(const struct witness_counts *c, enum witness_what what)
{
	return c->runs[what] ? (double)c->count[what] / c->runs[what] : 0;
}

int witness_full_rate(const struct witness_counts *c, double *rate)
{
	double full = a_run(c, WITNESS_FULL), all;

	if (!c->runs[WITNESS_FULL])
		return -ENODATA;
	if (c->runs[WITNESS_PARTIAL])
		all = full + a_run(c, WITNESS_PARTIAL);
	else if (c->runs[WITNESS_LINES])
		all = a_run(c, WITNESS_LINES);
	else
		return -ENODATA;
	if (all <= 0)
		return -ENODATA;
	*rate = full < all ? full / all : 1; /* two counters are never read at the very same time */
	return 0;
}

int witness_bytes_per_tlp(const struct witness_counts *c, double *bytes)
{
	if (!c->runs[WITNESS_BYTES] || !c->runs[WITNESS_TLPS] || !c->count[WITNESS_TLPS])
		return -ENODATA;
	*bytes = a_run(c, WITNESS_BYTES) / a_run(c, WITNESS_TLPS);
	return 0;
}
