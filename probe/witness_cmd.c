/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * witness_cmd.c - a program that prints a count, for counters that need a driver's own tool to be read.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "scan.h"
#include "witness_int.h"

enum { DEFAULT_MS = 10000 };

int witness_cmd_parse(const char *text, size_t len, uint64_t *value)
{
	struct scan s = scan_of(text, len);
	uint64_t v;

	if (!scan_0x(&s, &v) && !scan_dec(&s, UINT64_MAX, &v))
		return -EBADMSG;
	scan_char(&s, '\n');
	if (!scan_done(&s))
		return -EBADMSG;
	*value = v;
	return 0;
}

static int ask(struct witness *w, uint64_t *value, struct fact *f)
{
	return witness_cmd_run(w->spec.program, w->t->cmd_ms ? w->t->cmd_ms : DEFAULT_MS, value, f);
}

static int cmd_open(struct witness *w, struct fact *f)
{
	uint64_t value;

	w->trust = TRUST_DEVICE;
	snprintf(w->says, sizeof(w->says), "the count that %s prints", w->spec.program);
	return ask(w, &value, f);
}

static int cmd_begin(struct witness *w, struct fact *f)
{
	return ask(w, &w->before, f);
}

static int cmd_end(struct witness *w, struct witness_counts *out, struct fact *f)
{
	uint64_t after;
	int err = ask(w, &after, f);

	if (err)
		return err;
	if (after < w->before) {
		/* How wide its counter is only the program knows. */
		fact_missing(f, NULL, w->spec.program, ERANGE, "print a count that does not wrap around");
		snprintf(f->why, sizeof(f->why), "it printed less after the run than before");
		return -ERANGE;
	}
	out->runs[WITNESS_TLPS] = 1;
	out->count[WITNESS_TLPS] = after - w->before;
	return 0;
}

const struct witness_ops witness_cmd = { .name = "cmd", .open = cmd_open, .begin = cmd_begin, .end = cmd_end };
