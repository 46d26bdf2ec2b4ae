/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mtrr_cmp.c - questions about MTRRs that have one word for an answer. Pure.
 */
#include <string.h>

#include "mtrr.h"

/* More than the edges that the registers can make: mtrr_over() never lacks room. */
#define MAX_SPANS 256

static const char *const origin_names[] = {
	[MTRR_BY_DISABLED] = "MTRRs disabled",
	[MTRR_BY_DEFAULT] = "default type",
	[MTRR_BY_FIXED] = "fixed range",
	[MTRR_BY_VARIABLE] = "variable range",
	[MTRR_BY_TOM2] = "AMD TOP_MEM2",
	[MTRR_BY_UNKNOWN] = "not known",
};

const char *mtrr_origin_name(enum mtrr_origin o)
{
	return (unsigned int)o <= MTRR_BY_UNKNOWN ? origin_names[o] : origin_names[MTRR_BY_UNKNOWN];
}

enum mtype mtrr_type(const struct mtrr *t, uint64_t start, uint64_t end)
{
	struct mtrr_span span[MAX_SPANS];
	int n = mtrr_over(t, start, end, span, MAX_SPANS);

	for (int i = 1; i < n; i++)
		if (span[i].type != span[0].type)
			return MT_UNKNOWN;
	return n > 0 ? span[0].type : MT_UNKNOWN;
}

static bool vars_differ(const struct mtrr *a, const struct mtrr *b)
{
	if (a->vcnt != b->vcnt)
		return true;
	for (unsigned int i = 0; i < mtrr_var_count(a->vcnt); i++)
		if (a->var[i].base_raw != b->var[i].base_raw || a->var[i].mask_raw != b->var[i].mask_raw)
			return !a->var_unread && !b->var_unread;
	return false;
}

static bool registers_differ(const struct mtrr *a, const struct mtrr *b)
{
	if (a->enabled != b->enabled || a->fixed_enabled != b->fixed_enabled || a->def != b->def)
		return true;
	if (a->wc_supported != b->wc_supported || vars_differ(a, b))
		return true;
	if (a->fixed_known && b->fixed_known && memcmp(a->fixed, b->fixed, sizeof(a->fixed)))
		return true;
	if (!a->amd_known || !b->amd_known)
		return false;
	return a->syscfg != b->syscfg || a->top_mem != b->top_mem ||
	       (!a->tom2_unread && !b->tom2_unread && a->top_mem2 != b->top_mem2);
}

/* Two pieces over the same addresses. */
static bool spans_differ(const struct mtrr *a, const struct mtrr_span *x, const struct mtrr *b,
			 const struct mtrr_span *y)
{
	if (x->origin == MTRR_BY_UNKNOWN || y->origin == MTRR_BY_UNKNOWN)
		return false;
	/* Both too odd to be told: then equal registers are equal, whatever they mean. */
	if (x->type == MT_UNKNOWN && y->type == MT_UNKNOWN)
		return registers_differ(a, b);
	return x->type != y->type;
}

bool mtrr_differ(const struct mtrr *a, const struct mtrr *b, uint64_t start, uint64_t end)
{
	struct mtrr_span x[MAX_SPANS], y[MAX_SPANS];
	int nx, ny, i = 0, j = 0;

	if (!a->present || !b->present)
		return false;
	if (!start && !end)
		return registers_differ(a, b);
	if (!memcmp(a, b, sizeof(*a)))
		return false;
	nx = mtrr_over(a, start, end, x, MAX_SPANS);
	ny = mtrr_over(b, start, end, y, MAX_SPANS);
	while (i < nx && j < ny) {
		uint64_t to = x[i].end < y[j].end ? x[i].end : y[j].end;

		if (spans_differ(a, &x[i], b, &y[j]))
			return true;
		i += x[i].end == to;
		j += y[j].end == to;
	}
	return false;
}
