/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pte_words.c - what a run's bits mean, word by word. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/pte.h"
#include "cmd/text.h"
#include "probe/machine.h"

/* Adds a word unless it is there; CPUs that say the same are one. */
static void add_word(char *buf, size_t len, const char *sep, const char *word)
{
	size_t n = strlen(buf), w = strlen(word), s = strlen(sep);
	const char *p = buf;

	while ((p = strstr(p, word))) {
		if ((p == buf || p[-1] == *sep) && (!p[w] || p[w] == *sep))
			return;
		p++;
	}
	if (n + s + w + 1 <= len)
		sprintf(buf + n, "%s%s", n ? sep : "", word);
}

/* Kinds of CPU, as machine.h has them; without registers one nameless CPU. */
static size_t kinds(const struct machine *m)
{
	return m->pat ? m->ndistinct : 1;
}

static size_t kind(const struct machine *m, size_t k)
{
	return m->pat ? m->distinct[k] : 0;
}

static bool selects(const struct pte *p)
{
	return p->kind == PTE_PRESENT || p->kind == PTE_PROTNONE;
}

void pte_word_pat(const struct machine *m, const struct pte *p, char *buf, size_t len)
{
	snprintf(buf, len, "%s", selects(p) ? "" : "-");
	for (size_t k = 0; selects(p) && k < kinds(m); k++)
		add_word(buf, len, "/", mtype_name(machine_entry_type(m, kind(m, k), p->slot)));
}

/* The one type of a range on one CPU. */
static const char *mtrr_word(const struct machine *m, size_t cpu, const struct pte_run *r)
{
	struct mtrr_span span[8];
	int n;

	if (m->mtrr_fact.state == FACT_ABSENT)
		return "none";
	if (!m->mtrr)
		return mtype_name(MT_UNKNOWN);
	n = mtrr_over(&m->mtrr[cpu], r->phys, run_phys_end(r), span, 8);
	if (n < 0)
		return n == -E2BIG ? "mixed" : mtype_name(MT_UNKNOWN);
	for (int i = 1; i < n; i++)
		if (span[i].type != span[0].type)
			return "mixed";
	return mtype_name(n ? span[0].type : MT_UNKNOWN);
}

void pte_word_mtrr(const struct machine *m, const struct pte_run *r, char *buf, size_t len)
{
	snprintf(buf, len, "%s", pte_leaf(r) ? "" : "-");
	for (size_t k = 0; pte_leaf(r) && k < kinds(m); k++)
		add_word(buf, len, "/", mtrr_word(m, kind(m, k), r));
}

void pte_word_effective(const struct machine *m, const struct pte_run *r, const struct pte *p, char *buf, size_t len)
{
	snprintf(buf, len, "%s", selects(p) ? "" : "-");
	for (size_t k = 0; selects(p) && k < kinds(m); k++) {
		size_t cpu = kind(m, k);
		enum mtype t = machine_entry_effective(m, cpu, p->slot, r->phys, run_phys_end(r));

		add_word(buf, len, "/",
			 t == MT_UNKNOWN && !strcmp(mtrr_word(m, cpu, r), "mixed") ? "mixed" : mtype_name(t));
	}
}

struct reserved {
	char *buf;
	size_t len;
};

static int add_type(const struct memtype *m, void *arg)
{
	struct reserved *x = arg;

	add_word(x->buf, x->len, ",", mtype_name(m->type));
	return 0;
}

void pte_word_reserved(const struct machine *m, const struct pte_run *r, char *buf, size_t len)
{
	struct reserved x = { buf, len };

	*buf = '\0';
	if (!pte_leaf(r)) {
		snprintf(buf, len, "-");
		return;
	}
	if (m->memtype.fact.state != FACT_KNOWN) {
		snprintf(buf, len, "%s", m->memtype.fact.state == FACT_ABSENT ? "none" : "unknown");
		return;
	}
	memtype_overlaps(&m->memtype, r->phys, run_phys_end(r), add_type, &x);
	if (!*buf)
		snprintf(buf, len, "none");
	else if (!memtype_covers(&m->memtype, r->phys, run_phys_end(r), MT_UNKNOWN))
		add_word(buf, len, ",", "none");
}

const char *pte_word_kind(const struct pte_run *r)
{
	static const char *const word[PTE_KINDS] = {
		[PTE_NONE] = "not touched yet or taken away",
		[PTE_PRESENT] = "present",
		[PTE_PROTNONE] = "PROT_NONE",
		[PTE_OTHER] = "swapped or moving",
	};

	return r->kind < PTE_KINDS ? word[r->kind] : "unknown";
}

const char *pte_word_page(const struct pte_run *r)
{
	static const char *const word[] = { "-", "4K", "2M", "1G", "512G", "256T" };

	return word[pte_leaf(r) && r->level < 6 ? r->level : 0];
}

void pte_word_rights(const struct pte_run *r, char *buf, size_t len)
{
	snprintf(buf, len, "%s%s%s", r->rights & PTE_CAN_WRITE ? "RW " : "", r->rights & PTE_CAN_USER ? "US " : "",
		 r->rights & PTE_CANNOT_EXEC ? "NX " : "");
	if (*buf)
		buf[strlen(buf) - 1] = '\0';
}

void pte_word_vma(const struct pte_run *r, char *buf, size_t len)
{
	static const struct {
		uint8_t bit;
		const char *word;
	} row[] = {
		{ PTE_VMA_PFNMAP, "pfnmap" }, { PTE_VMA_MIXEDMAP, "mixedmap" }, { PTE_VMA_IO, "io" },
		{ PTE_VMA_SHARED, "shared" }, { PTE_VMA_WRITE, "write" },	{ PTE_VMA_HUGETLB, "hugetlb" },
	};

	*buf = '\0';
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (r->vma & row[i].bit)
			add_word(buf, len, " ", row[i].word);
}
