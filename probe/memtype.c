/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memtype.c - the text of pat_memtype_list into a table. Order and search: memtype_index.c.
 */
#include <errno.h>
#include <stdlib.h>

#include "memtype.h"
#include "scan.h"
#include "src.h"

/* Bytes of the shortest line that Linux 5.6 and later print: a first guess at how many there are. */
#define LINE_MIN (sizeof("PAT: [mem 0x0000000000000000-0x0000000000000000] uncached\n") - 1)

/*
 * A last line without newline may have lost its end. Then "uncached" may have been "uncached-minus": a word counts as
 * complete only when it is one of the kernel's and no other of them goes on from there.
 */
static bool word_may_be_cut(const char *word, size_t len)
{
	int t;

	if (mtype_from_kernel(word, len) == MT_UNKNOWN)
		return true;
	for (t = 0; t < MT_COUNT; t++) {
		const char *name = mtype_kernel_name((enum mtype)t);

		if (name && strlen(name) > len && !memcmp(name, word, len))
			return true;
	}
	return false;
}

static const char *range(struct scan *l, uint64_t *start, uint64_t *end)
{
	if (!scan_0x(l, start))
		return "no start address";
	if (!scan_char(l, '-') || !scan_0x(l, end))
		return "no end address";
	if (*end <= *start)
		return "the end is not above the start";
	return NULL;
}

/* "PAT: [mem 0xA-0xB] TYPE", Linux 5.6 and later. NULL, or what is wrong. */
static const char *new_form(struct scan l, bool whole, struct memtype *m)
{
	const char *word, *what;
	size_t len;

	what = range(&l, &m->start, &m->end);
	if (what)
		return what;
	if (!scan_char(&l, ']'))
		return "no ] after the range";
	if (!scan_blanks(&l) || !scan_word(&l, &word, &len))
		return "no type";
	if (!scan_rest_blank(&l))
		return "text after the type";
	if (!whole && scan_done(&l) && word_may_be_cut(word, len))
		return "cut off within the type";
	m->type = mtype_from_kernel(word, len);
	return NULL;
}

/* "TYPE @ 0xA-0xB", before Linux 5.6. Without its newline the last address may have lost digits: never accepted. */
static const char *old_form(struct scan l, bool whole, struct memtype *m)
{
	const char *word, *what;
	size_t len;

	if (!scan_word(&l, &word, &len) || !scan_lit(&l, " @ "))
		return "neither a reservation nor a heading";
	what = range(&l, &m->start, &m->end);
	if (what)
		return what;
	if (!scan_rest_blank(&l))
		return "text after the range";
	if (!whole && scan_done(&l))
		return "cut off within the range";
	m->type = mtype_from_kernel(word, len);
	return NULL;
}

static int grow(struct memtype_list *l, size_t *cap, size_t text_left)
{
	size_t want = *cap ? *cap + *cap / 2 : text_left / LINE_MIN + 8;
	struct memtype *m;

	if (want > SIZE_MAX / sizeof(*m))
		return -ENOMEM;
	m = realloc(l->m, want * sizeof(*m));
	if (!m)
		return -ENOMEM;
	l->m = m;
	*cap = want;
	return 0;
}

/* The kernel prints its heading also when it has nothing to list: a file with neither was cut, or is another. */
static int parse_lines(struct scan text, struct memtype_list *out, unsigned int *line, const char **what)
{
	bool headed = false;
	struct scan l;
	size_t cap = 0;
	bool whole;
	int err;

	while (scan_line(&text, &l, &whole)) {
		struct scan heading;
		struct memtype *m;

		++*line;
		scan_blanks(&l);
		heading = l;
		if (scan_lit(&heading, "PAT memtype list:") && scan_rest_blank(&heading) && whole) {
			headed = true;
			continue;
		}
		if (scan_rest_blank(&l))
			continue;
		if (out->n == cap) {
			err = grow(out, &cap, scan_left(&text));
			if (err)
				return err;
		}
		m = &out->m[out->n];
		if (scan_lit(&l, "PAT: [mem ")) {
			*what = new_form(l, whole, m);
		} else {
			*what = old_form(l, whole, m);
			out->old_form = out->old_form || !*what;
		}
		if (*what)
			return -EBADMSG;
		m->line = *line;
		out->n++;
	}
	if (!headed && !out->n) {
		*line = 1;
		*what = "neither a heading nor a reservation";
		return -EBADMSG;
	}
	return 0;
}

int memtype_parse(const char *text, size_t len, struct memtype_list *out, unsigned int *line, const char **what)
{
	int err;

	*out = (struct memtype_list){0};
	*line = 0;
	*what = NULL;
	err = parse_lines(scan_of(text, len), out, line, what);
	if (!err)
		err = memtype_index(out);
	if (err)
		memtype_free(out);
	return err;
}

/*
 * No such file. Either the kernel has no list (PAT is off), or debugfs is not there to show it; an empty or missing
 * /sys/kernel/debug says the latter. A snapshot has recorded which it was: ENODEV stands for "not mounted".
 */
static bool debugfs_missing(const struct src *s)
{
	char **names = NULL;
	size_t n = 0;
	int err;

	if (!src_is_live(s))
		return false;
	err = src_list(s, "/sys/kernel/debug", &names, &n);
	src_list_free(names, n);
	return err || !n;
}

int memtype_read(const struct src *s, struct memtype_list *out)
{
	static const char mount_it[] = "mount debugfs: mount -t debugfs none /sys/kernel/debug (as root)";
	struct blob text;
	const char *what;
	unsigned int line;
	int err;

	*out = (struct memtype_list){0};
	err = src_read(s, MEMTYPE_PATH, &text);
	if (err == -ENODEV || (err == -ENOENT && debugfs_missing(s))) {
		fact_missing(&out->fact, s, MEMTYPE_PATH, -err, mount_it);
		return err;
	}
	if (err == -ENOENT) {
		fact_absent(&out->fact, MEMTYPE_PATH);
		return 0;
	}
	if (err) {
		fact_missing(&out->fact, s, MEMTYPE_PATH, -err, err == -EACCES || err == -EPERM ? "run as root" : NULL);
		return err;
	}
	err = memtype_parse(text.data, text.len, out, &line, &what);
	blob_free(&text);
	if (err == -EBADMSG)
		fact_garbled(&out->fact, MEMTYPE_PATH, "line %u: %s", line, what);
	else if (err)
		fact_missing(&out->fact, NULL, MEMTYPE_PATH, -err, NULL);
	else
		fact_known(&out->fact, MEMTYPE_PATH);
	return err;
}

void memtype_free(struct memtype_list *l)
{
	free(l->m);
	free(l->maxend);
	*l = (struct memtype_list){0};
}
