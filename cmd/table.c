/* SPDX-License-Identifier: GPL-2.0-or-later */
/* table.c - tables for people (libsmartcols) and for programs (json-c) from the same cells. */
#include "cmd/table.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <libsmartcols.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/json.h"
#include "cmd/text.h"

struct cell {
	char *text; /* NULL: none, or a number */
	uint64_t num;
	bool is_num;
};

struct table {
	const struct col *cols;
	size_t ncol, nrow, at;
	struct cell *cell; /* nrow * ncol */
	const struct table_args *args; /* NULL: all columns, aligned */
	bool nomem;
};

struct table *table_new(const struct col *cols)
{
	struct table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->cols = cols;
	while (cols[t->ncol].name)
		t->ncol++;
	return t;
}

static void table_free(struct table *t)
{
	for (size_t i = 0; i < t->nrow * t->ncol; i++)
		free(t->cell[i].text);
	free(t->cell);
	free(t);
}

void table_row(struct table *t)
{
	struct cell *c;

	if (!(t->nrow & (t->nrow - 1))) {
		size_t cap = t->nrow ? t->nrow * 2 : 1;

		c = realloc(t->cell, cap * t->ncol * sizeof(*c));
		if (!c) {
			t->nomem = true;
			return;
		}
		t->cell = c;
	}
	memset(&t->cell[t->nrow * t->ncol], 0, t->ncol * sizeof(*t->cell));
	t->nrow++;
	t->at = 0;
}

static struct cell *next_cell(struct table *t)
{
	return t->nomem || t->at >= t->ncol ? NULL : &t->cell[(t->nrow - 1) * t->ncol + t->at++];
}

void table_text(struct table *t, const char *fmt, ...)
{
	struct cell *c = next_cell(t);
	va_list ap;
	char *raw;
	int n;

	if (!c)
		return;
	va_start(ap, fmt);
	n = vasprintf(&raw, fmt, ap);
	va_end(ap);
	if (n < 0) {
		t->nomem = true;
		return;
	}
	c->text = malloc((size_t)n + 1);
	if (c->text)
		safe_text(raw, c->text, (size_t)n + 1);
	else
		t->nomem = true;
	free(raw);
}

void table_num(struct table *t, uint64_t v)
{
	struct cell *c = next_cell(t);

	if (c)
		*c = (struct cell){ .num = v, .is_num = true };
}

void table_none(struct table *t)
{
	next_cell(t);
}

bool table_empty(const struct table *t)
{
	return !t->nrow;
}

void table_choose(struct table *t, const struct table_args *a)
{
	t->args = a;
}

/* A text as it is, however long; a number in buf. */
static const char *cell_text(const struct col *col, const struct cell *c, bool bytes, char *buf, size_t len)
{
	if (!c->is_num)
		return c->text && *c->text ? c->text : "-";
	if (col->type == COL_HEX)
		snprintf(buf, len, "0x%" PRIx64, c->num);
	else if (col->type == COL_SIZE && !bytes)
		human_size(c->num, buf, len);
	else if (col->type == COL_BOOL)
		snprintf(buf, len, "%s", c->num ? "yes" : "no");
	else
		snprintf(buf, len, "%" PRIu64, c->num);
	return buf;
}

/*
 * libsmartcols does not heed a width where no cell is as long as the heading, but for the heading's own: in a table that is
 * printed in pieces the heading is as long as the column is to be wide.
 */
static const char *heading(const struct col *col, const struct table_args *a, size_t i, bool right, char *buf, size_t len)
{
	int width = a->width ? (int)a->width[a->at[i]] : 0;

	if (!width || a->raw || a->pairs || i + 1 == a->n)
		return col->name;
	snprintf(buf, len, right ? "%*s" : "%-*s", width, col->name);
	return buf;
}

static int set_columns(const struct table *t, const struct table_args *a, struct libscols_table *s)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct col *col = &t->cols[a->at[i]];
		bool right = col->type != COL_TEXT && col->type != COL_BOOL;
		char buf[80];

		if (!scols_table_new_column(s, heading(col, a, i, right, buf, sizeof(buf)), 0, right ? SCOLS_FL_RIGHT : 0))
			return -ENOMEM;
	}
	/* Never cut a fact to fit a terminal; and no wrapping inside a cell. */
	scols_table_set_termforce(s, SCOLS_TERMFORCE_NEVER);
	if (a->noheadings)
		scols_table_enable_noheadings(s, 1);
	if (a->pairs)
		scols_table_enable_export(s, 1);
	else if (a->raw)
		scols_table_enable_raw(s, 1);
	return 0;
}

static int fill(const struct table *t, const struct table_args *a, struct libscols_table *s)
{
	char buf[64];

	for (size_t r = 0; r < t->nrow; r++) {
		struct libscols_line *l = scols_table_new_line(s, NULL);

		for (size_t i = 0; i < a->n && l; i++) {
			size_t k = a->at[i];

			if (scols_line_set_data(l, i, cell_text(&t->cols[k], &t->cell[r * t->ncol + k], a->bytes, buf,
								sizeof(buf))))
				return -ENOMEM;
		}
		if (!l)
			return -ENOMEM;
	}
	return 0;
}

int table_print(struct table *t)
{
	struct libscols_table *s = scols_new_table();
	struct table_args all = { 0 };
	int rc = s && !t->nomem ? 0 : -ENOMEM;

	while (all.n < t->ncol && all.n < TABLE_COLUMNS) {
		all.at[all.n] = all.n;
		all.n++;
	}
	if (!rc)
		rc = set_columns(t, t->args ? t->args : &all, s);
	if (!rc)
		rc = fill(t, t->args ? t->args : &all, s);
	if (!rc && t->nrow)
		scols_print_table(s);
	scols_unref_table(s);
	table_free(t);
	return rc;
}

struct json_object *table_json(struct table *t)
{
	struct json_object *a = t->nomem ? NULL : json_object_new_array();
	char key[32];

	for (size_t r = 0; a && r < t->nrow; r++) {
		struct json_object *o = json_object_new_object();

		for (size_t i = 0; i < t->ncol; i++) {
			const struct cell *c = &t->cell[r * t->ncol + i];
			size_t k = 0;

			for (; t->cols[i].name[k] && k + 1 < sizeof(key); k++)
				key[k] = isalnum((unsigned char)t->cols[i].name[k])
						 ? (char)tolower((unsigned char)t->cols[i].name[k])
						 : '_';
			key[k] = '\0';
			if (!c->is_num)
				js_str(o, key, c->text && *c->text ? c->text : NULL);
			else if (t->cols[i].type == COL_HEX)
				js_hex(o, key, c->num);
			else if (t->cols[i].type == COL_BOOL)
				js_bool(o, key, c->num);
			else
				js_num(o, key, c->num);
		}
		json_object_array_add(a, o);
	}
	table_free(t);
	return a;
}
