/* SPDX-License-Identifier: GPL-2.0-or-later */
/* view.c - the frame of the commands that show one layer. */
#include "cmd/view.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmd/json.h"
#include "probe/machine.h"
#include "probe/src.h"

static FILE *beside(const struct view *v)
{
	return v->rows_only ? stderr : stdout;
}

void view_table(struct view *v, const char *key, const char *title, struct table *t)
{
	if (!t) {
		v->rc = cmd_fail_errno(v->c, key, ENOMEM, NULL);
		return;
	}
	if (v->json) {
		struct json_object *rows = table_json(t);

		if (rows)
			json_object_object_add(v->json, key, rows);
		else
			v->rc = cmd_fail_errno(v->c, key, ENOMEM, NULL);
		return;
	}
	if (title && !table_empty(t))
		printf("%s\n", title);
	if (table_print(t))
		v->rc = cmd_fail_errno(v->c, key, ENOMEM, NULL);
}

void view_fact(struct view *v, const char *key, const struct fact *f)
{
	if (v->rc == EXIT_FAILED) /* it has been said why: nothing more */
		return;
	if (v->json)
		js_fact(v->json, key, f);
	if (f->state == FACT_KNOWN || f->state == FACT_ABSENT) {
		if (f->state == FACT_ABSENT && !v->json)
			fprintf(beside(v), "%s: this machine has none\n", f->where);
		return;
	}
	if (v->rc < EXIT_UNKNOWN)
		v->rc = EXIT_UNKNOWN;
	if (!v->json)
		fprintf(beside(v), "not read: %s: %s%s%s%s\n", f->where, f->why, f->remedy ? " (" : "",
			f->remedy ? f->remedy : "", f->remedy ? ")" : "");
}

void view_line(struct view *v, const char *fmt, ...)
{
	va_list ap;

	if (v->json)
		return;
	va_start(ap, fmt);
	vfprintf(beside(v), fmt, ap);
	va_end(ap);
	fputc('\n', beside(v));
}

int view_show(struct view *v, const struct src *s, unsigned int what, void (*show)(struct view *v, void *ctx),
	      void *ctx)
{
	int rc = machine_read(s, what, NULL, &v->m);

	if (rc)
		return cmd_fail_errno(v->c, src_name(s), -rc, NULL);
	if (!strcmp(v->o.format, "json"))
		v->json = js_head(v->m);
	show(v, ctx);
	if (v->json && v->rc != EXIT_FAILED)
		js_print(v->json);
	else
		json_object_put(v->json);
	machine_free(v->m);
	return v->rc;
}

int view_run(const struct cmd *c, int argc, char **argv, unsigned int what,
	     int (*own)(int val, const char *arg, void *ctx), void *ctx,
	     int (*positional)(const struct cmd *c, const char *arg, void *ctx),
	     void (*show)(struct view *v, void *ctx))
{
	struct view v = { .c = c };
	struct src *s = NULL;
	int at, rc = common_parse(c, argc, argv, &v.o, own, ctx, &at);

	if (rc >= 0)
		return rc;
	for (rc = 0; at < argc && !rc; at++)
		rc = positional ? positional(c, argv[at], ctx)
				: cmd_fail(c, argv[at], "an argument too many", "see --help");
	if (!rc)
		rc = common_open(&v.o, &s);
	if (!rc)
		rc = view_show(&v, s, what, show, ctx);
	src_close(s);
	common_free(&v.o);
	return rc;
}
