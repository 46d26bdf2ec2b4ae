/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proc_mtrr.c - /proc/mtrr, in its two forms (Linux arch/x86/kernel/cpu/mtrr/if.c mtrr_seq_show(); the second in old
 * kernels):
 *     reg00: base=0x0c0000000 ( 3072MB), size= 1024MB, count=1: uncachable
 *     reg00: base=0xc0000000 (3072MB), size=1024MB: uncachable, count=1
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mtrr.h"
#include "scan.h"
#include "src.h"

#define PATH "/proc/mtrr"

/* Linux arch/x86/kernel/cpu/mtrr/mtrr.c mtrr_strings[]; not the words of the memtype list. "?" names no type. */
static const struct {
	const char *word;
	enum mtype type;
} words[] = {
	{ "uncachable", MT_UC },
	{ "write-combining", MT_WC },
	{ "write-through", MT_WT },
	{ "write-protect", MT_WP },
	{ "write-back", MT_WB },
};

static enum mtype type_of(const char *word, size_t len)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i].word) == len && !memcmp(words[i].word, word, len))
			return words[i].type;
	return MT_UNKNOWN;
}

/* "1024MB" or "64KB" or, from the oldest, "4kB" */
static bool size_of(struct scan *s, uint64_t *size)
{
	unsigned int shift;
	uint64_t n;

	scan_blanks(s);
	if (!scan_dec(s, UINT64_MAX, &n))
		return false;
	if (scan_char(s, 'M'))
		shift = 20;
	else if (scan_char(s, 'K') || scan_char(s, 'k'))
		shift = 10;
	else
		return false;
	if (!scan_char(s, 'B') || n > UINT64_MAX >> shift)
		return false;
	*size = n << shift;
	return true;
}

static bool count_of(struct scan *s, unsigned long *count)
{
	uint64_t n;

	if (!scan_lit(s, ", count=") || !scan_dec(s, INT32_MAX, &n))
		return false;
	*count = (unsigned long)n;
	return true;
}

static bool word_of(struct scan *s, enum mtype *type)
{
	const char *from;

	if (!scan_lit(s, ": "))
		return false;
	from = s->p;
	while (s->p != s->end && *s->p != ',' && *s->p != ' ' && *s->p != '\r')
		s->p++;
	*type = type_of(from, (size_t)(s->p - from));
	return s->p != from;
}

/* NULL, or what is wrong. */
static const char *parse_line(struct scan s, struct proc_mtrr_row *r)
{
	uint64_t n, megabytes;

	if (!scan_lit(&s, "reg") || !scan_dec(&s, 255, &n))
		return "no register";
	r->reg = (unsigned int)n;
	if (!scan_lit(&s, ": base=") || !scan_0x(&s, &r->base) || !scan_lit(&s, " ("))
		return "no base";
	scan_blanks(&s);
	if (!scan_dec(&s, UINT64_MAX, &megabytes) || !scan_lit(&s, "MB), size="))
		return "no base";
	if (!size_of(&s, &r->size))
		return "no size";
	if (r->base + r->size < r->base)
		return "the range passes the end of memory";
	if (s.p != s.end && *s.p == ',') {
		if (!count_of(&s, &r->count) || !word_of(&s, &r->type))
			return "no count and type";
	} else if (!word_of(&s, &r->type) || !count_of(&s, &r->count)) {
		return "no type and count";
	}
	return scan_rest_blank(&s) ? NULL : "more than one range";
}

static int parse(struct scan s, struct proc_mtrr *out, unsigned int *line, const char **what)
{
	struct scan l;
	size_t room = 0;
	bool whole;

	while (scan_line(&s, &l, &whole)) {
		struct proc_mtrr_row r;

		++*line;
		if (scan_rest_blank(&l))
			continue;
		*what = whole ? parse_line(l, &r) : "the last line has no end: it may be cut";
		if (*what)
			return -EBADMSG;
		if (out->n == room) {
			struct proc_mtrr_row *more = realloc(out->row, (room + 16) * 2 * sizeof(*more));

			if (!more)
				return -ENOMEM;
			out->row = more;
			room = (room + 16) * 2;
		}
		out->row[out->n++] = r;
	}
	return 0;
}

int proc_mtrr_parse(const char *text, size_t len, struct proc_mtrr *out, unsigned int *line, const char **what)
{
	int err;

	*out = (struct proc_mtrr){ 0 };
	*line = 0;
	*what = NULL;
	err = len ? parse(scan_of(text, len), out, line, what) : 0;
	if (err)
		proc_mtrr_free(out);
	return err;
}

int proc_mtrr_read(const struct src *s, struct proc_mtrr *out)
{
	const char *what;
	unsigned int line;
	struct blob b;
	int err;

	*out = (struct proc_mtrr){ 0 };
	err = src_read(s, PATH, &b);
	/* No file: no MTRRs, or a hypervisor hides them. EIO and ENXIO: a file without an interface below it. */
	if (err == -ENOENT || err == -EIO || err == -ENXIO) {
		fact_absent(&out->fact, PATH);
		return 0;
	}
	if (err) {
		fact_missing(&out->fact, s, PATH, -err, "run as root (CAP_SYS_ADMIN)");
		return err;
	}
	err = proc_mtrr_parse(b.data, b.len, out, &line, &what);
	blob_free(&b);
	if (err == -EBADMSG)
		fact_garbled(&out->fact, PATH, "line %u: %s", line, what);
	else if (err)
		fact_missing(&out->fact, s, PATH, -err, NULL);
	else
		fact_known(&out->fact, PATH);
	return err;
}

void proc_mtrr_free(struct proc_mtrr *p)
{
	free(p->row);
	p->row = NULL;
	p->n = 0;
}
