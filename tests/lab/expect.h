/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expect.h - what the parts of the comparing program share. They share nothing with probe/.
 */
#ifndef LAB_EXPECT_H
#define LAB_EXPECT_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

/* expect.c: one TAP line, and comment lines below it. */
void report(bool ok, const char *what, const char *skip);
__attribute__((format(printf, 1, 2))) void say(const char *fmt, ...);
void show_file(const char *folder, const char *tag, const char *ending);
bool one_of(const char *value, const char *allowed);	/* "unknown|ok" allows either */
struct json_object *get(struct json_object *o, const char *key);
const char *str(struct json_object *o, const char *key);
size_t count(struct json_object *array);
/* Of a finding: its text, or its evidence as a whole. */
bool has_text(struct json_object *finding, const char *key, const char *words);

/* Lines of "wants", cut at the tabs; tests/lab/guest/lib.sh writes them. */
void do_walk(const char *folder, char **w, int n);	/* expect_walk.c */
void do_some(const char *folder, char **w, int n);
void do_compare(const char *folder, char **w, int n);	/* expect_pte.c */
void do_bus(const char *folder, char **w, int n);	/* expect_bus.c */

/* expect_same.c: 0 when the files a and b agree; loose: apart from what is worded. */
int same_files(const char *a, const char *b, const char *what, bool loose);

/* Of a BAR in check's JSON; expect_stored.c. */
bool want_stored(struct json_object *bar, char **w, int n);
void show_stored(struct json_object *bar);

/* expect_value.c: "A.B=VALUE", "A.B>0" of any JSON. */
bool want_value(struct json_object *root, char **w, int n);
/* Of compare's JSON; expect_list.c. */
bool want_list(struct json_object *root, char **w, int n);
void show_list(struct json_object *root);

#endif
