/* SPDX-License-Identifier: GPL-2.0-or-later */
/* expect_value.c - values of JSON by their names: "want machine value totals.stores=32 cost.stores_through>0". */
#include <stdlib.h>
#include <string.h>

#include "expect.h"

static bool holds(struct json_object *o, const char *word)
{
	size_t len = strcspn(word, "=>");
	const char *is;
	char name[128], *rest = name, *part;

	if (!word[len] || len >= sizeof(name))
		return false;
	memcpy(name, word, len);
	name[len] = '\0';
	while ((part = strsep(&rest, ".")) && rest)
		o = get(o, part);
	is = str(o, part);
	if (!is)
		return false;
	return word[len] == '=' ? one_of(is, word + len + 1) : strtod(is, NULL) > strtod(word + len + 1, NULL);
}

bool want_value(struct json_object *root, char **w, int n)
{
	for (int i = 0; i < n; i++)
		if (!holds(root, w[i]))
			return false;
	return n > 0;
}
