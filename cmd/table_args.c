/* SPDX-License-Identifier: GPL-2.0-or-later */
/* table_args.c - which columns of a table, and in which form: -o, --output-all, -n, -r, -P, -b. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cmd/cmd.h"
#include "cmd/table.h"

bool table_opt(struct table_args *a, int val, const char *arg)
{
	switch (val) {
	case 'o':
		a->list = arg;
		return true;
	case VAL_OUTPUT_ALL:
		a->everything = true;
		return true;
	case 'n':
		a->noheadings = true;
		return true;
	case 'r':
		a->raw = true;
		return true;
	case 'P':
		a->pairs = true;
		return true;
	case 'b':
		a->bytes = true;
		return true;
	default:
		return false;
	}
}

static bool find(const struct col *cols, const char *name, size_t len, size_t *at)
{
	for (*at = 0; cols[*at].name; ++*at)
		if (strlen(cols[*at].name) == len && !strncasecmp(cols[*at].name, name, len))
			return true;
	return false;
}

static bool listed(const struct table_args *a, size_t at)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->at[i] == at)
			return true;
	return false;
}

/* twice: a column that stands in the list again is shown again. */
static int add_list(const struct cmd *c, const struct col *cols, const char *list, bool twice, struct table_args *a)
{
	char name[80];

	for (;;) {
		size_t len = strcspn(list, ","), at;

		if (!find(cols, list, len, &at)) {
			snprintf(name, sizeof(name), "%.*s", (int)(len < 60 ? len : 60), list);
			return cmd_fail(c, *name ? name : "-o", *name ? "no such column" : "an empty name in the list",
					"see --help");
		}
		/* +LIST: once is enough. */
		if (!twice && listed(a, at))
			goto next;
		if (a->n == TABLE_COLUMNS)
			return cmd_fail(c, "-o", "too many columns", "name each once");
		a->at[a->n++] = at;
	next:
		if (!list[len])
			return 0;
		list += len + 1;
	}
}

int table_args_finish(const struct cmd *c, const struct col *cols, const char *usual, struct table_args *a)
{
	bool more = a->list && *a->list == '+';
	int rc = 0;

	a->n = 0;
	if (a->raw && a->pairs)
		return cmd_fail(c, "--raw", "and --pairs are two forms", "choose one");
	if (a->everything) {
		for (; cols[a->n].name && a->n < TABLE_COLUMNS; a->n++)
			a->at[a->n] = a->n;
		return 0;
	}
	if (!a->list || more)
		rc = add_list(c, cols, usual, false, a);
	if (!rc && a->list)
		rc = add_list(c, cols, a->list + more, !more, a);
	return rc;
}
