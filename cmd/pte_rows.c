/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pte_rows.c - the table of "wcdiag pte", a row a run. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/pte.h"
#include "cmd/text.h"
#include "probe/machine.h"

const struct col pte_cols[] = {
	{ "WHO", COL_TEXT, "process number and name, or kernel" },
	{ "PID", COL_NUMBER, "process number; 0: the kernel" },
	{ "PROCESS", COL_TEXT, "its name" },
	{ "START", COL_HEX, "first virtual address" },
	{ "END", COL_HEX, "first virtual address behind it" },
	{ "SIZE", COL_SIZE, "length" },
	{ "PAGES", COL_NUMBER, "length in pages of 4 KiB" },
	{ "PHYS", COL_HEX, "physical address of START" },
	{ "PHYSEND", COL_HEX, "first physical address behind it" },
	{ "BAR", COL_TEXT, "BAR that PHYS lies in" },
	{ "PAGE", COL_TEXT, "what one entry maps: 4K, 2M, 1G" },
	{ "KIND", COL_TEXT, "what the entries are, in words" },
	{ "FLAGS", COL_TEXT, "P RW US PWT PCD A D PAT PS G NX of the entry; ~: not the same in all of them" },
	{ "SOFT", COL_HEX, "the kernel's own bits: 9..11 as 0..2, 58..62 as 3..7" },
	{ "RIGHTS", COL_TEXT, "RW US NX, all levels of the walk together" },
	{ "VMA", COL_TEXT, "what the kernel says of the mapping: pfnmap mixedmap io shared write hugetlb" },
	{ "SLOT", COL_NUMBER, "PAT slot that the entry selects" },
	{ "PAT", COL_TEXT, "type in that slot, by the CPUs' own registers; WC/UC-: CPUs differ" },
	{ "MTRR", COL_TEXT, "type by the MTRRs" },
	{ "EFFECTIVE", COL_TEXT, "what comes of both: the type of each access" },
	{ "RESERVED", COL_TEXT, "type that the kernel's list has for it" },
	{ "RAW", COL_HEX, "the first page's entry" },
	{ "DIFFER", COL_HEX, "accessed, dirty and software bits that are not the same in all of them" },
	{ "L2", COL_HEX, "entry above it at level 2 (page directory)" },
	{ "L3", COL_HEX, "... level 3" },
	{ "L4", COL_HEX, "... level 4" },
	{ "L5", COL_HEX, "... level 5" },
	{ "MAPPING", COL_TEXT, "last part of FILE" },
	{ "FILE", COL_TEXT, "file that is mapped, or who made the kernel's mapping" },
	{ NULL, 0, NULL },
};
const char pte_usual[] = "WHO,START,SIZE,PHYS,PAGE,FLAGS,SLOT,PAT,MTRR,EFFECTIVE,RESERVED,MAPPING";
const char pte_usual_kinds[] = "WHO,START,SIZE,PHYS,PAGE,FLAGS,SLOT,PAT,MTRR,EFFECTIVE,RESERVED,MAPPING,KIND";
const char pte_usual_levels[] = "WHO,START,PAGE,L5,L4,L3,L2,RAW,DIFFER,SOFT,RIGHTS";

static void flags_of(const struct pte_run *r, const struct pte *p, char *buf, size_t len)
{
	char words[64], *at = words, *word;
	struct pte both = *p;
	size_t n = 0;

	/* A bit that differs is shown whether the first page has it or not. */
	both.a |= (r->differ & PTE_A) != 0;
	both.d |= (r->differ & PTE_D) != 0;
	pte_flags(&both, words, sizeof(words));
	buf[0] = '\0';
	while ((word = strsep(&at, " ")) && n < len) {
		bool differs =
			(!strcmp(word, "A") && (r->differ & PTE_A)) || (!strcmp(word, "D") && (r->differ & PTE_D));

		n += (size_t)snprintf(buf + n, len - n, "%s%s%s", n ? " " : "", differs ? "~" : "", word);
	}
}

