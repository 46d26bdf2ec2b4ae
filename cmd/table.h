/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table.h - one row of description a column, and both outputs from it: text through libsmartcols, JSON through json-c.
 */
#ifndef WCDIAG_TABLE_H
#define WCDIAG_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum col_type { COL_TEXT, COL_NUMBER, COL_HEX, COL_SIZE, COL_BOOL };

struct col {
	const char *name;	/* heading; in JSON lower case */
	enum col_type type;
	const char *help;
};

struct table;
struct json_object;

/* cols ends with name NULL. NULL when memory ran out. */
struct table *table_new(const struct col *cols);
void table_row(struct table *t);
/* The next cell of the row; "" or NULL is shown as "-" and null. */
void table_text(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void table_num(struct table *t, uint64_t v);	/* also COL_HEX, COL_SIZE, COL_BOOL */
void table_none(struct table *t);

bool table_empty(const struct table *t);

/* Ends and frees the table: print it as text, or hand it over as an array of objects. -ENOMEM or NULL: it is incomplete. */
int table_print(struct table *t);
struct json_object *table_json(struct table *t);

#endif
