// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * circumstances.c - the pure half: /proc/interrupts, /proc/stat, and the sentence.
 *
 * Sources: Linux kernel/irq/proc.c show_interrupts() and arch/x86/kernel/irq.c arch_show_interrupts(): a header line
 * "CPUn" for each CPU that is online, then "LABEL: COUNT COUNT ... words"; fs/proc/stat.c show_stat().
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "circumstances.h"
#include "circumstances_int.h"
#include "scan.h"

/* Fewer ticks (of 10 ms) than this give no rate. */
enum { TICKS_LEAST = 10 };

/* The number of columns; *at: that of this CPU, or the number when it has none. */
static const char *parse_header(struct scan l, unsigned int cpu, size_t *at, size_t *ncol)
{
	const char *word;
	size_t len;

	*ncol = 0;
	*at = SIZE_MAX;
	for (scan_blanks(&l); scan_word(&l, &word, &len); scan_blanks(&l)) {
		struct scan w = scan_of(word, len);
		uint64_t n;

		if (!scan_lit(&w, "CPU") || !scan_dec(&w, UINT32_MAX, &n) || !scan_done(&w))
			return "a column that is no CPU's";
		if (n == cpu && *at == SIZE_MAX)
			*at = *ncol;
		++*ncol;
	}
	return *ncol ? NULL : "no columns";
}

/* What follows the last two blanks: the names of those who asked for it. Only numbered rows have such. */
static void take_name(struct scan l, struct irq_row *r)
{
	const char *p = l.end;

	if (*r->label < '0' || *r->label > '9')
		return;
	while (p - l.p >= 2 && !(p[-1] == ' ' && p[-2] == ' '))
		p--;
	if (p - l.p >= 2)
		scan_copy(r->name, sizeof(r->name), p, (size_t)(l.end - p));
}

/* 1: taken; 0: not a row of columns; else *what. */
static int parse_row(struct scan l, size_t at, size_t ncol, struct irq_row *r, const char **what)
{
	const char *colon;
	uint64_t n;

	*r = (struct irq_row){ 0 };
	scan_blanks(&l);
	colon = memchr(l.p, ':', scan_left(&l));
	if (!colon || colon == l.p) {
		*what = "no label";
		return -EBADMSG;
	}
	scan_copy(r->label, sizeof(r->label), l.p, (size_t)(colon - l.p));
	/* One number for the whole machine, also where that has one CPU. */
	if (!strcmp(r->label, "ERR") || !strcmp(r->label, "MIS"))
		return 0;
	l.p = colon + 1;
	for (size_t i = 0; i < ncol; i++) {
		bool digit;

		scan_blanks(&l);
		digit = !scan_done(&l) && *l.p >= '0' && *l.p <= '9';
		if (!scan_dec(&l, UINT64_MAX, &n)) {
			*what = "a count that is no number of 64 bits";
			return digit ? -EBADMSG : 0;
		}
		if (!scan_done(&l) && *l.p != ' ' && *l.p != '\t')
			return 0;
		if (i == at)
			r->n = n;
	}
	take_name(l, r);
	return 1;
}

static int by_label(const void *a, const void *b)
{
	return strcmp(((const struct irq_row *)a)->label, ((const struct irq_row *)b)->label);
}

static int parse_rows(struct scan *t, size_t at, size_t ncol, struct irq_row **row, size_t *n, unsigned int *line,
		      const char **what)
{
	struct scan l;
	size_t cap = 0;
	bool whole;

	while (scan_line(t, &l, &whole)) {
		int took;

		++*line;
		if (whole && scan_rest_blank(&l))
			continue;
		if (*n == cap) {
			struct irq_row *r = reallocarray(*row, cap ? cap * 2 : 64, sizeof(*r));

			if (!r)
				return -ENOMEM;
			*row = r;
			cap = cap ? cap * 2 : 64;
		}
		*what = "cut off: no end of line";
		took = whole ? parse_row(l, at, ncol, &(*row)[*n], what) : -EBADMSG;
		if (took < 0)
			return took;
		*n += (size_t)took;
	}
	return 0;
}

