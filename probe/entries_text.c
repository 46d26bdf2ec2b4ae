/* SPDX-License-Identifier: GPL-2.0-or-later */
/* entries_text.c - wcdiag/entries.txt: parsed, and made. Pure. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "entries.h"
#include "scan.h"

#define PAGE 4096ULL
#define IGNORED (PTE_A | PTE_D | PTE_SOFT)

/* Letters for bits, in the order of the bits. */
struct letters {
	char letter;
	uint8_t bit;
};
static const struct letters right_letters[] = {
	{ 'w', PTE_CAN_WRITE }, { 'u', PTE_CAN_USER }, { 'x', PTE_CANNOT_EXEC }, { 0, 0 }
};
static const struct letters vma_letters[] = {
	{ 'p', PTE_VMA_PFNMAP }, { 'm', PTE_VMA_MIXEDMAP }, { 'i', PTE_VMA_IO }, { 's', PTE_VMA_SHARED },
	{ 'w', PTE_VMA_WRITE },	 { 'h', PTE_VMA_HUGETLB },  { 0, 0 }
};

static bool next_word(struct scan *s, struct scan *word)
{
	const char *w;
	size_t len;

	if (!scan_blanks(s) || !scan_word(s, &w, &len))
		return false;
	*word = scan_of(w, len);
	return true;
}

static bool take_hex(struct scan *s, uint64_t *v)
{
	struct scan w;

	return next_word(s, &w) && scan_0x(&w, v) && scan_done(&w);
}

/* "-" for none of them; each at most once. */
static bool take_letters(struct scan *s, const struct letters *table, uint8_t *bits)
{
	struct scan w;

	*bits = 0;
	if (!next_word(s, &w))
		return false;
	if (scan_left(&w) == 1 && *w.p == '-')
		return true;
	for (; !scan_done(&w); w.p++) {
		const struct letters *l = table;

		while (l->letter && l->letter != *w.p)
			l++;
		if (!l->letter || (*bits & l->bit))
			return false;
		*bits |= l->bit;
	}
	return true;
}

static bool take_vma(struct scan *s, uint8_t *vma)
{
	struct scan w, t = *s;

	if (!next_word(&t, &w))
		return false;
	if (scan_left(&w) == 1 && *w.p == 'v') {
		*vma = PTE_VMA;
		*s = t;
		return true;
	}
	if (!take_letters(s, vma_letters, vma))
		return false;
	*vma |= *vma ? PTE_VMA : 0;
	return true;
}

static bool take_kind(struct scan *s, uint8_t *kind)
{
	struct scan w;

	if (!next_word(s, &w))
		return false;
	for (int k = 0; k < PTE_KINDS; k++) {
		const char *name = pte_kind_name((enum pte_kind)k);

		if (strlen(name) == scan_left(&w) && !memcmp(name, w.p, scan_left(&w))) {
			*kind = (uint8_t)k;
			return true;
		}
	}
	return false;
}

static bool take_phys(struct scan *s, uint64_t *phys)
{
	struct scan w;

	if (!next_word(s, &w))
		return false;
	*phys = PTE_NO_PHYS;
	if (scan_left(&w) == 1 && *w.p == '-')
		return true;
	return scan_0x(&w, phys) && scan_done(&w);
}

/* What cannot be, or what nobody could look up. NULL: nothing. */
static const char *impossible(const struct pte_run *r)
{
	bool leaf = r->kind == PTE_PRESENT || r->kind == PTE_PROTNONE;
	struct pte p;

	if (r->start >= r->end || (r->start | r->end) % PAGE)
		return "no range of whole pages";
	if (r->level < 1 || r->level > 5 || (leaf && r->level > 3))
		return "no such level";
	if (leaf != (r->phys != PTE_NO_PHYS))
		return leaf ? "no physical address" : "a physical address of an entry that has none";
	if (leaf && (r->phys % PAGE || r->phys > UINT64_MAX - (r->end - r->start)))
		return "an impossible physical address";
	if (r->differ & ~IGNORED)
		return "different bits that a run does not fold";
	if (leaf && (pte_decode(r->raw, r->level, &p) || p.kind != r->kind))
		return "the raw entry is not of that kind";
	if (leaf && !pte_maps(r->raw, r->level, r->start, r->phys))
		return "the raw entry does not map that physical address";
	if (r->kind == PTE_NONE && r->raw)
		return "the raw entry is not of that kind";
	return NULL;
}

