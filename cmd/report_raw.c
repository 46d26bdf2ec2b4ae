// SPDX-License-Identifier: GPL-2.0-or-later
/* report_raw.c - what was read, for those who want to check: folded away. */
#include <inttypes.h>
#include <stdio.h>

#include "cmd/report.h"
#include "probe/machine.h"
#include "probe/pte_words.h"
#include "probe/rule.h"

static const char *state_of(const struct fact *f)
{
	static const char *const word[] = { [FACT_NOT_READ] = "not asked for",
					    [FACT_KNOWN] = "read",
					    [FACT_ABSENT] = "the machine has none",
					    [FACT_MISSING] = "missing" };
	return word[f->state];
}

static void facts(struct page *p)
{
	static const char *const column[] = { "Fact", "State", "Where", "Why", "How to get it", NULL };
	const struct judge_ctx c = { .m = p->r.m };

	page_fold(p, "Facts: what was read, what is missing, and why");
	page_table(p, "Every fact that the rules use", column);
	for (int i = 0; i < F_COUNT; i++) {
		const struct fact *f = fact_of(&c, (enum fact_id)i);
		bool lacks = f->state == FACT_MISSING;

		if (i == F_CONFIG) /* one for each device */
			continue;
		page_row(p, "%s", fact_name((enum fact_id)i));
		html_open(&p->h, "td");
		page_word(p, lacks ? "unknown" : "dim", state_of(f));
		html_close(&p->h);
		page_cell(p, "%s", f->where);
		page_cell(p, "%s", lacks ? f->why : "");
		page_cell(p, "%s", lacks && f->remedy ? f->remedy : "");
		page_row_end(p);
	}
	page_table_end(p);
	page_fold_end(p);
}

static void host(struct page *p)
{
	static const char *const column[] = { "What", "Value", NULL };
	const struct machine *m = p->r.m;

	page_fold(p, "CPU and kernel");
	page_table(p, "CPU and kernel", column);
	page_row(p, "CPU");
	page_cell(p, "%s, family %u model %u stepping %u, %u address bits", m->cpu.name, m->cpu.family, m->cpu.model,
		  m->cpu.stepping, m->cpu.phys_bits);
	page_row_end(p);
	page_row(p, "Kernel");
	page_cell(p, "%s", m->host.release);
	page_row_end(p);
	page_row(p, "Boot options that touch memory types");
	page_cell(p, "%s",
		  m->host.cmdline.state == FACT_KNOWN ? *m->host.options ? m->host.options : "none" : "not read");
	page_row_end(p);
	page_row(p, "PAT in this kernel");
	page_cell(p, "%s%s%s",
		  m->pat_state == PAT_STATE_ON	  ? "on"
		  : m->pat_state == PAT_STATE_OFF ? "off"
						  : "not known",
		  m->pat_why ? ": " : "", m->pat_why ? m->pat_why : "");
	page_row_end(p);
	page_table_end(p);
	page_fold_end(p);
}

static void pat(struct page *p)
{
	static const char *const column[] = { "CPU", "Register", "Slots 0 to 7", NULL };
	const struct machine *m = p->r.m;
	char slots[64];

	if (!m->pat)
		return;
	page_fold(p, "PAT: of the first CPU, and of each that differs");
	page_table(p, "PAT", column);
	for (size_t k = 0; k < m->ndistinct && k < PAGE_ROWS; k++) {
		const struct pat *x = &m->pat[m->distinct[k]];

		page_row(p, "%u", m->msrs.cpu[m->distinct[k]]);
		if (x->known) {
			pat_format(x, slots, sizeof(slots));
			page_cell(p, "0x%016" PRIx64, x->raw);
			page_cell(p, "%s", slots);
		} else {
			page_cell(p, "not read");
			page_cell(p, "not read");
		}
		page_row_end(p);
	}
	page_table_end(p);
	page_fold_end(p);
}

