/* SPDX-License-Identifier: GPL-2.0-or-later */
/* view.h - what the commands that show one layer each have in common: open, read, show a table, say what is missing. */
#ifndef WCDIAG_VIEW_H
#define WCDIAG_VIEW_H

#include "cmd/cmd.h"
#include "cmd/table.h"

struct fact;
struct json_object;
struct machine;
struct src;

struct view {
	const struct cmd *c;
	struct common o;
	struct machine *m;
	struct json_object *json;	/* the object being built; NULL for text */
	bool rows_only;			/* a script reads the table: what is said beside it goes to stderr */
	int rc;				/* becomes EXIT_UNKNOWN when a fact is missing */
};

/* One view: reads "what" (READ_*), calls show, prints, cleans up. Returns the exit code. */
int view_run(const struct cmd *c, int argc, char **argv, unsigned int what,
	     int (*own)(int val, const char *arg, void *ctx), void *ctx,
	     int (*positional)(const struct cmd *c, const char *arg, void *ctx),
	     void (*show)(struct view *v, void *ctx));

/* The same for a command that has parsed its options into v->o and opened s. */
int view_show(struct view *v, const struct src *s, unsigned int what, void (*show)(struct view *v, void *ctx),
	      void *ctx);

/* A table under key (JSON) or title (text; NULL: none). */
void view_table(struct view *v, const char *key, const char *title, struct table *t);
/* A missing fact: one line "not read: WHERE: WHY (REMEDY)" in text, its object in JSON, exit code 2. Known: nothing in text. */
void view_fact(struct view *v, const char *key, const struct fact *f);
/* A line beside the table, only in text. */
void view_line(struct view *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
