/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compare_show.c - wcdiag compare --show: what a capture holds. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/compare.h"
#include "cmd/json.h"
#include "cmd/table.h"
#include "probe/observed_sum.h"

#define TOP 20 /* ranges, for people */

static const struct col size_cols[] = {
	{ "DWS", COL_NUMBER, "length in doublewords" },
	{ "TLPS", COL_NUMBER, "memory writes" },
	{ NULL, 0, NULL },
};

static const struct col range_cols[] = {
	{ "START", COL_HEX, "first page" },
	{ "LAST", COL_HEX, "last byte of the last page" },
	{ "TLPS", COL_NUMBER, "memory writes that begin there" },
	{ "BYTES", COL_NUMBER, "enabled bytes" },
	{ NULL, 0, NULL },
};

static const struct col enable_cols[] = {
	{ "ENABLED", COL_TEXT, "which bytes" },
	{ "TLPS", COL_NUMBER, "memory writes" },
	{ NULL, 0, NULL },
};

struct show {
	const char *name;
	struct observed seen;
	struct observed_sum sum;
	uint64_t start, end, elsewhere;
	unsigned int mps;
	bool json;
};

static int take(const struct tlp *t, uint64_t at, void *ctx)
{
	struct show *s = ctx;

	if (t->kind != TLP_MWR)
		return 0;
	if (t->addr < s->start || (s->end && t->addr >= s->end))
		s->elsewhere++;
	else
		observed_sum_add(&s->sum, t, at, s->mps);
	return 0;
}

static struct table *sizes(const struct show *s)
{
	struct table *t = table_new(size_cols);

	for (unsigned int i = 1; t && i <= 1024; i++) {
		if (!s->sum.size[i])
			continue;
		table_row(t);
		table_num(t, i);
		table_num(t, s->sum.size[i]);
	}
	return t;
}

static struct table *ranges(const struct show *s)
{
	struct table *t = table_new(range_cols);

	for (size_t i = 0; t && i < s->sum.n && (s->json || i < TOP); i++) {
		table_row(t);
		table_num(t, s->sum.page[i].start);
		table_num(t, s->sum.page[i].end - 1);
		table_num(t, s->sum.page[i].tlps);
		table_num(t, s->sum.page[i].bytes);
	}
	return t;
}

static struct table *enables(const struct show *s)
{
	struct table *t = table_new(enable_cols);

	for (unsigned int i = 0; t && i < SE_KINDS; i++) {
		if (!s->sum.enables[i])
			continue;
		table_row(t);
		table_text(t, "%s", observed_enables_says(i));
		table_num(t, s->sum.enables[i]);
	}
	return t;
}

static double share(uint64_t a, uint64_t b)
{
	return b ? (double)a / (double)b : 0;
}

static int shown(const char *title, struct table *t)
{
	if (!t)
		return -1;
	if (!table_empty(t))
		printf("\n%s\n", title);
	return table_print(t);
}

static int text(const struct show *s)
{
	const struct observed_sum *sum = &s->sum;

	compare_capture_text(s->name, &s->seen);
	if (s->seen.no_enables)
		printf("           no column has byte enables: every byte is taken to be enabled\n");
	printf("Kinds     ");
	for (unsigned int i = 0; i < TLP_KINDS; i++)
		if (s->seen.kinds[i])
			printf(" %s %" PRIu64, tlp_kind_name(i), s->seen.kinds[i]);
	printf("\n\nwrites       %" PRIu64, sum->tlps);
	if (s->elsewhere)
		printf(", and %" PRIu64 " outside the range", s->elsewhere);
	printf("\nwhole lines  %" PRIu64 " (%.1f %%)\n", sum->whole_lines, 100 * share(sum->whole_lines, sum->tlps));
	printf("per TLP      %.1f bytes\n", share(sum->bytes, sum->tlps));
	printf("on the wire  %" PRIu64 " bytes for %" PRIu64 ": %.1f %%\n", sum->wire, sum->bytes,
	       100 * share(sum->bytes, sum->wire));
	if (sum->illegal)
		printf("not allowed  %" PRIu64 ", the first in %s %" PRIu64 ": %s\n", sum->illegal,
		       s->seen.form == OF_PCAP ? "packet" : "line", sum->wrong_at, sum->wrong);
	if (shown("Writes by size", sizes(s)) || shown("By address", ranges(s)))
		return -1;
	if (sum->n > TOP)
		printf("... and %zu more ranges\n", sum->n - TOP);
	if (sum->more)
		printf("... and %" PRIu64 " TLPs to still other pages\n", sum->more);
	return shown("By byte enables", enables(s));
}

static void js_table(struct json_object *o, const char *key, struct table *t)
{
	json_object_object_add(o, key, t ? table_json(t) : NULL);
}

static int json(const struct show *s)
{
	const struct observed_sum *sum = &s->sum;
	struct json_object *o = js_head(NULL);

	json_object_object_add(o, "observed", compare_capture_json(s->name, &s->seen));
	js_bool(o, "enables_known", !s->seen.no_enables);
	js_num(o, "writes", sum->tlps);
	js_num(o, "elsewhere", s->elsewhere);
	js_num(o, "whole_lines", sum->whole_lines);
	js_num(o, "bytes", sum->bytes);
	json_object_object_add(o, "bytes_per_tlp",
			       sum->tlps ? json_object_new_double(share(sum->bytes, sum->tlps)) : NULL);
	js_num(o, "wire_bytes", sum->wire);
	json_object_object_add(o, "efficiency",
			       sum->wire ? json_object_new_double(share(sum->bytes, sum->wire)) : NULL);
	js_num(o, "illegal", sum->illegal);
	js_str(o, "illegal_first", sum->wrong);
	js_table(o, "sizes", sizes(s));
	js_table(o, "ranges", ranges(s));
	js_num(o, "ranges_not_kept", sum->more);
	js_table(o, "enables", enables(s));
	js_print(o);
	return 0;
}

int compare_show(const struct cmd *c, const char *name, FILE *f, const struct observed_opts *o, uint64_t start,
		 uint64_t end, unsigned int mps, bool json_asked)
{
	struct show *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return cmd_fail_errno(c, name, ENOMEM, NULL);
	*s = (struct show){ .name = name, .start = start, .end = end, .mps = mps, .json = json_asked };
	rc = compare_read(c, name, f, o, take, s, &s->seen);
	if (!rc) {
		observed_sum_end(&s->sum);
		rc = (json_asked ? json(s) : text(s)) ? EXIT_FAILED : 0;
		/* What a capture lacks it does not show. */
		if (!rc && compare_lacks(&s->seen))
			rc = EXIT_UNKNOWN;
	}
	free(s);
	return rc;
}