static void mtrr_cpu(struct page *p, unsigned int cpu, const struct mtrr *x)
{
	page_row(p, "%u", cpu);
	page_cell(p, "default");
	page_cell(p, "%s%s", mtype_name(x->def), x->enabled ? "" : ", MTRRs disabled");
	page_cell(p, "all that no other covers");
	page_row_end(p);
	for (unsigned int i = 0; i < x->vcnt && i < MTRR_MAX_VAR; i++) {
		const struct mtrr_var *r = &x->var[i];

		if (!r->valid)
			continue;
		page_row(p, "%u", cpu);
		page_cell(p, "variable %u", i);
		page_cell(p, "%s", mtype_name(r->type));
		if (r->odd)
			page_cell(p, "base 0x%" PRIx64 ", mask 0x%" PRIx64 ", which has gaps", r->base_raw,
				  r->mask_raw);
		else
			page_cell(p, "0x%" PRIx64 "-0x%" PRIx64, r->start, r->end);
		page_row_end(p);
	}
}

static void mtrr(struct page *p)
{
	static const char *const column[] = { "CPU", "Register", "Type", "Range", NULL };
	const struct machine *m = p->r.m;

	if (!m->mtrr)
		return;
	page_fold(p, "MTRRs: of the first CPU, and of each that differs");
	page_table(p, "MTRRs", column);
	for (size_t k = 0; k < m->ndistinct && k < 8; k++)
		if (m->mtrr[m->distinct[k]].present)
			mtrr_cpu(p, m->msrs.cpu[m->distinct[k]], &m->mtrr[m->distinct[k]]);
	page_table_end(p);
	if (m->ndistinct > 8)
		html_put(&p->h, "p", "and %zu CPUs more that differ: wcdiag mtrr", m->ndistinct - 8);
	page_fold_end(p);
}

static void mapping(struct page *p, const struct bar_judgement *b, const struct bar_map *x)
{
	char words[256], who[240];

	page_row(p, "%s BAR %d", b->dev->slot, b->bar);
	if (x->map) {
		page_cell(p, "process %d (%s)", x->pid, x->map->comm);
		page_cell(p, "%s", x->map->path);
	} else {
		kernel_words(x, who, sizeof(who));
		page_cell(p, "kernel");
		page_cell(p, "%s", who);
	}
	page_cell(p, "0x%" PRIx64 "-0x%" PRIx64, x->vstart, x->vend);
	bar_map_words(p->r.m, x, words, sizeof(words));
	page_cell(p, "%s", words);
	page_row_end(p);
}

static void mapped(struct page *p)
{
	static const char *const column[] = {
		"BAR", "Who", "Through", "Virtual addresses", "Page table entries", NULL
	};
	const struct judgement *j = p->r.j;
	size_t n = 0, all = 0;

	for (size_t i = 0; i < j->nbar; i++)
		all += j->bar[i].maps.n;
	if (!all)
		return;
	page_fold(p, "Mappings, and what their page table entries say");
	page_table(p, "Mappings of the BARs that were judged", column);
	for (size_t i = 0; i < j->nbar; i++)
		for (size_t k = 0; k < j->bar[i].maps.n && n < PAGE_ROWS; k++, n++)
			mapping(p, &j->bar[i], &j->bar[i].maps.m[k]);
	page_table_end(p);
	if (n < all)
		html_put(&p->h, "p", "and %zu more: wcdiag check -v", all - n);
	page_fold_end(p);
}

static void log_lines(struct page *p)
{
	const struct klog *k = &p->r.m->klog;
	size_t from = k->n > PAGE_ROWS ? k->n - PAGE_ROWS : 0;

	if (!k->n)
		return;
	page_fold(p, "Kernel log: the lines about memory types");
	if (from)
		html_put(&p->h, "p", "%zu earlier ones are left out.", from);
	html_open(&p->h, "pre");
	for (size_t i = from; i < k->n; i++)
		html_text(&p->h, "%.*s\n", (int)(k->ev[i].textlen < 400 ? k->ev[i].textlen : 400), k->ev[i].text);
	html_close(&p->h);
	page_fold_end(p);
}

void page_raw(struct page *p)
{
	html_open(&p->h, "section");
	html_attr(&p->h, "aria-labelledby", "raw");
	html_open(&p->h, "h2");
	html_attr(&p->h, "id", "raw");
	html_text(&p->h, "Raw facts");
	html_close(&p->h);
	html_line(&p->h);
	facts(p);
	host(p);
	pat(p);
	mtrr(p);
	mapped(p);
	log_lines(p);
	html_close(&p->h);
	html_line(&p->h);
}
