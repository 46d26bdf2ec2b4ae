/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json_contract.h - what the two halves of json_contract share: the contract's words, and small steps through JSON. */
#ifndef WCDIAG_TESTS_JSON_CONTRACT_H
#define WCDIAG_TESTS_JSON_CONTRACT_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define NEL(a) ((int)(sizeof(a) / sizeof((a)[0])))

extern const char *const severities[4];	/* ascending */

/* One line of output, "ok WHAT" or "not ok WHAT: WHY"; counts failures. */
void result(const char *what, bool ok, const char *why);

/* The assertions of FILE's section about what was printed and the exit status. false: the file cannot be read. */
bool must(struct json_object *top, const char *path, const char *section, int code);

static inline int index_of(const char *const *list, int n, const char *s)
{
	for (int i = 0; s && i < n; i++)
		if (!strcmp(list[i], s))
			return i;
	return -1;
}

static inline struct json_object *get(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	json_object_object_get_ex(o, key, &v);
	return v;
}

static inline const char *str(struct json_object *o, const char *key)
{
	struct json_object *v = get(o, key);

	return json_object_is_type(v, json_type_string) ? json_object_get_string(v) : NULL;
}

static inline bool is_null(struct json_object *o, const char *key)
{
	return json_object_object_get_ex(o, key, NULL) && !get(o, key);
}

#endif
