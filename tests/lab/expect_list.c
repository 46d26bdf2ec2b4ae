/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expect_list.c - what "wcdiag compare" says of an analyser's list: "want machine class WHAT CASES PREDICTED OBSERVED"
 * (-: any), "want machine first WHAT KEY=VALUE..." of the first difference.
 */
#include <string.h>

#include "expect.h"

bool want_list(struct json_object *root, char **w, int n)
{
	static const char *const keys[] = { "cases", "predicted", "observed" };
	struct json_object *classes = get(root, "classes"), *first = NULL;

	if (!strcmp(w[0], "class")) {
		for (size_t i = 0; n == 5 && i < count(classes); i++) {
			struct json_object *c = json_object_array_get_idx(classes, i);
			bool same = one_of(str(c, "what"), w[1]);

			for (int k = 0; k < 3; k++)
				same = same && (!strcmp(w[2 + k], "-") || one_of(str(c, keys[k]), w[2 + k]));
			if (same)
				return true;
		}
		return false;
	}
	if (count(get(root, "differences")))
		first = json_object_array_get_idx(get(root, "differences"), 0);
	if (n < 2 || !one_of(str(first, "what"), w[1]))
		return false;
	for (int i = 2; i < n; i++) {
		char *equals = strchr(w[i], '=');
		bool same;

		if (!equals)
			return false;
		*equals = '\0';
		same = one_of(str(first, w[i]), equals + 1);
		*equals = '=';
		if (!same)
			return false;
	}
	return true;
}

void show_list(struct json_object *root)
{
	struct json_object *classes = get(root, "classes"), *all = get(root, "differences");

	for (size_t i = 0; i < count(classes); i++) {
		struct json_object *c = json_object_array_get_idx(classes, i);

		if (!one_of(str(c, "cases"), "0"))
			say("%s: %s cases, %s predicted, %s observed", str(c, "what"), str(c, "cases"), str(c, "predicted"),
			    str(c, "observed"));
	}
	for (size_t i = 0; i < count(all) && i < 4; i++)
		say("%s", json_object_to_json_string_ext(json_object_array_get_idx(all, i), JSON_C_TO_STRING_NOSLASHESCAPE));
}