int irq_parse(const char *text, size_t len, unsigned int cpu, struct irq_row **row, size_t *n, unsigned int *line,
	      const char **what)
{
	struct scan t = scan_of(text, len), l = t;
	size_t at, ncol;
	bool whole = false;
	int err = 0;

	*row = NULL;
	*n = 0;
	*line = 1;
	*what = "empty";
	if (scan_line(&t, &l, &whole))
		*what = whole ? parse_header(l, cpu, &at, &ncol) : "cut off: no end of line";
	if (*what)
		return -EBADMSG;
	if (at == SIZE_MAX)
		return -ENODEV;
	err = parse_rows(&t, at, ncol, row, n, line, what);
	if (err) {
		free(*row);
		*row = NULL;
		*n = 0;
		return err;
	}
	if (*n)
		qsort(*row, *n, sizeof(**row), by_label);
	return 0;
}

/* The kernel counts in 32 bits. A step back by less than half of that is no wrap: the row began anew. */
static uint64_t counted(uint64_t before, uint64_t after)
{
	uint32_t wrapped = (uint32_t)after - (uint32_t)before;

	if (after >= before)
		return after - before;
	return before <= UINT32_MAX && wrapped < UINT32_C(1) << 31 ? wrapped : after;
}

uint64_t irq_between(const struct irq_row *before, size_t nbefore, const struct irq_row *after, size_t nafter,
		     char *busiest, size_t len, uint64_t *most)
{
	const struct irq_row *worst = NULL;
	uint64_t all = 0;
	size_t b = 0;

	*most = 0;
	for (size_t i = 0; i < nafter; i++) {
		const struct irq_row *r = &after[i];
		uint64_t n;

		while (b < nbefore && by_label(&before[b], r) < 0)
			b++;
		n = b < nbefore && !by_label(&before[b], r) ? counted(before[b].n, r->n) : r->n;
		all += n;
		if (n > *most) {
			*most = n;
			worst = r;
		}
	}
	snprintf(busiest, len, "%s%s%s", worst ? worst->label : "", worst && *worst->name ? " " : "",
		 worst ? worst->name : "");
	return all;
}

/* user nice system idle iowait irq softirq steal ...; guest time is in user already. */
int cpu_ticks_parse(const char *text, size_t len, unsigned int cpu, uint64_t *busy, uint64_t *idle)
{
	enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, FIELDS };
	struct scan t = scan_of(text, len), l;
	uint64_t v[FIELDS] = { 0 }, number;
	bool whole;

	while (scan_line(&t, &l, &whole)) {
		int n = 0;

		if (!scan_lit(&l, "cpu") || !scan_dec(&l, UINT32_MAX, &number) || number != cpu)
			continue;
		/* Sums stay in 64 bits. */
		while (n < FIELDS && scan_blanks(&l) && scan_dec(&l, UINT64_MAX / FIELDS, &v[n]))
			n++;
		if (!whole || n <= IDLE || (n < FIELDS && !scan_rest_blank(&l)))
			return -EBADMSG;
		*busy = v[USER] + v[NICE] + v[SYSTEM] + v[IRQ] + v[SOFTIRQ];
		*idle = v[IDLE] + v[IOWAIT];
		return 0;
	}
	return -ENODEV;
}

double cpu_ticks_busy(const uint64_t before[2], const uint64_t after[2])
{
	/* The kernel corrects itself now and then, backwards (proc(5), iowait). */
	uint64_t busy = after[0] > before[0] ? after[0] - before[0] : 0;
	uint64_t idle = after[1] > before[1] ? after[1] - before[1] : 0;

	return (double)busy + (double)idle < TICKS_LEAST ? -1 : (double)busy / ((double)busy + (double)idle);
}
