/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table.h - one row of description a column, and both outputs from it: text through libsmartcols, JSON through json-c;
 * and the choice of columns and forms as lsmem has it.
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
struct cmd;

/* What the user chose of a table. */
#define TABLE_COLUMNS 48
struct table_args {
	const char *list;	/* -o: "A,B", or "+A,B" for these after the usual ones; NULL: the usual ones */
	bool everything;	/* --output-all */
	bool noheadings, raw, pairs, bytes;
	const unsigned int *width;	/* of each column at least, where a table is printed in pieces; NULL: as needed */
	size_t at[TABLE_COLUMNS], n;	/* the columns to show, in this order, once table_args_finish() was called */
};

enum { VAL_OUTPUT_ALL = 1500 };
/* Rows for a command's option table; letters as in lsmem. */
#define TABLE_OPTS \
	{ 'o', "output", "LIST", "these columns, or with +LIST these besides the usual ones" }, \
	{ VAL_OUTPUT_ALL, "output-all", NULL, "all columns" }, \
	{ 'n', "noheadings", NULL, "no line of headings" }, \
	{ 'r', "raw", NULL, "one blank between cells, nothing aligned" }, \
	{ 'P', "pairs", NULL, "lines of NAME=\"value\"" }, \
	{ 'b', "bytes", NULL, "sizes in bytes" }

/* One of these options; false: it is another. */
bool table_opt(struct table_args *a, int val, const char *arg);
/* Looks the names up, any case; usual is a list of the columns shown without -o. 0, or EXIT_FAILED after saying why. */
int table_args_finish(const struct cmd *c, const struct col *cols, const char *usual, struct table_args *a);

/* cols ends with name NULL. NULL when memory ran out. */
struct table *table_new(const struct col *cols);
void table_row(struct table *t);
/* The next cell of the row; "" or NULL is shown as "-" and null. */
void table_text(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void table_num(struct table *t, uint64_t v);	/* also COL_HEX, COL_SIZE, COL_BOOL */
void table_none(struct table *t);

bool table_empty(const struct table *t);
/* Of the text only; a is kept until the table is printed. */
void table_choose(struct table *t, const struct table_args *a);

/* Ends and frees the table: print it as text, or hand it over as an array of objects. -ENOMEM or NULL: it is incomplete. */
int table_print(struct table *t);
struct json_object *table_json(struct table *t);

#endif
