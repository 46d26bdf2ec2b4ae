// SPDX-License-Identifier: GPL-2.0-or-later
/* drive_list.c - "wcdiag drive --list-patterns"; and the list of predicted TLPs, for an analyser. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/drive.h"
#include "cmd/json.h"
#include "cmd/table.h"

static const struct col pattern_cols[] = {
	{ "PATTERN", COL_TEXT, "its name" },
	{ "ROLE", COL_TEXT,
	  "reference: fills whole lines; control: whole whatever the type; spoiler: does, or may, not" },
	{ "SIDES", COL_TEXT, "who can run it" },
	{ "HERE", COL_BOOL, "this CPU has it" },
	{ "STORES", COL_TEXT, "of one message" },
	{ NULL, 0, NULL },
};

int drive_list_patterns(const struct common *o)
{
	static const char *const roles[] = { "reference", "control", "spoiler" };
	struct table *t = table_new(pattern_cols);
	bool json = !strcmp(o->format, "json");
	struct json_object *rows, *all;

	for (unsigned int i = 0; t && i < WCDIAG_STORE_COUNT; i++) {
		const struct wcdiag_store_pattern *w = &wcdiag_store_patterns[i];

		table_row(t);
		table_text(t, "%s", w->name);
		table_text(t, "%s", roles[w->role]);
		table_text(t, "%s",
			   !drive_on_side(i, DRIVE_USER)     ? "kernel"
			   : !drive_on_side(i, DRIVE_KERNEL) ? "user"
							     : "both");
		table_num(t, stores_cpu_has(i));
		table_text(t, "%s", w->words);
	}
	if (!t)
		return cmd_fail_errno(o->cmd, "the table", ENOMEM, NULL);
	if (!json)
		return table_print(t) ? cmd_fail_errno(o->cmd, "the table", ENOMEM, NULL) : 0;
	rows = table_json(t);
	if (!rows)
		return cmd_fail_errno(o->cmd, "the table", ENOMEM, NULL);
	all = json_object_new_object();
	json_object_object_add(all, "patterns", rows);
	js_print(all);
	return 0;
}

static void print_tlp(const struct model_tlp *t, void *ctx)
{
	fprintf(ctx, "tlp 0x%" PRIx64 " %u %x %x\n", t->addr, t->ndw, t->fbe, t->lbe);
}

/* In the order in which they were stored. A row that cannot be predicted leaves a gap: then there is no such file. */
int drive_predicted_write(FILE *f, const struct drive_out *o)
{
	const struct drive_args *a = o->a;
	int err = 0;

	for (size_t i = 0; i < o->nphase && !err; i++)
		for (size_t k = 0; k < o->phase[i].nrow && !err; k++)
			if (o->phase[i].row[k].state != DRIVE_SKIPPED)
				err = drive_row_tlps(&a->plan, &o->phase[i], &o->phase[i].row[k], print_tlp, f);
	errno = 0;
	if (ferror(f) | fclose(f))
		return cmd_fail_errno(a->c, a->predicted, errno ? errno : EIO, NULL);
	if (!err)
		return 0;
	unlink(a->predicted);
	return cmd_fail(a->c, a->predicted,
			err == -ENODATA ? "not everything that was stored can be predicted" : strerror(-err),
			"see which, and why, above");
}
