// SPDX-License-Identifier: GPL-2.0-or-later
/* truth_list.c - what the stepper saw: instructions by their bytes, two passes joined, printed as wcdiag-events(5). */
#include <stdlib.h>
#include <string.h>

#include "truth.h"

/* Legacy prefixes, REX, then the few opcodes that count. VEX and EVEX are none of these. */
unsigned int truth_class(const uint8_t *b, size_t n)
{
	bool p66 = false, rep = false, lock = false;
	unsigned int is = 0;
	size_t i = 0;

	for (; i < n; i++) {
		if (b[i] == 0xf0)
			lock = true;
		else if (b[i] == 0xf2 || b[i] == 0xf3)
			rep = true;
		else if (b[i] == 0x66)
			p66 = true;
		else if (!memchr("\x67\x2e\x36\x3e\x26\x64\x65", b[i], 7))
			break;
	}
	if (i < n && (b[i] & 0xf0) == 0x40)
		i++;
	if (i + 3 > n)
		return 0;
	if (lock)
		is |= T_LOCKED;
	if ((b[i] == 0x86 || b[i] == 0x87) && b[i + 1] < 0xc0)
		is |= T_LOCKED;
	if (rep && (b[i] == 0xa4 || b[i] == 0xa5 || b[i] == 0xaa || b[i] == 0xab))
		is |= T_REP;
	if (b[i] == 0xcf)
		is |= T_SERIAL;
	if (b[i] == 0xcd)
		is |= T_SYSCALL;
	if (b[i] != 0x0f)
		return is;
	switch (b[i + 1]) {
	case 0x05:
	case 0x34:
		return is | T_SYSCALL;
	case 0xa2:
		return is | T_SERIAL;
	case 0x01:
		return b[i + 2] == 0xe8 && !rep && !p66 ? is | T_SERIAL : is; /* serialize */
	case 0xae:
		if (rep || p66)
			return is;
		return is | (b[i + 2] >= 0xf8 ? T_SFENCE : b[i + 2] >= 0xf0 ? T_MFENCE : b[i + 2] >= 0xe8 ? T_LFENCE : 0);
	case 0x38:
		return b[i + 2] == 0xf9 || (b[i + 2] == 0xf8 && p66) ? is | T_DIRECT : is;
	default:
		return is;
	}
}

static void *grown(void *p, size_t n)
{
	p = realloc(p, n);
	if (!p)
		abort();
	return p;
}

void steps_add(struct steps *l, struct step s)
{
	if (l->n == l->room)
		l->s = grown(l->s, (l->room = 2 * l->room + 64) * sizeof(*l->s));
	l->s[l->n++] = s;
}

static int by_from(const void *a, const void *b)
{
	const struct run *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

void runs_add(struct step *s, uint32_t from, uint32_t to)
{
	size_t k = 0;

	s->runs = grown(s->runs, (s->nruns + 1) * sizeof(*s->runs));
	s->runs[s->nruns++] = (struct run){ from, to };
	qsort(s->runs, s->nruns, sizeof(*s->runs), by_from);
	for (size_t i = 1; i < s->nruns; i++)
		if (s->runs[i].from <= s->runs[k].to)
			s->runs[k].to = s->runs[i].to > s->runs[k].to ? s->runs[i].to : s->runs[k].to;
		else
			s->runs[++k] = s->runs[i];
	s->nruns = k + 1;
}

static int by_step(const void *a, const void *b)
{
	const struct step *x = a, *y = b;

	if (x->task != y->task)
		return x->task < y->task ? -1 : 1;
	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	/* A signal comes before the handler's first instruction, which has the same number. */
	return (int)!(x->is & T_SIGNAL) - (int)!(y->is & T_SIGNAL);
}

const char *steps_join(struct steps *a, const struct steps *b)
{
	static char what[160];
	size_t n;

	for (size_t i = 0; i < b->n; i++)
		steps_add(a, b->s[i]);
	qsort(a->s, a->n, sizeof(*a->s), by_step);
	n = 0;
	for (size_t i = 0; i < a->n; i++) {
		struct step *last = n ? &a->s[n - 1] : NULL, *s = &a->s[i];

		if (!last || by_step(last, s)) {
			a->s[n++] = *s;
			continue;
		}
		if (last->ip != s->ip || last->is != s->is) {
			snprintf(what, sizeof(what), "step %llu of task %d is at %#llx, class %x in one pass, at %#llx, %x in the other",
				 (unsigned long long)s->n, s->task, (unsigned long long)last->ip, last->is,
				 (unsigned long long)s->ip, s->is);
			return what;
		}
		for (size_t k = 0; k < s->nruns; k++)
			runs_add(last, s->runs[k].from, s->runs[k].to);
	}
	a->n = n;
	return NULL;
}

static void print_store(const struct step *s, FILE *f)
{
	uint32_t from = s->runs[0].from, to = s->runs[s->nruns - 1].to;

	if (to - from > 64) {
		/* Several stores of one instruction (a scatter), or an area. */
		for (size_t k = 0; k < s->nruns; k++)
			fprintf(f, "# area 0x%x %u ip=0x%llx t=%d\n", s->runs[k].from, s->runs[k].to - s->runs[k].from,
				(unsigned long long)s->ip, s->task);
		return;
	}
	fprintf(f, "s 0x%x %u", from, to - from);
	if (s->nruns > 1) {
		uint64_t mask = 0;

		for (size_t k = 0; k < s->nruns; k++)
			for (uint32_t i = s->runs[k].from; i < s->runs[k].to; i++)
				mask |= 1ULL << (i - from);
		fprintf(f, " mask=0x%llx", (unsigned long long)mask);
	}
	fprintf(f, "%s%s ip=0x%llx\t# t=%d\n", s->is & T_REP ? " rep" : "", s->is & T_DIRECT ? " direct" : "",
		(unsigned long long)s->ip, s->task);
}

void steps_print(const struct steps *l, FILE *f)
{
	static const struct {
		unsigned int is;
		const char *text;
	} rows[] = { { T_LOCKED, "l" },	       { T_SFENCE, "f sfence" }, { T_MFENCE, "f mfence" }, { T_LFENCE, "f lfence" },
		     { T_SERIAL, "c" }, { T_SYSCALL, "y" },	 { T_SIGNAL, "i" } };

	for (size_t i = 0; i < l->n; i++) {
		const struct step *s = &l->s[i];

		if (s->is & T_CUT)
			fprintf(f, "# cut t=%d\n", s->task);
		if (s->nruns && !(s->is & T_KERNEL)) {
			if (s->is & T_LOCKED)
				fprintf(f, "l ip=0x%llx\t# t=%d\n", (unsigned long long)s->ip, s->task);
			print_store(s, f);
		}
		for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++)
			if (s->is & rows[k].is)
				fprintf(f, "%s ip=0x%llx\t# t=%d\n", rows[k].text, (unsigned long long)s->ip, s->task);
	}
}