/* PID START END LEVEL KIND RIGHTS VMA PHYS RAW DIFFER [L2 L3 L4 L5] */
static const char *parse_run(struct scan l, struct pte_run *r)
{
	uint64_t v;
	struct scan w;

	*r = (struct pte_run){ .phys = PTE_NO_PHYS };
	if (!scan_dec(&l, INT_MAX, &v))
		return "no PID";
	r->pid = (int)v;
	if (!take_hex(&l, &r->start) || !take_hex(&l, &r->end))
		return "no range of addresses";
	if (!next_word(&l, &w) || !scan_dec(&w, 5, &v) || !scan_done(&w))
		return "no such level";
	r->level = (uint8_t)v;
	if (!take_kind(&l, &r->kind))
		return "no such kind of entry";
	if (!take_letters(&l, right_letters, &r->rights))
		return "rights are letters of wux, or -";
	if (!take_vma(&l, &r->vma))
		return "the VMA is letters of pmiswh, or v, or -";
	if (!take_phys(&l, &r->phys))
		return "no physical address";
	if (!take_hex(&l, &r->raw) || !take_hex(&l, &r->differ))
		return "no raw entry";
	for (int i = 0; i < 4 && !scan_rest_blank(&l); i++)
		if (!take_hex(&l, &r->upper[i]))
			return "no entry of a level above";
	if (!scan_rest_blank(&l))
		return "more than a run has";
	return impossible(r);
}

static int add_gone(struct entries *e, size_t *max, int pid)
{
	if (e->ngone == *max) {
		size_t n = *max ? *max * 2 : 16;
		int *p = reallocarray(e->gone, n, sizeof(*p));

		if (!p)
			return -ENOMEM;
		e->gone = p;
		*max = n;
	}
	e->gone[e->ngone++] = pid;
	return 0;
}

struct parser {
	struct entries *e;
	size_t max_gone;
	bool counted;		/* a line said how many runs there are: so many */
	uint64_t runs;
	int pid;		/* of the run before, and its end */
	uint64_t end;
};

static int take_line(struct parser *p, struct scan l, const char **what)
{
	struct entries *e = p->e;
	struct pte_run r;
	uint64_t v;

	if (scan_rest_blank(&l) || *l.p == '#')
		return 0;
	if (scan_lit(&l, "reader ")) {
		while (scan_left(&l) && l.end[-1] == '\r')
			l.end--;
		scan_copy(e->reader, sizeof(e->reader), l.p, scan_left(&l));
		return 0;
	}
	if (scan_lit(&l, "levels ")) {
		if (!scan_dec(&l, 5, &v) || v < 4 || !scan_rest_blank(&l)) {
			*what = "levels are 4 or 5";
			return -EBADMSG;
		}
		e->levels = (unsigned int)v;
		return 0;
	}
	if (scan_lit(&l, "runs ")) {
		if (!scan_dec(&l, UINT32_MAX, &p->runs) || !scan_rest_blank(&l)) {
			*what = "no number of runs";
			return -EBADMSG;
		}
		p->counted = true;
		return 0;
	}
	if (scan_lit(&l, "gone ")) {
		if (!scan_dec(&l, INT_MAX, &v) || !scan_rest_blank(&l)) {
			*what = "no PID";
			return -EBADMSG;
		}
		return add_gone(e, &p->max_gone, (int)v);
	}
	*what = parse_run(l, &r);
	if (!*what && (r.pid < p->pid || (r.pid == p->pid && r.start < p->end)))
		*what = "not in order (by PID, then address), or it overlaps the run before";
	if (*what)
		return -EBADMSG;
	p->pid = r.pid;
	p->end = r.end;
	return runs_push(&e->list, &r);	/* neighbours of two VMAs may be equal, and stay two */
}

