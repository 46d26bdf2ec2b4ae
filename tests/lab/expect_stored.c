/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expect_stored.c - what a check that stores says of its stores: "want WHERE stored SIDE PATTERN KEY=VALUE...".
 *
 * KEY: predicted and full (lines), of what the model said; counted, by the first witness, in TLPs; any other one is the
 * row's own in the JSON, or else the side's. PATTERN "-": the side alone.
 */
#include <stdio.h>
#include <string.h>

#include "expect.h"

static struct json_object *with(struct json_object *list, const char *key, const char *value)
{
	for (size_t i = 0; i < count(list); i++)
		if (one_of(str(json_object_array_get_idx(list, i), key), value))
			return json_object_array_get_idx(list, i);
	return NULL;
}

static struct json_object *side_of(struct json_object *bar, const char *side)
{
	return with(get(get(bar, "experiment"), "phases"), "side", side);
}

static const char *text(struct json_object *o)
{
	return o ? json_object_get_string(o) : "null";
}

static const char *value_of(struct json_object *side, struct json_object *row, const char *key)
{
	if (!strcmp(key, "predicted"))
		return text(get(get(row, "predicted"), "tlps"));
	if (!strcmp(key, "full"))
		return text(get(get(row, "predicted"), "full_lines"));
	if (!strcmp(key, "counted")) {
		struct json_object *all = get(row, "witnesses");

		return text(count(all) ? get(json_object_array_get_idx(all, 0), "tlps") : NULL);
	}
	return text(row && json_object_object_get_ex(row, key, NULL) ? get(row, key) : get(side, key));
}

bool want_stored(struct json_object *bar, char **w, int n)
{
	struct json_object *side = n >= 2 ? side_of(bar, w[0]) : NULL, *row = NULL;

	if (!side)
		return false;
	if (strcmp(w[1], "-")) {
		row = with(get(side, "rows"), "pattern", w[1]);
		if (!row)
			return false;
	}
	for (int i = 2; i < n; i++) {
		char *equals = strchr(w[i], '=');
		bool ok;

		if (!equals)
			return false;
		*equals = '\0';
		ok = !strcmp(value_of(side, row, w[i]), equals + 1);
		*equals = '=';
		if (!ok)
			return false;
	}
	return true;
}

void show_stored(struct json_object *bar)
{
	static const char *const said[] = { "state", "why", "runs", "lines", "full", "predicted", "counted" };
	struct json_object *phases = get(get(bar, "experiment"), "phases");

	for (size_t p = 0; p < count(phases); p++) {
		struct json_object *side = json_object_array_get_idx(phases, p), *rows = get(side, "rows");

		say("%s: %s, effective %s, %s", str(side, "side"), str(side, "state"), text(get(side, "effective")),
		    text(get(side, "why")));
		for (size_t r = 0; r < count(rows); r++) {
			struct json_object *row = json_object_array_get_idx(rows, r);
			char line[600] = "";
			size_t at = 0;

			for (size_t k = 0; k < sizeof(said) / sizeof(said[0]) && at < sizeof(line); k++)
				at += (size_t)snprintf(line + at, sizeof(line) - at, " %s=%s", said[k],
						       value_of(side, row, said[k]));
			say("  %s:%s", str(row, "pattern"), line);
		}
	}
}
