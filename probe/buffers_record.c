// SPDX-License-Identifier: GPL-2.0-or-later
/* buffers_record.c - curves to text and back. Pure. */
#include "buffers_record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "scan.h"

enum { MAX_CPU = 65535 };

static const char *const kinds[] = {
	[BUFFERS_UNIFORM] = "uniform",
	[BUFFERS_CORE] = "core",
	[BUFFERS_ATOM] = "atom",
};
static const char *const siblings[] = {
	[BUFFERS_ALONE] = "alone",
	[BUFFERS_SIBLING] = "sibling",
	[BUFFERS_HIDDEN] = "hidden",
};

/* The words of a round's three lines, in the order of struct buffers_point. */
static const char *const rows[] = { "least", "second", "middle" };
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

struct reader {
	struct buffers_record *rec; /* room for BUFFERS_RECORDS */
	size_t n;
	unsigned int row; /* which of a round's lines comes next; ROWS: none */
	const char *what;
};

static int wrong(struct reader *r, const char *what)
{
	r->what = what;
	return -EBADMSG;
}

static uint32_t *field(struct buffers_point *p, unsigned int row)
{
	return row == 0 ? &p->min : row == 1 ? &p->second : &p->median;
}

static bool number(struct scan *s, uint64_t max, uint64_t *v)
{
	return scan_blanks(s) && scan_dec(s, max, v);
}

static bool word_of(struct scan *s, const char *const *names, size_t n, unsigned int *which)
{
	const char *w;
	size_t len;

	if (!scan_blanks(s) || !scan_word(s, &w, &len))
		return false;
	for (*which = 0; *which < n; (*which)++)
		if (strlen(names[*which]) == len && !memcmp(names[*which], w, len))
			return true;
	return false;
}

static int read_cpu(struct reader *r, struct scan *s)
{
	struct buffers_record *b;
	unsigned int kind, sibling;
	uint64_t cpu, busy;

	if (r->n == BUFFERS_RECORDS)
		return wrong(r, "too many CPUs");
	if (!number(s, MAX_CPU, &cpu) || !word_of(s, kinds, sizeof(kinds) / sizeof(kinds[0]), &kind) ||
	    !word_of(s, siblings, sizeof(siblings) / sizeof(siblings[0]), &sibling) || !scan_blanks(s))
		return wrong(r, "not: cpu NUMBER KIND SIBLING BUSY");
	b = &r->rec[r->n];
	*b = (struct buffers_record){ .cpu = (unsigned int)cpu, .kind = kind, .sibling = sibling, .sibling_busy = -1 };
	if (!scan_char(s, '-')) {
		if (!scan_dec(s, 100, &busy))
			return wrong(r, "how busy the sibling was is no per cent");
		b->sibling_busy = (double)busy / 100;
	}
	r->n++;
	return 0;
}

static int read_round(struct reader *r, struct buffers_curve *c, struct scan *s)
{
	uint64_t min, median, chain;

	if (c->rounds == BUFFERS_ROUNDS)
		return wrong(r, "too many rounds");
	if (!number(s, UINT32_MAX, &min) || !number(s, UINT32_MAX, &median) || !number(s, UINT32_MAX, &chain))
		return wrong(r, "not: round LEAST MIDDLE CHAIN");
	c->round[c->rounds].pace_min = (uint32_t)min;
	c->round[c->rounds].pace_median = (uint32_t)median;
	c->round[c->rounds].chain = (uint32_t)chain;
	r->row = 0;
	return 0;
}

static int read_row(struct reader *r, struct buffers_curve *c, struct scan *s)
{
	uint64_t ticks;

	for (unsigned int n = 0; n < c->lines; n++) {
		if (!number(s, UINT32_MAX, &ticks))
			return wrong(r, "fewer numbers than lines were interleaved");
		*field(&c->round[c->rounds].at[n], r->row) = (uint32_t)ticks;
	}
	if (++r->row == ROWS)
		c->rounds++;
	return 0;
}