static int by_number(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

int entries_parse(const char *text, size_t len, struct entries *out, unsigned int *line, const char **what)
{
	struct scan t = scan_of(text, len), l;
	struct parser p = { .e = out };
	bool whole;
	int err = 0;

	*out = (struct entries){ 0 };
	*line = 0;
	*what = NULL;
	while (!err && scan_line(&t, &l, &whole)) {
		++*line;
		if (!whole)
			*what = "cut off: no end of line";
		err = whole ? take_line(&p, l, what) : -EBADMSG;
	}
	/* Who looked and found nothing says at least who it was. */
	if (!err && !*out->reader && !out->list.n && !out->ngone) {
		*line = *line ? *line : 1;
		*what = "no reader and no run: nobody has looked";
		err = -EBADMSG;
	}
	/* A file cut between two lines looks whole, and what it lost could be the one mapping that is wrong. */
	if (!err && p.counted && p.runs != out->list.n) {
		*what = "more or fewer runs than its line \"runs\" says: cut off?";
		err = -EBADMSG;
	}
	if (err) {
		entries_free(out);
		return err;
	}
	if (out->ngone)
		qsort(out->gone, out->ngone, sizeof(*out->gone), by_number);
	return 0;
}

static void put_letters(FILE *f, const struct letters *table, uint8_t bits, const char *none)
{
	bool any = false;

	putc(' ', f);
	for (; table->letter; table++) {
		if (!(bits & table->bit))
			continue;
		putc(table->letter, f);
		any = true;
	}
	if (!any)
		fputs(none, f);
}

static void put_run(FILE *f, const struct pte_run *r)
{
	size_t n = 4;

	fprintf(f, "%d 0x%" PRIx64 " 0x%" PRIx64 " %u %s", r->pid, r->start, r->end, r->level,
		pte_kind_name((enum pte_kind)r->kind));
	put_letters(f, right_letters, r->rights, "-");
	put_letters(f, vma_letters, r->vma, r->vma & PTE_VMA ? "v" : "-");
	if (r->phys == PTE_NO_PHYS)
		fputs(" -", f);
	else
		fprintf(f, " 0x%" PRIx64, r->phys);
	fprintf(f, " 0x%" PRIx64 " 0x%" PRIx64, r->raw, r->differ);
	while (n && !r->upper[n - 1])
		n--;
	for (size_t i = 0; i < n; i++)
		fprintf(f, " 0x%" PRIx64, r->upper[i]);
	putc('\n', f);
}

int entries_format(const struct entries *e, char **text, size_t *len)
{
	FILE *f;
	int err;

	*text = NULL;
	f = open_memstream(text, len);
	if (!f)
		return -ENOMEM;
	fputs("# PID START END LEVEL KIND RIGHTS VMA PHYS RAW DIFFER [L2 L3 L4 L5]; PID 0 is the kernel\n", f);
	if (*e->reader)
		fprintf(f, "reader %s\n", e->reader);
	if (e->levels)
		fprintf(f, "levels %u\n", e->levels);
	fprintf(f, "runs %zu\n", e->list.n);
	for (size_t i = 0; i < e->ngone; i++)
		fprintf(f, "gone %d\n", e->gone[i]);
	for (size_t i = 0; i < e->list.n; i++)
		put_run(f, &e->list.r[i]);
	err = ferror(f);
	if (fclose(f) || err) {
		free(*text);
		*text = NULL;
		return -ENOMEM;
	}
	return 0;
}
