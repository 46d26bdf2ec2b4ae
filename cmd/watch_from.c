/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch_from.c - wcdiag watch --from FILE: a watch that was recorded, judged and shown as if it came now. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/watch.h"

struct from {
	struct watch_asked *a;
	struct watch_show show;
	bool begun;
	uint64_t n, first, last;
};

static int garbled(const struct from *f, const char *what)
{
	char where[300], clean[200];

	snprintf(where, sizeof(where), "%s line %llu", safe_text(f->a->from, clean, sizeof(clean)),
		 (unsigned long long)f->n);
	return cmd_fail(f->a->c, where, what, "give what wcdiag watch --json wrote, from its first line");
}

/* --bar by the scene's own names. */
static int find_bar(struct from *f)
{
	struct watch_asked *a = f->a;
	const struct watch_ranges *b = &f->show.scene.bars;
	char name[64];

	if (!device_arg_given(&a->bar))
		return 0;
	snprintf(name, sizeof(name), "%.40s:%d", a->bar.slot, a->bar.bar);
	for (size_t i = 0; i < b->n; i++)
		if (!strcmp(b->r[i].name, name)) {
			a->range[a->nrange].start = b->r[i].start;
			a->range[a->nrange++].end = b->r[i].end;
			return 0;
		}
	return cmd_fail(a->c, name, "the machine of that watch has no such BAR", "its first line names them");
}

static void tell_end(struct watch_sums *n, const struct watch_line *l)
{
	static const enum verdict all[] = { VERDICT_UNKNOWN, VERDICT_BROKEN };

	n->ended_by = "the record ends";
	n->no_end = false;
	/* What the first watch left out itself is not in it: RAM, and what was not asked for. */
	if (l->seen > n->seen && l->seen - n->seen > l->lost && l->seen - n->seen - l->lost > l->left_out)
		n->missing = l->seen - n->seen - l->lost - l->left_out;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(l->verdict, verdict_name(all[i])))
			n->recorded = all[i];
}

/* 0, 1: enough, EXIT_FAILED after saying why (told apart by *rc). */
static bool one(struct from *f, struct watch_line *l, int *rc)
{
	int r;

	if (l->kind == WATCH_LINE_BEGIN && !f->begun) {
		f->begun = true;
		f->show.n.no_end = true;
		f->show.scene = l->scene;
		l->scene = (struct watch_scene){ 0 };
		*rc = find_bar(f);
		if (!*rc)
			*rc = watch_show_begin(&f->show);
		return !*rc;
	}
	if (!f->begun || l->kind == WATCH_LINE_BEGIN) {
		*rc = garbled(f, f->begun ? "a second beginning" : "it does not begin with \"event\": \"begin\"");
		return false;
	}
	if (l->kind == WATCH_LINE_LOST || l->kind == WATCH_LINE_END)
		watch_show_lost(&f->show, l->lost);
	if (l->kind == WATCH_LINE_END) {
		tell_end(&f->show.n, l);
		watch_show_unjudged(&f->show, l->unjudged);
	}
	if (l->kind != WATCH_LINE_EVENT)
		return true;
	f->first = f->last && f->first < l->event.when ? f->first : l->event.when;
	f->last = l->event.when > f->last ? l->event.when : f->last;
	r = watch_show_event(&f->show, &l->event);
	if (r > 0) {
		f->show.n.ended_by = "so many were asked for";
		f->show.n.no_end = false;
	}
	if (r < 0)
		*rc = cmd_fail_errno(f->a->c, "what is reserved", -r, NULL);
	return !r;
}

static int read_all(struct from *f, FILE *in)
{
	size_t cap = 0;
	char *text = NULL;
	ssize_t len;
	int rc = 0;

	while (!rc && (len = getline(&text, &cap, in)) > 0) {
		struct watch_line l;
		const char *what;
		bool on;
		int err;

		f->n++;
		if (text[len - 1] != '\n') {
			rc = garbled(f, "cut off");
			break;
		}
		if (len == 1)
			continue;
		err = watch_line_parse(text, (size_t)len - 1, &l, &what);
		if (err) {
			rc = err == -ENOMEM ? cmd_fail_errno(f->a->c, f->a->from, ENOMEM, NULL) : garbled(f, what);
			break;
		}
		on = one(f, &l, &rc);
		watch_line_drop(&l);
		if (!on)
			break;
	}
	if (!rc && ferror(in))
		rc = cmd_fail_errno(f->a->c, f->a->from, errno ? errno : EIO, NULL);
	free(text);
	return rc;
}

int watch_from_do(struct watch_asked *a)
{
	struct from f = { .a = a, .show = { .a = a, .out = strcmp(a->o.format, "json") ? &watch_text : &watch_json } };
	const bool std = !strcmp(a->from, "-");
	FILE *in = std ? stdin : fopen(a->from, "re");
	int rc;

	if (!in)
		return cmd_fail_errno(a->c, a->from, errno, "name a file that wcdiag watch --json wrote");
	if (a->output && !freopen(a->output, "we", stdout))
		rc = cmd_fail_errno(a->c, a->output, errno, NULL);
	else
		rc = read_all(&f, in);
	if (!rc && !f.begun)
		rc = garbled(&f, "nothing in it");
	if (!rc) {
		f.show.n.seconds = (double)(f.last - f.first) / 1e9;
		if (!f.show.n.ended_by)
			f.show.n.ended_by = "the record stops without an end";
		rc = watch_show_end(&f.show);
	}
	watch_show_free(&f.show);
	if (!std)
		fclose(in);
	return rc;
}
