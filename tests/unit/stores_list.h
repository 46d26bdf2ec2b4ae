/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stores_list.h - what the tests of stores share: a run, and its events in an array.
 */
#ifndef STORES_LIST_H
#define STORES_LIST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "probe/stores_int.h"

#define SCRATCH ((size_t)64 * 1024)

__attribute__((unused)) static struct stores_run a_run(unsigned int pattern)
{
	struct stores_run r = { .pattern = pattern, .messages = 1 };

	for (int i = 0; i < WCDIAG_STORE_LINE; i++)
		r.data[i] = (uint8_t)(i + 1);
	return r;
}

/* Without what this machine cannot do, by name. */
__attribute__((unused)) static bool here(unsigned int pattern)
{
	struct stores_run r = a_run(pattern);

	if (!stores_check(&r, SCRATCH))
		return true;
	print_message("# not here: %s\n", wcdiag_store_patterns[pattern].name);
	return false;
}

/* Collects events. */
struct list {
	size_t n, max;
	struct stores_event *e;
};

__attribute__((unused)) static int collect(void *ctx, const struct stores_event *event)
{
	struct list *l = ctx;

	if (l->n == l->max) {
		l->max = l->max ? 2 * l->max : 1024;
		l->e = realloc(l->e, l->max * sizeof(*l->e));
		assert_non_null(l->e);
	}
	l->e[l->n++] = *event;
	return 0;
}

#endif
