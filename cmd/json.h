/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json.h - small words over json-c that every command shares. Addresses are hex strings, sizes are numbers. */
#ifndef WCDIAG_JSON_H
#define WCDIAG_JSON_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

struct fact;
struct findings;
struct machine;

void js_str(struct json_object *o, const char *key, const char *value);	/* NULL: null; non-printing bytes become '?' */
void js_num(struct json_object *o, const char *key, uint64_t value);
void js_hex(struct json_object *o, const char *key, uint64_t value);
void js_bool(struct json_object *o, const char *key, bool value);
/* A fact as { "state": "known" | "absent" | "missing", "where", "why", "remedy" }. */
void js_fact(struct json_object *o, const char *key, const struct fact *f);

/* An array of { "rule", "layer", "severity", "says", "evidence", "fix", "source" }. */
struct json_object *js_findings(const struct findings *fs);

/* { "wcdiag", "schema", "host" }: the head of every command's object. */
struct json_object *js_head(const struct machine *m);
struct json_object *js_host(const struct machine *m);
/* How everything is printed. */
#define JS_FORM (JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE)
/* Pretty, with a newline, on stdout; frees it. */
void js_print(struct json_object *o);

#endif
