/* SPDX-License-Identifier: GPL-2.0-or-later */
/* snapshot_report.c - what was missing, absent or left out: for the user, and for a replay (wcdiag/errors.txt). */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snapshot_int.h"
#include "src_int.h"

static bool grow(void *array, size_t n, size_t size)
{
	void **p = array, *q;

	if (n & (n - 1))	/* full only at powers of two */
		return true;
	q = reallocarray(*p, n ? n * 2 : 1, size);
	if (q)
		*p = q;
	return q != NULL;
}

void miss(struct taker *t, const char *path, int err, const char *remedy)
{
	struct snapshot_report *r = t->r;
	char *copy = strdup(path);

	if (!copy || !grow(&r->miss, r->nmiss, sizeof(*r->miss))) {
		free(copy);
		t->nomem = true;
		return;
	}
	/* On the machine at hand nothing can be done about another one. */
	if (!src_is_live(t->s))
		remedy = NULL;
	r->miss[r->nmiss++] = (struct snapshot_miss){ .path = copy, .err = err, .remedy = remedy };
}

void miss_echo(struct taker *t, const char *path)
{
	const struct snapshot_report *r = t->r;

	if (!r->nmiss)
		return;
	miss(t, path, r->miss[r->nmiss - 1].err, r->miss[r->nmiss - 1].remedy);
	r->miss[r->nmiss - 1].echo = true;
}

static void add_text(struct taker *t, char ***list, size_t *n, char *text)
{
	if (!text || !grow(list, *n, sizeof(**list))) {
		free(text);
		t->nomem = true;
		return;
	}
	(*list)[(*n)++] = text;
}

void note_absent(struct taker *t, const char *path)
{
	add_text(t, &t->r->absent, &t->r->nabsent, strdup(path));
}

void left_out(struct taker *t, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	add_text(t, &t->r->left_out, &t->r->nleft_out, text);
}

void snapshot_report_free(struct snapshot_report *r)
{
	for (size_t i = 0; i < r->nmiss; i++)
		free(r->miss[i].path);
	for (size_t i = 0; i < r->nabsent; i++)
		free(r->absent[i]);
	for (size_t i = 0; i < r->nleft_out; i++)
		free(r->left_out[i]);
	free(r->miss);
	free(r->absent);
	free(r->left_out);
	*r = (struct snapshot_report){ 0 };
}

/* When the source is a snapshot, what it recorded is copied, and what it does not know stays unknown. */
static void print_error(FILE *f, int err, const char *path, const struct src *s)
{
	const char *name = strerrorname_np(err);
	bool known = src_recorded(s, path) && src_recorded(s, path)->err == err;

	/* Of a snapshot "/proc/PID/maps" stands for rows that are there already, process by process. */
	if (err != ENODATA && !known && (src_is_live(s) || !strstr(path, "PID")))
		fprintf(f, "%s %s\n", name ? name : "EIO", path);
}

/* Last, since it tells what the others met. */
void take_errors(struct taker *t)
{
	const struct snapshot_report *r = t->r;
	char *text = NULL;
	struct blob b;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (!f) {
		t->nomem = true;
		return;
	}
	if (!src_is_live(t->s) && !src_read(t->s, "/" SNAPSHOT_ERRORS, &b)) {
		fwrite(b.data, 1, b.len, f);
		blob_free(&b);
	} else {
		fprintf(f, "# what could not be read when this snapshot was taken: ERRNO PATH\n");
	}
	for (size_t i = 0; i < r->nabsent; i++)
		print_error(f, ENOENT, r->absent[i], t->s);
	for (size_t i = 0; i < r->nmiss; i++)
		print_error(f, r->miss[i].err, r->miss[i].path, t->s);
	if (fclose(f))
		t->nomem = true;
	else
		sink_file(t->k, SNAPSHOT_ERRORS, text, len);
	free(text);
}