static int read_line(struct reader *r, struct scan *s)
{
	struct buffers_curve *c = r->n ? &r->rec[r->n - 1].curve : NULL;
	uint64_t v;

	if (r->row < ROWS)
		return scan_lit(s, rows[r->row]) ? read_row(r, c, s) : wrong(r, "a round lacks one of its three lines");
	if (scan_lit(s, "cpu"))
		return c && !c->rounds ? wrong(r, "the CPU before has no rounds") : read_cpu(r, s);
	if (!c)
		return wrong(r, "no CPU was named");
	if (scan_lit(s, "lines")) {
		if (c->lines || !number(s, BUFFERS_LINES, &v) || v < 4)
			return wrong(r, "lines are 4 to 32, said once");
		c->lines = (unsigned int)v;
		return 0;
	}
	if (scan_lit(s, "round"))
		return c->lines ? read_round(r, c, s) : wrong(r, "it is not said how many lines");
	return wrong(r, "not a line of such a file");
}

int buffers_records_parse(const char *text, size_t len, struct buffers_record **out, size_t *n, unsigned int *line,
			  const char **what)
{
	struct reader r = { .rec = calloc(BUFFERS_RECORDS, sizeof(*r.rec)), .row = ROWS };
	struct scan s = scan_of(text, len), l;
	bool whole;
	int err = 0;

	*line = 0;
	*out = NULL;
	*n = 0;
	if (!r.rec)
		return -ENOMEM;
	while (!err && scan_line(&s, &l, &whole)) {
		++*line;
		scan_blanks(&l);
		if (scan_rest_blank(&l) || *l.p == '#')
			continue;
		err = read_line(&r, &l);
		if (!err && (!scan_rest_blank(&l) || !whole))
			err = wrong(&r, whole ? "more than belongs there" : "the file was cut off");
	}
	if (!err && (!r.n || r.row < ROWS || !r.rec[r.n - 1].curve.rounds))
		err = wrong(&r, "the file ends before a round does");
	if (err) {
		*what = r.what;
		free(r.rec);
		return err;
	}
	*out = r.rec;
	*n = r.n;
	return 0;
}

static void write_record(FILE *f, const struct buffers_record *b)
{
	const struct buffers_curve *c = &b->curve;

	fprintf(f, "cpu %u %s %s ", b->cpu, buffers_kind_name(b->kind), buffers_sibling_name(b->sibling));
	if (b->sibling_busy < 0)
		fputs("-\n", f);
	else
		fprintf(f, "%.0f\n", 100 * b->sibling_busy);
	fprintf(f, "lines %u\n", c->lines);
	for (unsigned int r = 0; r < c->rounds; r++) {
		struct buffers_round o = c->round[r];

		fprintf(f, "round %u %u %u\n", o.pace_min, o.pace_median, o.chain);
		for (unsigned int row = 0; row < ROWS; row++) {
			fputs(rows[row], f);
			for (unsigned int n = 0; n < c->lines; n++)
				fprintf(f, " %u", *field(&o.at[n], row));
			fputc('\n', f);
		}
	}
}

char *buffers_records_format(const struct buffers_record *r, size_t n, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	if (!f)
		return NULL;
	fputs("# write-combining buffers, measured: ticks for 64 lines, with 1, 2, 3 ... of them interleaved\n", f);
	for (size_t i = 0; i < n; i++)
		write_record(f, &r[i]);
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

const char *buffers_kind_name(enum buffers_kind k)
{
	return (unsigned int)k < sizeof(kinds) / sizeof(kinds[0]) ? kinds[k] : "uniform";
}

const char *buffers_sibling_name(enum buffers_sibling s)
{
	return (unsigned int)s < sizeof(siblings) / sizeof(siblings[0]) ? siblings[s] : "hidden";
}