static void number_or_none(struct table *t, bool known, uint64_t v)
{
	if (known)
		table_num(t, v);
	else
		table_none(t);
}

static const char *last_part(const char *file)
{
	const char *slash = *file == '/' ? strrchr(file, '/') : NULL;

	return slash && slash[1] ? slash + 1 : file;
}

static void row(struct table *t, const struct machine *m, const struct pte_found *f, const struct pte_who *w,
		const struct pte_run *r)
{
	bool leaf = pte_leaf(r), known = !pte_decode(r->raw, r->level, &(struct pte){ 0 }) && leaf;
	char buf[PTE_WORDS], file[200];
	struct pte p;

	pte_decode(r->raw, r->level, &p);
	pte_word_file(m, &f->index, w, r, file, sizeof(file));
	table_row(t);
	if (r->pid)
		table_text(t, "%d %s", r->pid, w->names.comm);
	else
		table_text(t, "kernel");
	table_num(t, (uint64_t)r->pid);
	table_text(t, "%s", w->names.comm);
	table_num(t, r->start);
	table_num(t, r->end);
	table_num(t, r->end - r->start);
	table_num(t, (r->end - r->start) / 4096);
	number_or_none(t, leaf, r->phys);
	number_or_none(t, leaf, run_phys_end(r));
	pte_word_bar(m, &f->index, r, buf, sizeof(buf));
	table_text(t, "%s", buf);
	table_text(t, "%s", pte_word_page(r));
	table_text(t, "%s", pte_word_kind(r));
	flags_of(r, &p, buf, sizeof(buf));
	table_text(t, "%s", buf);
	table_num(t, p.soft);
	pte_word_rights(r, buf, sizeof(buf));
	table_text(t, "%s", buf);
	pte_word_vma(r, buf, sizeof(buf));
	table_text(t, "%s", buf);
	number_or_none(t, known, p.slot);
	pte_word_pat(m, &p, buf, sizeof(buf));
	table_text(t, "%s", buf);
	pte_word_mtrr(m, r, buf, sizeof(buf));
	table_text(t, "%s", buf);
	pte_word_effective(m, r, &p, buf, sizeof(buf));
	table_text(t, "%s", buf);
	pte_word_reserved(m, r, buf, sizeof(buf));
	table_text(t, "%s", buf);
	table_num(t, r->raw);
	table_num(t, r->differ);
	for (int i = 0; i < 4; i++)
		number_or_none(t, f->upper && r->upper[i], r->upper[i]);
	table_text(t, "%s", last_part(file));
	table_text(t, "%s", file);
}

static struct table *fill(const struct machine *m, const struct pte_found *f)
{
	struct table *t = table_new(pte_cols);

	for (size_t i = 0; t && i < f->nwho; i++)
		for (size_t k = f->who[i].from; k < f->who[i].to; k++)
			row(t, m, f, &f->who[i], &f->list.r[k]);
	return t;
}

static bool any_without_page(const struct pte_found *f)
{
	for (size_t i = 0; i < f->list.n; i++)
		if (f->list.r[i].kind != PTE_PRESENT)
			return true;
	return false;
}

void pte_rows(struct view *v, const struct pte_target *t, const struct pte_found *f)
{
	struct table_args usual = t->table, levels = t->table;
	struct table *rows = fill(v->m, f);

	if (table_args_finish(v->c, pte_cols, any_without_page(f) ? pte_usual_kinds : pte_usual, &usual)) {
		v->rc = EXIT_FAILED;
		usual.n = 0;
	}
	if (rows)
		table_choose(rows, &usual);
	view_table(v, "runs", NULL, rows);
	/* A line that shows all of it is too long for any terminal: level by level it follows. */
	if (!v->o.verbose || t->table.list || t->table.everything || !f->list.n || v->rc == EXIT_FAILED)
		return;
	rows = fill(v->m, f);
	table_args_finish(v->c, pte_cols, pte_usual_levels, &levels);
	if (rows)
		table_choose(rows, &levels);
	view_table(v, "levels", "\nthe entries, level by level:", rows);
}
